package agents_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

func finding(tool, agent, id string, strength, weight float64, rows ...olorin.EvidenceRow) olorin.Finding {
	f := olorin.Finding{ID: id, Tool: tool, Agent: agent, Group: tool, Title: "Title of " + tool, Sentence: "Sentence of " + id + ".", Key: id, Strength: strength, Weight: weight, Evidence: rows, EvidenceTotal: len(rows)}
	for _, r := range rows {
		for _, kind := range olorin.EntityTypes {
			if v, ok := r.Fields[string(kind)].(string); ok {
				if ref := (olorin.EntityRef{Type: kind, Value: v}); !slices.Contains(f.Entities, ref) {
					f.Entities = append(f.Entities, ref)
				}
			}
		}
	}
	return f
}

func row(n int64, at, user, device string) olorin.EvidenceRow {
	return olorin.EvidenceRow{Row: n, Fields: map[string]any{"event_time": at, "user_id": user, "device_id": device}}
}

func caseOfTwo() (olorin.Investigation, olorin.Dataset) {
	inv := olorin.Investigation{Settings: olorin.DefaultSettings(), Results: &olorin.Results{}}
	inv.Settings.Entities = []olorin.Entity{{Type: "user_id", Value: "ann", Primary: true}}
	inv.Results.Findings = []olorin.Finding{
		finding("NET-03", "network", "b", 1, 0.25, row(7, "2026-03-02T10:00:00.000Z", "ann", "d1")),
		finding("IDN-01", "identity", "a", 1, 0.7, row(3, "2026-03-02T09:00:00.000Z", "ann", "d1"), row(4, "2026-03-02T09:30:00.000Z", "bob", "d1")),
	}
	inv.Progress.Tools = []olorin.ToolProgress{
		{Tool: "NET-03", Agent: "network", Outcome: olorin.Fired},
		{Tool: "NET-04", Agent: "network", Outcome: olorin.NotAssessed, Reason: "the file has no status"},
		{Tool: "IDN-01", Agent: "identity", Outcome: olorin.Fired},
		{Tool: "GEO-01", Agent: "location", Outcome: olorin.NotAssessed, Reason: "the file has no latitude, no longitude"},
	}
	d := olorin.Dataset{ID: "d", Name: "file", SHA256: "00", Rows: 10}
	for _, c := range []string{"user_id", "event_time", "email", "is_vpn", "ip_address", "device_id"} {
		d.Columns = append(d.Columns, olorin.Column{Source: c, Canonical: c})
	}
	return inv, d
}

