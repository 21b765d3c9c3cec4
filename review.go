package olorin

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Verdict is what a person says of a finding.
type Verdict string

// The verdicts.
const (
	Confirmed     Verdict = "confirmed"
	FalsePositive Verdict = "false_positive"
	Undecided     Verdict = "undecided"
)

// Verdicts lists the verdicts.
var Verdicts = []Verdict{Confirmed, FalsePositive, Undecided}

// Review is what people say of one finding. It stands beside the findings, by their id, and not in them: a finding is what a run
// found, and a run that is repeated from a checkpoint finds it again under the same id, while what was said of it stays.
type Review struct {
	Agent       string     `json:"agent"`
	Tool        string     `json:"tool"`
	ToolVersion int        `json:"tool_version"`
	Counts      float64    `json:"counts,omitempty" doc:"0..1, strength × weight of the finding; absent where it was judged under a release before."`
	Verdict     *Judgement `json:"verdict" doc:"Null while nobody has said, and after it was withdrawn."`
	Notes       []Note     `json:"notes"`
}

// Judgement is a verdict with its reason.
type Judgement struct {
	Verdict Verdict `json:"verdict" enum:"confirmed,false_positive,undecided"`
	Reason  string  `json:"reason"`
	By      string  `json:"by"`
	At      Time    `json:"at"`
}

// Note is what somebody wrote to a finding. Seq is the event that brought it. Notes stay: who was wrong writes another.
type Note struct {
	Seq  int64  `json:"seq"`
	Text string `json:"text"`
	By   string `json:"by"`
	At   Time   `json:"at"`
}

// ReviewChange is one thing that a person said of a finding: a verdict, its withdrawal, or a note.
type ReviewChange struct {
	FindingID   string  `json:"finding_id"`
	Agent       string  `json:"agent"`
	Tool        string  `json:"tool"`
	ToolVersion int     `json:"tool_version"`
	Counts      float64 `json:"counts,omitempty"`
	Verdict     Verdict `json:"verdict,omitempty"`
	Reason      string  `json:"reason,omitempty"`
	Withdrawn   bool    `json:"withdrawn,omitempty"`
	Note        string  `json:"note,omitempty"`
}

func (c ReviewChange) apply(inv *Investigation, e Event) {
	if inv.Reviews == nil {
		inv.Reviews = map[string]Review{}
	}
	r, known := inv.Reviews[c.FindingID]
	if !known {
		r.Notes = []Note{}
	}
	r.Agent, r.Tool, r.ToolVersion, r.Counts = c.Agent, c.Tool, c.ToolVersion, c.Counts
	switch {
	case c.Note != "":
		r.Notes = append(slices.Clip(r.Notes), Note{e.Seq, c.Note, e.Actor.ID, e.At})
	case c.Withdrawn:
		r.Verdict = nil
	default:
		r.Verdict = &Judgement{c.Verdict, c.Reason, e.Actor.ID, e.At}
	}
	inv.Reviews[c.FindingID] = r
}

// The bounds of what a person says of one finding: characters, and notes.
const (
	maxReason = 2000
	maxNote   = 4000
	maxNotes  = 100
)

// Judge gives a finding a verdict. Only what nobody has decided may stand without a reason.
func Judge(finding string, verdict Verdict, reason string) Command {
	return reviewing(finding, func(r Review, c ReviewChange) (*ReviewChange, []Fault) {
		reason = strings.TrimSpace(reason)
		var faults []Fault
		if !slices.Contains(Verdicts, verdict) {
			faults = append(faults, Fault{"/verdict", "unknown", fmt.Sprintf("%q is no verdict; use %s", verdict, list(Verdicts))})
		}
		switch {
		case reason == "" && verdict != Undecided:
			faults = append(faults, Fault{"/reason", "required", "say why: others, and the calibration of the checks, rely on it"})
		case len([]rune(reason)) > maxReason:
			faults = append(faults, Fault{"/reason", "too_long", fmt.Sprintf("the reason has more than %d characters", maxReason)})
		}
		if r.Verdict != nil && r.Verdict.Verdict == verdict && r.Verdict.Reason == reason {
			return nil, faults
		}
		c.Verdict, c.Reason = verdict, reason
		return &c, faults
	})
}

