package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/olorin-dev/olorin"
)

// events writes what is new as server-sent events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayStream(); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, cursor, err := s.place(r)
	if err != nil {
		return err
	}
	st, err := s.enter(r.Context(), r, id)
	if err != nil {
		return err
	}
	defer s.streams.leave(st)
	presence := s.Hub.Enter(id, st.actor.ID, q.Mode)
	defer presence.Leave()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(w)
	to := &eventWriter{w: w, control: control, patience: patience{set: control.SetWriteDeadline}}
	if to.send([]byte("retry: 1000\n\n")) != nil {
		return nil // the client has gone
	}
	if _, err := s.follow(st, presence, cursor, to); err != nil {
		s.brokeOff(r, err)
	}
	return nil // whatever the reason, the client comes back with its cursor, and is told then
}

// mayStream refuses where streams are switched off.
func (s *Server) mayStream() error {
	if s.options.Features.Streams {
		return nil
	}
	return olorin.Errorf(olorin.CodeFeatureDisabled, "streams are switched off (FEATURE_WIZARD_STREAMS_ENABLED); use …/poll")
}

// place returns from where on a stream is wanted.
func (s *Server) place(r *http.Request) (q streamQuery, cursor int64, err error) {
	if q, err = query[streamQuery](s, r); err != nil {
		return q, 0, err
	}
	if q.Cursor != nil {
		cursor = *q.Cursor
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		if cursor, err = strconv.ParseInt(last, 10, 64); err != nil {
			return q, 0, olorin.Invalid("the headers were refused", olorin.Fault{Pointer: "/header/Last-Event-ID", Code: "invalid", Detail: quote(last) + " is not the id of an event"})
		}
	}
	return q, cursor, nil
}

// enter opens a stream for somebody who may see the investigation. It ends with ctx.
func (s *Server) enter(ctx context.Context, r *http.Request, id string) (*stream, error) {
	actor := actorOf(r)
	if _, err := s.Desk.Head(r.Context(), actor, id); err != nil {
		return nil, err
	}
	claims := visitOf(r).claims
	if !s.Clock().Before(claims.ExpiresAt) { // it may have been let in because clocks differ
		return nil, refusedToken("it has expired; log in again or refresh", nil)
	}
	st, err := s.streams.enter(ctx, id, actor, claims)
	if err != nil {
		return nil, err
	}
	if err := s.stands(r.Context(), claims); err != nil { // it ended since the token was looked at
		s.streams.leave(st)
		return nil, err
	}
	return st, nil
}

func (s *Server) brokeOff(r *http.Request, err error) {
	s.log.Warn("a stream broke off", "request_id", requestID(r), "error", err)
}

// eventWriter is the carrier of server-sent events.
type eventWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience patience
}

func (*eventWriter) kind() int { return sseCarrier }

// event has an id only where it is durable: the browser's cursor must not move past what may yet be lost.
func (*eventWriter) event(l olorin.Line) []byte {
	if l.Held {
		return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", l.Type, l.Bytes())
	}
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", l.Seq, l.Type, l.JSON)
}

func (*eventWriter) reset(d olorin.Delta) ([]byte, error) {
	state, err := json.Marshal(d.State)
	return fmt.Appendf(nil, "id: %d\nevent: reset\ndata: %s\n\n", d.NextCursor, state), err
}

func (*eventWriter) durable(seq int64) []byte {
	return fmt.Appendf(nil, "id: %d\nevent: durable\ndata: {\"seq\":%d}\n\n", seq, seq)
}

func (*eventWriter) presence(viewers []byte) []byte {
	return fmt.Appendf(nil, "event: presence\ndata: {\"viewers\":%s}\n\n", viewers)
}

func (*eventWriter) end(status olorin.Status) []byte {
	return fmt.Appendf(nil, "event: end\ndata: {\"status\":%q}\n\n", status)
}

func (e *eventWriter) beat() error { return e.send([]byte(": still here\n\n")) }

func (e *eventWriter) send(frames ...[]byte) error {
	e.patience.extend()
	for _, f := range frames {
		if _, err := e.w.Write(f); err != nil {
			return err
		}
	}
	return e.control.Flush()
}
