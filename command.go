package olorin

import (
	"fmt"
	"slices"
	"strings"
)

// Command decides what happens: a pure function of the snapshot. No bodies means nothing to do.
// It may be asked again with a newer snapshot when another change came first.
type Command func(inv Investigation) ([]Body, error)

// Create opens the log of an investigation that does not exist yet.
func Create(owner, name string, settings Settings, lineage Lineage) Command {
	return func(inv Investigation) ([]Body, error) {
		if inv.Version != 0 {
			return nil, Errorf(CodeExists, "investigation %q exists already", inv.ID)
		}
		settings = settings.normal()
		if faults := append(nameFaults(name), settings.Shape()...); len(faults) > 0 {
			return nil, Invalid("the investigation cannot be created", faults...)
		}
		return []Body{InvestigationCreated{Name: name, UserID: owner, Settings: settings, Lineage: lineage}}, nil
	}
}

// Save is what a person's save carries; nil is "not given". Base is the version the writer had seen.
type Save struct {
	Name     *string
	Step     *Step
	Settings *Settings
	Base     *int64
}

// Decide is the Command of a save.
func (s Save) Decide(inv Investigation) ([]Body, error) {
	var (
		faults []Fault
		bodies []Body
		edited []string
		change SettingsChanged
	)
	if s.Name != nil && *s.Name != inv.Name {
		faults = append(faults, nameFaults(*s.Name)...)
		change.Name = s.Name
		edited = append(edited, "name")
	}
	if s.Settings != nil {
		settings := s.Settings.normal()
		faults = append(faults, settings.Shape()...)
		if change.Settings = settings.diff(inv.Settings); change.Settings != nil {
			if inv.Status != Draft {
				return nil, &Error{
					Code: CodeSettingsFrozen, Current: &inv, Legal: inv.Legal(),
					Message: fmt.Sprintf("the settings of a %s investigation are frozen: they are what its results rest on; rerun it with other settings instead", inv.Status),
				}
			}
			edited = append(edited, change.Settings.fields()...)
		}
	}
	if s.Base != nil && *s.Base > inv.Version && inv.Version > 0 {
		faults = append(faults, Fault{"/base_version", "unknown", fmt.Sprintf("the investigation is at version %d; there is no %d yet", inv.Version, *s.Base)})
	}
	if s.Step != nil {
		switch *s.Step {
		case StepSettings, StepProgress, StepResults:
		default:
			faults = append(faults, Fault{"/wizard_step", "unknown", fmt.Sprintf("%q is not a step; use settings, progress or results", *s.Step)})
		}
	}
	if len(faults) > 0 {
		return nil, Invalid("the save was refused and nothing was written", faults...)
	}
	if change.Name != nil || change.Settings != nil {
		bodies = append(bodies, change)
	}
	if s.Step != nil && *s.Step != inv.Step {
		bodies = append(bodies, StepChanged{*s.Step})
		edited = append(edited, "wizard_step")
	}
	if c := s.conflict(inv, edited); c != nil {
		bodies = append(bodies, ConflictDetected{*c})
	}
	return bodies, nil
}

// conflict tells which of the edited fields somebody changed after the version that the writer had seen.
func (s Save) conflict(inv Investigation, edited []string) *Conflict {
	if s.Base == nil {
		return nil
	}
	var c *Conflict
	for _, field := range edited {
		last, ok := inv.Edits[field]
		if !ok || last.Version <= *s.Base {
			continue
		}
		if c == nil {
			c = &Conflict{}
		}
		c.Fields = append(c.Fields, field)
		if last.Version > c.OverwroteVersion {
			c.OverwroteVersion, c.By, c.At = last.Version, last.By, last.At
		}
	}
	return c
}

func nameFaults(name string) []Fault {
	switch {
	case strings.TrimSpace(name) == "":
		return []Fault{{"/name", "required", "give the investigation a name"}}
	case len([]rune(name)) > maxName:
		return []Fault{{"/name", "too_long", fmt.Sprintf("the name has more than %d characters", maxName)}}
	}
	return nil
}

// Start begins the run of a draft. Preflight returns the faults that only the data set and the catalogue of tools can tell.
func Start(priority Priority, preflight func(Settings) []Fault) Command {
	return func(inv Investigation) ([]Body, error) {
		bodies, err := act(ActStart, nil)(inv)
		if err != nil {
			return nil, err
		}
		if faults := append(inv.Settings.Ready(), preflight(inv.Settings)...); len(faults) > 0 {
			return nil, Invalid("the investigation cannot start", faults...)
		}
		bodies[0] = StatusChanged{From: inv.Status, To: Running, Act: ActStart, Priority: priority}
		return append(bodies, StepChanged{StepProgress}), nil
	}
}

// Pause stops the run between tools.
func Pause(inv Investigation) ([]Body, error) { return act(ActPause, nil)(inv) }

// Resume lets a paused run go on.
func Resume(inv Investigation) ([]Body, error) { return act(ActResume, nil)(inv) }

