package main

import (
	"context"
	"time"

	"github.com/olorin-dev/olorin"
)

// retireEvery is how often it is looked for what has been kept long enough.
const retireEvery = 24 * time.Hour

// retire removes what was finished and archived long enough ago: at the start, and then daily.
func (s *session) retire(ctx context.Context, h *house) {
	tick := time.NewTicker(retireEvery)
	defer tick.Stop()
	for {
		removed, err := olorin.Retire(ctx, h.store, h.clock(), s.config.HistoryMaxAgeDays, func(e olorin.Expired) {
			h.hub.Forget(e.ID)
			s.log.Info("removed after its retention", "investigation_id", e.ID, "owner", e.UserID, "archived_at", e.ArchivedAt)
		})
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Error("retention broke off; it goes on tomorrow", "removed", removed, "error", err)
		case removed > 0:
			s.log.Info("retention", "removed", removed, "kept_days", s.config.HistoryMaxAgeDays)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
