package olorin

import "slices"

// Status is where an investigation stands.
type Status string

// The statuses. Cancelled is terminal for good; error waits for retry or cancel; completed may be retried where a tool did not end well.
const (
	Draft     Status = "draft"
	Running   Status = "running"
	Paused    Status = "paused"
	Completed Status = "completed"
	Failed    Status = "error"
	Cancelled Status = "cancelled"
)

// Statuses lists every status, in the order of a life.
var Statuses = []Status{Draft, Running, Paused, Completed, Failed, Cancelled}

// Terminal tells whether nothing more will happen to the run by itself.
func (s Status) Terminal() bool { return s == Completed || s == Cancelled || s == Failed }

// Act is something that moves an investigation from one status to another.
type Act string

// The acts. Complete and fail belong to the server; the others to people.
const (
	ActStart    Act = "start"
	ActPause    Act = "pause"
	ActResume   Act = "resume"
	ActCancel   Act = "cancel"
	ActRetry    Act = "retry"
	ActComplete Act = "complete"
	ActFail     Act = "fail"
)

// acts is the order in which legal acts are listed.
var acts = []Act{ActStart, ActPause, ActResume, ActCancel, ActRetry, ActComplete, ActFail}

// transitions is the whole state machine: what is not here is illegal. docs/state-machine.md is drawn from it.
var transitions = map[Status]map[Act]Status{
	Draft:   {ActStart: Running},
	Running: {ActPause: Paused, ActCancel: Cancelled, ActComplete: Completed, ActFail: Failed},
	Paused:  {ActResume: Running, ActCancel: Cancelled},
	Failed:  {ActRetry: Running, ActCancel: Cancelled},
	// Only where a tool did not end well: see Investigation.Legal.
	Completed: {ActRetry: Running},
}

// Next returns the status that act leads to from s, and whether act is legal there.
func (s Status) Next(act Act) (Status, bool) {
	to, ok := transitions[s][act]
	return to, ok
}

// Legal returns the acts a person may do in s, in a fixed order.
func (s Status) Legal() []Act {
	legal := []Act{}
	for _, act := range acts {
		if _, ok := transitions[s][act]; ok && act != ActComplete && act != ActFail {
			legal = append(legal, act)
		}
	}
	return legal
}

// Legal returns the acts a person may do on the investigation as it stands: those of its status, but for a retry of a completed run
// of which every tool ended well.
func (inv Investigation) Legal() []Act {
	legal := inv.Status.Legal()
	if inv.Status == Completed && !inv.Progress.unwell() {
		legal = slices.DeleteFunc(legal, func(a Act) bool { return a == ActRetry })
	}
	return legal
}

// unwell tells whether a tool failed, ran out of time or was not reached.
func (p Progress) unwell() bool {
	return slices.ContainsFunc(p.Tools, func(t ToolProgress) bool { return t.Status.Over() && t.Status != WorkDone || t.late() })
}

// late tells whether the tool had its turn and ran out of time in it.
func (t ToolProgress) late() bool { return t.Status == WorkDone && t.Code == WhyOutOfTime }

// Step is the page of the wizard.
type Step string

// The steps, in order.
const (
	StepSettings Step = "settings"
	StepProgress Step = "progress"
	StepResults  Step = "results"
)
