package olorin

import (
	"encoding/json"
	"testing"
)

// What changed is told in words: no path, no JSON, no word of the API where there is a better one.
func TestDifferencesReadAsSentences(t *testing.T) {
	for _, c := range []struct{ path, from, to, want string }{
		{"name", `""`, `"Case"`, "name “Case”"},
		{"name", `"all"`, `"OR"`, "name “all” → “OR”"},
		{"wizard_step", `"settings"`, `"progress"`, "step settings → progress"},
		{"status", `"running"`, `"error"`, "status running → stopped by an error"},
		{"settings.time_range.preset", `"all"`, `"last_30d"`, "time range the whole data set → last 30 days"},
		{"settings.time_range.start", `null`, `"2026-01-31T08:00:00.000Z"`, "time range from 2026-01-31 08:00 UTC"},
		{"settings.correlation_mode", `"OR"`, `"AND"`, "entities taken together by OR, any of them → AND, one of every type"},
		{"settings.risk_threshold", `60`, `70`, "risk threshold 60 → 70"},
		{"settings.scoring.form", `"noisy_or"`, `"any_critical"`, "score by damped noisy-OR → by the gravest finding"},
		{"settings.scoring", `null`, `{"form":"weighted_sum","agent_weights":{"network":0.5}}`, "score by weighted sum, network 50 %"},
		{"settings.scoring.agent_weights", `null`, `{"device":0,"network":0.25}`, "of what agents find counts device 0 %, network 25 %"},
		{"settings.scoring.agent_weights.network", `0.5`, `null`, "of what agent network finds counts 0.5 → 1"},
		{"settings.entities", `null`, `[{"type":"user_id","value":"u1"},{"type":"ip_address","value":"192.0.2.7"}]`, "entities user u1, IP address 192.0.2.7"},
		{"settings.entities", `[{"type":"user_id","value":"u1"}]`, `[{"type":"device_id","value":"d1"}]`, "device d1 added, user u1 removed"},
		{"settings.entities.1.weight", `1`, `3`, "entity 2: weight 1 → 3"},
		{"settings.tool_matrix", `[]`, `[{"agent":"location","tool":"GEO-01","enabled":false},{"agent":"network","tool":"NET-02","enabled":true,"params":{"kmh_max":900}}]`, "checks 1, without GEO-01; NET-02 kmh max 900"},
		{"settings.tool_matrix.3.enabled", `true`, `false`, "check 4: enabled yes → no"},
		{"assignee", `""`, `"ben"`, "assigned to ben"},
		{"assignee", `"ben"`, `""`, "assigned to ben taken away"},
		{"shared", `false`, `true`, "shared with the organisation no → yes"},
		{"results.risk_score", `null`, `97.45`, "risk score 97.45"},
		{"results.findings", `[{"id":"a"}]`, `[{"id":"a"},{"id":"b"}]`, "findings 1 → 2"},
		{"reviews", `null`, `{"f1":{"verdict":{"verdict":"confirmed","reason":""},"notes":[]}}`, "verdict confirmed"},
		{"reviews.f1", `null`, `{"verdict":{"verdict":"false_positive","reason":"a gift"},"notes":[]}`, "verdict false positive: “a gift”"},
		{"reviews.f1.verdict", `{"verdict":"confirmed"}`, `null`, "verdict taken back"},
		{"reviews.f1.notes", `[]`, `[{"text":"seen before"}]`, "note “seen before”"},
		{"error", `null`, `{"code":"x","message":"the file is gone"}`, "error “the file is gone”"},
		{"results", `null`, `{"risk_score":97.45,"risk_level":"critical","findings":[{"id":"a"}]}`, "risk score 97.5, critical; findings 1"},
		{"results.graph", `null`, `{"nodes":[]}`, ""},
		{"progress.tools.3.status", `"pending"`, `"running"`, ""},
	} {
		d := Difference{Path: c.path, From: json.RawMessage(c.from), To: json.RawMessage(c.to)}
		if got := d.text(); got != c.want {
			t.Errorf("%s %s → %s reads %q, want %q", c.path, c.from, c.to, got, c.want)
		}
	}
	started := AuditEntry{Action: "status.changed step.changed", Diff: []Difference{
		{"wizard_step", json.RawMessage(`"settings"`), json.RawMessage(`"progress"`)}, {"status", json.RawMessage(`"draft"`), json.RawMessage(`"running"`)},
	}}
	if got := started.Readable().Text; got != "started the run" {
		t.Errorf("a start reads %q", got)
	}
	if got := (AuditEntry{Action: "tool.changed log.appended*3"}).Readable().Text; got != "went on with the run" {
		t.Errorf("a step of the run reads %q", got)
	}
}
