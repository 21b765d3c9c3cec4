package httpd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// finished makes an investigation of Ana's that has run, with the finding f1.
func (h *house) finished(t *testing.T) string {
	t.Helper()
	ana := h.ana()
	id := ana.draft("Case of Ana")
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	if _, err := h.desk.Change(t.Context(), olorin.System, id, olorin.Start("", func(olorin.Settings) []olorin.Fault { return nil }), olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	h.carry(t, id)
	return id
}

func TestVerdictsAndNotesReachEverybodyAndTheTrail(t *testing.T) {
	h := newHouse(t)
	id := h.finished(t)
	ana := h.ana()
	at := "/api/v1/wizard/" + id + "/findings/f1"
	version := ana.do("GET", state(id), nil).state().Version

	ana.do("PUT", at+"/verdict", map[string]any{"verdict": "confirmed"}).refused(olorin.CodeInvalid)
	ana.do("PUT", at+"/verdict", map[string]any{"verdict": "guilty", "reason": "x"}).refused(olorin.CodeInvalid)
	ana.do("PUT", "/api/v1/wizard/"+id+"/findings/f9/verdict", map[string]any{"verdict": "confirmed", "reason": "x"}).refused(olorin.CodeNotFound)
	ana.do("PUT", at+"/verdict", map[string]any{"verdict": "confirmed", "reason": "cloned"}, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	got := ana.do("PUT", at+"/verdict", map[string]any{"verdict": "confirmed", "reason": "cloned"}).want(200).state()
	if v := got.Reviews["f1"].Verdict; got.Version != version+1 || v == nil || v.Verdict != olorin.Confirmed || v.Reason != "cloned" || v.By != "ana" {
		t.Fatalf("version %d after %d, reviews %+v", got.Version, version, got.Reviews)
	}
	ana.do("POST", at+"/notes", map[string]any{"text": "called"}).want(200)
	news := ana.do("GET", poll(id, fmt.Sprintf("?cursor=%d", version)), nil).want(200).news()
	if len(news.Events) != 2 || news.Events[0].Type != "results.changed" || news.Events[1].Type != "results.changed" {
		t.Fatalf("a viewer learns of %+v", news.Events)
	}
	// What was read can be put back; nobody changes a verdict on the way.
	whole := ana.do("GET", state(id), nil).want(200)
	ana.do("PUT", state(id), string(whole.body)).want(200)
	ana.do("PUT", state(id), map[string]any{"reviews": map[string]any{}}).refused(olorin.CodeServerOwned)
	ana.do("DELETE", at+"/verdict", nil).want(200)

	var trail olorin.AuditPage
	ana.do("GET", "/api/v1/wizard/"+id+"/audit?limit=1000", nil).want(200).into(&trail)
	n := len(trail.Items)
	for i, want := range []string{`verdict taken back`, `note “called”`, `verdict confirmed: “cloned”`} {
		if text := trail.Items[n-1-i].Text; !strings.Contains(text, want) {
			t.Errorf("the trail says %q, want %q in it", text, want)
		}
	}
	counts, err := h.db.Precedents(t.Context())
	if err != nil || len(counts) != 0 {
		t.Errorf("counted after the withdrawal: %+v, %v", counts, err)
	}
}

func TestSharedIsReadAndAssignedIsReviewed(t *testing.T) {
	h := newHouse(t)
	id := h.finished(t)
	ana, ben, bot := h.ana(), h.as("ben", olorin.RoleAnalyst), h.as("bot", olorin.RoleAgent)
	for _, u := range []olorin.User{{ID: "ben", Name: "Ben", Role: olorin.RoleAnalyst}, {ID: "ida", Role: olorin.RoleAuditor}, {ID: "gone", Role: olorin.RoleAnalyst, Disabled: true}} {
		if err := h.db.PutUser(t.Context(), u, olorin.AuditEntry{Actor: olorin.System, Source: olorin.SourceSystem, Action: "user.add"}); err != nil {
			t.Fatal(err)
		}
	}
	w := "/api/v1/wizard/" + id
	reads := []string{state(id), w + "/poll", w + "/logs", w + "/checkpoints", "/api/v1/wizard/history/" + id}
	writes := []struct {
		method, path string
		body         any
	}{
		{"PUT", state(id), map[string]any{"name": "taken"}},
		{"PUT", w + "/sharing", map[string]any{"shared": false}},
		{"POST", w + "/checkpoint", map[string]any{"label": "x"}},
		{"POST", "/api/v1/wizard/history/" + id + "/archive", nil},
	}
	verdict := map[string]any{"verdict": "confirmed", "reason": "x"}
	sees := func(status int) {
		t.Helper()
		for _, path := range reads {
			ben.do("GET", path, nil).want(status)
		}
	}
	lists := func(c client, whose string, want bool) {
		t.Helper()
		var page olorin.HistoryPage
		c.do("GET", "/api/v1/wizard/history?whose="+whose, nil).want(200).into(&page)
		if got := slices.ContainsFunc(page.Items, func(it olorin.HistoryItem) bool { return it.ID == id }); got != want {
			t.Errorf("the list of %s: %v, want %v", whose, got, want)
		}
	}
	sees(404)
	lists(ben, "shared", false)
	lists(ben, "assigned", false)

	ana.do("PUT", w+"/sharing", map[string]any{"shared": true}).want(200)
	sees(200)
	lists(ben, "shared", true)
	lists(ben, "assigned", false)
	lists(ben, "mine", false)
	lists(ana, "shared", false) // it is ana's own
	bot.do("GET", state(id), nil).refused(olorin.CodeForbidden)
	bot.do("GET", "/api/v1/wizard/history?whose=shared", nil).refused(olorin.CodeForbidden)
	ben.do("GET", w+"/audit", nil).refused(olorin.CodeForbidden)
	ben.do("GET", "/api/v1/datasets/d1", nil).refused(olorin.CodeNotFound)
	ben.do("PUT", w+"/findings/f1/verdict", verdict).refused(olorin.CodeForbidden)
	for _, c := range writes {
		ben.do(c.method, c.path, c.body).refused(olorin.CodeForbidden)
	}

	ana.do("PUT", w+"/sharing", map[string]any{"shared": false}).want(200)
	sees(404)
	for _, nobody := range []string{"nobody", "ida", "gone"} {
		ana.do("PUT", w+"/sharing", map[string]any{"assignee": nobody}).refused(olorin.CodeInvalid)
	}
	var users usersAnswer
	ana.do("GET", "/api/v1/users", nil).want(200).into(&users)
	for _, u := range users.Items {
		if u.ID == "ida" || u.ID == "gone" {
			t.Errorf("%s is offered", u.ID)
		}
	}
	ana.do("PUT", w+"/sharing", map[string]any{"assignee": "ben"}).want(200)
	sees(200)
	lists(ben, "assigned", true)
	lists(ben, "shared", false)
	ben.do("PUT", w+"/findings/f1/verdict", verdict).want(200)
	for _, c := range writes {
		ben.do(c.method, c.path, c.body).refused(olorin.CodeForbidden)
	}
	ana.do("PUT", w+"/sharing", map[string]any{"assignee": ""}).want(200)
	sees(404)
}
