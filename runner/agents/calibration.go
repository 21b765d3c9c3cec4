package agents

import "github.com/olorin-dev/olorin"

// CalibrationStatement says how calibrations are to be read.
const CalibrationStatement = "Verdicts are given on findings that people looked at, which are not drawn by chance: a precision is that of what was looked at. Weights that are suggested are applied by nobody; scores stay uncalibrated and are no probabilities."

// Calibrations compares the weights of checks with the verdicts on their findings.
func Calibrations(precedents []olorin.Precedent) []olorin.Calibration {
	out := make([]olorin.Calibration, 0, len(precedents))
	for _, p := range precedents {
		t, ok := Find(p.Tool)
		switch {
		case !ok:
			c := olorin.Calibrate(p, p.Tool, 0)
			c.Suggested, c.Reason = nil, "the check is not in this server's catalogue, so its weight is not known"
			out = append(out, c)
		case t.Version != p.ToolVersion:
			c := olorin.Calibrate(p, t.Title, t.Weight)
			c.Suggested, c.Reason = nil, "these verdicts are on another version of the check than the one in force"
			out = append(out, c)
		default:
			out = append(out, olorin.Calibrate(p, t.Title, t.Weight))
		}
	}
	return out
}
