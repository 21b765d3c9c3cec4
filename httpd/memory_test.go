package httpd

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// newHouseOnSmallDisk serves from a file system that can be filled, where that can be made; room makes room again.
func newHouseOnSmallDisk(t *testing.T) (h *house, fill, room func()) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system to fill")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skip("this machine lets even root mount nothing:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	fill = func() {
		t.Helper()
		full, err := os.Create(dir + "/ballast")
		if err != nil {
			t.Fatal(err)
		}
		for chunk := make([]byte, 64<<10); err == nil; {
			_, err = full.Write(chunk)
		}
		if err := full.Close(); err != nil {
			t.Fatal(err)
		}
	}
	room = func() {
		t.Helper()
		if err := os.Remove(dir + "/ballast"); err != nil {
			t.Fatal(err)
		}
	}
	return newHouseIn(t, dir), fill, room
}

// untilHeld saves until the disk is felt to be full: the write-ahead log may have room for some more. It returns the first answer of a save
// that was held, and the version up to which the log is durable.
func (c client) untilHeld(id string) (saved answer, durable int64) {
	c.t.Helper()
	durable = c.do("GET", state(id), nil).want(200).state().Version
	for i := range 3000 {
		saved = c.do("PUT", state(id), map[string]any{"name": strings.Repeat("n", 100+i%50)})
		if saved.status != http.StatusOK {
			return saved.want(http.StatusAccepted), durable
		}
		durable = saved.state().Version
	}
	c.t.Fatal("the full disk is not felt")
	return saved, durable
}

// TestAnswersWhileTheDatabaseCannotBeWritten fills the disk below a server and makes room again.
func TestAnswersWhileTheDatabaseCannotBeWritten(t *testing.T) {
	h, fill, room := newHouseOnSmallDisk(t)
	ana, was := h.ana(), h.browser()
	was.logIn()
	id := ana.draft("Case")
	fill()
	saved, durable := ana.untilHeld(id)
	// Sessions begin, are renewed and end in memory, too.
	fresh, gone := h.browser(), h.browser()
	for _, b := range []client{fresh, gone} {
		var s sessionAnswer
		b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(202).into(&s)
		if s.Durability != olorin.Memory {
			t.Errorf("a session held in memory says %q", s.Durability)
		}
	}
	old := gone.cookie(refreshCookie)
	gone.do("POST", "/api/v1/auth/logout", nil).want(204)
	for _, b := range []client{was, fresh} {
		b.do("POST", "/api/v1/auth/refresh", nil).want(202)
		b.do("GET", "/api/v1/auth/me", nil).want(200)
	}
	gone.present(refreshCookie, old)
	gone.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	held := saved.state()
	tag := saved.header.Get("ETag")
	if held.Durability != olorin.Memory || tag != heldETag(held.Version, durable, held.UpdatedAt) || tag == etag(held.Version) {
		t.Errorf("held: durability %q, ETag %s", held.Durability, tag)
	}
	if got := ana.do("GET", state(id), nil).want(200); got.header.Get("ETag") != tag || got.state().Name != held.Name {
		t.Errorf("read back with ETag %s", got.header.Get("ETag"))
	}
	ana.do("GET", state(id), nil, header{"If-None-Match", tag}).want(304)
	var health healthAnswer
	ana.do("GET", "/readyz", nil).want(200).into(&health)
	if health.Durability != olorin.Memory || health.HeldChanges == 0 || health.HeldSince == nil {
		t.Errorf("ready: %+v", health)
	}
	var d struct {
		olorin.Delta
		Events []struct {
			Seq     int64 `json:"seq"`
			Durable *bool `json:"durable"`
		} `json:"events"`
	}
	poll := "/api/v1/wizard/" + id + "/poll?cursor=" + strconv.FormatInt(durable, 10)
	ana.do("GET", poll, nil).want(200).into(&d)
	if d.Durability != olorin.Memory || d.NextCursor != durable || len(d.Events) == 0 || d.Events[0].Durable == nil || *d.Events[0].Durable {
		t.Errorf("polled: %+v", d)
	}
	ana.do("GET", poll, nil, header{"If-None-Match", tag}).want(304)
	// A save from the held version is no conflict with oneself, and an act works, once.
	ana.do("PUT", state(id), map[string]any{"name": "Renamed"}, header{"If-Match", tag}).want(202)
	late := ana.do("PUT", state(id), map[string]any{"name": "Late"}, header{"If-Match", tag})
	late.refused(olorin.CodeStale)
	if now := ana.do("GET", state(id), nil).header.Get("ETag"); now == tag || late.header.Get("ETag") != now {
		t.Errorf("the state that stands in the way has the tag %s, and is told with %s", now, late.header.Get("ETag"))
	}
	mark := "/api/v1/wizard/" + id + "/checkpoint"
	first := ana.do("POST", mark, map[string]any{"label": "here"}, header{"Idempotency-Key", "k"}).want(202).state()
	again := ana.do("POST", mark, map[string]any{"label": "here"}, header{"Idempotency-Key", "k"}).want(202).state()
	if first.Version != again.Version {
		t.Errorf("the act was done twice: %d and %d", first.Version, again.Version)
	}

	room()
	for began := time.Now(); h.db.Holding().Active; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatal("still held 30 s after the fault's end")
		}
	}
	for _, b := range []client{was, fresh} {
		b.do("POST", "/api/v1/auth/refresh", nil).want(200)
	}
	gone.present(refreshCookie, old)
	gone.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	if got := h.actions("ana"); strings.Count(got, "login") != 3 || strings.Count(got, "session.refreshed") != 4 || strings.Count(got, "logout") != 1 {
		t.Errorf("the audit trail tells %s", got)
	}
	ana.do("GET", poll, nil).want(200).into(&d)
	if d.Durability != olorin.Durable || d.NextCursor != first.Version {
		t.Errorf("after the fault: %+v", d.Delta)
	}
	if got := ana.do("GET", state(id), nil).want(200); got.header.Get("ETag") != etag(first.Version) || got.state().Name != "Renamed" {
		t.Errorf("after the fault the state has ETag %s", got.header.Get("ETag"))
	}
	if err := store.CheckSchema(context.Background(), "sqlite:///"+h.file); err != nil {
		t.Error(err)
	}
}

