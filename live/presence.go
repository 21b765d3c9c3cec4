package live

import (
	"cmp"
	"slices"
	"time"

	"github.com/olorin-dev/olorin"
)

const (
	// presencePause is the least time between two tellings of who looks, so that a thousand who come at once are told of together.
	presencePause = time.Second
	// maxViewers bounds how many are told; those who edit come first.
	maxViewers = 100
)

// looker is a user who looks at an investigation.
type looker struct {
	since     olorin.Time
	open      int         // streams and waiting polls
	editing   int         // those of them that edit
	until     olorin.Time // how long the last poll counts
	editUntil olorin.Time // how long the last poll that edits counts
}

func (l *looker) mode(now olorin.Time) olorin.ViewMode {
	if l.editing > 0 || now.Before(l.editUntil.Time) {
		return olorin.Editing
	}
	return olorin.Viewing
}

// Presence is one follower that stays: a stream, or a poll that waits. It keeps the investigation in the hub.
type Presence struct {
	hub  *Hub
	t    *topic
	user string
	mode olorin.ViewMode
}

// Enter notes that a user looks at an investigation until Leave.
func (h *Hub) Enter(id, userID string, mode olorin.ViewMode) *Presence {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(id)
	t.watchers++
	h.look(t, userID, func(l *looker, _ olorin.Time) {
		l.open++
		if mode == olorin.Editing {
			l.editing++
		}
	})
	return &Presence{hub: h, t: t, user: userID, mode: mode}
}

// Signals returns a channel that is closed at the next growth of the log and when somebody else looks, or in another way, and how often
// the latter was told: it is one channel, since a thousand who wait pay for each. Take it before reading, so that nothing is missed.
func (p *Presence) Signals() (news <-chan struct{}, moves int64) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	return p.t.news, p.t.moves
}

// Switch says what the user does now.
func (p *Presence) Switch(mode olorin.ViewMode) {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if mode == p.mode {
		return
	}
	p.mode = mode
	p.hub.look(p.t, p.user, func(l *looker, _ olorin.Time) {
		if mode == olorin.Editing {
			l.editing++
		} else {
			l.editing--
		}
	})
}

// Leave ends it. It must be called once.
func (p *Presence) Leave() {
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	p.t.watchers--
	p.hub.look(p.t, p.user, func(l *looker, _ olorin.Time) {
		l.open--
		if p.mode == olorin.Editing {
			l.editing--
		}
	})
}

// Seen notes that a user looks at an investigation, and will count as looking for so long.
func (h *Hub) Seen(id, userID string, mode olorin.ViewMode, stay time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(id)
	h.look(t, userID, func(l *looker, now olorin.Time) {
		l.until = olorin.At(now.Add(stay))
		if mode == olorin.Editing {
			l.editUntil = l.until
		}
	})
	h.sweepIn(t, stay)
}

// look changes what is known of a user, and tells the others where it looks different then. The caller holds mu.
func (h *Hub) look(t *topic, user string, change func(l *looker, now olorin.Time)) {
	now := h.clock()
	l, before := t.lookers[user], olorin.ViewMode("")
	if l == nil {
		l = &looker{since: now}
		t.lookers[user] = l
	} else {
		before = l.mode(now)
	}
	change(l, now)
	if l.open == 0 && !now.Before(l.until.Time) {
		delete(t.lookers, user)
	} else if l.mode(now) == before {
		return
	}
	h.tell(t)
}

// tell wakes those who want to know who looks: at once, or at the end of the pause since the last time. The caller holds mu.
func (h *Hub) tell(t *topic) {
	if t.telling {
		return
	}
	t.telling = true
	time.AfterFunc(max(presencePause-time.Since(t.told), 0), func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		t.telling, t.told = false, time.Now()
		t.moves++
		t.wake()
	})
}

// sweepIn looks after a while whether somebody who polled has gone. The caller holds mu.
func (h *Hub) sweepIn(t *topic, wait time.Duration) {
	if t.sweeping {
		return
	}
	t.sweeping = true
	time.AfterFunc(max(wait, 100*time.Millisecond), func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		t.sweeping = false
		if next, ok := h.sweep(t); ok {
			h.sweepIn(t, next)
		}
	})
}

// sweep forgets who has gone, and returns how long it is until the next may have. The caller holds mu.
func (h *Hub) sweep(t *topic) (next time.Duration, ok bool) {
	now, changed := h.clock(), false
	for user, l := range t.lookers {
		for _, until := range []*olorin.Time{&l.until, &l.editUntil} {
			if until.IsZero() {
				continue
			}
			if left := until.Sub(now.Time); left > 0 {
				if !ok || left < next {
					next, ok = left, true
				}
				continue
			}
			*until, changed = olorin.Time{}, true
		}
		if l.open == 0 && l.until.IsZero() {
			delete(t.lookers, user)
		}
	}
	if changed {
		h.tell(t)
	}
	return next, ok
}

// Viewers returns who looks at an investigation now: who edits first, then by user id.
func (h *Hub) Viewers(id string) []olorin.Viewer {
	h.mu.Lock()
	defer h.mu.Unlock()
	viewers := []olorin.Viewer{}
	t, ok := h.topics[id]
	if !ok {
		return viewers
	}
	h.sweep(t)
	now := h.clock()
	for user, l := range t.lookers {
		viewers = append(viewers, olorin.Viewer{UserID: user, Mode: l.mode(now), Since: l.since})
	}
	slices.SortFunc(viewers, func(a, b olorin.Viewer) int {
		return cmp.Or(cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.UserID, b.UserID))
	})
	return viewers[:min(len(viewers), maxViewers)]
}
