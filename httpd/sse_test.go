package httpd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
)

// message is one server-sent event.
type message struct{ id, event, data string }

// listener reads a stream.
type listener struct {
	t      *testing.T
	lines  *bufio.Reader
	answer *http.Response
}

func (c client) listen(t *testing.T, path string, headers ...header) *listener {
	t.Helper()
	r, err := http.NewRequest("GET", c.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	for _, h := range headers {
		r.Header.Set(h[0], h[1])
	}
	w, err := (&http.Client{Transport: &http.Transport{}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Body.Close() })
	if w.StatusCode != 200 || w.Header.Get("Content-Type") != "text/event-stream" || w.Header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", w.StatusCode, w.Header)
	}
	return &listener{t, bufio.NewReader(w.Body), w}
}

// next returns the next event, but for those that tell who looks; false at the end of the stream.
func (l *listener) next() (message, bool) {
	l.t.Helper()
	var m message
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			return m, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.event = value
		case "data":
			m.data = value
		case "":
			if m.event != "" && m.event != "presence" {
				return m, true
			}
		}
	}
}

func TestStreamBringsEveryEventOnceAndEnds(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.rename(id, 2)
	path := "/api/v1/wizard/" + id + "/events"
	l := ana.listen(t, path+"?cursor=1")
	seq := int64(1)
	follow := func(until int64) {
		t.Helper()
		for seq < until {
			m, ok := l.next()
			var e struct {
				Seq  int64  `json:"seq"`
				Type string `json:"type"`
			}
			if !ok || json.Unmarshal([]byte(m.data), &e) != nil || e.Seq != seq+1 || m.id != fmt.Sprint(e.Seq) || m.event != e.Type {
				t.Fatalf("after %d comes %+v", seq, m)
			}
			seq = e.Seq
		}
	}
	follow(3)
	ana.rename(id, 3)
	follow(6)
	if n := ana.do("GET", poll(id, "?cursor=6"), nil).news(); len(n.Viewers) != 1 {
		t.Errorf("who listens is not seen: %+v", n.Viewers)
	}
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
	follow(9)
	version := ana.do("POST", "/api/v1/wizard/"+id+"/cancel", nil).want(200).state().Version
	follow(version)
	if m, ok := l.next(); !ok || m.event != "end" || m.data != `{"status":"cancelled"}` {
		t.Errorf("%+v", m)
	}
	if m, ok := l.next(); ok {
		t.Errorf("after the end comes %+v", m)
	}
	again := ana.listen(t, path+"?cursor=0", header{"Last-Event-ID", fmt.Sprint(version - 1)})
	if m, ok := again.next(); !ok || m.id != fmt.Sprint(version) {
		t.Errorf("%+v", m)
	}
	future := ana.listen(t, path+"?cursor=999")
	if m, ok := future.next(); !ok || m.event != "reset" || !strings.Contains(m.data, `"investigation_id":"`+id) {
		t.Errorf("%+v", m)
	}
	ana.do("GET", path, nil, header{"Last-Event-ID", "x"}).refused(olorin.CodeInvalid)
	h.as("ben", olorin.RoleAnalyst).do("GET", path, nil).refused(olorin.CodeNotFound)
}

func TestStreamsAreBounded(t *testing.T) {
	const streamsOfOne = 20
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	path := "/api/v1/wizard/" + id + "/events"
	var open []*listener
	for range streamsOfOne {
		open = append(open, ana.listen(t, path))
	}
	ana.do("GET", path, nil).refused(olorin.CodeRateLimited)
	open[0].answer.Body.Close()
	waitFor(t, "a stream to close", func() bool {
		return h.openStreams() < streamsOfOne
	})
	// A stream ends with its token, at the next sign of life.
	last := ana.listen(t, path)
	h.clock.advance(2 * time.Hour)
	if _, err := h.desk.Save(t.Context(), olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}, id, olorin.Save{Name: new("later")}, olorin.Condition{}); err != nil {
		t.Fatal(err)
	}
	for {
		m, ok := last.next()
		if !ok {
			break
		}
		if m.id == "2" {
			t.Errorf("an expired token is brought %+v", m)
		}
	}
	h.door.Stop()
	for _, l := range open[1:] {
		for {
			if _, ok := l.next(); !ok {
				break
			}
		}
	}
}

func TestStreamsSeeWhatAnotherProcessWrites(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	first, second := ana.listen(t, "/api/v1/wizard/"+id+"/events"), ana.plug(t, id, "?cursor=1")
	if m, ok := first.next(); !ok || m.id != "1" {
		t.Fatalf("%+v", m)
	}
	second.next("presence")
	other := olorin.NewDesk(h.db, live.NewHub(h.clock.now, live.DefaultLimits), h.clock.now, runner.Preflight(h.db, h.door.Engine, nil), olorin.DeskOptions{})
	for i := range 3 {
		if _, err := other.Save(t.Context(), olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}, id, olorin.Save{Name: new(fmt.Sprint("by another ", i))}, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	for seq := int64(2); seq <= 4; seq++ {
		if m, ok := first.next(); !ok || m.id != fmt.Sprint(seq) {
			t.Fatalf("%+v, not %d", m, seq)
		}
		if f := second.next("event"); f.Event.Seq != seq {
			t.Fatalf("%+v, not %d", f, seq)
		}
	}
	if lines, ok := h.hub.Tail(id, 1, 10); !ok || len(lines) != 3 {
		t.Errorf("what another wrote is not kept for all followers: %d lines", len(lines))
	}
}

func TestNoStreamOpensWithATokenThatIsOver(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	h.clock.advance(time.Hour + clockSkew/2)
	ana.do("GET", poll(id, "?cursor=1"), nil).want(200) // clocks differ
	ana.do("GET", "/api/v1/wizard/"+id+"/events", nil).refused(olorin.CodeUnauthenticated)
	if _, answer, err := ana.dial(t, id, ""); err == nil || answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestStreamsCanBeSwitchedOff(t *testing.T) {
	off := newHouse(t, func(o *Options) { o.Features.Streams = false })
	ana := off.ana()
	id := ana.draft("x")
	for _, path := range []string{"/events", "/ws"} {
		ana.do("GET", "/api/v1/wizard/"+id+path, nil).refused(olorin.CodeFeatureDisabled)
	}
	ana.do("GET", poll(id, "?cursor=0"), nil).want(200)
}
