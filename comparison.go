package olorin

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Comparison tells what two runs do not share, from the first to the second.
type Comparison struct {
	From     RunSide              `json:"from"`
	To       RunSide              `json:"to"`
	SameData bool                 `json:"same_data" doc:"Both read the same bytes, by their sha256."`
	Settings []ReadableDifference `json:"settings" doc:"What differs in the settings, by path; of the entities and of the checks the whole choice."`
	Domains  []DomainShift        `json:"domains" doc:"The agents whose risk or coverage differs."`
	Added    []FindingSide        `json:"added" doc:"Findings that only the second has."`
	Gone     []FindingSide        `json:"gone" doc:"Findings that only the first has."`
	Changed  []FindingPair        `json:"changed" doc:"Findings of one check on one thing that differ in what they say."`
	Same     int                  `json:"same" doc:"Findings that both have as they are."`
	Tools    []ToolShift          `json:"tools" doc:"Checks that came to another outcome."`
}

// RunSide is one of the two.
type RunSide struct {
	ID        string         `json:"investigation_id"`
	Name      string         `json:"name"`
	Status    Status         `json:"status"`
	Version   int64          `json:"version"`
	StartedAt *Time          `json:"started_at"`
	RiskScore *float64       `json:"risk_score"`
	RiskLevel RiskLevel      `json:"risk_level"`
	Interval  *ScoreInterval `json:"score_interval"`
	Findings  int            `json:"findings"`
	Dataset   *DatasetStamp  `json:"dataset"`
	Digest    string         `json:"digest"`
}

// DomainShift is what one agent sees before and after; null where it was not part of the run, or assessed nothing.
type DomainShift struct {
	Agent    string   `json:"agent"`
	From     *float64 `json:"from"`
	To       *float64 `json:"to"`
	Assessed [2]int   `json:"assessed" doc:"How many of its checks assessed, before and after."`
}

// FindingSide is a finding in short.
type FindingSide struct {
	ID       string   `json:"id"`
	Agent    string   `json:"agent"`
	Tool     string   `json:"tool"`
	Version  int      `json:"tool_version"`
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Sentence string   `json:"sentence"`
	Key      string   `json:"key"`
	Strength float64  `json:"strength"`
	Weight   float64  `json:"weight"`
	Rows     int      `json:"evidence_total"`
}

// FindingPair is what one check says of one thing, before and after.
type FindingPair struct {
	From   FindingSide `json:"from"`
	To     FindingSide `json:"to"`
	Fields []string    `json:"fields" doc:"What differs: severity, sentence, strength, weight, evidence, tool_version."`
}

// ToolShift is what a check came to, before and after; empty where it was not part of the run.
type ToolShift struct {
	Agent  string  `json:"agent"`
	Tool   string  `json:"tool"`
	From   Outcome `json:"from"`
	To     Outcome `json:"to"`
	Reason string  `json:"reason,omitempty" doc:"Why it was not assessed, or failed, after; else before."`
}

// CompareRuns tells what two runs do not share. A finding is the same by its id; what one check says of one thing, by its key, in two
// ways is a change.
func CompareRuns(from, to Investigation) (Comparison, error) {
	c := Comparison{
		From: sideOf(from), To: sideOf(to), Settings: []ReadableDifference{}, Domains: []DomainShift{}, Added: []FindingSide{}, Gone: []FindingSide{}, Changed: []FindingPair{}, Tools: []ToolShift{},
	}
	c.SameData = c.From.Dataset != nil && c.To.Dataset != nil && c.From.Dataset.SHA256 == c.To.Dataset.SHA256
	if err := c.settings(from.Settings, to.Settings); err != nil {
		return c, err
	}
	c.findings(from.found(), to.found())
	c.domains(from.Results, to.Results)
	c.tools(from.Progress.Tools, to.Progress.Tools)
	return c, nil
}

// settings tells what differs in them. Lists are compared whole: by the place in a list nobody would know what is meant.
func (c *Comparison) settings(from, to Settings) error {
	for _, part := range []struct {
		path     string
		from, to any
	}{
		{"settings.dataset", from.Dataset, to.Dataset},
		{"settings.entities", from.Entities, to.Entities},
		{"settings.time_range", from.TimeRange, to.TimeRange},
		{"settings.tool_matrix", from.ToolMatrix, to.ToolMatrix},
		{"settings.correlation_mode", from.CorrelationMode, to.CorrelationMode},
		{"settings.execution_mode", from.ExecutionMode, to.ExecutionMode},
		{"settings.risk_threshold", from.RiskThreshold, to.RiskThreshold},
		{"settings.scoring.form", from.Scoring.form(), to.Scoring.form()},
		{"settings.scoring.agent_weights", from.Scoring.AgentWeights, to.Scoring.AgentWeights},
	} {
		a, err := generic(part.from)
		if err != nil {
			return err
		}
		b, err := generic(part.to)
		if err != nil {
			return err
		}
		var found []Difference
		if _, isList := a.([]any); isList && !reflect.DeepEqual(a, b) {
			found, err = whole(part.path, a, b)
		} else {
			err = differences(part.path, a, b, &found)
		}
		if err != nil {
			return err
		}
		for _, d := range found {
			r := d.readable()
			r.Path = strings.TrimPrefix(r.Path, "settings.")
			switch r.Path { // what nobody set is no "nothing"
			case "tool_matrix":
				r.Was, r.Is = cmp.Or(r.Was, matrixWords(nil)), cmp.Or(r.Is, matrixWords(nil))
			case "scoring.agent_weights":
				r.Was, r.Is = cmp.Or(r.Was, "all in full"), cmp.Or(r.Is, "all in full")
			}
			c.Settings = append(c.Settings, r)
		}
	}
	return nil
}

