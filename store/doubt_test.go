package store_test

import (
	"bytes"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// cutter stands before a database server. Where it is armed it passes the next COMMIT on, waits until the server has answered it, and
// breaks the connection instead of passing the answer back.
type cutter struct {
	armed atomic.Bool
	cuts  atomic.Int64
}

// before starts a cutter and returns the address of the database behind it.
func (c *cutter) before(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			var cut atomic.Bool
			pass := func(to, from net.Conn, look func([]byte) (last bool)) {
				defer to.Close()   //nolint:errcheck // it breaks
				defer from.Close() //nolint:errcheck // it breaks
				for b := make([]byte, 64<<10); ; {
					n, err := from.Read(b)
					if err != nil || look(b[:n]) {
						return
					}
					if _, err := to.Write(b[:n]); err != nil {
						return
					}
				}
			}
			go pass(behind, client, func(b []byte) bool {
				if bytes.Contains(b, []byte("COMMIT")) && c.armed.CompareAndSwap(true, false) {
					cut.Store(true)
				}
				return false
			})
			go pass(client, behind, func([]byte) bool {
				if !cut.Load() {
					return false
				}
				c.cuts.Add(1)
				return true
			})
		}
	}()
	u.Host = listener.Addr().String()
	return u.String()
}

// TestACommitThatWasNotAnswered breaks the connection after the server has committed: what was written is said to be written, and is not
// decided and written again.
func TestACommitThatWasNotAnswered(t *testing.T) {
	for name, memory := range map[string]int64{"with a memory to go on from": 8 << 20, "without": 0} {
		t.Run(name, func(t *testing.T) {
			direct := newPostgres(t)
			var way cutter
			db := openAt(t, way.before(t, direct), store.Options{Server: true, MemoryBytes: memory})
			desk := storetest.NewDesk(db)
			storetest.Create(t, desk, "case", storetest.Settings(""))
			version := int64(1)
			for _, step := range []struct {
				name   string
				change func(olorin.Condition) (olorin.Changed, error)
			}{
				{"a line of the log", func(olorin.Condition) (olorin.Changed, error) {
					return desk.Change(t.Context(), storetest.Ana, "case", storetest.Say(olorin.LevelInfo, "once"), olorin.Condition{})
				}},
				{"a save with If-Match", func(c olorin.Condition) (olorin.Changed, error) {
					name := "renamed"
					return desk.Save(t.Context(), storetest.Ana, "case", olorin.Save{Name: &name}, c)
				}},
				{"an act", func(olorin.Condition) (olorin.Changed, error) {
					return desk.Archive(t.Context(), storetest.Ana, "case", true, olorin.Condition{})
				}},
			} {
				way.armed.Store(true)
				seen := version
				changed, err := step.change(olorin.Condition{IfMatch: &seen})
				if err != nil || changed.Investigation.Version != version+1 || changed.Durable != version+1 {
					t.Fatalf("%s: version %d, durable %d, %v; it was written as %d", step.name, changed.Investigation.Version, changed.Durable, err, version+1)
				}
				version++
			}
			// A key whose reservation was committed is the request's own, not that of one under way.
			way.armed.Store(true)
			keyed := store.Keyed{UserID: "ana", Key: "k", Request: "POST /x", BodyHash: "h"}
			if begun, err := db.BeginKeyed(t.Context(), keyed, olorin.SystemClock()); memory > 0 && (err != nil || begun.Fresh == nil) {
				t.Errorf("the key begins as %+v, %v", begun, err)
			}
			if way.cuts.Load() != 4 {
				t.Errorf("%d commits were cut off", way.cuts.Load())
			}
			if h := db.Holding(); h.Active || h.Dropped > 0 {
				t.Errorf("holding %+v", h)
			}
			if page, err := db.Logs(t.Context(), "case", olorin.LogQuery{}); err != nil || len(page.Items) != 1 {
				t.Errorf("the log has %+v, %v", page.Items, err)
			}
			storetest.Whole(t, db)
		})
	}
}
