package agents_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// wholeRun runs every tool on a case and assesses it, as a run does.
func wholeRun(t *testing.T, engine *data.Engine, d olorin.Dataset, entities ...olorin.Entity) olorin.Results {
	t.Helper()
	c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: entities, Mode: olorin.Or})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	inv := olorin.Investigation{Settings: olorin.DefaultSettings(), Results: &olorin.Results{}}
	inv.Settings.Entities = entities
	for _, choice := range agents.Choose(nil, nil) {
		r, err := choice.Tool.Run(context.Background(), c, d, choice.Params)
		if err != nil {
			t.Fatal(err)
		}
		inv.Progress.Tools = append(inv.Progress.Tools, olorin.ToolProgress{Tool: choice.Tool.ID, Agent: choice.Tool.Agent, Outcome: r.Outcome, Reason: r.Reason})
		inv.Results.Findings = append(inv.Results.Findings, r.Findings...)
	}
	return agents.Assess(inv, d, agents.Facts{})
}

// The same rows in another byte form, another order or without their labels are the same file to every check.
func TestFormsOfOneFileGiveTheSameFindings(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "cloudwalk-chargebacks/transactions.crlf.csv")
	engine := openEngine(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	write := func(lines []string) string { return strings.Join(lines, "\n") + "\n" }
	shuffled := append([]string{}, lines...)
	rng := rand.New(rand.NewPCG(3, 4))
	rng.Shuffle(len(shuffled)-1, func(i, j int) { shuffled[i+1], shuffled[j+1] = shuffled[j+1], shuffled[i+1] })
	unlabelled := make([]string, len(lines))
	inverted := make([]string, len(lines))
	for i, l := range lines {
		cut := strings.LastIndexByte(l, ',')
		unlabelled[i] = l[:cut]
		inverted[i] = l[:cut] + map[string]string{",TRUE": ",FALSE", ",FALSE": ",TRUE", ",has_cbk": ",is_fraud"}[l[cut:]]
	}
	datasets := map[string]olorin.Dataset{
		"CRLF":            importFile(t, engine, "crlf", path),
		"BOM and LF":      importFile(t, engine, "bom", sharedData(t, "cloudwalk-chargebacks/transactions.bom.csv")),
		"whole seconds":   importFile(t, engine, "seconds", sharedData(t, "cloudwalk-chargebacks/transactions.seconds.csv")),
		"rows shuffled":   importText(t, engine, "shuffled", write(shuffled)),
		"without labels":  importText(t, engine, "unlabelled", write(unlabelled)),
		"labels inverted": importText(t, engine, "inverted", write(inverted)),
		"semicolons":      importText(t, engine, "semicolons", strings.ReplaceAll(write(lines), ",", ";")),
		"UTF-16":          importText(t, engine, "utf16", inUTF16(write(lines))),
		"gzip":            importText(t, engine, "gzip", gzipped(t, write(lines))),
		"JSON Lines":      importText(t, engine, "jsonl", asObjects(t, lines)),
		"Parquet":         importText(t, engine, "parquet", asParquet(t, write(lines))),
		"Parquet, gzip":   importText(t, engine, "parquet-gzip", gzipped(t, asParquet(t, write(lines)))),
		"columns renamed": importText(t, engine, "renamed", "TX ID,Shop-ID,Customer Id,cc_num,tx_datetime,AMT,fingerprint,is_fraud\n"+write(lines[1:])),
	}
	entities := []olorin.Entity{{Type: "user_id", Value: "11750", Primary: true}, {Type: "merchant_id", Value: "4705"}}
	want := wholeRun(t, engine, datasets["CRLF"], entities...)
	if len(want.Findings) < 5 {
		t.Fatalf("only %d findings: too few to compare by", len(want.Findings))
	}
	t.Logf("%d findings, score %.1f, digest %s", len(want.Findings), *want.RiskScore, want.Digest)
	for name, d := range datasets {
		got := wholeRun(t, engine, d, entities...)
		if got.Digest == want.Digest && *got.RiskScore == *want.RiskScore && got.Summary == want.Summary {
			continue
		}
		t.Errorf("%s: score %v, %d findings, digest %s; want %v, %d, %s", name, *got.RiskScore, len(got.Findings), got.Digest, *want.RiskScore, len(want.Findings), want.Digest)
		for i := range min(len(got.Findings), len(want.Findings)) {
			if got.Findings[i].Sentence != want.Findings[i].Sentence {
				t.Errorf("  %s\n  %s", got.Findings[i].Sentence, want.Findings[i].Sentence)
				break
			}
		}
	}
}

func inUTF16(text string) string {
	b := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// asObjects writes lines of plain CSV as JSON Lines: numbers as numbers, the time within an object.
func asObjects(t *testing.T, lines []string) string {
	t.Helper()
	header := strings.Split(lines[0], ",")
	var b strings.Builder
	for _, line := range lines[1:] {
		object := map[string]any{}
		for i, cell := range strings.Split(line, ",") {
			var value any = cell
			if _, err := strconv.ParseFloat(cell, 64); err == nil {
				value = json.Number(cell)
			} else if cell == "" {
				value = nil
			}
			if header[i] == "transaction_date" {
				object["at"] = map[string]any{header[i]: value}
			} else {
				object[header[i]] = value
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(text, '\n'))
	}
	return b.String()
}

// asParquet is what DuckDB writes of a CSV file, with the types that it sees in it.
func asParquet(t *testing.T, text string) string {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	from, to := filepath.Join(t.TempDir(), "x.csv"), filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("COPY (FROM read_csv('" + from + "')) TO '" + to + "' (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

// Each finding stands on rows that are in the file and in scope.
func TestEvidenceIsInTheFile(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "cloudwalk-chargebacks/transactions.crlf.csv")
	engine := openEngine(t)
	d := importFile(t, engine, "evidence", path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(text, []byte("\r\n"))
	r := wholeRun(t, engine, d, olorin.Entity{Type: "user_id", Value: "11750"})
	if len(r.Findings) == 0 {
		t.Fatal("no finding to look at")
	}
	for _, f := range r.Findings {
		users := 0
		for _, e := range f.Entities {
			if e.Type == "user_id" {
				users++
			}
		}
		occur := map[string]bool{}
		for _, n := range f.EvidenceRows {
			occur[string(bytes.Split(lines[n], []byte(","))[2])] = true
		}
		if f.EvidenceTotal <= len(f.EvidenceRows) && users != min(len(occur), users+200-len(f.Entities)) {
			t.Errorf("%s %s names %d users; %d are on its rows", f.Tool, f.Key, users, len(occur))
		}
		mine := false
		for _, row := range f.Evidence {
			cells := bytes.Split(lines[row.Row], []byte(","))
			if got := row.Fields["transaction_id"]; got != string(cells[0]) {
				t.Errorf("%s: row %d has transaction %v; the file has %s there", f.Tool, row.Row, got, cells[0])
			}
			mine = mine || string(cells[2]) == "11750"
		}
		if !mine {
			t.Errorf("%s %s: no evidence row is of the investigated user", f.Tool, f.Key)
		}
	}
	if len(r.Graph.Nodes) == 0 || !r.Graph.Nodes[0].Primary || len(r.Graph.Edges) == 0 || len(r.Timeline) == 0 {
		t.Errorf("graph %d nodes, %d edges; timeline %d entries; want some of each, the investigated first", len(r.Graph.Nodes), len(r.Graph.Edges), len(r.Timeline))
	}
}
