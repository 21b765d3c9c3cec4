package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// Replicas asks two handles of one database, as two servers have them, what one alone could not answer: nothing of this may rest on a
// lock within a process.
func Replicas(t *testing.T, a, b *store.DB) {
	t.Run("two writers, one version", func(t *testing.T) { replicaRace(t, a, b) })
	t.Run("changes of both", func(t *testing.T) { replicaCrowd(t, a, b) })
	t.Run("claims", func(t *testing.T) { replicaClaims(t, a, b) })
	t.Run("idempotency keys", func(t *testing.T) { replicaKeys(t, a, b) })
	t.Run("lists", func(t *testing.T) { replicaLists(t, a, b) })
	for _, db := range []*store.DB{a, b} {
		Whole(t, db)
		verdict, err := db.VerifyAudit(t.Context(), nil, nil)
		must(t, err)
		if verdict.Fault != "" || verdict.Entries == 0 {
			t.Errorf("the audit trail: %+v", verdict)
		}
	}
}

// replicaRace has two servers with one version in their hands: exactly one wins, every time.
func replicaRace(t *testing.T, dbs ...*store.DB) {
	ctx := t.Context()
	inv := Create(t, NewDesk(dbs[0]), "race", Settings(""))
	for round := range 100 {
		var (
			errs    [2]error
			changes [2]olorin.Change
			wait    sync.WaitGroup
		)
		for i, db := range dbs {
			name := fmt.Sprintf("round %d by server %d", round, i)
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
		inv, err = dbs[round%2].Investigation(ctx, "race")
		must(t, err)
		if inv.Name != changes[winner].After.Name || inv.Version != changes[winner].After.Version {
			t.Fatalf("round %d: the name is %q at version %d, and %q won", round, inv.Name, inv.Version, changes[winner].After.Name)
		}
	}
}

// replicaCrowd has both servers write to one log and to logs of their own at once.
func replicaCrowd(t *testing.T, dbs ...*store.DB) {
	ctx := t.Context()
	Create(t, NewDesk(dbs[0]), "crowd", Settings(""))
	const callers, each = 8, 10
	var wait sync.WaitGroup
	for server, db := range dbs {
		desk := NewDesk(db)
		for i := range callers {
			wait.Go(func() {
				own := fmt.Sprintf("crowd-%d-%d", server, i)
				if _, err := desk.Change(ctx, Ana, own, olorin.Create("ana", own, Settings(""), olorin.Lineage{}), olorin.Condition{}); err != nil {
					t.Error(err)
				}
				for n := range each {
					for _, id := range []string{"crowd", own} {
						_, err := desk.Change(ctx, olorin.System, id, Say(olorin.LevelInfo, fmt.Sprint(server, i, n)), olorin.Condition{})
						for olorin.CodeOf(err) == olorin.CodeUnavailable { // the desk gave up after many others came first
							_, err = desk.Change(ctx, olorin.System, id, Say(olorin.LevelInfo, fmt.Sprint(server, i, n)), olorin.Condition{})
						}
						if err != nil {
							t.Errorf("server %d, caller %d: %v", server, i, err)
						}
					}
				}
			})
		}
	}
	wait.Wait()
	for _, db := range dbs {
		inv, err := db.Investigation(ctx, "crowd")
		must(t, err)
		if want := int64(1 + len(dbs)*callers*each); inv.Version != want {
			t.Errorf("the log is at %d, want %d", inv.Version, want)
		}
	}
}

// replicaLists has both servers write, and asks the other one for a list as soon as a write is acknowledged: it is there, in its place, and
// what it was before is not.
func replicaLists(t *testing.T, dbs ...*store.DB) {
	ctx := t.Context()
	const cases, rounds = 50, 6
	found := func(db *store.DB, q olorin.HistoryQuery) (ids []string) {
		q.Owners, q.Limit = []string{"lister"}, 100
		page, err := db.History(ctx, q)
		if err != nil || page.Total != int64(len(page.Items)) {
			t.Errorf("%+v: %d of %d, %v", q, len(page.Items), page.Total, err)
		}
		for _, it := range page.Items {
			ids = append(ids, it.ID)
		}
		return ids
	}
	name := func(i, round int) string { return fmt.Sprintf("listed %03d-%d of%d", (i*7+round*13)%101, i, round%2) }
	var wait sync.WaitGroup
	for server, db := range dbs {
		other := dbs[1-server]
		wait.Go(func() {
			for i := server; i < cases; i += len(dbs) {
				inv := olorin.Investigation{ID: fmt.Sprint("listed-", i)}
				write := func(bodies ...olorin.Body) {
					c, err := Change(inv, olorin.At(Epoch.Add(time.Duration(i)*time.Second)), bodies...)
					must(t, err)
					must(t, appendTo(ctx, t, db, c))
					inv = c.After
				}
				write(olorin.InvestigationCreated{Name: name(i, 0), UserID: "lister", Settings: Settings("")})
				for round := 1; round < rounds; round++ {
					now := name(i, round)
					write(olorin.SettingsChanged{Name: &now})
					for _, q := range []olorin.HistoryQuery{{Text: now}, {Text: now, Sort: "-name"}} {
						if ids := found(other, q); !slices.Equal(ids, []string{inv.ID}) {
							t.Errorf("%q, written just now, leads to %q", now, ids)
						}
					}
					if ids := found(other, olorin.HistoryQuery{Text: name(i, round-1)}); len(ids) > 0 {
						t.Errorf("%q is the name no more and leads to %q", name(i, round-1), ids)
					}
				}
				if i%5 == 0 {
					must(t, db.Remove(ctx, olorin.Expired{ID: inv.ID, Version: inv.Version}, olorin.AuditEntry{At: inv.UpdatedAt, Actor: olorin.System, Source: olorin.SourceSystem, Action: "test"}))
					if ids := found(other, olorin.HistoryQuery{Text: inv.Name}); len(ids) > 0 {
						t.Errorf("%q was removed and leads to %q", inv.Name, ids)
					}
				}
			}
		})
	}
	wait.Wait()
	var names []string
	for i := range cases {
		if i%5 > 0 {
			names = append(names, name(i, rounds-1))
		}
	}
	slices.Sort(names)
	for _, db := range dbs {
		for _, text := range []string{"", "listed", "l", "listed of1", "of1"} {
			page, err := db.History(ctx, olorin.HistoryQuery{Owners: []string{"lister"}, Text: text, Sort: "name", Limit: 100})
			must(t, err)
			var got []string
			for _, it := range page.Items {
				got = append(got, it.Name)
			}
			if !slices.Equal(got, names) {
				t.Errorf("%q leads to %q, want %q", text, got, names)
			}
		}
	}
}

// replicaClaims has both servers claim: no run is given twice.
func replicaClaims(t *testing.T, dbs ...*store.DB) {
	ctx := t.Context()
	desk := NewDesk(dbs[0])
	PutDataset(t, dbs[0], "d")
	const runs = 40
	for i := range runs {
		id := fmt.Sprint("run-", i)
		Create(t, desk, id, Settings("d"))
		_, err := desk.Start(ctx, Ana, id, olorin.Condition{})
		must(t, err)
	}
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		taken = map[string]string{}
	)
	for server, db := range dbs {
		for range 3 {
			wait.Go(func() {
				owner := fmt.Sprint("server-", server)
				for {
					l, err := db.Claim(ctx, owner, "", Epoch, time.Hour)
					if err != nil || l == nil {
						if err != nil {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					if other, twice := taken[l.InvestigationID]; twice {
						t.Errorf("%s was given to %s and to %s", l.InvestigationID, other, owner)
					}
					taken[l.InvestigationID] = owner
					mu.Unlock()
				}
			})
		}
	}
	wait.Wait()
	if len(taken) != runs {
		t.Errorf("%d of %d runs were claimed", len(taken), runs)
	}
}

// replicaKeys has one request come to both servers at once: one does it.
func replicaKeys(t *testing.T, dbs ...*store.DB) {
	ctx := t.Context()
	for round := range 20 {
		k := store.Keyed{UserID: "ana", Key: fmt.Sprint("key-", round), Request: "POST /api/v1/wizard", BodyHash: "h"}
		var (
			wait  sync.WaitGroup
			begun = make([]store.Begun, len(dbs))
		)
		for i, db := range dbs {
			wait.Go(func() {
				var err error
				if begun[i], err = db.BeginKeyed(ctx, k, Epoch); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		fresh := 0
		for _, b := range begun {
			if b.Fresh != nil {
				fresh++
			} else if !b.InProgress {
				t.Errorf("round %d: %+v", round, b)
			}
		}
		if fresh != 1 {
			t.Errorf("round %d: %d servers may do it", round, fresh)
		}
	}
}
