package olorin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk of one investigation: what olorin.Desk does, without a store.
type log struct {
	inv    olorin.Investigation
	events []olorin.Event
	now    time.Time
}

func (l *log) do(actor olorin.Actor, command olorin.Command) error {
	bodies, err := command(l.inv)
	if err != nil {
		return err
	}
	l.now = l.now.Add(1500 * time.Millisecond)
	for _, b := range bodies {
		e := olorin.Event{Seq: l.inv.Version + 1, At: olorin.At(l.now), Actor: actor, Source: olorin.SourceUser, Body: b}
		if l.inv, err = olorin.Apply(l.inv, e); err != nil {
			return err
		}
		l.events = append(l.events, e)
	}
	return nil
}

func ready(olorin.Settings) []olorin.Fault { return nil }

func encoded(t interface{ Fatalf(string, ...any) }, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return b
}

func drawSettings(t *rapid.T) olorin.Settings {
	s := olorin.DefaultSettings()
	s.Dataset = rapid.SampledFrom([]string{"", "d1", "d2"}).Draw(t, "dataset")
	for range rapid.IntRange(0, 3).Draw(t, "entities") {
		s.Entities = append(s.Entities, olorin.Entity{
			Type:  rapid.SampledFrom(olorin.EntityTypes).Draw(t, "type"),
			Value: rapid.StringN(0, 12, 40).Draw(t, "value"), Weight: rapid.IntRange(0, 10).Draw(t, "weight"),
		})
	}
	s.RiskThreshold = float64(rapid.IntRange(0, 100).Draw(t, "threshold"))
	s.CorrelationMode = rapid.SampledFrom([]olorin.CorrelationMode{olorin.Or, olorin.And}).Draw(t, "mode")
	if rapid.Bool().Draw(t, "tools") {
		s.ToolMatrix = append(s.ToolMatrix, olorin.ToolChoice{Agent: "device", Tool: "DEV-01", Enabled: true, Params: map[string]float64{"accounts": 4}})
	}
	return s
}

