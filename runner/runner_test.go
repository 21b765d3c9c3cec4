package runner_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/data/demo"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
	"github.com/olorin-dev/olorin/runner/agents"
	"github.com/olorin-dev/olorin/store"
)

var ana = olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}

// house is a database, a data directory with a small sample in it, and what joins them.
type house struct {
	t       testing.TB
	dir     string
	db      *store.DB
	desk    *olorin.Desk
	hub     *live.Hub
	engine  *data.Engine
	dataset olorin.Dataset
	sample  demo.Summary
}

// newHouse has a small sample, imported once for all tests: each has a copy of the files.
func newHouse(t *testing.T) *house {
	t.Helper()
	small, err := smallSample()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(small.dir)); err != nil {
		t.Fatal(err)
	}
	return enter(t, dir, small.dataset, small.sample)
}

// newHouseOf has a sample of so many rows.
func newHouseOf(t testing.TB, rows int) *house {
	t.Helper()
	dir := t.TempDir()
	dataset, sample, err := furnish(t.Context(), dir, rows)
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, dir, dataset, sample)
}

// furnished is a directory with a database and a data set, in which nobody works.
type furnished struct {
	dir     string
	dataset olorin.Dataset
	sample  demo.Summary
}

// smallSample is what houses are copied from; TestMain removes it.
var smallSample = sync.OnceValues(func() (furnished, error) {
	dir := filepath.Join(scratch, "small")
	dataset, sample, err := furnish(context.Background(), dir, 4000)
	return furnished{dir, dataset, sample}, err
})

// furnish makes a database in a directory and imports a sample of so many rows.
func furnish(ctx context.Context, dir string, rows int) (dataset olorin.Dataset, sample demo.Summary, err error) {
	engine, err := data.Open(dir, data.Limits{})
	if err != nil {
		return dataset, sample, err
	}
	if _, err := store.Migrate(ctx, databaseIn(dir)); err != nil {
		return dataset, sample, err
	}
	var file bytes.Buffer
	if sample, err = demo.Write(&file, demo.DefaultSeed, rows); err != nil {
		return dataset, sample, err
	}
	if dataset, err = engine.Import(ctx, &file, data.ImportOptions{ID: "sample", UserID: "ana", Name: "Sample"}); err != nil {
		return dataset, sample, err
	}
	db, err := store.Open(ctx, databaseIn(dir), store.Options{Server: true})
	if err != nil {
		return dataset, sample, err
	}
	err = db.PutDataset(ctx, dataset, olorin.AuditEntry{At: olorin.SystemClock(), Actor: ana, Action: "dataset.imported"})
	return dataset, sample, errors.Join(err, db.Close())
}

func databaseIn(dir string) string { return "sqlite:///" + filepath.Join(dir, "olorin.db") }

// enter opens what a directory holds.
func enter(t testing.TB, dir string, dataset olorin.Dataset, sample demo.Summary) *house {
	t.Helper()
	hub := live.NewHub(olorin.SystemClock, live.DefaultLimits)
	db, err := store.Open(t.Context(), databaseIn(dir), store.Options{Server: true, MemoryBytes: 8 << 20, Settled: hub.Settled, Dropped: hub.Forget})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	engine, err := data.Open(dir, data.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: dir, db: db, hub: hub, engine: engine, dataset: dataset, sample: sample}
	h.desk = olorin.NewDesk(db, hub, olorin.SystemClock, runner.Preflight(db, engine, nil), olorin.DeskOptions{
		Cadence: olorin.DefaultCadence, Weights: func(ctx context.Context) (int64, error) { w, err := db.Weights(ctx, 0); return w.Version, err },
	})
	return h
}

// fraudster is an entity that the sample plants fraud on.
func (h *house) fraudster() olorin.Entity {
	for _, s := range h.sample.Scenarios {
		for _, e := range s.Examples {
			if e.Type == "user_id" || e.Type == "device_id" {
				return olorin.Entity{Type: olorin.EntityType(e.Type), Value: e.Value}
			}
		}
	}
	h.t.Fatal("the sample names no user or device")
	return olorin.Entity{}
}

// other is another entity of the same type that the sample plants fraud on.
func (h *house) other(than olorin.Entity) olorin.Entity {
	for _, s := range h.sample.Scenarios {
		for _, e := range s.Examples {
			if olorin.EntityType(e.Type) == than.Type && e.Value != than.Value {
				return olorin.Entity{Type: than.Type, Value: e.Value}
			}
		}
	}
	h.t.Fatal("the sample names no second")
	return olorin.Entity{}
}

