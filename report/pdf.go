package report

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"github.com/olorin-dev/olorin"
)

//go:embed fonts/DejaVuSansCondensed.ttf
var regular []byte

//go:embed fonts/DejaVuSansCondensed-Bold.ttf
var bold []byte

// The page, in millimetres.
const (
	margin     = 16.0
	pageWidth  = 210.0
	textWidth  = pageWidth - 2*margin
	lineHeight = 4.6
	// bottom is what a page keeps for its footer.
	bottom = 20.0
	// maxRows and maxFields are how much of its evidence a finding shows on paper; the other formats hold all of it.
	maxRows   = 8
	maxFields = 7
)

type colour struct{ r, g, b int }

var (
	ink     = colour{25, 28, 36}
	quiet   = colour{105, 110, 122}
	hair    = colour{205, 208, 215}
	shade   = colour{244, 245, 248}
	accent  = colour{59, 91, 219}
	bands   = map[string]colour{"low": {43, 138, 62}, "medium": {232, 162, 0}, "high": {232, 89, 12}, "critical": {201, 42, 42}}
	bandEnd = []struct {
		to    float64
		level string
	}{{40, "low"}, {60, "medium"}, {80, "high"}, {100, "critical"}}
)

// paper is a PDF under way.
type paper struct {
	*fpdf.Fpdf
	can func(rune) bool
}

// pdf draws the report. Characters that the font has no picture for stand as their code points, such as [U+4E2D]; the other formats
// hold them as they are.
func (r Report) pdf(w io.Writer) error {
	p := paper{fpdf.New("P", "mm", "A4", ""), coverage(regular)}
	p.AddUTF8FontFromBytes("sans", "", regular)
	p.AddUTF8FontFromBytes("sans", "B", bold)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, bottom)
	p.SetTitle(r.Investigation.Name+" – Olorin report", true)
	p.SetAuthor(r.Made.By, true)
	p.SetCreator("Olorin "+r.Made.Olorin, true)
	p.SetCreationDate(r.Made.At.Time)
	p.SetModificationDate(r.Made.At.Time)
	p.AliasNbPages("{pages}")
	p.SetFooterFunc(func() {
		p.SetY(-15)
		p.line(hair, margin, p.GetY(), pageWidth-margin, p.GetY())
		p.SetY(-13.5)
		p.font("", 6.5, quiet)
		for _, part := range r.stamp() {
			p.CellFormat(textWidth, 3.4, p.fit(part, textWidth-32), "", 2, "L", false, 0, "")
		}
		p.SetXY(pageWidth-margin-40, -13.5)
		p.CellFormat(40, 3.4, fmt.Sprintf("Page %d of {pages}", p.PageNo()), "", 0, "R", false, 0, "")
	})
	p.AddPage()
	p.title(r)
	p.risk(r)
	p.advice(r)
	p.domains(r)
	p.contributions(r)
	p.narrative(r)
	p.findings(r)
	p.notAssessed(r)
	p.provenance(r)
	if err := p.Output(w); err != nil {
		return fmt.Errorf("write the report as PDF: %w", err)
	}
	return nil
}

func (p paper) font(style string, size float64, c colour) {
	p.SetFont("sans", style, size)
	p.SetTextColor(c.r, c.g, c.b)
}

func (p paper) fill(c colour) { p.SetFillColor(c.r, c.g, c.b) }

func (p paper) line(c colour, x1, y1, x2, y2 float64) {
	p.SetDrawColor(c.r, c.g, c.b)
	p.SetLineWidth(0.2)
	p.Line(x1, y1, x2, y2)
}

// room begins a new page where less than h is left of this one.
func (p paper) room(h float64) {
	if p.GetY()+h > 297-bottom {
		p.AddPage()
	}
}

func (p paper) heading(text string) {
	p.Ln(4)
	p.room(22)
	p.font("B", 12.5, ink)
	p.CellFormat(textWidth, 7, p.text(text), "", 1, "L", false, 0, "")
	p.line(ink, margin, p.GetY(), pageWidth-margin, p.GetY())
	p.Ln(1.8)
}

func (p paper) paragraph(style string, size float64, c colour, text string) {
	p.font(style, size, c)
	p.MultiCell(textWidth, size*0.51, p.text(text), "", "L", false)
}

