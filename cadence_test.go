package olorin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func TestThePaceFollowsTheStatusAndTheLastActivity(t *testing.T) {
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

func TestPaceOfABusyServer(t *testing.T) {
	fast := olorin.Pace{Mode: olorin.Fast, Reason: "run_active", PollAfterMS: 500}
	for _, c := range []struct {
		late   time.Duration
		ms     int
		reason string
	}{{0, 500, "run_active"}, {49 * time.Millisecond, 500, "run_active"}, {50 * time.Millisecond, 1000, "server_busy"}, {250 * time.Millisecond, 2000, "server_busy"}, {time.Minute, 4000, "server_busy"}} {
		if p := fast.Under(c.late); p.PollAfterMS != c.ms || p.Reason != c.reason || p.Mode != olorin.Fast {
			t.Errorf("%v late: %+v", c.late, p)
		}
	}
	if p := (olorin.Pace{Mode: olorin.Slow, Reason: "idle", PollAfterMS: 5000}).Under(time.Second); p.PollAfterMS != 30_000 {
		t.Errorf("at most half a minute: %+v", p)
	}
}

// TestCadenceIsToldInTheDocs writes the table from the function.
func TestCadenceIsToldInTheDocs(t *testing.T) {
	now := olorin.At(epoch)
	var b strings.Builder
	b.WriteString("# How soon to come back\n\nMade from `cadence.go` by `go test . -run TestCadenceIsToldInTheDocs -update`, with the intervals that the configuration starts from.\n\n" +
		"| status | last activity | mode | reason | come back after |\n|---|---|---|---|---|\n")
	for _, status := range []olorin.Status{olorin.Draft, olorin.Running, olorin.Paused, olorin.Completed, olorin.Failed, olorin.Cancelled} {
		for _, idle := range []time.Duration{0, olorin.Recent, olorin.DefaultCadence.IdleAfter} {
			p := olorin.DefaultCadence.Pace(status, olorin.At(now.Add(-idle)), now)
			fmt.Fprintf(&b, "| %s | %v ago or more | %s | `%s` | %d ms |\n", status, idle, p.Mode, p.Reason, p.PollAfterMS)
		}
	}
	b.WriteString("\nWhere the server is busy, the reason is `server_busy` and clients come back later:\n\n| work begins late by | at 500 ms | at 2 s | at 5 s |\n|---|---|---|---|\n")
	for _, late := range []time.Duration{0, 50 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		fmt.Fprintf(&b, "| %v or more |", late)
		for _, ms := range []int{500, 2000, 5000} {
			fmt.Fprintf(&b, " %d ms |", olorin.Pace{PollAfterMS: ms}.Under(late).PollAfterMS)
		}
		b.WriteString("\n")
	}
	documentMatches(t, "docs/cadence.md", b.String())
}
