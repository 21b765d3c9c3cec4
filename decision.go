package olorin

import "fmt"

// Ruling is what is to be done with a case.
type Ruling string

// The rulings. A list that allows wins over one that blocks, that over what asks for review, and any list over the score.
const (
	RuleAllow  Ruling = "allow"
	RuleBlock  Ruling = "block"
	RuleReview Ruling = "review"
	RulePass   Ruling = "pass" // nothing asks for an act
)

// ListHit is a value of the rows in scope that stands on a list. It is shown, and never hidden in a number.
type ListHit struct {
	List       string     `json:"list"`
	Kind       ListKind   `json:"kind" enum:"good,bad,note"`
	EntityType EntityType `json:"entity_type"`
	Value      string     `json:"value"`
	Note       string     `json:"note,omitempty"`
	Direct     bool       `json:"direct" doc:"It is an investigated entity itself, not only something on its rows."`
	Rows       []int64    `json:"rows" doc:"The first rows in scope that have it."`
	Count      int64      `json:"count" doc:"How many rows in scope have it."`
}

// ruling is what the hit asks for: to be allowed or blocked is a matter of whom the case is about; what else is on the rows asks for a
// person's look, except that an acquaintance who is known to be good clears nobody.
func (h ListHit) ruling() Ruling {
	switch {
	case h.Kind == ListGood && h.Direct:
		return RuleAllow
	case h.Kind == ListBad && h.Direct:
		return RuleBlock
	case h.Kind == ListBad, h.Kind == ListNote:
		return RuleReview
	}
	return RulePass
}

// Decision says what is to be done, and what decided it.
type Decision struct {
	Ruling Ruling `json:"ruling" enum:"allow,block,review,pass"`
	By     string `json:"by" enum:"list,score" doc:"Lists decide first; the score decides where none does."`
	Reason string `json:"reason"`
}

// Decide rules on a case: lists first (allow, then block, then review), then the score against the threshold. It is nil where neither a
// list nor a score says anything.
func Decide(hits []ListHit, score *float64, threshold float64) *Decision {
	for _, wanted := range []Ruling{RuleAllow, RuleBlock, RuleReview} {
		for _, h := range hits {
			if h.ruling() == wanted {
				return &Decision{wanted, "list", fmt.Sprintf("%s %s is on the list %q of %s", h.EntityType.Word(), h.Value, h.List, map[ListKind]string{ListGood: "known good", ListBad: "known bad", ListNote: "what is worth knowing"}[h.Kind])}
			}
		}
	}
	switch {
	case score == nil:
		return nil
	case *score >= threshold:
		return &Decision{RuleReview, "score", fmt.Sprintf("the score of %.1f reaches the threshold of %.0f", *score, threshold)}
	}
	return &Decision{RulePass, "score", fmt.Sprintf("the score of %.1f is below the threshold of %.0f", *score, threshold)}
}