func (inv Investigation) found() []Finding {
	if inv.Results == nil {
		return nil
	}
	return inv.Results.Findings
}

func sideOf(inv Investigation) RunSide {
	s := RunSide{ID: inv.ID, Name: inv.Name, Status: inv.Status, Version: inv.Version, StartedAt: inv.StartedAt}
	if r := inv.Results; r != nil {
		s.RiskScore, s.RiskLevel, s.Interval, s.Findings, s.Dataset, s.Digest = r.RiskScore, r.RiskLevel, r.ScoreInterval, len(r.Findings), r.Dataset, r.Digest
	}
	return s
}

func shortOf(f Finding) FindingSide {
	return FindingSide{
		ID: f.ID, Agent: f.Agent, Tool: f.Tool, Version: f.ToolVersion, Severity: f.Severity, Title: f.Title, Sentence: f.Sentence, Key: f.Key,
		Strength: f.Strength, Weight: f.Weight, Rows: f.EvidenceTotal,
	}
}

func (c *Comparison) findings(from, to []Finding) {
	type thing struct{ tool, key string }
	byID, left := map[string]FindingSide{}, map[thing][]FindingSide{}
	for _, f := range from {
		byID[f.ID] = shortOf(f)
	}
	var fresh []FindingSide
	for _, f := range to {
		now := shortOf(f)
		was, both := byID[f.ID]
		if !both {
			fresh = append(fresh, now)
			continue
		}
		delete(byID, f.ID)
		c.pair(was, now)
	}
	for _, f := range from {
		if was, still := byID[f.ID]; still {
			k := thing{f.Tool, f.Key}
			left[k] = append(left[k], was)
		}
	}
	for _, now := range fresh {
		k := thing{now.Tool, now.Key}
		if others := left[k]; len(others) > 0 {
			left[k] = others[1:]
			delete(byID, others[0].ID)
			c.pair(others[0], now)
			continue
		}
		c.Added = append(c.Added, now)
	}
	for _, f := range from {
		if was, gone := byID[f.ID]; gone {
			c.Gone = append(c.Gone, was)
		}
	}
	gravest := func(a, b FindingSide) int {
		return cmp.Or(cmp.Compare(b.Strength*b.Weight, a.Strength*a.Weight), strings.Compare(a.Tool, b.Tool), strings.Compare(a.Key, b.Key))
	}
	slices.SortStableFunc(c.Added, gravest)
	slices.SortStableFunc(c.Gone, gravest)
	slices.SortStableFunc(c.Changed, func(a, b FindingPair) int { return gravest(a.To, b.To) })
}

// pair counts two findings as the same, or says in what they differ.
func (c *Comparison) pair(was, now FindingSide) {
	fields := []string{}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"severity", was.Severity == now.Severity},
		{"sentence", was.Sentence == now.Sentence},
		{"strength", was.Strength == now.Strength},
		{"weight", was.Weight == now.Weight},
		{"evidence", was.Rows == now.Rows && (was.ID == now.ID || was.Version != now.Version)},
		{"tool_version", was.Version == now.Version},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	if len(fields) == 0 {
		c.Same++
		return
	}
	c.Changed = append(c.Changed, FindingPair{was, now, fields})
}

func (c *Comparison) domains(from, to *Results) {
	type seen struct {
		risk     *float64
		assessed int
	}
	read := func(r *Results) (map[string]seen, []string) {
		m, names := map[string]seen{}, []string{}
		if r != nil {
			for _, d := range r.Domains {
				m[d.Agent] = seen{d.Risk, d.Assessed}
				names = append(names, d.Agent)
			}
		}
		return m, names
	}
	was, before := read(from)
	now, after := read(to)
	for _, agent := range union(before, after) {
		a, b := was[agent], now[agent]
		if a.assessed != b.assessed || !sameNumber(a.risk, b.risk) {
			c.Domains = append(c.Domains, DomainShift{agent, a.risk, b.risk, [2]int{a.assessed, b.assessed}})
		}
	}
}

func (c *Comparison) tools(from, to []ToolProgress) {
	read := func(list []ToolProgress) (map[string]ToolProgress, []string) {
		m, names := map[string]ToolProgress{}, []string{}
		for _, t := range list {
			m[t.Agent+" "+t.Tool] = t
			names = append(names, t.Agent+" "+t.Tool)
		}
		return m, names
	}
	was, before := read(from)
	now, after := read(to)
	for _, name := range union(before, after) {
		a, b := was[name], now[name]
		if a.Outcome != b.Outcome {
			c.Tools = append(c.Tools, ToolShift{cmp.Or(b.Agent, a.Agent), cmp.Or(b.Tool, a.Tool), a.Outcome, b.Outcome, cmp.Or(b.Error, b.Reason, a.Error, a.Reason)})
		}
	}
}

// union lists what is in either, in the order of the first and then of the second.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, s)
		}
	}
	return out
}

func sameNumber(a, b *float64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