func TestAssess(t *testing.T) {
	inv, d := caseOfTwo()
	r := agents.Assess(inv, d, agents.Facts{})
	if r.RiskScore == nil || *r.RiskScore != 77.5 || r.RiskLevel != "high" {
		t.Fatalf("score %v, level %q; want 77.5, high", r.RiskScore, r.RiskLevel)
	}
	// 1 − .225 × (1 − .6) × (1 − .05 × .6), of which NET-04 and GEO-01 weigh .6 each
	if r.ScoreInterval.Low != 77.5 || math.Abs(r.ScoreInterval.High-91.3) > 0.05 {
		t.Errorf("interval %v; want 77.5..91.3", *r.ScoreInterval)
	}
	for _, n := range r.NotAssessed {
		if *r.RiskScore+n.CouldAdd > r.ScoreInterval.High {
			t.Errorf("%s could add %v to %v, beyond the interval's %v", n.Tool, n.CouldAdd, *r.RiskScore, r.ScoreInterval.High)
		}
	}
	if r.Findings[0].Tool != "IDN-01" {
		t.Errorf("the first finding is %s; want the one that counts most", r.Findings[0].Tool)
	}
	want := []olorin.DomainScore{
		{Agent: "network", Coverage: 0.5, Assessed: 1, Tools: 2}, {Agent: "identity", Coverage: 1, Assessed: 1, Tools: 1}, {Agent: "location", Tools: 1},
	}
	for i, w := range want {
		got := r.Domains[i]
		risk := got.Risk
		got.Risk = nil
		if got != w || (risk == nil) != (w.Assessed == 0) {
			t.Errorf("domain %+v risk %v; want %+v", got, risk, w)
		}
	}
	if len(r.NotAssessed) != 2 || !slices.Equal(r.NotAssessed[1].Columns, []string{"latitude or ip_country or country", "longitude or ip_country or country"}) {
		t.Errorf("not assessed %+v; want GEO-01 to name what would do", r.NotAssessed)
	}
	if !slices.ContainsFunc(r.Recommendations, func(s string) bool { return strings.Contains(s, "outcome") }) {
		t.Errorf("recommendations %q do not name the one column that NET-04 lacks", r.Recommendations)
	}
	if len(r.Timeline) != 3 || r.Timeline[0].Row != 3 || r.Timeline[2].Row != 7 {
		t.Errorf("timeline %+v; want rows 3, 4 and 7 in that order", r.Timeline)
	}
	nodes := map[string]olorin.GraphNode{}
	for _, n := range r.Graph.Nodes {
		nodes[n.ID] = n
	}
	if !nodes["user_id:ann"].Primary || nodes["user_id:ann"].Findings != 2 || nodes["device_id:d1"].Findings != 2 || nodes["user_id:bob"].Primary {
		t.Errorf("nodes %+v", r.Graph.Nodes)
	}
	edge := olorin.GraphEdge{Source: "device_id:d1", Target: "user_id:ann", Count: 2, Rows: []int64{3, 7}}
	if len(r.Graph.Edges) != 2 || !reflect.DeepEqual(r.Graph.Edges[0], edge) {
		t.Errorf("edges %+v; want first %+v", r.Graph.Edges, edge)
	}
	whole := agents.CitedRows{Whole: true, Rows: []olorin.EvidenceRow{row(3, "2026-03-02T09:00:00.000Z", "ann", "d1"), row(9, "2026-03-02T09:40:00.000Z", "eve", "d1")}}
	inv.Results.Findings[1].EvidenceRows = []int64{3, 9} // the second of which it does not show
	of := agents.Assess(inv, d, agents.Facts{Cited: &whole})
	if !slices.Contains(of.Graph.Nodes, olorin.GraphNode{ID: "user_id:eve", Type: "user_id", Value: "eve", Findings: 1}) || of.Cited.Rows != 2 || !of.Cited.Whole || of.Cited.Values["user_id"].Distinct != 2 {
		t.Errorf("graph %+v of cited rows %+v; want all that are cited", of.Graph.Nodes, of.Cited)
	}
	if r.Partial {
		t.Error("partial, though every tool has an outcome")
	}
	if !strings.Contains(r.Summary, "77.5") || !strings.Contains(r.Summary, "not a probability") || !strings.Contains(r.Summary, "Sentence of a.") {
		t.Errorf("summary %q", r.Summary)
	}
}

func TestAssessDoesNotDependOnTheOrderOfEvents(t *testing.T) {
	inv, d := caseOfTwo()
	one, err := json.Marshal(agents.Assess(inv, d, agents.Facts{}))
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(inv.Results.Findings)
	other, err := json.Marshal(agents.Assess(inv, d, agents.Facts{}))
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(other) {
		t.Errorf("the order in which tools ended changes the results:\n%s\n%s", one, other)
	}
}

func TestAssessOfARunCutShort(t *testing.T) {
	inv, d := caseOfTwo()
	inv.Progress.Tools[2].Outcome, inv.Progress.Tools[0].Outcome = "", olorin.ToolFailed
	inv.Progress.Tools[0].Error = "out of memory"
	inv.Results = nil
	r := agents.Assess(inv, d, agents.Facts{})
	if !r.Partial {
		t.Error("a tool without an outcome leaves the results partial")
	}
	if r.RiskScore != nil {
		t.Errorf("score %v of nothing assessed; want none", *r.RiskScore)
	}
	if !strings.Contains(r.NotAssessed[0].Reason, "out of memory") {
		t.Errorf("the failed tool says %q; want its error", r.NotAssessed[0].Reason)
	}
}

func TestAssessWeighsEntities(t *testing.T) {
	inv, d := caseOfTwo()
	inv.Settings.Entities = []olorin.Entity{{Type: "user_id", Value: "ann", Weight: 2}, {Type: "user_id", Value: "zoe", Weight: 10}}
	for i := range inv.Results.Findings {
		f := &inv.Results.Findings[i]
		f.Parts = []olorin.Part{{Type: "user_id", Value: "ann", Strength: f.Strength, Weight: f.Weight}}
	}
	facts := agents.Facts{Entities: []olorin.EntityPresence{{Type: "user_id", Value: "ann", Rows: 3}, {Type: "user_id", Value: "zoe"}}}
	r := agents.Assess(inv, d, facts)
	// both findings touch only ann: .7 × .2 and .25 × .2
	if want := 18.3; *r.RiskScore != want || *r.Entities[0].RiskScore != want {
		t.Errorf("score %v, ann's %v; want %v", *r.RiskScore, *r.Entities[0].RiskScore, want)
	}
	if r.Entities[1].RiskScore != nil {
		t.Errorf("zoe, who is not in the file, scores %v", *r.Entities[1].RiskScore)
	}
	inv.Settings.Entities[0].Weight, inv.Settings.Entities[1].Weight, facts.Entities[1].Rows = 10, 2, 1
	zoes := finding("DEV-01", "device", "c", 1, 0.9, row(5, "2026-03-02T09:00:00.000Z", "zoe", "d2"))
	zoes.Parts = []olorin.Part{{Type: "user_id", Value: "zoe", Strength: 1, Weight: 0.9}}
	inv.Results.Findings = append(inv.Results.Findings, zoes)
	if r := agents.Assess(inv, d, facts); !strings.Contains(r.Summary, "The strongest for user ann, whose score it is: Sentence of a.") {
		t.Errorf("summary %q; the gravest finding is of zoe, who counts a fifth, and the score of ann", r.Summary)
	}
}