// Withdraw takes the verdict on a finding back.
func Withdraw(finding string) Command {
	return reviewing(finding, func(r Review, c ReviewChange) (*ReviewChange, []Fault) {
		if r.Verdict == nil {
			return nil, nil
		}
		c.Withdrawn = true
		return &c, nil
	})
}

// Annotate adds a note to a finding.
func Annotate(finding, text string) Command {
	return reviewing(finding, func(r Review, c ReviewChange) (*ReviewChange, []Fault) {
		text = strings.TrimSpace(text)
		c.Note = text
		switch {
		case text == "":
			return nil, []Fault{{"/text", "required", "write the note"}}
		case len([]rune(text)) > maxNote:
			return nil, []Fault{{"/text", "too_long", fmt.Sprintf("the note has more than %d characters", maxNote)}}
		case len(r.Notes) >= maxNotes:
			return nil, []Fault{{"/text", "too_many", fmt.Sprintf("the finding has %d notes, as many as are kept", len(r.Notes))}}
		}
		return &c, nil
	})
}

// reviewing is a change of what is said of a finding that the results hold.
func reviewing(finding string, decide func(Review, ReviewChange) (*ReviewChange, []Fault)) Command {
	return func(inv Investigation) ([]Body, error) {
		f, ok := inv.finding(finding)
		if !ok {
			return nil, NotFound("finding of investigation "+inv.ID+",", finding)
		}
		change, faults := decide(inv.Reviews[finding], ReviewChange{FindingID: f.ID, Agent: f.Agent, Tool: f.Tool, ToolVersion: f.ToolVersion, Counts: math.Round(1e6*f.Strength*f.Weight) / 1e6})
		if len(faults) > 0 {
			return nil, Invalid("what was said of the finding was not taken", faults...)
		}
		if change == nil {
			return nil, nil
		}
		return []Body{ResultsChanged{Review: change}}, nil
	}
}

func (inv Investigation) finding(id string) (Finding, bool) {
	if inv.Results == nil {
		return Finding{}, false
	}
	i := slices.IndexFunc(inv.Results.Findings, func(f Finding) bool { return f.ID == id })
	if i < 0 {
		return Finding{}, false
	}
	return inv.Results.Findings[i], true
}

// Precedents tells what people have said of the findings of all investigations.
type Precedents interface {
	// Precedents counts the verdicts by check and version, in the order of agent, tool and version. A finding that several
	// investigations hold, such as a case and its rerun, counts once, with the newest verdict on it.
	Precedents(ctx context.Context) ([]Precedent, error)
	// Judged counts the same verdicts, but for undecided ones, by what the findings counted, least first. Findings of which that is not
	// known are left out.
	Judged(ctx context.Context) ([]Judged, error)
}

// Judged is how often findings that counted so much were held to be right and wrong.
type Judged struct {
	Counts        float64 // 0..1
	Confirmed     int
	FalsePositive int
}

// Precedent is how often the findings of one version of a check were held to be right and wrong.
type Precedent struct {
	Agent         string `json:"agent"`
	Tool          string `json:"tool"`
	ToolVersion   int    `json:"tool_version"`
	Confirmed     int    `json:"confirmed"`
	FalsePositive int    `json:"false_positive"`
	Undecided     int    `json:"undecided"`
	Since         Time   `json:"since" doc:"When the oldest of these verdicts was given."`
}

// Review writes what a person says of a finding, who owns the investigation or is asked to review it.
func (d *Desk) Review(ctx context.Context, actor Actor, id string, command Command, cond Condition) (Changed, error) {
	cond.Right = ToReview
	return d.Change(ctx, actor, id, existing(command), cond)
}
