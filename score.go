package olorin

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Signal is one piece of evidence as the score sees it: a finding without its words.
type Signal struct {
	Agent    string
	Tool     string
	Group    string    // checks of one group, also of several agents, measure related things; empty: the tool stands alone
	Strength float64   // 0..1
	Weight   float64   // 0..1
	Counts   []float64 // 0..1, what it counts for each entity of the case, by the entity's place; nil: strength × weight for every one
}

// Signals is what the score sees of findings in a case of entities. An entity's weight counts relative to the heaviest: what a finding
// counts for an entity of weight 2, in a case whose heaviest is 10, is a fifth.
func Signals(findings []Finding, entities []Entity) []Signal {
	heaviest := 1
	for _, e := range entities {
		heaviest = max(heaviest, e.Weight)
	}
	signals := make([]Signal, len(findings))
	for i, f := range findings {
		signals[i] = Signal{Agent: f.Agent, Tool: f.Tool, Group: f.Group, Strength: f.Strength, Weight: f.Weight}
		if len(f.Parts) == 0 {
			continue
		}
		signals[i].Counts = make([]float64, len(entities))
		for at, e := range entities {
			for _, part := range f.Parts {
				if part.Type == e.Type && part.Value == e.Value {
					signals[i].Counts[at] = part.Strength * part.Weight * float64(max(1, e.Weight)) / float64(heaviest)
				}
			}
		}
	}
	return signals
}

// Gap is a check that was not assessed. It can only widen the interval, never move the score: the upper end is what the score would be had
// one of the gaps, that which would add the most, fired in full, and the others as they commonly do.
type Gap struct {
	Agent  string
	Tool   string
	Group  string
	Weight float64 // 0..1
	Rate   float64 // 0..1, the strength that it commonly has
}

// Scored is what the signals add up to. All scores are 0..100.
type Scored struct {
	Score         float64
	Entities      []float64 // the score of each entity by itself; Score is the largest of them
	Interval      ScoreInterval
	Domains       map[string]float64 // by agent; agents without a signal are absent
	Contributions []Contribution     // strongest check first; the points sum to Score
}

// groupCap bounds what one group of related checks can reach: however often the same thing is said, it is one thing.
const groupCap = 0.9

// Score adds signals up for each entity of the case by itself, and is that of the entity with the most: a case is as bad as the worst in
// it, and whoever else is looked at takes nothing from that. A signal counts p = weight × strength, and in the whole that times the weight
// of its agent.
//
// By the damped noisy-OR the strongest of a group counts in full, the next by ½, then ¼ and so on, the group at most groupCap; groups add
// up as 1 − Π(1 − p), to an agent's domain and to the whole. A group may span agents (an amount that stands out concerns both behaviour and
// payment): each domain counts its part in full, the whole counts the group once. The other forms are told at ScoreForm.
//
// In every form the score does not depend on the order of the signals or of the entities, and never falls when one of either is added or
// grows. It is not calibrated: 60 is not a chance of 60 %.
func (form Scoring) Score(signals []Signal, gaps []Gap) Scored {
	s := Scored{Domains: map[string]float64{}, Contributions: []Contribution{}}
	var worst []counted
	for _, own := range form.byEntity(signals) {
		score := hundredth(100 * form.total(own))
		if score > s.Score || worst == nil {
			s.Score, worst = score, own
		}
		s.Entities = append(s.Entities, score)
		for agent, risk := range form.domains(own) {
			s.Domains[agent] = max(s.Domains[agent], hundredth(100*risk))
		}
	}

	// The waterfall: take the checks in, strongest first; each is given what it adds to those before it.
	type check struct{ agent, tool string }
	var order []check
	for _, sig := range worst {
		if c := (check{sig.agent, sig.tool}); !slices.Contains(order, c) {
			order = append(order, c)
		}
	}
	before := 0.0
	taken := map[check]bool{}
	for _, c := range order {
		taken[c] = true
		after := hundredth(100 * form.total(slices.DeleteFunc(slices.Clone(worst), func(sig counted) bool { return !taken[check{sig.agent, sig.tool}] })))
		if points := hundredth(after - before); points > 0 {
			s.Contributions = append(s.Contributions, Contribution{Agent: c.agent, Tool: c.tool, Points: points})
		}
		before = after
	}

	s.Interval = ScoreInterval{Low: s.Score, High: s.Score}
	open := slices.Clone(signals)
	for _, g := range gaps {
		open = append(open, Signal{Agent: g.Agent, Tool: g.Tool, Group: g.Group, Strength: g.Rate, Weight: g.Weight})
	}
	for at := len(signals); at < len(open); at++ {
		rate := open[at].Strength
		open[at].Strength = 1
		for _, own := range form.byEntity(open) {
			s.Interval.High = max(s.Interval.High, hundredth(100*form.total(own)))
		}
		open[at].Strength = rate
	}
	return s
}

