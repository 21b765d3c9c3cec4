package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// What a server learns of a history at its start is common in it, and what is changed and removed later is found as if it had not.
func TestWhatIsCommonIsLearnedAtTheStart(t *testing.T) {
	ctx := t.Context()
	url := newFile(t)
	db := openAt(t, url, store.Options{})
	const cases = 120
	names := map[string]string{}
	create := func(db *store.DB, from, to int) {
		desk := storetest.NewDesk(db)
		for i := from; i < to; i++ {
			id := fmt.Sprintf("c-%03d", i)
			names[id] = fmt.Sprintf("Ring %d near card%d of 10.0.%d.7", i, i%3, i%4)
			if _, err := desk.Change(ctx, storetest.Ana, id, olorin.Create("ana", names[id], storetest.Settings(""), olorin.Lineage{}), olorin.Condition{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	create(db, 0, cases)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, url, store.Options{})
	learned := db.Learned(t)
	for _, want := range []string{" r", " ring", " card", " card1", " 10", " 0", " 7"} {
		if !slices.Contains(learned, want) {
			t.Errorf("%q is common and not among %q", want, learned)
		}
	}
	desk := storetest.NewDesk(db)
	for i := 0; i < cases; i += 7 {
		id := fmt.Sprintf("c-%03d", i)
		names[id] = fmt.Sprintf("Renamed %d cards10 0 0.10", i)
		name := names[id]
		if _, err := desk.Change(ctx, storetest.Ana, id, olorin.Save{Name: &name}.Decide, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	create(db, cases, cases+20)
	for i := 3; i < cases; i += 11 {
		id := fmt.Sprintf("c-%03d", i)
		inv, err := db.Investigation(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Remove(ctx, olorin.Expired{ID: id, Version: inv.Version}, olorin.AuditEntry{At: inv.UpdatedAt, Actor: olorin.System, Source: olorin.SourceSystem, Action: "test"}); err != nil {
			t.Fatal(err)
		}
		delete(names, id)
	}
	for typed, words := range map[string][]string{
		"ring": {" ring"}, "r": {" r"}, "card1": {" card1"}, "cards": {" cards"}, "10.0": {" 10 0"}, "10.0.2.7": {" 10 0 2 7"}, "0.10": {" 0 10"}, "ring near": {" ring", " near"}, "card10": {" card10"},
		"renamed card": {" renamed", " card"}, "of.10": {" of 10"}, "nothing": {" nothing"}, "7": {" 7"},
	} {
		var want []string
		for id, name := range names {
			text := " " + strings.NewReplacer(".", " ").Replace(strings.ToLower(name)) + " u 1"
			if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				want = append(want, id)
			}
		}
		slices.Sort(want)
		var got []string
		q := olorin.HistoryQuery{Text: typed, Limit: 100, Sort: "created_at"}
		for {
			page, err := db.History(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range page.Items {
				got = append(got, it.ID)
			}
			if page.NextCursor == nil {
				break
			}
			q.Cursor = *page.NextCursor
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q leads to\n%q, want\n%q", typed, got, want)
		}
	}
}

// What was removed after a server read it, and before it could read the rest, is in no list.
func TestALoadThatIsCutOffLeavesNothingBehind(t *testing.T) {
	ctx, cut := context.WithCancel(t.Context())
	read := writerFunc(func(statement []byte) {
		if bytes.Contains(statement, []byte("FROM investigations WHERE num >")) {
			cut()
		}
	})
	url := newFile(t)
	db := openAt(t, url, store.Options{Echo: slog.New(slog.NewTextHandler(read, nil))})
	desk := storetest.NewDesk(db)
	var last olorin.Investigation
	for _, id := range []string{"a", "b", "c"} {
		last = storetest.Create(t, desk, id, storetest.Settings(""))
	}
	if err := db.Follow(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the load was not cut off: %v", err)
	}
	if err := db.Remove(t.Context(), olorin.Expired{ID: "c", Version: last.Version}, olorin.AuditEntry{At: last.UpdatedAt, Actor: olorin.System, Source: olorin.SourceSystem, Action: "test"}); err != nil {
		t.Fatal(err)
	}
	page, err := db.History(t.Context(), olorin.HistoryQuery{})
	if err != nil || page.Total != 2 || len(page.Items) != 2 {
		t.Errorf("%d of %d come, want 2: %v", len(page.Items), page.Total, err)
	}
}

// A database that is an older state of itself, as after a failover to a standby that had not got everything, is read anew.
func TestADatabaseThatWasSetBackIsReadAnew(t *testing.T) {
	ctx := t.Context()
	url := newFile(t)
	db := openAt(t, url, store.Options{})
	desk := storetest.NewDesk(db)
	for _, id := range []string{"a", "b", "c"} {
		storetest.Create(t, desk, id, storetest.Settings(""))
	}
	names := func() (ids []string) {
		page, err := db.History(ctx, olorin.HistoryQuery{Sort: "name"})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			ids = append(ids, it.ID)
		}
		return ids
	}
	if got := names(); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Fatal(got)
	}
	pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:///"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(ctx, `UPDATE investigations SET changed = 0; UPDATE investigations SET name_key = 'z' WHERE id = 'a'`)
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
	if got := names(); !slices.Equal(got, []string{"b", "c", "a"}) {
		t.Errorf("%q come after the database was set back", got)
	}
}

// While a database that was set back is read anew nothing is answered out of what is known by then, and no set of words is kept that was
// made of it.
func TestNothingIsMadeOfWhatIsHalfRead(t *testing.T) {
	var cut context.CancelFunc
	read := writerFunc(func(statement []byte) {
		if cut != nil && bytes.Contains(statement, []byte("FROM investigations WHERE num >")) {
			cut()
		}
	})
	db := openAt(t, newFile(t), store.Options{Echo: slog.New(slog.NewTextHandler(read, nil))})
	desk := storetest.NewDesk(db)
	const cases = 60 // more than are read by one statement
	for i := range cases {
		storetest.Create(t, desk, fmt.Sprintf("ring-%02d", i), storetest.Settings(""))
	}
	total := func(text string) int64 {
		page, err := db.History(t.Context(), olorin.HistoryQuery{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return page.Total
	}
	if all := total(""); all != cases {
		t.Fatal(all)
	}
	if listed, named := db.Narrow(t, "Case"); !listed || !named {
		t.Error("what is known whole is not answered")
	}
	db.Forget()
	ctx, end := context.WithCancel(t.Context())
	cut = end
	if err := db.Follow(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("the load was not cut off: %v", err)
	}
	if listed, named := db.Narrow(t, "Case"); listed || named {
		t.Errorf("out of half of the investigations a list is answered: %v, names: %v", listed, named)
	}
	if found := total("case"); found != cases {
		t.Errorf("%d of %d are found by a word that all have", found, cases)
	}
}

// What could not be learned at the start is at a later tick, once; and again after the database was set back.
func TestWhatIsCommonIsLearnedUntilItIsKnown(t *testing.T) {
	var (
		cut   context.CancelFunc
		reads int
	)
	read := writerFunc(func(statement []byte) {
		if bytes.Contains(statement, []byte("FROM investigation_words WHERE investigation")) {
			reads++
			cut()
		}
	})
	db := openAt(t, newFile(t), store.Options{Echo: slog.New(slog.NewTextHandler(read, nil))})
	desk := storetest.NewDesk(db)
	for i := range 50 {
		storetest.Create(t, desk, fmt.Sprintf("ring-%02d", i), storetest.Settings(""))
	}
	ctx, end := context.WithCancel(t.Context())
	cut = end
	ready := db.Prepare(ctx, store.Unsettled)
	if ready != store.Unsettled || len(db.Sets()) > 0 {
		t.Fatalf("cut off, %d is ready, with the sets %q", ready, db.Sets())
	}
	cut = func() {}
	ready = db.Prepare(t.Context(), ready)
	if ready == store.Unsettled || !slices.Contains(db.Sets(), " case") {
		t.Fatalf("at a later tick %d is ready, with the sets %q", ready, db.Sets())
	}
	learned := reads
	if again := db.Prepare(t.Context(), ready); again != ready || reads != learned {
		t.Errorf("what is known is learned again: %d reads after %d", reads, learned)
	}
	db.Forget()
	if again := db.Prepare(t.Context(), ready); again == ready || !slices.Contains(db.Sets(), " case") {
		t.Errorf("after the database was set back %d is ready, with the sets %q", again, db.Sets())
	}
}

// As many lists are narrowed at once as there are processors; who leaves meanwhile waits no longer.
func TestWhoLeavesTheCrowdBeforeAList(t *testing.T) {
	db := openAt(t, newFile(t), store.Options{})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if err := db.Crowd(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a list is narrowed beside as many as there are processors: %v", err)
	}
}

func TestWhatIsToBeRemovedIsFoundByAnIndex(t *testing.T) {
	if plan := openAt(t, newFile(t), store.Options{}).PlanOfRetention(t); !strings.Contains(plan, "INDEX investigations_archived (") {
		t.Errorf("the plan is %q", plan)
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(b []byte) (int, error) {
	f(b)
	return len(b), nil
}

// Whoever asks for a list after the end is told so, and not only the first.
func TestNoListWaitsAfterTheEnd(t *testing.T) {
	db := openAt(t, newFile(t), store.Options{Server: true})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, err := db.History(t.Context(), olorin.HistoryQuery{})
		if olorin.CodeOf(err) != olorin.CodeUnavailable {
			t.Errorf("a list after the end: %v", err)
		}
	}
}
