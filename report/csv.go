package report

import (
	"encoding/csv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// csv writes one line for each finding and row of its evidence, then one for each check that found nothing or could not look, so that
// all checks stand there with their versions; a report without findings has one line that says so. Every line carries what the report
// rests on, since lines are sorted, filtered and copied apart. Fields of the file have their canonical names, and `columns` tells what
// the file calls them.
func (r Report) csv(w io.Writer) error {
	var all []olorin.EvidenceRow
	for _, f := range r.Findings {
		all = append(all, f.Evidence...)
	}
	names := fields(all, "")
	out := csv.NewWriter(w)
	header := []string{"investigation_id", "finding", "finding_id", "agent", "tool", "tool_version", "outcome", "severity", "strength", "weight", "title", "sentence", "verdict", "row"}
	header = append(header, names...)
	header = append(header, "risk_score", "score_note", "investigation_status", "dataset", "dataset_rows", "dataset_sha256", "dataset_parts", "address_databases", "columns", "lists", "list_sources", "findings_digest", "made_at")
	if err := out.Write(header); err != nil {
		return err
	}
	basis := r.basis()
	line := func(own []string, row *olorin.EvidenceRow) error {
		cells := append([]string{r.Investigation.ID}, own...)
		if row == nil {
			cells = append(cells, make([]string, 1+len(names))...)
		} else {
			cells = append(cells, strconv.FormatInt(row.Row, 10))
			for _, name := range names {
				cells = append(cells, cell(row.Fields[name]))
			}
		}
		return out.Write(append(cells, basis...))
	}
	if len(r.Findings) == 0 {
		own := make([]string, 12)
		own[9], own[10] = "no findings", Defused(r.Summary)
		if err := line(own, nil); err != nil {
			return err
		}
	}
	for i, f := range r.Findings {
		own := []string{
			strconv.Itoa(i + 1), f.ID, Defused(f.Agent), Defused(f.Tool), strconv.Itoa(f.ToolVersion), string(olorin.Fired), string(f.Severity), number(f.Strength), number(f.Weight),
			Defused(f.Title), Defused(f.Sentence), Defused(f.said()),
		}
		if len(f.Evidence) == 0 {
			if err := line(own, nil); err != nil {
				return err
			}
		}
		for _, row := range f.Evidence {
			if err := line(own, &row); err != nil {
				return err
			}
		}
	}
	reasons := map[string]string{}
	for _, n := range r.NotAssessed {
		reasons[n.Tool] = n.Reason
	}
	for _, c := range r.Provenance.Checks {
		if c.Outcome == olorin.Fired {
			continue
		}
		own := []string{"", "", Defused(c.Agent), Defused(c.Tool), strconv.Itoa(c.Version), string(c.Outcome), "", "", number(c.Weight), Defused(c.Title), Defused(reasons[c.Tool]), ""}
		if err := line(own, nil); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// basis is what a line of the CSV ends with: the score, and the data that it rests on.
func (r Report) basis() []string {
	score, status := "", string(r.Investigation.Status)
	if r.Risk.Score != nil {
		score = number(*r.Risk.Score)
	}
	if r.Investigation.Partial {
		status += " in part: " + r.Investigation.Because
	}
	dataset := make([]string, 6)
	if d := r.Provenance.Dataset; d != nil {
		var parts, books, columns []string
		for _, part := range d.Parts {
			parts = append(parts, joined(part))
		}
		for _, b := range d.Databases {
			books = append(books, book(b))
		}
		for _, name := range slices.Sorted(maps.Keys(d.Columns)) {
			columns = append(columns, name+"="+d.Columns[name])
		}
		dataset = []string{
			Defused(d.Name), strconv.FormatInt(d.Rows, 10), d.SHA256, Defused(strings.Join(parts, " | ")), Defused(strings.Join(books, " | ")), strings.Join(columns, " | "),
		}
	}
	var sources []string
	for _, l := range r.Provenance.Lists {
		sources = append(sources, r.source(l))
	}
	return slices.Concat([]string{score, "uncalibrated, not a probability; " + r.Settings.Scoring.Words(), status}, dataset, []string{Defused(strings.Join(r.listed(), " ")), Defused(strings.Join(sources, " | ")), r.Provenance.Digest, r.Made.At.String()})
}

// cell writes a value of the file. A number stays one, also below zero; a text is defused.
func cell(v any) string {
	if text, ok := v.(string); ok {
		return Defused(text)
	}
	return shown(v)
}

// Defused keeps a spreadsheet from taking a text for a formula: such a text gets an apostrophe before it (OWASP, CSV injection). The
// signs also count in their wide forms and behind blanks, which spreadsheets pass over. A NUL would end the text for some readers.
func Defused(s string) string {
	s = strings.ReplaceAll(s, "\x00", "�")
	rest := strings.TrimLeft(s, " \t\r\n\v\f\u00a0\u3000\ufeff")
	if strings.IndexAny(rest, "=+-@＝＋－＠") == 0 || s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
