package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// execution is one claim of one run. What it knows it takes from the log, so that it can begin anywhere.
type execution struct {
	*Runner
	lease   olorin.Lease
	dataset olorin.Dataset
	plan    []agents.Choice
	weights olorin.Weights // the run was started under; the zero value: those of the catalogue
	ends    time.Time      // when the run is out of time
	leave   func()         // gives up what a run needs to work here; nil: it is given up. See sit
	rows    *rows          // of the case
	facts   *facts         // told when the rows are opened the first time
	mu      sync.Mutex     // serialises reports, which would otherwise only conflict and be decided again
	inv     olorin.Investigation
}

// facts are what is known of the rows for good.
type facts struct {
	counts   data.Counts
	subject  string
	presence []olorin.EntityPresence
	listed   []olorin.ListHit
	asked    []olorin.ListStamp
}

// errOutOfTime ends the work of a run that took longer than it may.
var errOutOfTime = errors.New("the run is out of time")

// errPaused says that the run was paused and is put down between tools.
var errPaused = errors.New("the run is paused")

// execute carries a run through its phases. It returns nil when the run is complete.
func (r *Runner) execute(ctx context.Context, lease olorin.Lease, give func()) error {
	x := &execution{Runner: r, lease: lease}
	inv, err := r.desk.View(ctx, olorin.System, lease.InvestigationID)
	if err != nil {
		return err
	}
	x.inv = inv
	if inv.Status != olorin.Running {
		return errPaused
	}
	if x.dataset, err = r.datasets.Dataset(ctx, inv.Settings.Dataset); err != nil {
		return fmt.Errorf("data set of the run: %w", err)
	}
	if x.plan = agents.Choose(inv.Settings.ToolMatrix, x.options.Agency.Catalogue()); len(x.plan) == 0 {
		return olorin.Errorf(olorin.CodeInvalid, "none of the tools that the settings name is in the catalogue of this server")
	}
	if inv.Weights > 0 {
		if x.weights, err = x.options.Balance.Weights(ctx, inv.Weights); err != nil {
			return fmt.Errorf("weights that the run was started under: %w", err)
		}
		x.plan = agents.Reweighed(x.plan, x.weights)
	}
	// Memory first, so that waiting for it is not taken for work.
	x.rows = &rows{open: func(ctx context.Context) (*data.Case, error) { return x.open(ctx, inv.Settings) }, memory: x.memory, user: inv.UserID, mb: x.options.CaseMB, log: x.log.With("investigation", lease.InvestigationID), turn: make(chan struct{}, 1)}
	done, err := x.rows.hold(ctx)
	if err != nil {
		return err
	}
	x.leave = func() { done(); give() }
	defer func() {
		x.standAside()
		x.rows.part()
	}()
	if x.paused() {
		return errPaused
	}
	if err := x.takeUp(ctx); err != nil {
		return err
	}
	worked, err := x.desk.Worked(ctx, x.inv)
	if err != nil {
		return err
	}
	x.ends = time.Now().Add(x.options.Limit - worked)
	for _, phase := range []struct {
		id   olorin.Phase
		work func(context.Context) error
	}{
		{olorin.Planning, x.planning}, {olorin.Collection, x.collection}, {olorin.Analysis, x.analysis}, {olorin.Correlation, x.correlation},
	} {
		if x.phase(phase.id).Status == olorin.WorkDone {
			continue
		}
		if err := x.within(ctx, phase.id, phase.work); err != nil {
			return err
		}
	}
	return x.assessment(ctx)
}

// takeUp notes in the log that a run goes on after an interruption, and where.
func (x *execution) takeUp(ctx context.Context) error {
	if x.phase(olorin.Planning).Status == olorin.WorkPending {
		return nil
	}
	last, now := x.inv.UpdatedAt, x.phase(x.inv.Progress.Phase)
	done, broken := 0, []olorin.Body{olorin.PhaseChanged{Phase: now.ID, Status: now.Status, Percent: now.Percent, Since: &last}}
	for _, t := range x.inv.Progress.Tools {
		switch {
		case t.Status.Over():
			done++
		case t.Status == olorin.WorkRunning:
			broken = append(broken, olorin.ToolChanged{Tool: t.Tool, Agent: t.Agent, Status: olorin.WorkPending})
		}
	}
	return x.report(ctx, append(broken, info("", "", "The run goes on where it stood: %d of %d tools are done and are not repeated", done, len(x.inv.Progress.Tools)))...)
}

