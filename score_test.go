package olorin_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"pgregory.net/rapid"
)

var standard olorin.Scoring

func TestScoreWorkedExample(t *testing.T) {
	got := standard.Score([]olorin.Signal{
		{Agent: "identity", Tool: "IDN-01", Group: "email", Strength: 1, Weight: 0.7},
		{Agent: "network", Tool: "NET-03", Group: "anonymity", Strength: 1, Weight: 0.25},
	}, nil)
	if got.Score != 77.5 {
		t.Fatalf("score of .7 and .25 = %v; want 77.5, which is 1 − .3 × .75", got.Score)
	}
	if got.Domains["identity"] != 70 || got.Domains["network"] != 25 {
		t.Errorf("domains = %v; want identity 70, network 25", got.Domains)
	}
	want := []olorin.Contribution{{Tool: "IDN-01", Agent: "identity", Points: 70}, {Tool: "NET-03", Agent: "network", Points: 7.5}}
	if !slices.Equal(got.Contributions, want) {
		t.Errorf("contributions = %v; want %v", got.Contributions, want)
	}
}

func TestScoreDampsRelatedChecks(t *testing.T) {
	related := standard.Score([]olorin.Signal{
		{Agent: "location", Tool: "A", Group: "country", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "B", Group: "country", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "C", Group: "country", Strength: 1, Weight: 0.4},
	}, nil)
	// 1 − (1 − .4)(1 − .2)(1 − .1)
	if related.Score != 56.8 {
		t.Errorf("three related checks = %v; want 56.8", related.Score)
	}
	apart := standard.Score([]olorin.Signal{
		{Agent: "location", Tool: "A", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "B", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "C", Strength: 1, Weight: 0.4},
	}, nil)
	if apart.Score != 78.4 {
		t.Errorf("three independent checks = %v; want 78.4", apart.Score)
	}
	var many []olorin.Signal
	for range 50 {
		many = append(many, olorin.Signal{Agent: "location", Tool: "A", Group: "country", Strength: 1, Weight: 1})
	}
	if got := standard.Score(many, nil).Score; got != 90 {
		t.Errorf("fifty findings of one group = %v; want the cap of 90", got)
	}
}

func TestScoreIntervalWidensWithWhatWasNotAssessed(t *testing.T) {
	signals := []olorin.Signal{{Agent: "device", Tool: "DEV-01", Strength: 1, Weight: 0.4}}
	closed := standard.Score(signals, nil)
	if closed.Interval.Low != 40 || closed.Interval.High != 40 {
		t.Errorf("everything assessed: interval %v; want 40..40", closed.Interval)
	}
	open := standard.Score(signals, []olorin.Gap{{Agent: "location", Tool: "GEO-01", Weight: 0.6, Rate: 0.05}})
	// 1 − .6 × (1 − .6) = .76: it may have fired in full, however seldom it does
	if open.Interval.Low != 40 || open.Interval.High != 76 || open.Score != 40 {
		t.Errorf("one check missing: score %v, interval %v; want 40, 40..76", open.Score, open.Interval)
	}
	open = standard.Score(signals, []olorin.Gap{{Agent: "location", Tool: "GEO-01", Weight: 0.6, Rate: 0.05}, {Agent: "network", Tool: "NET-04", Weight: 0.5, Rate: 0.1}, {Agent: "network", Tool: "NET-03", Weight: 0.5}})
	// 1 − .6 × (1 − .6) × (1 − .1 × .5)
	if open.Interval.High != 77.2 {
		t.Errorf("three checks missing: interval %v; want 40..77.2: one in full, the others at their rate", open.Interval)
	}
}

// scorings draws a form and what agents count, half the time all in full.
func scorings() *rapid.Generator[olorin.Scoring] {
	return rapid.Custom(func(t *rapid.T) olorin.Scoring {
		s := olorin.Scoring{Form: rapid.SampledFrom([]olorin.ScoreForm{"", olorin.NoisyOr, olorin.WeightedSum, olorin.AnyCritical}).Draw(t, "form")}
		if rapid.Bool().Draw(t, "in part") {
			s.AgentWeights = map[string]float64{}
			for _, agent := range []string{"device", "location", "elsewhere"} {
				s.AgentWeights[agent] = rapid.OneOf(rapid.Just(0.0), rapid.Just(1.0), rapid.Float64Range(0, 1)).Draw(t, agent)
			}
		}
		return s
	})
}