func drawCommand(t *rapid.T, inv olorin.Investigation, events []olorin.Event, now time.Time) olorin.Command {
	tool := func() (string, string) {
		return rapid.SampledFrom([]string{"device", "network"}).Draw(t, "agent"), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "tool")
	}
	switch rapid.IntRange(0, 15).Draw(t, "command") {
	case 0, 1, 2:
		save := olorin.Save{}
		if rapid.Bool().Draw(t, "with settings") {
			s := drawSettings(t)
			save.Settings = &s
		}
		if rapid.Bool().Draw(t, "with name") {
			name := rapid.StringN(0, 10, 40).Draw(t, "name")
			save.Name = &name
		}
		if rapid.Bool().Draw(t, "with step") {
			step := rapid.SampledFrom([]olorin.Step{olorin.StepSettings, olorin.StepProgress, olorin.StepResults}).Draw(t, "step")
			save.Step = &step
		}
		base := rapid.Int64Range(0, inv.Version).Draw(t, "base")
		save.Base = &base
		return save.Decide
	case 3:
		return olorin.Start("", ready)
	case 4:
		return olorin.Pause
	case 5:
		return olorin.Resume
	case 6:
		return olorin.Cancel
	case 7:
		return olorin.Retry
	case 8:
		if rapid.Bool().Draw(t, "away") {
			return olorin.Archive
		}
		return olorin.Unarchive
	case 9:
		return olorin.Complete(olorin.Results{Summary: "done"})
	case 11:
		return olorin.MarkCheckpoint(rapid.SampledFrom([]string{"before lunch", " "}).Draw(t, "label"))
	case 12:
		state, err := olorin.Fold(inv.ID, events[:rapid.IntRange(1, len(events)).Draw(t, "checkpoint")])
		if err != nil {
			t.Fatalf("fold: %v", err)
		}
		return olorin.Restore(olorin.Checkpoint{Seq: state.Version, Label: "back"}, state)
	case 13:
		finding := rapid.SampledFrom([]string{"f1", "f2", "f3"}).Draw(t, "reviewed")
		switch rapid.IntRange(0, 3).Draw(t, "review") {
		case 0:
			return olorin.Withdraw(finding)
		case 1:
			return olorin.Annotate(finding, rapid.StringN(0, 8, 20).Draw(t, "note"))
		}
		return olorin.Judge(finding, rapid.SampledFrom(olorin.Verdicts).Draw(t, "verdict"), rapid.StringN(0, 8, 20).Draw(t, "reason"))
	case 14:
		to, shared := rapid.SampledFrom([]string{"", "ben"}).Draw(t, "assignee"), rapid.Bool().Draw(t, "shared")
		return olorin.Sharing{Assignee: &to, Shared: &shared}.Decide
	case 10:
		return olorin.Fail("dataset_gone", "the data set is gone", olorin.At(now))
	}
	var bodies []olorin.Body
	for range rapid.IntRange(1, 4).Draw(t, "bodies") {
		agent, name := tool()
		switch rapid.IntRange(0, 4).Draw(t, "body") {
		case 0:
			bodies = append(bodies, olorin.ToolChanged{Agent: agent, Tool: name, Status: olorin.WorkPending})
		case 1:
			bodies = append(bodies, olorin.ToolChanged{Agent: agent, Tool: name, Status: olorin.WorkRunning})
		case 2:
			ms := rapid.Int64Range(0, 9000).Draw(t, "ms")
			bodies = append(bodies, olorin.ToolChanged{Agent: agent, Tool: name, Status: olorin.WorkDone, Outcome: olorin.Fired, DurationMS: &ms})
			bodies = append(bodies, olorin.FindingAdded{Finding: olorin.Finding{
				ID: rapid.SampledFrom([]string{"f1", "f2", "f3"}).Draw(t, "finding"), Agent: agent, Tool: name, Strength: .5,
				Evidence: []olorin.EvidenceRow{{Row: 7, Fields: map[string]any{"amount": 12.5, "user_id": "u"}}}, EvidenceRows: []int64{7},
			}})
		case 3:
			bodies = append(bodies, olorin.LogAppended{Level: olorin.LevelInfo, Message: rapid.String().Draw(t, "message")})
		case 4:
			phase := rapid.SampledFrom(olorin.Phases).Draw(t, "phase")
			bodies = append(bodies, olorin.PhaseChanged{Phase: phase, Status: rapid.SampledFrom([]olorin.WorkStatus{olorin.WorkRunning, olorin.WorkDone}).Draw(t, "status")})
		}
	}
	return olorin.Report(olorin.At(now), bodies...)
}

