package httpd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/store"
)

// news is a poll's answer as a client reads it.
type news struct {
	Version int64 `json:"version"`
	Events  []struct {
		Seq  int64  `json:"seq"`
		Type string `json:"type"`
	} `json:"events"`
	NextCursor  int64                 `json:"next_cursor"`
	HasMore     bool                  `json:"has_more"`
	Reset       bool                  `json:"reset"`
	State       *olorin.Investigation `json:"state"`
	Mode        olorin.Mode           `json:"mode"`
	PollAfterMS int                   `json:"poll_after_ms"`
	Viewers     []olorin.Viewer       `json:"viewers"`
}

func (a answer) news() news {
	a.t.Helper()
	var n news
	a.into(&n)
	return n
}

func (c client) rename(id string, n int) {
	c.t.Helper()
	for i := range n {
		c.do("PUT", state(id), map[string]any{"name": fmt.Sprint("name ", i, " ", n)}).want(200)
	}
}

func TestPollBringsEveryEventOnce(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	ana.rename(id, 9)
	var seqs []int64
	for cursor := int64(0); ; {
		n := ana.do("GET", poll(id, fmt.Sprintf("?cursor=%d&limit=4", cursor)), nil).want(200).news()
		for _, e := range n.Events {
			seqs = append(seqs, e.Seq)
		}
		cursor = n.NextCursor
		if !n.HasMore {
			break
		}
	}
	if want := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; !slices.Equal(seqs, want) {
		t.Errorf("seqs %v", seqs)
	}
	all := ana.do("GET", poll(id, ""), nil).want(200).news()
	if len(all.Events) != 10 || all.Events[0].Type != "investigation.created" || all.Version != 10 || all.NextCursor != 10 {
		t.Errorf("without a cursor: %+v", all)
	}
}

func TestPollWithNothingNew(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	a := ana.do("GET", poll(id, "?cursor=1"), nil).want(200)
	if n := a.news(); len(n.Events) != 0 || n.NextCursor != 1 || n.Mode != olorin.Fast || n.PollAfterMS != 500 {
		t.Errorf("%+v", n)
	}
	for query, tag := range map[string]string{"?cursor=1": `"1"`, "": `"1"`, "?cursor=1&limit=5": `W/"1"`} {
		a := ana.do("GET", poll(id, query), nil, header{"If-None-Match", tag}).want(304)
		for name, want := range map[string]string{"ETag": `"1"`, "X-Poll-Mode": "fast", "X-Poll-After-Ms": "500", "X-Poll-Reason": "recent_activity"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%q: %s is %q on 304, want %q", query, name, got, want)
			}
		}
		if a.header.Get("RateLimit-Remaining") == "" || len(a.body) != 0 {
			t.Errorf("%v %s", a.header, a.body)
		}
	}
	for _, tag := range []string{"*", `"9", "1"`} { // as of the state itself
		ana.do("GET", poll(id, ""), nil, header{"If-None-Match", tag}).want(304)
	}
	if n := ana.do("GET", poll(id, ""), nil, header{"If-None-Match", `"9", "2"`}).want(200).news(); len(n.Events) != 1 {
		t.Errorf("%+v", n)
	}
	// The tag names the newest version, but the cursor does not stand at it: there is something to deliver.
	if n := ana.do("GET", poll(id, "?cursor=0"), nil, header{"If-None-Match", `"1"`}).want(200).news(); len(n.Events) != 1 {
		t.Errorf("%+v", n)
	}
	h.clock.advance(time.Minute)
	if a := ana.do("GET", poll(id, "?cursor=1"), nil, header{"If-None-Match", `"1"`}).want(304); a.header.Get("X-Poll-Mode") != "normal" || a.header.Get("X-Poll-Reason") != "waiting" {
		t.Errorf("%v", a.header)
	}
	h.clock.advance(5 * time.Minute)
	if a := ana.do("GET", poll(id, "?cursor=1"), nil).want(200); a.news().Mode != olorin.Slow || a.header.Get("X-Poll-After-Ms") != "5000" {
		t.Errorf("%v", a.header)
	}
}

func TestPollFromTheFutureResets(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	n := ana.do("GET", poll(id, "?cursor=99"), nil, header{"If-None-Match", `"99"`}).want(200).news()
	if !n.Reset || n.State == nil || n.State.Version != 1 || n.NextCursor != 1 {
		t.Errorf("%+v", n)
	}
}

func TestAPollByTimeMissesNothingOfThatMoment(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	h.clock.advance(time.Minute)
	between := h.clock.now()
	h.clock.advance(time.Minute)
	ana.rename(id, 2)
	east := between.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339Nano) // its plus is not escaped
	for _, at := range []string{between.String(), east} {
		n := ana.do("GET", poll(id, "?last_seen="+at), nil).want(200).news()
		if len(n.Events) != 2 || n.Events[0].Seq != 2 {
			t.Errorf("%s: %+v", at, n)
		}
	}
	// What came in the same moment may have come after somebody looked.
	h.clock.fixed = time.Now()
	ana.rename(id, 2)
	if n := ana.do("GET", poll(id, "?last_seen="+h.clock.now().String()), nil).want(200).news(); len(n.Events) != 2 || n.Events[0].Seq != 4 {
		t.Errorf("%+v", n)
	}
}

