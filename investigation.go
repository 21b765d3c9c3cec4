package olorin

import (
	"maps"
	"slices"
)

// Investigation is the snapshot of one investigation: what its log adds up to.
// It is a pure function of the log (see apply), but for LastAccessed, Durable and Stale, which are told at reading.
type Investigation struct {
	ID           string            `json:"investigation_id" pattern:"^[A-Za-z0-9_-]{1,64}$"`
	UserID       string            `json:"user_id"`
	Name         string            `json:"name" minLength:"1" maxLength:"200"`
	Step         Step              `json:"wizard_step" enum:"settings,progress,results"`
	StepHistory  []StepVisit       `json:"step_history"`
	Status       Status            `json:"status" enum:"draft,running,paused,completed,error,cancelled"`
	ArchivedAt   *Time             `json:"archived_at"`
	Settings     Settings          `json:"settings"`
	Progress     Progress          `json:"progress"`
	Results      *Results          `json:"results"`
	Reviews      map[string]Review `json:"reviews,omitempty" doc:"What people say of the findings, by their id; absent while nobody has said anything."`
	Error        *RunError         `json:"error"`
	Version      int64             `json:"version" doc:"Number of the newest event of the log; the ETag and the cursor."`
	CreatedAt    Time              `json:"created_at"`
	UpdatedAt    Time              `json:"updated_at"`
	LastAccessed Time              `json:"last_accessed"`
	StartedAt    *Time             `json:"started_at"`
	FinishedAt   *Time             `json:"finished_at"`
	Lineage      Lineage           `json:"lineage"`
	Priority     Priority          `json:"priority,omitempty" enum:"low,normal,high" doc:"Of its run, as it was started; absent: normal."`
	Weights      int64             `json:"weights,omitempty" doc:"Version of the accepted weights that its run is under; absent: those that the checks came with."`
	Assignee     string            `json:"assignee" doc:"Who is asked to review the findings; empty: nobody."`
	Shared       bool              `json:"shared" doc:"Everybody of the organisation may read it."`
	Edits        map[string]Edit   `json:"edits" doc:"Who last changed each editable field, when, and at which version."`
	Durable      int64             `json:"-"` // the version up to which the log is durable
	Stale        bool              `json:"stale" doc:"Unfinished, and untouched for longer than WIZARD_STATE_CACHE_TTL_SECONDS."`
}

// Priority orders runs that wait, among users who have equally many under way.
type Priority string

// The priorities; the zero value is normal.
const (
	PriorityLow  Priority = "low"
	PriorityHigh Priority = "high"
)

// Rank orders priorities: the higher is more urgent.
func (p Priority) Rank() int {
	switch p {
	case PriorityLow:
		return -1
	case PriorityHigh:
		return 1
	}
	return 0
}

// StepVisit is one entry of the way through the wizard.
type StepVisit struct {
	Step Step `json:"step"`
	At   Time `json:"at"`
}

// maxStepHistory bounds StepHistory; the log keeps every visit.
const maxStepHistory = 100

// Lineage tells what an investigation was made from.
type Lineage struct {
	TemplateID string `json:"template_id,omitempty"`
	RerunOf    string `json:"rerun_of,omitempty"`
}

// Edit tells who last changed a field. Fields are named "name", "wizard_step" and "settings.<field>".
type Edit struct {
	Version int64  `json:"version"`
	By      string `json:"by"`
	At      Time   `json:"at"`
}

// RunError tells why a run stopped before it was complete.
type RunError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	At      Time   `json:"at"`
}

// Settings is what the analyst asks for. A draft may be incomplete; see Settings.Ready.
type Settings struct {
	Dataset         string          `json:"dataset,omitempty" maxLength:"64" doc:"Id of the events file."`
	Entities        []Entity        `json:"entities" maxItems:"10"`
	TimeRange       TimeRange       `json:"time_range"`
	ToolMatrix      []ToolChoice    `json:"tool_matrix" maxItems:"500" doc:"Tools chosen per agent. Empty: every tool, with its defaults."`
	CorrelationMode CorrelationMode `json:"correlation_mode" enum:"OR,AND" doc:"OR: events that match any entity. AND: events that match an entity of every type named."`
	ExecutionMode   ExecutionMode   `json:"execution_mode" enum:"parallel,sequential"`
	RiskThreshold   float64         `json:"risk_threshold" minimum:"0" maximum:"100"`
	Scoring         Scoring         `json:"scoring,omitzero" doc:"How findings add up to the score. Absent: the damped noisy-OR, every agent counting in full."`
}

// MaxEntities is how many entities one investigation may look at.
const MaxEntities = 10

// maxEntityValue is how many characters the value of an entity may have.
const maxEntityValue = 320

