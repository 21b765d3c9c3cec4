package olorin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Scoring is how findings add up to a score. The zero value is the damped noisy-OR, every agent counting in full.
type Scoring struct {
	Form         ScoreForm          `json:"form,omitempty" enum:"noisy_or,weighted_sum,any_critical" doc:"noisy_or where absent."`
	AgentWeights map[string]float64 `json:"agent_weights,omitempty" doc:"0..1, what the findings of an agent count in the whole; 1 where absent. The agent's own risk stays what it is."`
}

// ScoreForm names a way in which findings add up.
type ScoreForm string

// The forms.
const (
	NoisyOr     ScoreForm = "noisy_or"     // evidence that is independent makes the rest of the doubt smaller; related evidence counts less
	WeightedSum ScoreForm = "weighted_sum" // the points of every check that fired, up to 100
	AnyCritical ScoreForm = "any_critical" // the case is as grave as its gravest finding
)

var scoreForms = []ScoreForm{NoisyOr, WeightedSum, AnyCritical}

// maxAgentWeights bounds how many agents may be given a weight.
const maxAgentWeights = 100

// normal leaves out what says no more than its absence.
func (s Scoring) normal() Scoring {
	if s.Form == NoisyOr {
		s.Form = ""
	}
	s.AgentWeights = maps.Clone(s.AgentWeights)
	maps.DeleteFunc(s.AgentWeights, func(_ string, weight float64) bool { return weight == 1 })
	if len(s.AgentWeights) == 0 {
		s.AgentWeights = nil
	}
	return s
}

func (s Scoring) faults(add func(pointer, code, format string, args ...any)) {
	if s.Form != "" && !slices.Contains(scoreForms, s.Form) {
		add("/scoring/form", "unknown", "%q is not a form of score; use one of %s", s.Form, list(scoreForms))
	}
	if n := len(s.AgentWeights); n > maxAgentWeights {
		add("/scoring/agent_weights", "too_many", "%d agents are given a weight; at most %d can be", n, maxAgentWeights)
		return
	}
	for _, agent := range slices.Sorted(maps.Keys(s.AgentWeights)) {
		if weight := s.AgentWeights[agent]; !(weight >= 0 && weight <= 1) {
			add("/scoring/agent_weights/"+pointerEscapes.Replace(agent), "out_of_bounds", "the weight of agent %s is %g; it must be 0 to 1", agent, weight)
		}
	}
}

// weight is what an agent counts in the whole, 0..1.
func (s Scoring) weight(agent string) float64 {
	if weight, ok := s.AgentWeights[agent]; ok {
		return weight
	}
	return 1
}

// form is the form in force.
func (s Scoring) form() ScoreForm { return cmp.Or(s.Form, NoisyOr) }

// shares tells what is counted in part: "network 50 %".
func (s Scoring) shares() []string {
	shares := []string{}
	for _, agent := range slices.Sorted(maps.Keys(s.AgentWeights)) {
		shares = append(shares, fmt.Sprintf("%s %.4g %%", agent, 100*s.AgentWeights[agent]))
	}
	return shares
}

// Words says how the score is made: "it is …".
func (s Scoring) Words() string {
	words := map[ScoreForm]string{
		NoisyOr:     "a damped noisy-OR of what was found",
		WeightedSum: "the sum of the points of the checks that fired, at most 100",
		AnyCritical: "as grave as the gravest finding: one that is critical makes the case critical",
	}[s.form()]
	if shares := s.shares(); len(shares) > 0 {
		words += "; agents that count in part: " + strings.Join(shares, ", ")
	}
	return words
}

// Counts is what a finding counts in a case with these settings, 0..1: for the entity for which it counts most, with the weights of that
// entity and of its agent.
func (s Settings) Counts(f Finding) float64 {
	signal, most := Signals([]Finding{f}, s.Entities)[0], 0.0
	for e := range max(1, len(s.Entities)) {
		most = max(most, signal.counts(e))
	}
	return most * s.Scoring.weight(f.Agent)
}

// GravestFirst sorts findings by what they count in a case with these settings.
func (s Settings) GravestFirst(findings []Finding) {
	counts := make(map[string]float64, len(findings))
	for _, f := range findings {
		counts[f.ID] = s.Counts(f)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(counts[b.ID], counts[a.ID]), cmp.Compare(b.Strength*b.Weight, a.Strength*a.Weight), strings.Compare(a.Tool, b.Tool), strings.Compare(a.Key, b.Key), strings.Compare(a.ID, b.ID))
	})
}

// total is what evidence for one entity adds up to, 0..1. It wants it sorted as by byEntity, and never falls when more is there.
func (s Scoring) total(sorted []counted) float64 {
	switch s.Form {
	case WeightedSum:
		return sum(sorted)
	case AnyCritical:
		if len(sorted) == 0 {
			return 0
		}
		return grade(sorted[0].whole)
	}
	return noisyOr(sorted)
}

// sum adds up what each check counts by its strongest finding, as a table of points does: a check that fires says so once.
func sum(sorted []counted) float64 {
	type check struct{ agent, tool string }
	said := map[check]bool{}
	total := 0.0
	for _, s := range sorted {
		if c := (check{s.agent, s.tool}); !said[c] {
			said[c] = true
			total += s.whole
		}
	}
	return min(1, total)
}

// grade puts what a finding counts, 0..1, on the scale of the score, so that the score's band is named as the finding's severity is.
func grade(p float64) float64 {
	for _, step := range []struct{ from, to, low, high float64 }{
		{0, severityMedium, 0, .3999}, {severityMedium, severityHigh, .4, .5999}, {severityHigh, severityCritical, .6, .7999}, {severityCritical, 1, .8, 1},
	} {
		if p < step.to || step.to == 1 {
			return step.low + (step.high-step.low)*(p-step.from)/(step.to-step.from)
		}
	}
	return 1
}

// noisyOr is 1 − Π(1 − a·D) over the agents' domains. A group in which several agents found something belongs to none of the domains and
// counts once beside them. Of an agent that counts in full the groups may stand for the domain: the product is the same.
func noisyOr(sorted []counted) float64 {
	type sum struct {
		clear, whole, damping float64 // Π(1 − damped p) so far, without and with the weights of agents, and what the next counts
		agent                 string
		weight                float64
		shared                bool
	}
	groups := make(map[string]sum, len(sorted))
	for _, s := range sorted {
		if s.whole == 0 {
			continue // of an agent that counts nothing
		}
		g, ok := groups[s.group]
		if !ok {
			g = sum{1, 1, 1, s.agent, s.weight, false}
		}
		groups[s.group] = sum{g.clear * (1 - s.p*g.damping), g.whole * (1 - s.whole*g.damping), g.damping / 2, g.agent, g.weight, g.shared || g.agent != s.agent}
	}
	clear := make([]float64, 0, len(groups))
	type domain struct {
		clear  []float64
		weight float64
	}
	var domains map[string]domain // of the agents that count in part
	for _, g := range groups {
		if g.shared || g.weight == 1 {
			clear = append(clear, max(1-groupCap, g.whole))
			continue
		}
		if domains == nil {
			domains = map[string]domain{}
		}
		domains[g.agent] = domain{append(domains[g.agent].clear, max(1-groupCap, g.clear)), g.weight}
	}
	for _, d := range domains {
		clear = append(clear, 1-d.weight*(1-product(d.clear)))
	}
	return 1 - product(clear)
}

// product sorts its factors: a product of floats depends on their order.
func product(factors []float64) float64 {
	slices.Sort(factors)
	p := 1.0
	for _, f := range factors {
		p *= f
	}
	return p
}
