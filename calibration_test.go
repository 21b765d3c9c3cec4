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

// Weights are accepted by leads and admins, with a reason, of what they looked at; what was accepted before stays.
func TestWeightsAreAccepted(t *testing.T) {
	at := olorin.At(epoch)
	lead := olorin.Actor{Kind: olorin.KindUser, ID: "lea", Role: olorin.RoleLead}
	before := olorin.Weights{Version: 3, Tools: map[string]olorin.Weighted{"OLD-01": {ToolVersion: 1, Weight: .2}}}
	suggestions := []olorin.Calibration{
		olorin.Calibrate(olorin.Precedent{Tool: "A", ToolVersion: 2, Confirmed: 30}, "A", .3),
		olorin.Calibrate(olorin.Precedent{Tool: "B", ToolVersion: 1, Confirmed: 3}, "B", .3),
		olorin.Calibrate(olorin.Precedent{Tool: "C", ToolVersion: 1, FalsePositive: 5000}, "C", .3),
	}
	for _, c := range []struct {
		name   string
		role   olorin.Role
		base   int64
		reason string
		tools  []string
		code   olorin.Code
		faults int
	}{
		{"an analyst", olorin.RoleAnalyst, 3, "since", []string{"A"}, olorin.CodeForbidden, 0},
		{"not what is in force", olorin.RoleLead, 2, "since", []string{"A"}, olorin.CodeConflict, 0},
		{"all faults at once", olorin.RoleLead, 3, " ", []string{"B", "X"}, olorin.CodeInvalid, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			next, err := before.Accept(olorin.Actor{Kind: olorin.KindUser, ID: "x", Role: c.role}, at, c.base, c.reason, c.tools, suggestions)
			e, ok := err.(*olorin.Error) //nolint:errorlint // it is returned as it is
			if !ok || e.Code != c.code || len(e.Faults) != c.faults || next.Version != 3 {
				t.Fatalf("%v, version %d", err, next.Version)
			}
		})
	}
	next, err := before.Accept(lead, at, 3, "three months of verdicts", []string{"A", "C"}, suggestions)
	if err != nil || next.Version != 4 || next.By != "lea" || len(next.Tools) != 3 || len(before.Tools) != 1 {
		t.Fatalf("%v %+v", err, next)
	}
	// (30 × 1 + 10 × .3) / 40; C would be .0006, and no check is switched off in silence.
	if w, ok := next.Of("A", 2); !ok || w != .825 {
		t.Errorf("A counts %v", w)
	}
	if w, _ := next.Of("C", 1); w != .01 {
		t.Errorf("C counts %v", w)
	}
	if _, ok := next.Of("A", 3); ok {
		t.Error("the weight of version 2 counts for version 3")
	}
}
