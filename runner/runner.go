// Package runner carries investigations forward. A run is work that the server owns, not the browser: it is claimed with a
// lease in the store, every step of it goes through the desk into the log, and whoever claims it next continues from the log.
//
//	Runner      claims runs and holds their leases       runner.go
//	execution   one run, phase by phase                  execution.go
//	external    a tool in the hands of an outside agent  external.go
//	rows        the rows of a run, and their memory      rows.go
//	share       slots, memory and checks at work         share.go
//	Preflight   what keeps settings from starting        preflight.go
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/live"
)

// Options bound what a runner does.
type Options struct {
	Owner  string        // names this process among those that share the store
	Only   string        // the one investigation to carry forward; "": whichever waits
	Slots  int           // runs at once
	Agents int           // agents of one run side by side, where its settings say parallel
	Lease  time.Duration // how long a claim outlives its holder's last sign
	Look   time.Duration // how often to look for work
	Limit  time.Duration // longest that a run is worked at; then it ends with what it has, and says so
	// What all runs of this process share, evenly: checks at work at once, and the memory of which each open case takes CaseMB.
	Tools, MemoryMB, CaseMB int
	// Outside is the longest that an external agent may work at one tool, however lively it is.
	Outside time.Duration
	// Balance has the accepted weights of the runs that were started under some.
	Balance olorin.Balance
	// Agency is where external agents are; nil: this process takes none.
	Agency *agency.Agency
}

// DefaultOptions suit one server.
func DefaultOptions(owner string) Options {
	return Options{Owner: owner, Slots: 4, Agents: 2, Lease: 6 * time.Second, Look: 300 * time.Millisecond, Limit: 30 * time.Minute, Tools: 2, MemoryMB: 2048, CaseMB: 1024, Outside: 10 * time.Minute}
}

// Runner claims runs and carries them forward until its context ends.
type Runner struct {
	desk     *olorin.Desk
	runs     olorin.Runs
	datasets olorin.Datasets
	engine   *data.Engine
	hub      *live.Hub
	clock    olorin.Clock
	log      *slog.Logger
	options  Options
	slots    *share // in the order of asking
	tools    *share // by run
	memory   *share // by user, in MB
}

// New joins the parts that a run needs.
func New(desk *olorin.Desk, runs olorin.Runs, datasets olorin.Datasets, engine *data.Engine, hub *live.Hub, clock olorin.Clock, log *slog.Logger, o Options) *Runner {
	return &Runner{
		desk: desk, runs: runs, datasets: datasets, engine: engine, hub: hub, clock: clock, log: log, options: o,
		slots: newShare(o.Slots), tools: newShare(o.Tools), memory: newShare(o.MemoryMB),
	}
}

// Run claims and carries forward until ctx ends; then it interrupts what is under way, gives the leases back and returns.
// What was interrupted is continued by the next claim.
func (r *Runner) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		give, err := r.slots.take(ctx, "", 1)
		if err != nil {
			return
		}
		lease, err := r.runs.Claim(ctx, r.options.Owner, r.options.Only, r.clock(), r.options.Lease)
		if lease != nil {
			running.Go(func() {
				defer give()
				r.carry(ctx, *lease, give)
			})
			continue
		}
		give() // a run that stood aside may need it meanwhile
		if err != nil && ctx.Err() == nil {
			r.log.Error("cannot look for runs to carry forward; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(r.options.Look):
		}
	}
}

// carry does the work of one claim and gives the lease back. give returns the slot, which the run may do without for a while.
func (r *Runner) carry(ctx context.Context, lease olorin.Lease, give func()) {
	log := r.log.With("investigation", lease.InvestigationID, "epoch", lease.Epoch)
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var heart sync.WaitGroup
	heart.Go(func() { r.beat(work, stop, lease) })
	err := r.protected(work, lease, give)
	cause := context.Cause(work)
	stop(nil)
	heart.Wait()
	ours := err != nil && !putDown(err) && cause == nil
	// Giving back is worth a try even when the server is about to stop: otherwise the next claim waits for the lease to lapse.
	back, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer done()
	if ours { // while the lease keeps others from it
		log.Error("run failed", "error", err)
		r.fail(back, lease, err)
	}
	if err := r.runs.Release(back, lease); err != nil && olorin.CodeOf(err) != olorin.CodeLeaseLost {
		log.Warn("lease not given back; it lapses by itself", "error", err)
	}
	if err != nil && !ours {
		log.Info("run put down", "why", err)
	}
}

// putDown tells whether an error only says that somebody else decides how the run goes on: it was paused, cancelled or taken
// over, or the store takes nothing now. Such a run is not failed: whoever may claims it again.
func putDown(err error) bool {
	if errors.Is(err, errPaused) {
		return true
	}
	switch olorin.CodeOf(err) {
	case olorin.CodeLeaseLost, olorin.CodeIllegalTransition, olorin.CodeUnavailable:
		return true
	}
	return false
}

// protected executes a run and turns a panic into an error of that run alone.
func (r *Runner) protected(ctx context.Context, lease olorin.Lease, give func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the run broke off: %v", p)
			r.log.Error("panic in a run", "investigation", lease.InvestigationID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return r.execute(ctx, lease, give)
}

// fail ends a run that cannot go on. Where even that cannot be written, the run is claimed again when the lease lapses.
func (r *Runner) fail(ctx context.Context, lease olorin.Lease, cause error) {
	code, message := string(olorin.CodeOf(cause)), cause.Error()
	if code == "" {
		code, message = "internal", "the server could not carry the run on; what was found so far is kept. Retry it, or tell your administrator"
	}
	_, err := r.desk.Change(ctx, olorin.System, lease.InvestigationID, olorin.Fail(code, message, r.clock()), olorin.Condition{Lease: &lease})
	if err != nil && olorin.CodeOf(err) != olorin.CodeIllegalTransition && olorin.CodeOf(err) != olorin.CodeLeaseLost {
		r.log.Error("cannot note that a run failed", "investigation", lease.InvestigationID, "error", err)
	}
}

// beat renews the lease at a third of its length and ends the work when it is lost, or when the run is no longer wanted.
func (r *Runner) beat(ctx context.Context, stop context.CancelCauseFunc, lease olorin.Lease) {
	lapses := time.Now().Add(r.options.Lease)
	tick := time.NewTicker(r.options.Lease / 3)
	defer tick.Stop()
	for {
		grown, unwatch := r.hub.Watch(lease.InvestigationID)
		head, err := r.desk.Head(ctx, olorin.System, lease.InvestigationID)
		if err == nil && head.Status.Terminal() {
			unwatch()
			stop(fmt.Errorf("the run is %s", head.Status))
			return
		}
		select {
		case <-ctx.Done():
			unwatch()
			return
		case <-grown:
			unwatch()
			continue
		case <-tick.C:
			unwatch()
		}
		err = r.runs.Renew(ctx, lease, r.clock(), r.options.Lease)
		switch {
		case err == nil:
			lapses = time.Now().Add(r.options.Lease)
		case olorin.CodeOf(err) == olorin.CodeLeaseLost || time.Now().After(lapses):
			stop(fmt.Errorf("the lease is lost: %w", err))
			return
		}
	}
}
