package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// runs shows leases: taken in order, renewed, lapsed, taken over, fenced off.
func runs(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d")
	at := func(seconds int) olorin.Time { return olorin.At(Epoch.Add(time.Duration(seconds) * time.Second)) }
	claim := func(owner string, seconds int) *olorin.Lease {
		t.Helper()
		l, err := db.Claim(ctx, owner, "", at(seconds), 10*time.Second)
		must(t, err)
		return l
	}
	if l := claim("a", 0); l != nil {
		t.Fatalf("an empty store gave %+v", l)
	}
	for i := range 2 {
		id := fmt.Sprint("case-", i)
		Create(t, desk, id, Settings("d"))
		if l := claim("a", 0); l != nil {
			t.Fatalf("a draft was claimed: %+v", l)
		}
	}
	for i := range 2 {
		_, err := desk.Start(ctx, Ana, fmt.Sprint("case-", 1-i), olorin.Condition{})
		must(t, err)
	}
	for only, want := range map[string]bool{"case-2": false, "case-0": true} {
		l, err := db.Claim(ctx, "one", only, at(-60), 10*time.Second)
		must(t, err)
		if (l != nil) != want || want && l.InvestigationID != only {
			t.Fatalf("asked for %s alone: %+v", only, l)
		}
		if want {
			must(t, db.Release(ctx, *l))
		}
	}
	first, second := claim("a", 0), claim("b", 0)
	if first == nil || second == nil || first.InvestigationID != "case-1" || second.InvestigationID != "case-0" {
		t.Fatalf("the oldest is not first: %+v, %+v", first, second)
	}
	if !first.Until.Equal(at(10).Time) || first.Epoch != 1 || first.Owner != "a" {
		t.Errorf("the lease is %+v", first)
	}
	if l := claim("c", 9); l != nil {
		t.Fatalf("a run that is held was claimed: %+v", l)
	}
	say := func(l *olorin.Lease, message string) error {
		_, err := desk.Change(ctx, olorin.System, l.InvestigationID, Say(olorin.LevelInfo, message), olorin.Condition{Lease: l})
		return err
	}
	must(t, db.Renew(ctx, *first, at(9), 10*time.Second))
	must(t, say(first, "still here"))

	// b sleeps, its lease lapses, c takes over: b is refused from then on, whatever its clock says.
	over := claim("c", 11)
	if over == nil || over.InvestigationID != "case-0" || over.Epoch != 3 {
		t.Fatalf("what lapsed was not taken over: %+v", over)
	}
	code(t, say(second, "I was here"), olorin.CodeLeaseLost)
	code(t, db.Renew(ctx, *second, at(9), time.Minute), olorin.CodeLeaseLost)
	must(t, db.Release(ctx, *second))
	must(t, say(over, "now it is mine"))
	code(t, say(&olorin.Lease{InvestigationID: "case-0", Owner: "c", Epoch: 1}, "old epoch"), olorin.CodeLeaseLost)

	// A lapsed lease that nobody wanted is still good.
	must(t, say(first, "late"))
	must(t, db.Renew(ctx, *first, at(60), 10*time.Second))

	// Given back, a run can be had at once, and the epoch grows even for the same owner.
	must(t, db.Release(ctx, *over))
	code(t, say(over, "after the release"), olorin.CodeLeaseLost)
	again := claim("c", 12)
	if again == nil || again.InvestigationID != "case-0" || again.Epoch != 4 {
		t.Fatalf("what was given back was not had: %+v", again)
	}

	// Paused, it is nobody's to take, but its owner may still end what it was at. Resumed, the live owner keeps it.
	_, err := desk.Act(ctx, Ana, "case-0", olorin.ActPause, olorin.Condition{})
	must(t, err)
	if l := claim("d", 40); l != nil {
		t.Fatalf("a paused run was claimed: %+v", l)
	}
	must(t, say(again, "the tool under way has ended"))
	_, err = desk.Act(ctx, Ana, "case-0", olorin.ActResume, olorin.Condition{})
	must(t, err)
	if l := claim("d", 20); l != nil {
		t.Fatalf("a resumed run was taken from its live owner: %+v", l)
	}
	if l := claim("d", 30); l == nil || l.Epoch != 5 || l.InvestigationID != "case-0" {
		t.Fatalf("a resumed run was not taken up: %+v", l)
	}

	// Over: nobody holds it. Taken up again, it is free at once.
	_, err = desk.Change(ctx, olorin.System, "case-1", olorin.Fail("broken", "it broke", at(60)), olorin.Condition{Lease: first})
	must(t, err)
	code(t, db.Renew(ctx, *first, at(61), time.Minute), olorin.CodeLeaseLost)
	_, err = desk.Act(ctx, Ana, "case-1", olorin.ActRetry, olorin.Condition{})
	must(t, err)
	code(t, say(first, "of the run before"), olorin.CodeLeaseLost)
	if l := claim("e", 30); l == nil || l.InvestigationID != "case-1" || l.Epoch != 2 {
		t.Fatalf("a retried run was not taken up: %+v", l)
	}
}

