// Package agency is where agents outside of this program register, take work by lease, and report. It holds who is there and which work
// waits, in memory: an agent that is gone is gone soon, and the work of a run belongs to whoever carries the run. What an agent may
// read and write is the run's: a Job carries the ways to do it, and there are no others.
package agency

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// Limits bound how long an agent may be silent.
type Limits struct {
	Lease   time.Duration // work without a sign of life is handed out again
	Silence time.Duration // work that nobody took, or gave a sign of, for so long has failed
}

// present is how long an agent that gives no sign stays in the catalogue.
func (l Limits) present() time.Duration { return max(l.Lease, l.Silence) }

// Registration is an agent with what it offers.
type Registration struct {
	Title       string         `json:"title" minLength:"1" maxLength:"100"`
	Description string         `json:"description,omitempty" maxLength:"1000"`
	Tools       []agents.Offer `json:"tools" minItems:"1" maxItems:"50"`
}

// Assignment is work that was handed out: which tool is to look at what.
type Assignment struct {
	Lease           string                 `json:"lease" doc:"Names the work in the routes below; whoever lets it lapse has lost it."`
	Until           olorin.Time            `json:"until" doc:"Every progress report and read of rows moves it on."`
	Tool            string                 `json:"tool"`
	Params          map[string]float64     `json:"params" doc:"In force: those chosen, else the defaults."`
	InvestigationID string                 `json:"investigation_id"`
	Entities        []olorin.Entity        `json:"entities"`
	CorrelationMode olorin.CorrelationMode `json:"correlation_mode" enum:"OR,AND"`
	Dataset         olorin.DatasetStamp    `json:"dataset"`
	RowsInScope     int64                  `json:"rows_in_scope"`
	Rows            int64                  `json:"rows" doc:"Rows that may be read: those of the accounts in question."`
}

// WorkRow is a row of the accounts in question.
type WorkRow struct {
	olorin.EvidenceRow
	InScope bool `json:"in_scope" doc:"It matches the entities and the time range; a finding needs at least one such row."`
}

// WorkRows is a page of rows by number.
type WorkRows struct {
	Items []WorkRow `json:"items"`
	Next  int64     `json:"next" doc:"Give it as after to go on."`
	More  bool      `json:"more"`
}

// WorkSign is a sign of life: how far the work is, and lines for the log.
type WorkSign struct {
	Percent *float64   `json:"percent,omitempty" minimum:"0" maximum:"100"`
	Log     []WorkLine `json:"log,omitempty" maxItems:"50"`
}

// WorkLine is a line for the log of the investigation.
type WorkLine struct {
	Level   olorin.LogLevel `json:"level" enum:"info,warn,error"`
	Message string          `json:"message" minLength:"1" maxLength:"2000"`
}

// WorkReport is what the work came to.
type WorkReport struct {
	Outcome  olorin.Outcome `json:"outcome" enum:"fired,clear,not_assessed,failed"`
	Reason   string         `json:"reason,omitempty" maxLength:"1000" doc:"Why it was not assessed, or failed."`
	Findings []agents.Claim `json:"findings,omitempty" maxItems:"25"`
}

// faults returns what is wrong with a report whatever it is about.
func (r WorkReport) faults() []olorin.Fault {
	var faults []olorin.Fault
	fired := r.Outcome == olorin.Fired
	if fired != (len(r.Findings) > 0) {
		faults = append(faults, olorin.Fault{Pointer: "/findings", Code: "inconsistent", Detail: "findings go with the outcome fired, and with no other"})
	}
	if quiet := fired || r.Outcome == olorin.Clear; !quiet && strings.TrimSpace(r.Reason) == "" {
		faults = append(faults, olorin.Fault{Pointer: "/reason", Code: "required", Detail: "say why: it stands in the results"})
	}
	return faults
}

// Job is work of a run for an agent, with the only ways that the agent has to the run. They are called from requests, one at a time.
type Job struct {
	Agent      string
	Assignment Assignment
	Rows       func(ctx context.Context, after int64, limit int) (WorkRows, error)
	Note       func(ctx context.Context, n WorkSign) error
	Report     func(ctx context.Context, r WorkReport) error
}

// ErrSilent says that an agent did not take its work up, or gave no sign of life.
var ErrSilent = errors.New("the external agent gave no sign of life")

// Agency joins runs and agents. It is safe for concurrent use.
type Agency struct {
	limits Limits
	clock  olorin.Clock

	mu     sync.Mutex // protects the following
	agents map[string]*member
	open   []*job // in the order they were offered
	ended  []reported
	grown  chan struct{} // closed when work is offered
	joined chan struct{} // closed when an agent registers
}

type member struct {
	Registration
	seen olorin.Time
}

