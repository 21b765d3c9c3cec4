// Package live keeps what followers of investigations need to be answered without a read: the head and the newest
// lines of each log that is followed, already encoded, and who is looking. After a commit it wakes those who wait; it carries
// nothing to them. They take the wake channel first, read what is new by olorin.Desk.Updates, and then wait.
package live

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
)

// Limits bound what a hub keeps.
type Limits struct {
	// Topics is how many investigations are kept; the one longest without a follower goes first.
	Topics int
	// TailBytes is how much of the newest lines is kept for each.
	TailBytes int
	// Fresh is for how long a head is trusted without asking the store again. Another process, such as the command line,
	// may write to the same database; this bounds how long its changes stay unseen.
	Fresh time.Duration
}

// DefaultLimits are generous for one process: at most 64 MB of tails.
var DefaultLimits = Limits{Topics: 1024, TailBytes: 64 << 10, Fresh: 2 * time.Second}

// Hub implements olorin.Feed.
type Hub struct {
	limits Limits
	clock  olorin.Clock

	mu     sync.Mutex // protects all below
	topics map[string]*topic
}

// topic is one followed investigation. The tail ends at head.Version or is empty.
type topic struct {
	head     olorin.Head
	checked  olorin.Time // when the head was known to be the newest
	asked    olorin.Time // when a caller was last sent to the store
	used     olorin.Time
	tail     []olorin.Line
	bytes    int
	news     chan struct{} // closed at the next growth, and when somebody else looks, or in another way
	watchers int

	lookers  map[string]*looker // by user id
	moves    int64              // how often it was told that somebody else looks, or in another way
	told     time.Time          // when that was last told
	telling  bool               // it will be told soon
	sweeping bool               // those who polled will be looked after
}

// NewHub returns an empty hub.
func NewHub(clock olorin.Clock, limits Limits) *Hub {
	return &Hub{limits: limits, clock: clock, topics: map[string]*topic{}}
}

var _ olorin.Feed = (*Hub)(nil)

// patience is for how long others are answered from an old head while one asks the store for a new one.
const patience = time.Second

// Head returns the head of a followed investigation, and whether it is fresh. Where it is not, one caller is told so and must ask the
// store; the others are answered from what is known for a moment longer, so that a thousand who ask at once cost one read.
func (h *Hub) Head(id string) (olorin.Head, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.topics[id]
	if !ok || t.head.Version == 0 {
		return olorin.Head{}, false
	}
	now := h.clock()
	t.used = now
	age := now.Sub(t.checked.Time)
	if age <= h.limits.Fresh || age <= h.limits.Fresh+patience && now.Sub(t.asked.Time) < patience {
		return t.head, true
	}
	t.asked = now
	return t.head, false
}

// Aged returns the investigations whose head was last known to be the newest longer ago than that, of those that somebody waits for.
func (h *Hub) Aged(age time.Duration) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	var ids []string
	for id, t := range h.topics {
		if t.watchers > 0 && t.head.Version > 0 && now.Sub(t.checked.Time) > age {
			ids = append(ids, id)
		}
	}
	return ids
}

// Tail returns up to limit lines after seq, and false where the kept lines do not reach back that far.
func (h *Hub) Tail(id string, after int64, limit int) ([]olorin.Line, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.topics[id]
	if !ok || len(t.tail) == 0 || after < t.tail[0].Seq-1 || after >= t.head.Version {
		return nil, false
	}
	lines := t.tail[after-t.tail[0].Seq+1:]
	return slices.Clone(lines[:min(limit, len(lines))]), true
}

// Keep notes a head that was read from the store. It is ignored where a newer one of the same log is known.
func (h *Hub) Keep(head olorin.Head) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(head.ID)
	t.checked = h.clock()
	if head.SameLog(t.head) && (head.Version < t.head.Version || head.Version == t.head.Version && head.Durable <= t.head.Durable) {
		return
	}
	// The lines between are not here: the tail must end at the head.
	t.tail, t.bytes = nil, 0
	t.grow(head)
}

// Grew notes a change after its commit and wakes who waits. Changes may be told out of order.
func (h *Hub) Grew(head olorin.Head, lines []olorin.Line) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, followed := h.topics[head.ID]
	another := t != nil && !head.SameLog(t.head)
	if !followed || head.Version <= t.head.Version && !another {
		return
	}
	if n := len(lines); n == 0 || another || lines[0].Seq != t.head.Version+1 {
		t.tail, t.bytes = nil, 0
		if n > 0 && lines[n-1].Seq != head.Version {
			lines = nil
		}
	}
	for _, l := range lines {
		t.tail = append(t.tail, l)
		t.bytes += len(l.JSON)
	}
	drop := 0
	for t.bytes > h.limits.TailBytes && drop < len(t.tail) {
		t.bytes -= len(t.tail[drop].JSON)
		drop++
	}
	t.tail = slices.Delete(t.tail, 0, drop)
	t.checked = h.clock()
	t.grow(head)
}

// Settled notes that a log is durable up to a version after it was held in memory, and wakes who waits.
func (h *Hub) Settled(id string, durable int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.topics[id]
	if !ok || durable <= t.head.Durable {
		return
	}
	head := t.head
	head.Durable = min(durable, head.Version)
	t.grow(head)
}

// Forget drops what is known of a log, because the store says otherwise now, and wakes who waits.
func (h *Hub) Forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t, ok := h.topics[id]; ok {
		t.tail, t.bytes = nil, 0
		t.grow(olorin.Head{})
	}
}

// grow moves the head and wakes who waits. The caller holds mu.
func (t *topic) grow(head olorin.Head) {
	t.head = head
	for i := range t.tail {
		t.tail[i].Held = t.tail[i].Seq > head.Durable
	}
	t.wake()
}

// wake has those who wait look again. The caller holds mu.
func (t *topic) wake() {
	close(t.news)
	t.news = make(chan struct{})
}

// topic returns the topic of an investigation, making room for it. The caller holds mu.
func (h *Hub) topic(id string) *topic {
	t, ok := h.topics[id]
	if ok {
		t.used = h.clock()
		return t
	}
	if len(h.topics) >= h.limits.Topics {
		h.evict()
	}
	t = &topic{news: make(chan struct{}), lookers: map[string]*looker{}, used: h.clock()}
	h.topics[id] = t
	return t
}

// evict drops the least recently used topics that nobody watches: a sixteenth at once, so that the search is paid rarely.
// The caller holds mu.
func (h *Hub) evict() {
	type candidate struct {
		id   string
		used olorin.Time
	}
	idle := make([]candidate, 0, len(h.topics))
	for id, t := range h.topics {
		if t.watchers == 0 {
			idle = append(idle, candidate{id, t.used})
		}
	}
	slices.SortFunc(idle, func(a, b candidate) int {
		return cmp.Or(a.used.Compare(b.used.Time), cmp.Compare(a.id, b.id))
	})
	for _, c := range idle[:min(len(idle), max(1, h.limits.Topics/16))] {
		delete(h.topics, c.id)
	}
}

// Watch returns a channel that is closed at the next growth of an investigation, if not before. Take it before reading, so that no
// growth is missed. The caller must call stop when it no longer waits.
func (h *Hub) Watch(id string) (news <-chan struct{}, stop func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(id)
	t.watchers++
	var once sync.Once
	return t.news, func() {
		once.Do(func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			t.watchers--
		})
	}
}

// Stats tells how much the hub keeps.
func (h *Hub) Stats() (topics, watchers, tailBytes int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.topics {
		watchers += t.watchers
		tailBytes += t.bytes
	}
	return len(h.topics), watchers, tailBytes
}