// within does the work of a phase between its start and its end in the log. A phase that was under way is not started twice.
func (x *execution) within(ctx context.Context, phase olorin.Phase, work func(context.Context) error) error {
	if x.phase(phase).Status != olorin.WorkRunning {
		if err := x.report(ctx, olorin.PhaseChanged{Phase: phase, Status: olorin.WorkRunning}); err != nil {
			return err
		}
	}
	if err := work(ctx); err != nil {
		return err
	}
	return x.report(ctx, olorin.PhaseChanged{Phase: phase, Status: olorin.WorkDone, Percent: 100})
}

func (x *execution) phase(id olorin.Phase) olorin.PhaseProgress {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.inv.Progress.Phases {
		if p.ID == id {
			return p
		}
	}
	return olorin.PhaseProgress{}
}

// planning puts the tools into the log.
func (x *execution) planning(ctx context.Context) error {
	s := x.inv.Settings
	bodies := []olorin.Body{info("", "", "Planning: %s on %q (%s, sha256 %.12s…), %s, correlation %s, %s",
		olorin.Counted(len(x.plan), "tool"), x.dataset.Name, olorin.Counted(x.dataset.Rows, "row"), x.dataset.SHA256, olorin.Counted(len(s.Entities), "entity"), s.CorrelationMode, s.ExecutionMode)}
	for _, j := range x.plan {
		bodies = append(bodies, olorin.ToolChanged{Tool: j.Tool.ID, Agent: j.Tool.Agent, Status: olorin.WorkPending})
	}
	return x.report(ctx, bodies...)
}

// collection looks how much of the file the case is about.
func (x *execution) collection(ctx context.Context) error {
	work, stop := context.WithDeadlineCause(ctx, x.ends, errOutOfTime)
	defer stop()
	_, done, err := x.rows.read(work)
	if outOfTime(ctx, work) {
		return nil // analysis tells of it
	}
	if err != nil {
		return fmt.Errorf("collect the rows of the case: %w", err)
	}
	done()
	n, subject := x.facts.counts, x.facts.subject
	bodies := []olorin.Body{info("", "", "Collected: %d of %d rows are of the entities and the time range; their accounts (%s) have %d rows in all", n.InScope, n.Rows, subject, n.Own)}
	for _, h := range x.facts.listed {
		bodies = append(bodies, olorin.LogAppended{Level: olorin.LevelWarn, Message: fmt.Sprintf("%s %s is on the list %q (%s)", h.EntityType.Word(), h.Value, h.List, h.Kind)})
	}
	for _, e := range x.facts.presence {
		if e.Rows == 0 {
			bodies = append(bodies, olorin.LogAppended{Level: olorin.LevelWarn, Message: fmt.Sprintf("%s %s does not occur in the data set", e.Type.Word(), e.Value)})
		}
	}
	if n.InScope == 0 {
		bodies = append(bodies, olorin.LogAppended{Level: olorin.LevelWarn, Message: "No row of the data set matches the entities and the time range; no check can look at anything"})
	}
	return x.report(ctx, bodies...)
}

// open opens the case and looks, the first time, what is in it and on lists.
func (x *execution) open(ctx context.Context, s olorin.Settings) (*data.Case, error) {
	c, err := x.engine.OpenCase(ctx, x.dataset, data.SelectionOf(s, x.dataset))
	if err != nil || x.facts != nil {
		return c, err
	}
	listed, err := agents.Listed(ctx, c, s.Entities)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	asked, err := agents.Asked(ctx, c)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	x.facts = &facts{counts: c.Counts(), subject: c.Subject(), presence: c.Presence(), listed: listed, asked: asked}
	return c, nil
}

// outOfTime tells whether work ended because the run's time is over, and for no other reason.
func outOfTime(ctx, work context.Context) bool {
	return ctx.Err() == nil && errors.Is(context.Cause(work), errOutOfTime)
}

