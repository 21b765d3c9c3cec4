package olorin

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

const (
	// minVerdicts is how many verdicts a check needs before a weight is suggested (coss).
	minVerdicts = 20
	// priorVerdicts is how many verdicts the weight that a check came with counts for.
	priorVerdicts = 10
	// promoting is the precision from which a check may be promoted from review to block, and tried how long its findings must have been
	// reviewed before (Radar's practice).
	promoting = 0.8
	tried     = 7 * 24 * time.Hour
	// z95 is the 97.5 % quantile of the normal distribution.
	z95 = 1.959964
)

// Calibration is what the verdicts of people say of one version of a check.
type Calibration struct {
	Precedent
	Title     string    `json:"title"`
	Weight    float64   `json:"weight" doc:"What the check counts at full strength."`
	Labelled  int       `json:"labelled" doc:"Findings held to be right or wrong; undecided ones say nothing."`
	Precision *float64  `json:"precision" doc:"Share of the labelled that were right; null without any."`
	Interval  *Interval `json:"interval" doc:"95 % interval of the precision, by Wilson's score."`
	Suggested *float64  `json:"suggested_weight" doc:"(n × precision + 10 × weight) / (n + 10); null below 20 labelled. It is a suggestion: nothing applies it but somebody who accepts it."`
	Reason    string    `json:"reason" doc:"Why there is a suggestion, or none."`
	Promotion Promotion `json:"promotion"`
}

// Promotion is what a finding of a check brings about, and whether the verdicts speak for more.
type Promotion struct {
	Ruling   Ruling `json:"ruling" enum:"review,block" doc:"In force: review, a person looks; block, who is found is to be blocked, whatever the score."`
	Proposed bool   `json:"proposed" doc:"Its verdicts speak for block: at least 80 % of 20 or more were right, the oldest of them 7 days ago. Nothing promotes it but somebody who accepts it."`
	Reason   string `json:"reason"`
}

// Interval is a range of a share.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Calibrate compares the weight of a check with what people said of its findings. The suggestion shrinks the precision towards the
// weight that the check came with, as if that rested on ten verdicts; below twenty there is none.
func Calibrate(p Precedent, title string, weight float64) Calibration {
	n := p.Confirmed + p.FalsePositive
	c := Calibration{Precedent: p, Title: title, Weight: weight, Labelled: n}
	if n == 0 {
		c.Reason = "nobody has said yet whether its findings are right"
		return c
	}
	precision := float64(p.Confirmed) / float64(n)
	low, high := Wilson(p.Confirmed, n)
	c.Precision, c.Interval = new(fourth(precision)), &Interval{fourth(low), fourth(high)}
	if n < minVerdicts {
		c.Reason = fmt.Sprintf("too few verdicts for a suggestion: %d of %d", n, minVerdicts)
		return c
	}
	suggested := fourth((float64(n)*precision + priorVerdicts*weight) / float64(n+priorVerdicts))
	c.Suggested = &suggested
	c.Reason = fmt.Sprintf("%d of %d labelled findings were right, and the weight of %g counts for %d more", p.Confirmed, n, weight, priorVerdicts)
	return c
}

// Promote tells what a finding of the check brings about under the weights, and whether it is proposed for more.
func (c Calibration) Promote(w Weights, now Time) Promotion {
	p := Promotion{Ruling: RuleReview}
	right := ""
	if c.Precision != nil {
		right = fmt.Sprintf("%d of %d labelled findings were right (%.0f %%)", c.Confirmed, c.Labelled, 100**c.Precision)
	}
	switch {
	case w.Blocks(c.Tool, c.ToolVersion):
		p.Ruling, p.Reason = RuleBlock, "its findings block, as was accepted; "+right
		if c.Precision == nil || *c.Precision < promoting {
			p.Reason = fmt.Sprintf("its findings block, though no longer %.0f %% of them are held to be right: take it back to review", 100*promoting)
		}
	case c.Labelled < minVerdicts:
		p.Reason = fmt.Sprintf("too few verdicts for a promotion: %d of %d", c.Labelled, minVerdicts)
	case *c.Precision < promoting:
		p.Reason = fmt.Sprintf("%s; from %.0f %% on it may be promoted to block", right, 100*promoting)
	case now.Sub(c.Since.Time) < tried:
		p.Reason = fmt.Sprintf("%s; it may be promoted to block when it has been reviewed for 7 days, on %s", right, c.Since.Add(tried).UTC().Format("2006-01-02"))
	default:
		p.Proposed, p.Reason = true, right+", reviewed since "+c.Since.UTC().Format("2006-01-02")+": it may be promoted to block"
	}
	return p
}

