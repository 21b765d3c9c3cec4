package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/olorin-dev/olorin"
)

//go:embed page.html
var pageText string

// page needs nothing but itself: no script, no font, no picture from elsewhere.
var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": number, "shown": shown, "fields": fields, "plus": func(a, b int) int { return a + b },
	"width": func(x, of float64) float64 { return max(0, min(100, 100*x/max(of, 1e-9))) },
	"deref": func(x *float64) float64 { return *x },
	"time":  func(t *olorin.Time) string { return instant(t) },
}).Parse(pageText))

// ContentPolicy lets the page show its own styles and nothing else.
const ContentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

func (r Report) html(w io.Writer) error {
	return page.Execute(w, view{r, r.decided(), r.counterfactual(), r.stamp()})
}

// view is a report with the sentences that are made of it.
type view struct {
	Report
	Decided, HangsOn string
	Stamp            []string
}

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
	return t.String()
}
