package httpd

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/olorin-dev/olorin"
)

// wireFrame is any frame that the server sends.
type wireFrame struct {
	Type       string                `json:"type"`
	Version    int64                 `json:"version"`
	NextCursor int64                 `json:"next_cursor"`
	Seq        int64                 `json:"seq"`
	Durability olorin.Durability     `json:"durability"`
	State      *olorin.Investigation `json:"state"`
	Event      struct{ Seq int64 }   `json:"event"`
	Viewers    []olorin.Viewer       `json:"viewers"`
	Status     olorin.Status         `json:"status"`
	ServerTime *olorin.Time          `json:"server_time"`
}

// plug is one end of a WebSocket.
type plug struct {
	t    *testing.T
	conn *websocket.Conn
	ctx  context.Context
}

func (c client) dial(t *testing.T, id, query string, headers ...header) (*plug, *http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	h := http.Header{}
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
	o := &websocket.DialOptions{HTTPHeader: h, HTTPClient: c.http, Subprotocols: []string{protocol}}
	for _, x := range headers {
		if x[0] == "Sec-WebSocket-Protocol" {
			o.Subprotocols = []string{x[1]}
			continue
		}
		h.Set(x[0], x[1])
	}
	conn, answer, err := websocket.Dial(ctx, c.url+"/api/v1/wizard/"+id+"/ws"+query, o)
	if err != nil {
		return nil, answer, err
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return &plug{t, conn, ctx}, answer, nil
}

func (c client) plug(t *testing.T, id, query string, headers ...header) *plug {
	t.Helper()
	p, answer, err := c.dial(t, id, query, headers...)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Header.Get("Sec-WebSocket-Extensions") != "" || p.conn.Subprotocol() != protocol {
		t.Errorf("handshake %v", answer.Header)
	}
	return p
}

func (p *plug) read() (f wireFrame, err error) {
	p.t.Helper()
	kind, b, err := p.conn.Read(p.ctx)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(b, &f); err != nil || kind != websocket.MessageText {
		p.t.Fatalf("%v %s: %v", kind, b, err)
	}
	return f, nil
}

// next returns the next frame of a type, passing over those that tell who looks.
func (p *plug) next(kind string) wireFrame {
	p.t.Helper()
	for {
		f, err := p.read()
		if err != nil {
			p.t.Fatal(err)
		}
		if f.Type == kind {
			return f
		}
		if f.Type != "presence" {
			p.t.Fatalf("for %s comes %+v", kind, f)
		}
	}
}

func (p *plug) send(text string) {
	p.t.Helper()
	if err := p.conn.Write(p.ctx, websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// closed reads on to the end and returns its code.
func (p *plug) closed() websocket.StatusCode {
	p.t.Helper()
	for {
		if _, err := p.read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestSocketBringsEveryEventOnceAndEnds(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.rename(id, 2)
	p := ana.plug(t, id, "", header{"Accept-Encoding", "gzip"})
	if f := p.next("hello"); f.Version != 3 || f.NextCursor != 3 || f.State == nil || f.State.Version != 3 || f.Durability != olorin.Durable {
		t.Fatalf("hello %+v", f)
	}
	seq := int64(3)
	follow := func(until int64) {
		t.Helper()
		for ; seq < until; seq++ {
			if f := p.next("event"); f.Event.Seq != seq+1 {
				t.Fatalf("after %d comes %d", seq, f.Event.Seq)
			}
		}
	}
	ana.rename(id, 3)
	follow(6)
	p.send(`{"type":"ping"}`)
	if f := p.next("pong"); f.ServerTime == nil {
		t.Errorf("pong %+v", f)
	}
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
	version := ana.do("POST", "/api/v1/wizard/"+id+"/cancel", nil).want(200).state().Version
	follow(version)
	if f := p.next("end"); f.Status != olorin.Cancelled {
		t.Errorf("end %+v", f)
	}
	if code := p.closed(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with %d", code)
	}
	// With a cursor, what is missing comes at once; one that cannot be served is answered by the state.
	again := ana.plug(t, id, "?cursor=4")
	if f, err := again.read(); err != nil || f.Type != "event" || f.Event.Seq != 5 {
		t.Errorf("from 4: %+v %v", f, err)
	}
	if f := ana.plug(t, id, "?cursor=999").next("reset"); f.Version != version || f.State == nil || f.State.ID != id {
		t.Errorf("from the future: %+v", f)
	}
}

func TestSocketTakesNoOtherFrames(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	for name, c := range map[string]struct {
		kind websocket.MessageType
		text string
		code websocket.StatusCode
	}{
		"binary":         {websocket.MessageBinary, `{"type":"ping"}`, websocket.StatusUnsupportedData},
		"not UTF-8":      {websocket.MessageText, "{\"type\":\"\xff\"}", websocket.StatusInvalidFramePayloadData},
		"not JSON":       {websocket.MessageText, "ping", websocket.StatusPolicyViolation},
		"no object":      {websocket.MessageText, `["ping"]`, websocket.StatusPolicyViolation},
		"unknown type":   {websocket.MessageText, `{"type":"save"}`, websocket.StatusPolicyViolation},
		"unknown member": {websocket.MessageText, `{"type":"ping","to":1}`, websocket.StatusPolicyViolation},
		"no mode":        {websocket.MessageText, `{"type":"presence","mode":"asleep"}`, websocket.StatusPolicyViolation},
		"too long":       {websocket.MessageText, `{"type":"` + strings.Repeat("p", maxFrame) + `"}`, websocket.StatusMessageTooBig},
	} {
		t.Run(name, func(t *testing.T) {
			p := ana.plug(t, id, "?cursor=1")
			if err := p.conn.Write(p.ctx, c.kind, []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			if code := p.closed(); code != c.code {
				t.Errorf("closed with %d, not %d", code, c.code)
			}
		})
	}
	t.Run("too many", func(t *testing.T) {
		p := ana.plug(t, id, "?cursor=1")
		go func() {
			for p.conn.Write(p.ctx, websocket.MessageText, []byte(`{"type":"ping"}`)) == nil {
			}
		}()
		if code := p.closed(); code != websocket.StatusPolicyViolation {
			t.Errorf("closed with %d", code)
		}
	})
	waitFor(t, "the sockets to be gone", func() bool { return h.openStreams() == 0 })
}

func (h *house) openStreams() int {
	s := &h.door.streams
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(len(s.all), len(s.users), len(s.rooms))
}

func TestSocketIsRefusedBeforeTheHandshake(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Streams = 2 })
	ana := h.ana()
	id := ana.draft("Case")
	refused := func(c client, status int, query string, headers ...header) {
		t.Helper()
		_, answer, err := c.dial(t, id, query, headers...)
		if err == nil || answer == nil || answer.StatusCode != status || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v %v, want %d", answer, err, status)
		}
	}
	refused(h.as("ben", olorin.RoleAnalyst), 404, "")
	refused(h.browser(), 401, "")
	refused(ana, 422, "?cursor=x")
	refused(ana, 422, "?mode=asleep")
	refused(ana, 422, "", header{"Sec-WebSocket-Protocol", "graphql-ws"})
	ana.do("GET", "/api/v1/wizard/"+id+"/ws", nil).refused(codeUpgrade)
	b := h.browser()
	b.logIn()
	own := b.draft("Own")
	b.plug(t, own, "", header{"Origin", h.url})
	refused(b, 403, "", header{"Origin", "https://elsewhere.example"})
	refused(b, 403, "", header{"Origin", "null"})
	// A stream of the one transport counts for the other.
	ana.listen(t, "/api/v1/wizard/"+id+"/events")
	refused(ana, 429, "")
}

func TestSocketsEndWithTheirSession(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.logIn()
	id := b.draft("Case")
	p := b.plug(t, id, "?cursor=1")
	l := h.ana().plug(t, id, "?cursor=1")
	p.next("presence")
	l.next("presence")
	b.do("POST", "/api/v1/auth/logout", nil).want(204)
	if code := p.closed(); code != closeExpired {
		t.Errorf("after logout closed with %d", code)
	}
	l.send(`{"type":"ping"}`)
	l.next("pong")
	h.clock.advance(2 * time.Hour)
	if _, err := h.desk.Save(t.Context(), olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}, id, olorin.Save{Name: new("later")}, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := l.read()
		if err != nil {
			if code := websocket.CloseStatus(err); code != closeExpired {
				t.Errorf("with an expired token closed with %d", code)
			}
			break
		}
		if f.Type == "event" {
			t.Errorf("an expired token is brought %+v", f)
		}
	}
	q := h.ana().plug(t, id, "?cursor=2")
	q.next("presence")
	h.door.Stop()
	if code := q.closed(); code != websocket.StatusGoingAway {
		t.Errorf("at the stop closed with %d", code)
	}
}

func TestPresenceIsPushed(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	ida := h.as("ida", olorin.RoleAuditor)
	id := ana.draft("Case")
	p := ana.plug(t, id, "?cursor=1")
	looks := func(want ...string) {
		t.Helper()
		for {
			f, err := p.read()
			if err != nil {
				t.Fatalf("waiting for %v: %v", want, err)
			}
			var got []string
			for _, v := range f.Viewers {
				got = append(got, v.UserID+" "+string(v.Mode))
			}
			if strings.Join(got, ",") == strings.Join(want, ",") {
				return
			}
		}
	}
	looks("ana viewing")
	q := ida.plug(t, id, "?cursor=1&mode=editing")
	looks("ida editing", "ana viewing")
	q.send(`{"type":"presence","mode":"viewing"}`)
	looks("ana viewing", "ida viewing")
	p.send(`{"type":"presence","mode":"editing"}`)
	looks("ana editing", "ida viewing")
	_ = q.conn.CloseNow()
	looks("ana editing")
	l := ida.listen(t, "/api/v1/wizard/"+id+"/events?mode=editing")
	looks("ana editing", "ida editing")
	l.answer.Body.Close()
	looks("ana editing")
	ida.do("GET", poll(id, "?mode=editing"), nil).want(200)
	looks("ana editing", "ida editing")
	h.clock.advance(20 * time.Second)
	looks("ana editing")
	if n := ana.do("GET", poll(id, ""), nil).want(200).news(); len(n.Viewers) != 1 || n.Viewers[0].Mode != olorin.Editing || n.Version != 1 {
		t.Errorf("polled: %+v", n)
	}
}

// A state that cannot be read is said to be so, at once: a line that just breaks would be dialled again and again.
func TestSocketOfAStateThatCannotBeRead(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	pool, err := sql.Open("sqlite", h.file)
	if err == nil {
		_, err = pool.Exec(`UPDATE snapshots SET document = '{}'`)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if code := ana.plug(t, id, "").closed(); code != websocket.StatusInternalError {
		t.Errorf("closed with %d", code)
	}
	if !strings.Contains(h.log.String(), id) {
		t.Errorf("the log tells nothing of it: %s", h.log.String())
	}
}
