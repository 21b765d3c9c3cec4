// Package report makes of an investigation what can be taken away: JSON for programs, CSV for spreadsheets, and a page and a PDF for people.
// All four say the same: one Report, made once, of what the results hold and of nothing else.
//
//	Make        the report of an investigation           report.go
//	Narrative   who, what, when, where, why, how         narrative.go
//	Write       one of the formats                       json below, csv.go, html.go, pdf.go
package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/olorin-dev/olorin"
)

// Report is an investigation to take away. Its JSON is versioned: a member may be added, but not change or go, within one Version.
type Report struct {
	Format        string                   `json:"format" doc:"olorin.report"`
	Version       int                      `json:"version" doc:"Of this shape."`
	Made          Made                     `json:"made"`
	Statement     string                   `json:"statement" doc:"How the score is to be read."`
	Investigation Subject                  `json:"investigation"`
	Settings      olorin.Settings          `json:"settings"`
	Risk          Risk                     `json:"risk"`
	Summary       string                   `json:"summary"`
	Narrative     []Paragraph              `json:"narrative" doc:"Who, what, when, where, why and how, from cited rows only."`
	Domains       []olorin.DomainScore     `json:"domains"`
	Contributions []olorin.Contribution    `json:"contributions"`
	Findings      []Reviewed               `json:"findings" doc:"Strongest first."`
	NotAssessed   []olorin.NotAssessedTool `json:"not_assessed"`
	Advice        []string                 `json:"recommendations"`
	Provenance    Provenance               `json:"provenance"`
}

// Made says by whom, when and with what a report was made.
type Made struct {
	At     olorin.Time `json:"at"`
	By     string      `json:"by"`
	Olorin string      `json:"olorin" doc:"Version of the program."`
}

// Subject says which investigation it is, and at which version of its log.
type Subject struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Owner      string        `json:"owner"`
	Status     olorin.Status `json:"status"`
	Version    int64         `json:"version"`
	CreatedAt  olorin.Time   `json:"created_at"`
	StartedAt  *olorin.Time  `json:"started_at"`
	FinishedAt *olorin.Time  `json:"finished_at"`
	Partial    bool          `json:"partial" doc:"Not every check came to an end."`
	Because    string        `json:"partial_because,omitempty" doc:"How many did not, and why."`
}

// Risk is the score with its band, and what it hangs on.
type Risk struct {
	Score          *float64               `json:"risk_score" doc:"0..100; null where nothing could be assessed."`
	Level          olorin.RiskLevel       `json:"risk_level,omitempty"`
	Interval       *olorin.ScoreInterval  `json:"score_interval"`
	Threshold      float64                `json:"threshold"`
	Reached        bool                   `json:"threshold_reached"`
	Calibrated     bool                   `json:"calibrated" doc:"false: the score is no probability."`
	Counterfactual *olorin.Counterfactual `json:"counterfactual"`
	Decision       *olorin.Decision       `json:"decision" doc:"Lists decide first, then the score."`
	Lists          []olorin.ListHit       `json:"lists"`
}

// Reviewed is a finding with what people said of it.
type Reviewed struct {
	olorin.Finding
	Review *olorin.Review `json:"review,omitempty"`
}

// Provenance is what the report rests on: which bytes, which checks.
type Provenance struct {
	Dataset  *olorin.DatasetStamp    `json:"dataset"`
	Digest   string                  `json:"findings_digest" doc:"Same data, checks and parameters: same digest."`
	Entities []olorin.EntityPresence `json:"entities"`
	Checks   []olorin.CheckStamp     `json:"checks"`
	Lists    []olorin.ListStamp      `json:"lists" doc:"That were asked: where each came from, and how old it was."`
}

const statement = "The score is an uncalibrated score, not a probability: 60 does not mean a chance of 60 %."

// Library is where data sets are.
type Library interface {
	Dataset(ctx context.Context, id string) (olorin.Dataset, error)
}

// File is the data set of an investigation's settings; nil where there is none any more.
func File(ctx context.Context, library Library, inv olorin.Investigation) (*olorin.DatasetStamp, error) {
	d, err := library.Dataset(ctx, inv.Settings.Dataset)
	if olorin.CodeOf(err) == olorin.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("name the data of investigation %s: %w", inv.ID, err)
	}
	stamp := d.Stamp()
	return &stamp, nil
}