func TestMatrixFaultsNamesAllOfThem(t *testing.T) {
	faults := agents.MatrixFaults("/settings/tool_matrix", []olorin.ToolChoice{
		{Agent: "nobody", Tool: "GEO-01", Enabled: true},
		{Agent: "location", Tool: "DEV-01", Enabled: true},
		{Agent: "location", Tool: "GEO-01", Enabled: true, Params: map[string]float64{"max_kmh": 5, "colour": 1}},
		{Agent: "location", Tool: "GEO-01", Enabled: true},
		{Agent: "disconnected", Tool: "their-check"},
		{Agent: "location", Tool: "no-longer-offered"},
	}, nil)
	var got []string
	for _, f := range faults {
		got = append(got, f.Pointer+" "+f.Code)
	}
	want := []string{
		"/settings/tool_matrix/0/agent unknown_agent", "/settings/tool_matrix/1/tool unknown_tool",
		"/settings/tool_matrix/2/params/colour unknown_param", "/settings/tool_matrix/2/params/max_kmh out_of_range", "/settings/tool_matrix/3/tool duplicate",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults\n%q\nwant\n%q", got, want)
	}
}

func TestParseCheckNamesAllFaults(t *testing.T) {
	_, err := agents.ParseCheck("-- id: X\n-- version: 0\n-- colour: red\n-- needs: hat\n-- weight: 2\n-- unit: dozen\n-- unless: tired | SELECT 1\n-- param: n | N | 5 | 6 | 7 | |\n-- sentence: {a} and {b:loud}\nSELECT $other;")
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"id:", "version:", "colour: unknown", `"hat"`, "weight: 2", "unit:", `unless: "tired`, "param n: the default 5", "never asks for $n", "{a}", "$other", "semicolon", "title: missing", "description: missing"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell of %s:\n%v", want, err)
		}
	}
}

func TestEvaluate(t *testing.T) {
	items := []agents.Ranked{
		{Entity: "a", RiskScore: 90, Rows: []int64{1}, Checks: []agents.RankedCheck{{Tool: "X"}}},
		{Entity: "b", RiskScore: 50, Rows: []int64{2, 3}, Checks: []agents.RankedCheck{{Tool: "X"}}},
		{Entity: "c", RiskScore: 50, Rows: []int64{4}},
		{Entity: "d", RiskScore: 0, Rows: []int64{5}},
		{Entity: "e", RiskScore: 0, Rows: []int64{6}},
	}
	e := agents.Evaluate(items, map[int64]string{1: "TRUE", 2: "FALSE", 3: "1", 4: "0", 5: "no", 6: ""})
	// a and b are positive, c and d are not, e is unknown; of four pairs a wins two, b wins one and halves one
	if e.N != 4 || e.Positives != 2 || e.AUC == nil || *e.AUC != 0.875 {
		t.Errorf("n %d, positives %d, AUC %v; want 4, 2, 0.875", e.N, e.Positives, e.AUC)
	}
	// the first step is right, at the second two of three are
	if e.AveragePrecision == nil || math.Abs(*e.AveragePrecision-(1+2.0/3)/2) > 1e-9 || e.RecallAt["20"] != 1 {
		t.Errorf("average precision %v, recall %v; want 5/6 and 1", e.AveragePrecision, e.RecallAt)
	}
	if e.Threshold != 50 || math.Abs(e.Precision-2.0/3) > 1e-9 || e.Recall != 1 {
		t.Errorf("at %v precision %v recall %v; want 50, 2/3, 1", e.Threshold, e.Precision, e.Recall)
	}
	if len(e.PerCheck) != 1 || e.PerCheck[0].Flagged != 2 || e.PerCheck[0].Precision != 1 {
		t.Errorf("per check %+v; want X twice, both right", e.PerCheck)
	}
}