// pair writes a name and its value, which may take several lines.
func (p paper) pair(name, value string) {
	const width = 30
	p.room(lineHeight)
	p.font("", 8.5, quiet)
	p.CellFormat(width, lineHeight, p.text(name), "", 0, "L", false, 0, "")
	p.font("", 8.5, ink)
	p.SetX(margin + width)
	p.MultiCell(textWidth-width, lineHeight, p.text(value), "", "L", false)
}

func (p paper) title(r Report) {
	p.font("B", 7.5, quiet)
	p.CellFormat(textWidth, 4, "OLORIN · INVESTIGATION REPORT", "", 1, "L", false, 0, "")
	p.font("B", 19, ink)
	p.MultiCell(textWidth, 8.4, p.text(r.Investigation.Name), "", "L", false)
	p.Ln(1.5)
	i := r.Investigation
	state := fmt.Sprintf("%s, version %d, %s", i.ID, i.Version, i.Status)
	if i.Partial {
		state += " in part: " + i.Because
	}
	p.pair("Investigation", state)
	p.pair("Of", fmt.Sprintf("%s; started %s, ended %s", i.Owner, instant(i.StartedAt), instant(i.FinishedAt)))
	p.pair("About", r.about())
	if d := r.Provenance.Dataset; d != nil {
		p.pair("Data", fmt.Sprintf("%s, %s rows", d.Name, thousands(d.Rows)))
		p.pair("sha256", d.SHA256)
	}
	p.pair("Made", fmt.Sprintf("%s by %s with Olorin %s", instant(&r.Made.At), r.Made.By, r.Made.Olorin))
}

func (p paper) risk(r Report) {
	p.heading("Risk")
	v := r.Risk
	if v.Score != nil {
		p.font("B", 24, ink)
		score := fmt.Sprintf("%.1f", *v.Score)
		width := p.GetStringWidth(score) + 2
		y := p.GetY()
		p.CellFormat(width, 10, score, "", 0, "L", false, 0, "")
		p.font("", 9, quiet)
		p.SetXY(margin+width, y+3.6)
		p.CellFormat(15, 5, "of 100", "", 0, "L", false, 0, "")
		p.pill(margin+width+16, y+3.2, string(v.Level))
		p.SetXY(margin+width+40, y+3.6)
		p.font("", 9, ink)
		how := "is below"
		if v.Reached {
			how = "reaches"
		}
		p.CellFormat(80, 5, fmt.Sprintf("%s the threshold of %s", how, number(v.Threshold)), "", 1, "L", false, 0, "")
		p.SetY(y + 12)
		p.gauge(v)
		if v.Interval != nil {
			p.paragraph("", 8, quiet, fmt.Sprintf("Interval %.1f to %.1f: from what was assessed, up to what one of the checks that could not look would add in full, and the others at their base rate.", v.Interval.Low, v.Interval.High))
		}
		if text := r.scoredAs(); text != "" {
			p.paragraph("", 9, ink, text)
		}
	} else {
		p.paragraph("B", 11, ink, "No score.")
	}
	p.Ln(1)
	p.paragraph("B", 9, ink, r.Statement)
	if text := r.decided(); text != "" {
		p.Ln(1)
		p.paragraph("B", 9, ink, text)
	}
	for _, text := range r.listed() {
		p.paragraph("", 9, ink, text)
	}
	p.Ln(1)
	p.paragraph("", 9, ink, r.Summary)
	if text := r.counterfactual(); text != "" {
		p.Ln(1)
		p.paragraph("", 9, ink, text)
	}
}

// pill writes a level on its colour.
func (p paper) pill(x, y float64, level string) {
	c, ok := bands[level]
	if !ok {
		c = quiet
	}
	text := colour{255, 255, 255}
	if level == "medium" {
		text = ink
	}
	p.fill(c)
	p.font("B", 7.5, text)
	width := p.GetStringWidth(level) + 5
	p.RoundedRect(x, y, width, 4.8, 2.2, "1234", "F")
	p.SetXY(x, y)
	p.CellFormat(width, 4.8, level, "", 0, "C", false, 0, "")
}

