package httpd

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

// A report is handed out in four forms to whoever may see the investigation, and each time the audit trail tells of it first.
func TestReportsAreHandedOutAndAudited(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	w := "/api/v1/wizard/" + id
	ana.do("GET", w+"/report.json", nil).refused(olorin.CodeIllegalTransition)
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	ana.do("POST", w+"/start", map[string]any{"priority": "high"}).want(200)
	h.carry(t, id)
	for _, c := range []struct{ format, media, disposition, holds string }{
		{"json", "application/json", "attachment", `"format": "olorin.report"`},
		{"csv", "text/csv; charset=utf-8", "attachment", "uncalibrated, not a probability"},
		{"pdf", "application/pdf", "inline", "%PDF-"},
		{"html", "text/html; charset=utf-8", "inline", "Impossible travel"},
	} {
		a := ana.do("GET", w+"/report."+c.format, nil).want(200)
		if got := a.header.Get("Content-Type"); got != c.media || !strings.HasPrefix(a.header.Get("Content-Disposition"), c.disposition+`; filename="olorin-`+id) || !bytes.Contains(a.body, []byte(c.holds)) {
			t.Errorf("%s: %s, %s, %.80s", c.format, got, a.header.Get("Content-Disposition"), a.body)
		}
		if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || (c.format == "html") != strings.Contains(policy, "sandbox") {
			t.Errorf("%s may do %s", c.format, policy)
		}
	}
	a := ana.do("GET", w+"/report.json", nil).want(200)
	var r report.Report
	if err := json.Unmarshal(a.body, &r); err != nil || r.Investigation.ID != id || len(r.Findings) != 1 {
		t.Fatalf("%v %+v", err, r)
	}
	h.as("ben", olorin.RoleAnalyst).do("GET", w+"/report.pdf", nil).refused(olorin.CodeNotFound)
	h.as("ida", olorin.RoleAuditor).do("GET", w+"/report.csv", nil).want(200)
	var page olorin.AuditPage
	ana.do("GET", w+"/audit?limit=1000", nil).want(200).into(&page)
	told := []string{}
	for _, e := range page.Items {
		if e.Action == "report.exported" {
			told = append(told, e.Actor.ID+" "+strings.Fields(e.Detail)[0])
		}
	}
	if got := strings.Join(told, ", "); got != "ana json, ana csv, ana pdf, ana html, ana json, ida csv" {
		t.Errorf("the trail tells of %s", got)
	}
}