// After every command: the log folds to the snapshot, also when it was written and read back; a refused command changes nothing;
// the percent of a run never falls; numbers have no gap.
func TestTheLogAddsUpToTheSnapshotAfterEveryCommand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
		ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
		if err := l.do(ana, olorin.Create("ana", "first", olorin.DefaultSettings(), olorin.Lineage{})); err != nil {
			t.Fatalf("create: %v", err)
		}
		settings := drawSettings(t)
		settings.Dataset, settings.Entities = "d1", []olorin.Entity{{Type: "user_id", Value: "u"}}
		if err := l.do(ana, olorin.Save{Settings: &settings}.Decide); err != nil {
			t.Fatalf("save: %v", err)
		}
		actors := []olorin.Actor{ana, {Kind: olorin.KindUser, ID: "ben"}, olorin.System}
		for range rapid.IntRange(1, 40).Draw(t, "commands") {
			before := encoded(t, l.inv)
			held, percent := l.inv, l.inv.Progress.Percent
			version, started := l.inv.Version, l.inv.StartedAt
			err := l.do(rapid.SampledFrom(actors).Draw(t, "actor"), drawCommand(t, l.inv, l.events, l.now))
			if !bytes.Equal(before, encoded(t, held)) {
				t.Fatalf("a snapshot that was handed out has changed:\n%s\n%s", before, encoded(t, held))
			}
			if err != nil && l.inv.Version != version {
				t.Fatalf("a refused command (%v) wrote %d events", err, l.inv.Version-version)
			}
			if l.inv.StartedAt == started && !restored(l, version) && !reopened(l, version) && l.inv.Progress.Percent < percent {
				t.Fatalf("percent fell from %g to %g", percent, l.inv.Progress.Percent)
			}
			if int64(len(l.events)) != l.inv.Version {
				t.Fatalf("version %d after %d events", l.inv.Version, len(l.events))
			}
			read := make([]olorin.Event, len(l.events))
			for i, e := range l.events {
				if err := json.Unmarshal(encoded(t, e), &read[i]); err != nil {
					t.Fatalf("event %d: %v", e.Seq, err)
				}
			}
			folded, err := olorin.Fold("x", read)
			if err != nil {
				t.Fatalf("fold: %v", err)
			}
			if want, got := encoded(t, l.inv), encoded(t, folded); !bytes.Equal(want, got) {
				t.Fatalf("the log adds up to something else:\nsnapshot %s\nfold     %s", want, got)
			}
			var stored olorin.Investigation
			if err := json.Unmarshal(encoded(t, l.inv), &stored); err != nil {
				t.Fatalf("snapshot: %v", err)
			}
			if want, got := encoded(t, l.inv), encoded(t, stored); !bytes.Equal(want, got) {
				t.Fatalf("a stored snapshot reads back as something else:\n%s\n%s", want, got)
			}
			l.inv = stored
		}
	})
}

// reopened tells whether a completed run was retried after version.
func reopened(l *log, version int64) bool {
	return slices.ContainsFunc(l.events[version:], func(e olorin.Event) bool {
		b, ok := e.Body.(olorin.StatusChanged)
		return ok && b.Act == olorin.ActRetry && b.From == olorin.Completed
	})
}