// started is a new investigation of the fraudster, with its run waiting.
func (h *house) started(id string, change func(*olorin.Settings)) {
	h.t.Helper()
	s := olorin.DefaultSettings()
	s.Dataset, s.Entities = h.dataset.ID, []olorin.Entity{h.fraudster()}
	if change != nil {
		change(&s)
	}
	if _, err := h.desk.Change(h.t.Context(), ana, id, olorin.Create("ana", id, s, olorin.Lineage{}), olorin.Condition{}); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.desk.Start(h.t.Context(), ana, id, olorin.Condition{}); err != nil {
		h.t.Fatal(err)
	}
}

// few takes the checks of two agents, where what the others find adds nothing to what is shown.
func few(s *olorin.Settings) {
	for _, choice := range agents.Choose(nil, nil) {
		if agent := choice.Tool.Agent; agent == "location" || agent == "device" {
			s.ToolMatrix = append(s.ToolMatrix, olorin.ToolChoice{Agent: agent, Tool: choice.Tool.ID, Enabled: true})
		}
	}
}

// fewInTurn are those, one after the other.
func fewInTurn(s *olorin.Settings) {
	few(s)
	s.ExecutionMode = olorin.Sequential
}

// working runs a runner until stop is called.
func (h *house) working(owner string, change ...func(*runner.Options)) (stop func()) {
	o := runner.DefaultOptions(owner)
	o.Balance, o.Look, o.Lease = h.db, 20*time.Millisecond, time.Second
	for _, c := range change {
		c(&o)
	}
	r := runner.New(h.desk, h.db, h.db, h.engine, h.hub, olorin.SystemClock, slog.New(slog.NewTextHandler(h.t.Output(), nil)), o)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { r.Run(ctx) })
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); group.Wait() }) }
	h.t.Cleanup(stop)
	return stop
}

// until waits for a state of the investigation; the test's own deadline bounds it.
func (h *house) until(id string, done func(olorin.Investigation) bool) olorin.Investigation {
	h.t.Helper()
	for {
		grown, stop := h.hub.Watch(id)
		inv, err := h.desk.View(h.t.Context(), ana, id)
		if err != nil {
			h.t.Fatal(err)
		}
		if done(inv) {
			stop()
			return inv
		}
		<-grown
		stop()
	}
}

func ended(inv olorin.Investigation) bool { return inv.Status.Terminal() }

