package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// refusals shows what Append does not write.
func refusals(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	draft := Create(t, desk, "case", Settings("gone"))
	before := Whole(t, db)

	opened := olorin.InvestigationCreated{Name: "n", UserID: "ana", Settings: Settings("")}
	again, err := Change(olorin.Investigation{ID: "case"}, Epoch, opened)
	must(t, err)
	code(t, appendTo(ctx, t, db, again), olorin.CodeExists)

	step := olorin.StepChanged{Step: olorin.StepProgress}
	next, err := Change(draft, Epoch, step, step)
	must(t, err)
	must(t, appendTo(ctx, t, db, next))
	code(t, appendTo(ctx, t, db, next), olorin.CodeConflict)

	unknown := draft
	unknown.ID = "unknown"
	lost, err := Change(unknown, Epoch, step)
	must(t, err)
	code(t, appendTo(ctx, t, db, lost), olorin.CodeNotFound)

	crooked, err := Change(next.After, Epoch, step, step)
	must(t, err)
	crooked.Lines[1].Seq++
	if err := appendTo(ctx, t, db, crooked); err == nil {
		t.Error("a change whose lines are misnumbered was written")
	}
	crooked.Lines = crooked.Lines[:1]
	if err := appendTo(ctx, t, db, crooked); err == nil {
		t.Error("a change with a line too few was written")
	}

	leased, err := Change(next.After, Epoch, step)
	must(t, err)
	leased.Lease = &olorin.Lease{InvestigationID: "case", Owner: "nobody", Epoch: 1}
	code(t, appendTo(ctx, t, db, leased), olorin.CodeLeaseLost)

	_, err = desk.Start(ctx, Ana, "case", olorin.Condition{})
	code(t, err, olorin.CodeDatasetInvalid)

	inv, err := db.Investigation(ctx, "case")
	must(t, err)
	if inv.Version != next.After.Version {
		t.Errorf("what was refused has left version %d, want %d", inv.Version, next.After.Version)
	}
	if after := Whole(t, db); after != before {
		t.Errorf("what was refused has left %d investigations, want %d", after, before)
	}
	page, err := db.Audit(ctx, "case", 0, 0)
	must(t, err)
	if len(page.Items) != 2 {
		t.Errorf("what was refused is in the audit trail: %+v", page.Items)
	}
}

// race has two writers with one version in their hands: exactly one wins, every time.
func race(t *testing.T, db *store.DB) {
	ctx := t.Context()
	const rounds = 100
	inv := Create(t, NewDesk(db), "case", Settings(""))
	for round := range rounds {
		var (
			errs    [2]error
			changes [2]olorin.Change
			wait    sync.WaitGroup
		)
		for i := range errs {
			name := fmt.Sprintf("round %d by writer %d", round, i)
			var err error
			changes[i], err = Change(inv, olorin.At(Epoch.Add(time.Duration(round)*time.Second)), olorin.SettingsChanged{Name: &name})
			must(t, err)
			wait.Go(func() { errs[i] = appendTo(ctx, t, db, changes[i]) })
		}
		wait.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		if errs[winner] != nil {
			t.Fatalf("round %d: nobody won: %v, %v", round, errs[0], errs[1])
		}
		code(t, errs[1-winner], olorin.CodeConflict)
		var err error
		inv, err = db.Investigation(ctx, "case")
		must(t, err)
		if inv.Name != changes[winner].After.Name || inv.Version != changes[winner].After.Version {
			t.Fatalf("round %d: the name is %q at version %d, and %q won", round, inv.Name, inv.Version, changes[winner].After.Name)
		}
	}
}

