package runner

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// errTooLong ends the work of an agent that gave signs of life and no report.
var errTooLong = errors.New("the external agent did not report within the time")

// runOutside has an external agent do a tool. What the agent says goes through the desk under the lease of this run, in the agent's own
// name: it can read the rows of this case and report on this tool, and nothing else. An agent that is silent fails its tool, not the run.
func (x *execution) runOutside(ctx context.Context, j agents.Choice) error {
	if x.paused() {
		return errPaused
	}
	id, agent := j.Tool.ID, j.Tool.Agent
	actor := olorin.Actor{Kind: olorin.KindAgent, ID: agent, Role: olorin.RoleAgent, Run: x.lease.InvestigationID}
	if err := x.report(ctx, olorin.ToolChanged{Tool: id, Agent: agent, Status: olorin.WorkRunning}); err != nil {
		return err
	}
	began := time.Now()
	work, stop := context.WithTimeoutCause(ctx, x.options.Outside, errTooLong)
	defer stop()
	j, err := x.offered(work, j)
	if err == nil {
		err = x.doOutside(work, j, actor, began)
	}
	if errors.Is(err, errTooLong) {
		err = fmt.Errorf("%w of %s", errTooLong, x.options.Outside)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, agency.ErrSilent), errors.Is(err, errTooLong):
		ms := time.Since(began).Milliseconds()
		return x.report(ctx, olorin.ToolChanged{
			Tool: id, Agent: agent, Status: olorin.WorkFailed, DurationMS: &ms, Outcome: olorin.ToolFailed, Code: olorin.WhyAgentTimeout, Error: err.Error(),
		}, olorin.LogAppended{Level: olorin.LevelError, Agent: agent, Tool: id, Message: fmt.Sprintf("%s (%s) failed after %d ms: %s. The run goes on without it", j.Tool.Title, id, ms, err)})
	}
	return fmt.Errorf("tool %s was interrupted: %w", id, err)
}

// offered is the choice with the tool as its agent offers it now: the plan may be older than the agent's registration.
func (x *execution) offered(ctx context.Context, j agents.Choice) (agents.Choice, error) {
	tool, err := x.options.Agency.Tool(ctx, j.Tool.Agent, j.Tool.ID)
	if err != nil {
		return j, err
	}
	j = agents.Reweighed([]agents.Choice{{Tool: tool, Params: j.Params}}, x.weights)[0]
	x.mu.Lock()
	defer x.mu.Unlock()
	for i, p := range x.plan {
		if p.Tool.Agent == tool.Agent && p.Tool.ID == tool.ID {
			x.plan[i] = j
		}
	}
	return j, nil
}

// reading lends the rows to a request of an agent, for as long as the work lasts that it is about.
func (x *execution) reading(request, work context.Context, do func(context.Context, *data.Case) error) error {
	ctx, stop := context.WithCancelCause(request)
	defer stop(nil)
	defer context.AfterFunc(work, func() { stop(context.Cause(work)) })()
	c, done, err := x.rows.read(ctx)
	if err == nil {
		defer done()
		err = do(ctx, c)
	}
	if err != nil && work.Err() != nil {
		return olorin.Errorf(olorin.CodeLeaseLost, "this work is not yours any more: its time is over, or its run has ended; ask for other work")
	}
	return err
}