// A completed run of which a tool failed, ran out of time or was not reached may be retried: just these are taken up, what was found stays, and the
// assessment is made anew. One that ended well may not.
func TestACompletedRunIsRetriedOnlyForWhatFailed(t *testing.T) {
	for _, c := range []struct {
		name string
		end  olorin.ToolChanged
		want []olorin.Act
	}{
		{"all well", olorin.ToolChanged{Status: olorin.WorkDone, Outcome: olorin.NotAssessed, Code: olorin.WhyNoColumn}, []olorin.Act{}},
		{"one failed", olorin.ToolChanged{Status: olorin.WorkFailed, Outcome: olorin.ToolFailed, Code: olorin.WhyToolFailed, Error: "broke off"}, []olorin.Act{olorin.ActRetry}},
		{"one not reached", olorin.ToolChanged{Status: olorin.WorkCancelled, Outcome: olorin.NotAssessed, Code: olorin.WhyOutOfTime}, []olorin.Act{olorin.ActRetry}},
		{"one ran out of time", olorin.ToolChanged{Status: olorin.WorkDone, Outcome: olorin.NotAssessed, Code: olorin.WhyOutOfTime}, []olorin.Act{olorin.ActRetry}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
			s := olorin.DefaultSettings()
			s.Dataset, s.Entities = "d1", []olorin.Entity{{Type: "user_id", Value: "u"}}
			for _, command := range []olorin.Command{olorin.Create("ana", "first", s, olorin.Lineage{}), olorin.Start("", ready)} {
				if err := l.do(olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, command); err != nil {
					t.Fatal(err)
				}
			}
			c.end.Agent, c.end.Tool = "device", "B"
			found := olorin.FindingAdded{Finding: olorin.Finding{ID: "f", Agent: "device", Tool: "A", Strength: 1, Weight: .5}}
			for _, command := range []olorin.Command{
				olorin.Report(olorin.At(l.now), olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkDone, Outcome: olorin.Fired}, found, c.end),
				olorin.Complete(olorin.Results{Summary: "done"}),
			} {
				if err := l.do(olorin.System, command); err != nil {
					t.Fatal(err)
				}
			}
			if got := l.inv.Legal(); !slices.Equal(got, c.want) {
				t.Fatalf("legal %v; want %v", got, c.want)
			}
			err := l.do(olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, olorin.Retry)
			if len(c.want) == 0 {
				if olorin.CodeOf(err) != olorin.CodeIllegalTransition {
					t.Fatalf("a retry of what ended well: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p, r := l.inv.Progress, l.inv.Results
			if l.inv.Status != olorin.Running || l.inv.FinishedAt != nil || p.Percent != 0 || p.Tools[0].Status != olorin.WorkDone || p.Tools[1].Status != olorin.WorkPending {
				t.Fatalf("after the retry: %s, %+v", l.inv.Status, p)
			}
			if len(r.Findings) != 1 || r.Summary != "" || r.RiskScore != nil {
				t.Fatalf("results after the retry: %+v", r)
			}
		})
	}
}

// restored tells whether the log was brought back to a checkpoint after version.
func restored(l *log, version int64) bool {
	return slices.ContainsFunc(l.events[version:], func(e olorin.Event) bool { return e.Body.EventType() == "checkpoint.restored" })
}

func TestARestoreBringsBackTheStateAtTheCheckpoint(t *testing.T) {
	l := running(t)
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
	report := olorin.Report(olorin.At(l.now), olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkDone, Outcome: olorin.Clear},
		olorin.PhaseChanged{Phase: olorin.Planning, Status: olorin.WorkDone, Percent: 100})
	if err := l.do(olorin.System, report); err != nil {
		t.Fatal(err)
	}
	var mark olorin.Checkpoint
	for _, e := range l.events {
		if b, ok := e.Body.(olorin.CheckpointCreated); ok {
			mark = olorin.Checkpoint{Seq: e.Seq, Label: b.Label}
		}
	}
	if mark.Label != "after planning" {
		t.Fatalf("the end of a phase made the checkpoint %+v", mark)
	}
	at, err := olorin.Fold("x", l.events[:mark.Seq])
	if err != nil {
		t.Fatal(err)
	}
	if err := l.do(ana, olorin.Restore(mark, at)); olorin.CodeOf(err) != olorin.CodeIllegalTransition {
		t.Fatalf("a running investigation was restored: %v", err)
	}
	if err := l.do(ana, olorin.Complete(olorin.Results{Summary: "over"})); err != nil {
		t.Fatal(err)
	}
	done, end := l.inv, l.events[len(l.events)-1]
	if b, ok := end.Body.(olorin.CheckpointCreated); !ok || b.Label != "after assessment" {
		t.Fatalf("a run that is over ends on %+v, not on a checkpoint of its results", end.Body)
	}
	if err := l.do(ana, olorin.Restore(mark, at)); err != nil {
		t.Fatal(err)
	}
	if l.inv.Status != olorin.Paused || l.inv.Progress.Tools[0].Status != olorin.WorkDone || l.inv.Results != nil {
		t.Fatalf("restored to %s, tools %+v, results %v", l.inv.Status, l.inv.Progress.Tools, l.inv.Results)
	}
	back, err := olorin.Compare(at, l.inv)
	if err != nil || len(back) != 1 || back[0].Path != "status" {
		t.Fatalf("the restored state differs from the checkpoint in %s (%v); only the status may (a run is paused)", encoded(t, back), err)
	}
	if err := l.do(ana, olorin.Restore(olorin.Checkpoint{Seq: end.Seq, Label: "after assessment"}, done)); err != nil {
		t.Fatal(err)
	}
	if back, err := olorin.Compare(done, l.inv); err != nil || len(back) > 0 {
		t.Fatalf("going back to the end brought the results back but for %s (%v)", encoded(t, back), err)
	}
	// What gets under way comes out of the archive: nothing runs where its owner does not see it.
	if err := errors.Join(l.do(ana, olorin.Restore(mark, at)), l.do(ana, olorin.Cancel)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.do(ana, olorin.Archive), l.do(ana, olorin.Restore(mark, at)), l.do(ana, olorin.Resume)); err != nil || l.inv.ArchivedAt != nil || l.inv.Status != olorin.Running {
		t.Errorf("resumed out of the archive: %s, archived %v (%v)", l.inv.Status, l.inv.ArchivedAt, err)
	}
}

