package httpd

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

var update = flag.Bool("update", false, "write the answers in testdata anew")

// golden are the answers that clients are tested against, too: web/src/api parses each of them.
type golden struct {
	t   *testing.T
	ids map[string]string
}

var (
	uuidForm  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
	tokenForm = regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`)
)

// steady replaces what no two runs share: ids by their number, tokens by a word.
func (g golden) steady(body []byte) []byte {
	body = uuidForm.ReplaceAllFunc(body, func(id []byte) []byte {
		if _, ok := g.ids[string(id)]; !ok {
			g.ids[string(id)] = "01a2059b-0000-7000-8000-" + strconv.Itoa(100000000000+len(g.ids))
		}
		return []byte(g.ids[string(id)])
	})
	return tokenForm.ReplaceAll(body, []byte("header.claims.signature"))
}

// is compares an answer with the one in testdata.
func (g golden) is(name string, a answer) {
	g.t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, g.steady(a.body), "", "  "); err != nil {
		g.t.Fatalf("%s: %v: %s", name, err, a.body)
	}
	b.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			g.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatalf("%v; run: go test ./httpd -run TestGoldenAnswers -update", err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		g.t.Errorf("%s is no longer the answer. If that is meant, run: go test ./httpd -run TestGoldenAnswers -update\ngot:\n%s", path, b.Bytes())
	}
}

func TestGoldenAnswers(t *testing.T) {
	h := newHouse(t)
	h.clock.fixed = time.Date(2026, 11, 22, 9, 5, 3, 120e6, time.UTC)
	g := golden{t, map[string]string{}}
	b := h.browser()
	ana := h.ana() // signed at the fixed time
	g.is("config", b.do("GET", "/api/v1/config", nil).want(200))
	g.is("problem_unauthenticated", b.do("GET", "/api/v1/auth/me", nil).want(401))
	g.is("login", b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(200))
	g.is("me", b.do("GET", "/api/v1/auth/me", nil).want(200))
	g.is("session", b.do("GET", "/api/v1/auth/session", nil).want(200))
	g.is("health", b.do("GET", "/healthz", nil).want(200))
	g.is("ready", b.do("GET", "/readyz", nil).want(200))
	g.is("history_empty", ana.do("GET", "/api/v1/wizard/history", nil).want(200))

	var d olorin.Dataset
	a := ana.upload([]part{{"name", "Shop"}, {"file", events}}).want(201)
	a.into(&d)
	g.is("dataset", a)
	g.is("datasets", ana.do("GET", "/api/v1/datasets", nil).want(200))

	a = ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Chargebacks of October"}).want(201)
	g.is("state_draft", a)
	id := a.state().ID
	w := "/api/v1/wizard/" + id
	g.is("problem_invalid", ana.do("PUT", state(id), map[string]any{"name": "", "settings": map[string]any{"risk_threshold": 101, "entities": []any{map[string]any{"type": "planet", "value": "x"}}}}).want(422))
	g.is("problem_not_ready", ana.do("POST", w+"/start", nil).want(422))
	g.is("problem_illegal_transition", ana.do("POST", w+"/pause", nil).want(409))
	ana.do("PUT", state(id), map[string]any{"wizard_step": "settings", "settings": map[string]any{
		"dataset": d.ID, "execution_mode": "sequential", "risk_threshold": 50, "time_range": map[string]any{"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"},
		"entities": []any{map[string]any{"type": "user_id", "value": "u1", "label": "the buyer", "primary": true, "weight": 3}},
	}}).want(200)
	ana.do("PUT", state(id), map[string]any{"name": "Chargebacks of November", "base_version": 2}).want(200)
	g.is("state_conflict", ana.do("PUT", state(id), map[string]any{"name": "Chargebacks, November", "base_version": 1}).want(200))
	g.is("problem_stale_version", ana.do("PUT", state(id), map[string]any{"name": "x"}, header{"If-Match", `"1"`}).want(412))
	g.is("checkpoint_made", ana.do("POST", w+"/checkpoint", map[string]any{"label": "before the run"}).want(200))
	ana.do("POST", w+"/start", map[string]any{"priority": "high"}).want(200)
	h.carry(t, id)
	ana.do("PUT", w+"/findings/f1/verdict", map[string]any{"verdict": "confirmed", "reason": "The card was cloned."}).want(200)
	ana.do("POST", w+"/findings/f1/notes", map[string]any{"text": "The customer was at home."}).want(200)
	ana.do("PUT", w+"/sharing", map[string]any{"assignee": "ana", "shared": true}).want(200)
	g.is("users", ana.do("GET", "/api/v1/users", nil).want(200))
	g.is("state_completed", ana.do("GET", state(id), nil).want(200))
	g.is("poll", ana.do("GET", poll(id, "?cursor=0"), nil).want(200))
	g.is("poll_nothing", ana.do("GET", poll(id, "?cursor="+strconv.FormatInt(ana.do("GET", state(id), nil).state().Version, 10)), nil).want(200))
	g.is("poll_reset", ana.do("GET", poll(id, "?cursor=1000"), nil).want(200))
	g.is("logs", ana.do("GET", w+"/logs?limit=1", nil).want(200))
	g.is("audit", ana.do("GET", w+"/audit?limit=3", nil).want(200))
	g.is("checkpoints", ana.do("GET", w+"/checkpoints", nil).want(200))
	g.is("history", ana.do("GET", "/api/v1/wizard/history", nil).want(200))
	g.is("history_entry", ana.do("GET", "/api/v1/wizard/history/"+id, nil).want(200))
	g.is("rerun", ana.do("POST", w+"/rerun", nil).want(201))
	g.is("rows", ana.do("GET", w+"/rows?rows=3,1", nil).want(200))
	g.is("overview", ana.do("GET", w+"/overview", nil).want(200))
	second := ana.do("POST", w+"/rerun", nil).want(201).state().ID
	g.is("comparison", ana.do("GET", w+"/compare/"+second, nil).want(200))
	g.is("archive", ana.do("POST", "/api/v1/wizard/history/archive", map[string]any{"ids": []string{id, "nothing"}}).want(200))
	g.is("problem_not_found", ana.do("GET", state("nothing"), nil).want(404))
	g.is("problem_dataset_invalid", ana.upload([]part{{"file", "\x00\x01"}}).want(422))
}

// TestGoldenCatalogue keeps the answers that grow with the catalogue of checks: they need not be the same, only as described.
func TestGoldenCatalogue(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var d olorin.Dataset
	ana.upload([]part{{"file", events}}).want(201).into(&d)
	g := golden{t, map[string]string{}}
	answers := map[string]answer{
		"check":   ana.do("GET", "/api/v1/checks/GEO-01", nil).want(200),
		"agents":  ana.do("GET", "/api/v1/agents?dataset="+d.ID, nil).want(200),
		"columns": ana.do("GET", "/api/v1/datasets/"+d.ID+"/columns", nil).want(200),
	}
	if *update {
		for name, a := range answers {
			g.is(name, a)
		}
	}
	for name, shape := range map[string]any{"agents": agentsAnswer{}, "check": checkAnswer{}, "columns": columnsAnswer{}} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		ana.valid(shape, name, answer{t: t, status: 200, body: text})
	}
}

// carry does to an investigation what a run does, with one of everything that it can come to.
func (h *house) carry(t *testing.T, id string, alter ...func(*olorin.Finding)) {
	t.Helper()
	ms, risk := int64(12), 71.5
	inv, err := h.db.Investigation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	d, err := h.db.Dataset(t.Context(), inv.Settings.Dataset)
	if err != nil {
		t.Fatal(err)
	}
	finding := olorin.Finding{
		ID: "f1", Agent: "location", Tool: "GEO-01", ToolVersion: 1, Group: "travel", Severity: olorin.SeverityHigh, Title: "Impossible travel",
		Sentence: "u1 was at Lagos at 10:00 and at Paris at 10:05, 4710 km in 5 min.", Baseline: "fixed threshold", Key: "u1|1|3", Strength: 1, Weight: 0.6,
		Entities: []olorin.EntityRef{{Type: "user_id", Value: "u1"}}, Numbers: map[string]any{"kmh": 56520},
		Evidence: []olorin.EvidenceRow{{Row: 1, Fields: map[string]any{"amount": 10.5, "ip_address": "192.0.2.1"}}}, EvidenceRows: []int64{1, 3}, EvidenceTotal: 2,
	}
	for _, f := range alter {
		f(&finding)
	}
	phase := func(p olorin.Phase, s olorin.WorkStatus, percent float64) olorin.Body {
		return olorin.PhaseChanged{Phase: p, Status: s, Percent: percent}
	}
	reports := [][]olorin.Body{
		{phase(olorin.Planning, olorin.WorkRunning, 0), olorin.LogAppended{Level: olorin.LevelInfo, Message: "two tools of two agents"}},
		{
			olorin.ToolChanged{Tool: "GEO-01", Agent: "location", Status: olorin.WorkPending},
			olorin.ToolChanged{Tool: "DEV-01", Agent: "device", Status: olorin.WorkPending},
			phase(olorin.Planning, olorin.WorkDone, 100), phase(olorin.Collection, olorin.WorkRunning, 0),
		},
		{phase(olorin.Collection, olorin.WorkDone, 100), phase(olorin.Analysis, olorin.WorkRunning, 0), olorin.ToolChanged{Tool: "GEO-01", Agent: "location", Status: olorin.WorkRunning}},
		{
			olorin.FindingAdded{Finding: finding},
			olorin.ToolChanged{Tool: "GEO-01", Agent: "location", Status: olorin.WorkDone, DurationMS: &ms, Outcome: olorin.Fired},
			olorin.LogAppended{Level: olorin.LevelWarn, Agent: "device", Tool: "DEV-01", Message: "no column for device_id"},
		},
		{olorin.ToolChanged{Tool: "DEV-01", Agent: "device", Status: olorin.WorkDone, DurationMS: &ms, Outcome: olorin.NotAssessed, Reason: "the file has no column for device_id"}},
		{phase(olorin.Analysis, olorin.WorkDone, 100), phase(olorin.Correlation, olorin.WorkRunning, 0)},
		{phase(olorin.Correlation, olorin.WorkDone, 100), phase(olorin.Assessment, olorin.WorkRunning, 0)},
	}
	change := func(c olorin.Command) {
		if _, err := h.desk.Change(t.Context(), olorin.System, id, c, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, bodies := range reports {
		change(olorin.Report(h.clock.now(), bodies...))
	}
	change(olorin.Complete(olorin.Results{
		RiskScore: &risk, RiskLevel: olorin.LevelOf(risk), ScoreInterval: &olorin.ScoreInterval{Low: risk, High: 80},
		Domains:       []olorin.DomainScore{{Agent: "location", Risk: &risk, Coverage: 1, Assessed: 1, Tools: 1}, {Agent: "device", Coverage: 0, Tools: 1}},
		NotAssessed:   []olorin.NotAssessedTool{{Tool: "DEV-01", Agent: "device", Reason: "the file has no column for device_id", Columns: []string{"device_id"}}},
		Contributions: []olorin.Contribution{{Tool: "GEO-01", Agent: "location", Points: risk}},
		Timeline:      []olorin.TimelineEntry{{At: h.clock.now(), FindingID: "f1", Title: "Impossible travel", Severity: olorin.SeverityHigh, Row: 1}},
		Graph: olorin.Graph{
			Nodes: []olorin.GraphNode{{ID: "n1", Type: "user_id", Value: "u1", Primary: true, Findings: 1}, {ID: "n2", Type: "ip_address", Value: "192.0.2.1"}},
			Edges: []olorin.GraphEdge{{Source: "n1", Target: "n2", Count: 2, Rows: []int64{1, 3}}},
		},
		Recommendations: []string{"Call the customer before anything is shipped."}, Summary: "One finding of high severity.",
		Dataset: &olorin.DatasetStamp{ID: d.ID, Name: d.Name, SHA256: d.SHA256, Rows: d.Rows}, Digest: "abc",
	}))
}