// Retry takes up a run from what did not end well: one that stopped in error, or a completed one of which a tool failed, ran out of
// time or was not reached. What is done is not repeated, and what was found stays.
func Retry(inv Investigation) ([]Body, error) {
	acted, err := act(ActRetry, nil)(inv)
	if err != nil {
		return nil, err
	}
	var bodies []Body
	for _, t := range inv.Progress.Tools {
		if t.late() {
			bodies = append(bodies, ToolChanged{Tool: t.Tool, Agent: t.Agent, Status: WorkPending})
		}
	}
	bodies = append(bodies, acted...)
	if inv.Step != StepProgress {
		bodies = append(bodies, StepChanged{StepProgress})
	}
	return bodies, nil
}

// Cancel ends the run; what was found stays.
func Cancel(inv Investigation) ([]Body, error) {
	bodies, err := act(ActCancel, nil)(inv)
	if err != nil {
		return nil, err
	}
	return append(interrupted(inv), bodies...), nil
}

// Fail ends the run with an error of the server's own.
func Fail(code, message string, at Time) Command {
	return func(inv Investigation) ([]Body, error) {
		bodies, err := act(ActFail, &RunError{code, message, at})(inv)
		if err != nil {
			return nil, err
		}
		told := LogAppended{Level: LevelError, Message: "The run broke off: " + message}
		return slices.Concat(interrupted(inv), []Body{told}, bodies), nil
	}
}

// act is one step through the state machine. What gets under way comes out of the archive.
func act(a Act, why *RunError) Command {
	return func(inv Investigation) ([]Body, error) {
		to, ok := inv.Status.Next(a)
		if !ok || a == ActRetry && !slices.Contains(inv.Legal(), a) {
			return nil, &Error{
				Code: CodeIllegalTransition, Current: &inv, Legal: inv.Legal(),
				Message: fmt.Sprintf("cannot %s an investigation that is %s; it allows: %s", a, inv.Status, orNothing(inv.Legal())),
			}
		}
		bodies := []Body{StatusChanged{From: inv.Status, To: to, Act: a, Error: why}}
		if to == Running && inv.ArchivedAt != nil {
			bodies = append(bodies, Unarchived{})
		}
		return bodies, nil
	}
}

func orNothing(legal []Act) string {
	if len(legal) == 0 {
		return "nothing but a rerun"
	}
	return list(legal)
}

// interrupted marks the work that was under way as cancelled.
func interrupted(inv Investigation) []Body {
	var bodies []Body
	for _, t := range inv.Progress.Tools {
		if t.Status == WorkRunning {
			bodies = append(bodies, ToolChanged{Tool: t.Tool, Agent: t.Agent, Status: WorkCancelled})
		}
	}
	for _, a := range inv.Progress.Agents {
		if !a.Status.Over() {
			bodies = append(bodies, AgentChanged{
				Agent: a.Agent, Status: WorkCancelled, Percent: a.Percent, ToolsTotal: a.ToolsTotal, ToolsDone: a.ToolsDone, Findings: a.Findings, Risk: a.Risk,
			})
		}
	}
	for _, p := range inv.Progress.Phases {
		if p.Status == WorkRunning {
			bodies = append(bodies, PhaseChanged{Phase: p.ID, Status: WorkCancelled, Percent: p.Percent})
		}
	}
	return bodies
}

// Archive puts an investigation away that is not under way.
func Archive(inv Investigation) ([]Body, error) {
	if inv.Status == Running || inv.Status == Paused {
		return nil, &Error{
			Code: CodeIllegalTransition, Current: &inv, Legal: inv.Legal(),
			Message: fmt.Sprintf("a %s investigation cannot be archived; cancel it or let it finish first", inv.Status),
		}
	}
	if inv.ArchivedAt != nil {
		return nil, nil
	}
	return []Body{Archived{}}, nil
}

// Unarchive brings an investigation back.
func Unarchive(inv Investigation) ([]Body, error) {
	if inv.ArchivedAt == nil {
		return nil, nil
	}
	return []Body{Unarchived{}}, nil
}

// Report is the run's own account: phases, tools, log lines, findings. It drops what the log says already, so that a report
// may be repeated, and adds what follows from it: how far each agent and the whole run are. A paused run still takes the report
// of the tool that was under way; an ended one takes none. The end of a phase is a checkpoint.
func Report(now Time, bodies ...Body) Command {
	return func(inv Investigation) ([]Body, error) {
		if inv.Status != Running && inv.Status != Paused {
			return nil, &Error{Code: CodeIllegalTransition, Current: &inv, Message: fmt.Sprintf("the run is %s and takes no more reports", inv.Status)}
		}
		after := inv.clone()
		var out []Body
		add := func(b Body) {
			applyTo(&after, Event{Seq: after.Version + 1, At: now, Actor: System, Source: SourceSystem, Body: b})
			out = append(out, b)
		}
		for _, b := range bodies {
			if f, ok := b.(FindingAdded); ok && after.hasFinding(f.Finding.ID) {
				continue
			}
			add(b)
			if p, ok := b.(PhaseChanged); ok && p.Status == WorkDone {
				add(CheckpointCreated{Label: "after " + string(p.Phase), Phase: p.Phase})
			}
		}
		for _, a := range after.agentProgress() {
			i := slices.IndexFunc(after.Progress.Agents, func(p AgentProgress) bool { return p.Agent == a.Agent })
			if i < 0 || !sameProgress(after.Progress.Agents[i], a) {
				add(a)
			}
		}
		p := after.Progress
		if percent := p.overall(); percent > inv.Progress.Percent {
			add(ProgressChanged{Percent: percent, Phase: p.Phase, ETASeconds: p.eta(now)})
		}
		return out, nil
	}
}

