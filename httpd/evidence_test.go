package httpd

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// examined makes an investigation of Ana's that has run on a file, with a finding on its rows 1 and 3.
func (h *house) examined(t *testing.T, file string, alter ...func(*olorin.Finding)) string {
	t.Helper()
	ana := h.ana()
	var d olorin.Dataset
	ana.upload([]part{{"name", "Shop"}, {"file", file}}).want(201).into(&d)
	id := ana.draft("Case of Ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": d.ID, "entities": []any{map[string]any{"type": "user_id", "value": "u1"}, map[string]any{"type": "user_id", "value": "u2"}}}}).want(200)
	ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
	h.carry(t, id, alter...)
	return id
}

func TestOnlyCitedRowsAreShown(t *testing.T) {
	h := newHouse(t)
	id := h.examined(t, events)
	w := "/api/v1/wizard/" + id
	ana, ben := h.ana(), h.as("ben", olorin.RoleAnalyst)
	var got rowsAnswer
	ana.do("GET", w+"/rows?rows=3,1", nil).want(200).into(&got)
	if len(got.Items) != 2 || got.Items[0].Row != 3 || got.Items[1].Fields["amount"] != 10.5 || got.Items[0].Fields["user_id"] != "u1" {
		t.Errorf("rows %+v", got.Items)
	}
	ana.do("GET", w+"/rows?rows=1,2", nil).refused(olorin.CodeNotFound)
	ana.do("GET", w+"/rows", nil).refused(olorin.CodeInvalid)
	ana.do("GET", w+"/rows?rows=1,x", nil).refused(olorin.CodeInvalid)
	paths := []string{w + "/rows?rows=1", w + "/overview", w + "/findings/f1/evidence.csv", w + "/compare/" + id}
	for _, path := range paths {
		ben.do("GET", path, nil).refused(olorin.CodeNotFound)
	}
	ana.do("PUT", w+"/sharing", map[string]any{"shared": true}).want(200)
	for _, path := range paths {
		ben.do("GET", path, nil).want(200)
	}
	ben.do("GET", w+"/rows?rows=2", nil).refused(olorin.CodeNotFound)
	draft := ana.draft("Not run")
	ana.do("GET", "/api/v1/wizard/"+draft+"/rows?rows=1", nil).refused(olorin.CodeNotFound)
	ana.do("GET", w+"/compare/"+ben.draft("Ben's"), nil).refused(olorin.CodeNotFound)
}

func TestExportedEvidenceIsNoFormula(t *testing.T) {
	h := newHouse(t)
	id := h.examined(t, "timestamp,customer,ip,amt,city\n2026-01-01T10:00:00Z,u1,192.0.2.1,-10.50,\"=HYPERLINK(\"\"http://x\"\")\"\n2026-01-01T10:05:00Z,u2,192.0.2.2,99.00,\n2026-01-01T10:06:00Z,u1,192.0.2.1,11.00,\"＠x, \"\"y\"\"\"\n")
	ana := h.ana()
	a := ana.do("GET", "/api/v1/wizard/"+id+"/findings/f1/evidence.csv", nil).want(200)
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"row", "timestamp", "customer", "amt", "city", "ip"},
		{"1", "2026-01-01T10:00:00.000Z", "u1", "-10.5", `'=HYPERLINK("http://x")`, "192.0.2.1"},
		{"3", "2026-01-01T10:06:00.000Z", "u1", "11", `'＠x, "y"`, "192.0.2.1"},
	}
	if len(rows) != len(want) {
		t.Fatalf("rows %v", rows)
	}
	for i := range want {
		if strings.Join(rows[i], "|") != strings.Join(want[i], "|") {
			t.Errorf("row %d: %v, want %v", i, rows[i], want[i])
		}
	}
	var trail olorin.AuditPage
	ana.do("GET", "/api/v1/wizard/"+id+"/audit?limit=1000", nil).want(200).into(&trail)
	if last := trail.Items[len(trail.Items)-1]; last.Action != "evidence.exported" || !strings.Contains(last.Text, "2 rows of finding f1") {
		t.Errorf("the trail ends with %+v", last)
	}
	ana.do("GET", "/api/v1/wizard/"+id+"/findings/f9/evidence.csv", nil).refused(olorin.CodeNotFound)
}

// What cannot be exported is told in the file's name and in its last line.
func TestAnExportSaysWhatItLacks(t *testing.T) {
	h := newHouse(t)
	id := h.examined(t, events, func(f *olorin.Finding) { f.EvidenceTotal, f.ToolVersion = 1234, 99 })
	a := h.ana().do("GET", "/api/v1/wizard/"+id+"/findings/f1/evidence.csv", nil).want(200)
	lines := strings.Split(strings.TrimSpace(string(a.body)), "\n")
	if last := lines[len(lines)-1]; len(lines) != 4 || !strings.Contains(last, "Not in this file: 1232 further rows") || !strings.Contains(last, "version 99") {
		t.Errorf("lines %q", lines)
	}
	if name := a.header.Get("Content-Disposition"); !strings.Contains(name, "-first-2-of-1234.csv") {
		t.Errorf("named %s", name)
	}
}

func TestRunsAreComparedAndEntitiesOverviewed(t *testing.T) {
	h := newHouse(t)
	id := h.examined(t, events)
	ana := h.ana()
	var o olorin.Overview
	ana.do("GET", "/api/v1/wizard/"+id+"/overview", nil).want(200).into(&o)
	if len(o.Entities) != 2 || o.Entities[0].Rows != 2 || *o.Entities[1].Amount != 99 || len(o.Columns) != 1 || o.Columns[0] != "ip_country" {
		t.Errorf("overview %+v", o)
	}
	rerun := ana.do("POST", "/api/v1/wizard/"+id+"/rerun", nil).want(201).state().ID
	var c olorin.Comparison
	ana.do("GET", "/api/v1/wizard/"+id+"/compare/"+rerun, nil).want(200).into(&c)
	if len(c.Gone) != 1 || c.Gone[0].ID != "f1" || c.To.RiskScore != nil || len(c.Settings) != 0 {
		t.Errorf("comparison %+v", c)
	}
	var check checkAnswer
	ana.do("GET", "/api/v1/checks/GEO-01", nil).want(200).into(&check)
	if tool, _ := agents.Find("GEO-01"); !strings.HasSuffix(check.SQL, tool.SQL) || !strings.Contains(check.SQL, "FROM judged") || check.Version != tool.Version {
		t.Errorf("check %+v", check)
	}
	ana.do("GET", "/api/v1/checks/NOT-01", nil).refused(olorin.CodeNotFound)
}
