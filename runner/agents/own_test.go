package agents_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

const ownHeader = `-- id: OWN-0%
-- version: 1
-- title: T
-- description: D.
-- needs: account
-- group: own
-- unit: entity
-- weight: 0.5
-- baseline: none
-- sentence: {who:text}
`

// ownTool makes a tool of a query without asking the linter: what locks a check in must not depend on it.
func ownTool(t *testing.T, query string) *agents.Tool {
	t.Helper()
	c, err := agents.ParseCheck(strings.Replace(ownHeader, "%", "1", 1) + query)
	if err != nil {
		t.Fatal(err)
	}
	return &agents.Tool{Check: c, Agent: "own"}
}

func TestAHostileCheckReachesNothing(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a\nhidden\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	engine := openEngine(t)
	d := importText(t, engine, "burst", burst)
	c, err := engine.OpenCase(context.Background(), d, data.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for name, query := range map[string]string{
		"reads a file":          "SELECT content AS key, 1.0 AS strength, [1::BIGINT] AS rows, content AS who FROM read_text('" + secret + "')",
		"reads a CSV":           "SELECT a AS key, 1.0 AS strength, [1::BIGINT] AS rows, a AS who FROM '" + secret + "'",
		"lists a directory":     "SELECT file AS key, 1.0 AS strength, [1::BIGINT] AS rows, file AS who FROM glob('/etc/*')",
		"reads it by a query":   "SELECT content AS key, 1.0 AS strength, [1::BIGINT] AS rows, content AS who FROM query('SELECT content FROM read_text(''" + secret + "'')')",
		"ends its own and more": "SELECT 'a' AS key, 1.0 AS strength, [1::BIGINT] AS rows, 'a' AS who) SELECT 1; SET memory_limit = '100GB'; COPY events TO '" + secret + "'; SELECT (1",
	} {
		tool := ownTool(t, query)
		r, err := tool.Run(context.Background(), c, d, nil)
		if err == nil {
			t.Errorf("%s: %s with %d findings; want a failed tool", name, r.Outcome, len(r.Findings))
		} else if strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
	if text, err := os.ReadFile(secret); err != nil || string(text) != "a\nhidden\n" {
		t.Errorf("the file is %q, %v", text, err)
	}
	after, _ := agents.Find("VEL-01")
	if r, err := after.Run(context.Background(), c, d, nil); err != nil || r.Outcome == olorin.NotAssessed {
		t.Errorf("the next check on the same case: %s, %v", r.Outcome, err)
	}
}

// A row that the file does not have is a fault of the check, which a run and a ranking tell: a file larger than the one it was tried on shows it.
func TestACheckThatCitesNoRowFails(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "burst", burst)
	c, err := engine.OpenCase(t.Context(), d, data.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tool := ownTool(t, "SELECT subject AS key, 1.0 AS strength, [any_value(row), any_value(row) + 100000000] AS rows, subject AS who FROM own WHERE subject IS NOT NULL GROUP BY subject")
	tool.Own = true
	if r, err := tool.Run(t.Context(), c, d, nil); err == nil || !strings.Contains(err.Error(), "which the file does not have") {
		t.Errorf("in a case: %s with %d findings, %v", r.Outcome, len(r.Findings), err)
	}
	defer agents.Install([]agents.OwnCheck{{Tool: tool}})()
	ranking, err := agents.Rank(t.Context(), engine, d, "user_id", olorin.Settings{}, olorin.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range ranking.NotAssessed {
		if gap.Tool == tool.ID && gap.Code == olorin.WhyToolFailed && strings.Contains(gap.Reason, "which the file does not have") {
			return
		}
	}
	t.Errorf("the ranking does not say that the check failed: %+v", ranking.NotAssessed)
}

func TestARunawayCheckHurtsItselfAlone(t *testing.T) {
	dir := t.TempDir()
	engine, err := data.Open(dir, data.Limits{MemoryMB: 256, Threads: 1, Statement: time.Second, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	d := importText(t, engine, "burst", burst)
	c, err := engine.OpenCase(context.Background(), d, data.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	endless := ownTool(t, "WITH RECURSIVE n(i) AS (SELECT 1::BIGINT UNION ALL SELECT i + 1 FROM n) SELECT max(i)::VARCHAR AS key, 1.0 AS strength, [1::BIGINT] AS rows, 'a' AS who FROM n")
	if r, err := endless.Run(context.Background(), c, d, nil); err == nil && r.Outcome != olorin.NotAssessed {
		t.Errorf("without end: %s; want not_assessed, or a failed tool", r.Outcome)
	}
	after, _ := agents.Find("VEL-01")
	if r, err := after.Run(context.Background(), c, d, nil); err != nil || r.Outcome == olorin.NotAssessed {
		t.Errorf("the next check on the same case: %s %s, %v", r.Outcome, r.Reason, err)
	}
}

func TestLintTellsEverything(t *testing.T) {
	dir := t.TempDir()
	const good = "SELECT subject AS key, 1.0 AS strength, list(row ORDER BY t, row_key) AS rows, subject AS who FROM own GROUP BY subject"
	cases := []struct{ name, query, fault string }{
		{"good", good, ""},
		{"values", "SELECT subject AS key, 3.0 AS strength, list(row) AS rows, subject AS who FROM own GROUP BY subject", "want 0 to 1"},
		{"rows", "SELECT subject AS key, 1.0 AS strength, list(row + 1000) AS rows, subject AS who FROM own GROUP BY subject", "which the file does not have"},
		{"twice", "SELECT 'same' AS key, 1.0 AS strength, [row] AS rows, subject AS who FROM own", "returned twice"},
		{"hidden", "SELECT subject AS key, 1.0 AS strength, [row] AS rows, (SELECT value FROM file.meta LIMIT 1) AS who FROM own", `asks "file.meta"`},
		{"describe", "SELECT column_name AS key, 1.0 AS strength, [1::BIGINT] AS rows, column_type AS who FROM (DESCRIBE events) WHERE (SELECT count(subject) FROM own) > 0", "about itself"},
		{"change", good + "; DROP TABLE own", "Only SELECT"},
		{"two", good + "; SELECT 1", "2 statements"},
		{"unrelated", "SELECT row_key AS key, 1.0 AS strength, [row] AS rows, row_key AS who FROM own", "reads no account"},
		{"syntax", "SELEKT subject", "cannot be read"},
		{"crash", "SELECT subject AS key, 1.0 AS strength, list(row) AS rows, error('boom' || subject) AS who FROM own GROUP BY subject", "fails on a file"},
		{"chance", strings.Replace(good, "1.0", "random()", 1), "uses random()"},
		{"clock", strings.Replace(good, "subject AS who", "now()::VARCHAR AS who", 1), "uses now()"},
		{"date", strings.Replace(good, "subject AS who", "current_date::VARCHAR AS who", 1), "uses current_date,"},
		{"macro", strings.Replace(good, "subject AS who", "ago(INTERVAL 1 day)::VARCHAR AS who", 1), "uses ago()"},
		{"until today", strings.Replace(good, "subject AS who", "age(max(make_timestamp(t * 1000000)))::VARCHAR AS who", 1), "age() of one time"},
		{"between", strings.Replace(good, "subject AS who", "age(max(make_timestamp(t * 1000000)), min(make_timestamp(t * 1000000)))::VARCHAR AS who", 1), ""},
		{"setting", strings.Replace(good, "subject AS who", "current_setting('temp_directory') AS who", 1), "uses current_setting()"},
		{"sample", strings.Replace(good, "FROM own", "FROM (FROM own USING SAMPLE 5)", 1), "a random sample"},
		{"part", strings.Replace(good, "FROM own", "FROM own TABLESAMPLE 10%", 1), "a random sample"},
		{"param", "SELECT subject AS key, $much * 1.0 AS strength, list(row) AS rows, subject AS who FROM own GROUP BY subject", "$much, which is no param"},
	}
	for i, c := range cases {
		path := filepath.Join(dir, fmt.Sprintf("%02d_%s.sql", i, c.name))
		if err := os.WriteFile(path, []byte(strings.Replace(ownHeader, "0%", fmt.Sprintf("%02d", i), 1)+c.query), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "99_again.sql"), []byte(strings.Replace(ownHeader, "0%", "00", 1)+good), 0o600); err != nil {
		t.Fatal(err)
	}
	checks, err := agents.ReadOwn(context.Background(), dir)
	if err != nil || len(checks) != len(cases)+1 {
		t.Fatalf("%d files, %v", len(checks), err)
	}
	for i, c := range cases {
		faults := strings.Join(checks[i].Faults, "\n")
		if (checks[i].Tool != nil) != (c.fault == "") || !strings.Contains(faults, c.fault) {
			t.Errorf("%s: %q; want one with %q", c.name, faults, c.fault)
		}
	}
	if faults := checks[len(cases)].Faults; len(faults) != 1 || faults[0] != "id: OWN-00 is taken by 00_good.sql" {
		t.Errorf("a second file of the same id: %q", faults)
	}
}
