package httpd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

func TestAKeyedPostHappensOnce(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	key := header{"Idempotency-Key", "key-1"}
	first := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Once"}, key).want(201)
	again := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Once"}, key).want(201)
	if string(first.body) != string(again.body) || first.header.Get("Location") != again.header.Get("Location") || first.header.Get("ETag") != again.header.Get("ETag") {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	if again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
		t.Error("a repeated answer must say that it is one")
	}
	ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Other"}, key).refused(olorin.CodeIdempotency)
	id := first.state().ID
	ana.do("POST", "/api/v1/wizard/"+id+"/rerun", nil, key).refused(olorin.CodeIdempotency)
	// The key is its user's.
	h.as("ben", olorin.RoleAnalyst).do("POST", "/api/v1/investigations", map[string]any{"name": "Of Ben"}, key).want(201)
	var page olorin.HistoryPage
	ana.do("GET", "/api/v1/wizard/history", nil).want(200).into(&page)
	if page.Total != 1 {
		t.Errorf("%d investigations were made", page.Total)
	}
	// A refusal is an answer, too.
	act := "/api/v1/wizard/" + id + "/pause"
	ana.do("POST", act, nil, header{"Idempotency-Key", "key-2"}).refused(olorin.CodeIllegalTransition)
	if a := ana.do("POST", act, nil, header{"Idempotency-Key", "key-2"}); a.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %s", a.status, a.body)
	}
	ana.do("POST", act, nil, header{"Idempotency-Key", "a key"}).refused(olorin.CodeInvalid)
	h.clock.advance(25 * time.Hour)
	fresh := h.ana().do("POST", "/api/v1/investigations", map[string]any{"name": "Once"}, key).want(201)
	if fresh.state().ID == id {
		t.Error("a key outlived its day")
	}
}

func TestKeyedPostsAtOnceHappenOnce(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	const keys, times = 6, 6
	ids := make([]map[string]int, keys)
	var mu sync.Mutex
	var all sync.WaitGroup
	for k := range keys {
		ids[k] = map[string]int{}
		for range times {
			all.Go(func() {
				a, err := ana.try("POST", "/api/v1/investigations", map[string]any{"name": fmt.Sprint("Case ", k)}, header{"Idempotency-Key", fmt.Sprint("k", k)})
				if err != nil || a.status != 201 {
					t.Errorf("%v %d %s", err, a.status, a.body)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				ids[k][a.state().ID]++
			})
		}
	}
	all.Wait()
	for k, seen := range ids {
		if len(seen) != 1 {
			t.Errorf("key %d made %v", k, seen)
		}
	}
	var page olorin.HistoryPage
	ana.do("GET", "/api/v1/wizard/history", nil).want(200).into(&page)
	if page.Total != keys {
		t.Errorf("%d keys made %d investigations", keys, page.Total)
	}
}

// A server that dies between the change and its answer must not make the change a second time.
func TestAKeyedPostThatLostItsAnswer(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	// begin is as far as the server came.
	begin := func(user, path, body string) context.Context {
		t.Helper()
		sum := sha256.Sum256([]byte("\n" + body + "\n"))
		begun, err := h.db.BeginKeyed(t.Context(), store.Keyed{UserID: user, Key: "k" + path, Request: "POST " + path, BodyHash: hex.EncodeToString(sum[:])}, h.clock.now())
		if err != nil || begun.Fresh == nil {
			t.Fatalf("%+v %v", begun, err)
		}
		return store.Reserve(t.Context(), begun.Fresh)
	}
	again := func(c client, path, body string) answer {
		return c.do("POST", path, body, header{"Idempotency-Key", "k" + path})
	}
	actor := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}

	path, body := "/api/v1/investigations", `{"name":"Once"}`
	made, err := h.desk.Change(begin("ana", path, body), actor, newID(), olorin.Create("ana", "Once", olorin.DefaultSettings(), olorin.Lineage{}), olorin.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	a := again(ana, path, body).want(201)
	if a.state().ID != made.Investigation.ID || a.header.Get("Location") != state(made.Investigation.ID) {
		t.Errorf("made %s and answered %s", made.Investigation.ID, a.body)
	}
	if page := ana.list(""); page.Total != 1 {
		t.Errorf("%d investigations", page.Total)
	}

	// Of several that were to be archived it came to the first.
	one, two := made.Investigation.ID, ana.draft("Other")
	path, body = "/api/v1/wizard/history/archive", fmt.Sprintf(`{"ids":[%q,%q]}`, one, two)
	if _, err := h.desk.Archive(begin("ana", path, body), actor, one, true, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	var archived archiveAnswer
	again(ana, path, body).want(200).into(&archived)
	if !slices.Equal(archived.Archived, []string{one, two}) || len(archived.Refused) > 0 {
		t.Errorf("archived: %+v", archived)
	}
	if page := ana.list("?archived=true"); page.Total != 2 {
		t.Errorf("%d are archived", page.Total)
	}

	path, body = "/api/v1/calibration/accept", `{"tools":["GEO-01"],"base_version":0,"reason":"it looks right"}`
	weights := olorin.Weights{Version: 1, By: "lea", At: h.clock.now(), Reason: "it looks right", Tools: map[string]olorin.Weighted{"GEO-01": {Weight: 0.5}}}
	if err := h.db.PutWeights(begin("lea", path, body), weights, olorin.AuditEntry{At: weights.At, Actor: actor, Source: olorin.SourceUser, Action: "weights.accepted"}); err != nil {
		t.Fatal(err)
	}
	var accepted olorin.Weights
	again(h.as("lea", olorin.RoleLead), path, body).want(201).into(&accepted)
	if accepted.Version != 1 || accepted.Reason != weights.Reason {
		t.Errorf("accepted: %+v", accepted)
	}
}
