package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
)

type streamQuery struct {
	Cursor *int64          `json:"cursor,omitempty" doc:"The seq up to which the client holds everything; Last-Event-ID goes before it."`
	Mode   olorin.ViewMode `json:"mode,omitempty" enum:"viewing,editing" default:"viewing" doc:"What the others are told that the user does."`
}

const (
	heartbeat  = 10 * time.Second
	writeTime  = 20 * time.Second // that a client may take at most to read what was sent; one that takes longer comes back and is caught up from the log
	maxShared  = 256 << 10        // bytes of a growth that is kept encoded for the next stream
	sseCarrier = 0
	wsCarrier  = 1
)

// carrier writes what a stream says in the way of its transport.
type carrier interface {
	// kind is an index of encodings that streams of one investigation share.
	kind() int
	event(l olorin.Line) []byte
	reset(d olorin.Delta) ([]byte, error)
	durable(seq int64) []byte
	presence(viewers []byte) []byte
	end(status olorin.Status) []byte
	// send writes frames, within the time that a write may take.
	send(frames ...[]byte) error
	// beat keeps the connection alive.
	beat() error
}

// patience is the deadline of a stream's writes. It is moved on only once half of it is over, since each move costs about as much as
// encoding an event; a beat comes before it is over, so that no deadline passes while nothing waits to be written.
type patience struct {
	set   func(time.Time) error
	until atomic.Int64 // nanoseconds; a socket is written by its reader, too
}

func (p *patience) extend() {
	now := time.Now()
	if until := p.until.Load(); until-now.UnixNano() < int64(writeTime/2) && p.until.CompareAndSwap(until, now.Add(writeTime).UnixNano()) {
		_ = p.set(now.Add(writeTime)) // a connection without deadlines is one of a test
	}
}

// patientWriter is for a client that takes long, as long as it takes something.
type patientWriter struct {
	to io.Writer
	patience
}

func (w *patientWriter) Write(b []byte) (int, error) {
	w.extend()
	return w.to.Write(b)
}

// outcome is why a stream ended.
type outcome int

const (
	ended    outcome = iota // the status is terminal, and everything was sent
	expired                 // the token, or its session: come back with a new one
	stopping                // the server goes down: come back
	gone                    // the client went away, or took too long
	failed                  // the investigation cannot be read
)

// follow sends the answers of Desk.Updates from cursor on until the run has ended. The channel is taken before each question, so that
// no growth is missed. A slow reader slows nobody: it waits in send, and is caught up from the log.
func (s *Server) follow(st *stream, presence *live.Presence, cursor int64, to carrier) (outcome, error) {
	held, durable := false, int64(0)
	looking := int64(-1) // who looks is to be told
	left := func() time.Duration { return st.claims.ExpiresAt.Sub(s.Clock().Time) }
	beat := time.NewTimer(min(heartbeat, left())) // not moved by what is sent, since that would cost more than a beat too many
	defer beat.Stop()
	for {
		if left() <= 0 {
			return expired, nil
		}
		news, moves := presence.Signals()
		d, err := s.Desk.Updates(st.ctx, st.actor, st.id, cursor, 0)
		switch {
		case st.ctx.Err() != nil:
			return st.outcome(), nil
		case err != nil:
			return failed, err
		}
		var frames [][]byte
		if d.Durable > durable && held {
			frames = append(frames, to.durable(min(d.Durable, cursor)))
		}
		more := d.HasMore || d.Last < d.Version // what is held is paged through, too
		held, durable = d.Durability == olorin.Memory, d.Durable
		cursor = d.Last // events that are held are sent once: the client's cursor stays before them
		if d.Reset {
			frame, err := to.reset(d)
			if err != nil {
				return failed, err
			}
			frames = append(frames, frame)
		}
		if shared := st.room.encoded(to, d.Events); frames == nil {
			frames = shared[:len(shared):len(shared)]
		} else {
			frames = append(frames, shared...)
		}
		if !more && looking != moves {
			viewers, err := json.Marshal(s.Hub.Viewers(st.id))
			if err != nil {
				return failed, err
			}
			frames, looking = append(frames, to.presence(viewers)), moves
		}
		over := !more && d.Status.Terminal() && d.Durability == olorin.Durable // an end that is only held may yet be lost
		if over {
			frames = append(frames, to.end(d.Status))
		}
		if len(frames) > 0 {
			if err := to.send(frames...); err != nil {
				return gone, nil
			}
		}
		if over {
			return ended, nil
		}
		if more {
			continue
		}
		select {
		case <-news:
		case <-beat.C:
			if olorin.CodeOf(s.stands(st.ctx, st.claims)) == olorin.CodeUnauthenticated {
				return expired, nil
			}
			if err := to.beat(); err != nil {
				return gone, nil
			}
			beat.Reset(min(heartbeat, left()))
		case <-st.ctx.Done():
			return st.outcome(), nil
		}
	}
}