// Make makes the report of an investigation as it stands. A draft has nothing to report. file is the data set of the settings, which the
// results of a run that was not assessed do not name; nil where it is not there.
func Make(inv olorin.Investigation, file *olorin.DatasetStamp, made Made) (Report, error) {
	if inv.Results == nil && inv.StartedAt == nil {
		return Report{}, &olorin.Error{Code: olorin.CodeIllegalTransition, Current: &inv, Legal: inv.Legal(), Message: "there is nothing to report yet: the investigation has not been started"}
	}
	r := Report{
		Format: "olorin.report", Version: 1, Made: made, Statement: statement + " It is " + inv.Settings.Scoring.Words() + ".",
		Investigation: Subject{
			ID: inv.ID, Name: inv.Name, Owner: inv.UserID, Status: inv.Status, Version: inv.Version,
			CreatedAt: inv.CreatedAt, StartedAt: inv.StartedAt, FinishedAt: inv.FinishedAt,
		},
		Settings: inv.Settings, Risk: Risk{Threshold: inv.Settings.RiskThreshold, Lists: []olorin.ListHit{}},
		Narrative: []Paragraph{}, Domains: []olorin.DomainScore{}, Contributions: []olorin.Contribution{}, Findings: []Reviewed{},
		NotAssessed: []olorin.NotAssessedTool{}, Advice: []string{},
		Provenance: Provenance{Dataset: file, Entities: []olorin.EntityPresence{}, Checks: []olorin.CheckStamp{}, Lists: []olorin.ListStamp{}},
	}
	res := inv.Results
	if !res.Assessed() {
		r.NotAssessed = inv.Untold()
	}
	if res == nil {
		r.Summary = unassessed(inv.Status, "It had found nothing.")
		return r, nil
	}
	res = res.Whole()
	findings := slices.Clone(res.Findings)
	inv.Settings.GravestFirst(findings)
	for _, f := range findings {
		found := Reviewed{Finding: f}
		if review, ok := inv.Reviews[f.ID]; ok {
			found.Review = &review
		}
		r.Findings = append(r.Findings, found)
	}
	v := &r.Risk
	v.Score, v.Level, v.Interval, v.Counterfactual = res.RiskScore, res.RiskLevel, res.ScoreInterval, res.Counterfactual
	v.Decision, v.Lists = res.Decision, res.Lists
	v.Reached = v.Score != nil && *v.Score >= v.Threshold
	r.Investigation.Partial, r.Investigation.Because = res.Partial, ""
	if res.Partial {
		r.Investigation.Because = cmp.Or(res.Shortfall(), "not every check came to an end")
	}
	r.Summary = cmp.Or(res.Summary, unassessed(inv.Status, "These are its findings until then."))
	r.Domains, r.Contributions, r.Advice = res.Domains, res.Contributions, res.Recommendations
	if res.Assessed() {
		r.NotAssessed = res.NotAssessed
	}
	r.Provenance = Provenance{Dataset: cmp.Or(res.Dataset, file), Digest: res.Digest, Entities: res.Entities, Checks: res.Checks, Lists: append([]olorin.ListStamp{}, res.ListSources...)}
	r.Narrative = narrate(r, res.Cited)
	return r, nil
}

// unassessed says in place of a summary that there is none, and why.
func unassessed(status olorin.Status, found string) string {
	switch status {
	case olorin.Cancelled:
		return "The run was cancelled before it was assessed: there is no score, and no all-clear. " + found
	case olorin.Failed:
		return "The run stopped before it was assessed: there is no score, and no all-clear. " + found
	}
	return "The run has not been assessed yet. " + found
}

// Format is a form that a report can have.
type Format string

// The formats.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	PDF  Format = "pdf"
	HTML Format = "html"
)

// Formats lists the formats.
var Formats = []Format{JSON, CSV, PDF, HTML}

// MediaType is the Content-Type of the format.
func (f Format) MediaType() string {
	switch f {
	case JSON:
		return "application/json"
	case CSV:
		return "text/csv; charset=utf-8"
	case PDF:
		return "application/pdf"
	}
	return "text/html; charset=utf-8"
}

// Filename suggests a name for the file.
func (r Report) Filename(f Format) string {
	return fmt.Sprintf("olorin-%s-v%d.%s", r.Investigation.ID, r.Investigation.Version, f)
}

// Write writes the report in a format.
func (r Report) Write(w io.Writer, f Format) error {
	switch f {
	case JSON:
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case CSV:
		return r.csv(w)
	case PDF:
		return r.pdf(w)
	case HTML:
		return r.html(w)
	}
	return olorin.Errorf(olorin.CodeInvalid, "a report cannot be made as %q; use json, csv, pdf or html", f)
}

// Exported is the entry of the audit trail that tells that a report was taken.
func Exported(r Report, f Format, actor olorin.Actor, source olorin.Source) olorin.AuditEntry {
	return olorin.AuditEntry{
		At: r.Made.At, Actor: actor, Origin: actor.Origin, Source: source, Action: "report.exported", InvestigationID: r.Investigation.ID,
		VersionBefore: r.Investigation.Version, VersionAfter: r.Investigation.Version, Detail: fmt.Sprintf("%s of version %d", f, r.Investigation.Version),
	}
}