func TestLongPollWakes(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	done := make(chan answer, 1)
	go func() {
		a, err := ana.try("GET", poll(id, "?cursor=1&wait_ms=30000"), nil, header{"If-None-Match", `"1"`})
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	waitFor(t, "the poll to wait", func() bool { _, n, _ := h.hub.Stats(); return n == 1 })
	ana.rename(id, 1)
	began := time.Now()
	a := <-done
	if n := a.want(200).news(); len(n.Events) != 1 || n.Events[0].Seq != 2 {
		t.Errorf("%+v", n)
	}
	if waited := time.Since(began); waited > 15*time.Second { // of the 30 s that it would have waited
		t.Errorf("the poll came back after %s: nothing woke it", waited)
	}
	waitFor(t, "the poll to let go", func() bool { _, n, _ := h.hub.Stats(); return n == 0 })
}

func TestLongPollEnds(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.do("GET", poll(id, "?cursor=1&wait_ms=30"), nil, header{"If-None-Match", `"1"`}).want(304)
	if n := ana.do("GET", poll(id, "?cursor=1&wait_ms=30"), nil).want(200).news(); len(n.Events) != 0 {
		t.Errorf("%+v", n)
	}
	done := make(chan answer, 1)
	go func() {
		a, err := ana.try("GET", poll(id, "?cursor=1&wait_ms=30000"), nil)
		if err != nil {
			t.Error(err)
		}
		done <- a
	}()
	waitFor(t, "the poll to wait", func() bool { _, n, _ := h.hub.Stats(); return n == 1 })
	h.door.Stop()
	(<-done).want(200)
	ana.do("GET", "/readyz", nil).refused(olorin.CodeUnavailable)
}

func TestLongPollsOfManyEachGetEveryEvent(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	const followers, events = 8, 40
	var all sync.WaitGroup
	for range followers {
		all.Go(func() {
			for cursor := int64(1); cursor < events+1; {
				a, err := ana.try("GET", poll(id, fmt.Sprintf("?cursor=%d&limit=3&wait_ms=10000", cursor)), nil)
				if err != nil || a.status != 200 {
					t.Errorf("%v %d %s", err, a.status, a.body)
					return
				}
				for _, e := range a.news().Events {
					if e.Seq != cursor+1 {
						t.Errorf("after %d comes %d", cursor, e.Seq)
						return
					}
					cursor = e.Seq
				}
			}
		})
	}
	ana.rename(id, events)
	all.Wait()
}

func TestPollsAreLimitedByUser(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.PollRate = 10 })
	ana := h.ana()
	id := ana.draft("Case")
	refused := 0
	for range 30 {
		a := ana.do("GET", poll(id, "?cursor=1"), nil)
		if a.header.Get("RateLimit-Limit") != "10" || a.header.Get("RateLimit-Remaining") == "" || a.header.Get("RateLimit-Reset") == "" {
			t.Errorf("%v", a.header)
		}
		if a.status == 429 {
			refused++
			a.refused(olorin.CodeRateLimited)
			if s, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || s < 1 {
				t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
			} else if h := a.header; h.Get("X-Poll-Mode") != "slow" || h.Get("X-Poll-After-Ms") != strconv.Itoa(1000*s) || h.Get("X-Poll-Reason") != "rate_limited" {
				t.Errorf("%v", h)
			}
		}
	}
	if refused == 0 {
		t.Error("thirty polls at once were all let through")
	}
	h.as("ida", olorin.RoleAuditor).do("GET", poll(id, "?cursor=1"), nil).want(200)
	h.clock.advance(2 * time.Second)
	ana.do("GET", poll(id, "?cursor=1"), nil).want(200)
}