// DefaultSettings is what a new draft starts from.
func DefaultSettings() Settings {
	return Settings{
		Entities: []Entity{}, TimeRange: TimeRange{Preset: RangeAll}, ToolMatrix: []ToolChoice{},
		CorrelationMode: Or, ExecutionMode: Parallel, RiskThreshold: 60,
	}
}

// EntityType is the kind of thing that is investigated.
type EntityType string

// EntityTypes lists the kinds of entities.
var EntityTypes = []EntityType{"user_id", "email", "ip_address", "device_id", "phone_number", "card_number", "account_id", "merchant_id", "transaction_id"}

// Entity is one thing to investigate.
type Entity struct {
	Type    EntityType `json:"type" enum:"user_id,email,ip_address,device_id,phone_number,card_number,account_id,merchant_id,transaction_id"`
	Value   string     `json:"value" maxLength:"320" doc:"A card number in clear is kept masked: first 6, last 4, and a keyed hash."`
	Label   string     `json:"label,omitempty" maxLength:"200"`
	Primary bool       `json:"primary,omitempty"`
	Weight  int        `json:"weight,omitempty" minimum:"1" maximum:"10" doc:"1 where absent."`
}

// TimeRange is a preset, which counts back from the newest event of the data set, or an interval [start, end).
type TimeRange struct {
	Preset RangePreset `json:"preset,omitempty" enum:"last_7d,last_30d,last_90d,last_365d,all"`
	Start  *Time       `json:"start,omitempty"`
	End    *Time       `json:"end,omitempty"`
}

// RangePreset names a time range.
type RangePreset string

// RangeAll is the whole data set.
const RangeAll RangePreset = "all"

// rangeDays maps each preset to its length in days; 0 is without bound.
var rangeDays = map[RangePreset]int{"last_7d": 7, "last_30d": 30, "last_90d": 90, "last_365d": 365, RangeAll: 0}

// Resolve returns the interval [from, to) of a data set whose newest event is at newest.
// A zero bound is open.
func (r TimeRange) Resolve(newest Time) (from, to Time) {
	if days := rangeDays[r.Preset]; days > 0 {
		return At(newest.AddDate(0, 0, -days)), Time{}
	}
	if r.Start != nil {
		from = *r.Start
	}
	if r.End != nil {
		to = *r.End
	}
	return from, to
}

// ToolChoice switches one tool of an agent on or off, with its parameters.
type ToolChoice struct {
	Agent   string             `json:"agent" minLength:"1" maxLength:"64"`
	Tool    string             `json:"tool" minLength:"1" maxLength:"64"`
	Enabled bool               `json:"enabled"`
	Params  map[string]float64 `json:"params,omitempty"`
}

// CorrelationMode says how several entities are taken together.
type CorrelationMode string

// The correlation modes.
const (
	Or  CorrelationMode = "OR"
	And CorrelationMode = "AND"
)

// ExecutionMode says whether agents work side by side or one after another.
type ExecutionMode string

// The execution modes.
const (
	Parallel   ExecutionMode = "parallel"
	Sequential ExecutionMode = "sequential"
)

// Progress is how far the run has come.
type Progress struct {
	Percent        float64         `json:"percent" doc:"0..100; never falls within a run. A completed run that is retried counts anew."`
	Phase          Phase           `json:"phase"`
	Phases         []PhaseProgress `json:"phases"`
	Agents         []AgentProgress `json:"agents"`
	Tools          []ToolProgress  `json:"tools"`
	Findings       int             `json:"findings"`
	LogLines       int             `json:"log_lines"`
	ETASeconds     *float64        `json:"eta_seconds" doc:"Null while nothing has been measured."`
	LastActivityAt *Time           `json:"last_activity_at"`
}

// Phase is a part of a run.
type Phase string

// The phases, in order.
const (
	Planning    Phase = "planning"
	Collection  Phase = "collection"
	Analysis    Phase = "analysis"
	Correlation Phase = "correlation"
	Assessment  Phase = "assessment"
)

// Phases lists the phases in the order they run.
var Phases = []Phase{Planning, Collection, Analysis, Correlation, Assessment}

// WorkStatus is where a phase, an agent or a tool stands.
type WorkStatus string

// The statuses of work. A failed tool does not fail its agent or the run.
const (
	WorkPending   WorkStatus = "pending"
	WorkRunning   WorkStatus = "running"
	WorkDone      WorkStatus = "completed"
	WorkFailed    WorkStatus = "failed"
	WorkCancelled WorkStatus = "cancelled"
)

// Over tells whether the work has ended, well or not.
func (s WorkStatus) Over() bool { return s == WorkDone || s == WorkFailed || s == WorkCancelled }