// crowd has 64 callers at one investigation: none is lost, no number is missing or double.
func crowd(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	Create(t, desk, "case", Settings(""))
	const callers, each = 64, 3
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		seen = map[int64]bool{1: true}
	)
	for i := range callers {
		wait.Go(func() {
			for n := range each {
				changed, err := desk.Change(ctx, olorin.System, "case", Say(olorin.LevelInfo, fmt.Sprint(i, " ", n), "and"), olorin.Condition{})
				for olorin.CodeOf(err) == olorin.CodeUnavailable { // the desk gave up after many others came first
					changed, err = desk.Change(ctx, olorin.System, "case", Say(olorin.LevelInfo, fmt.Sprint(i, " ", n), "and"), olorin.Condition{})
				}
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
					return
				}
				mu.Lock()
				for _, e := range changed.Events {
					if seen[e.Seq] {
						t.Errorf("number %d was given twice", e.Seq)
					}
					seen[e.Seq] = true
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	inv, err := db.Investigation(ctx, "case")
	must(t, err)
	if want := int64(1 + callers*each*2); inv.Version != want || int64(len(seen)) != want {
		t.Errorf("the log is at %d and %d numbers were given, want %d", inv.Version, len(seen), want)
	}
	page, err := db.Logs(ctx, "case", olorin.LogQuery{Limit: 1000})
	must(t, err)
	if len(page.Items) != callers*each*2 {
		t.Errorf("there are %d log lines", len(page.Items))
	}
}

// neighbours has changes that fail among changes that do not, all at once: a failing one harms no other, whatever shares its transaction.
func neighbours(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	const callers = 48
	drafts := make([]olorin.Investigation, callers)
	for i := range drafts {
		drafts[i] = Create(t, desk, fmt.Sprint("case-", i), Settings(""))
	}
	batches := db.Stats().Batches
	var (
		wait    sync.WaitGroup
		written atomic.Int64
	)
	for i, draft := range drafts {
		wait.Go(func() {
			inv := draft
			for n := range 20 {
				stale := inv
				stale.Version += 7
				wrong, err := Change(stale, Epoch, olorin.StepChanged{Step: olorin.StepSettings})
				if err != nil {
					t.Error(err)
					return
				}
				right, err := Change(inv, Epoch, olorin.LogAppended{Level: olorin.LevelInfo, Message: fmt.Sprint(n)})
				if err != nil {
					t.Error(err)
					return
				}
				failed := make(chan error, 1)
				go func() { failed <- appendTo(ctx, t, db, wrong) }()
				if err := appendTo(ctx, t, db, right); err != nil {
					t.Errorf("case %d: %v", i, err)
				} else {
					written.Add(1)
				}
				if err := <-failed; olorin.CodeOf(err) != olorin.CodeConflict {
					t.Errorf("case %d: a stale change ended with %v", i, err)
				}
				inv = right.After
			}
		})
	}
	wait.Wait()
	if written.Load() != callers*20 {
		t.Errorf("%d changes were written", written.Load())
	}
	stats := db.Stats()
	if stats.Queued != 0 {
		t.Errorf("%d changes are still waiting", stats.Queued)
	}
	t.Logf("%d changes in %d transactions", written.Load(), stats.Batches-batches)
}

// leaving has callers whose context ends while they wait: what they are told is true.
func leaving(t *testing.T, db *store.DB) {
	desk := NewDesk(db)
	const callers = 40
	written := make([]bool, callers)
	var wait sync.WaitGroup
	for i := range callers {
		draft := Create(t, desk, fmt.Sprint("case-", i), Settings(""))
		c, err := Change(draft, Epoch, olorin.StepChanged{Step: olorin.StepResults})
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		wait.Go(func() {
			err := appendTo(ctx, t, db, c)
			written[i] = err == nil
			if err != nil {
				code(t, err, olorin.CodeUnavailable)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the error does not say that the caller left: %v", err)
				}
			}
		})
		go cancel()
	}
	wait.Wait()
	for i, yes := range written {
		inv, err := db.Investigation(t.Context(), fmt.Sprint("case-", i))
		must(t, err)
		if got := inv.Version == 2; got != yes {
			t.Errorf("caller %d was told %t and it is %t that the change was written", i, yes, got)
		}
	}
}

// appendTo writes a change; it must be durable where it is not refused.
func appendTo(ctx context.Context, t testing.TB, db *store.DB, c olorin.Change) error {
	durable, err := db.Append(ctx, c)
	if err == nil && durable != c.After.Version {
		t.Errorf("version %d was written, and %d is durable", c.After.Version, durable)
	}
	return err
}
