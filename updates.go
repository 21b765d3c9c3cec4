package olorin

import (
	"context"
	"slices"
)

// Feed keeps the head and the newest lines of investigations that are followed, so that a poll that finds nothing new
// costs no read. What it has may be missing; it is never wrong for longer than it promises.
type Feed interface {
	// Head returns the head, where it is known, and whether it is fresh.
	Head(id string) (head Head, fresh bool)
	// Tail returns up to limit lines after seq, and false where it does not reach back that far.
	Tail(id string, after int64, limit int) ([]Line, bool)
	// Keep notes a head that was read from the store.
	Keep(h Head)
	// Grew notes a change after its commit and wakes the followers.
	Grew(h Head, lines []Line)
	// Forget drops what is known of a log that is gone, and wakes the followers.
	Forget(id string)
}

// maxLines bounds one answer.
const maxLines = 1000

// Delta is what is new since a cursor: the one answer that every transport hands out.
type Delta struct {
	InvestigationID string         `json:"investigation_id"`
	Version         int64          `json:"version"`
	Durability      Durability     `json:"durability" enum:"durable,memory" doc:"memory: the database cannot be written; events that carry durable: false are held in memory until it can."`
	Status          Status         `json:"status"`
	Step            Step           `json:"wizard_step"`
	Progress        DeltaProgress  `json:"progress"`
	Events          []Line         `json:"events"`
	NextCursor      int64          `json:"next_cursor" doc:"The newest event that is durable and was delivered up to here."`
	HasMore         bool           `json:"has_more"`
	Reset           bool           `json:"reset"`
	State           *Investigation `json:"state,omitempty" doc:"The whole state, with reset."`
	Pace
	ServerTime Time     `json:"server_time"`
	Viewers    []Viewer `json:"viewers"`

	// Durable is the version up to which the log is durable, and Last the newest event that is delivered here, held or not.
	Durable int64 `json:"-"`
	Last    int64 `json:"-"`
	Written Time  `json:"-"` // when Version was
}

// Durability says whether something is committed to the database, or held in memory because that cannot be written.
type Durability string

// The durabilities.
const (
	Durable Durability = "durable"
	Memory  Durability = "memory"
)

func durabilityOf(durable, version int64) Durability {
	if durable < version {
		return Memory
	}
	return Durable
}

// Durability says whether the change is committed.
func (c Changed) Durability() Durability { return durabilityOf(c.Durable, c.Investigation.Version) }

// MarshalJSON writes the event as it was encoded; one that is held in memory says so.
func (l Line) MarshalJSON() ([]byte, error) { return l.Bytes(), nil }

// Bytes is the event as followers get it.
func (l Line) Bytes() []byte {
	if !l.Held || len(l.JSON) == 0 {
		return l.JSON
	}
	return append(slices.Clone(l.JSON[:len(l.JSON)-1]), `,"durable":false}`...)
}

// DeltaProgress is how far the run is, in small.
type DeltaProgress struct {
	Percent    float64  `json:"percent"`
	Phase      Phase    `json:"phase"`
	Findings   int      `json:"findings"`
	LogLines   int      `json:"log_lines"`
	ETASeconds *float64 `json:"eta_seconds"`
}

// Viewer is somebody who looks at the investigation now.
type Viewer struct {
	UserID string   `json:"user_id"`
	Mode   ViewMode `json:"mode" enum:"viewing,editing"`
	Since  Time     `json:"since"`
}

// ViewMode is what a viewer does.
type ViewMode string

// The modes. Who says nothing is viewing.
const (
	Viewing ViewMode = "viewing"
	Editing ViewMode = "editing"
)

// Updates answers what is new after since, to somebody who may see it. A cursor that the log cannot serve
// (from the future) is answered with Reset and the whole state. limit is 1..1000; 0 is 500.
func (d *Desk) Updates(ctx context.Context, actor Actor, id string, since int64, limit int) (Delta, error) {
	head, err := d.Head(ctx, actor, id)
	if err == nil && since > head.Version { // another process may have written it
		if head, err = d.refresh(ctx, head, id); err == nil {
			err = actor.May(ToView, head.Access(), id)
		}
	}
	if err != nil {
		return Delta{}, err
	}
	if limit <= 0 {
		limit = 500
	}
	limit = min(limit, maxLines)
	var (
		lines []Line
		state *Investigation
	)
	switch {
	case since < 0 || since > head.Version:
		inv, err := d.View(ctx, actor, id)
		if err != nil {
			return Delta{}, err
		}
		state, head = &inv, HeadOf(inv)
		head.Durable = inv.Durable
		since = head.Durable
	case since < head.Version:
		ok := false
		if lines, ok = d.feed.Tail(id, since, limit); !ok {
			if lines, err = d.store.Events(ctx, id, since, limit); err != nil {
				return Delta{}, err
			}
		}
	}
	if lines == nil {
		lines = []Line{}
	}
	last := since
	if n := len(lines); n > 0 {
		last = lines[n-1].Seq
	}
	version := max(head.Version, last)
	// The cursor stays at what is durable, unless the client asked beyond it by itself.
	next := max(since, min(last, head.Durable))
	if head.Durable == head.Version {
		next = last
	}
	now := d.clock()
	return Delta{
		InvestigationID: id, Version: version, Durability: durabilityOf(head.Durable, head.Version), Status: head.Status, Step: head.Step,
		Progress: DeltaProgress{head.Percent, head.Phase, head.Findings, head.LogLines, head.ETASeconds},
		Events:   lines, NextCursor: next, HasMore: state == nil && (next < head.Durable || since > head.Durable && last < head.Version), Reset: state != nil, State: state,
		Pace: d.options.Cadence.Pace(head.Status, head.LastActivity, now), ServerTime: now, Viewers: []Viewer{},
		Durable: min(head.Durable, version), Last: last, Written: head.LastActivity,
	}, nil
}

// Since returns the cursor that stands for "everything before at": events of the same moment may have come after somebody looked.
func (d *Desk) Since(ctx context.Context, actor Actor, id string, at Time) (int64, error) {
	head, err := d.Head(ctx, actor, id)
	if err != nil {
		return 0, err
	}
	if head.LastActivity.Before(at.Time) { // as it nearly always is: nothing to read
		return head.Version, nil
	}
	return d.store.SeqAt(ctx, id, at)
}
