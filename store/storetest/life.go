package storetest

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// life leads one investigation from its draft to its end and reads it in every way.
func life(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d1")
	_, err := db.Investigation(ctx, "case")
	code(t, err, olorin.CodeNotFound)
	_, err = db.Events(ctx, "case", 0, 10)
	code(t, err, olorin.CodeNotFound)

	Create(t, desk, "case", Settings("d1"))
	started, err := desk.Start(ctx, Ana, "case", olorin.Condition{})
	must(t, err)
	lease, err := db.Claim(ctx, "runner-1", "", Epoch, time.Minute)
	must(t, err)
	if lease == nil || lease.InvestigationID != "case" || lease.Epoch != 1 {
		t.Fatalf("claimed %+v", lease)
	}
	_, err = desk.Change(ctx, olorin.System, "case", Say(olorin.LevelInfo, "one", "two"), olorin.Condition{Lease: lease})
	must(t, err)
	_, err = desk.Change(ctx, olorin.System, "case", Say(olorin.LevelWarn, "three"), olorin.Condition{Lease: lease})
	must(t, err)
	_, err = desk.Change(ctx, olorin.System, "case", olorin.Fail("broken", "it broke", Epoch), olorin.Condition{Lease: lease})
	must(t, err)
	code(t, db.Renew(ctx, *lease, Epoch, time.Minute), olorin.CodeLeaseLost)

	inv, err := db.Investigation(ctx, "case")
	must(t, err)
	head, err := db.Head(ctx, "case")
	must(t, err)
	if want := olorin.HeadOf(inv); !reflect.DeepEqual(head, want) {
		t.Errorf("head is %+v, want %+v", head, want)
	}
	lines, err := db.Events(ctx, "case", 0, 0)
	must(t, err)
	if int64(len(lines)) != inv.Version {
		t.Fatalf("%d lines at version %d", len(lines), inv.Version)
	}
	var log []olorin.Event
	for i, l := range lines {
		var e olorin.Event
		must(t, json.Unmarshal(l.JSON, &e))
		if l.Seq != int64(i)+1 || e.Seq != l.Seq || e.Body.EventType() != l.Type || !e.At.Equal(l.At.Time) {
			t.Errorf("line %d is %+v", i, l)
		}
		log = append(log, e)
	}
	folded, err := olorin.Fold("case", log)
	must(t, err)
	a, _ := json.Marshal(folded)
	b, _ := json.Marshal(inv)
	if string(a) != string(b) {
		t.Errorf("the log adds up to\n%s\nand the snapshot is\n%s", a, b)
	}
	tail, err := db.Events(ctx, "case", started.Investigation.Version, 1)
	must(t, err)
	if len(tail) != 1 || tail[0].Seq != started.Investigation.Version+1 {
		t.Errorf("after %d comes %+v", started.Investigation.Version, tail)
	}
	for _, l := range lines {
		seq, err := db.SeqAt(ctx, "case", l.At)
		must(t, err)
		if seq >= l.Seq || seq > 0 && !lines[seq-1].At.Before(l.At.Time) || !lines[seq].At.Equal(l.At.Time) {
			t.Errorf("the newest event before %s is %d", l.At, seq)
		}
	}
	if seq, err := db.SeqAt(ctx, "case", olorin.At(lines[0].At.Add(-time.Millisecond))); err != nil || seq != 0 {
		t.Errorf("before its beginning the log is at %d, %v", seq, err)
	}

	seen := olorin.At(Epoch.Add(time.Hour))
	must(t, db.Touch(ctx, "case", seen))
	must(t, db.Touch(ctx, "case", Epoch))
	code(t, db.Touch(ctx, "no case", Epoch), olorin.CodeNotFound)
	again, err := db.Investigation(ctx, "case")
	must(t, err)
	if !again.LastAccessed.Equal(seen.Time) || again.Version != inv.Version {
		t.Errorf("last accessed at %s, version %d", again.LastAccessed, again.Version)
	}
}
