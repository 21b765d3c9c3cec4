package olorin_test

import (
	"math/bits"
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"pgregory.net/rapid"
)

// scoreWithout scores what is left when the signals of a set are taken away.
func scoreWithout(form olorin.Scoring, all []olorin.Signal, out []int) float64 {
	var rest []olorin.Signal
	for i, s := range all {
		if !slices.Contains(out, i) {
			rest = append(rest, s)
		}
	}
	return form.Score(rest, nil).Score
}

func TestWithoutNamesWhatTheScoreHangsOn(t *testing.T) {
	one := func(tool string, weight float64) olorin.Signal {
		return olorin.Signal{Agent: "identity", Tool: tool, Strength: 1, Weight: weight}
	}
	for _, c := range []struct {
		name      string
		signals   []olorin.Signal
		threshold float64
		want      []int
		score     float64
	}{
		{"below already", []olorin.Signal{one("A", .5)}, 60, nil, 50},
		{"nothing can bring it below zero", []olorin.Signal{one("A", .5)}, 0, nil, 50},
		{"the one strong", []olorin.Signal{one("A", .2), one("B", .7)}, 60, []int{1}, 20},
		{"either would do: the one that leaves less", []olorin.Signal{one("A", .3), one("B", .5)}, 60, []int{1}, 30},
		{"two of three", []olorin.Signal{one("A", .6), one("B", .6), one("C", .6)}, 70, []int{0, 1}, 60},
		// Damped together: without one, the next takes its full part.
		{"a group", []olorin.Signal{{Agent: "a", Tool: "A", Group: "g", Strength: 1, Weight: .6}, {Agent: "a", Tool: "B", Group: "g", Strength: 1, Weight: .6}}, 50, []int{0, 1}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, score, exact := standard.Without(c.signals, c.threshold)
			if !slices.Equal(got, c.want) || score != c.score || !exact {
				t.Fatalf("without %v the score is %v (exact %t); want %v, %v", got, score, exact, c.want, c.score)
			}
		})
	}
}

// Every answer brings the score below the threshold, says what it then is, and no smaller set does; where it is not exact, at least
// none of it can be spared.
func TestWithoutIsSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := scorings().Draw(t, "scoring")
		all := inACase(t, signals().Draw(t, "signals"))
		if rapid.Bool().Draw(t, "few") && len(all) > 10 {
			all = all[:10]
		}
		threshold := rapid.Float64Range(1, 100).Draw(t, "threshold")
		set, score, exact := form.Without(all, threshold)
		if form.Score(all, nil).Score < threshold {
			if len(set) > 0 {
				t.Fatalf("%v was taken from a score below the threshold", set)
			}
			return
		}
		if got := scoreWithout(form, all, set); got != score || got >= threshold || len(set) == 0 {
			t.Fatalf("without %v the score is %v, not %v below %v", set, got, score, threshold)
		}
		for _, i := range set {
			if scoreWithout(form, all, slices.DeleteFunc(slices.Clone(set), func(j int) bool { return i == j })) < threshold {
				t.Fatalf("%d of %v can be spared", i, set)
			}
		}
		if !exact || len(all) > 10 {
			return
		}
		for mask := range uint(1) << len(all) {
			if bits.OnesCount(mask) >= len(set) {
				continue
			}
			var out []int
			for i := range all {
				if mask&(1<<i) != 0 {
					out = append(out, i)
				}
			}
			if scoreWithout(form, all, out) < threshold {
				t.Fatalf("%v does it with fewer than %v", out, set)
			}
		}
	})
}

func TestWithoutOfManyIsMadeStepByStep(t *testing.T) {
	var many []olorin.Signal
	for i := range 120 {
		many = append(many, olorin.Signal{Agent: "a", Tool: "A", Group: string(rune('a' + i)), Strength: 1, Weight: .1})
	}
	set, score, exact := standard.Without(many, 50)
	// 1 − .9^6 is the last below .5: 114 of the 120 must go.
	if exact || len(set) != 114 || score >= 50 || scoreWithout(standard, many, set) != score {
		t.Fatalf("%d taken, %v left, exact %t", len(set), score, exact)
	}
}
