package olorin

import (
	"fmt"
	"slices"
)

// Apply returns the snapshot after the event. It never changes inv.
func Apply(inv Investigation, e Event) (Investigation, error) {
	if e.Seq != inv.Version+1 {
		return inv, fmt.Errorf("log of investigation %q: event %d follows %d", inv.ID, e.Seq, inv.Version)
	}
	next := inv.clone()
	applyTo(&next, e)
	return next, nil
}

// applyTo changes a snapshot that nobody else holds.
func applyTo(inv *Investigation, e Event) {
	inv.Version = e.Seq
	inv.UpdatedAt = e.At
	e.Body.apply(inv, e)
}

// Fold returns what a whole log adds up to.
func Fold(id string, log []Event) (Investigation, error) {
	inv := Investigation{ID: id}
	for _, e := range log {
		if e.Seq != inv.Version+1 {
			return inv, fmt.Errorf("log of investigation %q: event %d follows %d", id, e.Seq, inv.Version)
		}
		applyTo(&inv, e)
	}
	return inv, nil
}

func (b InvestigationCreated) apply(inv *Investigation, e Event) {
	inv.UserID, inv.Name, inv.Settings, inv.Lineage = b.UserID, b.Name, b.Settings, b.Lineage
	inv.Status, inv.Step = Draft, StepSettings
	inv.StepHistory = []StepVisit{{StepSettings, e.At}}
	inv.Progress = newProgress()
	inv.Edits = map[string]Edit{}
	inv.CreatedAt = e.At
}

func (b SettingsChanged) apply(inv *Investigation, e Event) {
	edit := Edit{e.Seq, e.Actor.ID, e.At}
	if b.Name != nil {
		inv.Name = *b.Name
		inv.Edits["name"] = edit
	}
	if b.Assignee != nil {
		inv.Assignee = *b.Assignee
	}
	if b.Shared != nil {
		inv.Shared = *b.Shared
	}
	if b.Settings != nil {
		b.Settings.put(&inv.Settings)
		for _, field := range b.Settings.fields() {
			inv.Edits[field] = edit
		}
	}
}

func (b StepChanged) apply(inv *Investigation, e Event) {
	inv.Step = b.Step
	inv.StepHistory = append(inv.StepHistory, StepVisit{b.Step, e.At})
	if n := len(inv.StepHistory) - maxStepHistory; n > 0 {
		inv.StepHistory = slices.Delete(inv.StepHistory, 0, n)
	}
	if e.Actor.Kind == KindUser {
		inv.Edits["wizard_step"] = Edit{e.Seq, e.Actor.ID, e.At}
	}
}

func (b StatusChanged) apply(inv *Investigation, e Event) {
	inv.Status, inv.Error = b.To, b.Error
	at := e.At
	switch b.Act {
	case ActStart:
		inv.Progress = newProgress()
		inv.Results = nil
		inv.Priority, inv.Weights = b.Priority, b.Weights
		inv.StartedAt, inv.FinishedAt = &at, nil
	case ActRetry:
		inv.FinishedAt = nil
		inv.Progress.reopen()
		if b.From == Completed {
			inv.Progress.Percent = 0
			if inv.Results != nil { // the assessment is made anew; what was found stays
				r := newResults()
				r.Findings = inv.Results.Findings
				inv.Results = r
			}
		}
	}
	if b.To.Terminal() {
		inv.FinishedAt = &at
		inv.Progress.ETASeconds = nil
	}
	inv.touch(e)
}

// reopen sets what did not end well back to pending; what is done stays done and is not repeated.
func (p *Progress) reopen() {
	undone := map[string]bool{}
	for i, t := range p.Tools {
		if t.Status != WorkDone {
			p.Tools[i] = ToolProgress{Tool: t.Tool, Agent: t.Agent, Status: WorkPending}
			undone[t.Agent] = true
		}
	}
	for i, a := range p.Agents {
		if undone[a.Agent] {
			p.Agents[i].Status, p.Agents[i].CompletedAt = WorkPending, nil
		}
	}
	for i, ph := range p.Phases {
		if ph.Status != WorkDone || (ph.ID != Planning && len(undone) > 0) {
			p.Phases[i] = PhaseProgress{ID: ph.ID, Status: WorkPending}
		}
	}
}