// doOutside has the agent of the tool do it, for as long as work lasts.
func (x *execution) doOutside(work context.Context, j agents.Choice, actor olorin.Actor, began time.Time) error {
	id, agent := j.Tool.ID, j.Tool.Agent
	n, s := x.facts.counts, x.settings()
	return x.options.Agency.Do(work, agency.Job{
		Agent: agent,
		Assignment: agency.Assignment{
			Tool: id, Params: j.Values(), InvestigationID: x.lease.InvestigationID, Entities: s.Entities, CorrelationMode: s.CorrelationMode,
			Dataset:     x.dataset.Stamp(),
			RowsInScope: n.InScope, Rows: n.Own,
		},
		Rows: func(ctx context.Context, after int64, limit int) (page agency.WorkRows, err error) {
			err = x.reading(ctx, work, func(ctx context.Context, c *data.Case) error {
				page, err = rowsOf(ctx, c, after, limit)
				return err
			})
			return page, err
		},
		Note: func(ctx context.Context, n agency.WorkSign) error {
			var bodies []olorin.Body
			if n.Percent != nil {
				bodies = append(bodies, info(agent, id, "%s (%s) is at %.0f %%", j.Tool.Title, id, *n.Percent))
			}
			for _, l := range n.Log {
				bodies = append(bodies, olorin.LogAppended{Level: l.Level, Agent: agent, Tool: id, Message: olorin.MaskCards(l.Message)})
			}
			if len(bodies) == 0 {
				return nil
			}
			return x.changeAs(ctx, actor, olorin.Report(x.clock(), bodies...))
		},
		Report: func(ctx context.Context, r agency.WorkReport) error {
			var findings []olorin.Finding
			if err := x.reading(ctx, work, func(ctx context.Context, c *data.Case) (err error) {
				findings, err = j.Tool.Accept(ctx, c, r.Findings)
				return err
			}); err != nil {
				return err
			}
			for i, f := range findings {
				findings[i].Severity = olorin.SeverityOf(s.Counts(f))
			}
			return x.changeAs(ctx, actor, olorin.Report(x.clock(), reported(j.Tool, r, findings, time.Since(began).Milliseconds())...))
		},
	})
}

// reported are the events of a report.
func reported(t *agents.Tool, r agency.WorkReport, findings []olorin.Finding, ms int64) []olorin.Body {
	r.Reason = olorin.MaskCards(r.Reason)
	done := olorin.ToolChanged{Tool: t.ID, Agent: t.Agent, Status: olorin.WorkDone, DurationMS: &ms, Outcome: r.Outcome}
	line := olorin.LogAppended{Level: olorin.LevelInfo, Agent: t.Agent, Tool: t.ID}
	switch r.Outcome {
	case olorin.Fired:
		line.Message = fmt.Sprintf("%s (%s) fired after %d ms: %s", t.Title, t.ID, ms, olorin.Counted(len(findings), "finding"))
	case olorin.Clear:
		line.Message = fmt.Sprintf("%s (%s) found nothing in %d ms", t.Title, t.ID, ms)
	case olorin.ToolFailed:
		done.Status, done.Code, done.Error = olorin.WorkFailed, olorin.WhyToolFailed, r.Reason
		line.Level, line.Message = olorin.LevelError, fmt.Sprintf("%s (%s) failed after %d ms: %s. The run goes on without it", t.Title, t.ID, ms, r.Reason)
	default:
		done.Code, done.Reason = olorin.WhyAgentSays, r.Reason
		line.Level, line.Message = olorin.LevelWarn, fmt.Sprintf("%s (%s) was not assessed: %s", t.Title, t.ID, r.Reason)
	}
	bodies := []olorin.Body{done}
	for _, f := range findings {
		bodies = append(bodies, olorin.FindingAdded{Finding: f})
	}
	bodies = append(bodies, line)
	for _, f := range findings {
		bodies = append(bodies, info(t.Agent, t.ID, "%s", f.Sentence))
	}
	return bodies
}

// rowsOf reads a page of the rows of the accounts in question.
func rowsOf(ctx context.Context, c *data.Case, after int64, limit int) (agency.WorkRows, error) {
	page := agency.WorkRows{Items: []agency.WorkRow{}, Next: after}
	numbers, inScope, err := agents.OwnRows(ctx, c, after, limit+1)
	if err != nil {
		return page, err
	}
	if page.More = len(numbers) > limit; page.More {
		numbers = numbers[:limit]
	}
	rows, err := c.Rows(ctx, numbers)
	if err != nil {
		return page, err
	}
	at := map[int64]int{}
	for i, r := range rows {
		at[r.Row] = i
	}
	for _, n := range numbers {
		if i, ok := at[n]; ok {
			page.Items = append(page.Items, agency.WorkRow{EvidenceRow: rows[i], InScope: inScope[n]})
		}
		page.Next = n
	}
	return page, nil
}
