package httpd

import (
	"context"
	"encoding/json"
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

// outcome is why a stream ended.
type outcome int

const (
	ended    outcome = iota // the status is terminal, and everything was sent
	expired                 // the token, or its session: come back with a new one
	stopping                // the server goes down: come back
	gone                    // the client went away, or took too long
	failed                  // the investigation cannot be read
)

// follow sends the answers of Desk.Updates from cursor on until the run has ended. The channels are taken before each question, so that
// no growth is missed. A slow reader slows nobody: it waits in send, and is caught up from the log.
func (s *Server) follow(ctx context.Context, st *stream, presence *live.Presence, cursor int64, to carrier) (outcome, error) {
	held, durable := false, int64(0)
	var looking <-chan struct{} // nil: who looks is to be told
	left := func() time.Duration { return st.claims.ExpiresAt.Sub(s.Clock().Time) }
	beat := time.NewTimer(min(heartbeat, left())) // not moved by what is sent, since that would cost more than a beat too many
	defer beat.Stop()
	for {
		if left() <= 0 {
			return expired, nil
		}
		grown, moved := presence.Signals()
		d, err := s.Desk.Updates(ctx, st.actor, st.id, cursor, 0)
		if err != nil {
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
		frames = append(frames, st.room.encoded(to, d.Events)...)
		if !more && looking != moved {
			viewers, err := json.Marshal(s.Hub.Viewers(st.id))
			if err != nil {
				return failed, err
			}
			frames, looking = append(frames, to.presence(viewers)), moved
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
		case <-grown:
		case <-moved:
		case <-beat.C:
			if olorin.CodeOf(s.stands(ctx, st.claims)) == olorin.CodeUnauthenticated {
				return expired, nil
			}
			if err := to.beat(); err != nil {
				return gone, nil
			}
			beat.Reset(min(heartbeat, left()))
		case <-st.over:
			return expired, nil
		case <-s.stopping:
			return stopping, nil
		case <-ctx.Done():
			return gone, nil
		}
	}
}

// streams are all that are open.
type streams struct {
	limit int // for each user

	mu       sync.Mutex // protects all below
	open     map[string]int
	rooms    map[string]*room
	sessions map[string]*session
}

// stream is one that is open.
type stream struct {
	id     string
	actor  olorin.Actor
	claims Claims
	room   *room
	over   <-chan struct{} // closed where the session ends
}

// session is a login that streams were opened with.
type session struct {
	streams int
	over    chan struct{}
}

func newStreams(limit int) streams {
	return streams{limit: limit, open: map[string]int{}, rooms: map[string]*room{}, sessions: map[string]*session{}}
}

// enter opens a stream, where its user may have one more.
func (s *streams) enter(id string, actor olorin.Actor, claims Claims) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[actor.ID] >= s.limit {
		return nil, olorin.Errorf(olorin.CodeRateLimited, "%d streams are open already; close one, or poll", s.limit)
	}
	s.open[actor.ID]++
	st := &stream{id: id, actor: actor, claims: claims, room: s.rooms[id]}
	if st.room == nil {
		st.room = &room{}
		s.rooms[id] = st.room
	}
	st.room.streams++
	if claims.Session != "" {
		login := s.sessions[claims.Session]
		if login == nil {
			login = &session{over: make(chan struct{})}
			s.sessions[claims.Session] = login
		}
		login.streams++
		st.over = login.over
	}
	return st, nil
}

// leave closes a stream.
func (s *streams) leave(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[st.actor.ID]--; s.open[st.actor.ID] == 0 {
		delete(s.open, st.actor.ID)
	}
	if st.room.streams--; st.room.streams == 0 {
		delete(s.rooms, st.id)
	}
	if login := s.sessions[st.claims.Session]; login != nil && login.over == st.over {
		if login.streams--; login.streams == 0 {
			delete(s.sessions, st.claims.Session)
		}
	}
}

// end closes the streams of a session.
func (s *streams) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if login, ok := s.sessions[session]; ok {
		close(login.over)
		delete(s.sessions, session)
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