// analysis runs the tools that the log does not show as done: agents side by side or one after another, as the settings say.
// Past the run's time limit what was not reached is noted as such, and the run goes on to its assessment.
func (x *execution) analysis(ctx context.Context) error {
	work, stop := context.WithDeadlineCause(ctx, x.ends, errOutOfTime)
	defer stop()
	err := x.analyse(work)
	if err != nil && !errors.Is(err, errPaused) && outOfTime(ctx, work) {
		err = x.expire(ctx)
	}
	if err != nil {
		return err
	}
	return x.sit(ctx)
}

// standAside gives up what a run needs to work here: others need not wait while it waits itself.
func (x *execution) standAside() {
	if x.leave != nil {
		x.leave()
		x.leave = nil
	}
}

// sit takes a slot and memory again, where the run stood aside.
func (x *execution) sit(ctx context.Context) error {
	if x.leave != nil {
		return nil
	}
	give, err := x.slots.take(ctx, "", 1)
	if err != nil {
		return err
	}
	done, err := x.rows.hold(ctx)
	if err != nil {
		give()
		return err
	}
	x.leave = func() { done(); give() }
	return nil
}

// expire notes which tools the run's time did not suffice for, as the log stands.
func (x *execution) expire(ctx context.Context) error {
	return x.change(ctx, func(inv olorin.Investigation) ([]olorin.Body, error) {
		var bodies []olorin.Body
		for _, t := range inv.Progress.Tools {
			if !t.Status.Over() {
				bodies = append(bodies, olorin.ToolChanged{
					Tool: t.Tool, Agent: t.Agent, Status: olorin.WorkCancelled, Outcome: olorin.NotAssessed, Code: olorin.WhyOutOfTime,
					Reason: fmt.Sprintf("out of time: the run's limit of %s was over before this check had ended", x.options.Limit),
				})
			}
		}
		missed := olorin.Counted(len(bodies), "tool") + " were"
		if len(bodies) == 1 {
			missed = "1 tool was"
		}
		bodies = append(bodies, olorin.LogAppended{
			Level: olorin.LevelWarn, Message: fmt.Sprintf("The run's time limit of %s is over: %s not reached. The results are partial and say so", x.options.Limit, missed),
		})
		return olorin.Report(x.clock(), bodies...)(inv)
	})
}

func (x *execution) analyse(ctx context.Context) error {
	c, done, err := x.rows.read(ctx)
	if err != nil {
		return fmt.Errorf("open the rows of the case: %w", err)
	}
	defer done()
	here, elsewhere := x.undone()
	lanes, outLanes, sides := 1, 1, 1
	if x.inv.Settings.ExecutionMode == olorin.Parallel {
		lanes, outLanes, sides = max(1, x.options.Agents), len(elsewhere), 2 // whoever works elsewhere holds up nobody here
	}
	inside := func(ctx context.Context) error {
		err := inLanes(ctx, lanes, here, func(ctx context.Context, jobs []agents.Choice) error {
			for _, j := range jobs {
				if err := x.runTool(ctx, c, j); err != nil {
					return err
				}
			}
			return nil
		})
		if len(elsewhere) > 0 {
			done()
			x.standAside()
		}
		return err
	}
	outside := func(ctx context.Context) error {
		return inLanes(ctx, outLanes, elsewhere, func(ctx context.Context, jobs []agents.Choice) error {
			for _, j := range jobs {
				if err := x.runOutside(ctx, j); err != nil {
					return err
				}
			}
			return nil
		})
	}
	parts := []func(context.Context) error{inside, outside}
	return inLanes(ctx, sides, parts, func(ctx context.Context, part func(context.Context) error) error { return part(ctx) })
}

// undone are the tools that the log does not show as done, by agent: those of this program, and those of others.
func (x *execution) undone() (here, elsewhere [][]agents.Choice) {
	over := map[[2]string]bool{}
	for _, t := range x.inv.Progress.Tools {
		over[[2]string{t.Agent, t.Tool}] = t.Status.Over()
	}
	for _, j := range x.plan {
		if over[[2]string{j.Tool.Agent, j.Tool.ID}] {
			continue
		}
		group := &here
		if j.Tool.Outside {
			group = &elsewhere
		}
		if n := len(*group); n == 0 || (*group)[n-1][0].Tool.Agent != j.Tool.Agent {
			*group = append(*group, nil)
		}
		(*group)[len(*group)-1] = append((*group)[len(*group)-1], j)
	}
	return here, elsewhere
}

