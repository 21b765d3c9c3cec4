package olorin

import (
	"context"
	"time"
)

// Store keeps investigations. Reads never write; a change is one transaction and durable when Append returns.
// All methods return *Error with CodeNotFound for what is not there.
type Store interface {
	// Investigation returns the snapshot, with LastAccessed and Durable.
	Investigation(ctx context.Context, id string) (Investigation, error)
	// Head returns what a poll needs, without reading the snapshot document.
	Head(ctx context.Context, id string) (Head, error)
	// Events returns up to limit lines of the log after seq, in order.
	Events(ctx context.Context, id string, after int64, limit int) ([]Line, error)
	// EventsOfType returns the lines of one type, in order.
	EventsOfType(ctx context.Context, id, eventType string) ([]Line, error)
	// SeqAt returns the number of the newest event before a time, 0 if there is none.
	SeqAt(ctx context.Context, id string, at Time) (int64, error)
	// Logs returns log lines, first to last.
	Logs(ctx context.Context, id string, q LogQuery) (LogPage, error)
	// Append writes a change: compare-and-swap on Before.Version first (CodeConflict where it lost), then events, snapshot, run and audit.
	// It returns the version up to which the log is durable: After's, or a lower one where the change is held in memory because the
	// database cannot be written.
	Append(ctx context.Context, c Change) (durable int64, err error)
	// Remove is of Retention.
	Remove(ctx context.Context, e Expired, audit AuditEntry) error
	// Touch notes when the investigation was last looked at. It is no change: no event, no version.
	Touch(ctx context.Context, id string, at Time) error
	// History lists investigations by their header rows; it never reads documents.
	History(ctx context.Context, q HistoryQuery) (HistoryPage, error)
	// Names lists the names of a user's investigations that begin so, in any case of letters: in small ones, and in their order.
	Names(ctx context.Context, userID, begin string) ([]string, error)
	// Audit lists the audit trail of an investigation, first to last.
	Audit(ctx context.Context, id string, cursor int64, limit int) (AuditPage, error)
	// AuditBegin returns the cursor from which on the trail is that of the newest investigation with the id: once one was removed, its id
	// is free for another.
	AuditBegin(ctx context.Context, id string) (cursor int64, err error)
}

// Change is the unit of writing.
type Change struct {
	Before, After Investigation // Before.Version is 0 for a new log
	Events        []Event       // After.Version-Before.Version of them
	Lines         []Line        // the events, encoded
	Snapshot      []byte        // After, encoded
	Audit         AuditEntry
	// Run says what becomes of the run: "" leaves it as it is.
	Run RunState
	// Lease, where set, must still be held: else CodeLeaseLost and nothing is written.
	Lease *Lease
}

// Head is what the header row of an investigation knows.
type Head struct {
	ID           string
	UserID       string
	Assignee     string
	Shared       bool
	Version      int64
	Durable      int64 // the version up to which the log is durable; Version, unless changes are held in memory
	Status       Status
	Step         Step
	Percent      float64
	Phase        Phase
	Findings     int
	LogLines     int
	ETASeconds   *float64
	LastActivity Time // time of the newest event
	Created      Time // tells one log from another that has its id after it was removed
}

// SameLog tells whether two heads are of one log.
func (h Head) SameLog(other Head) bool { return h.Created.Equal(other.Created.Time) }

// HeadOf returns the head of a snapshot.
func HeadOf(inv Investigation) Head {
	return Head{
		ID: inv.ID, UserID: inv.UserID, Assignee: inv.Assignee, Shared: inv.Shared, Version: inv.Version, Durable: inv.Version, Status: inv.Status, Step: inv.Step,
		Percent: inv.Progress.Percent, Phase: inv.Progress.Phase, Findings: inv.Progress.Findings, LogLines: inv.Progress.LogLines,
		ETASeconds: inv.Progress.ETASeconds, LastActivity: inv.UpdatedAt, Created: inv.CreatedAt,
	}
}

// Access returns what decides who may do what with the investigation.
func (h Head) Access() Access { return Access{h.UserID, h.Assignee, h.Shared} }

// LogQuery selects log lines after the cursor (a seq). Level and Text narrow; empty is all.
type LogQuery struct {
	Cursor int64
	Limit  int
	Level  LogLevel
	Text   string
}

// LogPage is a page of log lines. NextCursor is the seq to go on after.
type LogPage struct {
	Items      []LogLine `json:"items"`
	NextCursor int64     `json:"next_cursor"`
	HasMore    bool      `json:"has_more"`
	Total      int64     `json:"total" doc:"Log lines in all, before any filter."`
}

// LogLine is one line that the run wrote. Line counts log lines from 1; Seq is its place in the log of events.
type LogLine struct {
	Seq     int64    `json:"seq"`
	Line    int64    `json:"line"`
	At      Time     `json:"at"`
	Level   LogLevel `json:"level"`
	Agent   string   `json:"agent,omitempty"`
	Tool    string   `json:"tool,omitempty"`
	Message string   `json:"message"`
}

// RunState is what the store knows of the work behind an investigation.
type RunState string

// The states of a run: waiting for or held by a runner; not to be taken up; over.
const (
	RunQueued RunState = "queued"
	RunPaused RunState = "paused"
	RunOver   RunState = "over"
)

// Lease is the right to carry one run forward. Epoch grows with every claim and never falls: a holder that was
// replaced while it slept is refused by it.
type Lease struct {
	InvestigationID string
	Owner           string
	Epoch           int64
	Until           Time
}

// Runs hands out work by lease. All times are the caller's clock.
type Runs interface {
	// Claim takes a queued run that nobody holds, or (nil, nil): the one of the investigation only, or, where that is "", of the users with the fewest runs under way the most urgent run, then
	// the one that waits longest.
	Claim(ctx context.Context, owner, only string, now Time, ttl time.Duration) (*Lease, error)
	// Renew extends a lease; CodeLeaseLost where it is no longer held.
	Renew(ctx context.Context, l Lease, now Time, ttl time.Duration) error
	// Release gives a lease back at once, so that nobody has to wait for it to lapse.
	Release(ctx context.Context, l Lease) error
}

// Datasets keeps what is known of the events files.
type Datasets interface {
	// Dataset returns a data set with InUse set.
	Dataset(ctx context.Context, id string) (Dataset, error)
	// Datasets lists those of a user, newest first.
	Datasets(ctx context.Context, userID string) ([]Dataset, error)
	// PutDataset writes a data set, new or mapped anew; the latter is CodeDatasetInUse where an investigation that is not a draft names it.
	PutDataset(ctx context.Context, d Dataset, audit AuditEntry) error
	// DeleteDataset forgets one; CodeDatasetInUse where an investigation or a template names it.
	DeleteDataset(ctx context.Context, id string, audit AuditEntry) error
}
