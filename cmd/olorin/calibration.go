package main

import (
	"fmt"

	"github.com/olorin-dev/olorin/runner/agents"
)

type calibrationCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints what the verdicts of people say of the checks.
func (c *calibrationCommand) Run(s *session) error {
	own, err := s.ownChecks()
	if err != nil {
		return err
	}
	defer agents.Install(own)()
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	precedents, err := h.store.Precedents(s.ctx)
	if err != nil {
		return err
	}
	list := agents.Calibrations(precedents)
	if c.JSON {
		return s.printJSON(map[string]any{"statement": agents.CalibrationStatement, "items": list})
	}
	for _, k := range list {
		fmt.Fprintf(s.out, "%s v%d  %s: %d right, %d wrong, %d undecided", k.Tool, k.ToolVersion, k.Title, k.Confirmed, k.FalsePositive, k.Undecided)
		if k.Precision != nil {
			fmt.Fprintf(s.out, "; precision %.2f (%.2f to %.2f)", *k.Precision, k.Interval.Low, k.Interval.High)
		}
		if k.Suggested != nil {
			fmt.Fprintf(s.out, "; weight %g, suggested %g", k.Weight, *k.Suggested)
		}
		fmt.Fprintf(s.out, "; %s\n", k.Reason)
	}
	_, err = fmt.Fprintln(s.out, agents.CalibrationStatement)
	return err
}
