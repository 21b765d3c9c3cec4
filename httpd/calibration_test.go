package httpd

import (
	"fmt"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
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

// What is right often enough, for long enough, may be made to block, and be taken back; by a lead, with a reason.
func TestPromotionIsAcceptedAndTakenBack(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	travel, _ := agents.Find("GEO-01")
	h.dataset(t, "d1", "ana")
	of := func() (got calibrationAnswer) {
		ana.do("GET", "/api/v1/calibration", nil).want(200).into(&got)
		return got
	}
	for n := range 20 {
		id, finding := ana.draft("Case"), fmt.Sprintf("found-%d", n)
		ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
		ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
		h.carry(t, id, func(f *olorin.Finding) { f.ID, f.ToolVersion = finding, travel.Version })
		verdict := "confirmed"
		if n < 4 {
			verdict = "false_positive"
		}
		ana.do("PUT", "/api/v1/wizard/"+id+"/findings/"+finding+"/verdict", map[string]any{"verdict": verdict, "reason": "seen"}).want(200)
	}
	if p := of().Items[0].Promotion; p.Proposed {
		t.Errorf("proposed on the first day: %+v", p)
	}
	h.clock.advance(8 * 24 * time.Hour)
	ana = h.ana()
	lea := h.as("lea", olorin.RoleLead)
	if p := of().Items[0].Promotion; !p.Proposed || p.Ruling != olorin.RuleReview {
		t.Fatalf("16 of 20 right for 8 days: %+v", p)
	}
	promote := map[string]any{"promote": []any{"GEO-01"}, "base_version": 0, "reason": "16 of 20"}
	ana.do("POST", "/api/v1/calibration/accept", promote).refused(olorin.CodeForbidden)
	var weights olorin.Weights
	lea.do("POST", "/api/v1/calibration/accept", promote).want(201).into(&weights)
	if got := of(); weights.Version != 1 || !weights.Blocks("GEO-01", travel.Version) || got.Items[0].Promotion.Ruling != olorin.RuleBlock || got.Weights.By != "lea" {
		t.Errorf("accepted: %+v, then %+v", weights, got.Items[0].Promotion)
	}
	lea.do("POST", "/api/v1/calibration/accept", map[string]any{"demote": []any{"GEO-01"}, "base_version": 1, "reason": "a customer was blocked in error"}).want(201)
	if p := of().Items[0].Promotion; p.Ruling != olorin.RuleReview {
		t.Errorf("taken back: %+v", p)
	}
}
