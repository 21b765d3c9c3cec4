package olorin_test

import (
	"math"
	"strings"
	"testing"
	"time"

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
			next, err := before.Accept(olorin.Actor{Kind: olorin.KindUser, ID: "x", Role: c.role}, at, olorin.Acceptance{Base: c.base, Reason: c.reason, Tools: c.tools}, suggestions)
			e, ok := err.(*olorin.Error) //nolint:errorlint // it is returned as it is
			if !ok || e.Code != c.code || len(e.Faults) != c.faults || next.Version != 3 {
				t.Fatalf("%v, version %d", err, next.Version)
			}
		})
	}
	next, err := before.Accept(lead, at, olorin.Acceptance{Base: 3, Reason: "three months of verdicts", Tools: []string{"A", "C"}}, suggestions)
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

// A check is proposed for block at 80 % of twenty and more, a week after the first verdict, and blocks only once a person accepted it.
func TestAPromotionIsProposedAndAccepted(t *testing.T) {
	now := olorin.At(epoch.AddDate(0, 1, 0))
	of := func(right, wrong int, days float64) olorin.Calibration {
		return olorin.Calibrate(olorin.Precedent{
			Tool: "A", ToolVersion: 2, Confirmed: right, FalsePositive: wrong, Since: olorin.At(now.Add(-time.Duration(days * float64(24*time.Hour)))),
		}, "A", .3)
	}
	in := func(w olorin.Weights, c olorin.Calibration) olorin.Calibration {
		c.Promotion = c.Promote(w, now)
		return c
	}
	for _, c := range []struct {
		name         string
		right, wrong int
		days         float64
		proposed     bool
		says         string
	}{
		{"nobody has said", 0, 0, 0, false, "too few verdicts for a promotion: 0 of 20"},
		{"one too few", 19, 0, 30, false, "19 of 20"},
		{"just 80 %", 16, 4, 7, true, "16 of 20"},
		{"a bit less", 79, 21, 30, false, "from 80 % on"},
		{"not for a week yet", 30, 0, 6.9, false, "reviewed for 7 days"},
	} {
		p := in(olorin.Weights{}, of(c.right, c.wrong, c.days)).Promotion
		if p.Proposed != c.proposed || p.Ruling != olorin.RuleReview || !strings.Contains(p.Reason, c.says) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}

	lead := olorin.Actor{Kind: olorin.KindUser, ID: "lea", Role: olorin.RoleLead}
	before := olorin.Weights{Version: 3, Blocking: map[string]int{"OLD": 1}}
	ready := []olorin.Calibration{in(before, of(30, 0, 8))}
	if _, err := before.Accept(lead, now, olorin.Acceptance{Promote: []string{"A", "B"}, Demote: []string{"A", "C"}, Reason: "since", Base: 3}, ready); err == nil || len(err.(*olorin.Error).Faults) != 3 { //nolint:errorlint,forcetypeassert // it is returned as it is
		t.Errorf("a check that is not proposed, one both ways and one that does not block: %v", err)
	}
	next, err := before.Accept(lead, now, olorin.Acceptance{Promote: []string{"A"}, Demote: []string{"OLD"}, Reason: "since", Base: 3}, ready)
	if err != nil || !next.Blocks("A", 2) || next.Blocks("A", 3) || next.Blocks("OLD", 1) || !before.Blocks("OLD", 1) || before.Blocks("A", 2) {
		t.Fatalf("%+v %v", next, err)
	}
	if p := in(next, of(30, 0, 8)).Promotion; p.Ruling != olorin.RuleBlock || p.Proposed {
		t.Errorf("%+v", p)
	}
	if p := in(next, of(30, 20, 8)).Promotion; p.Ruling != olorin.RuleBlock || !strings.Contains(p.Reason, "take it back") {
		t.Errorf("%+v", p)
	}
}

func TestReliabilityIsPlottedFromSomeHundredsOn(t *testing.T) {
	if r := olorin.Reliable([]olorin.Judged{{Counts: .5, Confirmed: 100, FalsePositive: 99}}); len(r.Bins) != 0 || r.Apart != nil || r.Labelled != 199 || !strings.HasPrefix(r.Statement, "Uncalibrated score, not a probability") || !strings.Contains(r.Statement, "199") {
		t.Errorf("%+v", r)
	}
	r := olorin.Reliable([]olorin.Judged{{Counts: .3, Confirmed: 20, FalsePositive: 80}, {Counts: .34, Confirmed: 30, FalsePositive: 70}, {Counts: 1, Confirmed: 50}})
	if len(r.Bins) != 2 || r.Labelled != 250 {
		t.Fatalf("%+v", r)
	}
	low, top := r.Bins[0], r.Bins[1]
	if low.From != .3 || low.To != .4 || low.Labelled != 200 || low.Counted != .32 || low.Right != .25 || low.Interval.Low >= .25 || low.Interval.High <= .25 || top.From != .9 || top.Right != 1 || top.Counted != 1 {
		t.Errorf("%+v", r.Bins)
	}
	if *r.Apart != .056 { // 200/250 × |.25 − .32|
		t.Errorf("apart %v", *r.Apart)
	}
}
