package agents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// maxTimeline is how many rows the timeline shows; the findings hold the rest.
const maxTimeline = 500

// Facts is what a run knows beside its log.
type Facts struct {
	Plan     []Choice                // for the tools of external agents, which the catalogue does not hold
	Entities []olorin.EntityPresence // how often each entity occurs in the file
	Lists    []olorin.ListHit        // what of the rows in scope is on lists
	Weights  olorin.Weights          // that the run is under
	Asked    []olorin.ListStamp      // the lists with anything that occurs in the file
	Cited    *CitedRows              // what the findings cite; nil: no more is known than the findings show
	Rates    map[string]float64      // how strongly checks fire at peers, by tool; see Rates
}

// find returns a tool of the plan or the catalogue.
func (f Facts) find(agent, id string) (*Tool, bool) {
	for _, c := range f.Plan {
		if c.Tool.Agent == agent && c.Tool.ID == id {
			return c.Tool, true
		}
	}
	return Find(id)
}

// Assess makes the results of a run out of what its log holds: the findings so far, what each tool came to, and the
// settings, and the facts beside it. It is a pure function of its arguments, so that it can be done again after
// a crash. Each entity is judged by what touches its own rows in scope; the score of the case is that of the worst (olorin.Score).
func Assess(inv olorin.Investigation, d olorin.Dataset, facts Facts) olorin.Results {
	r := olorin.Results{
		Findings: []olorin.Finding{}, Dataset: new(d.Stamp()),
		Entities: append([]olorin.EntityPresence{}, facts.Entities...), Checks: stamps(inv.Progress.Tools, facts),
		Lists: append([]olorin.ListHit{}, facts.Lists...), ListSources: facts.Asked, Weights: inv.Weights,
	}
	if inv.Results != nil {
		r.Findings = append(r.Findings, inv.Results.Findings...)
	}
	inv.Settings.GravestFirst(r.Findings)
	r.Digest = Digest(r.Findings)

	j := judge(inv.Progress.Tools, d, facts)
	r.Partial = j.partial
	investigated := asFiled(inv.Settings.Entities, r.Findings)
	sigs := olorin.Signals(r.Findings, inv.Settings.Entities)
	scored := inv.Settings.Scoring.Score(sigs, j.gaps)
	r.NotAssessed = j.notAssessed
	for i, gap := range j.gaps {
		if gap.Weight > 0 {
			fired := append(slices.Clip(sigs), olorin.Signal{Agent: gap.Agent, Tool: gap.Tool, Group: gap.Group, Strength: 1, Weight: gap.Weight})
			r.NotAssessed[i].CouldAdd = inv.Settings.Scoring.Score(fired, nil).Score - scored.Score
		}
	}
	r.Domains = j.domains
	assessed := 0
	for i := range r.Domains {
		domain := &r.Domains[i]
		assessed += domain.Assessed
		if domain.Assessed > 0 {
			risk := scored.Domains[domain.Agent]
			domain.Risk = &risk
		}
	}
	r.Contributions = scored.Contributions
	switch {
	case assessed > 0:
		r.RiskScore, r.ScoreInterval = &scored.Score, &scored.Interval
		r.RiskLevel = olorin.LevelOf(scored.Score)
		r.Recommendations = olorin.Recommendations(r.RiskLevel, inv.Settings.RiskThreshold, scored.Score, r.Findings, called(j.missing))
		r.Counterfactual = counterfactual(r.Findings, sigs, inv.Settings)
	case j.nothing:
		r.Recommendations = []string{"See that each entity is written as the file writes it, take another time range or data set, and start again."}
	case j.cutOff:
		r.Recommendations = []string{"Retry the run, with more time (OLORIN_RUN_TIME_LIMIT_SECONDS) or fewer tools: no check was reached."}
	default:
		r.Recommendations = []string{"Bring a file with the columns that the checks need, or map the columns of this one by hand: no check could look at it."}
	}
	if assessed > 0 {
		for i := range r.Entities {
			if r.Entities[i].Rows > 0 && i < len(inv.Settings.Entities) {
				score := scored.Entities[min(i, len(scored.Entities)-1)]
				r.Entities[i].RiskScore = &score
			}
		}
	}
	r.Decision = olorin.Decide(r.Lists, blocking(r.Findings, facts.Weights), r.Entities, inv.Settings.RiskThreshold).Heed(r.Findings)
	if d := r.Decision; d != nil && (d.By == "list" || d.By == "check") {
		rest := r.Recommendations
		if assessed > 0 && (d.Ruling == olorin.RuleAllow || scored.Score < inv.Settings.RiskThreshold) { // the score's own advice says otherwise
			rest = olorin.Wanted(called(j.missing))
		}
		r.Recommendations = append(decided(d, r), rest...)
	}
	r.Timeline = timeline(r.Findings)
	cited := facts.Cited
	if cited == nil {
		cited = shown(r.Findings)
	}
	r.Graph = graph(r.Findings, cited.Rows, investigated)
	r.Cited = olorin.Cite(cited.Rows, investigated, cited.Whole)
	r.Summary = summary(r, inv.Settings, j, assessed, len(inv.Progress.Tools))
	return r
}