func (b PhaseChanged) apply(inv *Investigation, e Event) {
	for i := range inv.Progress.Phases {
		if p := &inv.Progress.Phases[i]; p.ID == b.Phase {
			p.Status, p.Percent = b.Status, b.Percent
			p.StartedAt, p.CompletedAt = times(b.Status, p.StartedAt, p.CompletedAt, e.At)
		}
	}
	if b.Status == WorkRunning {
		inv.Progress.Phase = b.Phase
	}
	inv.touch(e)
}

func (b AgentChanged) apply(inv *Investigation, e Event) {
	i := slices.IndexFunc(inv.Progress.Agents, func(a AgentProgress) bool { return a.Agent == b.Agent })
	if i < 0 {
		inv.Progress.Agents = append(inv.Progress.Agents, AgentProgress{Agent: b.Agent})
		i = len(inv.Progress.Agents) - 1
	}
	a := &inv.Progress.Agents[i]
	a.Status, a.Percent, a.ToolsTotal, a.ToolsDone, a.Findings, a.Risk = b.Status, b.Percent, b.ToolsTotal, b.ToolsDone, b.Findings, b.Risk
	a.StartedAt, a.CompletedAt = times(b.Status, a.StartedAt, a.CompletedAt, e.At)
	inv.touch(e)
}

func (b ToolChanged) apply(inv *Investigation, e Event) {
	i := slices.IndexFunc(inv.Progress.Tools, func(t ToolProgress) bool { return t.Agent == b.Agent && t.Tool == b.Tool })
	if i < 0 {
		inv.Progress.Tools = append(inv.Progress.Tools, ToolProgress{Tool: b.Tool, Agent: b.Agent})
		i = len(inv.Progress.Tools) - 1
	}
	t := &inv.Progress.Tools[i]
	t.Status, t.DurationMS, t.Outcome, t.Code, t.Reason, t.Error = b.Status, b.DurationMS, b.Outcome, b.Code, b.Reason, b.Error
	switch b.Status {
	case WorkPending:
		t.StartedAt = nil
	case WorkRunning:
		at := e.At
		t.StartedAt = &at
	}
	inv.touch(e)
}

// times derives when work started and ended from its new status.
func times(s WorkStatus, started, completed *Time, at Time) (*Time, *Time) {
	switch {
	case s == WorkPending:
		return nil, nil
	case s == WorkRunning:
		if started == nil {
			started = &at
		}
		return started, nil
	case completed == nil:
		return started, &at
	}
	return started, completed
}

func (b ProgressChanged) apply(inv *Investigation, e Event) {
	inv.Progress.Percent = max(inv.Progress.Percent, b.Percent)
	inv.Progress.Phase = b.Phase
	inv.Progress.ETASeconds = b.ETASeconds
	inv.touch(e)
}

func (b LogAppended) apply(inv *Investigation, e Event) {
	inv.Progress.LogLines++
	inv.touch(e)
}

func (b FindingAdded) apply(inv *Investigation, e Event) {
	if inv.Results == nil {
		inv.Results = newResults()
	}
	f := b.Finding
	f.FoundAt = e.At
	inv.Results.Findings = append(inv.Results.Findings, f)
	inv.Progress.Findings++
	inv.touch(e)
}

func (b ResultsChanged) apply(inv *Investigation, e Event) {
	if b.Review != nil {
		b.Review.apply(inv, e)
	}
	if b.Results == nil {
		return
	}
	var findings []Finding // nil where nothing was found, as snapshots of every release have it
	if inv.Results != nil {
		findings = inv.Results.Findings
	}
	r := *b.Results
	r.Findings = findings
	inv.Results = &r
	inv.touch(e)
}

func (ConflictDetected) apply(*Investigation, Event) {}

func (Archived) apply(inv *Investigation, e Event) {
	at := e.At
	inv.ArchivedAt = &at
}

func (Unarchived) apply(inv *Investigation, _ Event) { inv.ArchivedAt = nil }

// touch notes that the run, and not only its form, has moved.
func (inv *Investigation) touch(e Event) {
	at := e.At
	inv.Progress.LastActivityAt = &at
}
