package olorin_test

import (
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
			d := olorin.Decide(c.hits, c.score, 60)
			if d == nil && c.ruling == "" {
				return
			}
			if d == nil || d.Ruling != c.ruling || d.By != c.by || d.Reason == "" {
				t.Fatalf("%+v; want %s by %s", d, c.ruling, c.by)
			}
		})
	}
}
