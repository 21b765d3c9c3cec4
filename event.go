package olorin

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Event is one entry of an investigation's log. Seq counts 1, 2, 3 … without gaps.
type Event struct {
	Seq    int64
	At     Time
	Actor  Actor
	Source Source
	Body   Body
}

// Source tells which way a change came in.
type Source string

// The sources.
const (
	SourceUser   Source = "user"
	SourceSystem Source = "system"
	SourceAgent  Source = "agent"
)

// Body is what an event says; its type is the event's type.
type Body interface {
	// EventType returns the word for it, such as "settings.changed".
	EventType() string
	// apply changes the snapshot. It is total: an event of the log is a fact.
	apply(inv *Investigation, e Event)
}

// Line is an event that was encoded once, as every transport hands it out.
type Line struct {
	Seq  int64
	Type string
	At   Time
	JSON json.RawMessage
	Held bool // in memory only, as the database cannot be written
}

// The bodies of events. Absent fields say "unchanged".
type (
	// InvestigationCreated opens a log.
	InvestigationCreated struct {
		Name     string   `json:"name"`
		UserID   string   `json:"user_id"`
		Settings Settings `json:"settings"`
		Lineage  Lineage  `json:"lineage"`
	}
	// SettingsChanged carries the fields that a save changed.
	SettingsChanged struct {
		Name     *string        `json:"name,omitempty"`
		Settings *SettingsPatch `json:"settings,omitempty"`
		Assignee *string        `json:"assignee,omitempty"`
		Shared   *bool          `json:"shared,omitempty"`
	}
	// StepChanged moves the wizard.
	StepChanged struct {
		Step Step `json:"step" enum:"settings,progress,results"`
	}
	// StatusChanged is one transition of the state machine.
	StatusChanged struct {
		From  Status    `json:"from"`
		To    Status    `json:"to"`
		Act   Act       `json:"act"`
		Error *RunError `json:"error,omitempty"`
		// Priority is set by a start; absent is normal.
		Priority Priority `json:"priority,omitempty"`
		// Weights is the version of the accepted weights that a start is under.
		Weights int64 `json:"weights,omitempty"`
	}
	// PhaseChanged starts or ends a phase, or says that a run that was begun is carried again.
	PhaseChanged struct {
		Phase   Phase      `json:"phase"`
		Status  WorkStatus `json:"status"`
		Percent float64    `json:"percent"`
		// Since is the time of the last event before, since which nobody carried the run; nil where it was carried.
		Since *Time `json:"since,omitempty"`
	}
	// AgentChanged tells how far an agent is; its times follow from its status.
	AgentChanged struct {
		Agent      string     `json:"agent"`
		Status     WorkStatus `json:"status"`
		Percent    float64    `json:"percent"`
		ToolsTotal int        `json:"tools_total"`
		ToolsDone  int        `json:"tools_done"`
		Findings   int        `json:"findings"`
		Risk       *float64   `json:"risk"`
	}
	// ToolChanged plans, starts or ends a tool.
	ToolChanged struct {
		Tool       string     `json:"tool"`
		Agent      string     `json:"agent"`
		Status     WorkStatus `json:"status"`
		DurationMS *int64     `json:"duration_ms,omitempty"`
		Outcome    Outcome    `json:"outcome,omitempty"`
		Code       Why        `json:"code,omitempty"`
		Reason     string     `json:"reason,omitempty"`
		Error      string     `json:"error,omitempty"`
	}
	// ProgressChanged tells how far the run is.
	ProgressChanged struct {
		Percent    float64  `json:"percent"`
		Phase      Phase    `json:"phase"`
		ETASeconds *float64 `json:"eta_seconds"`
	}
	// LogAppended is one line that the run wrote.
	LogAppended struct {
		Level   LogLevel `json:"level"`
		Agent   string   `json:"agent,omitempty"`
		Tool    string   `json:"tool,omitempty"`
		Message string   `json:"message"`
	}
	// FindingAdded is something a tool found.
	FindingAdded struct {
		Finding Finding `json:"finding"`
	}
	// ResultsChanged sets the assessment, or says what a person makes of a finding; one of the two is there. The assessment repeats no
	// finding: those came by finding.added and stay.
	ResultsChanged struct {
		Results *Results      `json:"results,omitempty"`
		Review  *ReviewChange `json:"review,omitempty"`
	}
	// ConflictDetected tells that a save overwrote a change that its writer had not seen.
	ConflictDetected struct {
		Conflict
	}
	// Archived puts the investigation away.
	Archived struct{}
	// Unarchived brings it back.
	Unarchived struct{}
)

