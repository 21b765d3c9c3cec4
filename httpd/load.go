package httpd

import (
	"context"
	"sync"
	"time"
)

const (
	loadEvery = 100 * time.Millisecond
	agedAfter = time.Second // of a head that is followed; with agedEvery, what other processes write is seen within two seconds
	agedEvery = 500 * time.Millisecond
)

// Run looks after what is followed until ctx ends: it asks the store for what other processes wrote, once for each investigation however
// many follow it, and measures how late work begins.
func (s *Server) Run(ctx context.Context) {
	load, aged := time.NewTicker(loadEvery), time.NewTicker(agedEvery)
	defer load.Stop()
	defer aged.Stop()
	var both sync.WaitGroup
	both.Go(func() { s.followed(ctx, aged.C) })
	defer both.Wait()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-load.C:
			now := time.Now()
			late := max(now.Sub(last)-loadEvery, 0)
			last = now
			// A delay is remembered for about two seconds, since clients come back only then.
			s.late.Store(int64(max(late, time.Duration(s.late.Load())*7/8)))
		}
	}
}

// followed refreshes the heads of what is followed.
func (s *Server) followed(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			for _, id := range s.Hub.Aged(agedAfter) {
				if err := s.Desk.Refresh(ctx, id); err != nil && ctx.Err() == nil {
					s.log.Debug("a head was not refreshed", "investigation", id, "error", err)
				}
			}
		}
	}
}

// lateness is how much later than it was due work began lately.
func (s *Server) lateness() time.Duration { return time.Duration(s.late.Load()) }
