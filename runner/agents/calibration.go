package agents

import (
	"slices"

	"github.com/olorin-dev/olorin"
)

// CalibrationStatement says how calibrations are to be read.
const CalibrationStatement = "Verdicts are given on findings that people looked at, which are not drawn by chance: a precision is that of what was looked at. A weight that is suggested counts only after a lead or an admin accepted it; scores stay uncalibrated and are no probabilities."

// Calibrations compares the weights of checks with the verdicts on their findings, and what their findings bring about under the weights.
func Calibrations(precedents []olorin.Precedent, w olorin.Weights, now olorin.Time) []olorin.Calibration {
	out := make([]olorin.Calibration, 0, len(precedents))
	for _, p := range precedents {
		t, ok := Find(p.Tool)
		switch {
		case !ok:
			c := olorin.Calibrate(p, p.Tool, 0)
			c.Suggested, c.Reason = nil, "the check is not in this server's catalogue, so its weight is not known"
			c.Promotion = olorin.Promotion{Ruling: olorin.RuleReview, Reason: "only a check of this server's catalogue may be promoted"}
			out = append(out, c)
		case t.Version != p.ToolVersion:
			c := olorin.Calibrate(p, t.Title, t.Weight)
			c.Suggested, c.Reason = nil, "these verdicts are on another version of the check than the one in force"
			c.Promotion = olorin.Promotion{Ruling: olorin.RuleReview, Reason: c.Reason}
			out = append(out, c)
		default:
			c := olorin.Calibrate(p, t.Title, t.Weight)
			c.Promotion = c.Promote(w, now)
			out = append(out, c)
		}
	}
	return out
}

// Reweighed is a plan whose checks count what was accepted for their version, where anything was. Parameters and all else stay.
func Reweighed(plan []Choice, w olorin.Weights) []Choice {
	plan = slices.Clone(plan)
	for i, c := range plan {
		if weight, ok := w.Of(c.Tool.ID, c.Tool.Version); ok {
			tool, check := *c.Tool, *c.Tool.Check
			check.Weight = weight
			tool.Check = &check
			plan[i].Tool = &tool
		}
	}
	return plan
}