func TestAPollIsToldEverythingThatIsWrongWithIt(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	p := ana.do("GET", poll(id, "?cursor=x&limit=0&wait_ms=30001&last_seen=now&courser=1"), nil).refused(olorin.CodeInvalid)
	for _, at := range []string{"/query/cursor", "/query/limit", "/query/wait_ms", "/query/last_seen", "/query/courser"} {
		if p.pointers()[at] == "" {
			t.Errorf("nothing is told of %s: %v", at, p.Errors)
		}
	}
	if !slices.ContainsFunc(p.Errors, func(f olorin.Fault) bool { return strings.Contains(f.Detail, `"cursor"`) }) {
		t.Errorf("the nearest name is not told: %v", p.Errors)
	}
	ana.do("GET", poll(id, "?cursor=1&last_seen=2026-01-01T00:00:00Z"), nil).refused(olorin.CodeInvalid)
	ana.do("GET", poll(id, "?cursor=1&cursor=2"), nil).refused(olorin.CodeInvalid)
	ana.do("GET", poll(id, "?cursor=9999999999999999999"), nil).refused(olorin.CodeInvalid)
	ana.do("GET", poll(id, "?cursor=1.5"), nil).refused(olorin.CodeInvalid)
	ana.do("GET", poll(id, "?cursor=1"), nil, header{"If-None-Match", "1"}).refused(olorin.CodeInvalid)
	ana.do("GET", poll("nothing", "?cursor=1"), nil).refused(olorin.CodeNotFound)
	off := newHouse(t, func(o *Options) { o.Features.Polling = false })
	off.ana().do("GET", poll("x", ""), nil).refused(olorin.CodeFeatureDisabled)
}

func TestViewersAreToldOfOneAnother(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.do("GET", poll(id, ""), nil).want(200)
	n := h.as("ida", olorin.RoleAuditor).do("GET", poll(id, ""), nil).want(200).news()
	if len(n.Viewers) != 2 || n.Viewers[0].UserID != "ana" || n.Viewers[1].UserID != "ida" {
		t.Errorf("viewers %+v", n.Viewers)
	}
	h.as("ben", olorin.RoleAnalyst).do("GET", poll(id, ""), nil).refused(olorin.CodeNotFound)
	h.clock.advance(time.Minute)
	if n := ana.do("GET", poll(id, ""), nil).want(200).news(); len(n.Viewers) != 1 {
		t.Errorf("a minute later: %+v", n.Viewers)
	}
}

func TestBusyServerAsksForPatience(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	h.door.late.Store(int64(300 * time.Millisecond))
	a := ana.do("GET", poll(id, "?cursor=1"), nil, header{"If-None-Match", `"1"`}).want(304)
	if a.header.Get("X-Poll-Reason") != "server_busy" || a.header.Get("X-Poll-After-Ms") != "2000" || a.header.Get("X-Poll-Mode") != "fast" {
		t.Errorf("%v", a.header)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		h.door.Run(ctx)
	}()
	waitFor(t, "the load to be forgotten", func() bool { return h.door.lateness() < 150*time.Millisecond })
	cancel()
	<-ran
}

func TestThreeTabsStayUnderTheLimit(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.PollRate = 10 })
	ana := h.ana()
	id := ana.draft("Case")
	h.clock.fixed = time.Now()
	for range 40 { // 20 s at the fast pace, the tabs at the same moment
		for range 3 {
			a := ana.do("GET", poll(id, "?cursor=1"), nil).want(200)
			if a.header.Get("RateLimit-Limit") != "10" {
				t.Fatalf("%v", a.header)
			}
		}
		h.clock.advance(500 * time.Millisecond)
	}
}

// TestWhatAnotherProcessWrote: a state that is newer than what this process has heard of is as durable as any, and whoever goes on from it is
// sent the next event and not the whole again.
func TestWhatAnotherProcessWrote(t *testing.T) {
	h := newHouse(t)
	h.clock.fixed = time.Now() // a head that is known stays fresh
	ana := h.ana()
	id := ana.draft("Case")
	beside, err := store.Open(t.Context(), "sqlite:///"+h.file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close() //nolint:errcheck // it only wrote
	desk := olorin.NewDesk(beside, live.NewHub(h.clock.now, live.DefaultLimits), h.clock.now, nil, olorin.DeskOptions{})
	for name, ask := range map[string]func() (cursor int64){
		"a read state": func() int64 {
			a := ana.do("GET", state(id), nil).want(200)
			if v := a.state().Version; a.header.Get("ETag") != etag(v) {
				t.Errorf("version %d has the tag %s", v, a.header.Get("ETag"))
			}
			return a.state().Version
		},
		"a socket's hello": func() int64 {
			p := ana.plug(t, id, "")
			hello := p.next("hello")
			if hello.Durability != olorin.Durable || hello.NextCursor != hello.Version {
				t.Errorf("hello: %+v", hello)
			}
			if f, err := p.read(); err != nil || f.Type != "presence" {
				t.Errorf("after hello comes %+v, %v", f, err)
			}
			return hello.Version
		},
		"a poll from where another server left off": func() int64 {
			head, err := beside.Head(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return head.Version
		},
	} {
		ana.do("GET", poll(id, "?cursor=0"), nil).want(200) // now this process knows the head, and asks the store for no other for a while
		if _, err := desk.Save(t.Context(), olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}, id, olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
		cursor := ask()
		if n := ana.do("GET", poll(id, fmt.Sprint("?cursor=", cursor)), nil).want(200).news(); n.Reset || n.NextCursor != cursor || cursor < 2 {
			t.Errorf("%s: a poll from %d gets %+v", name, cursor, n)
		}
	}
}
