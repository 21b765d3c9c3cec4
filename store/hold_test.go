package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// held is a server's store and desk on a database whose disk a test takes away, and what was told of it.
type held struct {
	*store.DB
	url  string
	desk *olorin.Desk
	hub  *live.Hub

	mu      sync.Mutex
	settled map[string]int64
	dropped []string
	between func() // called once: a first batch of what was held is durable, and no later one is
}

func openHeld(t *testing.T, url string, megabytes int64) *held {
	t.Helper()
	h := &held{url: url, settled: map[string]int64{}, hub: live.NewHub(olorin.SystemClock, live.DefaultLimits)}
	db, err := store.Open(t.Context(), url, store.Options{
		Server: true, MemoryBytes: megabytes << 20,
		Settled: func(id string, durable int64) {
			h.hub.Settled(id, durable)
			h.mu.Lock()
			between := h.between
			h.settled[id], h.between = durable, nil
			h.mu.Unlock()
			if between != nil {
				between()
			}
		},
		Dropped: func(id string) {
			h.hub.Forget(id)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.dropped = append(h.dropped, id)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	h.DB = db
	h.desk = storetest.NewDeskOn(db, h.hub)
	return h
}

// recovered waits until nothing is held.
func (h *held) recovered(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	for h.Holding().Active {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("still holding 30 s after the fault's end: %+v", h.Holding())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}

func (h *held) say(t *testing.T, id, text string) olorin.Changed {
	t.Helper()
	changed, err := h.desk.Change(t.Context(), olorin.System, id, storetest.Say(olorin.LevelInfo, text), olorin.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// neverWaits shows that a change is taken while the store waits for the lock, however long that takes.
func (h *held) neverWaits(t *testing.T) {
	t.Helper()
	for range 5 { // a machine may sleep through a wait
		for until := time.Now().Add(30 * time.Second); h.Probes()%2 == 0 && time.Now().Before(until); {
			time.Sleep(time.Millisecond)
		}
		during := h.Probes()
		h.say(t, "new", "meanwhile")
		if h.Probes() == during && during%2 == 1 {
			return
		}
	}
	t.Error("no change was taken while the store waited for the lock")
}

// ballast fills what is left of a file system, and returns how to make room again.
func ballast(t *testing.T, dir string) (remove func()) {
	t.Helper()
	name := dir + "/ballast"
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 64<<10); err == nil; {
		_, err = f.Write(chunk)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// faults are ways to keep a database from being written; each begins one and returns how it ends.
var faults = map[string]func(t *testing.T, dir, url string) (end func()){
	"no room": func(t *testing.T, dir, _ string) func() { return ballast(t, dir) },
	"locked by another process": func(t *testing.T, _, url string) func() {
		pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:///"))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pool.Conn(context.Background())
		if err == nil {
			_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
		}
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			if err := pool.Close(); err != nil {
				t.Error(err)
			}
		}
	},
}

func TestGoingOnFromMemory(t *testing.T) {
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t, "24m")
			h := openHeld(t, migratedIn(t, dir), 8)
			storetest.Create(t, h.desk, "before", storetest.Settings(""))
			h.say(t, "before", "durable")
			version := func() olorin.Head {
				head, err := h.Head(t.Context(), "before")
				if err != nil {
					t.Fatal(err)
				}
				return head
			}
			end := fault(t, dir, h.url)
			// The write-ahead log may have room of its own for a while.
			durable, said := version().Version, 0
			for ; !h.Holding().Active; said++ {
				if said == 5000 {
					t.Fatal("the fault is not felt")
				}
				durable = max(durable, h.say(t, "before", strings.Repeat("x", 2000)).Durable)
			}
			changed := h.say(t, "before", "held")
			head := version()
			if changed.Durability() != olorin.Memory || changed.Durable != durable || head.Durable != durable || head.Version != changed.Investigation.Version {
				t.Errorf("held change: durable to %d, head %+v, want %d", changed.Durable, head, durable)
			}

			// What is held is read like the rest, and marked.
			delta, err := h.desk.Updates(t.Context(), storetest.Ana, "before", durable-1, 0)
			if err != nil || delta.NextCursor != durable || delta.Durability != olorin.Memory || delta.HasMore {
				t.Errorf("a follower gets %+v, %v", delta, err)
			}
			for _, l := range delta.Events {
				if l.Held != (l.Seq > durable) || l.Held != strings.Contains(string(l.Bytes()), `"durable":false`) {
					t.Errorf("event %d: held %t: %s", l.Seq, l.Held, l.Bytes())
				}
			}
			state, err := h.desk.StateAt(t.Context(), storetest.Ana, "before", head.Version)
			if err != nil || state.Version != head.Version {
				t.Errorf("the held log adds up to version %d, %v", state.Version, err)
			}
			page, err := h.Logs(t.Context(), "before", olorin.LogQuery{Limit: 10_000})
			if err != nil || int64(len(page.Items)) != page.Total || page.Items[len(page.Items)-1].Message != "held" || page.Items[len(page.Items)-1].Line != page.Total {
				t.Errorf("%d log lines of %d: %v", len(page.Items), page.Total, err)
			}

			list, err := h.History(t.Context(), olorin.HistoryQuery{})
			if err != nil || len(list.Items) != 1 || list.Items[0].Version != head.Version {
				t.Errorf("the list shows %+v, %v", list.Items, err)
			}

			// People go on: a new draft, a conflict told as ever, a key that guards.
			storetest.Create(t, h.desk, "new", storetest.Settings(""))
			stale := int64(1)
			if _, err := h.desk.Save(t.Context(), storetest.Ana, "before", olorin.Save{}, olorin.Condition{IfMatch: &stale}); olorin.CodeOf(err) != olorin.CodeStale {
				t.Errorf("a stale save says %v", err)
			}
			keyed := store.Keyed{UserID: "ana", Key: "k", Request: "POST /x", BodyHash: "h"}
			begun, err := h.BeginKeyed(t.Context(), keyed, olorin.SystemClock())
			if err != nil || begun.Fresh == nil {
				t.Fatalf("a key begins as %+v, %v", begun, err)
			}
			ctx := store.Reserve(t.Context(), begun.Fresh)
			if _, err := h.desk.Change(ctx, storetest.Ana, "new", storetest.Say(olorin.LevelInfo, "once"), olorin.Condition{}); err != nil {
				t.Fatal(err)
			}
			if again, err := h.BeginKeyed(t.Context(), keyed, olorin.SystemClock()); err != nil || again.Acted == nil {
				t.Errorf("the key is known as %+v, %v", again, err)
			}
			if err := h.FinishKeyed(t.Context(), begun.Fresh, store.Response{Status: 202, Body: []byte("done")}); err != nil {
				t.Error(err)
			}
			if err := h.PutUser(t.Context(), olorin.User{ID: "eve"}, storetest.Act("user.add")); olorin.CodeOf(err) != olorin.CodeUnavailable {
				t.Errorf("a user added meanwhile: %v", err)
			}
			if name == "locked by another process" {
				h.neverWaits(t)
			}
			was := h.Holding()
			if was.Changes == 0 || was.Bytes == 0 || was.Cause == "" {
				t.Errorf("holding %+v", was)
			}

			end()
			took := h.recovered(t)
			if got := h.Holding(); got.Dropped != 0 || got.Replayed < int64(was.Changes) {
				t.Errorf("after the fault: %+v", got)
			}
			if n := storetest.Whole(t, h.DB); n != 2 {
				t.Errorf("%d investigations", n)
			}
			if now := version(); now.Version != head.Version || now.Durable != head.Version || h.settled["before"] != head.Version {
				t.Errorf("after the replay the head is %+v, settled %v", now, h.settled)
			}
			if again, err := h.BeginKeyed(t.Context(), keyed, olorin.SystemClock()); err != nil || again.Response == nil || string(again.Response.Body) != "done" {
				t.Errorf("after the replay the key is known as %+v, %v", again, err)
			}
			if delta, err := h.desk.Updates(t.Context(), storetest.Ana, "before", durable, 1000); err != nil || delta.Durability != olorin.Durable || delta.NextCursor == durable {
				t.Errorf("after the replay a follower gets %+v, %v", delta, err)
			}
			t.Logf("%d changes held, %d bytes; all durable %v after the fault's end", was.Changes, was.Bytes, took.Round(time.Millisecond))
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	dir := smallDisk(t, "24m")
	h := openHeld(t, migratedIn(t, dir), 1)
	storetest.Create(t, h.desk, "case", storetest.Settings(""))
	end := ballast(t, dir)
	var refused error
	held := 0
	for i := 0; refused == nil && i < 20_000; i++ {
		var changed olorin.Changed
		changed, refused = h.desk.Change(t.Context(), olorin.System, "case", storetest.Say(olorin.LevelInfo, strings.Repeat("x", 2000)), olorin.Condition{})
		if refused == nil && changed.Durability() == olorin.Memory {
			held++
		}
	}
	if olorin.CodeOf(refused) != olorin.CodeUnavailable || !strings.Contains(refused.Error(), "OLORIN_MEMORY_MAX_MB") || held == 0 {
		t.Fatalf("after %d held changes: %v", held, refused)
	}
	if b := h.Holding().Bytes; b > 1<<20 {
		t.Errorf("%d bytes are held, at most 1 MB may be", b)
	}

	// Keys are bounded with the changes they guard. One whose request is refused leaves nothing behind.
	was := h.Holding()
	if was.Changes != held {
		t.Errorf("%d changes are held, want %d", was.Changes, held)
	}
	for i := range 300 {
		begun, err := h.BeginKeyed(t.Context(), store.Keyed{UserID: "ana", Key: fmt.Sprint("refused-", i), Request: "POST /x", BodyHash: "h"}, olorin.SystemClock())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.AbandonKeyed(t.Context(), begun.Fresh); err != nil {
			t.Fatal(err)
		}
	}
	if now := h.Holding(); now.Bytes != was.Bytes || now.Changes != was.Changes {
		t.Errorf("300 refused requests with a key left %+v, before %+v", now, was)
	}
	taken := 0
	for refused = nil; refused == nil && taken < 10_000; taken++ {
		_, refused = h.BeginKeyed(t.Context(), store.Keyed{UserID: "ana", Key: fmt.Sprint("taken-", taken), Request: "POST /x", BodyHash: "h"}, olorin.SystemClock())
	}
	if olorin.CodeOf(refused) != olorin.CodeUnavailable || !strings.Contains(refused.Error(), "OLORIN_MEMORY_MAX_MB") {
		t.Errorf("after %d keys: %v", taken, refused)
	}
	if now := h.Holding(); now.Bytes > 1<<20 || now.Changes != was.Changes {
		t.Errorf("with the keys %+v is held", now)
	}
	head, err := h.Head(t.Context(), "case")
	if err != nil {
		t.Fatal(err)
	}
	end()
	h.recovered(t)
	h.say(t, "case", "after")
	storetest.Whole(t, h.DB)
	if now, err := h.Head(t.Context(), "case"); err != nil || now.Version != head.Version+1 {
		t.Errorf("after the fault the head is %+v, %v", now, err)
	}
}

// TestWhatIsHeldIsCounted compares what is counted of held changes with what they take on the heap, for a small state and a large one.
func TestWhatIsHeldIsCounted(t *testing.T) {
	for _, findings := range []int{0, 150} {
		t.Run(fmt.Sprint(findings, " findings"), func(t *testing.T) {
			dir := smallDisk(t, "24m")
			h := openHeld(t, migratedIn(t, dir), 400)
			storetest.PutDataset(t, h.DB, "d1")
			settings := storetest.Settings("d1")
			for i := range 40 {
				settings.ToolMatrix = append(settings.ToolMatrix, olorin.ToolChoice{Agent: "geo", Tool: fmt.Sprint("GEO-", i), Enabled: true})
			}
			storetest.Create(t, h.desk, "case", settings)
			if _, err := h.desk.Start(t.Context(), storetest.Ana, "case", olorin.Condition{}); err != nil {
				t.Fatal(err)
			}
			var found []olorin.Body
			for i := range findings {
				f := olorin.Finding{ID: fmt.Sprint("f", i), Agent: "geo", Tool: "GEO-1", Severity: "high", Sentence: strings.Repeat("word ", 40), Strength: 1}
				for row := range int64(8) {
					f.Evidence = append(f.Evidence, olorin.EvidenceRow{Row: row, Fields: map[string]any{"amount": "12.50", "country": "FR", "user_id": "u1", "device": "d2"}})
				}
				found = append(found, olorin.FindingAdded{Finding: f})
			}
			if _, err := h.desk.Change(t.Context(), olorin.System, "case", olorin.Report(storetest.Epoch, found...), olorin.Condition{}); err != nil {
				t.Fatal(err)
			}
			defer ballast(t, dir)()
			for !h.Holding().Active {
				h.say(t, "case", strings.Repeat("x", 2000))
			}
			heap := func() int64 {
				var m runtime.MemStats
				runtime.GC()
				runtime.GC() // what the first found unused of pools
				runtime.ReadMemStats(&m)
				return int64(m.HeapAlloc)
			}
			counted, used := h.Holding().Bytes, heap()
			for i := range 200 {
				h.say(t, "case", fmt.Sprint("line ", i))
			}
			counted, used = h.Holding().Bytes-counted, heap()-used
			if used > counted*5/4 {
				t.Errorf("200 changes take %d bytes and are counted as %d", used, counted)
			}
			t.Logf("200 changes take %d bytes and are counted as %d", used, counted)
		})
	}
}

// TestWhatAnotherWroteMeanwhileStands has another process write to an investigation while changes of it are held here, more than are written at once.
func TestWhatAnotherWroteMeanwhileStands(t *testing.T) {
	dir := smallDisk(t, "24m")
	h := openHeld(t, migratedIn(t, dir), 8)
	storetest.Create(t, h.desk, "theirs", storetest.Settings(""))
	storetest.Create(t, h.desk, "ours", storetest.Settings(""))
	end := ballast(t, dir)
	for !h.Holding().Active {
		h.say(t, "ours", strings.Repeat("x", 2000))
	}
	for h.Holding().Changes < 100 {
		h.say(t, "ours", "held")
	}
	h.say(t, "theirs", "held and then lost")
	ours := h.say(t, "ours", "held").Investigation.Version
	h.mu.Lock()
	h.between = func() {
		beside, err := store.Open(t.Context(), h.url, store.Options{})
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := storetest.NewDesk(beside).Change(t.Context(), storetest.Ana, "theirs", storetest.Say(olorin.LevelInfo, "durable"), olorin.Condition{}); err != nil {
			t.Error(err)
		}
		if err := beside.Close(); err != nil {
			t.Error(err)
		}
	}
	h.mu.Unlock()
	end()
	h.recovered(t)
	storetest.Whole(t, h.DB)
	page, err := h.Logs(t.Context(), "theirs", olorin.LogQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Items) != 1 || page.Items[0].Message != "durable" {
		t.Errorf("the log is %+v", page.Items)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if fmt.Sprint(h.dropped) != "[theirs]" || h.Holding().Dropped != 1 {
		t.Errorf("dropped: %v, %+v", h.dropped, h.Holding())
	}
	if head, err := h.Head(t.Context(), "ours"); err != nil || head.Version != ours {
		t.Errorf("the other investigation is at %+v, %v", head, err)
	}
}
