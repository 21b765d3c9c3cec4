package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// caller sends requests with a bearer token.
type caller struct {
	s     *server
	token string
}

func (c caller) do(method, path string, body any) (int, map[string]any) {
	c.s.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.s.t.Fatal(err)
	}
	return c.s.call(&http.Client{Transport: bearer(c.token)}, method, "/api/v1"+path, string(text))
}

// want is do with a status that must come.
func (c caller) want(status int, method, path string, body any) map[string]any {
	c.s.t.Helper()
	got, v := c.do(method, path, body)
	if got != status {
		c.s.t.Fatalf("%s %s: %d %v; want %d", method, path, got, v, status)
	}
	return v
}

type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// External agents work on a run of the built server: the two examples, one that is hostile, and one that never answers.
func TestExternalAgents(t *testing.T) {
	for _, program := range []string{"python3", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing, which an example needs: apt-get install %s", program, program)
		}
	}
	env := environment(t, t.TempDir(), "OLORIN_AGENT_LEASE_SECONDS=8", "OLORIN_AGENT_TIMEOUT_SECONDS=8")
	must(t, env, "", "migrate", "up")
	must(t, env, "", "user", "add", "ana")
	for _, agent := range []string{"scorer", "domains", "mallory"} {
		must(t, env, "", "user", "add", agent, "--role", "agent")
	}
	token := func(user string) string { return strings.TrimSpace(must(t, env, "", "token", "--user", user)) }
	var file strings.Builder
	file.WriteString("user_id,time,amount,email,is_fraud\n")
	for i := range 40 {
		user, mail, cents := fmt.Sprint("u", i%4), "shop.example", 25
		if i%4 == 1 {
			mail, cents = "burner.example", 0
		}
		fmt.Fprintf(&file, "%s,2026-01-%02d 10:00:00,%d.%02d,x%d@%s,0\n", user, 1+i%28, 10+i, cents, i%4, mail)
	}
	events := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(events, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var dataset struct{ ID string }
	if err := json.Unmarshal([]byte(must(t, env, "", "dataset", "import", events, "--user", "ana", "--json")), &dataset); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, env)
	ana, mallory := caller{s, token("ana")}, caller{s, token("mallory")}

	domains := filepath.Join(t.TempDir(), "domains.txt")
	if err := os.WriteFile(domains, []byte("burner.example\nother.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	example := func(user string, command ...string) func() {
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(os.Environ(), "OLORIN_URL="+s.url, "OLORIN_TOKEN="+token(user))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		return func() {
			t.Helper()
			if err := <-ended; err != nil {
				t.Errorf("%s: %v\n%s", command, err, out.String())
			}
		}
	}
	python := example("scorer", "python3", "../../examples/agents/whole_amounts.py", "--once")
	shell := example("domains", "sh", "../../examples/agents/listed_domains.sh", domains, "--once")

	// Only service tokens register, with a tool that nobody else has.
	mine := map[string]any{"title": "Mallory", "tools": []any{map[string]any{"tool": "MAL-01", "title": "Mischief", "version": 1, "weight": 0.7}, map[string]any{"tool": "MAL-02", "title": "Silence", "version": 1, "weight": 0.7}}}
	ana.want(403, "PUT", "/agent/registration", mine)
	mallory.want(422, "PUT", "/agent/registration", map[string]any{"title": "x", "tools": []any{map[string]any{"tool": "GEO-01", "title": "x", "version": 1, "weight": 5}}})
	mallory.want(404, "POST", "/agent/work", map[string]any{})
	mallory.want(200, "PUT", "/agent/registration", mine)
	for tools := ""; !strings.Contains(tools, "WHOLE-01") || !strings.Contains(tools, "LISTED-01") || !strings.Contains(tools, "MAL-01"); time.Sleep(20 * time.Millisecond) {
		text, err := json.Marshal(ana.want(200, "GET", "/agents", nil))
		if err != nil {
			t.Fatal(err)
		}
		tools = string(text)
	}

	choice := func(agent, tool string) map[string]any {
		return map[string]any{"agent": agent, "tool": tool, "enabled": true}
	}
	made := ana.want(201, "POST", "/investigations", map[string]any{"name": "with agents", "settings": map[string]any{
		"dataset": dataset.ID, "entities": []any{map[string]any{"type": "user_id", "value": "u1"}},
		"tool_matrix": []any{choice("behaviour", "VEL-01"), choice("scorer", "WHOLE-01"), choice("domains", "LISTED-01"), choice("mallory", "MAL-01"), choice("mallory", "MAL-02")},
	}})
	id, _ := made["investigation_id"].(string)
	ana.want(200, "POST", "/wizard/"+id+"/start", map[string]any{})

	work := mallory.want(200, "POST", "/agent/work", map[string]any{"wait_ms": 30000})
	if work["tool"] != "MAL-01" || work["investigation_id"] != id || work["rows"] != 10.0 || work["rows_in_scope"] != 10.0 {
		t.Fatalf("work %v", work)
	}
	lease, _ := work["lease"].(string)
	rows := mallory.want(200, "GET", "/agent/work/"+lease+"/rows?limit=3", nil)
	text, err := json.Marshal(rows)
	if err != nil || rows["more"] != true || rows["next"] != 10.0 || strings.Contains(string(text), "is_fraud") || strings.Contains(string(text), `"u2"`) {
		t.Errorf("rows %s", text)
	}
	// No more rights than that run: not the state, not another's lease, no row that was not handed out, nothing larger than is taken.
	mallory.want(403, "GET", "/wizard/"+id+"/state", nil)
	caller{s, token("domains")}.want(409, "POST", "/agent/work/"+lease+"/progress", map[string]any{"percent": 1})
	mallory.want(409, "PUT", "/agent/work/guessed/report", map[string]any{"outcome": "clear"})
	p := mallory.want(422, "PUT", "/agent/work/"+lease+"/report", map[string]any{"outcome": "fired", "findings": []any{
		map[string]any{"key": "k", "sentence": "Invented.", "strength": 1, "rows": []any{2, 999}},
		map[string]any{"key": "k", "sentence": "Of another account.", "strength": 1, "rows": []any{1}},
	}})
	faults, err := json.Marshal(p["errors"])
	if err != nil || strings.Count(string(faults), "unknown_row") != 2 || !strings.Contains(string(faults), "/findings/0/rows/1") || !strings.Contains(string(faults), "/findings/1/key") {
		t.Errorf("faults %s", faults)
	}
	if p = mallory.want(422, "PUT", "/agent/work/"+lease+"/report", map[string]any{"outcome": "fired", "score": 100, "findings": []any{map[string]any{"key": "", "sentence": "", "strength": 7, "rows": []any{}}}}); len(p["errors"].([]any)) != 5 {
		t.Errorf("faults %v", p["errors"])
	}
	mallory.want(413, "PUT", "/agent/work/"+lease+"/report", map[string]any{"outcome": "not_assessed", "reason": strings.Repeat("x", 300<<10)})
	mallory.want(204, "POST", "/agent/work/"+lease+"/progress", map[string]any{"percent": 50, "log": []any{map[string]any{"level": "info", "message": "half way"}}})
	report := map[string]any{"outcome": "fired", "findings": []any{map[string]any{"key": "k", "sentence": "Row 2 is odd.", "strength": 0.5, "rows": []any{2}}}}
	mallory.want(204, "PUT", "/agent/work/"+lease+"/report", report)
	mallory.want(204, "PUT", "/agent/work/"+lease+"/report", report)
	mallory.want(409, "PUT", "/agent/work/"+lease+"/report", map[string]any{"outcome": "clear"})
	python()
	shell()

	// Mallory says nothing more: its second tool fails by itself, and the run is completed without it.
	state := map[string]any{}
	for state["status"] != "completed" {
		if state["status"] == "error" || state["status"] == "cancelled" {
			t.Fatalf("the run ended as %v: %v", state["status"], state["error"])
		}
		time.Sleep(100 * time.Millisecond)
		state = ana.want(200, "GET", "/wizard/"+id+"/state", nil)
	}
	type tool struct{ Tool, Agent, Outcome, Code, Error string }
	var got struct {
		Progress struct{ Tools []tool }
		Results  struct {
			Findings []struct {
				Tool, Agent, Sentence string
				Weight                float64
				Evidence              []struct{ Row int }
				Entities              []struct{ Type, Value string }
			}
			NotAssessed []struct{ Tool, Code, Reason, Means string } `json:"not_assessed"`
		}
	}
	text, err = json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	outcomes := map[string]string{}
	for _, x := range got.Progress.Tools {
		outcomes[x.Tool] = x.Outcome + " " + x.Code
	}
	for tool, want := range map[string]string{"WHOLE-01": "fired ", "LISTED-01": "fired ", "MAL-01": "fired ", "MAL-02": "failed agent_timeout"} {
		if outcomes[tool] != want {
			t.Errorf("%s came to %q; want %q", tool, outcomes[tool], want)
		}
	}
	sentences := map[string]string{}
	for _, f := range got.Results.Findings {
		sentences[f.Tool] = f.Sentence
		if f.Tool == "MAL-01" && (f.Agent != "mallory" || len(f.Evidence) != 1 || f.Evidence[0].Row != 2 || len(f.Entities) == 0 || f.Entities[0].Value != "u1") {
			t.Errorf("evidence is read from the file: %+v", f)
		}
	}
	if sentences["WHOLE-01"] != "10 of 10 amounts in scope are whole numbers (100%; many is 50%)." || sentences["LISTED-01"] != "10 rows in scope have an e-mail address of a listed domain." {
		t.Errorf("sentences %q", sentences)
	}
	if n := got.Results.NotAssessed; len(n) == 0 || n[len(n)-1].Code != "agent_timeout" || n[len(n)-1].Means == "" {
		t.Errorf("not assessed %+v", n)
	}
	// What agents did is in the log and the trail in their own names.
	logs, err := json.Marshal(ana.want(200, "GET", "/wizard/"+id+"/logs?q=half", nil))
	if err != nil || !strings.Contains(string(logs), "half way") {
		t.Errorf("%s", logs)
	}
	trail, err := json.Marshal(ana.want(200, "GET", "/wizard/"+id+"/audit?limit=1000", nil))
	if err != nil || !strings.Contains(string(trail), `{"id":"mallory","kind":"agent"}`) {
		t.Errorf("the trail does not name the agent")
	}
}