// decided is the advice where a list or a promoted check decides.
func decided(d *olorin.Decision, r olorin.Results) []string {
	if d.By == "check" {
		return []string{"A check that was promoted to block decides, whatever the score: block it, since " + d.Reason + ". See that the finding is right."}
	}
	advice := []string{map[olorin.Ruling]string{
		olorin.RuleAllow:  "A list decides, whatever the score: let it pass, since " + d.Reason + ". See that the list is still right.",
		olorin.RuleBlock:  "A list decides, whatever the score: block it, since " + d.Reason + ".",
		olorin.RuleReview: "A list decides, whatever the score: have a person look at it, since " + d.Reason + ".",
	}[d.Ruling]}
	for _, good := range r.Lists {
		bad := slices.IndexFunc(r.Lists, func(h olorin.ListHit) bool {
			return h.Kind == olorin.ListBad && h.EntityType == good.EntityType && h.Value == good.Value
		})
		if good.Kind == olorin.ListGood && good.Direct && bad >= 0 {
			advice = append(advice, fmt.Sprintf("Settle which of two lists is right: %s %s is on %q of known good, which stands before %q of known bad.",
				good.EntityType.Word(), good.Value, good.List, r.Lists[bad].List))
		}
	}
	if d.Ruling == olorin.RuleAllow && len(r.Findings) > 0 {
		advice = append(advice, "What was found stands all the same: look at it before the list is relied on.")
	}
	return advice
}

// blocking are the findings of checks that were promoted from review to block.
func blocking(findings []olorin.Finding, w olorin.Weights) []olorin.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f olorin.Finding) bool { return !w.Blocks(f.Tool, f.ToolVersion) })
}

// stamps says which checks took part, in which version.
func stamps(tools []olorin.ToolProgress, facts Facts) []olorin.CheckStamp {
	out := make([]olorin.CheckStamp, 0, len(tools))
	for _, p := range tools {
		s := olorin.CheckStamp{Tool: p.Tool, Agent: p.Agent, Outcome: p.Outcome}
		if t, ok := facts.find(p.Agent, p.Tool); ok {
			s.Title, s.Version, s.Weight, s.Blocks = t.Title, t.Version, t.Weight, facts.Weights.Blocks(t.ID, t.Version)
		}
		out = append(out, s)
	}
	return out
}

// called names columns as people do.
func called(columns []string) []string {
	words := make([]string, len(columns))
	for i, c := range columns {
		words[i] = data.Called(c)
	}
	return words
}

// counterfactual names the fewest findings that the score's reaching the threshold hangs on.
func counterfactual(findings []olorin.Finding, sigs []olorin.Signal, s olorin.Settings) *olorin.Counterfactual {
	without, score, exact := s.Scoring.Without(sigs, s.RiskThreshold)
	if len(without) == 0 {
		return nil
	}
	c := &olorin.Counterfactual{Threshold: s.RiskThreshold, Score: score, Exact: exact}
	for _, i := range without {
		c.Findings = append(c.Findings, findings[i].ID)
	}
	return c
}

// asFiled returns the entities with their values as the findings have them.
func asFiled(entities []olorin.Entity, findings []olorin.Finding) []olorin.Entity {
	entities = slices.Clone(entities)
	for i, e := range entities {
		for _, f := range findings {
			j := slices.IndexFunc(f.Entities, func(ref olorin.EntityRef) bool { return ref.Type == e.Type && e.Names(ref.Value) })
			if j >= 0 {
				entities[i].Value = f.Entities[j].Value
				break
			}
		}
	}
	return entities
}