func TestApplyRefusesAGap(t *testing.T) {
	inv := olorin.Investigation{ID: "x", Version: 3}
	if _, err := olorin.Apply(inv, olorin.Event{Seq: 5, Body: olorin.Archived{}}); err == nil {
		t.Fatal("event 5 was applied to version 3")
	}
}

func TestASaveThatChangesNothingWritesNothing(t *testing.T) {
	l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
	_ = l.do(ana, olorin.Create("ana", "first", olorin.DefaultSettings(), olorin.Lineage{}))
	name, step, settings := l.inv.Name, l.inv.Step, l.inv.Settings
	if err := l.do(ana, olorin.Save{Name: &name, Step: &step, Settings: &settings}.Decide); err != nil || l.inv.Version != 1 {
		t.Fatalf("version %d, %v", l.inv.Version, err)
	}
}

func TestASaveTellsWhatItOverwrote(t *testing.T) {
	l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
	ana, ben := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, olorin.Actor{Kind: olorin.KindUser, ID: "ben"}
	_ = l.do(ana, olorin.Create("ana", "first", olorin.DefaultSettings(), olorin.Lineage{}))
	base := l.inv.Version
	settings := l.inv.Settings
	settings.RiskThreshold = 70
	if err := l.do(ben, olorin.Save{Settings: &settings, Base: &base}.Decide); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*olorin.Settings)
		fields []string
	}{
		"another field": {func(s *olorin.Settings) { s.Dataset = "d9" }, nil},
		"the same":      {func(s *olorin.Settings) { s.RiskThreshold = 10 }, []string{"settings.risk_threshold"}},
	} {
		t.Run(name, func(t *testing.T) {
			mine := l.inv.Settings
			c.change(&mine)
			bodies, err := olorin.Save{Settings: &mine, Base: &base}.Decide(l.inv)
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, b := range bodies {
				if d, ok := b.(olorin.ConflictDetected); ok {
					told = d.Fields
					if d.By != "ben" || d.OverwroteVersion != 2 {
						t.Errorf("conflict %+v; want ben's version 2", d)
					}
				}
			}
			if fmt.Sprint(told) != fmt.Sprint(c.fields) {
				t.Errorf("conflict over %v, want %v", told, c.fields)
			}
		})
	}
}

func TestStartNamesAllFaultsAtOnce(t *testing.T) {
	l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
	s := olorin.DefaultSettings()
	s.Entities = []olorin.Entity{{Type: "ip_address", Value: "300.1.1.1"}, {Type: "email", Value: "no"}, {Type: "user_id", Value: " "}}
	s.TimeRange = olorin.TimeRange{}
	from, to := olorin.At(epoch), olorin.At(epoch.Add(-time.Hour))
	s.TimeRange.Start, s.TimeRange.End = &from, &to
	s.ToolMatrix = []olorin.ToolChoice{{Agent: "device", Tool: "DEV-01"}}
	if err := l.do(ana, olorin.Create("ana", "first", s, olorin.Lineage{})); err != nil {
		t.Fatalf("a draft may be unfinished: %v", err)
	}
	err := l.do(ana, olorin.Start("", func(olorin.Settings) []olorin.Fault {
		return []olorin.Fault{{Pointer: "/settings/dataset", Code: "unknown", Detail: "no such data set"}}
	}))
	var got []string
	if e, ok := err.(*olorin.Error); ok {
		for _, f := range e.Faults {
			got = append(got, f.Pointer)
		}
	}
	want := []string{
		"/settings/dataset", "/settings/entities/0/value", "/settings/entities/1/value", "/settings/entities/2/value",
		"/settings/time_range/end", "/settings/tool_matrix", "/settings/dataset",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("faults at\n%v, want\n%v", got, want)
	}
}

