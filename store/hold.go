package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/olorin-dev/olorin"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
	// lastChance is how long Close tries to write what is still held.
	lastChance = 5 * time.Second
	// heldChangeBytes is what a change takes in memory beside its documents: the parts of the state that it does not share with the one before.
	heldChangeBytes = 4 << 10
	// heldSessionBytes is what a session and its audit entry take in memory, beside the name of its user.
	heldSessionBytes = 800
	// glanceTime is how long the writer waits for an answer where changes wait for it.
	glanceTime = 500 * time.Millisecond
	// reminder is how often the log tells that changes are still held.
	reminder = time.Minute
)

// hold keeps changes that the database cannot take, in the order of their acknowledgement, until it can. The writer goroutine alone
// changes it; see docs/decisions/0020-going-on-from-memory.md.
type hold struct {
	limit   int64 // bytes; 0: nothing is held
	reader  *reader
	log     *slog.Logger
	settled func(id string, durable int64) // told when more of a held log has become durable
	dropped func(id string)                // told when held changes of a log were dropped

	// Of the writer goroutine alone.
	jobs   []heldJob
	wait   time.Duration
	next   time.Time
	remind time.Time
	slow   bool       // the last try waited for what does not come, such as a lock
	blind  bool       // what is on disk cannot be read either: it is not asked again for this batch
	probe  chan error // outcome of the look whether it can be written again; nil where none is under way

	probes atomic.Int64 // begun and ended: odd while one is under way

	holding atomic.Bool // spares readers the lock

	mu     sync.Mutex // protects all below
	logs   map[string]*heldLog
	keys   map[string]*heldKey // by user and key
	leases map[string]olorin.Lease
	// sessions are those that began, were renewed or ended meanwhile.
	sessions map[string]heldSession
	state    Holding
	longer   time.Duration // held in earlier times
}

// Holding tells what a database holds in memory because it could not write it.
type Holding struct {
	Active   bool      // changes are held now
	Since    time.Time // when it began, of the last time
	Changes  int       // held now
	Bytes    int64     // of them
	Cause    string    // why the database could not be written, of the last time
	Replayed int64     // changes written after they were held, since the start
	Dropped  int64     // held changes that the database refused and that are lost, since the start
	Seconds  float64   // spent holding, since the start
}

// heldJob is a change to write when the database can be written again.
type heldJob struct {
	do      func(*tx) error
	id      string       // of the investigation; "" where it is none
	version int64        // that it leads to
	last    *olorin.Line // its last event
	key     *heldKey     // that it reserves
	bytes   int64
}

// changes is 1 for a change of an investigation; leases and keys are not counted.
func (j heldJob) changes() int {
	if j.id == "" {
		return 0
	}
	return 1
}

// heldLog is what an investigation has beyond what is durable.
type heldLog struct {
	durable int64 // version on disk
	after   olorin.Investigation
	lines   []olorin.Line // durable+1 … after.Version
	over    bool          // its run has ended
}

// heldKey is what is known of an idempotency key that the database does not know yet.
type heldKey struct {
	keyed    Keyed
	token    string
	acted    *Acted
	response *Response
}

// heldSession is what the database does not know yet of a session.
type heldSession struct {
	session olorin.Session
	ended   bool
}

