package agents

import (
	"context"
	"fmt"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// askedInRuns is why a tool of an external agent was not assessed beside a run.
const askedInRuns = "tools of external agents are asked in runs alone"

// Replay computes what settings find in a data set under accepted weights, beside every case: by the same checks, lists and score as a run,
// but nothing is written, nobody is told, and no external agent is asked. A check that fails is told among those that were not assessed.
func Replay(ctx context.Context, engine *data.Engine, d olorin.Dataset, s olorin.Settings, w olorin.Weights) (olorin.Results, error) {
	inv := olorin.Investigation{Settings: s, Weights: w.Version, Results: &olorin.Results{}}
	plan := Reweighed(Choose(s.ToolMatrix, nil), w)
	if len(plan) == 0 {
		return olorin.Results{}, olorin.Errorf(olorin.CodeInvalid, "none of the tools that the settings name is in the catalogue of this server")
	}
	c, err := engine.OpenCase(ctx, d, data.SelectionOf(s, d))
	if err != nil {
		return olorin.Results{}, fmt.Errorf("open the rows of the case: %w", err)
	}
	defer c.Close()
	lists, err := Listed(ctx, c, s.Entities)
	if err != nil {
		return olorin.Results{}, fmt.Errorf("look for the case on lists: %w", err)
	}
	asked, err := Asked(ctx, c)
	if err != nil {
		return olorin.Results{}, fmt.Errorf("look for lists: %w", err)
	}
	for _, j := range plan {
		if _, ours := Find(j.Tool.ID); !ours {
			inv.Progress.Tools = append(inv.Progress.Tools, olorin.ToolProgress{
				Tool: j.Tool.ID, Agent: j.Tool.Agent, Status: olorin.WorkDone, Outcome: olorin.NotAssessed, Reason: askedInRuns,
			})
			continue
		}
		result, err := j.Tool.Run(ctx, c, d, j.Params)
		if ctx.Err() != nil {
			return olorin.Results{}, fmt.Errorf("tool %s was interrupted: %w", j.Tool.ID, context.Cause(ctx))
		}
		done := olorin.ToolProgress{Tool: j.Tool.ID, Agent: j.Tool.Agent, Status: olorin.WorkDone, Outcome: result.Outcome, Code: result.Code, Reason: result.Reason}
		if err != nil {
			done.Status, done.Outcome, done.Code = olorin.WorkFailed, olorin.ToolFailed, olorin.WhyToolFailed
			done.Error, _ = j.Tool.Failed(err)
		}
		inv.Progress.Tools = append(inv.Progress.Tools, done)
		for _, f := range result.Findings {
			f.Severity = olorin.SeverityOf(s.Counts(f))
			inv.Results.Findings = append(inv.Results.Findings, f)
		}
	}
	rates, err := Rates(ctx, c, d, plan)
	if err != nil {
		return olorin.Results{}, fmt.Errorf("ask the peers: %w", err)
	}
	cited, err := Cited(ctx, c, inv.Results.Findings)
	if err != nil {
		return olorin.Results{}, err
	}
	return Assess(inv, d, Facts{Plan: plan, Entities: c.Presence(), Lists: lists, Asked: asked, Weights: w, Cited: cited, Rates: rates}), nil
}
