package httpd

import (
	"testing"

	"github.com/olorin-dev/olorin"
)

// What people say of findings is counted by check, once for each finding; a few verdicts suggest nothing.
func TestVerdictsAreHeldAgainstWeights(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var got calibrationAnswer
	ana.do("GET", "/api/v1/calibration", nil).want(200).into(&got)
	if len(got.Items) != 0 || got.Statement == "" {
		t.Fatalf("%+v", got)
	}
	h.dataset(t, "d1", "ana")
	for range 2 {
		id := ana.draft("Case")
		ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
		ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
		h.carry(t, id)
		ana.do("PUT", "/api/v1/wizard/"+id+"/findings/f1/verdict", map[string]any{"verdict": "confirmed", "reason": "the customer said so"}).want(200)
	}
	ana.do("GET", "/api/v1/calibration", nil).want(200).into(&got)
	if len(got.Items) != 1 || got.Items[0].Tool != "GEO-01" || got.Items[0].Confirmed != 1 || got.Items[0].Suggested != nil || got.Items[0].Reason == "" {
		t.Fatalf("%+v", got.Items)
	}
	if p := got.Items[0].Precision; p == nil || *p != 1 || got.Items[0].Interval.Low > .21 {
		t.Errorf("precision %v, interval %+v", p, got.Items[0].Interval)
	}
	if p := got.Items[0].Promotion; p.Ruling != olorin.RuleReview || p.Proposed || p.Reason == "" {
		t.Errorf("one verdict promotes: %+v", p)
	}
	if r := got.Reliability; r.Labelled != 1 || r.Needed != 200 || len(r.Bins) != 0 || r.Statement == "" {
		t.Errorf("reliability %+v", r)
	}
	promote := map[string]any{"promote": []any{"GEO-01"}, "demote": []any{"GEO-01"}, "base_version": 0, "reason": "it looks right"}
	if p := h.as("lea", olorin.RoleLead).do("POST", "/api/v1/calibration/accept", promote).refused(olorin.CodeInvalid); len(p.Errors) != 2 || p.Errors[0].Pointer != "/promote/0" || p.Errors[1].Pointer != "/demote/0" {
		t.Errorf("a promotion that nobody proposed: %+v", p)
	}
	accept := map[string]any{"tools": []any{"GEO-01"}, "base_version": 0, "reason": "it looks right"}
	ana.do("POST", "/api/v1/calibration/accept", accept).refused(olorin.CodeForbidden)
	if p := h.as("lea", olorin.RoleLead).do("POST", "/api/v1/calibration/accept", accept).refused(olorin.CodeInvalid); len(p.Errors) != 1 || p.Errors[0].Code != "no_suggestion" {
		t.Errorf("a weight without a suggestion: %+v", p)
	}
	accept["base_version"] = 7
	h.as("lea", olorin.RoleLead).do("POST", "/api/v1/calibration/accept", accept).refused(olorin.CodeConflict)
	h.as("ida", olorin.RoleAuditor).do("GET", "/api/v1/calibration", nil).want(200)
}
