package olorin_test

import (
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func TestPace(t *testing.T) {
	now := olorin.At(epoch)
	for _, c := range []struct {
		name   string
		status olorin.Status
		idle   time.Duration
		mode   olorin.Mode
		reason string
		ms     int
	}{
		{"a run is followed closely however long it is silent", olorin.Running, time.Hour, olorin.Fast, "run_active", 500},
		{"something just happened to a draft", olorin.Draft, 4 * time.Second, olorin.Fast, "recent_activity", 500},
		{"a run has just ended", olorin.Completed, time.Second, olorin.Fast, "recent_activity", 500},
		{"a draft rests", olorin.Draft, 5 * time.Second, olorin.Normal, "waiting", 2000},
		{"a paused run rests", olorin.Paused, 4*time.Minute + 59*time.Second, olorin.Normal, "waiting", 2000},
		{"nobody works on it", olorin.Draft, 5 * time.Minute, olorin.Slow, "idle", 5000},
		{"over", olorin.Cancelled, 5 * time.Second, olorin.Slow, "terminal", 5000},
		{"waiting for a retry", olorin.Failed, time.Minute, olorin.Slow, "terminal", 5000},
		{"the clock went back", olorin.Draft, -time.Minute, olorin.Fast, "recent_activity", 500},
	} {
		got := olorin.DefaultCadence.Pace(c.status, olorin.At(now.Add(-c.idle)), now)
		if want := (olorin.Pace{Mode: c.mode, Reason: c.reason, PollAfterMS: c.ms}); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}