func (inv Investigation) hasFinding(id string) bool {
	return inv.Results != nil && slices.ContainsFunc(inv.Results.Findings, func(f Finding) bool { return f.ID == id })
}

func sameProgress(p AgentProgress, b AgentChanged) bool {
	sameRisk := p.Risk == nil && b.Risk == nil || p.Risk != nil && b.Risk != nil && *p.Risk == *b.Risk
	return p.Status == b.Status && p.Percent == b.Percent && p.ToolsTotal == b.ToolsTotal && p.ToolsDone == b.ToolsDone && p.Findings == b.Findings && sameRisk
}

// agentProgress derives how far each agent is from its tools and findings, in the order of the plan.
func (inv Investigation) agentProgress() []AgentChanged {
	var (
		agents   []AgentChanged
		assessed = map[string]bool{}
	)
	for _, t := range inv.Progress.Tools {
		i := slices.IndexFunc(agents, func(a AgentChanged) bool { return a.Agent == t.Agent })
		if i < 0 {
			agents = append(agents, AgentChanged{Agent: t.Agent, Status: WorkPending})
			i = len(agents) - 1
		}
		a := &agents[i]
		a.ToolsTotal++
		if t.Status.Over() {
			a.ToolsDone++
		}
		if t.Status != WorkPending {
			a.Status = WorkRunning
		}
		if t.Outcome == Fired || t.Outcome == Clear {
			assessed[t.Agent] = true
		}
	}
	risk := inv.Settings.Scoring.Score(Signals(inv.found(), inv.Settings.Entities), nil).Domains
	for i := range agents {
		a := &agents[i]
		a.Percent = percent(a.ToolsDone, a.ToolsTotal)
		if a.ToolsDone == a.ToolsTotal {
			a.Status = WorkDone
		}
		for _, f := range inv.found() {
			if f.Agent == a.Agent {
				a.Findings++
			}
		}
		if assessed[a.Agent] {
			r := risk[a.Agent]
			a.Risk = &r
		}
	}
	return agents
}

func percent(done, total int) float64 {
	if total == 0 {
		return 0
	}
	return float64(done*1000/total) / 10
}

// phaseShare is how much of the whole run each phase stands for, in percent. Nearly all of the work is in the tools.
var phaseShare = map[Phase]float64{Planning: 4, Collection: 8, Analysis: 80, Correlation: 4, Assessment: 4}

// overall derives how far the run is: the shares of the phases that are over, and of analysis as many as tools are over.
func (p Progress) overall() float64 {
	sum := 0.0
	for _, ph := range p.Phases {
		switch {
		case ph.Status == WorkDone:
			sum += phaseShare[ph.ID]
		case ph.ID == Analysis && ph.Status == WorkRunning:
			done := 0
			for _, t := range p.Tools {
				if t.Status.Over() {
					done++
				}
			}
			sum += phaseShare[Analysis] * percent(done, len(p.Tools)) / 100
		}
	}
	return float64(int(sum*10)) / 10
}

// eta estimates the seconds that remain: tools to do times the mean time between the ends of those done. Nil before a tool has ended.
func (p Progress) eta(now Time) *float64 {
	var started *Time
	for _, ph := range p.Phases {
		if ph.ID == Analysis {
			started = ph.StartedAt
		}
	}
	done := 0
	for _, t := range p.Tools {
		if t.Status.Over() {
			done++
		}
	}
	if started == nil || done == 0 {
		return nil
	}
	each := now.Sub(started.Time).Seconds() / float64(done)
	eta := float64(int(each*float64(len(p.Tools)-done)*10)) / 10
	return &eta
}

// Complete sets the assessment and ends the run. The checkpoint comes last, so that going back to it brings the results back.
func Complete(results Results) Command {
	return func(inv Investigation) ([]Body, error) {
		status, err := act(ActComplete, nil)(inv)
		if err != nil {
			return nil, err
		}
		results.Findings = nil
		bodies := []Body{
			ResultsChanged{Results: &results},
			PhaseChanged{Phase: Assessment, Status: WorkDone, Percent: 100},
			ProgressChanged{Percent: 100, Phase: Assessment, ETASeconds: new(float64)},
		}
		bodies = append(bodies, status...)
		if inv.Step != StepResults {
			bodies = append(bodies, StepChanged{StepResults})
		}
		return append(bodies, CheckpointCreated{Label: "after " + string(Assessment), Phase: Assessment}), nil
	}
}
