package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
)

type streamQuery struct {
	Cursor *int64 `json:"cursor,omitempty" doc:"The seq up to which the client holds everything; Last-Event-ID goes before it."`
}

const (
	heartbeat  = 10 * time.Second // also a sign of presence
	streamTime = 10 * time.Second // that a write may take
	maxStreams = 20               // per user
)

// streams counts what each user has open.
type streams struct {
	mu   sync.Mutex // protects open
	open map[string]int
}

func (s *streams) enter(user string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[user] >= maxStreams {
		return false
	}
	s.open[user]++
	return true
}

func (s *streams) leave(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[user]--; s.open[user] == 0 {
		delete(s.open, user)
	}
}

// stream writes the answers of Desk.Updates as server-sent events. A slow reader slows nobody: it is caught up from the log.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[streamQuery](s, r)
	if err != nil {
		return err
	}
	cursor := int64(0)
	if q.Cursor != nil {
		cursor = *q.Cursor
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		if cursor, err = strconv.ParseInt(last, 10, 64); err != nil {
			return olorin.Invalid("the headers were refused", olorin.Fault{Pointer: "/header/Last-Event-ID", Code: "invalid", Detail: quote(last) + " is not the id of an event"})
		}
	}
	actor := actorOf(r)
	if _, err := s.Desk.Head(r.Context(), actor, id); err != nil {
		return err
	}
	if !s.streams.enter(actor.ID) {
		return olorin.Errorf(olorin.CodeRateLimited, "%d streams are open already; close one, or poll", maxStreams)
	}
	defer s.streams.leave(actor.ID)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	out.printf("retry: 1000\n\n")
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	claims, _ := r.Context().Value(claimsKey{}).(Claims)
	held, durable := false, int64(0)
	for out.err == nil {
		if now := s.Clock(); !now.Before(claims.ExpiresAt) || claims.Session != "" && s.ended.has(claims.Session) {
			return nil // the client comes back with a new token, or is told to log in
		}
		s.Hub.Seen(id, actor.ID)
		grown, stop := s.Hub.Watch(id)
		d, err := s.Desk.Updates(r.Context(), actor, id, cursor, 0)
		if err != nil {
			stop()
			s.log.Warn("a stream broke off", "request_id", requestID(r), "error", err)
			return nil // the status was sent; the client reconnects
		}
		if d.Durable > durable && durable > 0 && held {
			out.printf("id: %d\nevent: durable\ndata: {\"seq\":%d}\n\n", min(d.Durable, cursor), min(d.Durable, cursor))
		}
		held, durable = d.Durability == olorin.Memory, d.Durable
		cursor = d.Last // events that are held are sent once, without an id: the client's cursor stays before them
		out.delta(d)
		switch {
		case d.HasMore:
		case d.Status.Terminal():
			out.printf("event: end\ndata: {\"status\":%q}\n\n", d.Status)
			stop()
			return nil
		default:
			out.flush()
			select {
			case <-grown:
			case <-beat.C:
				out.printf(": still here\n\n")
			case <-s.stopping:
				stop()
				return nil
			case <-r.Context().Done():
				stop()
				return nil
			}
		}
		stop()
	}
	return nil
}

// eventWriter writes until something fails, and then no more.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error
}

func (e *eventWriter) printf(format string, args ...any) {
	if e.err == nil {
		_ = e.control.SetWriteDeadline(time.Now().Add(streamTime)) // a connection without deadlines is one of a test
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

func (e *eventWriter) flush() {
	if e.err == nil {
		e.err = e.control.Flush()
	}
}

func (e *eventWriter) delta(d olorin.Delta) {
	if d.Reset {
		state, err := json.Marshal(d.State)
		if err != nil {
			e.err = err
			return
		}
		e.printf("id: %d\nevent: reset\ndata: %s\n\n", d.NextCursor, state)
	}
	for _, l := range d.Events {
		if l.Held {
			e.printf("event: %s\ndata: %s\n\n", l.Type, l.Bytes())
			continue
		}
		e.printf("id: %d\nevent: %s\ndata: %s\n\n", l.Seq, l.Type, l.JSON)
	}
}