func signals() *rapid.Generator[[]olorin.Signal] {
	one := rapid.Custom(func(t *rapid.T) olorin.Signal {
		return olorin.Signal{
			Agent:    rapid.SampledFrom([]string{"device", "location", "payment"}).Draw(t, "agent"),
			Tool:     rapid.SampledFrom([]string{"A-01", "A-02", "A-03", "A-04", "A-05"}).Draw(t, "tool"),
			Group:    rapid.SampledFrom([]string{"", "g", "h"}).Draw(t, "group"),
			Strength: rapid.Float64Range(0, 1).Draw(t, "strength"),
			Weight:   rapid.Float64Range(0, 1).Draw(t, "weight"),
		}
	})
	return rapid.SliceOfN(one, 0, 40)
}

// inACase lets signals count for entities, each what it likes.
func inACase(t *rapid.T, signals []olorin.Signal) []olorin.Signal {
	n := rapid.IntRange(0, 4).Draw(t, "entities")
	for i := range signals {
		if n > 0 {
			signals[i].Counts = rapid.SliceOfN(rapid.Float64Range(0, 1), n, n).Draw(t, "counts")
		}
	}
	return signals
}

// A case is as bad as the worst in it: whoever else is looked at takes nothing from that, nor adds what is not the same one's.
func TestScoreOfSeveralEntities(t *testing.T) {
	victim := olorin.Entity{Type: "user_id", Value: "victim"}
	campus := olorin.Entity{Type: "ip_address", Value: "campus"}
	absent := olorin.Entity{Type: "user_id", Value: "absent"}
	counts := func(tool string, of, at float64) olorin.Finding {
		f := olorin.Finding{Agent: "location", Tool: tool, Strength: 1, Weight: max(of, at)}
		for entity, weight := range map[olorin.Entity]float64{victim: of, campus: at} {
			if weight > 0 {
				f.Parts = append(f.Parts, olorin.Part{Type: entity.Type, Value: entity.Value, Strength: 1, Weight: weight})
			}
		}
		return f
	}
	found := []olorin.Finding{counts("A-01", .6, .04), counts("A-02", .5, 0), counts("A-03", 0, .1)}
	got := standard.Score(olorin.Signals(found, []olorin.Entity{campus, victim, absent}), nil)
	// 1 − .4 × .5, and 1 − .96 × .9
	if got.Score != 80 || !slices.Equal(got.Entities, []float64{13.6, 80, 0}) {
		t.Errorf("score %v of %v; want 80 of 13.6, 80 and 0", got.Score, got.Entities)
	}
	if want := []olorin.Contribution{{Tool: "A-01", Agent: "location", Points: 60}, {Tool: "A-02", Agent: "location", Points: 20}}; !slices.Equal(got.Contributions, want) {
		t.Errorf("contributions %v; want those of the worst: %v", got.Contributions, want)
	}
	campus.Weight, victim.Weight = 10, 5
	if got := standard.Score(olorin.Signals(found, []olorin.Entity{campus, victim}), nil).Entities; !slices.Equal(got, []float64{13.6, 47.5}) {
		t.Errorf("half as heavy, the victim scores %v; want 47.5, which is 1 − .7 × .75", got)
	}
}

func TestScoreNeverFallsByAnotherEntity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := scorings().Draw(t, "scoring")
		given := signals().Draw(t, "signals")
		n := rapid.IntRange(1, 10).Draw(t, "entities")
		for i := range given {
			given[i].Counts = rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1)), n, n).Draw(t, "counts")
		}
		whole := form.Score(given, nil)
		if len(given) > 0 && (len(whole.Entities) != n || whole.Score != slices.Max(whole.Entities)) {
			t.Fatalf("score %v is not the largest of %v", whole.Score, whole.Entities)
		}
		for left := range n {
			fewer := slices.Clone(given)
			for i := range fewer {
				fewer[i].Counts = slices.Delete(slices.Clone(fewer[i].Counts), left, left+1)
			}
			if before := form.Score(fewer, nil).Score; n > 1 && before > whole.Score {
				t.Fatalf("entity %d lowers the score from %v to %v", left, before, whole.Score)
			}
		}
		for agent, risk := range whole.Domains {
			if form.AgentWeights == nil && risk > whole.Score {
				t.Fatalf("%s sees %v, more than the whole of %v", agent, risk, whole.Score)
			}
		}
	})
}