func newHold(o Options) *hold {
	h := &hold{
		limit: o.MemoryBytes, log: o.Log, settled: o.Settled, dropped: o.Dropped,
		logs: map[string]*heldLog{}, keys: map[string]*heldKey{}, leases: map[string]olorin.Lease{}, sessions: map[string]heldSession{},
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	return h
}

func (h *hold) active() bool { return len(h.jobs) > 0 }

// due tells that it is time to try again.
func (h *hold) due() bool { return h.active() && !time.Now().Before(h.next) }

// retry is ready when it is time to try again; nil where nothing is held, or a probe tells when.
func (h *hold) retry() <-chan time.Time {
	if !h.active() || h.probe != nil {
		return nil
	}
	return time.After(time.Until(h.next))
}

// consider takes a job into memory whose change the database could not take, or refuses it.
func (h *hold) consider(j *job) {
	untried := errors.Is(j.err, errUntried)
	if !untried && !unwritable(j.err) {
		return
	}
	if errors.Is(j.err, errInDoubt) && j.written != nil && h.glance(j.written) {
		j.err = nil
		return
	}
	cause := j.err
	if untried {
		cause = olorin.Errorf(olorin.CodeUnavailable, "the database cannot be written at the moment; nothing was written, try again in a moment")
	}
	if j.keep == nil || h.limit == 0 {
		j.err = cause
		return
	}
	var kept *heldJob
	if kept, j.err = j.keep(h); kept == nil {
		return
	}
	j.held = true
	kept.do = j.do
	if !h.active() {
		h.begin(cause)
	}
	h.jobs = append(h.jobs, *kept)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state.Changes += kept.changes()
	h.state.Bytes += kept.bytes
}

// glance asks the database something, unless it was just found that it does not answer.
func (h *hold) glance(ask func(context.Context) (bool, error)) (answer bool) {
	if h.blind {
		return false
	}
	ctx, done := context.WithTimeout(context.Background(), glanceTime)
	defer done()
	answer, err := ask(ctx)
	h.blind = err != nil
	return answer
}

// full refuses what would be more than may be held. The caller holds mu.
func (h *hold) full(bytes int64) error {
	if h.state.Bytes+bytes <= h.limit {
		return nil
	}
	return olorin.Errorf(olorin.CodeUnavailable,
		"the database cannot be written, and %d MB of changes wait in memory for it, as many as are allowed (OLORIN_MEMORY_MAX_MB); nothing was taken, try again in a moment", h.limit>>20)
}

func (h *hold) begin(cause error) {
	now := time.Now()
	h.wait, h.next, h.remind, h.slow = firstRetry, now.Add(firstRetry), now.Add(reminder), waits(cause)
	h.mu.Lock()
	h.state.Active, h.state.Since, h.state.Cause = true, now, cause.Error()
	h.mu.Unlock()
	h.holding.Store(true)
	h.log.Error("the database cannot be written: changes are held in memory until it can", "error", cause, "limit_mb", h.limit>>20)
}

func (h *hold) end() {
	h.mu.Lock()
	held := time.Since(h.state.Since)
	h.longer += held
	h.state.Active, h.state.Changes, h.state.Bytes = false, 0, 0
	replayed, dropped := h.state.Replayed, h.state.Dropped
	clear(h.logs)
	clear(h.keys)
	clear(h.leases)
	clear(h.sessions)
	h.mu.Unlock()
	h.jobs = nil
	h.holding.Store(false)
	h.log.Warn("the database can be written again: everything held is durable", "after", held.Round(time.Millisecond), "replayed_since_start", replayed, "dropped_since_start", dropped)
}

// status returns what is held.
func (h *hold) status() Holding {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.state
	spent := h.longer
	if s.Active {
		spent += time.Since(s.Since)
	}
	s.Seconds = spent.Seconds()
	return s
}

// keepChange takes a change of an investigation into the overlay, if it fits what is known.
func (h *hold) keepChange(c olorin.Change, r *Reservation) (*heldJob, error) {
	id, last := c.After.ID, c.Lines[len(c.Lines)-1]
	size := int64(heldChangeBytes + len(c.Snapshot))
	for _, l := range c.Lines {
		size += int64(len(l.JSON))
	}
	version, over := h.standing(c)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.full(size); err != nil {
		return nil, err
	}
	switch {
	case c.Before.Version == 0 && version > 0:
		return nil, olorin.Errorf(olorin.CodeExists, "investigation %q exists already", id)
	case c.Before.Version > 0 && version == 0:
		return nil, olorin.NotFound("investigation", id)
	case c.Before.Version != version:
		return nil, olorin.Errorf(olorin.CodeConflict, "investigation %q is at version %d, not at %d: another change came first", id, version, c.Before.Version)
	case c.Lease != nil && over:
		return nil, lost(*c.Lease)
	}
	l := h.logs[id]
	if l == nil {
		l = &heldLog{durable: c.Before.Version}
		h.logs[id] = l
	}
	l.after = c.After
	for _, line := range c.Lines {
		line.Held = true
		l.lines = append(l.lines, line)
	}
	switch c.Run {
	case olorin.RunOver:
		l.over = true
	case olorin.RunQueued, olorin.RunPaused:
		l.over = false
	}
	if r != nil {
		h.key(r).acted = &Acted{"investigation", id, c.After.Version}
	}
	return &heldJob{id: id, version: c.After.Version, last: &last, bytes: size}, nil
}

// standing is the newest version of the investigation of a change, held or on disk, 0 where there is none, and whether a held change ended its
// run. Where it cannot be read now it is taken to be as the change says: the replay will see.
func (h *hold) standing(c olorin.Change) (version int64, over bool) {
	h.mu.Lock()
	l := h.logs[c.After.ID]
	h.mu.Unlock()
	if l != nil {
		return l.after.Version, l.over
	}
	read := h.glance(func(ctx context.Context) (bool, error) {
		err := onDisk(h.reader.row(ctx, []any{&version}, `SELECT version FROM investigations WHERE id = $1`, c.After.ID))
		return err == nil, err
	})
	if !read {
		version = c.Before.Version
	}
	return version, false
}

// key returns what is held of a reservation's key, made where it is not yet. The caller holds mu.
func (h *hold) key(r *Reservation) *heldKey {
	name := r.keyed.UserID + "\x00" + r.keyed.Key
	k := h.keys[name]
	if k == nil || k.token != r.token {
		k = &heldKey{keyed: r.keyed, token: r.token}
		h.keys[name] = k
	}
	return k
}

// knownKey tells what is held of a key.
func (h *hold) knownKey(k Keyed) (Begun, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	held := h.keys[k.UserID+"\x00"+k.Key]
	switch {
	case held == nil:
		return Begun{}, false
	case held.keyed != k:
		return Begun{Mismatch: true}, true
	case held.response != nil:
		return Begun{Response: held.response}, true
	case held.acted != nil:
		return Begun{Acted: held.acted}, true
	}
	return Begun{InProgress: true}, true
}

// forgetKey frees a key whose request did nothing, and tells whether nothing is left to write of it.
func (h *hold) forgetKey(r *Reservation) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := r.keyed.UserID + "\x00" + r.keyed.Key
	k := h.keys[name]
	if k == nil || k.token != r.token || k.acted != nil {
		return false
	}
	delete(h.keys, name)
	i := slices.IndexFunc(h.jobs, func(j heldJob) bool { return j.key == k })
	if i < 0 || len(h.jobs) == 1 { // holding ends with the last job, when it is written
		return false
	}
	h.state.Bytes -= h.jobs[i].bytes
	h.jobs = slices.Delete(h.jobs, i, i+1)
	return true
}

