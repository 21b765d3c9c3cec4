package storetest

import (
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// keys shows that what a key stands for is done once and answered the same every time.
func keys(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	k := store.Keyed{UserID: "ana", Key: "k1", Request: "POST /api/v1/investigations", BodyHash: "h"}
	at := func(d time.Duration) olorin.Time { return olorin.At(Epoch.Add(d)) }
	begin := func(k store.Keyed, now olorin.Time) store.Begun {
		t.Helper()
		b, err := db.BeginKeyed(ctx, k, now)
		must(t, err)
		return b
	}

	// Of two that come at once, one does it.
	const callers = 16
	var (
		wait  sync.WaitGroup
		begun [callers]store.Begun
	)
	for i := range callers {
		wait.Go(func() {
			var err error
			if begun[i], err = db.BeginKeyed(ctx, k, Epoch); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	var fresh *store.Reservation
	for _, b := range begun {
		switch {
		case b.Fresh != nil && fresh == nil:
			fresh = b.Fresh
		case b.Fresh != nil || !b.InProgress:
			t.Errorf("beside the first another was told %+v", b)
		}
	}
	if fresh == nil {
		t.Fatal("nobody may do it")
	}
	_, err := desk.Change(store.Reserve(ctx, fresh), Ana, "case", olorin.Create("ana", "n", Settings(""), olorin.Lineage{}), olorin.Condition{})
	must(t, err)

	// The server died here: it was done, and that is known.
	if b := begin(k, at(time.Hour)); !reflect.DeepEqual(b.Acted, &store.Acted{Noun: "investigation", ID: "case", Version: 1}) {
		t.Errorf("after the change: %+v", b)
	}
	must(t, db.AbandonKeyed(ctx, fresh))
	answer := store.Response{Status: 201, Headers: http.Header{"Location": {"/x"}, "Etag": {`"1"`}}, Body: []byte(`{"a":1}`)}
	must(t, db.FinishKeyed(ctx, fresh, answer))
	if b := begin(k, at(2*time.Hour)); !reflect.DeepEqual(b.Response, &answer) {
		t.Errorf("afterwards: %+v", b)
	}
	other := k
	other.BodyHash = "h2"
	if b := begin(other, Epoch); !b.Mismatch {
		t.Errorf("with another body: %+v", b)
	}
	other = k
	other.Request = "POST /api/v1/datasets"
	if b := begin(other, Epoch); !b.Mismatch {
		t.Errorf("for another request: %+v", b)
	}
	other = k
	other.UserID = "bob"
	if b := begin(other, Epoch); b.Fresh == nil {
		t.Errorf("for another user: %+v", b)
	}
	if b := begin(k, at(store.KeepResponses+time.Second)); b.Fresh == nil {
		t.Errorf("a day later: %+v", b)
	}

	// Refused, the key is free; slow, it passes to another, and what the first still does by it is refused.
	k.Key = "k2"
	slow := begin(k, Epoch).Fresh
	must(t, db.AbandonKeyed(ctx, slow))
	slow = begin(k, Epoch).Fresh
	if b := begin(k, at(59*time.Second)); !b.InProgress {
		t.Errorf("within the minute: %+v", b)
	}
	quick := begin(k, at(61*time.Second)).Fresh
	if quick == nil {
		t.Fatal("after the minute nobody may do it")
	}
	_, err = desk.Change(store.Reserve(ctx, slow), Ana, "case-2", olorin.Create("ana", "n", Settings(""), olorin.Lineage{}), olorin.Condition{})
	code(t, err, olorin.CodeIdempotency)
	code(t, db.FinishKeyed(ctx, slow, answer), olorin.CodeIdempotency)
	_, err = db.Investigation(ctx, "case-2")
	code(t, err, olorin.CodeNotFound)
	d := olorin.Dataset{ID: "d", UserID: "ana", CreatedAt: Epoch, Columns: []olorin.Column{}}
	code(t, db.PutDataset(store.Reserve(ctx, slow), d, Act("dataset.import")), olorin.CodeIdempotency)
	must(t, db.PutDataset(store.Reserve(ctx, quick), d, Act("dataset.import")))
	if b := begin(k, at(3*time.Minute)); b.Acted == nil || b.Acted.ID != "d" {
		t.Errorf("after the data set: %+v", b)
	}
}