// gauge draws the score on its bands, with the interval and the threshold.
func (p paper) gauge(v Risk) {
	const height = 6.0
	y := p.GetY() + 4
	at := func(score float64) float64 { return margin + textWidth*score/100 }
	from := 0.0
	for _, b := range bandEnd {
		p.fill(bands[b.level])
		p.Rect(at(from), y, at(b.to)-at(from), height, "F")
		p.font("", 6.5, quiet)
		p.SetXY(at(from), y+height+3.4)
		p.CellFormat(at(b.to)-at(from), 3, b.level, "", 0, "C", false, 0, "")
		from = b.to
	}
	if i := v.Interval; i != nil && i.High > i.Low {
		p.fill(colour{255, 255, 255})
		p.Rect(at(i.Low), y+height/2-0.7, at(i.High)-at(i.Low), 1.4, "F")
	}
	p.fill(ink)
	p.Rect(at(*v.Score)-0.6, y-1.6, 1.2, height+3.2, "F")
	p.SetDrawColor(ink.r, ink.g, ink.b)
	p.SetLineWidth(0.35)
	p.SetDashPattern([]float64{1, 0.8}, 0)
	p.Line(at(v.Threshold), y-2.6, at(v.Threshold), y+height+2.6)
	p.SetDashPattern(nil, 0)
	p.font("", 6.5, ink)
	label := fmt.Sprintf("threshold %s", number(v.Threshold))
	x := min(at(v.Threshold)+0.8, pageWidth-margin-p.GetStringWidth(label)-1)
	p.SetXY(x, y-5)
	p.CellFormat(30, 3, label, "", 0, "L", false, 0, "")
	p.SetXY(margin, y+height+8)
}

func (p paper) advice(r Report) {
	if len(r.Advice) == 0 {
		return
	}
	p.heading("What to do")
	for _, a := range r.Advice {
		p.bullet(a)
	}
}

func (p paper) bullet(text string) {
	p.room(lineHeight)
	p.font("", 9, ink)
	p.CellFormat(4, lineHeight, "•", "", 0, "L", false, 0, "")
	p.MultiCell(textWidth-4, lineHeight, p.text(text), "", "L", false)
}

// bar draws a share of a width.
func (p paper) bar(x, y, width, share float64, c colour) {
	p.fill(c)
	p.Rect(x, y+1.1, max(0.2, width*max(0, min(1, share))), 2.4, "F")
}

func (p paper) domains(r Report) {
	if len(r.Domains) == 0 {
		return
	}
	p.heading("By agent")
	for _, d := range r.Domains {
		p.room(lineHeight)
		p.font("", 9, ink)
		y := p.GetY()
		p.CellFormat(30, lineHeight, p.text(agentTitle(d.Agent)), "", 0, "L", false, 0, "")
		risk := "–"
		if d.Risk != nil {
			risk = fmt.Sprintf("%.1f", *d.Risk)
			p.bar(margin+48, y, 90, *d.Risk/100, bands[string(olorin.LevelOf(*d.Risk))])
		}
		p.CellFormat(14, lineHeight, risk, "", 0, "R", false, 0, "")
		p.SetX(margin + 140)
		p.font("", 8, quiet)
		p.CellFormat(textWidth-140, lineHeight, fmt.Sprintf("%d of %d checks", d.Assessed, d.Tools), "", 1, "R", false, 0, "")
	}
}

func (p paper) contributions(r Report) {
	if len(r.Contributions) == 0 {
		return
	}
	p.heading("What the score is made of")
	titles := map[string]string{}
	for _, c := range r.Provenance.Checks {
		titles[c.Tool] = c.Title
	}
	before := 0.0
	for _, c := range r.Contributions {
		p.room(lineHeight)
		p.font("", 8.5, ink)
		y := p.GetY()
		p.CellFormat(88, lineHeight, p.fit(c.Tool+" "+titles[c.Tool], 87), "", 0, "L", false, 0, "")
		p.CellFormat(16, lineHeight, fmt.Sprintf("+%.2f", c.Points), "", 0, "R", false, 0, "")
		x := margin + 108
		p.bar(x+(textWidth-108)*before/100, y, textWidth-108, c.Points/100, accent)
		before += c.Points
		p.Ln(lineHeight)
	}
}

func (p paper) narrative(r Report) {
	if len(r.Narrative) == 0 {
		return
	}
	p.heading("Narrative")
	p.paragraph("", 8, quiet, "Filled from the cited rows only; to be read and completed by a person before it is filed.")
	for _, q := range r.Narrative {
		p.Ln(0.8)
		p.room(2 * lineHeight)
		p.font("B", 9, ink)
		p.CellFormat(16, lineHeight, capital(q.Question), "", 0, "L", false, 0, "")
		for _, s := range q.Statements {
			p.SetX(margin + 16)
			p.font("", 9, ink)
			p.MultiCell(textWidth-16, lineHeight, p.text(strings.TrimSpace(s.Text+" "+s.cites())), "", "L", false)
		}
	}
}

