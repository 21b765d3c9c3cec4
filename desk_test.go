package olorin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/store"
)

var (
	ana     = olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	ben     = olorin.Actor{Kind: olorin.KindUser, ID: "ben", Role: olorin.RoleAnalyst}
	auditor = olorin.Actor{Kind: olorin.KindUser, ID: "ada", Role: olorin.RoleAuditor}
)

// clock is moved by tests.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() olorin.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return olorin.At(c.now)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newDesk is a desk on a database of its own.
func newDesk(t *testing.T) (*olorin.Desk, *store.DB, *clock) {
	t.Helper()
	url := "sqlite:///" + filepath.Join(t.TempDir(), "olorin.db")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), url, store.Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &clock{now: epoch}
	hub := live.NewHub(c.read, live.DefaultLimits)
	none := func(context.Context, string, olorin.Settings) (olorin.Readiness, error) {
		return olorin.Readiness{}, nil
	}
	return olorin.NewDesk(db, hub, c.read, none, olorin.DeskOptions{Cadence: olorin.DefaultCadence, StateTTL: 7 * 24 * time.Hour, MaxState: 64 << 10}), db, c
}

func draft(t *testing.T, desk *olorin.Desk, id string) olorin.Investigation {
	t.Helper()
	s := olorin.DefaultSettings()
	s.Dataset, s.Entities = "d", []olorin.Entity{{Type: "user_id", Value: "u"}}
	changed, err := desk.Change(t.Context(), ana, id, olorin.Create("ana", "first", s, olorin.Lineage{}), olorin.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	return changed.Investigation
}

func TestOthersLearnNothingOfAnInvestigation(t *testing.T) {
	desk, _, _ := newDesk(t)
	draft(t, desk, "secret")
	name := "mine now"
	for what, err := range map[string]error{
		"view":    second(desk.View(t.Context(), ben, "secret")),
		"updates": second(desk.Updates(t.Context(), ben, "secret", 0, 0)),
		"logs":    second(desk.Logs(t.Context(), ben, "secret", olorin.LogQuery{Limit: 1})),
		"audit":   second(desk.Audit(t.Context(), ben, "secret", 0, 1)),
		"save":    second(desk.Save(t.Context(), ben, "secret", olorin.Save{Name: &name}, olorin.Condition{})),
		"start":   second(desk.Start(t.Context(), ben, "secret", olorin.Condition{})),
		"archive": second(desk.Archive(t.Context(), ben, "secret", true, olorin.Condition{})),
		"restore": second(desk.Restore(t.Context(), ben, "secret", 1, olorin.Condition{})),
	} {
		nothing := second(desk.View(t.Context(), ben, "no-such-thing"))
		if olorin.CodeOf(err) != olorin.CodeNotFound {
			t.Errorf("%s by another user: %v", what, err)
		} else if got, want := err.Error(), nothing.Error(); len(got)-len("secret") != len(want)-len("no-such-thing") {
			t.Errorf("%s tells a thing that is there from one that is not: %q, %q", what, got, want)
		}
	}
	if _, err := desk.View(t.Context(), auditor, "secret"); err != nil {
		t.Errorf("an auditor may read: %v", err)
	}
	if err := second(desk.Save(t.Context(), auditor, "secret", olorin.Save{Name: &name}, olorin.Condition{})); olorin.CodeOf(err) != olorin.CodeForbidden {
		t.Errorf("an auditor's save: %v", err)
	}
	if err := second(desk.Save(t.Context(), auditor, "new", olorin.Save{Name: &name}, olorin.Condition{})); olorin.CodeOf(err) != olorin.CodeForbidden {
		t.Errorf("an auditor's new investigation: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestOfTwoSavesThatMatchTheSameVersionOneWins(t *testing.T) {
	desk, _, _ := newDesk(t)
	inv := draft(t, desk, "x")
	const writers = 16
	errs := make(chan error, writers)
	for i := range writers {
		go func() {
			name := fmt.Sprint("writer ", i)
			errs <- second(desk.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{IfMatch: &inv.Version}))
		}()
	}
	won := 0
	for range writers {
		switch err := <-errs; olorin.CodeOf(err) {
		case "":
			won++
		case olorin.CodeStale:
		default:
			t.Errorf("a save that lost: %v", err)
		}
	}
	if won != 1 {
		t.Fatalf("%d of %d saves of one version were written", won, writers)
	}
}

// Writers that name no version are all written, one after another, and the log shows each.
func TestUnconditionalSavesAreAllInTheLog(t *testing.T) {
	desk, _, _ := newDesk(t)
	draft(t, desk, "x")
	var group sync.WaitGroup
	const writers = 128
	for i := range writers {
		group.Go(func() {
			name := fmt.Sprint("writer ", i)
			if _, err := desk.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	delta, err := desk.Updates(t.Context(), ana, "x", 0, 1000)
	if err != nil || delta.Version != writers+1 || len(delta.Events) != writers+1 || delta.HasMore {
		t.Fatalf("version %d with %d events (%v)", delta.Version, len(delta.Events), err)
	}
	for i, line := range delta.Events {
		if line.Seq != int64(i+1) {
			t.Fatalf("event %d has seq %d", i, line.Seq)
		}
	}
}

func TestUpdatesContinueACursor(t *testing.T) {
	desk, _, c := newDesk(t)
	draft(t, desk, "x")
	for i := range 9 {
		c.add(time.Second)
		name := fmt.Sprint("name ", i)
		if _, err := desk.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	cursor, seen := int64(0), []int64{}
	for pages := 0; ; pages++ {
		delta, err := desk.Updates(t.Context(), ana, "x", cursor, 4)
		if err != nil || pages > 5 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, line := range delta.Events {
			seen = append(seen, line.Seq)
		}
		cursor = delta.NextCursor
		if !delta.HasMore {
			break
		}
	}
	if fmt.Sprint(seen) != "[1 2 3 4 5 6 7 8 9 10]" {
		t.Fatalf("seen %v", seen)
	}
	at, err := desk.Since(t.Context(), ana, "x", olorin.At(epoch.Add(3*time.Second)))
	if err != nil || at != 3 { // event 4 is of that second
		t.Errorf("the cursor of the third second is %d (%v), want 3", at, err)
	}
	delta, err := desk.Updates(t.Context(), ana, "x", 11, 0)
	if err != nil || !delta.Reset || delta.State == nil || delta.NextCursor != 10 || len(delta.Events) != 0 {
		t.Errorf("a cursor from the future: %+v (%v)", delta, err)
	}
}

func TestStateAtIsWhatTheLogAddedUpTo(t *testing.T) {
	desk, _, _ := newDesk(t)
	inv := draft(t, desk, "x")
	was, err := json.Marshal(inv)
	if err != nil {
		t.Fatal(err)
	}
	name := "later"
	if _, err := desk.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	then, err := desk.StateAt(t.Context(), ana, "x", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(then); !bytes.Equal(got, was) {
		t.Fatalf("state at 1\n%s, want\n%s", got, was)
	}
	if _, err := desk.StateAt(t.Context(), ana, "x", 3); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("a version that is not there: %v", err)
	}
}

func TestReadingWritesNothing(t *testing.T) {
	desk, db, c := newDesk(t)
	draft(t, desk, "x")
	before := db.Stats().Changes
	c.add(8 * 24 * time.Hour)
	inv, err := desk.View(t.Context(), ana, "x")
	if err != nil || !inv.Stale || inv.Version != 1 {
		t.Fatalf("after eight days: stale %t, version %d (%v)", inv.Stale, inv.Version, err)
	}
	if _, err := desk.Updates(t.Context(), ana, "x", 0, 0); err != nil {
		t.Fatal(err)
	}
	if n := db.Stats().Changes; n != before {
		t.Fatalf("reading wrote %d changes", n-before)
	}
	if err := desk.FlushAccess(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, err := db.Investigation(t.Context(), "x")
	if err != nil || kept.LastAccessed != c.read() || kept.Version != 1 {
		t.Fatalf("last accessed %s at version %d (%v)", kept.LastAccessed, kept.Version, err)
	}
}

func TestTimesOfALogNeverGoBack(t *testing.T) {
	desk, _, c := newDesk(t)
	draft(t, desk, "x")
	c.add(-time.Hour)
	name := "earlier"
	changed, err := desk.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{})
	if err != nil || changed.Investigation.UpdatedAt.Before(olorin.At(epoch).Time) {
		t.Fatalf("updated at %s (%v)", changed.Investigation.UpdatedAt, err)
	}
}

// Neither the days in which the server was down nor a pause, nor the wait for a claim, are time in which a run is worked at.
func TestOnlyTimeInWhichARunIsCarriedIsWorked(t *testing.T) {
	desk, db, clock := newDesk(t)
	if err := db.PutDataset(t.Context(), olorin.Dataset{ID: "d", UserID: "ana"}, olorin.AuditEntry{At: clock.read(), Actor: ana, Action: "dataset.imported"}); err != nil {
		t.Fatal(err)
	}
	draft(t, desk, "x")
	var inv olorin.Investigation
	did := func(changed olorin.Changed, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		inv = changed.Investigation
	}
	report := func(bodies ...olorin.Body) {
		t.Helper()
		did(desk.Change(t.Context(), olorin.System, "x", olorin.Report(clock.read(), bodies...), olorin.Condition{}))
	}
	step := olorin.LogAppended{Level: olorin.LevelInfo, Message: "a step"}
	takenUp := func() {
		t.Helper()
		since := inv.UpdatedAt
		report(olorin.PhaseChanged{Phase: olorin.Planning, Status: olorin.WorkRunning, Since: &since}, step)
	}
	act := func(a olorin.Act) { t.Helper(); did(desk.Act(t.Context(), ana, "x", a, olorin.Condition{})) }
	did(desk.Start(t.Context(), ana, "x", olorin.Condition{}))
	for _, c := range []struct {
		name   string
		wait   time.Duration
		do     func()
		worked time.Duration
	}{
		{"it waits for its first step", time.Hour, func() { report(olorin.PhaseChanged{Phase: olorin.Planning, Status: olorin.WorkRunning}) }, 0},
		{"it is carried", 5 * time.Minute, func() { report(step) }, 5 * time.Minute},
		{"the server was down for a day", 24 * time.Hour, takenUp, 5 * time.Minute},
		{"it goes on", 3 * time.Minute, func() { report(step) }, 8 * time.Minute},
		{"and is paused", 2 * time.Minute, func() { act(olorin.ActPause) }, 10 * time.Minute},
		{"for an hour", time.Hour, func() { act(olorin.ActResume) }, 10 * time.Minute},
		{"it waits for a claim", time.Minute, takenUp, 10 * time.Minute},
		{"and goes on", time.Minute, func() { report(step) }, 11 * time.Minute},
	} {
		clock.add(c.wait)
		c.do()
		if worked, err := desk.Worked(t.Context(), inv); err != nil || worked != c.worked {
			t.Errorf("%s: worked at for %v (%v); want %v", c.name, worked, err, c.worked)
		}
	}
}

func TestStateOverItsBoundIsRefusedAndNothingIsWritten(t *testing.T) {
	desk, _, _ := newDesk(t)
	inv := draft(t, desk, "x")
	s := inv.Settings
	for i := range 10 {
		s.ToolMatrix = append(s.ToolMatrix, olorin.ToolChoice{Agent: "a", Tool: fmt.Sprint(i), Params: map[string]float64{string(bytes.Repeat([]byte("p"), 10<<10)): 1}})
	}
	if err := second(desk.Save(t.Context(), ana, "x", olorin.Save{Settings: &s}, olorin.Condition{})); olorin.CodeOf(err) != olorin.CodeTooLarge {
		t.Fatalf("100 KB of settings: %v", err)
	}
	if now, err := desk.View(t.Context(), ana, "x"); err != nil || now.Version != inv.Version {
		t.Fatalf("version %d (%v)", now.Version, err)
	}
}

// A visit to what has been removed since is not written again and again.
func TestVisitsToWhatWasRemovedAreForgotten(t *testing.T) {
	desk, db, c := newDesk(t)
	inv := draft(t, desk, "x")
	if _, err := desk.View(t.Context(), ana, "x"); err != nil {
		t.Fatal(err)
	}
	entry := olorin.AuditEntry{At: c.read(), Actor: olorin.System, Source: olorin.SourceSystem, Action: olorin.Removed, InvestigationID: "x"}
	if err := db.Remove(t.Context(), olorin.Expired{ID: "x", Version: inv.Version}, entry); err != nil {
		t.Fatal(err)
	}
	if err := desk.FlushAccess(t.Context()); err != nil {
		t.Error(err)
	}
}

// searching counts the searches for a time in a log.
type searching struct {
	olorin.Store
	searches int
}

func (s *searching) SeqAt(ctx context.Context, id string, at olorin.Time) (int64, error) {
	s.searches++
	return s.Store.SeqAt(ctx, id, at)
}

func TestATimeAfterAllOfALogIsNotSearchedFor(t *testing.T) {
	first, db, c := newDesk(t)
	draft(t, first, "x")
	at := c.read()
	c.add(time.Second)
	name := "renamed"
	if err := second(first.Save(t.Context(), ana, "x", olorin.Save{Name: &name}, olorin.Condition{})); err != nil {
		t.Fatal(err)
	}
	s := &searching{Store: db}
	desk := olorin.NewDesk(s, live.NewHub(c.read, live.DefaultLimits), c.read, nil, olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	for _, ask := range []struct {
		at             olorin.Time
		want, searches int64
	}{{olorin.At(at.Add(time.Hour)), 2, 0}, {olorin.At(at.Add(time.Second)), 1, 1}, {at, 0, 2}} {
		if got, err := desk.Since(t.Context(), ana, "x", ask.at); err != nil || got != ask.want || int64(s.searches) != ask.searches {
			t.Errorf("everything before %s is up to %d after %d searches, %v", ask.at, got, s.searches, err)
		}
	}
}