// inLanes does every piece of work, so many at once, and ends all at the first error, which it returns. A pause is no
// emergency: what is under way then is finished.
func inLanes[W any](ctx context.Context, lanes int, work []W, do func(context.Context, W) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan W, len(work))
	for _, w := range work {
		queue <- w
	}
	close(queue)
	var (
		group sync.WaitGroup
		mu    sync.Mutex // protects first
		first error
	)
	for range lanes {
		group.Go(func() {
			for w := range queue {
				err := do(ctx, w)
				if err == nil {
					continue
				}
				mu.Lock()
				if first == nil || errors.Is(first, errPaused) {
					first = err
				}
				mu.Unlock()
				if !errors.Is(err, errPaused) {
					stop()
				}
				return
			}
		})
	}
	group.Wait()
	return first
}

// runTool runs one tool between its start and its outcome in the log. A tool that fails does not fail the run.
func (x *execution) runTool(ctx context.Context, c *data.Case, j agents.Choice) error {
	if x.paused() {
		return errPaused
	}
	give, err := x.tools.take(ctx, x.lease.InvestigationID, 1)
	if err != nil {
		return err
	}
	defer give()
	if x.paused() {
		return errPaused
	}
	id, agent := j.Tool.ID, j.Tool.Agent
	if err := x.report(ctx, olorin.ToolChanged{Tool: id, Agent: agent, Status: olorin.WorkRunning}); err != nil {
		return err
	}
	began := time.Now()
	result, err := x.guarded(ctx, c, j)
	if ctx.Err() != nil {
		return fmt.Errorf("tool %s was interrupted: %w", id, context.Cause(ctx))
	}
	ms := time.Since(began).Milliseconds()
	done := olorin.ToolChanged{Tool: id, Agent: agent, Status: olorin.WorkDone, DurationMS: &ms, Outcome: result.Outcome, Code: result.Code, Reason: result.Reason}
	if err != nil {
		told, said := j.Tool.Failed(err)
		x.log.Warn("tool failed", "investigation", x.lease.InvestigationID, "tool", id, "error", said)
		done.Status, done.Outcome, done.Code, done.Error = olorin.WorkFailed, olorin.ToolFailed, olorin.WhyToolFailed, told
		return x.report(ctx, done, olorin.LogAppended{Level: olorin.LevelError, Agent: agent, Tool: id, Message: fmt.Sprintf("%s (%s) failed after %d ms, and the run goes on without it: %s", j.Tool.Title, id, ms, told)})
	}
	bodies := []olorin.Body{done}
	settings := x.settings()
	for _, f := range result.Findings {
		f.Severity = olorin.SeverityOf(settings.Counts(f))
		bodies = append(bodies, olorin.FindingAdded{Finding: f})
	}
	switch result.Outcome {
	case olorin.Fired:
		bodies = append(bodies, info(agent, id, "%s (%s) fired after %d ms: %s%s", j.Tool.Title, id, ms, olorin.Counted(len(result.Findings), "finding"), also(result.Reason)))
		for _, f := range result.Findings {
			bodies = append(bodies, info(agent, id, "%s", f.Sentence))
		}
	case olorin.Clear:
		bodies = append(bodies, info(agent, id, "%s (%s) found nothing in %d ms", j.Tool.Title, id, ms))
	default:
		bodies = append(bodies, olorin.LogAppended{Level: olorin.LevelWarn, Agent: agent, Tool: id, Message: fmt.Sprintf("%s (%s) was not assessed: %s", j.Tool.Title, id, result.Reason)})
	}
	return x.report(ctx, bodies...)
}

// guarded turns a panic of a tool into its failure. Its stack is for the server's log, never for the user.
func (x *execution) guarded(ctx context.Context, c *data.Case, j agents.Choice) (result agents.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			x.log.Error("panic in a tool", "investigation", x.lease.InvestigationID, "tool", j.Tool.ID, "panic", p, "stack", string(debug.Stack()))
			err = olorin.Errorf(olorin.CodeEngineFailed, "it broke off by a fault of its own; the server's log has the details")
		}
	}()
	return j.Tool.Run(ctx, c, x.dataset, j.Params)
}