func (p paper) findings(r Report) {
	p.heading(fmt.Sprintf("Findings (%d)", len(r.Findings)))
	if len(r.Findings) == 0 {
		p.paragraph("", 9, ink, "None.")
	}
	for i, f := range r.Findings {
		p.room(26)
		y := p.GetY() + 1.5
		p.fill(bands[string(f.Severity)])
		p.Rect(margin, y, 1.2, 5, "F")
		p.SetXY(margin+3, y)
		p.font("B", 10, ink)
		title := p.fit(fmt.Sprintf("%d. %s", i+1, f.Title), textWidth-34)
		p.CellFormat(textWidth-30, 5, title, "", 0, "L", false, 0, "")
		p.pill(pageWidth-margin-20, y, string(f.Severity))
		p.SetXY(margin, y+6)
		p.paragraph("", 9, ink, f.Sentence)
		about := fmt.Sprintf("%s · %s version %d · strength %.2f × weight %.2f", agentTitle(f.Agent), f.Tool, f.ToolVersion, f.Strength, f.Weight)
		if f.Baseline != "" {
			about += " · measured against: " + f.Baseline
		}
		p.paragraph("", 7.5, quiet, about)
		if said := f.said(); said != "" {
			p.paragraph("B", 8.5, ink, "Verdict: "+said)
		}
		if f.Review != nil {
			for _, n := range f.Review.Notes {
				p.paragraph("", 8.5, ink, fmt.Sprintf("Note of %s, %s: %s", n.By, instant(&n.At), n.Text))
			}
		}
		p.evidence(r, f)
	}
}

func (p paper) evidence(r Report, f Reviewed) {
	rows := f.Evidence[:min(len(f.Evidence), maxRows)]
	names := fields(rows, f.Agent)
	left := len(names) - maxFields
	names = names[:min(len(names), maxFields)]
	if len(rows) > 0 {
		header := []string{"row"}
		for _, name := range names {
			header = append(header, r.heading(name))
		}
		table := make([][]string, len(rows))
		for i, row := range rows {
			table[i] = []string{fmt.Sprint(row.Row)}
			for _, name := range names {
				table[i] = append(table[i], shown(row.Fields[name]))
			}
		}
		p.Ln(0.8)
		p.table(header, table, p.widths(header, table, 7), 7)
	}
	var more []string
	if n := f.EvidenceTotal - len(rows); n > 0 {
		more = append(more, olorin.Counted(n, "further row"))
	}
	if left > 0 {
		more = append(more, olorin.Counted(left, "further column"))
	}
	if len(more) > 0 {
		p.paragraph("", 7, quiet, "Not shown here: "+strings.Join(more, " and ")+".")
	}
	p.Ln(2)
}

// widths shares the page out among columns by what they hold, within bounds.
func (p paper) widths(header []string, rows [][]string, size float64) []float64 {
	p.font("B", size, ink)
	widths := make([]float64, len(header))
	sum := 0.0
	for i, name := range header {
		wide := p.GetStringWidth(p.text(name))
		for _, row := range rows {
			wide = max(wide, p.GetStringWidth(p.text(row[i])))
		}
		widths[i] = min(max(wide+2.5, 11), 48)
		sum += widths[i]
	}
	for i := range widths {
		widths[i] *= textWidth / sum
	}
	return widths
}

// table draws rows of cells, each cell on as many lines as it needs, with the header again on each page.
func (p paper) table(header []string, rows [][]string, widths []float64, size float64) {
	height := size * 0.5
	head := func() {
		p.font("B", size, ink)
		p.fill(shade)
		for i, name := range header {
			p.CellFormat(widths[i], height+1.6, p.fit(name, widths[i]-1.5), "", 0, "L", true, 0, "")
		}
		p.Ln(height + 1.6)
	}
	p.room(3 * (height + 1.6))
	head()
	for _, row := range rows {
		p.font("", size, ink)
		cells := make([][]string, len(row))
		lines := 1
		for i, cell := range row {
			cells[i] = p.wrap(cell, widths[i]-1.6)
			lines = max(lines, len(cells[i]))
		}
		tall := float64(lines)*height + 1.2
		if p.GetY()+tall > 297-bottom {
			p.AddPage()
			head()
			p.font("", size, ink)
		}
		y, x := p.GetY(), margin
		for i, cell := range cells {
			for n, text := range cell {
				p.SetXY(x, y+0.6+float64(n)*height)
				p.CellFormat(widths[i], height, text, "", 0, "L", false, 0, "")
			}
			x += widths[i]
		}
		p.SetXY(margin, y+tall)
		p.line(hair, margin, y+tall, pageWidth-margin, y+tall)
	}
}