// log reads the whole log and checks that it folds to the snapshot.
func (h *house) log(id string) []olorin.Event {
	h.t.Helper()
	var events []olorin.Event
	for {
		lines, err := h.db.Events(h.t.Context(), id, int64(len(events)), 1000)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(lines) == 0 {
			break
		}
		for _, l := range lines {
			var e olorin.Event
			if err := json.Unmarshal(l.JSON, &e); err != nil {
				h.t.Fatal(err)
			}
			events = append(events, e)
		}
	}
	folded, err := olorin.Fold(id, events)
	if err != nil {
		h.t.Fatal(err)
	}
	kept, err := h.db.Investigation(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	kept.LastAccessed = olorin.Time{}
	want, _ := json.Marshal(kept)
	if got, _ := json.Marshal(folded); !bytes.Equal(got, want) {
		h.t.Fatalf("the log adds up to\n%s\nand the snapshot is\n%s", got, want)
	}
	return events
}

// ends counts how often each tool came to an end.
func ends(events []olorin.Event) map[string]int {
	count := map[string]int{}
	for _, e := range events {
		if b, ok := e.Body.(olorin.ToolChanged); ok && b.Status.Over() {
			count[b.Tool]++
		}
	}
	return count
}

func TestARunFindsThePlantedFraudAndEndsOnItsResults(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", nil)
	h.working("one")
	inv := h.until("x", ended)
	if inv.Status != olorin.Completed || inv.Step != olorin.StepResults || inv.Progress.Percent != 100 || inv.Error != nil {
		t.Fatalf("ended as %s on %s at %g %%: %+v", inv.Status, inv.Step, inv.Progress.Percent, inv.Error)
	}
	r := inv.Results
	if r == nil || r.RiskScore == nil || len(r.Findings) == 0 || r.Dataset.SHA256 != h.dataset.SHA256 || r.Digest == "" {
		t.Fatalf("results: %+v", r)
	}
	for _, f := range r.Findings {
		if f.Sentence == "" || len(f.Evidence) == 0 || f.EvidenceTotal < len(f.Evidence) {
			t.Errorf("finding %s of %s has sentence %q and %d of %d rows", f.ID, f.Tool, f.Sentence, len(f.Evidence), f.EvidenceTotal)
		}
	}
	if len(inv.Progress.Tools) < 10 || len(inv.Progress.Agents) < 5 {
		t.Errorf("%d tools of %d agents ran", len(inv.Progress.Tools), len(inv.Progress.Agents))
	}
	for _, tool := range inv.Progress.Tools {
		if !tool.Status.Over() || tool.Outcome == "" || tool.DurationMS == nil || tool.Outcome == olorin.NotAssessed && tool.Reason == "" {
			t.Errorf("tool %+v ended without an outcome, a time or a reason", tool)
		}
		if tool.Outcome == olorin.ToolFailed {
			t.Errorf("tool %s failed: %s", tool.Tool, tool.Error)
		}
	}
	for _, p := range inv.Progress.Phases {
		if p.Status != olorin.WorkDone || p.StartedAt == nil || p.CompletedAt == nil {
			t.Errorf("phase %+v", p)
		}
	}
	events := h.log("x")
	page, err := h.desk.Logs(t.Context(), ana, "x", olorin.LogQuery{Limit: 1000})
	if err != nil || len(page.Items) != inv.Progress.LogLines || page.Items[0].Line != 1 {
		t.Fatalf("%d of %d log lines (%v)", len(page.Items), inv.Progress.LogLines, err)
	}
	for tool, n := range ends(events) {
		if n != 1 {
			t.Errorf("tool %s ended %d times", tool, n)
		}
	}
}

func TestTheSameInvestigationFindsTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("a", nil)
	h.started("b", func(s *olorin.Settings) { s.ExecutionMode = olorin.Sequential })
	h.working("one")
	a, b := h.until("a", ended), h.until("b", ended)
	if a.Results.Digest != b.Results.Digest || *a.Results.RiskScore != *b.Results.RiskScore {
		t.Fatalf("digests %s and %s, scores %g and %g", a.Results.Digest, b.Results.Digest, *a.Results.RiskScore, *b.Results.RiskScore)
	}
}

// What a template would have found is told by the same checks and the same score: the settings of a run, replayed, come to its results,
// to the last word, also under accepted weights, with lists, weights of entities and agents, another form of score and checks that cannot look.
func TestAReplayComesToWhatTheRunCameTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("i0", nil)
	stop := h.working("one")
	plain := h.until("i0", ended)
	weights := olorin.Weights{Version: 1, At: olorin.SystemClock(), By: "lea", Tools: map[string]olorin.Weighted{
		plain.Results.Findings[0].Tool: {ToolVersion: plain.Results.Findings[0].ToolVersion, Weight: .11},
	}, Blocking: map[string]int{plain.Results.Findings[0].Tool: plain.Results.Findings[0].ToolVersion}}
	if err := h.db.PutWeights(t.Context(), weights, olorin.AuditEntry{At: weights.At, Actor: ana, Action: "weights.accepted"}); err != nil {
		t.Fatal(err)
	}
	other := h.other(plain.Settings.Entities[0])
	list := olorin.List{ID: "l", Name: "Known", Kind: olorin.ListNote, EntityType: other.Type, Source: "a test"}
	if _, err := h.engine.ImportList(t.Context(), strings.NewReader(other.Value+"\n"), list, func(olorin.List) error { return nil }); err != nil {
		t.Fatal(err)
	}
	h.started("i1", func(s *olorin.Settings) {
		s.Entities[0].Weight, other.Weight = 2, 5
		s.Entities = append(s.Entities, other)
		s.Scoring = olorin.Scoring{Form: olorin.WeightedSum, AgentWeights: map[string]float64{"behaviour": .5}}
	})
	inv := h.until("i1", ended)
	stop()
	again, err := agents.Replay(t.Context(), h.engine, h.dataset, olorin.Template{Settings: inv.Settings}.Over(inv.Settings), weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*olorin.Results{&again, inv.Results} {
		for i := range r.Findings {
			r.Findings[i].FoundAt = olorin.Time{}
		}
		inv.Settings.GravestFirst(r.Findings) // results hold them as they were found
	}
	if d := inv.Results.Decision; d == nil || d.Ruling != olorin.RuleBlock || d.By != "check" || plain.Results.Decision.By == "check" {
		t.Errorf("a promoted check fired, and the decision is %+v; before it was %+v", d, plain.Results.Decision)
	}
	if !slices.ContainsFunc(inv.Results.Findings, func(f olorin.Finding) bool { return f.Severity != olorin.SeverityOf(f.Strength*f.Weight) }) {
		t.Error("no finding is graded by what its entity and its agent count")
	}
	replayed, stored := mustJSON(t, again), mustJSON(t, inv.Results)
	if replayed != stored || len(again.Findings) == 0 || len(again.Lists) == 0 || again.Weights != 1 || again.NotAssessed[0].Code == "" {
		t.Errorf("replayed to\n%s\nthe run came to\n%s", replayed, stored)
	}
	for _, template := range agents.Templates() {
		found, err := agents.Replay(t.Context(), h.engine, h.dataset, template.Over(inv.Settings), weights)
		if err != nil {
			t.Errorf("%s: %v", template.Name, err)
			continue
		}
		if len(found.Findings) > len(inv.Results.Findings) {
			t.Errorf("%s finds %d with a part of the checks, all of them find %d", template.Name, len(found.Findings), len(inv.Results.Findings))
		}
	}
	if after := h.until("i1", ended); after.Version != inv.Version {
		t.Error("the replay changed the investigation")
	}
}