type job struct {
	Job
	lease string // "" while nobody has it
	until olorin.Time
	sign  olorin.Time
	busy  int // requests at it
	done  chan struct{}
	turn  sync.Mutex // one request at a time
}

// reported remembers how a lease ended, so that a report that comes twice is answered as the first time.
type reported struct {
	lease, agent string
	digest       [32]byte
}

// maxEnded is how many ended leases are remembered.
const maxEnded = 1000

// New makes an agency.
func New(limits Limits, clock olorin.Clock) *Agency {
	return &Agency{limits: limits, clock: clock, agents: map[string]*member{}, grown: make(chan struct{}), joined: make(chan struct{})}
}

// Limits tells how long an agent may be silent.
func (a *Agency) Limits() Limits { return a.limits }

// Register makes an agent and its tools known; again, it replaces what was.
func (a *Agency) Register(agent string, r Registration) error {
	if faults := agents.OfferFaults(agent, r.Tools); len(faults) > 0 {
		return olorin.Invalid("the agent was not registered", faults...)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var faults []olorin.Fault
	for i, o := range r.Tools {
		for other, m := range a.agents {
			if other != agent && a.here(m) && slices.ContainsFunc(m.Tools, func(p agents.Offer) bool { return p.Tool == o.Tool }) {
				faults = append(faults, olorin.Fault{Pointer: fmt.Sprintf("/tools/%d/tool", i), Code: "taken", Detail: fmt.Sprintf("agent %s offers %s already", other, o.Tool)})
			}
		}
	}
	if len(faults) > 0 {
		return olorin.Invalid("the agent was not registered", faults...)
	}
	a.agents[agent] = &member{r, a.clock()}
	close(a.joined)
	a.joined = make(chan struct{})
	return nil
}

// Tool waits for the agent that offers a tool, as after a restart of the server, and returns the tool as it is offered. It returns ErrSilent where
// the agent does not come.
func (a *Agency) Tool(ctx context.Context, agent, tool string) (*agents.Tool, error) {
	if a == nil {
		return nil, fmt.Errorf("%w: this process takes no external agents", ErrSilent)
	}
	timer := time.NewTimer(a.limits.Silence)
	defer timer.Stop()
	for {
		a.mu.Lock()
		joined := a.joined
		if m, ok := a.agents[agent]; ok && a.here(m) {
			if i := slices.IndexFunc(m.Tools, func(o agents.Offer) bool { return o.Tool == tool }); i >= 0 {
				a.mu.Unlock()
				return agents.External(agent, m.Tools[i]), nil
			}
		}
		a.mu.Unlock()
		select {
		case <-joined:
		case <-timer.C:
			return nil, fmt.Errorf("%w: no agent %s offered %s within %s", ErrSilent, agent, tool, a.limits.Silence)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// Leave takes an agent out of the catalogue.
func (a *Agency) Leave(agent string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.agents, agent)
}

// here tells whether an agent gave a sign of life lately. The caller holds mu.
func (a *Agency) here(m *member) bool { return a.clock().Sub(m.seen.Time) <= a.limits.present() }

// Catalogue lists the agents that are there, by name. A nil agency has none.
func (a *Agency) Catalogue() []agents.Agent {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []agents.Agent
	for id, m := range a.agents {
		if !a.here(m) {
			continue
		}
		shown := agents.Agent{ID: id, Title: m.Title, Description: m.Description}
		for _, o := range m.Tools {
			shown.Tools = append(shown.Tools, agents.External(id, o))
		}
		list = append(list, shown)
	}
	slices.SortFunc(list, func(x, y agents.Agent) int { return strings.Compare(x.ID, y.ID) })
	return list
}

// Do offers work and waits until it was reported. It returns ErrSilent where the agent was silent for too long. When it returns no request of the agent
// is at the job any more.
func (a *Agency) Do(ctx context.Context, work Job) (err error) {
	j := &job{Job: work, done: make(chan struct{}), sign: a.clock()}
	a.mu.Lock()
	a.open = append(a.open, j)
	close(a.grown)
	a.grown = make(chan struct{})
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.open = slices.DeleteFunc(a.open, func(o *job) bool { return o == j })
		a.mu.Unlock()
		j.turn.Lock()
		defer j.turn.Unlock()
		select {
		case <-j.done: // a report that was under way was taken
			err = nil
		default:
		}
	}()
	for {
		a.mu.Lock()
		left := a.limits.Silence
		if j.busy == 0 { // who waits for an answer is not silent
			left -= a.clock().Sub(j.sign.Time)
		}
		taken := j.lease != ""
		a.mu.Unlock()
		if left <= 0 {
			if !taken {
				return fmt.Errorf("%w: nobody took the work up within %s", ErrSilent, a.limits.Silence)
			}
			return fmt.Errorf("%w for %s", ErrSilent, a.limits.Silence)
		}
		timer := time.NewTimer(left)
		select {
		case <-j.done:
			timer.Stop()
			return nil
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// Take hands out the oldest work that waits for an agent, and waits for some until ctx ends; nil: there is none.
func (a *Agency) Take(ctx context.Context, agent string) (*Assignment, error) {
	for {
		a.mu.Lock()
		m, ok := a.agents[agent]
		if !ok {
			a.mu.Unlock()
			return nil, olorin.Errorf(olorin.CodeNotFound, "agent %q is not registered here; register it, also after the server was started anew", agent)
		}
		now := a.clock()
		m.seen = now
		grown := a.grown
		var soonest time.Duration = -1
		for _, j := range a.open {
			if j.Agent != agent {
				continue
			}
			left := j.until.Sub(now.Time)
			if j.busy > 0 { // its lease begins anew with the answer
				left = a.limits.Lease
			}
			if j.lease == "" || left <= 0 {
				j.lease, j.until, j.sign = rand.Text(), olorin.At(now.Add(a.limits.Lease)), now
				given := j.Assignment
				given.Lease, given.Until = j.lease, j.until
				a.mu.Unlock()
				return &given, nil
			}
			if soonest < 0 || left < soonest {
				soonest = left
			}
		}
		a.mu.Unlock()
		var lapses <-chan time.Time
		if soonest >= 0 {
			timer := time.NewTimer(soonest)
			defer timer.Stop()
			lapses = timer.C
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-grown:
		case <-lapses:
		}
	}
}

// with finds the work of a lease, moves the lease on, and does something with it, one request at a time.
func (a *Agency) with(agent, lease string, do func(*job) error) error {
	j, err := a.enter(agent, lease)
	if err != nil {
		return err
	}
	defer a.exit(j)
	j.turn.Lock()
	defer j.turn.Unlock()
	a.mu.Lock()
	open := slices.Contains(a.open, j)
	a.mu.Unlock()
	if !open { // it ended while this waited
		return lost()
	}
	return do(j)
}

func lost() error {
	return olorin.Errorf(olorin.CodeLeaseLost, "this work is not yours any more: the lease lapsed, the work was reported, or its run has ended; ask for other work")
}

// enter finds the work of a lease for a request, for whose time the lease does not lapse.
func (a *Agency) enter(agent, lease string) (*job, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	if m, ok := a.agents[agent]; ok {
		m.seen = now
	}
	for _, j := range a.open {
		if j.lease == lease && j.Agent == agent && (j.busy > 0 || now.Before(j.until.Time)) {
			j.busy++
			return j, nil
		}
	}
	return nil, lost()
}

// exit moves the lease on from the answer to a request.
func (a *Agency) exit(j *job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock()
	j.busy--
	j.until, j.sign = olorin.At(now.Add(a.limits.Lease)), now
}

// Rows reads rows of the work.
func (a *Agency) Rows(ctx context.Context, agent, lease string, after int64, limit int) (page WorkRows, err error) {
	err = a.with(agent, lease, func(j *job) error {
		page, err = j.Rows(ctx, after, limit)
		return err
	})
	return page, err
}

// Note takes a sign of life.
func (a *Agency) Note(ctx context.Context, agent, lease string, n WorkSign) error {
	return a.with(agent, lease, func(j *job) error { return j.Note(ctx, n) })
}

// Report ends the work. The same report again is taken as the first time and does nothing; another is refused.
func (a *Agency) Report(ctx context.Context, agent, lease string, r WorkReport) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	mark := reported{lease, agent, sha256.Sum256(text)}
	if known, err := a.again(mark); known {
		return err
	}
	if faults := r.faults(); len(faults) > 0 {
		return olorin.Invalid("the report was refused and nothing of it was kept", faults...)
	}
	err = a.with(agent, lease, func(j *job) error {
		if err := j.Report(ctx, r); err != nil {
			return err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.ended = append(a.ended, mark)
		a.ended = a.ended[max(0, len(a.ended)-maxEnded):]
		a.open = slices.DeleteFunc(a.open, func(o *job) bool { return o == j })
		close(j.done)
		return nil
	})
	if known, again := a.again(mark); known && err != nil { // two at once: the other came first
		return again
	}
	return err
}

// again tells whether a lease was reported before, and whether this is another report.
func (a *Agency) again(mark reported) (known bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.ended, func(e reported) bool { return e.lease == mark.lease && e.agent == mark.agent })
	if i < 0 {
		return false, nil
	}
	if a.ended[i].digest != mark.digest {
		return true, olorin.Errorf(olorin.CodeExists, "this work was reported already, and otherwise; the first report stands")
	}
	return true, nil
}