// maxLines bounds what one cell takes of a page.
const maxLines = 12

// wrap breaks a text to a width: at blanks where it can, within words where it must.
func (p paper) wrap(text string, width float64) []string {
	var lines []string
	current := ""
	push := func(s string) {
		lines = append(lines, s)
	}
	for _, word := range strings.Fields(p.text(text)) {
		for p.GetStringWidth(word) > width {
			if current != "" {
				push(current)
				current = ""
			}
			runes := []rune(word)
			n := len(runes) - 1
			for n > 1 && p.GetStringWidth(string(runes[:n])) > width {
				n--
			}
			push(string(runes[:n]))
			word = string(runes[n:])
		}
		switch {
		case current == "":
			current = word
		case p.GetStringWidth(current+" "+word) <= width:
			current += " " + word
		default:
			push(current)
			current = word
		}
	}
	if current != "" || len(lines) == 0 {
		push(current)
	}
	if len(lines) > maxLines {
		lines = append(lines[:maxLines-1], "… (cut; see the other formats)")
	}
	return lines
}

// fit cuts a text to a width, with an ellipsis.
func (p paper) fit(text string, width float64) string {
	text = p.text(text)
	if p.GetStringWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && p.GetStringWidth(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

func (p paper) notAssessed(r Report) {
	p.heading(fmt.Sprintf("Not assessed (%d)", len(r.NotAssessed)))
	if len(r.NotAssessed) == 0 {
		p.paragraph("", 9, ink, "Nothing: every check could look.")
		return
	}
	said := "These checks neither found nor excluded anything."
	if r.Risk.Score != nil {
		said += " The last column says how many points the first of them would add if it fired at full strength."
	}
	p.paragraph("", 8, quiet, said)
	p.Ln(1)
	var rows [][]string
	for _, b := range r.Blind() {
		why := b.Reason
		if len(b.Columns) > 0 {
			why += "; settled by: " + words(strings.Join(b.Columns, ", "))
		}
		points := "–"
		if r.Risk.Score != nil {
			points = fmt.Sprintf("%.1f", b.Most())
		}
		for checks := range slices.Chunk(b.Checks, 8) { // a cell has no more than maxLines
			rows = append(rows, []string{why, named(checks, len(b.Checks) > 1), points})
			why, points = "", ""
		}
	}
	p.table([]string{"why", "checks", "could add"}, rows, []float64{70, textWidth - 70 - 18, 18}, 7.5)
}

func (p paper) provenance(r Report) {
	p.heading("Provenance")
	if d := r.Provenance.Dataset; d != nil {
		p.pair("Data set", d.Name+" ("+d.ID+")")
		p.pair("sha256", d.SHA256)
		p.pair("Rows", thousands(d.Rows))
		for _, b := range d.Databases {
			p.pair("Addresses by", book(b))
		}
		for _, part := range d.Parts {
			p.pair("Joined from", joined(part))
		}
	}
	for _, l := range r.Provenance.Lists {
		p.pair("List", r.source(l))
	}
	if r.Provenance.Digest != "" {
		p.pair("Findings digest", r.Provenance.Digest)
	}
	for _, e := range r.Provenance.Entities {
		p.pair(capital(e.Type.Word()), e.Value+": "+r.occurs(e))
	}
	if len(r.Provenance.Checks) == 0 {
		return
	}
	p.Ln(1)
	var rows [][]string
	for _, c := range r.Provenance.Checks {
		rows = append(rows, []string{c.Tool, c.Title, agentTitle(c.Agent), fmt.Sprint(c.Version), number(c.Weight), strings.ReplaceAll(string(c.Outcome), "_", " ")})
	}
	p.table([]string{"check", "title", "agent", "version", "weight", "outcome"}, rows, []float64{18, 78, 24, 16, 16, textWidth - 152}, 7.5)
}

// text makes a text drawable: control characters become blanks, and what the font has no picture for is written as its code point.
func (p paper) text(s string) string {
	var b strings.Builder
	for _, c := range strings.ToValidUTF8(s, "�") {
		switch {
		case c == '\n':
			b.WriteRune(c)
		case c < ' ' || c == 0x7f:
			b.WriteByte(' ')
		case p.can(c):
			b.WriteRune(c)
		default:
			fmt.Fprintf(&b, "[U+%04X]", c)
		}
	}
	return b.String()
}
