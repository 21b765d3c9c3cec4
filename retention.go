package olorin

import (
	"context"
	"fmt"
	"time"
)

// Expired is an investigation whose retention is over.
type Expired struct {
	ID         string
	UserID     string
	Name       string
	Version    int64
	ArchivedAt Time
}

// Retention removes what was finished and archived long enough ago.
type Retention interface {
	// Expired lists up to limit investigations that are over and were archived before a time, oldest first.
	Expired(ctx context.Context, before Time, limit int) ([]Expired, error)
	// Remove forgets an investigation with its log, if it is still at the version; CodeConflict where it is not. Its audit trail stays,
	// and gets the entry.
	Remove(ctx context.Context, e Expired, audit AuditEntry) error
}

// The actions of the audit entry that ends the trail of an investigation: its retention was over, or it was a draft in which nothing had
// been entered, and its owner threw it away.
const (
	Removed   = "retention.removed"
	Discarded = "investigation.discarded"
)

// Retire removes every investigation whose retention of so many days is over, and returns those that it removed. each is told of every
// one, after it is gone.
func Retire(ctx context.Context, store Retention, now Time, days int, each func(Expired)) (removed int, err error) {
	cutoff := At(now.AddDate(0, 0, -days))
	for {
		batch, err := store.Expired(ctx, cutoff, 100)
		if err != nil || len(batch) == 0 {
			return removed, err
		}
		gone := 0
		for _, e := range batch {
			entry := AuditEntry{
				At: now, Actor: System, Source: SourceSystem, Action: Removed, InvestigationID: e.ID, VersionBefore: e.Version, VersionAfter: e.Version,
				Detail: fmt.Sprintf("%q of %s, archived %s, kept %d days", e.Name, e.UserID, e.ArchivedAt, days),
			}
			switch err := store.Remove(ctx, e, entry); {
			case CodeOf(err) == CodeConflict: // somebody brought it back
			case err != nil:
				return removed, err
			default:
				gone++
				each(e)
			}
		}
		removed += gone
		if gone == 0 {
			return removed, nil
		}
	}
}

// KeptUntil is when an investigation will be removed; nil while it is not over and archived.
func KeptUntil(status Status, archivedAt *Time, retention time.Duration) *Time {
	if archivedAt == nil || !status.Terminal() || retention <= 0 {
		return nil
	}
	until := At(archivedAt.Add(retention))
	return &until
}

// KeptUntil is when an investigation will be removed; nil while it is not over and archived.
func (d *Desk) KeptUntil(inv Investigation) *Time {
	return KeptUntil(inv.Status, inv.ArchivedAt, d.options.Retention)
}
