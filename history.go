package olorin

import (
	"context"
	"slices"
)

// Whose tells whose investigations a history lists.
type Whose string

// One's own, or an auditor's everybody's; those that one is asked to review; those that colleagues share.
const (
	WhoseMine     Whose = "mine"
	WhoseAssigned Whose = "assigned"
	WhoseShared   Whose = "shared"
)

// HistoryQuery selects investigations. Empty fields do not narrow.
type HistoryQuery struct {
	Whose       Whose    // decides the next four
	UserID      string   // empty: of all users
	NotOf       string   // of all but this user
	Assignee    string   // assigned to this user
	Shared      bool     // shared with the organisation
	Owners      []string // of these users, as far as UserID allows
	Status      []Status
	RiskLevel   []RiskLevel
	RiskMin     *float64
	RiskMax     *float64
	From, To    *Time // by updated_at, [from, to)
	EntityTypes []EntityType
	Text        string // words that name, entities or findings must hold
	IDs         []string
	Archived    bool
	Sort        string // one of HistorySorts; a leading "-" is descending
	Page        int    // from 1
	Cursor      string // of a page before; goes on from there whatever Page says
	Limit       int    // 1..LongestList
}

// LongestList is how many investigations one page of a history may hold.
const LongestList = 10_000

// HistorySorts are the fields that a history may be sorted by.
var HistorySorts = []string{"updated_at", "created_at", "started_at", "finished_at", "name", "status", "risk_score", "entity_count", "duration_ms"}

// HistoryItem is an investigation in a list.
type HistoryItem struct {
	ID          string       `json:"investigation_id"`
	UserID      string       `json:"user_id" doc:"Whose it is."`
	Name        string       `json:"name"`
	Status      Status       `json:"status"`
	Partial     Why          `json:"partial,omitempty" enum:"out_of_time,not_reached,tool_failed,agent_timeout" doc:"Of a completed run of which not every check came to an end: the gravest reason. Absent where all did."`
	Step        Step         `json:"wizard_step"`
	RiskScore   *float64     `json:"risk_score"`
	RiskLevel   *RiskLevel   `json:"risk_level"`
	EntityCount int          `json:"entity_count"`
	EntityTypes []EntityType `json:"entity_types"`
	Percent     float64      `json:"percent"`
	CreatedAt   Time         `json:"created_at"`
	StartedAt   *Time        `json:"started_at"`
	FinishedAt  *Time        `json:"finished_at"`
	UpdatedAt   Time         `json:"updated_at"`
	DurationMS  *int64       `json:"duration_ms"`
	ArchivedAt  *Time        `json:"archived_at"`
	Version     int64        `json:"version"`
	Assignee    string       `json:"assignee" doc:"Who is asked to review it; empty: nobody."`
	Shared      bool         `json:"shared" doc:"Everybody of the organisation may read it."`
	KeptUntil   *Time        `json:"kept_until" doc:"When it will be removed; null while it is not over and archived."`
}

// Item is the investigation in a list, but for how long it is kept.
func (inv Investigation) Item() HistoryItem {
	it := HistoryItem{
		ID: inv.ID, UserID: inv.UserID, Name: inv.Name, Status: inv.Status, Partial: inv.PartialBy(), Step: inv.Step, EntityCount: len(inv.Settings.Entities), EntityTypes: []EntityType{},
		Percent: inv.Progress.Percent, CreatedAt: inv.CreatedAt, StartedAt: inv.StartedAt, FinishedAt: inv.FinishedAt, UpdatedAt: inv.UpdatedAt, ArchivedAt: inv.ArchivedAt, Version: inv.Version,
		Assignee: inv.Assignee, Shared: inv.Shared,
	}
	if inv.FinishedAt != nil { // of a run that goes on whoever reads it counts the time
		it.DurationMS = inv.Duration(*inv.FinishedAt)
	}
	for _, t := range EntityTypes {
		if slices.ContainsFunc(inv.Settings.Entities, func(e Entity) bool { return e.Type == t }) {
			it.EntityTypes = append(it.EntityTypes, t)
		}
	}
	if inv.Results != nil {
		it.RiskScore = inv.Results.RiskScore
		if level := inv.Results.RiskLevel; level != "" {
			it.RiskLevel = &level
		}
	}
	return it
}

// HistoryPage is a page of investigations.
type HistoryPage struct {
	Items      []HistoryItem `json:"items"`
	Page       int           `json:"page"`
	Limit      int           `json:"limit"`
	Total      int64         `json:"total"`
	TotalPages int64         `json:"total_pages"`
	NextCursor *string       `json:"next_cursor"`
}

// History lists the actor's investigations, those that the actor is asked to review, or those that colleagues share. An auditor's own
// are everybody's; an external agent has none but its own.
func (d *Desk) History(ctx context.Context, actor Actor, q HistoryQuery) (HistoryPage, error) {
	q.Text = d.options.Seal.Kept(Entity{Value: q.Text})
	q.UserID, q.NotOf, q.Assignee, q.Shared = actor.ID, "", "", false
	switch {
	case actor.Role == RoleAgent:
	case q.Whose == WhoseAssigned:
		q.UserID, q.Assignee = "", actor.ID
	case q.Whose == WhoseShared:
		q.UserID, q.NotOf, q.Shared = "", actor.ID, true
	case actor.Role == RoleAuditor:
		q.UserID = ""
	}
	page, err := d.store.History(ctx, q)
	for i, it := range page.Items {
		page.Items[i].KeptUntil = KeptUntil(it.Status, it.ArchivedAt, d.options.Retention)
	}
	return page, err
}