func TestAdviceNeverPassesOverWhatStands(t *testing.T) {
	of := func(severities ...olorin.Severity) (found []olorin.Finding) {
		for _, s := range severities {
			found = append(found, olorin.Finding{Severity: s})
		}
		return found
	}
	for _, c := range []struct {
		level    olorin.RiskLevel
		findings []olorin.Finding
		want     string
	}{
		{"medium", of("critical", "low"), "Have a person look at the critical finding before"},
		{"low", of("critical", "critical"), "Have a person look at the 2 critical findings before"},
		{"medium", of("high"), "Put the entities on watch"},
		{"low", of("high"), "Look at the high finding before the case is closed"},
		{"low", of("medium"), "Nothing found calls for action"},
	} {
		if got := olorin.Recommendations(c.level, 70, 30, c.findings, nil)[0]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s with %v: %q; want %q", c.level, c.findings, got, c.want)
		}
	}
}

func TestScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := scorings().Draw(t, "scoring")
		given := inACase(t, signals().Draw(t, "signals"))
		got := form.Score(given, nil)
		if got.Score < 0 || got.Score > 100 {
			t.Fatalf("score %v is not in 0..100", got.Score)
		}
		sum := 0.0
		for _, c := range got.Contributions {
			if c.Points <= 0 {
				t.Fatalf("contribution %v adds nothing", c)
			}
			sum += c.Points
		}
		if math.Abs(sum-got.Score) > 1e-6 {
			t.Fatalf("contributions sum to %v; the score is %v", sum, got.Score)
		}

		shuffled := slices.Clone(given)
		rng := rand.New(rand.NewPCG(1, uint64(len(given))))
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if other := form.Score(shuffled, nil); other.Score != got.Score || !slices.Equal(other.Contributions, got.Contributions) {
			t.Fatalf("another order gives %v %v; want %v %v", other.Score, other.Contributions, got.Score, got.Contributions)
		}

		more := append(slices.Clone(given), signals().Draw(t, "more")...)
		if after := form.Score(more, nil).Score; after < got.Score {
			t.Fatalf("more findings lower the score from %v to %v", got.Score, after)
		}
		if len(given) > 0 {
			stronger := slices.Clone(given)
			i := rapid.IntRange(0, len(given)-1).Draw(t, "which")
			stronger[i].Strength = 1
			for e := range stronger[i].Counts {
				stronger[i].Counts = slices.Clone(stronger[i].Counts)
				stronger[i].Counts[e] = 1
			}
			if after := form.Score(stronger, nil).Score; after < got.Score {
				t.Fatalf("a stronger finding lowers the score from %v to %v", got.Score, after)
			}
		}
	})
}

func TestSeverityOfGradesByWhatAFindingCounts(t *testing.T) {
	for _, c := range []struct {
		strength, weight float64
		want             olorin.Severity
	}{{1, 0.05, olorin.SeverityLow}, {1, 0.1, olorin.SeverityMedium}, {0.5, 0.5, olorin.SeverityHigh}, {1, 0.45, olorin.SeverityCritical}} {
		if got := olorin.SeverityOf(c.strength * c.weight); got != c.want {
			t.Errorf("strength %v × weight %v is %s; want %s", c.strength, c.weight, got, c.want)
		}
	}
}

// Where no group spans agents, the whole is 1 − Π(1 − a·D) over what the agents see by themselves.
func TestAgentsCountByTheirWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := signals().Draw(t, "signals")
		for i := range given {
			given[i].Group = given[i].Agent + given[i].Group
			given[i].Tool = given[i].Agent + given[i].Tool
		}
		form := scorings().Draw(t, "scoring")
		form.Form = olorin.NoisyOr
		got := form.Score(given, nil)
		rest := 1.0
		for agent, risk := range got.Domains {
			weight, ok := form.AgentWeights[agent]
			if !ok {
				weight = 1
			}
			rest *= 1 - weight*risk/100
		}
		if math.Abs(got.Score-100*(1-rest)) > .05 { // domains are told in hundredths
			t.Fatalf("%v of %v is %v; want %v", form, got.Domains, got.Score, 100*(1-rest))
		}
	})
}

