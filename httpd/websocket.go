package httpd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/coder/websocket"
	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"golang.org/x/time/rate"
)

const (
	protocol     = "olorin.v1"
	maxFrame     = 4 << 10 // bytes of a client's frame
	framesPerSec = 10      // of a client's frames
)

// The codes that a socket is closed with, beside those of RFC 6455: 1000 after end, 1001 where the server stops, 1003 for binary
// frames, 1007 for text that is not UTF-8, 1008 for frames that are not understood or too many, 1009 for those too long, 1011 where
// the investigation cannot be read now.
const (
	closeExpired websocket.StatusCode = 4401 // refresh the token, or log in, and come back with the cursor
	closeMissing websocket.StatusCode = 4404 // there is no such investigation any more
)

// The frames that the server sends.
type (
	helloFrame struct {
		Type       string               `json:"type" enum:"hello,reset"`
		Version    int64                `json:"version"`
		NextCursor int64                `json:"next_cursor" doc:"The seq to come back with: the newest that is durable."`
		Durability olorin.Durability    `json:"durability" enum:"durable,memory"`
		State      olorin.Investigation `json:"state"`
	}
	pongFrame struct {
		Type       string      `json:"type" enum:"pong"`
		ServerTime olorin.Time `json:"server_time"`
	}
)

// clientFrame is what a client may send: {"type": "ping"} or {"type": "presence", "mode": "editing"}.
type clientFrame struct {
	Type string          `json:"type" required:"true" enum:"ping,presence"`
	Mode olorin.ViewMode `json:"mode,omitempty" enum:"viewing,editing"`
}

// socket writes what is new as frames of a WebSocket, and takes pings and what the user does.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) error {
	if err := s.mayStream(); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[streamQuery](s, r)
	if err != nil {
		return err
	}
	if err := mayUpgrade(r); err != nil {
		return err
	}
	st, err := s.enter(context.WithoutCancel(r.Context()), r, id) // the request's own context ends with the hijacking
	if err != nil {
		return err
	}
	defer s.streams.leave(st)
	taken := &hijacked{ResponseWriter: w}
	conn, err := websocket.Accept(taken, r, &websocket.AcceptOptions{
		Subprotocols: []string{protocol}, CompressionMode: websocket.CompressionDisabled, InsecureSkipVerify: true, // mayUpgrade looked at the origin
	})
	if err != nil {
		s.log.Debug("a handshake failed", "request_id", requestID(r), "error", err)
		return nil // Accept has answered
	}
	defer conn.CloseNow() //nolint:errcheck // it is closed by then, or the client has gone
	conn.SetReadLimit(maxFrame)
	presence := s.Hub.Enter(id, st.actor.ID, q.Mode)
	defer presence.Leave()
	to := &frameWriter{conn: conn, patience: patience{set: taken.conn.SetWriteDeadline}}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		defer st.close(nil)
		s.hear(conn, to, presence)
	}()
	cursor := int64(0)
	if q.Cursor != nil {
		cursor = *q.Cursor
	} else {
		var hello []byte
		hello, cursor, err = s.hello(st)
		switch {
		case st.ctx.Err() != nil:
			return s.hangUp(r, conn, heard, st.outcome(), nil)
		case err != nil:
			return s.hangUp(r, conn, heard, failed, err)
		case to.send(hello) != nil:
			return s.hangUp(r, conn, heard, gone, nil)
		}
	}
	why, err := s.follow(st, presence, cursor, to)
	return s.hangUp(r, conn, heard, why, err)
}

// mayUpgrade refuses what is no handshake for this protocol, and what the browser sends for other sites' pages.
func mayUpgrade(r *http.Request) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return olorin.Errorf(codeUpgrade, "this is a WebSocket (subprotocol %s); without one, use the stream at …/events or …/poll", protocol)
	}
	if offered := strings.Join(r.Header.Values("Sec-WebSocket-Protocol"), ","); offered != "" {
		known := false
		for p := range strings.SplitSeq(offered, ",") {
			known = known || strings.TrimSpace(p) == protocol
		}
		if !known {
			return olorin.Invalid("the headers were refused", olorin.Fault{Pointer: "/header/Sec-WebSocket-Protocol", Code: "unknown", Detail: "the subprotocol here is " + protocol})
		}
	}
	origin := r.Header.Get("Origin")
	if origin == "" || r.Header.Get("Authorization") != "" { // no browser puts Authorization on a WebSocket
		return nil
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return olorin.Errorf(codeCrossOrigin, "a session cookie does not count for pages of %s here at %s; a proxy in between must pass the header Host on", quote(origin), quote(r.Host))
	}
	return nil
}

// hello returns the frame with the whole state, and the version from which to go on.
func (s *Server) hello(st *stream) (frame []byte, version int64, err error) {
	inv, err := s.Desk.View(st.ctx, st.actor, st.id)
	if err != nil {
		return nil, 0, err
	}
	frame, err = stateFrame("hello", inv, inv.Durable)
	return frame, inv.Version, err
}

func stateFrame(kind string, inv olorin.Investigation, durable int64) ([]byte, error) {
	f := helloFrame{Type: kind, Version: inv.Version, NextCursor: durable, Durability: olorin.Durable, State: inv}
	if durable < inv.Version {
		f.Durability = olorin.Memory
	}
	return json.Marshal(f)
}