// keepLease notes that a lease goes on; it is written with the rest. until reads how long, when it is.
func (h *hold) keepLease(l olorin.Lease, until olorin.Time) (*heldJob, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if log := h.logs[l.InvestigationID]; log != nil && log.over {
		return nil, lost(l)
	}
	_, known := h.leases[l.InvestigationID]
	l.Until = until
	h.leases[l.InvestigationID] = l
	if known {
		return nil, nil
	}
	return &heldJob{}, nil
}

// keepSession takes a session into the overlay, as it begins, is renewed or ends.
func (h *hold) keepSession(s olorin.Session, ended bool) (*heldJob, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	bytes := int64(heldSessionBytes + len(s.UserID))
	if err := h.full(bytes); err != nil {
		return nil, err
	}
	h.sessions[s.ID] = heldSession{s, ended}
	return &heldJob{bytes: bytes}, nil
}

// session returns what is held of a session.
func (h *hold) session(id string) (heldSession, bool) {
	if !h.holding.Load() {
		return heldSession{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.sessions[id]
	return s, ok
}

// lease returns a lease as it was last renewed.
func (h *hold) lease(l olorin.Lease) olorin.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	if held, ok := h.leases[l.InvestigationID]; ok && held.Owner == l.Owner && held.Epoch == l.Epoch {
		return held
	}
	return l
}

// tryAgain replays what is held once it is time for it. Where the last try had to wait, such as for a lock or for a host that is away, another
// connection waits beside this goroutine until the database can be written, and changes go on into memory meanwhile.
func (w *writer) tryAgain() {
	h := w.hold
	if h.probe != nil {
		select {
		case err := <-h.probe:
			h.probe = nil
			if err != nil {
				h.postpone(err)
				return
			}
			w.replay()
		default:
		}
		return
	}
	switch {
	case !h.due():
	case !h.slow:
		w.replay()
	default:
		outcome := make(chan error, 1)
		h.probe = outcome
		w.behind.Go(func() {
			h.probes.Add(1)
			defer h.probes.Add(1)
			outcome <- w.writable()
			w.queue.signal()
		})
	}
}

// writable tells by another connection whether the database can be written, and waits for it as long as the writer would.
func (w *writer) writable() error {
	pool, conn, err := connect(w.ending, w.source, writing, Options{})
	if err != nil {
		return err
	}
	t := newTx(w.source.dialect, conn, nil)
	err = t.begin()
	if err == nil {
		err = t.control("ROLLBACK")
	}
	t.close()
	return errors.Join(err, pool.Close())
}

// replay writes what is held, in order, until the database refuses again.
func (w *writer) replay() {
	h := w.hold
	if err := w.reader.damage.err(); err != nil {
		h.postpone(err)
		return
	}
	for size := maxBatch; h.active(); {
		size = min(size, len(h.jobs))
		batch := make([]*job, size)
		for i := range batch {
			batch[i] = &job{do: h.jobs[i].do}
		}
		outcome := w.attempt(batch)
		if outcome == spoiled || slices.ContainsFunc(batch, func(j *job) bool { return unwritable(j.err) }) {
			if size > 1 {
				size = 1
				continue
			}
			h.postpone(batch[0].err)
			return
		}
		for _, j := range batch {
			w.settle(h.jobs[0], j.err)
			h.jobs = h.jobs[1:]
		}
	}
	h.end()
}

// postpone waits longer before the next try.
func (h *hold) postpone(cause error) {
	now := time.Now()
	h.wait = min(2*h.wait, lastRetry)
	h.next, h.slow = now.Add(h.wait), waits(cause)
	h.mu.Lock()
	h.state.Cause = cause.Error()
	held, bytes, since := h.state.Changes, h.state.Bytes, h.state.Since
	h.mu.Unlock()
	if now.After(h.remind) {
		h.remind = now.Add(reminder)
		h.log.Error("the database still cannot be written", "held_changes", held, "held_bytes", bytes, "since", since, "error", cause)
	}
}

// settle takes one change out of what is held: it is written, or refused for good.
func (w *writer) settle(j heldJob, err error) {
	h := w.hold
	if err != nil && j.last != nil {
		if done, _ := w.reader.holds(context.Background(), j.id, *j.last); done {
			err = nil // its commit had been in doubt, and had reached the file
		}
	}
	h.mu.Lock()
	h.state.Changes -= j.changes()
	h.state.Bytes -= j.bytes
	l := h.logs[j.id]
	if err == nil {
		h.state.Replayed += int64(j.changes())
		if l != nil {
			n := slices.IndexFunc(l.lines, func(line olorin.Line) bool { return line.Seq > j.version })
			if n < 0 {
				delete(h.logs, j.id)
			} else {
				l.lines, l.durable = l.lines[n:], j.version
			}
		}
	} else if j.last != nil {
		h.state.Dropped++
		delete(h.logs, j.id)
	}
	h.mu.Unlock()
	switch {
	case j.last == nil && err != nil:
		h.log.Warn("what was held in memory of a lease, a key or a session was refused", "error", err)
	case j.last == nil:
	case err == nil && h.settled != nil:
		h.settled(j.id, j.version)
	case err != nil:
		h.log.Error("a change that was held in memory is lost: the database refused it", "investigation_id", j.id, "version", j.version, "error", err)
		if h.dropped != nil {
			h.dropped(j.id)
		}
	}
}

// holds tells whether an event is in the log.
func (r *reader) holds(ctx context.Context, id string, l olorin.Line) (bool, error) {
	var document []byte
	err := onDisk(r.row(ctx, []any{&document}, `
		SELECT e.document FROM events e JOIN investigations i ON e.investigation = i.num WHERE i.id = $1 AND e.seq = $2`, id, l.Seq))
	return err == nil && bytes.Equal(document, l.JSON), err
}

// lastReplay tries for a moment to write what is still held when the database is closed, and says what is lost.
func (w *writer) lastReplay() {
	for until := time.Now().Add(lastChance); w.hold.active() && time.Now().Before(until); {
		if w.replay(); w.hold.active() {
			time.Sleep(min(w.hold.wait, time.Until(until)))
		}
	}
	for _, j := range w.hold.jobs {
		if j.id != "" {
			w.hold.log.Error("a change that was held in memory is lost: the database could not be written before the end", "investigation_id", j.id, "version", j.version)
		}
	}
}

// overlay returns what is held of an investigation.
func (h *hold) overlay(id string) (heldLog, bool) {
	if !h.holding.Load() {
		return heldLog{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.logs[id]
	if l == nil {
		return heldLog{}, false
	}
	return heldLog{l.durable, l.after, slices.Clone(l.lines), l.over}, true
}

// past returns up to limit held lines after seq.
func (l heldLog) past(seq int64, limit int) []olorin.Line {
	i, _ := slices.BinarySearchFunc(l.lines, seq+1, func(line olorin.Line, want int64) int { return int(line.Seq - want) })
	return l.lines[i:min(len(l.lines), i+max(limit, 0))]
}

// head is the head of a held log.
func (l heldLog) head() olorin.Head {
	head := olorin.HeadOf(l.after)
	head.Durable = l.durable
	return head
}

// logLines adds the held log lines to a page that ends with what is on disk.
func (l heldLog) logLines(q olorin.LogQuery, page *olorin.LogPage) error {
	text := strings.ToLower(q.Text)
	for _, line := range l.lines {
		if line.Type != (olorin.LogAppended{}).EventType() {
			continue
		}
		page.Total++
		var event struct {
			Data olorin.LogAppended `json:"data"`
		}
		if err := json.Unmarshal(line.JSON, &event); err != nil {
			return err
		}
		b := event.Data
		one := olorin.LogLine{Seq: line.Seq, Line: page.Total, At: line.At, Level: b.Level, Agent: b.Agent, Tool: b.Tool, Message: b.Message}
		if page.HasMore || line.Seq <= q.Cursor || q.Level != "" && q.Level != b.Level || text != "" && !holds(one, text) {
			continue
		}
		if len(page.Items) == q.Limit {
			page.HasMore = true
			continue
		}
		page.Items = append(page.Items, one)
		page.NextCursor = one.Seq
	}
	return nil
}

// onDisk turns "there is none on disk" into nothing for an investigation that is held.
func onDisk(err error) error {
	if errors.Is(err, sql.ErrNoRows) || olorin.CodeOf(err) == olorin.CodeNotFound {
		return nil
	}
	return err
}
