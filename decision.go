package olorin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Ruling is what is to be done with a case.
type Ruling string

// The rulings. Of one entity a list that allows wins over one that blocks, that over what asks for review, and any list over the score.
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

func (h ListHit) reason() string {
	kinds := map[ListKind]string{ListGood: "known good", ListBad: "known bad", ListNote: "what is worth knowing"}
	return fmt.Sprintf("%s %s is on the list %q of %s", h.EntityType.Word(), h.Value, h.List, kinds[h.Kind])
}

// Decision says what is to be done, and what decided it.
type Decision struct {
	Ruling Ruling `json:"ruling" enum:"allow,block,review,pass"`
	By     string `json:"by" enum:"list,check,score,finding" doc:"Lists decide first, then checks that were promoted to block; the score decides where none does, but a critical finding is to be looked at whatever the score."`
	Reason string `json:"reason"`
}

// Decide rules on a case by ruling on each of its entities: lists first (allow, then block, then review), then the blocking, which are the
// findings of checks that were promoted to block, each for whom it counts most, then what the entity scores by itself against the threshold. A list speaks for the entity that it names and for no other; what else is on the rows speaks for all whom
// no list allows or blocks. The gravest ruling is the case's: it is let pass by a list only where each of its entities is. It is
// nil where neither a list nor a score says anything. Entities that do not occur are passed over.
func Decide(hits []ListHit, blocking []Finding, entities []EntityPresence, threshold float64) *Decision {
	entities = slices.DeleteFunc(slices.Clone(entities), func(e EntityPresence) bool { return e.Rows == 0 })
	alone := len(entities) == 1
	// of rulings that are as grave, the one on the entity that the case is scored as
	slices.SortStableFunc(entities, func(a, b EntityPresence) int { return cmp.Compare(scored(b), scored(a)) })
	var gravest *Decision
	var cleared []string
	worst := 0.0 // of those whose ruling is the gravest by their score
	for _, e := range entities {
		own := slices.DeleteFunc(slices.Clone(hits), func(h ListHit) bool { return h.Direct && !alone && !h.names(e) })
		d := decide(own, e, threshold, alone)
		if d == nil || d.By == "score" {
			if i := slices.IndexFunc(blocking, func(f Finding) bool { return f.charges(e) }); i >= 0 {
				d = &Decision{RuleBlock, "check", fmt.Sprintf("%s (%s) found something of %s %s, and its findings block", blocking[i].Title, blocking[i].Tool, e.Type.Word(), e.Value)}
			}
		}
		if d == nil {
			continue
		}
		if d.Ruling == RuleAllow {
			cleared = append(cleared, d.Reason)
		}
		same := gravest != nil && d.By == "score" && gravest.By == "score" && gravest.Ruling == d.Ruling
		if gravest == nil || d.graver(*gravest) || same && *e.RiskScore > worst {
			gravest = d
			if d.By == "score" {
				worst = *e.RiskScore
			}
		}
	}
	if gravest != nil && gravest.Ruling != RuleAllow && len(cleared) > 0 {
		gravest.Reason += "; " + strings.Join(cleared, ", and ") + ", which speaks for nobody else"
	}
	return gravest
}

func scored(e EntityPresence) float64 {
	if e.RiskScore == nil {
		return -1
	}
	return *e.RiskScore
}

// Heed is what the decision comes to beside what was found: a low score does not close a case in which something critical stands.
func (d *Decision) Heed(findings []Finding) *Decision {
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Severity == SeverityCritical })
	if d == nil || d.Ruling != RulePass || i < 0 {
		return d
	}
	return &Decision{RuleReview, "finding", fmt.Sprintf("%s, but a finding is critical: %s", d.Reason, findings[i].Title)}
}

// charges tells whether the finding is, of all entities of the case, about this one; of a case of one entity it always is.
func (f Finding) charges(e EntityPresence) bool {
	return len(f.Parts) == 0 || slices.ContainsFunc(f.Parts, func(p Part) bool {
		return p.Type == e.Type && p.Value == e.Value && p.Strength*p.Weight >= f.Strength*f.Weight
	})
}

// names tells whether the hit is the entity; the list may write it otherwise than the analyst.
func (h ListHit) names(e EntityPresence) bool {
	entity := Entity{Type: e.Type, Value: e.Value}
	return e.Type == h.EntityType && (entity.Names(h.Value) || strings.EqualFold(strings.TrimSpace(e.Value), h.Value))
}

// gravity has the rulings, the gravest first. One by a list says more than the same by a score.
var gravity = []Ruling{RuleBlock, RuleReview, RulePass, RuleAllow}

func (d Decision) graver(other Decision) bool {
	one, two := slices.Index(gravity, d.Ruling), slices.Index(gravity, other.Ruling)
	return one < two || one == two && d.By == "list" && other.By != "list"
}

// decide rules on one entity by the hits that concern it.
func decide(hits []ListHit, e EntityPresence, threshold float64, alone bool) *Decision {
	for _, wanted := range []Ruling{RuleAllow, RuleBlock, RuleReview} {
		for _, h := range hits {
			if h.ruling() == wanted {
				return &Decision{wanted, "list", h.reason()}
			}
		}
	}
	if e.RiskScore == nil {
		return nil
	}
	whose := ""
	if !alone {
		whose = fmt.Sprintf(" of %s %s by itself", e.Type.Word(), e.Value)
	}
	if *e.RiskScore >= threshold {
		return &Decision{RuleReview, "score", fmt.Sprintf("the score of %.1f%s reaches the threshold of %.0f", *e.RiskScore, whose, threshold)}
	}
	return &Decision{RulePass, "score", fmt.Sprintf("the score of %.1f%s is below the threshold of %.0f", *e.RiskScore, whose, threshold)}
}