// Conflict tells what a save overwrote: fields that By had changed at version OverwroteVersion.
type Conflict struct {
	OverwroteVersion int64    `json:"overwrote_version"`
	By               string   `json:"by"`
	At               Time     `json:"at"`
	Fields           []string `json:"fields"`
}

// LogLevel grades a log line.
type LogLevel string

// The levels.
const (
	LevelInfo  LogLevel = "info"
	LevelWarn  LogLevel = "warn"
	LevelError LogLevel = "error"
)

// SettingsPatch carries the top-level fields of Settings that changed.
type SettingsPatch struct {
	Dataset         *string          `json:"dataset,omitempty"`
	Entities        *[]Entity        `json:"entities,omitempty"`
	TimeRange       *TimeRange       `json:"time_range,omitempty"`
	ToolMatrix      *[]ToolChoice    `json:"tool_matrix,omitempty"`
	CorrelationMode *CorrelationMode `json:"correlation_mode,omitempty"`
	ExecutionMode   *ExecutionMode   `json:"execution_mode,omitempty"`
	RiskThreshold   *float64         `json:"risk_threshold,omitempty"`
	Scoring         *Scoring         `json:"scoring,omitempty"`
}

func (InvestigationCreated) EventType() string { return "investigation.created" }
func (SettingsChanged) EventType() string      { return "settings.changed" }
func (StepChanged) EventType() string          { return "step.changed" }
func (StatusChanged) EventType() string        { return "status.changed" }
func (PhaseChanged) EventType() string         { return "phase.changed" }
func (AgentChanged) EventType() string         { return "agent.changed" }
func (ToolChanged) EventType() string          { return "tool.changed" }
func (ProgressChanged) EventType() string      { return "progress.changed" }
func (LogAppended) EventType() string          { return "log.appended" }
func (FindingAdded) EventType() string         { return "finding.added" }
func (ResultsChanged) EventType() string       { return "results.changed" }
func (ConflictDetected) EventType() string     { return "conflict.detected" }
func (Archived) EventType() string             { return "investigation.archived" }
func (Unarchived) EventType() string           { return "investigation.unarchived" }

// Bodies lists a zero value of every body, in the order of a life.
var Bodies = []Body{
	InvestigationCreated{},
	SettingsChanged{},
	StepChanged{},
	StatusChanged{},
	PhaseChanged{},
	AgentChanged{},
	ToolChanged{},
	ProgressChanged{},
	LogAppended{},
	FindingAdded{},
	ResultsChanged{},
	CheckpointCreated{},
	CheckpointRestored{},
	ConflictDetected{},
	Archived{},
	Unarchived{},
}

var bodyTypes = func() map[string]reflect.Type {
	m := make(map[string]reflect.Type, len(Bodies))
	for _, b := range Bodies {
		m[b.EventType()] = reflect.TypeOf(b)
	}
	return m
}()

// eventJSON is how an event stands in the log and on the wire.
type eventJSON struct {
	Seq    int64           `json:"seq"`
	At     Time            `json:"at"`
	Type   string          `json:"type"`
	Actor  Actor           `json:"actor"`
	Source Source          `json:"source"`
	Data   json.RawMessage `json:"data"`
}

// MarshalJSON writes the event as the contract shows it.
func (e Event) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Body)
	if err != nil {
		return nil, err
	}
	return json.Marshal(eventJSON{e.Seq, e.At, e.Body.EventType(), e.Actor, e.Source, data})
}

// UnmarshalJSON reads an event of the log. A type that this version does not know is an error: the log cannot be folded without it.
func (e *Event) UnmarshalJSON(b []byte) error {
	var j eventJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	t, ok := bodyTypes[j.Type]
	if !ok {
		return fmt.Errorf("event %d has type %q, which this version of Olorin does not know", j.Seq, j.Type)
	}
	body := reflect.New(t)
	if err := json.Unmarshal(j.Data, body.Interface()); err != nil {
		return fmt.Errorf("event %d (%s): %w", j.Seq, j.Type, err)
	}
	*e = Event{j.Seq, j.At, j.Actor, j.Source, body.Elem().Interface().(Body)}
	return nil
}

// Encode writes the event once, for the store and for every transport.
func (e Event) Encode() (Line, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return Line{}, fmt.Errorf("encode event %d (%s): %w", e.Seq, e.Body.EventType(), err)
	}
	return Line{Seq: e.Seq, Type: e.Body.EventType(), At: e.At, JSON: b}, nil
}