// stamp are the two lines that stand on every printed page.
func (r Report) stamp() []string {
	sha := "none"
	if r.Provenance.Dataset != nil {
		sha = r.Provenance.Dataset.SHA256
	}
	return []string{
		fmt.Sprintf("Olorin %s · investigation %s, version %d · made %s", r.Made.Olorin, r.Investigation.ID, r.Investigation.Version, r.Made.At),
		fmt.Sprintf("Uncalibrated score, not a probability · data sha256 %s", sha),
	}
}

// decided says in a sentence what is to be done and what decided it, or "".
func (r Report) decided() string {
	d := r.Risk.Decision
	if d == nil {
		return ""
	}
	act := map[olorin.Ruling]string{olorin.RuleAllow: "let it pass", olorin.RuleBlock: "block", olorin.RuleReview: "have a person look", olorin.RulePass: "nothing to do"}[d.Ruling]
	who := map[string]string{"list": "A list decides, whatever the score", "check": "A check that was promoted decides, whatever the score", "score": "The score decides", "finding": "A critical finding is looked at, whatever the score"}[d.By]
	return fmt.Sprintf("Decision: %s. %s: %s.", act, who, d.Reason)
}

// listed says in sentences what of the case stands on lists.
func (r Report) listed() []string {
	kinds := map[olorin.ListKind]string{olorin.ListGood: "known good", olorin.ListBad: "known bad", olorin.ListNote: "worth knowing"}
	var out []string
	for _, h := range r.Risk.Lists {
		how := "occurs on rows of the case"
		if h.Direct {
			how = "investigated itself"
		}
		text := fmt.Sprintf("%s %s is on the list %q (%s); %s, on %s in scope", capital(h.EntityType.Word()), h.Value, h.List, kinds[h.Kind], how, olorin.Counted(h.Count, "row"))
		if h.Note != "" {
			text += ": " + h.Note
		}
		out = append(out, text+".")
	}
	return out
}

func capital(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// agentTitle is what the pages call an agent: by its id, but that what ties accounts to one another is several.
func agentTitle(id string) string {
	if id == "link" {
		return "Links"
	}
	return capital(words(id))
}

// words writes a canonical name as words, where the file has no column of it.
func words(field string) string { return strings.ReplaceAll(field, "_", " ") }

// heading is what the head of a column calls a field: as the file does.
func (r Report) heading(field string) string {
	return cmp.Or(r.Provenance.Dataset.Source(field), words(field))
}

// titled names a check by its code and its title.
func (r Report) titled(tool string) string {
	for _, c := range r.Provenance.Checks {
		if c.Tool == tool {
			return strings.TrimSpace(tool + " " + c.Title)
		}
	}
	return tool
}

// joined says of a part of the data which file it is, and how its rows met the events.
func joined(part olorin.JoinedFile) string {
	text := fmt.Sprintf("%s, %s, sha256 %s", part.Filename, rows(part.Rows), part.SHA256)
	if part.On != "" {
		text += fmt.Sprintf("; joined on %s = %s: %s met a row, %s did not", part.On, part.With, olorin.Counted(part.Matched, "event"), thousands(part.Unmatched))
	}
	return text
}

func rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return thousands(n) + " rows"
}

// book names a database of addresses.
func book(b olorin.AddressDatabase) string {
	return fmt.Sprintf("%s (%s), built %s", b.Filename, b.Type, instant(&b.BuiltAt))
}

// source says of a list where it came from and how old it was when the run began.
func (r Report) source(l olorin.ListStamp) string {
	text := fmt.Sprintf("%s (%s, %s of %s), from %s, as of %s", l.Name, l.Kind, olorin.Counted(l.Values, "value"), l.EntityType.Word(), l.Source, l.SourceDate.UTC().Format("2 January 2006"))
	if began := r.Investigation.StartedAt; began != nil {
		age := began.Sub(l.SourceDate.Time)
		if days := int(age.Hours() / 24); days > 0 {
			text += fmt.Sprintf(", %s old when the run began", olorin.Counted(days, "day"))
		}
		if age > olorin.ListStale {
			text += " (stale: older than 90 days)"
		}
	}
	if l.License != "" {
		text += ", " + l.License
	}
	return text + ", sha256 " + l.SHA256
}

