package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

// naughty are texts that a file or a person may bring.
var naughty = []string{
	"=1+1", "+49 30 123", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(\"http://x\")", "＝1+1", "\u00a0=1", "a,b\"c\nd",
	"<script>alert(1)</script>", "{{.Stamp}}", "中文", "😀", "\x00nul", "\u202eright to left", "é", strings.Repeat("long", 400), "[U+0041]", "\ud7ff\uffff",
}

func made() report.Made {
	return report.Made{At: olorin.At(time.Date(2026, 11, 22, 9, 5, 3, 120e6, time.UTC)), By: "ana", Olorin: "test"}
}

// investigated is a completed case, with every naughty text wherever one can stand.
func investigated() olorin.Investigation {
	at := olorin.At(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	score := 77.5
	inv := olorin.Investigation{
		ID: "case-1", UserID: "ana", Name: "Case " + strings.Join(naughty, " "), Status: olorin.Completed, Version: 17, CreatedAt: at, StartedAt: &at, FinishedAt: &at,
		Settings: olorin.DefaultSettings(),
		Results: &olorin.Results{
			RiskScore: &score, RiskLevel: "high", ScoreInterval: &olorin.ScoreInterval{Low: 77.5, High: 80}, Summary: "The risk is high.",
			Domains:       []olorin.DomainScore{{Agent: "identity", Risk: &score, Coverage: .5, Assessed: 1, Tools: 2}, {Agent: "link", Tools: 1}},
			Contributions: []olorin.Contribution{{Tool: "IDN-01", Agent: "identity", Points: 77.5}},
			NotAssessed:   []olorin.NotAssessedTool{{Tool: "GEO-01", Agent: "location", Title: "Impossible travel", Code: olorin.WhyNoColumn, Reason: "the file has no latitude", Columns: []string{"latitude"}, CouldAdd: 12.5}, {Tool: "GEO-09", Agent: "location", Title: "Far from home", Code: olorin.WhyNoColumn, Reason: "the file has no latitude", Columns: []string{"latitude"}, CouldAdd: 3}},
			Dataset:       &olorin.DatasetStamp{ID: "d", Name: "events.csv", SHA256: strings.Repeat("ab", 32), Rows: 1000}, Digest: strings.Repeat("cd", 32),
			Entities:       []olorin.EntityPresence{{Type: "user_id", Value: "u1", Rows: 3}},
			Checks:         []olorin.CheckStamp{{Tool: "IDN-01", Agent: "identity", Title: "Disposable address", Version: 3, Weight: .7, Outcome: olorin.Fired}},
			Counterfactual: &olorin.Counterfactual{Threshold: 60, Findings: []string{"f0"}, Score: 10, Exact: true},
		},
		Reviews: map[string]olorin.Review{"f0": {Tool: "IDN-01", Verdict: &olorin.Judgement{Verdict: olorin.Confirmed, Reason: "=the customer said so", By: "ida", At: at}}},
	}
	inv.Settings.Entities = []olorin.Entity{{Type: "user_id", Value: "u1"}}
	for i, text := range naughty {
		inv.Results.Findings = append(inv.Results.Findings, olorin.Finding{
			ID: "f" + string(rune('0'+i)), Agent: "identity", Tool: "IDN-01", ToolVersion: 3, Severity: olorin.SeverityHigh, Title: "Disposable address", Sentence: text, Key: text,
			Strength: 1 - float64(i)/100, Weight: .7, EvidenceRows: []int64{int64(2*i + 1), int64(2*i + 2), 5000}, EvidenceTotal: 3,
			Evidence: []olorin.EvidenceRow{
				{Row: int64(2*i + 1), Fields: map[string]any{"user_id": "u1", "amount": -12.5, "currency": "EUR", "event_time": at.String(), "country": text}},
				{Row: int64(2*i + 2), Fields: map[string]any{"user_id": text, "amount": 0.1, "currency": "EUR", "is_vpn": true, "city": nil}},
			},
		})
	}
	return inv
}

func written(t *testing.T, inv olorin.Investigation, f report.Format) []byte {
	t.Helper()
	r, err := report.Make(inv, nil, made())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Each form says which data and check versions it rests on, when it was made, and that the score is no probability.
func TestEveryFormatSaysWhatItRestsOn(t *testing.T) {
	pdf := written(t, investigated(), report.PDF)
	texts := map[report.Format]string{
		report.JSON: string(written(t, investigated(), report.JSON)), report.CSV: string(written(t, investigated(), report.CSV)), report.HTML: string(written(t, investigated(), report.HTML)),
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("%%EOF")) {
		t.Fatal("the PDF is none")
	}
	if _, err := exec.LookPath("pdftotext"); err == nil {
		c := exec.Command("pdftotext", "-layout", "-", "-")
		c.Stdin = bytes.NewReader(pdf)
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		texts[report.PDF] = string(out)
		for _, want := range []string{"Page 1 of ", "[U+4E2D][U+6587]", "[U+1F600]", "who", "Impossible travel", "threshold 60", "Without finding 1"} {
			if !strings.Contains(texts[report.PDF], want) {
				t.Errorf("the PDF does not say %q", want)
			}
		}
	}
	for f, text := range texts {
		for _, want := range []string{strings.Repeat("ab", 32), "2026-11-22T09:05:03.120Z", "ncalibrated"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", f, want)
			}
		}
	}
	if want := "GEO-01 Impossible travel (12.5); GEO-09 Far from home (3.0)"; !strings.Contains(texts[report.HTML], want) {
		t.Errorf("the page does not say at once what one missing column keeps from being looked at: %q", want)
	}
	var r report.Report
	if err := json.Unmarshal([]byte(texts[report.JSON]), &r); err != nil || r.Version != 1 || r.Provenance.Checks[0].Version != 3 || r.Risk.Calibrated || !r.Risk.Reached {
		t.Fatalf("%v %+v", err, r.Risk)
	}
}

// A case of several entities says whose score it has, and what each scores by itself; one of a single entity has nothing to say of it.
func TestSaysWhoseScoreItIs(t *testing.T) {
	inv := investigated()
	if text := string(written(t, inv, report.HTML)); strings.Contains(text, "Scored as") || strings.Contains(text, "by itself") {
		t.Error("the page calls one entity the worst of itself")
	}
	own, low := *inv.Results.RiskScore, 12.34
	inv.Results.Entities = []olorin.EntityPresence{
		{Type: "user_id", Value: "u1", Rows: 3, RiskScore: &low}, {Type: "ip_address", Value: "192.0.2.1", Rows: 1200, RiskScore: &own}, {Type: "user_id", Value: "u9"},
	}
	for _, want := range []string{"Scored as IP address 192.0.2.1, the worst of 3 entities;", "3 rows of the file; scores 12.3 by itself", "1,200 rows of the file; scores 77.5 by itself", "<strong>does not occur in the file</strong>"} {
		if text := string(written(t, inv, report.HTML)); !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	inv.Results.Entities[0].RiskScore = &own
	if text := string(written(t, inv, report.HTML)); !strings.Contains(text, "Scored as user u1, the worst of 3 entities (1 more score the same)") {
		t.Error("the page hides that two score the same")
	}
}

// Every format states what it rests on: the files that were joined, the databases of addresses, the file's own names of columns, and
// each check with its version, also those that found nothing.
func TestEachFormatStatesWhatItRestsOn(t *testing.T) {
	inv := investigated()
	d := inv.Results.Dataset
	d.Parts = []olorin.JoinedFile{{Filename: "events.csv", SHA256: strings.Repeat("12", 32), Rows: 1000}, {Filename: "people.csv", SHA256: strings.Repeat("34", 32), Rows: 1, On: "Kunde", With: "id", Matched: 1, Unmatched: 999}}
	d.Databases = []olorin.AddressDatabase{{Filename: "cities.mmdb", Type: "GeoLite2-City", BuiltAt: olorin.Time{Time: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}}
	d.Columns = map[string]string{"amount": "Betrag"}
	inv.Results.Checks = []olorin.CheckStamp{{Tool: "ZZZ-01", Agent: "device", Title: "Found nothing", Version: 7, Outcome: olorin.Clear}}
	for _, f := range []report.Format{report.JSON, report.CSV, report.HTML} {
		text := string(written(t, inv, f))
		for _, want := range []string{d.SHA256, strings.Repeat("34", 32), "people.csv", "cities.mmdb", "Betrag", "ZZZ-01", inv.Results.Digest} {
			if !strings.Contains(text, want) {
				t.Errorf("the report as %s does not state %q", f, want)
			}
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(written(t, inv, report.CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for i, name := range rows[0] {
		last[name] = rows[len(rows)-1][i]
	}
	for name, want := range map[string]string{
		"tool": "ZZZ-01", "tool_version": "7", "outcome": "clear", "row": "", "columns": "amount=Betrag",
		"dataset_parts": "events.csv, 1,000 rows, sha256 " + strings.Repeat("12", 32) + " | people.csv, 1 row, sha256 " + strings.Repeat("34", 32) + "; joined on Kunde = id: 1 event met a row, 999 did not",
	} {
		if last[name] != want {
			t.Errorf("the last line has %s %q; want %q", name, last[name], want)
		}
	}
}

// A spreadsheet that opens the CSV finds no formula, and every text as it was but for the sign that defuses it; numbers stay numbers.
func TestCSVHoldsNoFormula(t *testing.T) {
	inv := investigated()
	inv.Results.Findings[0].Evidence[0].Fields["status"] = "ok"
	rows, err := csv.NewReader(bytes.NewReader(written(t, inv, report.CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Clone(rows[0])
	slices.Sort(names)
	if len(slices.Compact(names)) != len(rows[0]) {
		t.Errorf("two columns have one name: %q", rows[0])
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	if len(rows) != 1+2*len(naughty) {
		t.Fatalf("%d lines of %d findings with two rows each", len(rows), len(naughty))
	}
	for i, row := range rows[1:] {
		for j, cell := range row {
			trimmed := strings.TrimLeft(cell, " \t\r\n\u00a0\u3000")
			if trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(trimmed)[0]) && rows[0][j] != "amount" {
				t.Errorf("line %d, %s: %q is a formula", i+2, rows[0][j], cell)
			}
		}
		want := strings.ReplaceAll(naughty[i/2], "\x00", "\ufffd")
		if got := row[column("sentence")]; strings.TrimPrefix(got, "'") != want {
			t.Errorf("line %d says %q; the finding %q", i+2, got, want)
		}
	}
	if rows[1][column("amount")] != "-12.5" || rows[1][column("verdict")] != "confirmed by ida at 2026-11-22T09:00:00.000Z: =the customer said so" {
		t.Errorf("amount %q, verdict %q", rows[1][column("amount")], rows[1][column("verdict")])
	}
}

func TestPageNeedsNothingButItselfAndRunsNothing(t *testing.T) {
	text := string(written(t, investigated(), report.HTML))
	for _, never := range []string{"<script", "src=", "@import", "url(", "<link", "onload"} {
		if strings.Contains(text, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;alert(1)&lt;/script&gt;") || !strings.Contains(text, "{{.Stamp}}") {
		t.Error("a text of the file does not stand as it is")
	}
}

// Of many rows the page shows the first and folds the others up; what they have in common is said once.
func TestPageSaysOnceWhatTheRowsOfAFindingHaveInCommon(t *testing.T) {
	inv := investigated()
	f := &inv.Results.Findings[0]
	f.Evidence, f.EvidenceTotal = nil, 30
	for n := range 12 {
		f.Evidence = append(f.Evidence, olorin.EvidenceRow{Row: int64(700 + n), Fields: map[string]any{"device_id": "d-of-all", "amount": float64(n)}})
	}
	_, text, _ := strings.Cut(string(written(t, inv, report.HTML)), "<h2 id=\"findings\">")
	if n := strings.Count(text, "d-of-all"); n != 1 {
		t.Errorf("the device of all rows stands %d times", n)
	}
	open, folded, _ := strings.Cut(text, "7 further rows</summary>")
	if !strings.Contains(open, ">704<") || strings.Contains(open, ">705<") || !strings.Contains(folded, ">711<") || !strings.Contains(folded, "Not shown: 18 further rows") {
		t.Error("the page does not show 5 rows, then fold up 7, then tell of 18")
	}
}

// Each statement of the narrative cites rows that a finding shows, and its numbers are theirs.
func TestNarrativeIsFilledFromCitedRowsOnly(t *testing.T) {
	inv := investigated()
	r, err := report.Make(inv, nil, made())
	if err != nil {
		t.Fatal(err)
	}
	known := map[int64]bool{}
	for _, f := range inv.Results.Findings {
		for _, n := range f.EvidenceRows {
			known[n] = true
		}
	}
	all := ""
	var questions []string
	for _, p := range r.Narrative {
		questions = append(questions, p.Question)
		for _, s := range p.Statements {
			all += s.Text + "\n"
			for _, n := range s.Rows {
				if !known[n] {
					t.Errorf("%q cites row %d, which no finding has", s.Text, n)
				}
			}
		}
	}
	if !slices.Equal(questions, []string{"who", "what", "when", "where", "why", "how"}) {
		t.Errorf("questions %v", questions)
	}
	if want := "The findings cite more rows than are counted here: the figures of this narrative are of 40 cited rows"; !strings.Contains(all, want) {
		t.Errorf("the narrative does not say %q:\n%s", want, all)
	}
	inv.Results.Cited = olorin.Cite([]olorin.EvidenceRow{{Row: 1, Fields: map[string]any{"user_id": "u1"}}, {Row: 5000, Fields: map[string]any{"user_id": "u2"}}, {Row: 1}}, inv.Settings.Entities, true)
	if r, err = report.Make(inv, nil, made()); err != nil {
		t.Fatal(err)
	}
	if who := r.Narrative[0].Statements; len(who) != 2 || who[0].Text != "User u1, who was investigated, is on 1 cited row." || who[1].Text != "Beside it, user: u2 (1 row)." {
		t.Errorf("of all cited rows the narrative says %+v", who)
	}
	// 20 rows of −12.5 and 20 of 0.1.
	for _, want := range []string{"-248 EUR on 40 rows; the largest is 0.1 EUR, on row 2.", "How it was done cannot be told", "User u1, who was investigated, is on 20 cited rows."} {
		if !strings.Contains(all, want) {
			t.Errorf("the narrative does not say %q:\n%s", want, all)
		}
	}
}

func TestWhatWasNotStartedIsNotReported(t *testing.T) {
	if _, err := report.Make(olorin.Investigation{ID: "x", Status: olorin.Draft}, nil, made()); olorin.CodeOf(err) != olorin.CodeIllegalTransition {
		t.Fatalf("a draft is reported: %v", err)
	}
	inv := investigated()
	inv.Results = nil
	for _, f := range report.Formats {
		if len(written(t, inv, f)) == 0 {
			t.Errorf("%s of a run that has found nothing yet is empty", f)
		}
	}
}

// A run that was cancelled says so, names the checks that told nothing, and the bytes that it looked at.
func TestARunThatWasNotAssessedClaimsNothing(t *testing.T) {
	inv := investigated()
	inv.Status, inv.Results = olorin.Cancelled, &olorin.Results{Findings: inv.Results.Findings[:1]}
	inv.Progress.Tools = []olorin.ToolProgress{
		{Tool: "IDN-01", Agent: "identity", Status: olorin.WorkDone, Outcome: olorin.Fired},
		{Tool: "GEO-01", Agent: "location", Status: olorin.WorkDone, Outcome: olorin.NotAssessed, Code: olorin.WhyNoColumn, Reason: "the file has no latitude"},
		{Tool: "VEL-01", Agent: "behaviour", Status: olorin.WorkCancelled},
	}
	sha := strings.Repeat("ef", 32)
	r, err := report.Make(inv, &olorin.DatasetStamp{ID: "d", Name: "events.csv", SHA256: sha, Rows: 1000}, made())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.NotAssessed) != 2 || r.NotAssessed[0].Code != olorin.WhyNoColumn || r.NotAssessed[1].Code != olorin.WhyNotReached {
		t.Errorf("not assessed: %+v", r.NotAssessed)
	}
	var page strings.Builder
	if err := r.Write(&page, report.HTML); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"cancelled before it was assessed", "the file has no latitude", "the run was cancelled before this check had ended", sha} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