type judgement struct {
	domains     []olorin.DomainScore
	notAssessed []olorin.NotAssessedTool
	gaps        []olorin.Gap // one for each of notAssessed
	missing     []string     // columns that alone keep checks from running, by the weight of those checks
	partial     bool         // not every tool came to an end
	cutOff      bool         // not every tool had its turn
	nothing     bool         // there was no row to look at
}

func judge(tools []olorin.ToolProgress, d olorin.Dataset, facts Facts) judgement {
	j := judgement{domains: []olorin.DomainScore{}, notAssessed: []olorin.NotAssessedTool{}}
	need := map[string]float64{}
	for _, p := range tools {
		i := slices.IndexFunc(j.domains, func(s olorin.DomainScore) bool { return s.Agent == p.Agent })
		if i < 0 {
			i = len(j.domains)
			j.domains = append(j.domains, olorin.DomainScore{Agent: p.Agent})
		}
		j.domains[i].Tools++
		if p.Outcome == olorin.Fired || p.Outcome == olorin.Clear {
			j.domains[i].Assessed++
			continue
		}
		told := olorin.NotAssessedTool{Tool: p.Tool, Agent: p.Agent, Title: p.Tool, Code: p.Code, Reason: p.Reason}
		switch {
		case p.Outcome == olorin.ToolFailed:
			told.Code = cmp.Or(told.Code, olorin.WhyToolFailed)
			told.Reason = "the check failed: " + cmp.Or(p.Error, "no error was told")
		case p.Outcome == "":
			told.Code, told.Reason = olorin.WhyNotReached, "the run ended before it"
		}
		j.partial = j.partial || told.Code.Unended()
		// A check that timed out by itself had its turn; one that the run's own end cut off had not.
		j.cutOff = j.cutOff || told.Code == olorin.WhyNotReached || told.Code == olorin.WhyOutOfTime && p.Status == olorin.WorkCancelled
		j.nothing = j.nothing || told.Code == olorin.WhyNoRows
		gap := olorin.Gap{Agent: p.Agent, Tool: p.Tool, Rate: facts.rate(p.Agent, p.Tool)}
		if t, ok := facts.find(p.Agent, p.Tool); ok {
			_, told.Columns = t.Assessable(d)
			if len(told.Columns) == 1 {
				need[told.Columns[0]] += t.Weight
			}
			told.Title, gap.Group, gap.Weight = t.Title, t.Group, t.Weight
		}
		if told.Code == olorin.WhyTooLarge {
			gap.Rate = 1 // there is what it looks for, and more than it can judge
		}
		told.BaseRate = gap.Rate
		told.Means = fmt.Sprintf("Whether there is anything that %q would have found is not known: it neither found nor excluded it.", told.Title)
		j.gaps = append(j.gaps, gap)
		j.notAssessed = append(j.notAssessed, told)
	}
	for i := range j.domains {
		j.domains[i].Coverage = float64(j.domains[i].Assessed) / float64(j.domains[i].Tools)
	}
	for column := range need {
		j.missing = append(j.missing, column)
	}
	slices.SortFunc(j.missing, func(a, b string) int { return cmp.Or(cmp.Compare(need[b], need[a]), strings.Compare(a, b)) })
	return j
}

// eventTime reads the time of an evidence row.
func eventTime(row olorin.EvidenceRow) (olorin.Time, bool) {
	var at olorin.Time
	switch v := row.Fields["event_time"].(type) {
	case olorin.Time:
		return v, true
	case string:
		if err := at.UnmarshalText([]byte(v)); err == nil {
			return at, true
		}
	}
	return at, false
}

// timeline tells of each finding when it began and when it ended, as far as its evidence shows.
func timeline(findings []olorin.Finding) []olorin.TimelineEntry {
	entries := []olorin.TimelineEntry{}
	for _, f := range findings {
		var own []olorin.TimelineEntry
		for _, row := range f.Evidence {
			if at, ok := eventTime(row); ok {
				own = append(own, olorin.TimelineEntry{At: at, FindingID: f.ID, Title: f.Title, Severity: f.Severity, Row: row.Row})
			}
		}
		if len(own) > 2 {
			own = []olorin.TimelineEntry{own[0], own[len(own)-1]}
		}
		entries = append(entries, own...)
		if len(entries) >= maxTimeline {
			break
		}
	}
	slices.SortStableFunc(entries, func(a, b olorin.TimelineEntry) int {
		return cmp.Or(a.At.Compare(b.At.Time), strings.Compare(a.FindingID, b.FindingID))
	})
	return entries
}