// Weights are weights of checks that a person accepted in place of those that the checks came with. Each version is whole; a run keeps
// the one that was in force when it was started.
type Weights struct {
	Version  int64               `json:"version" doc:"0: none was accepted; the checks count what they came with."`
	At       Time                `json:"at,omitzero"`
	By       string              `json:"by"`
	Reason   string              `json:"reason"`
	Tools    map[string]Weighted `json:"tools"`
	Blocking map[string]int      `json:"blocking,omitempty" doc:"Checks that were promoted from review to block, with their version. For another version it does not hold."`
}

// Weighted is the weight of one version of a check. For another version it does not count.
type Weighted struct {
	ToolVersion int     `json:"tool_version"`
	Weight      float64 `json:"weight"`
}

// Of returns the accepted weight of a version of a check, or false.
func (w Weights) Of(tool string, version int) (float64, bool) {
	x, ok := w.Tools[tool]
	return x.Weight, ok && x.ToolVersion == version
}

// Blocks tells whether a version of a check was promoted from review to block.
func (w Weights) Blocks(tool string, version int) bool {
	return w.Blocking[tool] == version && version > 0
}

// Balance keeps accepted weights.
type Balance interface {
	// Weights returns a version, 0 being the newest; the zero value where none was accepted.
	Weights(ctx context.Context, version int64) (Weights, error)
	// PutWeights adds the version after the newest; CodeConflict where another came first.
	PutWeights(ctx context.Context, w Weights, audit AuditEntry) error
}

// Acceptance is what somebody accepts of what the verdicts suggest.
type Acceptance struct {
	Tools   []string // their suggested weights
	Promote []string // from review to block, as proposed
	Demote  []string // back to review
	Reason  string
	Base    int64 // the version that they looked at
}

// Accept makes the next version of the weights out of what somebody accepts: an act of leads and admins, with a reason.
func (w Weights) Accept(actor Actor, at Time, a Acceptance, suggestions []Calibration) (Weights, error) {
	if !actor.leads() {
		return w, Errorf(CodeForbidden, "weights are accepted by leads and admins")
	}
	if a.Base != w.Version {
		return w, Errorf(CodeConflict, "the weights are at version %d, not at %d: somebody accepted others since you looked", w.Version, a.Base)
	}
	var faults []Fault
	if strings.TrimSpace(a.Reason) == "" {
		faults = append(faults, Fault{"/reason", "required", "say why: it stands in the audit trail"})
	}
	if len(a.Tools)+len(a.Promote)+len(a.Demote) == 0 {
		faults = append(faults, Fault{"/tools", "required", "name the checks whose suggestion you accept"})
	}
	next := Weights{Version: w.Version + 1, At: at, By: actor.ID, Reason: strings.TrimSpace(a.Reason), Tools: map[string]Weighted{}, Blocking: map[string]int{}}
	maps.Copy(next.Tools, w.Tools)
	maps.Copy(next.Blocking, w.Blocking)
	for i, tool := range a.Tools {
		n := slices.IndexFunc(suggestions, func(c Calibration) bool { return c.Tool == tool && c.Suggested != nil })
		if n < 0 {
			faults = append(faults, Fault{fmt.Sprintf("/tools/%d", i), "no_suggestion", fmt.Sprintf("there is no suggestion for %q", tool)})
			continue
		}
		// A weight of nothing would switch the check off in silence; of one, it would decide alone.
		next.Tools[tool] = Weighted{suggestions[n].ToolVersion, min(0.95, max(0.01, *suggestions[n].Suggested))}
	}
	for i, tool := range a.Promote {
		n := slices.IndexFunc(suggestions, func(c Calibration) bool { return c.Tool == tool && c.Promotion.Proposed })
		if n < 0 {
			faults = append(faults, Fault{fmt.Sprintf("/promote/%d", i), "not_proposed", fmt.Sprintf("%q is not proposed for a promotion", tool)})
			continue
		}
		next.Blocking[tool] = suggestions[n].ToolVersion
	}
	for i, tool := range a.Demote {
		if _, blocks := next.Blocking[tool]; !blocks || slices.Contains(a.Promote, tool) {
			faults = append(faults, Fault{fmt.Sprintf("/demote/%d", i), "not_blocking", fmt.Sprintf("%q does not block, or is promoted at once", tool)})
		}
		delete(next.Blocking, tool)
	}
	if len(faults) > 0 {
		return w, Invalid("nothing was accepted", faults...)
	}
	return next, nil
}

// Wilson is the 95 % interval of a share of which k of n were seen (E. B. Wilson, 1927). Of nothing seen it is everything.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return max(0, centre-half), min(1, centre+half)
}

func fourth(x float64) float64 { return math.Round(x*1e4) / 1e4 }