// hear reads what the client sends, until it goes or is sent away.
func (s *Server) hear(conn *websocket.Conn, to *frameWriter, presence *live.Presence) {
	pace := rate.NewLimiter(framesPerSec, 3*framesPerSec)
	for {
		kind, b, err := conn.Read(context.Background())
		switch {
		case err != nil:
			return
		case kind != websocket.MessageText:
			_ = conn.Close(websocket.StatusUnsupportedData, "frames are text")
			return
		case !utf8.Valid(b):
			_ = conn.Close(websocket.StatusInvalidFramePayloadData, "the text is not UTF-8")
			return
		case !pace.Allow():
			_ = conn.Close(websocket.StatusPolicyViolation, fmt.Sprintf("more than %d frames in a second", framesPerSec))
			return
		}
		f, err := readFrame(b)
		if err != nil {
			_ = conn.Close(websocket.StatusPolicyViolation, err.Error())
			return
		}
		if f.Type == "presence" {
			presence.Switch(f.Mode)
			continue
		}
		pong, err := json.Marshal(pongFrame{"pong", s.Clock()})
		if err != nil || to.send(pong) != nil {
			return
		}
	}
}

// readFrame reads a frame of the client's. Members that are not known are refused, as in bodies.
func readFrame(b []byte) (clientFrame, error) {
	doc, err := parseJSON(b)
	if err != nil {
		return clientFrame{}, olorin.Errorf(codeMalformed, "the frame is not JSON")
	}
	members, _ := doc.tree.(map[string]any)
	kind, _ := members["type"].(string)
	mode, _ := members["mode"].(string)
	f := clientFrame{kind, olorin.ViewMode(mode)}
	switch {
	case f.Type == "ping" && len(members) == 1:
	case f.Type == "presence" && len(members) == 2 && (f.Mode == olorin.Viewing || f.Mode == olorin.Editing):
	default:
		return clientFrame{}, olorin.Errorf(olorin.CodeInvalid, `send {"type":"ping"} or {"type":"presence","mode":"viewing|editing"}`)
	}
	return f, nil
}

// hangUp closes a socket and says why. It returns when the reader has ended.
func (s *Server) hangUp(r *http.Request, conn *websocket.Conn, heard <-chan struct{}, why outcome, err error) error {
	switch why {
	case ended:
		_ = conn.Close(websocket.StatusNormalClosure, "the run has ended")
	case expired:
		_ = conn.Close(closeExpired, "the token has expired or its session has ended")
	case stopping:
		_ = conn.Close(websocket.StatusGoingAway, "the server stops")
	case failed:
		if code := olorin.CodeOf(err); code == olorin.CodeNotFound || code == olorin.CodeForbidden {
			_ = conn.Close(closeMissing, "there is no such investigation")
			break
		}
		s.brokeOff(r, err)
		_ = conn.Close(websocket.StatusInternalError, "the investigation cannot be read now")
	case gone:
	}
	_ = conn.CloseNow()
	<-heard
	return nil
}

// hijacked keeps hold of the connection, for its deadlines.
type hijacked struct {
	http.ResponseWriter
	conn net.Conn
}

// Hijack implements http.Hijacker.
func (h *hijacked) Hijack() (conn net.Conn, rw *bufio.ReadWriter, err error) {
	conn, rw, err = http.NewResponseController(h.ResponseWriter).Hijack()
	h.conn = conn
	return conn, rw, err
}

// frameWriter is the carrier of WebSocket frames.
type frameWriter struct {
	conn     *websocket.Conn
	patience patience
	pinging  atomic.Bool
}

func (*frameWriter) kind() int { return wsCarrier }

func (*frameWriter) event(l olorin.Line) []byte {
	b := append(make([]byte, 0, len(l.JSON)+40), `{"type":"event","event":`...)
	return append(append(b, l.Bytes()...), '}')
}

func (*frameWriter) reset(d olorin.Delta) ([]byte, error) {
	return stateFrame("reset", *d.State, d.NextCursor)
}

func (*frameWriter) durable(seq int64) []byte {
	return fmt.Appendf(nil, `{"type":"durable","seq":%d}`, seq)
}

func (*frameWriter) presence(viewers []byte) []byte {
	return fmt.Appendf(nil, `{"type":"presence","viewers":%s}`, viewers)
}

func (*frameWriter) end(status olorin.Status) []byte {
	return fmt.Appendf(nil, `{"type":"end","status":%q}`, status)
}

// beat pings. A client that has not answered by the next beat has gone.
func (f *frameWriter) beat() error {
	if !f.pinging.CompareAndSwap(false, true) {
		return net.ErrClosed
	}
	f.patience.extend()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), heartbeat)
		defer cancel()
		// A ping waits behind a write that waits, and that one has its deadline.
		if f.conn.Ping(ctx) != nil {
			_ = f.conn.CloseNow()
			return
		}
		f.pinging.Store(false)
	}()
	return nil
}

// send may be called by the reader and the writer at once.
func (f *frameWriter) send(frames ...[]byte) error {
	f.patience.extend()
	for _, b := range frames {
		if err := f.conn.Write(context.Background(), websocket.MessageText, b); err != nil {
			return err
		}
	}
	return nil
}
