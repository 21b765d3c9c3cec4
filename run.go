package olorin

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"
)

// Preflight returns what only the data set and the catalogue of tools can tell of an owner's settings before they are started.
type Preflight func(ctx context.Context, owner string, s Settings) (Readiness, error)

// Readiness is what can be told of settings before a run.
type Readiness struct {
	Ready       bool             `json:"ready" doc:"A start would be taken."`
	Faults      []Fault          `json:"faults" doc:"What keeps them from starting."`
	Warnings    []Fault          `json:"warnings" doc:"What a start would be taken with, and should be known."`
	Entities    []EntityPresence `json:"entities" doc:"How often each entity occurs in the file, where that could be counted."`
	RowsInScope int64            `json:"rows_in_scope" doc:"Rows that the run would be about."`
}

// runAfter says what becomes of the work behind an investigation.
func runAfter(s Status) RunState {
	switch s {
	case Running:
		return RunQueued
	case Paused:
		return RunPaused
	}
	return RunOver
}

// Ready tells somebody who may see an investigation what a start would say, and starts nothing.
func (d *Desk) Ready(ctx context.Context, actor Actor, id string) (Readiness, error) {
	inv, err := d.store.Investigation(ctx, id)
	if err == nil {
		err = actor.May(ToView, inv.Access(), id)
	}
	if err != nil {
		return Readiness{}, err
	}
	return d.WouldStart(ctx, inv.UserID, inv.Settings)
}

// WouldStart tells what a start with an owner's settings would say.
func (d *Desk) WouldStart(ctx context.Context, owner string, s Settings) (Readiness, error) {
	r, err := d.preflight(ctx, owner, s)
	r.Faults = listed(append(append(s.Shape(), s.Ready()...), r.Faults...))
	r.Warnings, r.Entities = listed(r.Warnings), listed(r.Entities)
	r.Ready = len(r.Faults) == 0
	return r, err
}

// Worked returns how long a run has been carried since it was started or last retried, without pauses, the wait for its first step, and the
// time in which nobody carried it.
func (d *Desk) Worked(ctx context.Context, inv Investigation) (time.Duration, error) {
	lines, err := d.store.EventsOfType(ctx, inv.ID, StatusChanged{}.EventType())
	if err != nil {
		return 0, err
	}
	phases, err := d.store.EventsOfType(ctx, inv.ID, PhaseChanged{}.EventType())
	if err != nil {
		return 0, err
	}
	lines = slices.SortedFunc(slices.Values(append(lines, phases...)), func(a, b Line) int { return cmp.Compare(a.Seq, b.Seq) })
	var (
		total time.Duration
		since Time
	)
	first := inv.Progress.Phases[0].StartedAt
	if first == nil {
		return 0, nil
	}
	spent := func(until Time) time.Duration {
		if since.IsZero() {
			return 0
		}
		if since.Before(first.Time) {
			since = *first
		}
		return max(0, until.Sub(since.Time))
	}
	for _, l := range lines {
		var e Event
		if err := json.Unmarshal(l.JSON, &e); err != nil {
			return 0, Errorf(CodeCorrupt, "the log of investigation %q cannot be read: %w", inv.ID, err)
		}
		switch b := e.Body.(type) {
		case PhaseChanged:
			if b.Since != nil {
				total += spent(*b.Since)
				since = e.At
			}
		case StatusChanged:
			if b.To != Running {
				total += spent(e.At)
				since = Time{}
				break
			}
			if b.Act != ActResume {
				total = 0
			}
			since = e.At
		}
	}
	return total + spent(d.clock()), nil
}

// Start checks the settings against the data set and the catalogue and begins the run.
func (d *Desk) Start(ctx context.Context, actor Actor, id string, cond Condition) (Changed, error) {
	return d.StartWith(ctx, actor, id, "", cond)
}

// StartWith begins the run at a priority; "" is normal.
func (d *Desk) StartWith(ctx context.Context, actor Actor, id string, priority Priority, cond Condition) (Changed, error) {
	var (
		failure error
		weights int64
	)
	if d.options.Weights != nil {
		var err error
		if weights, err = d.options.Weights(ctx); err != nil {
			return Changed{}, err
		}
	}
	changed, err := d.Change(ctx, actor, id, func(inv Investigation) ([]Body, error) {
		if inv.Version == 0 {
			return nil, NotFound("investigation", id)
		}
		bodies, err := Start(priority, func(s Settings) []Fault {
			var r Readiness
			r, failure = d.preflight(ctx, inv.UserID, s)
			return r.Faults
		})(inv)
		if err != nil {
			return nil, err
		}
		if b, ok := bodies[0].(StatusChanged); ok {
			b.Weights = weights
			bodies[0] = b
		}
		return bodies, nil
	}, cond)
	if failure != nil {
		return Changed{}, failure
	}
	return changed, err
}
