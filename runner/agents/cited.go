package agents

import (
	"context"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// maxCited is how many rows are read to sum up what the findings cite.
const maxCited = 10_000

// CitedRows are the rows that findings cite, with those fields of which results are made.
type CitedRows struct {
	Rows  []olorin.EvidenceRow
	Whole bool // these are all
}

// Cited reads the rows that findings cite, the first of each before the second of any.
func Cited(ctx context.Context, c *data.Case, findings []olorin.Finding) (*CitedRows, error) {
	wanted, whole := citedRows(findings)
	if len(wanted) > maxCited {
		wanted, whole = wanted[:maxCited], false
	}
	cited := &CitedRows{Whole: whole}
	if len(wanted) == 0 {
		return cited, nil
	}
	err := c.EachRow(ctx, data.Numbers(wanted), nil, func(row olorin.EvidenceRow) error {
		kept := olorin.EvidenceRow{Row: row.Row, Fields: map[string]any{}}
		for name, v := range row.Fields {
			if _, told := olorin.CitedFields[name]; v != nil && (told || name == "event_time" || name == "amount" || name == "currency") {
				kept.Fields[name] = v
			}
		}
		cited.Rows = append(cited.Rows, kept)
		return nil
	})
	return cited, err
}

// shown are the rows that the findings hold themselves.
func shown(findings []olorin.Finding) *CitedRows {
	cited := &CitedRows{Whole: true}
	seen := map[int64]bool{}
	for _, f := range findings {
		cited.Whole = cited.Whole && f.EvidenceTotal <= len(f.Evidence)
		for _, row := range f.Evidence {
			if !seen[row.Row] {
				seen[row.Row] = true
				cited.Rows = append(cited.Rows, row)
			}
		}
	}
	return cited
}

// citedRows are the numbers of the rows that findings list, in turns, and whether these are all that they cite.
func citedRows(findings []olorin.Finding) (rows []int64, whole bool) {
	whole = true
	seen := map[int64]bool{}
	add := func(row int64) {
		if !seen[row] {
			seen[row] = true
			rows = append(rows, row)
		}
	}
	longest := 0
	for _, f := range findings {
		whole = whole && f.EvidenceTotal <= len(f.EvidenceRows)
		longest = max(longest, len(f.EvidenceRows))
	}
	for i := range longest {
		for _, f := range findings {
			if i < len(f.EvidenceRows) {
				add(f.EvidenceRows[i])
			}
		}
	}
	return rows, whole
}
