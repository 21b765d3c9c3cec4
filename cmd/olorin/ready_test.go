package main

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// However many ask whether the server is ready, and whoever of them goes away, one looks.
func TestReadinessIsLookedAtOnce(t *testing.T) {
	now := atomic.Int64{}
	looks, fault := 0, error(nil)
	r := &readiness{
		clock: func() olorin.Time { return olorin.FromMicro(now.Load()) },
		look: func(ctx context.Context) error {
			looks++
			return errors.Join(fault, ctx.Err())
		},
	}
	now.Store(time.Hour.Microseconds())
	ask := func() {
		t.Helper()
		gone, leave := context.WithCancel(t.Context())
		leave()
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if err := r.ask(gone); !errors.Is(err, fault) || (err == nil) != (fault == nil) {
					t.Errorf("told %v, not %v", err, fault)
				}
			})
		}
		all.Wait()
	}
	ask()
	ask()
	if looks != 1 {
		t.Errorf("400 who asked at once made %d looks", looks)
	}
	now.Add(readyFor.Microseconds())
	fault = errors.New("it is gone")
	ask()
	if looks != 2 {
		t.Errorf("%d looks after the outcome had grown old", looks)
	}
}
