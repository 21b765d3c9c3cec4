package olorin_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// The table of docs/scoring.md: lists decide first, allow before block before review, and the score where none does.
func TestListsDecideFirst(t *testing.T) {
	hit := func(kind olorin.ListKind, direct bool) olorin.ListHit {
		return olorin.ListHit{List: string(kind), Kind: kind, EntityType: "user_id", Value: "u", Direct: direct}
	}
	high, low := 80.0, 20.0
	for _, c := range []struct {
		name   string
		hits   []olorin.ListHit
		score  *float64
		ruling olorin.Ruling
		by     string
	}{
		{"no list, high", nil, &high, olorin.RuleReview, "score"},
		{"no list, low", nil, &low, olorin.RulePass, "score"},
		{"neither", nil, nil, "", ""},
		{"known good wins over a high score", []olorin.ListHit{hit(olorin.ListGood, true)}, &high, olorin.RuleAllow, "list"},
		{"known bad wins over a low score", []olorin.ListHit{hit(olorin.ListBad, true)}, &low, olorin.RuleBlock, "list"},
		{"known bad without a score", []olorin.ListHit{hit(olorin.ListBad, true)}, nil, olorin.RuleBlock, "list"},
		{"allow before block, whatever comes first", []olorin.ListHit{hit(olorin.ListBad, true), hit(olorin.ListGood, true)}, &high, olorin.RuleAllow, "list"},
		{"block before review", []olorin.ListHit{hit(olorin.ListNote, true), hit(olorin.ListBad, true)}, &low, olorin.RuleBlock, "list"},
		{"something bad on the rows", []olorin.ListHit{hit(olorin.ListBad, false)}, &low, olorin.RuleReview, "list"},
		{"a note", []olorin.ListHit{hit(olorin.ListNote, true)}, &low, olorin.RuleReview, "list"},
		{"a good acquaintance clears nobody", []olorin.ListHit{hit(olorin.ListGood, false)}, &high, olorin.RuleReview, "score"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := olorin.Decide(c.hits, nil, []olorin.EntityPresence{{Type: "user_id", Value: "u", Rows: 3, RiskScore: c.score}}, 60)
			if d == nil && c.ruling == "" {
				return
			}
			if d == nil || d.Ruling != c.ruling || d.By != c.by || d.Reason == "" {
				t.Fatalf("%+v; want %s by %s", d, c.ruling, c.by)
			}
		})
	}
}

func TestACriticalFindingIsLookedAtWhateverTheScore(t *testing.T) {
	found := []olorin.Finding{{Severity: olorin.SeverityHigh}, {Severity: olorin.SeverityCritical, Title: "A bot"}}
	for _, c := range []struct {
		was  olorin.Ruling
		by   string
		want olorin.Ruling
	}{{olorin.RulePass, "score", olorin.RuleReview}, {olorin.RuleReview, "score", olorin.RuleReview}, {olorin.RuleAllow, "list", olorin.RuleAllow}, {olorin.RuleBlock, "list", olorin.RuleBlock}} {
		was := &olorin.Decision{Ruling: c.was, By: c.by, Reason: "the score of 50.0 is below the threshold of 60"}
		d := was.Heed(found)
		if d.Ruling != c.want || (d.By == "finding") != (c.was == olorin.RulePass) || d.By == "finding" && !strings.Contains(d.Reason, "A bot") {
			t.Errorf("%s by %s comes to %+v", c.was, c.by, d)
		}
		if d := was.Heed(found[:1]); d != was {
			t.Errorf("without a critical finding %s by %s comes to %+v", c.was, c.by, d)
		}
	}
	if (*olorin.Decision)(nil).Heed(found) != nil {
		t.Error("a decision out of nothing")
	}
}