// accountTypes are the kinds of entity that stand for a person; in a row the others are tied to the first of them.
var accountTypes = []olorin.EntityType{"user_id", "account_id"}

// strongest tells of the finding that counts most, in a case of several entities for the one whose score is the case's.
func strongest(r olorin.Results) string {
	if len(r.Entities) < 2 {
		return "The strongest: " + r.Findings[0].Sentence
	}
	worst := slices.MaxFunc(r.Entities, func(a, b olorin.EntityPresence) int { return cmp.Compare(own(a), own(b)) })
	counts := func(f olorin.Finding) float64 {
		if len(f.Parts) == 0 {
			return f.Strength * f.Weight
		}
		i := slices.IndexFunc(f.Parts, func(p olorin.Part) bool { return p.Type == worst.Type && p.Value == worst.Value })
		if i < 0 {
			return 0
		}
		return f.Parts[i].Strength * f.Parts[i].Weight
	}
	most := slices.MaxFunc(r.Findings, func(a, b olorin.Finding) int { return cmp.Compare(counts(a), counts(b)) })
	return fmt.Sprintf("The strongest for %s %s, whose score it is: %s", worst.Type.Word(), worst.Value, most.Sentence)
}

// own is what an entity scores by itself.
func own(e olorin.EntityPresence) float64 {
	if e.RiskScore == nil {
		return 0
	}
	return *e.RiskScore
}

// summary says in a few sentences what the results say.
func summary(r olorin.Results, s olorin.Settings, j judgement, assessed, tools int) string {
	var absent []string
	for _, e := range r.Entities {
		if e.Rows == 0 {
			absent = append(absent, e.Type.Word()+" "+e.Value)
		}
	}
	missing := ""
	switch len(absent) {
	case 0:
	case 1:
		missing = strings.ToUpper(absent[0][:1]) + absent[0][1:] + " does not occur in the file."
	default:
		missing = strings.Join(absent, ", ") + " do not occur in the file."
	}
	if assessed == 0 {
		switch {
		case j.nothing && missing != "" && len(absent) == len(r.Entities):
			return missing + " There was nothing to look at, so there is no score, and nothing is said of the risk."
		case j.nothing && s.CorrelationMode == olorin.And && len(r.Entities) > 1:
			return strings.TrimSpace("No row of the file within the time range has an entity of every type that is named (AND), so there is no score. " + missing)
		case j.nothing:
			return strings.TrimSpace("The file has no row of the entities within the time range, so there is no score. " + missing)
		case j.cutOff:
			return fmt.Sprintf("The run's time was over before any of %s had ended, so there is no score.", olorin.Counted(tools, "check"))
		}
		return fmt.Sprintf("None of %s could look at this file, so there is no score.", olorin.Counted(tools, "check"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The risk is %s: %.1f of 100, an uncalibrated score, not a probability.", r.RiskLevel, *r.RiskScore)
	if words := s.Scoring.Words(); words != (olorin.Scoring{}).Words() {
		fmt.Fprintf(&b, " By the settings it is %s.", words)
	}
	fired := map[string]bool{}
	for _, f := range r.Findings {
		fired[f.Tool] = true
	}
	if len(r.Findings) == 0 {
		fmt.Fprintf(&b, " None of the %s that could look found anything.", olorin.Counted(assessed, "check"))
	} else {
		fmt.Fprintf(&b, " %d of the %s that could look found something (%s). %s", len(fired), olorin.Counted(assessed, "check"), olorin.Counted(len(r.Findings), "finding"), strongest(r))
		if !strings.HasSuffix(b.String(), ".") {
			b.WriteString(".")
		}
	}
	if open := len(r.NotAssessed); open > 0 {
		fmt.Fprintf(&b, " %s could not look; had one of them fired in full, and the others as they do at comparable accounts on average, the score could be up to %.1f.", olorin.Counted(open, "check"), r.ScoreInterval.High)
	}
	if r.Partial {
		fmt.Fprintf(&b, " The run was completed in part: %s.", r.Shortfall())
	}
	if d := r.Decision; d != nil && d.By == "list" {
		fmt.Fprintf(&b, " A list decides first: %s, since %s.", d.Ruling, d.Reason)
	} else if d != nil && d.By == "check" {
		fmt.Fprintf(&b, " A check that was promoted decides before the score: %s, since %s.", d.Ruling, d.Reason)
	}
	if missing != "" {
		b.WriteString(" " + missing)
	}
	return b.String()
}
