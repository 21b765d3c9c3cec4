package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// csv writes one line for each finding and row of its evidence; a report without findings has one line that says so. Every line carries
// what the report rests on, since lines are sorted, filtered and copied apart.
func (r Report) csv(w io.Writer) error {
	var all []olorin.EvidenceRow
	for _, f := range r.Findings {
		all = append(all, f.Evidence...)
	}
	names := fields(all, "")
	out := csv.NewWriter(w)
	header := []string{"investigation_id", "finding", "finding_id", "agent", "tool", "tool_version", "severity", "strength", "weight", "title", "sentence", "verdict", "row"}
	header = append(header, names...)
	header = append(header, "risk_score", "score_note", "dataset_sha256", "findings_digest", "made_at")
	if err := out.Write(header); err != nil {
		return err
	}
	score, sha := "", ""
	if r.Risk.Score != nil {
		score = number(*r.Risk.Score)
	}
	if r.Provenance.Dataset != nil {
		sha = r.Provenance.Dataset.SHA256
	}
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
		return out.Write(append(cells, score, "uncalibrated, not a probability", sha, r.Provenance.Digest, r.Made.At.String()))
	}
	if len(r.Findings) == 0 {
		own := make([]string, 11)
		own[8], own[9] = "no findings", Defused(r.Summary)
		if err := line(own, nil); err != nil {
			return err
		}
	}
	for i, f := range r.Findings {
		own := []string{
			strconv.Itoa(i + 1), f.ID, Defused(f.Agent), Defused(f.Tool), strconv.Itoa(f.ToolVersion), string(f.Severity), number(f.Strength), number(f.Weight),
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
	out.Flush()
	return out.Error()
}

// cell writes a value of the file. A number stays one, also below zero; a text is defused.
func cell(v any) string {
	if _, ok := v.(string); ok {
		return Defused(shown(v))
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
