package olorin

import (
	"fmt"
	"slices"
	"strings"
)

// unended are the reasons for which a check did not come to an end, the gravest first, with what is said of one and of several.
var unended = []struct {
	why       Why
	one, many string
}{
	{WhyOutOfTime, "ran out of time", "ran out of time"},
	{WhyNotReached, "was not reached", "were not reached"},
	{WhyToolFailed, "failed", "failed"},
	{WhyAgentTimeout, "waited in vain for its agent", "waited in vain for their agent"},
}

// Unended tells whether a check that was to look did not come to an end. One that could not judge did.
func (w Why) Unended() bool {
	for _, u := range unended {
		if u.why == w {
			return true
		}
	}
	return false
}

// PartialBy is the gravest reason for which a completed run is complete in part only, and "" where every check came to an end.
func (inv Investigation) PartialBy() Why {
	if inv.Status != Completed || inv.Results == nil || !inv.Results.Partial {
		return ""
	}
	for _, u := range unended {
		if slices.ContainsFunc(inv.Results.NotAssessed, func(n NotAssessedTool) bool { return n.Code == u.why }) {
			return u.why
		}
	}
	return WhyNotReached
}

// Shortfall says how many checks did not come to an end, and why: "12 checks ran out of time, 1 check failed".
func (r Results) Shortfall() string {
	var parts []string
	for _, u := range unended {
		n := 0
		for _, tool := range r.NotAssessed {
			if tool.Code == u.why {
				n++
			}
		}
		switch {
		case n == 1:
			parts = append(parts, "1 check "+u.one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d checks %s", n, u.many))
		}
	}
	return strings.Join(parts, ", ")
}

// Assessed tells whether the run came to its assessment. The results of one that did not hold its findings alone.
func (r *Results) Assessed() bool { return r != nil && len(r.Domains) > 0 }

// Untold are the checks of a run that was not assessed which told nothing, each with the reason, by what its progress says.
func (inv Investigation) Untold() []NotAssessedTool {
	reason := "the run has not come to this check yet"
	switch inv.Status {
	case Cancelled:
		reason = "the run was cancelled before this check had ended"
	case Failed:
		reason = "the run stopped before this check had ended"
	}
	out := []NotAssessedTool{}
	for _, t := range inv.Progress.Tools {
		n := NotAssessedTool{Tool: t.Tool, Agent: t.Agent, Code: t.Code, Reason: t.Reason}
		switch {
		case t.Outcome == Fired || t.Outcome == Clear:
			continue
		case t.Outcome == ToolFailed:
			n.Code, n.Reason = WhyToolFailed, "the tool failed: "+t.Error
		case t.Outcome == "":
			n.Code, n.Reason = WhyNotReached, reason
		}
		out = append(out, n)
	}
	return out
}
