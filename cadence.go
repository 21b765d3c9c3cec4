package olorin

import "time"

// Mode is how eagerly a client should come back.
type Mode string

// The modes.
const (
	Fast   Mode = "fast"
	Normal Mode = "normal"
	Slow   Mode = "slow"
)

// Cadence holds the intervals and bounds of polling.
//
//	status              last activity        mode    reason
//	running             any                  fast    run_active
//	any but running     < Recent ago         fast    recent_activity
//	terminal            ≥ Recent ago         slow    terminal
//	draft, paused       ≥ IdleAfter ago      slow    idle
//	draft, paused       in between           normal  waiting
type Cadence struct {
	FastMS, NormalMS, SlowMS int
	IdleAfter                time.Duration
}

// DefaultCadence is what the configuration starts from.
var DefaultCadence = Cadence{FastMS: 500, NormalMS: 2000, SlowMS: 5000, IdleAfter: 5 * time.Minute}

// Recent is for how long after an event a client is kept at the fast pace.
const Recent = 5 * time.Second

// Pace says how soon to come back, and why.
type Pace struct {
	Mode        Mode   `json:"mode" enum:"fast,normal,slow"`
	Reason      string `json:"reason"`
	PollAfterMS int    `json:"poll_after_ms"`
}

// Pace is a pure function of the status, the time of the newest event and now.
func (c Cadence) Pace(status Status, lastActivity, now Time) Pace {
	idle := now.Sub(lastActivity.Time)
	switch {
	case status == Running:
		return Pace{Fast, "run_active", c.FastMS}
	case idle < Recent:
		return Pace{Fast, "recent_activity", c.FastMS}
	case status.Terminal():
		return Pace{Slow, "terminal", c.SlowMS}
	case idle >= c.IdleAfter:
		return Pace{Slow, "idle", c.SlowMS}
	}
	return Pace{Normal, "waiting", c.NormalMS}
}

// maxStretched bounds in milliseconds what a busy server asks of its clients.
const maxStretched = 30_000

// Under lengthens the pace where the server is busy, before it fails. late is how much later than it was due work begins: below 50 ms
// is no reason, from there on clients come back half as often, from 250 ms on a quarter, from 1 s on an eighth.
func (p Pace) Under(late time.Duration) Pace {
	factor := 1
	switch {
	case late >= time.Second:
		factor = 8
	case late >= 250*time.Millisecond:
		factor = 4
	case late >= 50*time.Millisecond:
		factor = 2
	}
	if factor > 1 {
		p.Reason, p.PollAfterMS = "server_busy", min(p.PollAfterMS*factor, max(maxStretched, p.PollAfterMS))
	}
	return p
}
