package httpd

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"go.uber.org/goleak"
)

// narrow is a listener whose connections hold little that is not read.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	conn, err := n.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(4 << 10)
	}
	return conn, err
}

func TestSlowReaderSlowsNobodyAndMissesNothing(t *testing.T) {
	h := newHouse(t)
	server := httptest.NewUnstartedServer(h.door)
	server.Listener = narrow{server.Listener}
	server.Start()
	t.Cleanup(server.Close)
	h.url = server.URL
	ana := h.ana()
	id := ana.draft("Case")
	var slow [2]net.Conn
	for i := range slow {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		slow[i] = conn
	}
	ask := "GET /api/v1/wizard/" + id + "/%s?cursor=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ana.token + "\r\n%s\r\n"
	fmt.Fprintf(slow[0], ask, "events", "")
	fmt.Fprintf(slow[1], ask, "ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
	waitFor(t, "the slow ones to be there", func() bool { return h.openStreams() == 2 })
	quick, socket := ana.listen(t, "/api/v1/wizard/"+id+"/events?cursor=1"), ana.plug(t, id, "?cursor=1")

	// Forty saves of 100 KB are far more than what lies between: the slow ones stand still in the middle.
	const saves = 40
	actor := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	seq := int64(1)
	for i := range saves {
		settings := olorin.DefaultSettings()
		settings.Entities = []olorin.Entity{{Type: "user_id", Value: fmt.Sprint(i, strings.Repeat("v", 100<<10)), Weight: 1}}
		c, err := h.desk.Change(t.Context(), actor, id, olorin.Save{Settings: &settings}.Decide, olorin.Condition{})
		if err != nil {
			t.Fatal(err)
		}
		for ; seq < c.Investigation.Version; seq++ {
			if m, ok := quick.next(); !ok || m.id != fmt.Sprint(seq+1) {
				t.Fatalf("after %d comes %.100v", seq, m)
			}
			if f := socket.next("event"); f.Event.Seq != seq+1 {
				t.Fatalf("after %d comes %d", seq, f.Event.Seq)
			}
		}
	}
	// Now they read, and find everything, or come back for the rest.
	for i, conn := range slow {
		if err := conn.(*net.TCPConn).SetReadBuffer(4 << 20); err != nil {
			t.Fatal(err)
		}
		found, next := []byte{}, int64(2)
		part := make([]byte, 64<<10)
		for next <= seq {
			n, err := conn.Read(part)
			found = append(found, part[:n]...)
			for {
				mark := fmt.Appendf(nil, `{"seq":%d,`, next)
				at := bytes.Index(found, mark)
				if at < 0 {
					break
				}
				found, next = found[at+len(mark):], next+1
			}
			if err != nil && next <= seq {
				t.Logf("reader %d was sent away after %d of %d: %v", i, next-1, seq, err)
				again := ana.plug(t, id, fmt.Sprint("?cursor=", next-1))
				for ; next <= seq; next++ {
					if f := again.next("event"); f.Event.Seq != next {
						t.Fatalf("reader %d: %d comes in place of %d", i, f.Event.Seq, next)
					}
				}
			}
		}
	}
}

func TestStreamsLeaveNothingBehind(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.do("GET", poll(id, ""), nil)
	http.DefaultClient.CloseIdleConnections()
	before := goleak.IgnoreCurrent()
	for round := range 3 {
		for range 5 {
			l := ana.listen(t, "/api/v1/wizard/"+id+"/events")
			p := ana.plug(t, id, "")
			l.next()
			p.next("hello")
			if round == 1 { // some go without a word
				_ = p.conn.CloseNow()
			} else {
				_ = p.conn.Close(1000, "")
			}
			l.answer.Body.Close()
		}
		ana.do("GET", poll(id, "?wait_ms=20&cursor=1"), nil).want(200)
	}
	waitFor(t, "the streams to be gone", func() bool { return h.openStreams() == 0 })
	if _, watchers, _ := h.hub.Stats(); watchers != 0 {
		t.Errorf("%d watchers are left", watchers)
	}
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
	if v := h.hub.Viewers(id); len(v) > 1 { // the poller, for a while
		t.Errorf("still looking: %+v", v)
	}
}

// Whatever a client sends as a frame is taken as one of the two kinds, or refused.
func FuzzFrame(f *testing.F) {
	for _, seed := range []string{`{"type":"ping"}`, `{"type":"presence","mode":"editing"}`, `{"type":"ping","type":"ping"}`, `[]`, `{"type":1}`, "\xff", `{"type":"presence","mode":null}`, `{}{}`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := readFrame(b)
		if err != nil {
			if len(err.Error()) > 123 { // what fits into a close frame
				t.Errorf("%q is refused at length: %v", b, err)
			}
			return
		}
		if frame != (clientFrame{"ping", ""}) && frame != (clientFrame{"presence", olorin.Viewing}) && frame != (clientFrame{"presence", olorin.Editing}) {
			t.Errorf("%q is taken as %+v", b, frame)
		}
	})
}

// A cursor, wherever it is given, is a number that is told back, or a fault of the client's.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"0", "17", "-1", "9223372036854775807", "9223372036854775808", "1e3", "0x1", " 1", "+1", "\xff", "1\n"} {
		f.Add(seed, "cursor=1&mode=editing")
		f.Add("", "cursor="+seed)
	}
	s := fuzzServer()
	f.Fuzz(func(t *testing.T, id, query string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		r.Header.Set("Last-Event-ID", id)
		q, cursor, err := s.place(r)
		if err != nil {
			if e, ok := asError(err); !ok || len(e.Faults) == 0 {
				t.Fatalf("%q %q: %v is no error of the client's", id, query, err)
			}
			return
		}
		if id != "" && fmt.Sprint(cursor) != strings.TrimLeft(id, "+0") && cursor != 0 && fmt.Sprint(cursor) != "-"+strings.TrimLeft(id, "-0") {
			t.Fatalf("Last-Event-ID %q is read as %d", id, cursor)
		}
		if q.Mode != "" && q.Mode != olorin.Viewing && q.Mode != olorin.Editing {
			t.Fatalf("%q: %+v", query, q)
		}
	})
}
