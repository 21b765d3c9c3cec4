package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

//go:embed page.html
var pageText string

// page needs nothing but itself: no script, no font, no picture from elsewhere.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": number, "plus": func(a, b int) int { return a + b },
	"width": func(x, of float64) float64 { return max(0, min(100, 100*x/max(of, 1e-9))) },
	"deref": func(x *float64) float64 { return *x },
	"time":  func(t *olorin.Time) string { return instant(t) },
	"at":    func(t olorin.Time) string { return instant(&t) },
	"two":   func(x float64) string { return fmt.Sprintf("%.2f", x) },
	"one":   func(x float64) string { return fmt.Sprintf("%.1f", x) },
	"many":  thousands, "capital": capital, "agent": agentTitle, "words": words, "joined": joined, "counted": olorin.Counted[int], "book": book,
	"unbroken": func(s string) string { return strings.ReplaceAll(s, " %", "\u00a0%") }, // a number and its sign stay on one line
}).Parse(pageText))

// ContentPolicy lets the page show its own styles and nothing else.
const ContentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

func (r Report) html(w io.Writer) error {
	return page.Execute(w, view{r, r.about(), r.scoredAs(), r.decided(), r.listed(), r.counterfactual(), r.stamp()})
}

// view is a report with the sentences that are made of it.
type view struct {
	Report
	About, ScoredAs, Decided string
	Listed                   []string
	HangsOn                  string
	Stamp                    []string
}

// maxColumns is how many fields a row of evidence has columns for; the further ones stand in words beneath it, so that it fits a screen
// and a sheet of paper.
const maxColumns = 7

// A finding of more than foldedFrom rows shows the first unfolded of them; the others are folded up beneath, and off the paper.
const foldedFrom, unfolded = 7, 5

// Table are the rows of a finding's evidence, for the page. What all rows have in common is said once, above them.
func (v view) Table(f Reviewed) table {
	var t table
	var names []string
	for _, name := range fields(f.Evidence, f.Agent) {
		if value := shown(f.Evidence[0].Fields[name]); name != "event_time" && len(f.Evidence) > 1 &&
			!slices.ContainsFunc(f.Evidence, func(r olorin.EvidenceRow) bool { return shown(r.Fields[name]) != value }) {
			t.Common = append(t.Common, [2]string{v.heading(name), value})
			continue
		}
		names = append(names, name)
	}
	for _, name := range names[:min(len(names), maxColumns)] {
		t.Columns = append(t.Columns, [2]string{v.heading(name), words(name)})
	}
	var lines []tableRow
	for _, row := range f.Evidence {
		line := tableRow{Row: row.Row}
		for i, name := range names {
			switch value := shown(row.Fields[name]); {
			case i < maxColumns:
				line.Cells = append(line.Cells, value)
			case value != "":
				line.Further = append(line.Further, [2]string{v.heading(name), value})
			}
		}
		lines = append(lines, line)
	}
	t.Rows = lines
	if len(lines) > foldedFrom {
		t.Rows, t.Folded = lines[:unfolded], lines[unfolded:]
	}
	return t
}

type table struct {
	Common       [][2]string // name and value
	Columns      [][2]string // name in the file and what it means
	Rows, Folded []tableRow
}

// Unfolded is the table of the rows that are folded up.
func (t table) Unfolded() table { return table{Columns: t.Columns, Rows: t.Folded} }

type tableRow struct {
	Row     int64
	Cells   []string
	Further [][2]string // name and value
}

// Titled names a check by its code and its title.
func (v view) Titled(tool string) string { return v.titled(tool) }

// Source says where a list came from and how old it was.
func (v view) Source(l olorin.ListStamp) string { return v.source(l) }

// Occurs says where an entity stands, for the page.
func (v view) Occurs(e olorin.EntityPresence) string { return v.occurs(e) }

// Said and Cites are for the page.
func (f Reviewed) Said() string { return f.said() }

// Cites writes the rows of a statement.
func (s Statement) Cites() string { return s.cites() }

// Left is how many rows of the evidence are not shown.
func (f Reviewed) Left() int { return f.EvidenceTotal - len(f.Evidence) }

func instant(t *olorin.Time) string {
	if t == nil {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// thousands writes a count as people read it: 100,000.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
