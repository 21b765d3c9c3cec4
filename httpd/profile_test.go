package httpd

import (
	"testing"

	"github.com/olorin-dev/olorin"
)

func TestProfileFollowsItsUser(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	const at = "/api/v1/profile"
	var p olorin.Profile
	ana.do("GET", at, nil).want(200).into(&p)
	if p.Version != 0 || p.Density != olorin.Comfortable || p.FollowBy != olorin.FollowAuto || p.Views == nil {
		t.Errorf("before any save: %+v", p)
	}
	mine := map[string]any{"zone": "Europe/Vienna", "density": "compact", "follow_by": "poll", "views": []any{map[string]any{"name": "To retry", "query": "status=error"}}}
	ana.do("PUT", at, mine, header{"If-Match", `"0"`}).want(200)
	ana.do("PUT", at, mine, header{"If-Match", `"0"`}).refused(olorin.CodeStale)
	h.ana().do("GET", at, nil).want(200).into(&p)
	if p.Version != 1 || p.Zone != "Europe/Vienna" || p.Density != olorin.Compact || p.FollowBy != olorin.FollowPoll || len(p.Views) != 1 || p.Views[0].Query != "status=error" {
		t.Errorf("read back: %+v", p)
	}
	h.as("otto", olorin.RoleAuditor).do("PUT", at, mine).want(200) // a profile is nobody else's business
	h.as("ben", olorin.RoleAnalyst).do("GET", at, nil).want(200).into(&p)
	if p.Version != 0 {
		t.Errorf("somebody else has %+v", p)
	}

	twice := map[string]any{"zone": "Vi enna", "density": "compact", "views": []any{map[string]any{"name": "A", "query": ""}, map[string]any{"name": " a", "query": ""}}}
	refused := ana.do("PUT", at, twice).refused(olorin.CodeInvalid)
	if len(refused.Errors) != 2 || refused.Errors[0].Pointer != "/views/1/name" && refused.Errors[1].Pointer != "/views/1/name" {
		t.Errorf("faults %+v", refused.Errors)
	}
}
