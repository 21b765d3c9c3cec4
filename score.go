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
	Group    string  // checks of one group, also of several agents, measure related things; empty: the tool stands alone
	Strength float64 // 0..1
	Weight   float64 // 0..1
}

// Gap is a check that was not assessed. It can only widen the interval, never move the score.
type Gap struct {
	Agent  string
	Tool   string
	Group  string
	Weight float64 // 0..1
}

// Scored is what the signals add up to. All scores are 0..100.
type Scored struct {
	Score         float64
	Interval      ScoreInterval
	Domains       map[string]float64 // by agent; agents without a signal are absent
	Contributions []Contribution     // strongest check first; the points sum to Score
}

const (
	// groupCap bounds what one group of related checks can reach: however often the same thing is said, it is one thing.
	groupCap = 0.9
	// gapRate is how often a check that could not run is taken to fire at full strength, for the upper end of the interval.
	gapRate = 0.05
)

// Score adds signals up by damped noisy-OR. A signal counts p = weight × strength. Within a group the strongest
// counts in full, the next by ½, then ¼ and so on, the group at most groupCap; groups add up as 1 − Π(1 − p), to an
// agent's domain and to the whole. A group may span agents (an amount that stands out concerns both behaviour and
// payment): each domain counts its part in full, the whole counts the group once. The score does not depend on the
// order of the signals and never falls when one is added or grows. It is not calibrated: 60 is not a chance of 60 %.
func Score(signals []Signal, gaps []Gap) Scored {
	sorted := bySize(signals)
	s := Scored{Score: hundredth(100 * total(sorted)), Domains: map[string]float64{}, Contributions: []Contribution{}}
	for agent, p := range domains(sorted) {
		s.Domains[agent] = hundredth(100 * p)
	}

	// The waterfall: take the checks in, strongest first; each is given what it adds to those before it.
	type check struct{ agent, tool string }
	var order []check
	for _, sig := range sorted {
		if c := (check{sig.Agent, sig.Tool}); !slices.Contains(order, c) {
			order = append(order, c)
		}
	}
	before := 0.0
	var taken []Signal
	for _, c := range order {
		for _, sig := range sorted {
			if sig.Agent == c.agent && sig.Tool == c.tool {
				taken = append(taken, sig)
			}
		}
		after := hundredth(100 * total(bySize(taken)))
		if points := hundredth(after - before); points > 0 {
			s.Contributions = append(s.Contributions, Contribution{Agent: c.agent, Tool: c.tool, Points: points})
		}
		before = after
	}

	open := slices.Clone(signals)
	for _, g := range gaps {
		open = append(open, Signal{Agent: g.Agent, Tool: g.Tool, Group: g.Group, Strength: gapRate, Weight: g.Weight})
	}
	s.Interval = ScoreInterval{Low: s.Score, High: max(s.Score, hundredth(100*total(bySize(open))))}
	return s
}

// p is what the signal alone would count, 0..1.
func (s Signal) p() float64 {
	p := s.Weight * s.Strength
	if math.IsNaN(p) {
		return 0
	}
	return min(1, max(0, p))
}

func (s Signal) group() string {
	if s.Group == "" {
		return "tool " + s.Tool
	}
	return s.Group
}

// bySize sorts a copy, so that sums of floats do not depend on the order given.
func bySize(signals []Signal) []Signal {
	sorted := slices.Clone(signals)
	slices.SortFunc(sorted, func(a, b Signal) int {
		return cmp.Or(cmp.Compare(b.p(), a.p()), strings.Compare(a.Agent, b.Agent), strings.Compare(a.Tool, b.Tool), strings.Compare(a.group(), b.group()))
	})
	return sorted
}

// domains is what each agent sees by itself. It wants its signals sorted by bySize.
func domains(sorted []Signal) map[string]float64 {
	byAgent := map[string][]Signal{}
	for _, s := range sorted {
		byAgent[s.Agent] = append(byAgent[s.Agent], s)
	}
	risk := map[string]float64{}
	for agent, own := range byAgent {
		risk[agent] = total(own)
	}
	return risk
}

// total wants its signals sorted by bySize.
func total(sorted []Signal) float64 {
	type sum struct{ clear, damping float64 } // Π(1 − damped p) so far, and what the next counts
	groups := map[string]*sum{}
	for _, s := range sorted {
		g := groups[s.group()]
		if g == nil {
			g = &sum{1, 1}
			groups[s.group()] = g
		}
		g.clear *= 1 - s.p()*g.damping
		g.damping /= 2
	}
	clear := make([]float64, 0, len(groups))
	for _, g := range groups {
		clear = append(clear, max(1-groupCap, g.clear))
	}
	slices.Sort(clear) // a product of floats depends on its order
	rest := 1.0
	for _, c := range clear {
		rest *= c
	}
	return 1 - rest
}

// hundredth keeps two decimals, so that equal findings give equal scores whatever a sum of floats does in its last digits.
func hundredth(x float64) float64 { return math.Round(x*100) / 100 }

// SeverityOf grades p = strength × weight, 0..1: low below .10, medium below .25, high below .45, then critical.
func SeverityOf(strength, weight float64) Severity {
	switch p := strength * weight; {
	case p < 0.10:
		return SeverityLow
	case p < 0.25:
		return SeverityMedium
	case p < 0.45:
		return SeverityHigh
	}
	return SeverityCritical
}

// Recommendations tells what to do at a risk level, and what to get where much could not be assessed.
// missing are the columns that would let more checks run, most useful first.
func Recommendations(level RiskLevel, threshold, score float64, missing []string) []string {
	var r []string
	switch level {
	case "critical":
		r = []string{
			"Hold open payments of the entities named here until a person has looked at the findings.",
			"Confirm the findings with the customer through a channel that was known before the first of them.",
			"Look at the entities that share evidence with them: the graph lists them.",
		}
	case "high":
		r = []string{
			"Have a person look at the findings, strongest first, before the next payment is released.",
			"Ask for a further proof of identity at the next log-in or payment.",
		}
	case "medium":
		r = []string{"Put the entities on watch and look again when new events have come in."}
	default:
		r = []string{"Nothing found calls for action. Close the case, or widen the time range."}
	}
	if score >= threshold && (level == "low" || level == "medium") {
		r = append(r, fmt.Sprintf("The score of %.1f reaches the threshold of %.0f set for this case: have a person look at it.", score, threshold))
	}
	if len(missing) > 0 {
		r = append(r, "Bring a file that also has "+enumerate(missing[:min(len(missing), 5)])+": checks that could not run need it.")
	}
	return r
}

// enumerate joins words as a sentence does: "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
