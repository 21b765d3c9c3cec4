package httpd

import (
	"context"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// TestAnswersWhileTheDatabaseCannotBeWritten fills the disk below a server and makes room again.
func TestAnswersWhileTheDatabaseCannotBeWritten(t *testing.T) {
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
	h := newHouseIn(t, dir)
	ana := h.ana()
	id := ana.draft("Case")
	// The write-ahead log is made as large as it will be needed, or less: what matters is only that the disk is full at some time.
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
	var saved answer
	durable := ana.do("GET", state(id), nil).want(200).state().Version
	for i := 0; ; i++ {
		if i == 3000 {
			t.Fatal("the full disk is not felt")
		}
		saved = ana.do("PUT", state(id), map[string]any{"name": strings.Repeat("n", 100+i%50)})
		if saved.status != http.StatusOK {
			break
		}
		durable = saved.state().Version
	}
	held := saved.want(http.StatusAccepted).state()
	tag := saved.header.Get("ETag")
	if held.Durability != olorin.Memory || tag != heldETag(held.Version, durable) || tag == etag(held.Version) {
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
	ana.do("PUT", state(id), map[string]any{"name": "Late"}, header{"If-Match", tag}).refused(olorin.CodeStale)
	mark := "/api/v1/wizard/" + id + "/checkpoint"
	first := ana.do("POST", mark, map[string]any{"label": "here"}, header{"Idempotency-Key", "k"}).want(202).state()
	again := ana.do("POST", mark, map[string]any{"label": "here"}, header{"Idempotency-Key", "k"}).want(202).state()
	if first.Version != again.Version {
		t.Errorf("the act was done twice: %d and %d", first.Version, again.Version)
	}

	if err := os.Remove(dir + "/ballast"); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); h.db.Holding().Active; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			t.Fatal("still held 30 s after the fault's end")
		}
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
