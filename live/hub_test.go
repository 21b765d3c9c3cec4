package live_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"pgregory.net/rapid"
)

// tick is a clock that tests move.
type tick struct {
	mu  sync.Mutex
	now time.Time
}

func newTick() *tick { return &tick{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *tick) read() olorin.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return olorin.At(c.now)
}

func (c *tick) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func lines(from, to int64) []olorin.Line {
	var out []olorin.Line
	for seq := from; seq <= to; seq++ {
		out = append(out, olorin.Line{Seq: seq, JSON: fmt.Appendf(nil, `{"seq":%d}`, seq)})
	}
	return out
}

func head(version int64) olorin.Head {
	return olorin.Head{ID: "a", UserID: "ana", Version: version, Status: olorin.Running}
}

func TestNothingIsKeptForWhatNobodyFollows(t *testing.T) {
	hub := live.NewHub(newTick().read, live.DefaultLimits)
	hub.Grew(head(3), lines(1, 3))
	if _, ok := hub.Head("a"); ok {
		t.Fatal("an investigation that nobody follows has a head in memory")
	}
}

func TestHeadIsTrustedOnlyWhileFresh(t *testing.T) {
	clock := newTick()
	hub := live.NewHub(clock.read, live.DefaultLimits)
	hub.Keep(head(3))
	if h, ok := hub.Head("a"); !ok || h.Version != 3 {
		t.Fatalf("head just kept: %v %v", h, ok)
	}
	clock.add(live.DefaultLimits.Fresh + time.Millisecond)
	if _, ok := hub.Head("a"); ok {
		t.Fatal("a head is trusted beyond its time: a change by another process would stay unseen")
	}
	hub.Grew(head(4), lines(4, 4))
	if h, ok := hub.Head("a"); !ok || h.Version != 4 {
		t.Fatalf("head after growth: %v %v", h, ok)
	}
}

func TestGrowthWakesWatchersThatTookTheChannelBefore(t *testing.T) {
	hub := live.NewHub(newTick().read, live.DefaultLimits)
	grown, stop := hub.Watch("a")
	defer stop()
	hub.Grew(head(1), lines(1, 1))
	select {
	case <-grown:
	default:
		t.Fatal("growth did not close the channel")
	}
	again, stop2 := hub.Watch("a")
	defer stop2()
	select {
	case <-again:
		t.Fatal("a new channel is closed before the next growth")
	default:
	}
}

func TestWatchedTopicsOutliveEviction(t *testing.T) {
	clock := newTick()
	limits := live.DefaultLimits
	limits.Topics = 8
	hub := live.NewHub(clock.read, limits)
	grown, stop := hub.Watch("a")
	defer stop()
	for i := range 100 {
		clock.add(time.Second)
		hub.Keep(olorin.Head{ID: fmt.Sprint("other", i), Version: 1})
	}
	if topics, _, _ := hub.Stats(); topics > limits.Topics {
		t.Fatalf("%d topics are kept, the bound is %d", topics, limits.Topics)
	}
	hub.Grew(head(1), lines(1, 1))
	select {
	case <-grown:
	default:
		t.Fatal("a watched investigation was evicted and its watcher sleeps for ever")
	}
}

// Whatever order heads and growths come in, a tail that is handed out continues the cursor without a gap and ends no later than the log.
func TestTailNeverHasAGap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := live.DefaultLimits
		limits.TailBytes = rapid.IntRange(1, 200).Draw(t, "tail bytes")
		hub := live.NewHub(newTick().read, limits)
		hub.Keep(head(1))
		version := int64(1)
		var late []func()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			n := rapid.Int64Range(1, 4).Draw(t, "events")
			h, l := head(version+n), lines(version+1, version+n)
			version += n
			tell := func() { hub.Grew(h, l) }
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				late = append(late, tell)
			case 1:
				hub.Keep(h)
			default:
				tell()
			}
			if len(late) > 0 && rapid.Bool().Draw(t, "tell a late one") {
				late[0]()
				late = late[1:]
			}
			known, _ := hub.Head("a")
			after := rapid.Int64Range(0, version).Draw(t, "cursor")
			got, ok := hub.Tail("a", after, rapid.IntRange(1, 10).Draw(t, "limit"))
			if !ok {
				continue
			}
			if len(got) == 0 {
				t.Fatalf("tail after %d of a log at %d is served empty", after, known.Version)
			}
			for i, line := range got {
				if line.Seq != after+int64(i)+1 || line.Seq > known.Version {
					t.Fatalf("tail after %d, head %d: line %d has seq %d", after, known.Version, i, line.Seq)
				}
			}
		}
	})
}

func TestPresenceEndsSoonAfterTheLastSign(t *testing.T) {
	clock := newTick()
	hub := live.NewHub(clock.read, live.DefaultLimits)
	hub.Seen("a", "zoe", olorin.Viewing, time.Second)
	hub.Seen("a", "ana", "", time.Second)
	if v := hub.Viewers("a"); len(v) != 2 || v[0].UserID != "ana" {
		t.Fatalf("viewers: %v", v)
	}
	clock.add(time.Second + time.Millisecond)
	if v := hub.Viewers("a"); len(v) != 0 {
		t.Fatalf("viewers long gone: %v", v)
	}
}

// TestAnotherLogWithTheSameID: after an investigation was removed, maybe by another process, its id is free for another log.
func TestAnotherLogWithTheSameID(t *testing.T) {
	clock := newTick()
	for name, tell := range map[string]func(*live.Hub, olorin.Head){
		"read":  func(hub *live.Hub, h olorin.Head) { hub.Keep(h) },
		"grown": func(hub *live.Hub, h olorin.Head) { hub.Grew(h, lines(h.Version, h.Version)) },
	} {
		for _, version := range []int64{1, 3, 4} {
			hub := live.NewHub(clock.read, live.DefaultLimits)
			old := head(3)
			old.Created = clock.read()
			hub.Keep(head(0))
			hub.Grew(old, lines(1, 3))
			clock.add(time.Second)
			other := head(version)
			other.UserID, other.Created = "ben", clock.read()
			tell(hub, other)
			if got, _ := hub.Head("a"); got != other {
				t.Errorf("%s at %d: the head is %+v", name, version, got)
			}
			if tail, ok := hub.Tail("a", 0, 10); ok && (len(tail) != 1 || version != 1) {
				t.Errorf("%s at %d: the tail is %+v", name, version, tail)
			}
		}
	}
}