// streams are all that are open.
type streams struct {
	limit int // for each user

	mu      sync.Mutex // protects all below
	all     map[*stream]struct{}
	users   map[string]int
	rooms   map[string]*room
	stopped bool
}

// stream is one that is open, until its context ends.
type stream struct {
	id     string
	actor  olorin.Actor
	claims Claims
	room   *room
	ctx    context.Context
	close  context.CancelCauseFunc
}

// Why a stream is closed from outside.
var (
	errEnded   = errors.New("the session has ended")
	errStopped = errors.New("the server stops")
)

// outcome is why the context of a stream ended.
func (st *stream) outcome() outcome {
	switch context.Cause(st.ctx) {
	case errEnded:
		return expired
	case errStopped:
		return stopping
	}
	return gone
}

func newStreams(limit int) streams {
	return streams{limit: limit, all: map[*stream]struct{}{}, users: map[string]int{}, rooms: map[string]*room{}}
}

// enter opens a stream, where its user may have one more.
func (s *streams) enter(ctx context.Context, id string, actor olorin.Actor, claims Claims) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[actor.ID] >= s.limit {
		return nil, olorin.Errorf(olorin.CodeRateLimited, "%d streams are open already; close one, or poll", s.limit)
	}
	st := &stream{id: id, actor: actor, claims: claims, room: s.rooms[id]}
	st.ctx, st.close = context.WithCancelCause(ctx)
	if s.stopped {
		st.close(errStopped)
	}
	if st.room == nil {
		st.room = &room{}
		s.rooms[id] = st.room
	}
	st.room.streams++
	s.users[actor.ID]++
	s.all[st] = struct{}{}
	return st, nil
}

// leave closes a stream.
func (s *streams) leave(st *stream) {
	st.close(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, st)
	if s.users[st.actor.ID]--; s.users[st.actor.ID] == 0 {
		delete(s.users, st.actor.ID)
	}
	if st.room.streams--; st.room.streams == 0 {
		delete(s.rooms, st.id)
	}
}

// end closes the streams of a session.
func (s *streams) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for st := range s.all {
		if st.claims.Session == session {
			st.close(errEnded)
		}
	}
}

// stop closes all streams, and those that are opened from now on.
func (s *streams) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	for st := range s.all {
		st.close(errStopped)
	}
}

// room is what the streams of one investigation share: the newest growth, encoded once for each transport.
type room struct {
	streams int // protected by the mutex of streams

	mu    sync.Mutex // protects batch
	batch [2]batch   // by kind of carrier
}

// batch is some lines and what became of them. Lines are the same where their bytes lie in the same place: a seq alone does not tell,
// since one that was held in memory may be taken by another event.
type batch struct {
	lines  []olorin.Line
	frames [][]byte
}

// encoded returns the frames of lines. A thousand streams that are at the same place pay for one encoding.
func (r *room) encoded(to carrier, lines []olorin.Line) [][]byte {
	if len(lines) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b := &r.batch[to.kind()]
	if sameLines(b.lines, lines) {
		return b.frames
	}
	frames, size := make([][]byte, len(lines)), 0
	for i, l := range lines {
		frames[i] = to.event(l)
		size += len(frames[i])
	}
	if size <= maxShared {
		*b = batch{lines, frames}
	}
	return frames
}

func sameLines(a, b []olorin.Line) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Held != b[i].Held || len(a[i].JSON) == 0 || len(b[i].JSON) == 0 || &a[i].JSON[0] != &b[i].JSON[0] {
			return false
		}
	}
	return true
}