func TestAPausedRunGoesOnWhereItStood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", fewInTurn)
	h.working("one")
	h.until("x", func(inv olorin.Investigation) bool { return inv.Progress.Percent >= 20 })
	if _, err := h.desk.Act(t.Context(), ana, "x", olorin.ActPause, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	paused := h.until("x", func(inv olorin.Investigation) bool {
		for _, tool := range inv.Progress.Tools {
			if tool.Status == olorin.WorkRunning {
				return false
			}
		}
		return true
	})
	if paused.Status != olorin.Paused {
		t.Fatalf("after the tool under way the run is %s", paused.Status)
	}
	if _, err := h.desk.Act(t.Context(), ana, "x", olorin.ActResume, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	if inv := h.until("x", ended); inv.Status != olorin.Completed {
		t.Fatalf("ended as %s: %+v", inv.Status, inv.Error)
	}
	for tool, n := range ends(h.log("x")) {
		if n != 1 {
			t.Errorf("tool %s ended %d times", tool, n)
		}
	}
}

func TestACancelledRunKeepsWhatItFoundAndTakesNoMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", few)
	h.working("one")
	h.until("x", func(inv olorin.Investigation) bool { return inv.Progress.Percent >= 20 })
	changed, err := h.desk.Act(t.Context(), ana, "x", olorin.ActCancel, olorin.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	h.started("after", few) // the runner is free again when this one has ended
	h.until("after", ended)
	inv := h.until("x", ended)
	if inv.Version != changed.Investigation.Version {
		t.Fatalf("the log grew from %d to %d after the run was cancelled", changed.Investigation.Version, inv.Version)
	}
	h.log("x")
}

// A runner that is stopped in the middle gives the run back, and another carries it on without repeating what is done.
func TestAnotherRunnerCarriesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", fewInTurn)
	stop := h.working("one")
	h.until("x", func(inv olorin.Investigation) bool { return inv.Progress.Percent >= 30 })
	stop()
	if inv, err := h.desk.View(t.Context(), ana, "x"); err != nil || inv.Status != olorin.Running {
		t.Fatalf("after its runner was stopped the investigation is %s (%v)", inv.Status, err)
	}
	h.working("two")
	if inv := h.until("x", ended); inv.Status != olorin.Completed {
		t.Fatalf("ended as %s: %+v", inv.Status, inv.Error)
	}
	events, taken := h.log("x"), false
	for i, e := range events {
		if b, ok := e.Body.(olorin.PhaseChanged); ok && b.Since != nil {
			taken = true
			if *b.Since != events[i-1].At {
				t.Errorf("nobody carried it since %s, and it was taken up since %s", events[i-1].At, b.Since)
			}
		}
	}
	if !taken {
		t.Error("the log does not tell that the run was taken up")
	}
	for tool, n := range ends(events) {
		if n != 1 {
			t.Errorf("tool %s ended %d times", tool, n)
		}
	}
}

func TestARunWhoseDataIsGoneFailsAndCanBeRetried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", few)
	home := filepath.Join(h.dir, "datasets", h.dataset.ID)
	away := filepath.Join(h.dir, "away")
	if err := os.Rename(home, away); err != nil {
		t.Fatal(err)
	}
	h.working("one")
	inv := h.until("x", ended)
	if inv.Status != olorin.Failed || inv.Error == nil || inv.Error.Message == "" {
		t.Fatalf("ended as %s: %+v", inv.Status, inv.Error)
	}
	if err := os.Rename(away, home); err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Act(t.Context(), ana, "x", olorin.ActRetry, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	if inv := h.until("x", ended); inv.Status != olorin.Completed || inv.Error != nil {
		t.Fatalf("the retry ended as %s: %+v", inv.Status, inv.Error)
	}
}