func TestCancelEndsTheWorkUnderWay(t *testing.T) {
	l := running(t)
	_ = l.do(olorin.System, olorin.Report(olorin.At(l.now),
		olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkRunning}, olorin.ToolChanged{Agent: "device", Tool: "B", Status: olorin.WorkPending}))
	if err := l.do(olorin.System, olorin.Cancel); err != nil {
		t.Fatal(err)
	}
	p := l.inv.Progress
	if l.inv.Status != olorin.Cancelled || p.Tools[0].Status != olorin.WorkCancelled || p.Agents[0].Status != olorin.WorkCancelled || l.inv.FinishedAt == nil {
		t.Fatalf("after cancel: %s, %+v", l.inv.Status, p)
	}
}

func TestRetryKeepsWhatIsDone(t *testing.T) {
	l := running(t)
	report := func(bodies ...olorin.Body) {
		if err := l.do(olorin.System, olorin.Report(olorin.At(l.now), bodies...)); err != nil {
			t.Fatal(err)
		}
	}
	report(olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkPending}, olorin.ToolChanged{Agent: "device", Tool: "B", Status: olorin.WorkPending})
	report(olorin.PhaseChanged{Phase: olorin.Analysis, Status: olorin.WorkRunning}, olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkRunning})
	report(olorin.ToolChanged{Agent: "device", Tool: "A", Status: olorin.WorkDone, Outcome: olorin.Clear}, olorin.ToolChanged{Agent: "device", Tool: "B", Status: olorin.WorkRunning})
	if err := l.do(olorin.System, olorin.Fail("gone", "the file is gone", olorin.At(l.now))); err != nil {
		t.Fatal(err)
	}
	if told := slices.ContainsFunc(l.events, func(e olorin.Event) bool {
		line, ok := e.Body.(olorin.LogAppended)
		return ok && line.Level == olorin.LevelError && strings.HasSuffix(line.Message, "the file is gone")
	}); !told {
		t.Error("the log has no line of the error that ended the run")
	}
	if err := l.do(olorin.System, olorin.Retry); err != nil {
		t.Fatal(err)
	}
	if tools := l.inv.Progress.Tools; tools[0].Status != olorin.WorkDone || tools[1].Status != olorin.WorkPending || l.inv.Error != nil || l.inv.FinishedAt != nil {
		t.Fatalf("after retry: %+v, error %v", tools, l.inv.Error)
	}
}

func TestAReportMayBeRepeated(t *testing.T) {
	l := running(t)
	found := olorin.FindingAdded{Finding: olorin.Finding{ID: "f", Agent: "device", Tool: "A"}}
	for range 2 {
		if err := l.do(olorin.System, olorin.Report(olorin.At(l.now), found)); err != nil {
			t.Fatal(err)
		}
	}
	if l.inv.Progress.Findings != 1 || len(l.inv.Results.Findings) != 1 {
		t.Fatalf("%d findings counted, %d kept, after the same report came twice", l.inv.Progress.Findings, len(l.inv.Results.Findings))
	}
}

func running(t *testing.T) *log {
	t.Helper()
	l := &log{inv: olorin.Investigation{ID: "x"}, now: epoch}
	s := olorin.DefaultSettings()
	s.Dataset, s.Entities = "d", []olorin.Entity{{Type: "user_id", Value: "u"}}
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
	for _, c := range []olorin.Command{olorin.Create("ana", "first", s, olorin.Lineage{}), olorin.Start("", ready)} {
		if err := l.do(ana, c); err != nil {
			t.Fatal(err)
		}
	}
	return l
}