// claimers has many of them at few runs: each run has one holder and each epoch is given once.
func claimers(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d")
	const runs, claimers, rounds = 5, 12, 15
	for i := range runs {
		id := fmt.Sprint("case-", i)
		Create(t, desk, id, Settings("d"))
		_, err := desk.Start(ctx, Ana, id, olorin.Condition{})
		must(t, err)
	}
	last := map[string]int64{}
	for round := range rounds {
		now := olorin.At(Epoch.Add(time.Duration(round) * time.Minute))
		var (
			wait   sync.WaitGroup
			mu     sync.Mutex
			leases []olorin.Lease
		)
		for i := range claimers {
			wait.Go(func() {
				l, err := db.Claim(ctx, fmt.Sprint("runner-", i), "", now, time.Minute)
				if err != nil {
					t.Error(err)
				}
				if l != nil {
					mu.Lock()
					leases = append(leases, *l)
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		held := map[string]bool{}
		for _, l := range leases {
			if held[l.InvestigationID] || l.Epoch != last[l.InvestigationID]+1 {
				t.Fatalf("round %d: %+v after epoch %d", round, l, last[l.InvestigationID])
			}
			held[l.InvestigationID], last[l.InvestigationID] = true, l.Epoch
		}
		if len(leases) != runs {
			t.Fatalf("round %d: %d of %d runs were claimed", round, len(leases), runs)
		}
	}
}

// fairRuns shows who is served first: users with the fewest runs under way, then the urgent, then who waits longest.
func fairRuns(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d")
	ben := olorin.Actor{Kind: olorin.KindUser, ID: "ben", Role: olorin.RoleAnalyst}
	begin := func(actor olorin.Actor, id string, priority olorin.Priority) {
		t.Helper()
		_, err := desk.Change(ctx, actor, id, olorin.Create(actor.ID, id, Settings("d"), olorin.Lineage{}), olorin.Condition{})
		must(t, err)
		_, err = desk.StartWith(ctx, actor, id, priority, olorin.Condition{})
		must(t, err)
	}
	for _, id := range []string{"ana-1", "ana-2", "ana-3"} {
		begin(Ana, id, "")
	}
	begin(Ana, "ana-low", olorin.PriorityLow)
	begin(Ana, "ana-urgent", olorin.PriorityHigh)
	begin(ben, "ben-1", "")
	begin(ben, "ben-2", "")
	var leases []*olorin.Lease
	for i, want := range []string{"ana-urgent", "ben-1", "ana-1", "ben-2", "ana-2", "ana-3", "ana-low"} {
		l, err := db.Claim(ctx, "runner", "", Epoch, time.Minute)
		must(t, err)
		if l == nil || l.InvestigationID != want {
			t.Fatalf("claim %d is %+v; want %s", i, l, want)
		}
		leases = append(leases, l)
	}
	// What was given back counts no more.
	for _, i := range []int{1, 3, 0} {
		must(t, db.Release(ctx, *leases[i]))
	}
	if l, err := db.Claim(ctx, "runner", "", Epoch, time.Minute); err != nil || l == nil || l.InvestigationID != "ben-1" {
		t.Fatalf("ben, who has none under way, is not served first: %+v (%v)", l, err)
	}
}