// TestFollowersOfWhatIsOnlyHeld: nobody is told of less than there is, and nobody of an end before it is durable.
func TestFollowersOfWhatIsOnlyHeld(t *testing.T) {
	h, fill, room := newHouseOnSmallDisk(t)
	ana, b := h.ana(), h.browser()
	b.logIn()
	secret := b.cookie(refreshCookie)
	id := ana.draft("Case")
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	fill()
	_, durable := ana.untilHeld(id)
	actor := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	for i := range 518 { // more than one answer of Desk.Updates
		if _, err := h.desk.Save(t.Context(), actor, id, olorin.Save{Name: new(fmt.Sprint("name ", i))}, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(202)
	last := ana.do("POST", "/api/v1/wizard/"+id+"/cancel", nil).want(202).state()
	version := last.Version

	t.Run("polls bring all of it, whatever the limit", func(t *testing.T) {
		for _, cursor := range []int64{durable - 1, durable} {
			a := ana.do("GET", poll(id, fmt.Sprintf("?cursor=%d&limit=3", cursor)), nil).want(200)
			n := a.news()
			for i, e := range n.Events {
				if e.Seq != cursor+int64(i)+1 {
					t.Fatalf("after %d comes %d", cursor+int64(i), e.Seq)
				}
			}
			if int64(len(n.Events)) != version-cursor || n.HasMore || n.NextCursor != durable || a.header.Get("ETag") != heldETag(version, durable, last.UpdatedAt) {
				t.Errorf("from %d: %d events, next cursor %d, more %t, %s", cursor, len(n.Events), n.NextCursor, n.HasMore, a.header.Get("ETag"))
			}
		}
	})

	query := fmt.Sprint("?cursor=", durable)
	events, socket := ana.listen(t, "/api/v1/wizard/"+id+"/events"+query), ana.plug(t, id, query)
	ana.do("PUT", state("begun-meanwhile"), map[string]any{"name": "x"}).want(202)
	meanwhile := ana.plug(t, "begun-meanwhile", "?cursor=0")
	meanwhile.next("event")
	for seq := durable + 1; seq <= version; seq++ {
		// Who looks is told once all has been sent; what came after that would have come only by chance, with the next beat.
		if f, err := socket.read(); err != nil || f.Type != "event" || f.Event.Seq != seq {
			t.Fatalf("%+v, %v in place of %d", f, err, seq)
		}
		if m, ok := events.next(); !ok || m.id != "" || !strings.HasPrefix(m.data, fmt.Sprintf(`{"seq":%d,`, seq)) {
			t.Fatalf("%+v in place of %d", m, seq)
		}
	}

	b.do("POST", "/api/v1/auth/logout", nil).want(204)
	if b.cookie(refreshCookie) != "" {
		t.Error("the cookie was not taken back")
	}
	over := func() {
		t.Helper()
		b.present(refreshCookie, secret)
		b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	}
	over()

	room()
	if f := meanwhile.next("durable"); f.Seq != 1 {
		t.Errorf("%+v", f)
	}
	seq := int64(0)
	for f := socket.next("durable"); f.Type != "end"; f, _ = socket.read() {
		if f.Type == "durable" {
			seq = f.Seq
		}
	}
	if code := socket.closed(); seq != version || code != websocket.StatusNormalClosure {
		t.Errorf("the end came after %d was durable, not %d; closed with %d", seq, version, code)
	}
	m, ok := events.next()
	for ; ok && m.event != "end"; m, ok = events.next() {
		if m.event != "durable" {
			t.Errorf("%+v", m)
		}
		seq, _ = strconv.ParseInt(m.id, 10, 64)
	}
	if !ok || seq != version {
		t.Errorf("the end came after %d was durable, not %d: %+v", seq, version, m)
	}
	over()
}

// TestAHeldVersionThatWasLost: a crash loses what was held, others write events of the same numbers, and whoever comes back with the tag of
// what is lost overwrites nothing unseen.
func TestAHeldVersionThatWasLost(t *testing.T) {
	h, fill, room := newHouseOnSmallDisk(t)
	ana := h.ana()
	id := ana.draft("Case")
	fill()
	saved, durable := ana.untilHeld(id)
	held, tag := saved.state(), saved.header.Get("ETag")

	// What a kill would leave is what is on the disk now.
	dir := t.TempDir()
	for _, name := range []string{"state.db", "state.db-wal"} {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(h.file), name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	after := newHouseIn(t, dir)
	later := after.ana()
	for version := durable; version < held.Version; version++ {
		later.do("PUT", state(id), map[string]any{"name": fmt.Sprint("another ", version)}).want(200)
	}
	later.do("PUT", state(id), map[string]any{"name": "unseen"}, header{"If-Match", tag}).refused(olorin.CodeStale)
	later.do("PUT", state(id), map[string]any{"name": "unseen", "base_version": held.Version + 1}).refused(olorin.CodeInvalid)
	now := later.do("GET", state(id), nil).want(200)
	if got := now.state(); got.Version != held.Version || got.Name == "unseen" {
		t.Errorf("at version %d it is named %q", got.Version, got.Name)
	}
	later.do("PUT", state(id), map[string]any{"name": "seen"}, header{"If-Match", now.header.Get("ETag")}).want(200)

	// Where nothing was lost the tag names what has become durable meanwhile.
	room()
	for began := time.Now(); h.db.Holding().Active; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatal("still held 30 s after the fault's end")
		}
	}
	ana.do("PUT", state(id), map[string]any{"name": "mine"}, header{"If-Match", tag}).want(200)
}
