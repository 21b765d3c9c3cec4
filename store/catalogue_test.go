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