// about names what was investigated.
func (r Report) about() string {
	words := make([]string, len(r.Settings.Entities))
	for i, e := range r.Settings.Entities {
		words[i] = e.Type.Word() + " " + e.Value
		if e.Label != "" {
			words[i] += " (" + e.Label + ")"
		}
	}
	text := strings.Join(words, ", ")
	if len(words) > 1 {
		text += map[olorin.CorrelationMode]string{olorin.Or: "; events that have any of them", olorin.And: "; events that have one of every type"}[r.Settings.CorrelationMode]
	}
	return text
}

// scoredAs says in a sentence whose score the case's is, where there are several entities and one scores, or "".
func (r Report) scoredAs() string {
	worst, alike, most := olorin.EntityPresence{}, 0, 0.0
	for _, e := range r.Provenance.Entities {
		switch {
		case e.RiskScore == nil || *e.RiskScore < most || *e.RiskScore == 0:
		case *e.RiskScore > most:
			worst, alike, most = e, 0, *e.RiskScore
		default:
			alike++
		}
	}
	n := len(r.Provenance.Entities)
	if n < 2 || most == 0 {
		return ""
	}
	text := fmt.Sprintf("Scored as %s %s, the worst of %d entities", worst.Type.Word(), worst.Value, n)
	if alike > 0 {
		text += fmt.Sprintf(" (%d more score the same)", alike)
	}
	return text + "; what is found of others alone adds nothing."
}

// occurs says how many rows of the file an entity has, and what it scores by itself where there are several.
func (r Report) occurs(e olorin.EntityPresence) string {
	if e.Rows == 0 {
		return "does not occur in the file"
	}
	text := rows(e.Rows) + " of the file"
	if e.RiskScore != nil && len(r.Provenance.Entities) > 1 {
		text += fmt.Sprintf("; scores %.1f by itself", *e.RiskScore)
	}
	return text
}

// counterfactual says in a sentence what the score hangs on, or "".
func (r Report) counterfactual() string {
	c := r.Risk.Counterfactual
	if c == nil {
		return ""
	}
	var names []string
	for _, id := range c.Findings {
		for i, f := range r.Findings {
			if f.ID == id {
				names = append(names, fmt.Sprintf("%d (%s)", i+1, f.Title))
			}
		}
	}
	which := "finding " + strings.Join(names, ", ")
	if len(c.Findings) > 1 {
		which = "findings " + strings.Join(names, ", ")
	}
	if len(c.Findings) > 8 {
		which = fmt.Sprintf("%d of the findings", len(c.Findings))
	}
	how := "No fewer would do."
	if !c.Exact {
		how = "None of them can be spared, though another, smaller set may exist."
	}
	return fmt.Sprintf("Without %s the score would be %.1f, below the threshold of %.0f. %s", which, c.Score, c.Threshold, how)
}

// said is a verdict on a finding in words, or "".
func (f Reviewed) said() string {
	if f.Review == nil || f.Review.Verdict == nil {
		return ""
	}
	j := f.Review.Verdict
	text := strings.ReplaceAll(string(j.Verdict), "_", " ") + " by " + j.By + " at " + j.At.String()
	if j.Reason != "" {
		text += ": " + j.Reason
	}
	return text
}

// telling are the fields that show what an agent's findings speak of.
var telling = map[string][]string{
	"location": {"event_time", "city", "country", "ip_country", "latitude", "longitude", "ip_address"},
	"network":  {"event_time", "ip_address", "ip_country", "event_type", "status"},
	"device":   {"event_time", "device_id", "event_type", "user_agent"},
	"identity": {"event_time", "event_type", "email", "phone_number", "amount", "currency", "device_id"},
	"link":     {"event_time", "user_id", "account_id", "counterparty_id", "device_id", "card_number", "ip_address"},
}

// preferred are the fields that a table of evidence shows first, where it cannot show all.
var preferred = []string{"event_time", "user_id", "account_id", "event_type", "amount", "currency", "status", "merchant_id", "counterparty_id", "card_number", "device_id", "ip_address", "country", "email"}

// fields lists the fields that any of the rows has a value for: those first that tell of the agent's findings, then the preferred, then by
// name.
func fields(rows []olorin.EvidenceRow, agent string) []string {
	var names []string
	for _, row := range rows {
		for name, v := range row.Fields {
			if v != nil && v != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	order := slices.Concat(telling[agent], preferred)
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(rank(a)-rank(b), strings.Compare(a, b)) })
	return names
}

// shown writes a field of a row for people.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		var at olorin.Time
		if strings.HasSuffix(v, "Z") && at.UnmarshalText([]byte(v)) == nil {
			return at.UTC().Format("2006-01-02 15:04:05")
		}
		return v
	case bool:
		return fmt.Sprint(v)
	case float64:
		return number(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
