package olorin_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"pgregory.net/rapid"
)

func TestScoreWorkedExample(t *testing.T) {
	got := olorin.Score([]olorin.Signal{
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
	related := olorin.Score([]olorin.Signal{
		{Agent: "location", Tool: "A", Group: "country", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "B", Group: "country", Strength: 1, Weight: 0.4},
		{Agent: "location", Tool: "C", Group: "country", Strength: 1, Weight: 0.4},
	}, nil)
	// 1 − (1 − .4)(1 − .2)(1 − .1)
	if related.Score != 56.8 {
		t.Errorf("three related checks = %v; want 56.8", related.Score)
	}
	apart := olorin.Score([]olorin.Signal{
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
	if got := olorin.Score(many, nil).Score; got != 90 {
		t.Errorf("fifty findings of one group = %v; want the cap of 90", got)
	}
}

func TestScoreIntervalWidensWithWhatWasNotAssessed(t *testing.T) {
	signals := []olorin.Signal{{Agent: "device", Tool: "DEV-01", Strength: 1, Weight: 0.4}}
	closed := olorin.Score(signals, nil)
	if closed.Interval.Low != 40 || closed.Interval.High != 40 {
		t.Errorf("everything assessed: interval %v; want 40..40", closed.Interval)
	}
	open := olorin.Score(signals, []olorin.Gap{{Agent: "location", Tool: "GEO-01", Weight: 0.6, Rate: 0.05}})
	// 1 − .6 × (1 − .05 × .6) = .418
	if open.Interval.Low != 40 || open.Interval.High != 41.8 || open.Score != 40 {
		t.Errorf("one check missing: score %v, interval %v; want 40, 40..41.8", open.Score, open.Interval)
	}
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
	got := olorin.Score(olorin.Signals(found, []olorin.Entity{campus, victim, absent}), nil)
	// 1 − .4 × .5, and 1 − .96 × .9
	if got.Score != 80 || !slices.Equal(got.Entities, []float64{13.6, 80, 0}) {
		t.Errorf("score %v of %v; want 80 of 13.6, 80 and 0", got.Score, got.Entities)
	}
	if want := []olorin.Contribution{{Tool: "A-01", Agent: "location", Points: 60}, {Tool: "A-02", Agent: "location", Points: 20}}; !slices.Equal(got.Contributions, want) {
		t.Errorf("contributions %v; want those of the worst: %v", got.Contributions, want)
	}
	campus.Weight, victim.Weight = 10, 5
	if got := olorin.Score(olorin.Signals(found, []olorin.Entity{campus, victim}), nil).Entities; !slices.Equal(got, []float64{13.6, 47.5}) {
		t.Errorf("half as heavy, the victim scores %v; want 47.5, which is 1 − .7 × .75", got)
	}
}

func TestScoreNeverFallsByAnotherEntity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := signals().Draw(t, "signals")
		n := rapid.IntRange(1, 10).Draw(t, "entities")
		for i := range given {
			given[i].Counts = rapid.SliceOfN(rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 1)), n, n).Draw(t, "counts")
		}
		whole := olorin.Score(given, nil)
		if len(given) > 0 && (len(whole.Entities) != n || whole.Score != slices.Max(whole.Entities)) {
			t.Fatalf("score %v is not the largest of %v", whole.Score, whole.Entities)
		}
		for left := range n {
			fewer := slices.Clone(given)
			for i := range fewer {
				fewer[i].Counts = slices.Delete(slices.Clone(fewer[i].Counts), left, left+1)
			}
			if before := olorin.Score(fewer, nil).Score; n > 1 && before > whole.Score {
				t.Fatalf("entity %d lowers the score from %v to %v", left, before, whole.Score)
			}
		}
		for agent, risk := range whole.Domains {
			if risk > whole.Score {
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
		given := inACase(t, signals().Draw(t, "signals"))
		got := olorin.Score(given, nil)
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
		if other := olorin.Score(shuffled, nil); other.Score != got.Score || !slices.Equal(other.Contributions, got.Contributions) {
			t.Fatalf("another order gives %v %v; want %v %v", other.Score, other.Contributions, got.Score, got.Contributions)
		}

		more := append(slices.Clone(given), signals().Draw(t, "more")...)
		if after := olorin.Score(more, nil).Score; after < got.Score {
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
			if after := olorin.Score(stronger, nil).Score; after < got.Score {
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
		if got := olorin.SeverityOf(c.strength, c.weight); got != c.want {
			t.Errorf("strength %v × weight %v is %s; want %s", c.strength, c.weight, got, c.want)
		}
	}
}