// PhaseProgress is how far one phase is. Percent is 0..100.
type PhaseProgress struct {
	ID          Phase      `json:"id"`
	Status      WorkStatus `json:"status"`
	Percent     float64    `json:"percent"`
	StartedAt   *Time      `json:"started_at"`
	CompletedAt *Time      `json:"completed_at"`
}

// AgentProgress is how far one agent is. Risk is 0..100, of what was found so far; null before any tool has ended.
type AgentProgress struct {
	Agent       string     `json:"agent"`
	Status      WorkStatus `json:"status"`
	Percent     float64    `json:"percent"`
	ToolsTotal  int        `json:"tools_total"`
	ToolsDone   int        `json:"tools_done"`
	Findings    int        `json:"findings"`
	Risk        *float64   `json:"risk"`
	StartedAt   *Time      `json:"started_at"`
	CompletedAt *Time      `json:"completed_at"`
}

// Outcome is what a tool came to.
type Outcome string

// The outcomes. Never a silent zero: what was not looked at says so.
const (
	Fired       Outcome = "fired"
	Clear       Outcome = "clear"
	NotAssessed Outcome = "not_assessed"
	ToolFailed  Outcome = "failed"
)

// Why is the machine word for what kept a tool from assessing.
type Why string

// The reasons.
const (
	WhyNoColumn     Why = "column_missing" // the file has no column that the tool needs
	WhyNoRows       Why = "no_rows"        // nothing of the file matches the entities and the time range
	WhyFewRows      Why = "too_few_rows"   // there is too little to judge by
	WhyNoBaseline   Why = "no_baseline"    // the file or the account offers nothing to measure against
	WhyTooLarge     Why = "too_large"      // there is more than the tool can look at as a whole
	WhyCoarseTimes  Why = "coarse_times"   // the file's times are days, hours or minutes, and the check asks about less
	WhyNoList       Why = "no_list"        // no list of a needed kind has anything that occurs in the file
	WhyNoValues     Why = "no_values"      // a needed column is empty in the rows in question
	WhyUnreadable   Why = "parse_failures" // most values of a needed column could not be read
	WhyOutOfTime    Why = "out_of_time"    // the check, or the whole run, took longer than it may
	WhyToolFailed   Why = "tool_failed"    // the tool broke off
	WhyAgentTimeout Why = "agent_timeout"  // the external agent did not take the work up, or gave no sign of life
	WhyAgentSays    Why = "agent_says"     // the external agent could not judge, and says why
	WhyNotReached   Why = "not_reached"    // the run ended before it
)

// ToolProgress is one tool of the run.
type ToolProgress struct {
	Tool       string     `json:"tool"`
	Agent      string     `json:"agent"`
	Status     WorkStatus `json:"status"`
	StartedAt  *Time      `json:"started_at"`
	DurationMS *int64     `json:"duration_ms"`
	Outcome    Outcome    `json:"outcome,omitempty"`
	Code       Why        `json:"code,omitempty" doc:"Why the tool did not assess, as a word for programs."`
	Reason     string     `json:"reason,omitempty" doc:"Why the tool did not assess."`
	Error      string     `json:"error,omitempty"`
}

func newProgress() Progress {
	p := Progress{Phases: make([]PhaseProgress, len(Phases)), Agents: []AgentProgress{}, Tools: []ToolProgress{}}
	for i, id := range Phases {
		p.Phases[i] = PhaseProgress{ID: id, Status: WorkPending}
	}
	return p
}

// Access returns what decides who may do what with it.
func (inv Investigation) Access() Access { return Access{inv.UserID, inv.Assignee, inv.Shared} }

// clone copies whatever apply may write to, so that a snapshot that was handed out never changes.
func (inv Investigation) clone() Investigation {
	inv.StepHistory = slices.Clone(inv.StepHistory)
	inv.Edits = maps.Clone(inv.Edits)
	inv.Progress.Phases = slices.Clone(inv.Progress.Phases)
	inv.Progress.Agents = slices.Clone(inv.Progress.Agents)
	inv.Progress.Tools = slices.Clone(inv.Progress.Tools)
	inv.Reviews = maps.Clone(inv.Reviews)
	if inv.Results != nil {
		r := *inv.Results
		r.Findings = slices.Clip(r.Findings)
		inv.Results = &r
	}
	return inv
}

// Duration returns how long the run took so far or in all, in milliseconds, and nil before its start.
func (inv Investigation) Duration(now Time) *int64 {
	if inv.StartedAt == nil {
		return nil
	}
	end := now
	if inv.FinishedAt != nil {
		end = *inv.FinishedAt
	}
	ms := end.Sub(inv.StartedAt.Time).Milliseconds()
	return &ms
}