func TestFormsByExample(t *testing.T) {
	one := func(agent, tool, group string, p float64) olorin.Signal {
		return olorin.Signal{Agent: agent, Tool: tool, Group: group, Strength: 1, Weight: p}
	}
	mail, hosting := one("identity", "IDN-01", "email", .7), one("network", "NET-03", "anonymity", .25)
	half := map[string]float64{"identity": .5}
	for _, c := range []struct {
		name    string
		form    olorin.Scoring
		signals []olorin.Signal
		want    float64
	}{
		{"identity counts half: 1 − (1 − .35)(1 − .25)", olorin.Scoring{AgentWeights: half}, []olorin.Signal{mail, hosting}, 51.25},
		{"identity counts nothing", olorin.Scoring{AgentWeights: map[string]float64{"identity": 0}}, []olorin.Signal{mail, hosting}, 25},
		{"a domain first, then its weight: 1 − (1 − .5(1 − .3 × .3))", olorin.Scoring{AgentWeights: half}, []olorin.Signal{mail, one("identity", "IDN-02", "name", .7)}, 45.5},
		{"a shared group is counted once, each by its agent: 1 − .75(1 − .35/2)… strongest first", olorin.Scoring{AgentWeights: half}, []olorin.Signal{one("identity", "A", "g", .5), one("network", "B", "g", .4)}, 47.5},
		{"points", olorin.Scoring{Form: olorin.WeightedSum}, []olorin.Signal{mail, hosting}, 95},
		{"points are cut at 100", olorin.Scoring{Form: olorin.WeightedSum}, []olorin.Signal{mail, hosting, one("device", "D", "", .3)}, 100},
		{"a check gives its points once", olorin.Scoring{Form: olorin.WeightedSum}, []olorin.Signal{hosting, hosting, one("network", "NET-03", "anonymity", .1)}, 25},
		{"points by weight", olorin.Scoring{Form: olorin.WeightedSum, AgentWeights: half}, []olorin.Signal{mail, hosting}, 60},
		{"nothing found", olorin.Scoring{Form: olorin.AnyCritical}, nil, 0},
		{"critical begins at critical", olorin.Scoring{Form: olorin.AnyCritical}, []olorin.Signal{one("a", "A", "", .45), hosting}, 80},
		{"as high as high can be", olorin.Scoring{Form: olorin.AnyCritical}, []olorin.Signal{one("a", "A", "", .4499999)}, 79.99},
		{"the gravest, not the number", olorin.Scoring{Form: olorin.AnyCritical}, []olorin.Signal{hosting, hosting, hosting, hosting}, 60},
		{"certain", olorin.Scoring{Form: olorin.AnyCritical}, []olorin.Signal{one("a", "A", "", 1)}, 100},
	} {
		got := c.form.Score(c.signals, nil)
		if got.Score != c.want {
			t.Errorf("%s: %v; want %v", c.name, got.Score, c.want)
		}
	}
}

// In the rule-based form the band of the case is named as its gravest finding, wherever that stands.
func TestAnyCriticalIsAsGraveAsTheGravest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float64Range(0, 1).Draw(t, "p")
		score := olorin.Scoring{Form: olorin.AnyCritical}.Score([]olorin.Signal{{Agent: "a", Tool: "A", Strength: 1, Weight: p}}, nil).Score
		if level, severity := olorin.LevelOf(score), olorin.SeverityOf(p); string(level) != string(severity) {
			t.Fatalf("a %s finding of %v makes a %s case of %v", severity, p, level, score)
		}
	})
}

// A finding is graded by what it counts in its case, and told in that order: an entity or an agent of little weight brings nothing critical.
func TestSeverityIsOfWhatAFindingCounts(t *testing.T) {
	ann, bob := olorin.Entity{Type: "user_id", Value: "ann", Weight: 10}, olorin.Entity{Type: "user_id", Value: "bob", Weight: 2}
	of := func(id string, weight float64, entities ...olorin.Entity) olorin.Finding {
		f := olorin.Finding{ID: id, Agent: id, Tool: "A", Strength: 1, Weight: weight}
		for _, e := range entities {
			f.Parts = append(f.Parts, olorin.Part{Type: e.Type, Value: e.Value, Strength: 1, Weight: weight})
		}
		return f
	}
	s := olorin.Settings{Entities: []olorin.Entity{ann, bob}, Scoring: olorin.Scoring{AgentWeights: map[string]float64{"half": .5}}}
	findings := []olorin.Finding{of("light", .7, bob), of("half", .7, ann), of("both", .5, bob, ann), of("all", .5), of("small", .05, ann)}
	s.GravestFirst(findings)
	var order []string
	counts := map[string]float64{}
	for _, f := range findings {
		order = append(order, f.ID)
		counts[f.ID] = math.Round(1e6*s.Counts(f)) / 1e6
	}
	want := map[string]float64{"light": .14, "half": .35, "both": .5, "all": .5, "small": .05} // .7 × 2/10, .7 × .5
	if !maps.Equal(counts, want) || !slices.Equal(order, []string{"all", "both", "half", "light", "small"}) {
		t.Errorf("%v in the order %v; want %v", counts, order, want)
	}
}