// correlation tells what the findings have in common.
func (x *execution) correlation(ctx context.Context) error {
	shared := map[olorin.EntityRef]map[string]bool{}
	findings := 0
	if x.inv.Results != nil {
		findings = len(x.inv.Results.Findings)
		for _, f := range x.inv.Results.Findings {
			for _, e := range f.Entities {
				if shared[e] == nil {
					shared[e] = map[string]bool{}
				}
				shared[e][f.Agent] = true
			}
		}
	}
	corroborated := 0
	for _, by := range shared {
		if len(by) > 1 {
			corroborated++
		}
	}
	return x.report(ctx, info("", "", "Correlated (%s): %d findings over %d entities, %d of which more than one agent has findings on", x.inv.Settings.CorrelationMode, findings, len(shared), corroborated))
}

// assessment scores what the log holds and ends the run.
func (x *execution) assessment(ctx context.Context) error {
	if x.phase(olorin.Assessment).Status != olorin.WorkRunning {
		if err := x.report(ctx, olorin.PhaseChanged{Phase: olorin.Assessment, Status: olorin.WorkRunning}); err != nil {
			return err
		}
	}
	if x.paused() {
		return errPaused
	}
	c, done, err := x.rows.read(ctx)
	if err != nil {
		return fmt.Errorf("count the rows of the entities: %w", err)
	}
	defer done()
	rates, err := x.rates(ctx, c)
	if err != nil {
		return fmt.Errorf("ask the peers of the case: %w", err)
	}
	var findings []olorin.Finding
	if x.inv.Results != nil {
		findings = x.inv.Results.Findings
	}
	cited, err := agents.Cited(ctx, c, findings)
	if err != nil {
		return fmt.Errorf("read the rows that the findings cite: %w", err)
	}
	results := agents.Assess(x.inv, x.dataset, agents.Facts{Plan: x.plan, Entities: x.facts.presence, Lists: x.facts.listed, Asked: x.facts.asked, Weights: x.weights, Cited: cited, Rates: rates})
	if err := x.report(ctx, info("", "", "%s", results.Summary)); err != nil {
		return err
	}
	if x.paused() {
		return errPaused
	}
	return x.change(ctx, olorin.Complete(results))
}

// rates asks the peers what the checks come to at them, for those that were not assessed. Where the run is out of time, nobody is asked.
func (x *execution) rates(ctx context.Context, c *data.Case) (map[string]float64, error) {
	if !time.Now().Before(x.ends) {
		return nil, nil
	}
	give, err := x.tools.take(ctx, x.lease.InvestigationID, 1)
	if err != nil {
		return nil, err
	}
	defer give()
	return agents.Rates(ctx, c, x.dataset, x.plan)
}

func (x *execution) settings() olorin.Settings {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.inv.Settings
}

func (x *execution) paused() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.inv.Status == olorin.Paused
}

// report puts the run's own account into the log.
func (x *execution) report(ctx context.Context, bodies ...olorin.Body) error {
	return x.change(ctx, olorin.Report(x.clock(), bodies...))
}

// change goes through the desk under the lease. While the store cannot take the change it is tried again, with backoff, for as
// long as the lease is held: the caller's context ends when it is lost.
func (x *execution) change(ctx context.Context, command olorin.Command) error {
	return x.changeAs(ctx, olorin.System, command)
}

func (x *execution) changeAs(ctx context.Context, actor olorin.Actor, command olorin.Command) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		changed, err := x.desk.Change(ctx, actor, x.lease.InvestigationID, command, olorin.Condition{Lease: &x.lease})
		if err == nil {
			x.inv = changed.Investigation
			return nil
		}
		if olorin.CodeOf(err) != olorin.CodeUnavailable {
			return err
		}
		x.log.Warn("the store cannot take a report of a run; trying again", "investigation", x.lease.InvestigationID, "in", wait, "error", err)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(wait):
		}
	}
}

func info(agent, tool, format string, args ...any) olorin.LogAppended {
	return olorin.LogAppended{Level: olorin.LevelInfo, Agent: agent, Tool: tool, Message: fmt.Sprintf(format, args...)}
}

func also(text string) string {
	if text == "" {
		return ""
	}
	return "; " + text
}
