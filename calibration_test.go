package olorin_test

import (
	"math"
	"testing"

	"github.com/olorin-dev/olorin"
)

// Wilson's interval against values of the published formula (Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29).
func TestWilsonIsAsPublished(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, .2553, .3662}, {15, 148, .0624, .1605}, {0, 20, 0, .1611}, {1, 29, .0061, .1718}, {0, 0, 0, 1}} {
		if low, high := olorin.Wilson(c.k, c.n); math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f..%.4f; want %.4f..%.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}

func TestWeightsAreSuggestedFromTwentyVerdictsOn(t *testing.T) {
	for _, c := range []struct {
		name             string
		right, wrong, un int
		weight           float64
		suggested        float64 // −1: none
	}{
		{"nobody has said", 0, 0, 40, .3, -1},
		{"one too few", 19, 0, 40, .3, -1},
		{"all right", 20, 0, 0, .3, .7667},   // (20 × 1 + 10 × .3) / 30
		{"all wrong", 0, 20, 5, .6, .2},      // (20 × 0 + 10 × .6) / 30
		{"as weighted", 30, 70, 0, .3, .3},   // (100 × .3 + 10 × .3) / 110
		{"many", 800, 200, 0, .05, .7926},    // (1000 × .8 + 10 × .05) / 1010
		{"half right", 10, 10, 0, .7, .5667}, // (20 × .5 + 10 × .7) / 30
	} {
		t.Run(c.name, func(t *testing.T) {
			got := olorin.Calibrate(olorin.Precedent{Tool: "A", Confirmed: c.right, FalsePositive: c.wrong, Undecided: c.un}, "A", c.weight)
			if got.Labelled != c.right+c.wrong || got.Weight != c.weight || got.Reason == "" || (got.Precision == nil) != (c.right+c.wrong == 0) || (got.Interval == nil) != (got.Precision == nil) {
				t.Fatalf("%+v", got)
			}
			if (got.Suggested == nil) != (c.suggested < 0) || got.Suggested != nil && *got.Suggested != c.suggested {
				t.Fatalf("suggested %v; want %v", got.Suggested, c.suggested)
			}
		})
	}
}