// Of several entities a list speaks for the one that it names, and the gravest ruling is the case's.
func TestAListSpeaksForTheEntityThatItNames(t *testing.T) {
	hit := func(kind olorin.ListKind, value string, direct bool) olorin.ListHit {
		return olorin.ListHit{List: "l", Kind: kind, EntityType: "user_id", Value: value, Direct: direct}
	}
	goodA, goodB, badB := hit(olorin.ListGood, "a", true), hit(olorin.ListGood, "b", true), hit(olorin.ListBad, "b", true)
	noteA, badDevice := hit(olorin.ListNote, "a", true), hit(olorin.ListBad, "d", false)
	for _, c := range []struct {
		name   string
		hits   []olorin.ListHit
		a, b   float64
		rowsOf int64 // of b
		ruling olorin.Ruling
		by     string
		reason string
	}{
		{"the good one's score is not the other's", []olorin.ListHit{goodA}, 90, 20, 1, olorin.RulePass, "score", "the score of 20.0 of user b by itself is below"},
		{"the good one clears nobody else", []olorin.ListHit{goodA}, 10, 70, 1, olorin.RuleReview, "score", "of user b by itself reaches"},
		{"bad before good, whatever comes first", []olorin.ListHit{goodA, badB}, 90, 10, 1, olorin.RuleBlock, "list", `user b is on the list "l" of known bad`},
		{"bad before a high score of another", []olorin.ListHit{badB}, 90, 10, 1, olorin.RuleBlock, "list", "user b"},
		{"on both lists: allow before block, of one entity", []olorin.ListHit{goodB, badB, goodA}, 90, 90, 1, olorin.RuleAllow, "list", "known good"},
		{"each is good", []olorin.ListHit{goodA, goodB}, 90, 90, 1, olorin.RuleAllow, "list", "user a"},
		{"the other does not occur", []olorin.ListHit{goodA}, 90, 0, 0, olorin.RuleAllow, "list", "user a"},
		{"what is on the rows concerns the other", []olorin.ListHit{goodA, badDevice}, 10, 10, 1, olorin.RuleReview, "list", "user d"},
		{"a list says more than a score", []olorin.ListHit{noteA}, 10, 90, 1, olorin.RuleReview, "list", "user a"},
		{"the worst of those below", nil, 10, 35, 1, olorin.RulePass, "score", "the score of 35.0 of user b"},
		{"the worst of those above", nil, 95, 90, 1, olorin.RuleReview, "score", "the score of 95.0 of user a"},
		{"no list", nil, 10, 90, 1, olorin.RuleReview, "score", "user b by itself reaches"},
		{"of two that reach it, the one that the case is scored as", nil, 70, 90, 1, olorin.RuleReview, "score", "the score of 90.0 of user b by itself reaches"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := olorin.Decide(c.hits, nil, []olorin.EntityPresence{{Type: "user_id", Value: "a", Rows: 2, RiskScore: &c.a}, {Type: "user_id", Value: " B ", Rows: c.rowsOf, RiskScore: &c.b}}, 60)
			if d == nil || d.Ruling != c.ruling || d.By != c.by || !strings.Contains(strings.ReplaceAll(d.Reason, " B ", "b"), c.reason) {
				t.Fatalf("%+v; want %s by %s: %s", d, c.ruling, c.by, c.reason)
			}
			if cleared := strings.Contains(d.Reason, "speaks for nobody else"); cleared != (slices.ContainsFunc(c.hits, func(h olorin.ListHit) bool { return h.Kind == olorin.ListGood }) && d.Ruling != olorin.RuleAllow) {
				t.Errorf("%q", d.Reason)
			}
		})
	}
	if olorin.Decide(nil, nil, []olorin.EntityPresence{{Type: "user_id", Value: "a", Rows: 1}}, 60) != nil {
		t.Error("something is ruled where neither a list nor a score says anything")
	}
}

// A finding of a check that was promoted blocks whom it is about: after the lists, before the score.
func TestAPromotedCheckBlocksWhomItFinds(t *testing.T) {
	low := 10.0
	ann, bob := olorin.EntityPresence{Type: "user_id", Value: "ann", Rows: 3, RiskScore: &low}, olorin.EntityPresence{Type: "user_id", Value: "bob", Rows: 3, RiskScore: &low}
	good := olorin.ListHit{List: "good", Kind: olorin.ListGood, EntityType: "user_id", Value: "ann", Direct: true}
	ofAnn := olorin.Finding{Tool: "A", Strength: 1, Weight: .5, Parts: []olorin.Part{{Type: "user_id", Value: "ann", Strength: 1, Weight: .5}, {Type: "user_id", Value: "bob", Strength: .1, Weight: .5}}}
	for _, c := range []struct {
		name     string
		hits     []olorin.ListHit
		blocking []olorin.Finding
		entities []olorin.EntityPresence
		ruling   olorin.Ruling
		by       string
	}{
		{"the one of the case", nil, []olorin.Finding{{Tool: "A"}}, []olorin.EntityPresence{ann}, olorin.RuleBlock, "check"},
		{"nothing found", nil, nil, []olorin.EntityPresence{ann}, olorin.RulePass, "score"},
		{"a list is heard first", []olorin.ListHit{good}, []olorin.Finding{{Tool: "A"}}, []olorin.EntityPresence{ann}, olorin.RuleAllow, "list"},
		{"the worse of two", nil, []olorin.Finding{ofAnn}, []olorin.EntityPresence{bob, ann}, olorin.RuleBlock, "check"},
		{"not who only shares a row", []olorin.ListHit{good}, []olorin.Finding{ofAnn}, []olorin.EntityPresence{bob, ann}, olorin.RulePass, "score"},
	} {
		if d := olorin.Decide(c.hits, c.blocking, c.entities, 60); d == nil || d.Ruling != c.ruling || d.By != c.by {
			t.Errorf("%s: %+v; want %s by %s", c.name, d, c.ruling, c.by)
		}
	}
}