// While another program holds the database locked, the run goes on from memory, and all that it did is in the log when the lock is gone.
func TestARunGoesOnWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", fewInTurn)
	pool, err := sql.Open("sqlite", filepath.Join(h.dir, "olorin.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	stranger, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	h.working("one", func(o *runner.Options) { o.Lease = time.Minute })
	h.until("x", func(inv olorin.Investigation) bool { return inv.Progress.Percent >= 15 })
	for _, err := stranger.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil; _, err = stranger.ExecContext(t.Context(), "BEGIN IMMEDIATE") {
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	held := func(olorin.Investigation) bool {
		head, _ := h.hub.Head("x")
		return head.Version > head.Durable
	}
	over := func(inv olorin.Investigation) (n int) {
		for _, tool := range inv.Progress.Tools {
			if tool.Status.Over() {
				n++
			}
		}
		return n
	}
	before := over(h.until("x", held))
	during := h.until("x", func(inv olorin.Investigation) bool { return over(inv) >= before+3 || ended(inv) })
	if !held(during) {
		t.Fatal("the database took what came while it was locked")
	}
	if _, err := stranger.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	h.until("x", func(inv olorin.Investigation) bool { return ended(inv) && !held(inv) })
	inv := h.until("x", ended)
	if inv.Status != olorin.Completed || inv.Results.RiskScore == nil || len(inv.Results.Findings) == 0 {
		t.Fatalf("ended as %s: %+v", inv.Status, inv.Error)
	}
	for tool, n := range ends(h.log("x")) {
		if n != 1 {
			t.Errorf("tool %s ended %d times", tool, n)
		}
	}
}

// An engine's process that is killed under a tool is a failure of that tool, told in the log and the results; the run ends on what the others found.
func TestAnEngineThatIsKilledIsAFailedTool(t *testing.T) { // not beside others: it kills every engine of this process
	h := newHouse(t)
	h.started("x", fewInTurn)
	failed := func(inv olorin.Investigation) (names []string) {
		for _, tool := range inv.Progress.Tools {
			if tool.Outcome == olorin.ToolFailed {
				names = append(names, tool.Tool)
			}
		}
		return names
	}
	h.working("one")
	h.until("x", func(inv olorin.Investigation) bool { return inv.Progress.Percent >= 20 })
	enough := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() { // a query is asked once more in a new process, so one kill is not enough
		for {
			select {
			case <-enough:
				return
			case <-time.After(time.Millisecond):
				killChildren(t)
			}
		}
	})
	h.until("x", func(inv olorin.Investigation) bool { return len(failed(inv)) > 0 || ended(inv) })
	close(enough)
	killer.Wait()
	inv := h.until("x", ended)
	names := failed(inv)
	r := inv.Results
	if inv.Status != olorin.Completed || len(names) == 0 || r.RiskScore == nil || len(r.Findings) == 0 {
		t.Fatalf("ended as %s with the failed tools %v: %+v", inv.Status, names, inv.Error)
	}
	for _, name := range names {
		i := slices.IndexFunc(r.NotAssessed, func(n olorin.NotAssessedTool) bool { return n.Tool == name })
		if i < 0 || r.NotAssessed[i].Code != olorin.WhyToolFailed || r.NotAssessed[i].Means == "" {
			t.Errorf("the results do not say that %s failed and what that means", name)
		}
	}
	page, err := h.desk.Logs(t.Context(), ana, "x", olorin.LogQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(page.Items, func(l olorin.LogLine) bool { return l.Level == olorin.LevelError && l.Tool == names[0] }) {
		t.Errorf("the log does not tell that %s failed", names[0])
	}
}

// killChildren ends every process that this one has started.
func killChildren(t *testing.T) {
	for _, pid := range children(t) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
}

// children lists the processes that this one has started.
func children(t testing.TB) (pids []int) {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Error(err)
	}
	for _, list := range lists {
		fields, _ := os.ReadFile(list) // the thread may be gone
		for _, field := range strings.Fields(string(fields)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// A run whose time is over ends on what it has: it says that it is partial, and which tools were not reached and why. Retried with more
// time, it takes up just these.
func TestARunOutOfTimeEndsInPartialResults(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("x", few)
	stop := h.working("one", func(o *runner.Options) { o.Limit = time.Nanosecond })
	inv := h.until("x", ended)
	stop()
	r := inv.Results
	if inv.Status != olorin.Completed || r == nil || !r.Partial || r.RiskScore != nil || len(r.NotAssessed) != len(inv.Progress.Tools) || len(r.NotAssessed) == 0 {
		t.Fatalf("ended as %s: %+v", inv.Status, r)
	}
	for _, n := range r.NotAssessed {
		if n.Code != olorin.WhyOutOfTime || n.Reason == "" || n.Means == "" {
			t.Errorf("%+v does not say that there was no time for it", n)
		}
	}
	if len(r.Recommendations) != 1 || !strings.Contains(r.Recommendations[0], "Retry") || !strings.Contains(r.Summary, "time was over") {
		t.Errorf("%q, %q", r.Summary, r.Recommendations)
	}
	if _, err := h.desk.Act(t.Context(), ana, "x", olorin.ActRetry, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	h.working("two")
	if inv = h.until("x", ended); inv.Status != olorin.Completed || inv.Results.Partial || inv.Results.RiskScore == nil || inv.Progress.Percent != 100 {
		t.Fatalf("the retry ended as %s at %g %%: %+v", inv.Status, inv.Progress.Percent, inv.Results)
	}
	h.log("x")
}

// What does not occur in the file is told before the start, and where something else does, in the results too.
func TestAnEntityThatIsNotInTheFileIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stranger := olorin.Entity{Type: "user_id", Value: "nobody-of-this-file"}
	check := runner.Preflight(h.db, h.engine, nil)
	settings := func(mode olorin.CorrelationMode, entities ...olorin.Entity) olorin.Settings {
		s := olorin.DefaultSettings()
		s.Dataset, s.Entities, s.CorrelationMode = h.dataset.ID, entities, mode
		return s
	}
	future := olorin.At(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	later := olorin.At(future.AddDate(1, 0, 0))
	late := settings(olorin.Or, h.fraudster())
	late.TimeRange = olorin.TimeRange{Start: &future, End: &later}
	for _, c := range []struct {
		name             string
		settings         olorin.Settings
		faults, warnings string // pointer and code of the first
		rows             bool
	}{
		{"there", settings(olorin.Or, h.fraudster()), "", "", true},
		{"alone and not there", settings(olorin.Or, stranger), "/settings/entities/0/value not_in_file", "", false},
		{"one of two", settings(olorin.Or, h.fraudster(), stranger), "", "/settings/entities/1/value not_in_file", true},
		{"not in the time range", late, "/settings/time_range no_rows", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := check(t.Context(), "ana", c.settings)
			if err != nil {
				t.Fatal(err)
			}
			first := func(faults []olorin.Fault) string {
				if len(faults) == 0 {
					return ""
				}
				return faults[0].Pointer + " " + faults[0].Code
			}
			if first(r.Faults) != c.faults || first(r.Warnings) != c.warnings || (r.RowsInScope > 0) != c.rows {
				t.Fatalf("%+v", r)
			}
		})
	}
	h.started("x", func(s *olorin.Settings) { s.Entities = append(s.Entities, stranger) })
	h.working("one")
	r := h.until("x", ended).Results
	if len(r.Entities) != 2 || r.Entities[0].Rows == 0 || r.Entities[1].Rows != 0 || !strings.Contains(r.Summary, "nobody-of-this-file does not occur in the file") {
		t.Fatalf("%+v %q", r.Entities, r.Summary)
	}
}

// Whoever is on a list is told, and the list decides before the score.
func TestListsDecideARun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	list := func(name string, kind olorin.ListKind, values string) {
		t.Helper()
		l := olorin.List{ID: name, Name: name, Kind: kind, EntityType: h.fraudster().Type, Source: "test", ImportedAt: olorin.SystemClock(), SourceDate: olorin.SystemClock()}
		if _, err := h.engine.ImportList(t.Context(), strings.NewReader(values), l, func(olorin.List) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	list("our-bad", olorin.ListBad, "value,note\n"+h.fraudster().Value+",seen before\nsomebody-else,\n")
	h.started("blocked", few)
	h.working("one")
	r := h.until("blocked", ended).Results
	if len(r.Lists) != 1 || !r.Lists[0].Direct || r.Lists[0].List != "our-bad" || r.Lists[0].Count != r.Entities[0].Rows || len(r.Lists[0].Rows) == 0 {
		t.Fatalf("hits %+v of %+v", r.Lists, r.Entities)
	}
	if d := r.Decision; d == nil || d.Ruling != olorin.RuleBlock || d.By != "list" || !strings.Contains(r.Recommendations[0], "block it") || !strings.Contains(r.Summary, "our-bad") {
		t.Fatalf("%+v, %q, %q", d, r.Recommendations, r.Summary)
	}
	list("our-good", olorin.ListGood, h.fraudster().Value+"\n")
	h.started("allowed", few)
	if r := h.until("allowed", ended).Results; r.Decision.Ruling != olorin.RuleAllow || len(r.Lists) != 2 || *r.RiskScore == 0 {
		t.Fatalf("%+v, hits %+v, score %v", r.Decision, r.Lists, r.RiskScore)
	} else if advice := strings.Join(r.Recommendations, "\n"); !strings.Contains(advice, "Settle which of two lists is right") || strings.Contains(advice, "Hold open payments") || strings.Contains(advice, "further proof") {
		t.Errorf("a list lets it pass, and the advice is %q", advice)
	}
}

// A run counts the weights that were in force when it was started, whatever is accepted later, and its results say which.
func TestARunIsUnderTheWeightsOfItsStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.started("before", few)
	h.working("one")
	before := h.until("before", ended).Results
	strongest := before.Findings[0]
	accept := func(version int64, weight float64) {
		t.Helper()
		w := olorin.Weights{Version: version, At: olorin.SystemClock(), By: "lea", Tools: map[string]olorin.Weighted{}}
		for _, c := range before.Checks {
			w.Tools[c.Tool] = olorin.Weighted{ToolVersion: c.Version, Weight: weight}
		}
		if err := h.db.PutWeights(t.Context(), w, olorin.AuditEntry{At: w.At, Actor: ana, Action: "weights.accepted"}); err != nil {
			t.Fatal(err)
		}
	}
	accept(1, .01)
	h.started("under", few)
	accept(2, .9)
	after := h.until("under", ended).Results
	if after.Weights != 1 || before.Weights != 0 || *after.RiskScore >= *before.RiskScore || strongest.Weight <= .01 {
		t.Fatalf("weights %d and %d, scores %g and %g", before.Weights, after.Weights, *before.RiskScore, *after.RiskScore)
	}
	for _, c := range after.Checks {
		if c.Weight != .01 {
			t.Errorf("%s counts %g", c.Tool, c.Weight)
		}
	}
	for _, f := range after.Findings {
		if f.Weight > .01 {
			t.Errorf("finding of %s counts %g", f.Tool, f.Weight)
		}
	}
}

func TestPreflightNamesWhatTheDataSetCannotGive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := olorin.DefaultSettings()
	s.Dataset = h.dataset.ID
	s.Entities = []olorin.Entity{{Type: "phone_number", Value: "+49 30 123456"}}
	s.ToolMatrix = []olorin.ToolChoice{{Agent: "device", Tool: "NOPE-1", Enabled: true}}
	check := runner.Preflight(h.db, h.engine, nil)
	r, err := check(t.Context(), "ana", s)
	faults := r.Faults
	if err != nil || len(faults) != 2 || faults[0].Pointer != "/settings/tool_matrix/0/tool" || faults[1].Pointer != "/settings/entities/0/type" {
		t.Fatalf("faults %+v (%v)", faults, err)
	}
	if r, err := check(t.Context(), "ben", s); err != nil || r.Faults[1].Pointer != "/settings/dataset" {
		t.Fatalf("another user's data set: %+v (%v)", r.Faults, err)
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// outsider is an agency at which the agent ext offers EXT-01, and the preflight of the house knows it.
func (h *house) outsider() *agency.Agency {
	h.t.Helper()
	a := agency.New(agency.Limits{Lease: time.Minute, Silence: time.Minute}, olorin.SystemClock)
	if err := a.Register("ext", agency.Registration{Title: "Ext", Tools: []agents.Offer{{Tool: "EXT-01", Title: "Outside", Version: 1, Weight: .3}}}); err != nil {
		h.t.Fatal(err)
	}
	h.desk = olorin.NewDesk(h.db, h.hub, olorin.SystemClock, runner.Preflight(h.db, h.engine, a), olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	return a
}

func alsoOutside(mode olorin.ExecutionMode) func(*olorin.Settings) {
	return func(s *olorin.Settings) {
		s.ExecutionMode = mode
		s.ToolMatrix = []olorin.ToolChoice{{Agent: "behaviour", Tool: "VEL-01", Enabled: true}, {Agent: "ext", Tool: "EXT-01", Enabled: true}}
	}
}

// A run that waits for a program outside gives its slot and its memory to others, takes them again to lend the program rows and to end, and
// finds what it would have found.
func TestARunThatWaitsOutsideHoldsUpNobody(t *testing.T) {
	for _, mode := range []olorin.ExecutionMode{olorin.Parallel, olorin.Sequential} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			a := h.outsider()
			h.working("one", func(o *runner.Options) { o.Agency, o.Slots, o.MemoryMB, o.CaseMB = a, 1, 512, 512 })
			h.started("waits", alsoOutside(mode))
			work, err := a.Take(t.Context(), "ext")
			if err != nil {
				t.Fatal(err)
			}
			h.started("other", func(s *olorin.Settings) {
				s.ToolMatrix = []olorin.ToolChoice{{Agent: "behaviour", Tool: "VEL-01", Enabled: true}}
			})
			if inv := h.until("other", ended); inv.Status != olorin.Completed {
				t.Fatalf("the other run ended as %s: %+v", inv.Status, inv.Error)
			}
			if inv := h.until("waits", func(olorin.Investigation) bool { return true }); inv.Status != olorin.Running {
				t.Fatalf("the run that waits is %s", inv.Status)
			}
			page, err := a.Rows(t.Context(), "ext", work.Lease, 0, 5)
			if err != nil || len(page.Items) == 0 || work.Rows == 0 {
				t.Fatalf("rows %+v of %+v, %v", page, work, err)
			}
			row := page.Items[0].Row
			for !page.Items[0].InScope {
				if page, err = a.Rows(t.Context(), "ext", work.Lease, row, 1); err != nil {
					t.Fatal(err)
				}
				row = page.Items[0].Row
			}
			claim := agents.Claim{Key: "k", Sentence: "Seen.", Strength: 1, Rows: []int64{row}}
			if err := a.Report(t.Context(), "ext", work.Lease, agency.WorkReport{Outcome: olorin.Fired, Findings: []agents.Claim{claim}}); err != nil {
				t.Fatal(err)
			}
			inv := h.until("waits", ended)
			if inv.Status != olorin.Completed || !slices.ContainsFunc(inv.Results.Findings, func(f olorin.Finding) bool { return f.Tool == "EXT-01" && len(f.Evidence) == 1 }) {
				t.Fatalf("ended as %s: %+v", inv.Status, inv.Results)
			}
			h.log("waits")
		})
	}
}

// However lively an agent is, its work has an end: the tool fails, is told, and the run goes on.
func TestLivelyWorkOutsideHasAnEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.outsider()
	h.working("one", func(o *runner.Options) { o.Agency, o.Outside = a, 300*time.Millisecond })
	h.started("x", alsoOutside(olorin.Parallel))
	work, err := a.Take(t.Context(), "ext")
	for err == nil {
		err = a.Note(t.Context(), "ext", work.Lease, agency.WorkSign{})
	}
	if olorin.CodeOf(err) != olorin.CodeLeaseLost {
		t.Fatal(err)
	}
	inv := h.until("x", ended)
	for _, tool := range inv.Progress.Tools {
		if tool.Tool == "EXT-01" && (tool.Code != olorin.WhyAgentTimeout || !strings.Contains(tool.Error, "within the time of 300ms")) || tool.Tool == "VEL-01" && tool.Status != olorin.WorkDone {
			t.Errorf("%+v", tool)
		}
	}
	if inv.Status != olorin.Completed {
		t.Errorf("ended as %s: %+v", inv.Status, inv.Error)
	}
}

// A run that is cancelled lets go of an agent that waits for rows, whoever has the memory.
func TestACancelledRunLetsAWaitingAgentGo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.outsider()
	h.working("one", func(o *runner.Options) { o.Agency, o.Slots, o.MemoryMB, o.CaseMB = a, 1, 512, 512 })
	h.started("x", alsoOutside(olorin.Sequential))
	work, err := a.Take(t.Context(), "ext")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.desk.Act(t.Context(), ana, "x", olorin.ActCancel, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = a.Rows(t.Context(), "ext", work.Lease, 0, 5)
	}
	if olorin.CodeOf(err) != olorin.CodeLeaseLost {
		t.Fatal(err)
	}
	h.started("after", few)
	if inv := h.until("after", ended); inv.Status != olorin.Completed {
		t.Fatalf("the next run ended as %s", inv.Status)
	}
}