// counted is a signal as it counts for one entity.
type counted struct {
	agent, tool, group string
	p                  float64 // 0..1
	weight             float64 // 0..1, of its agent
	whole              float64 // p × weight
	at                 int     // its place among the signals
}

// byEntity lists for each entity what counts for it, sorted so that sums of floats do not depend on the order given. There is at least one.
func (form Scoring) byEntity(signals []Signal) [][]counted {
	n := 1
	for _, s := range signals {
		n = max(n, len(s.Counts))
	}
	entities := make([][]counted, n)
	for e := range entities {
		own := make([]counted, 0, len(signals))
		for at, s := range signals {
			if p := s.counts(e); p > 0 {
				weight := form.weight(s.Agent)
				own = append(own, counted{s.Agent, s.Tool, cmp.Or(s.Group, "tool "+s.Tool), p, weight, p * weight, at})
			}
		}
		slices.SortFunc(own, func(a, b counted) int {
			return cmp.Or(cmp.Compare(b.whole, a.whole), cmp.Compare(b.p, a.p), strings.Compare(a.agent, b.agent), strings.Compare(a.tool, b.tool), strings.Compare(a.group, b.group), cmp.Compare(a.at, b.at))
		})
		entities[e] = own
	}
	return entities
}

// counts is what the signal alone would count for an entity, 0..1.
func (s Signal) counts(entity int) float64 {
	p := s.Weight * s.Strength
	if s.Counts != nil {
		p = 0
		if entity < len(s.Counts) {
			p = s.Counts[entity]
		}
	}
	if math.IsNaN(p) {
		return 0
	}
	return min(1, max(0, p))
}

// domains is what each agent sees by itself, whatever it counts in the whole. It wants signals sorted as by byEntity.
func (form Scoring) domains(sorted []counted) map[string]float64 {
	byAgent := map[string][]counted{}
	for _, s := range sorted {
		s.weight, s.whole = 1, s.p
		byAgent[s.agent] = append(byAgent[s.agent], s)
	}
	risk := map[string]float64{}
	for agent, own := range byAgent {
		risk[agent] = form.total(own)
	}
	return risk
}

// hundredth keeps two decimals, so that equal findings give equal scores whatever a sum of floats does in its last digits.
func hundredth(x float64) float64 { return math.Round(x*100) / 100 }

// Where the severities begin, by what a finding counts.
const (
	severityMedium   = 0.10
	severityHigh     = 0.25
	severityCritical = 0.45
)

// SeverityOf grades what a finding counts, 0..1: low below .10, medium below .25, high below .45, then critical.
func SeverityOf(counts float64) Severity {
	switch {
	case counts < severityMedium:
		return SeverityLow
	case counts < severityHigh:
		return SeverityMedium
	case counts < severityCritical:
		return SeverityHigh
	}
	return SeverityCritical
}

// Recommendations tells what to do at a risk level and with the findings that stand, and what to get where much could not be assessed.
// missing are the columns that would let more checks run, most useful first.
func Recommendations(level RiskLevel, threshold, score float64, findings []Finding, missing []string) []string {
	standing := map[Severity]int{}
	for _, f := range findings {
		standing[f.Severity]++
	}
	noun := func(s Severity) string {
		if standing[s] == 1 {
			return fmt.Sprintf("the %s finding", s)
		}
		return fmt.Sprintf("the %d %s findings", standing[s], s)
	}
	var r []string
	switch {
	case level == "critical":
		r = []string{
			"Hold open payments of the entities named here until a person has looked at the findings.",
			"Confirm the findings with the customer through a channel that was known before the first of them.",
			"Look at the entities that share evidence with them: the graph lists them.",
		}
	case level == "high":
		r = []string{
			"Have a person look at the findings, strongest first, before the next payment is released.",
			"Ask for a further proof of identity at the next log-in or payment.",
		}
	case standing[SeverityCritical] > 0:
		r = []string{"Have a person look at " + noun(SeverityCritical) + " before the next payment is released, whatever the score says of the whole."}
	case level == "medium":
		r = []string{"Put the entities on watch and look again when new events have come in."}
	case standing[SeverityHigh] > 0:
		r = []string{"Look at " + noun(SeverityHigh) + " before the case is closed: the score alone calls for no action."}
	default:
		r = []string{"Nothing found calls for action. Close the case, or widen the time range."}
	}
	if score >= threshold && (level == "low" || level == "medium") {
		r = append(r, fmt.Sprintf("The score of %.1f reaches the threshold of %.0f set for this case: have a person look at it.", score, threshold))
	}
	return append(r, Wanted(missing)...)
}

// Wanted tells what to get so that more checks can look.
func Wanted(missing []string) []string {
	if len(missing) == 0 {
		return nil
	}
	return []string{"Bring a file that also has columns for these, the most useful first: " + strings.Join(missing[:min(len(missing), 5)], "; ") + ". Each alone lets checks run that could not."}
}

// enumerate joins words as a sentence does: "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
