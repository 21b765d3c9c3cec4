package main

import (
	"fmt"

	"github.com/olorin-dev/olorin"
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
	judged, err := h.store.Judged(s.ctx)
	if err != nil {
		return err
	}
	weights, err := h.store.Weights(s.ctx, 0)
	if err != nil {
		return err
	}
	list, reliability := agents.Calibrations(precedents, weights, olorin.SystemClock()), olorin.Reliable(judged)
	if c.JSON {
		return s.printJSON(map[string]any{"statement": agents.CalibrationStatement, "items": list, "reliability": reliability})
	}
	for _, k := range list {
		fmt.Fprintf(s.out, "%s v%d  %s: %d right, %d wrong, %d undecided", k.Tool, k.ToolVersion, k.Title, k.Confirmed, k.FalsePositive, k.Undecided)
		if k.Precision != nil {
			fmt.Fprintf(s.out, "; precision %.2f (%.2f to %.2f)", *k.Precision, k.Interval.Low, k.Interval.High)
		}
		if k.Suggested != nil {
			fmt.Fprintf(s.out, "; weight %g, suggested %g", k.Weight, *k.Suggested)
		}
		fmt.Fprintf(s.out, "; %s; %s: %s\n", k.Reason, k.Promotion.Ruling, k.Promotion.Reason)
	}
	for _, b := range reliability.Bins {
		fmt.Fprintf(s.out, "findings that count %.1f to %.1f: %.2f right (%.2f to %.2f), of %d\n", b.From, b.To, b.Right, b.Interval.Low, b.Interval.High, b.Labelled)
	}
	fmt.Fprintln(s.out, reliability.Statement)
	_, err = fmt.Fprintln(s.out, agents.CalibrationStatement)
	return err
}
