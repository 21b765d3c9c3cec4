package peer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// crowd is many followers of one log on one server.
type crowd struct {
	b       *testing.B
	server  *server
	members []*follower
	got     atomic.Int64 // deliveries of the event that is awaited
	want    int64
	all     chan struct{} // told when every member has it
	mu      sync.Mutex    // protects took
	took    []time.Duration
	total   time.Duration // from each commit to its last delivery
}

// follower reads one stream as cheaply as it can: it looks for the number of each event, and wants every one, in order.
type follower struct {
	crowd *crowd
	conn  net.Conn
	seq   int64 // the newest that came
	at    time.Time
}

// connect opens n streams by a transport, "sse" or "ws".
func connect(b *testing.B, s *server, transport string, n int) *crowd {
	b.Helper()
	c := &crowd{b: b, server: s, want: int64(n), all: make(chan struct{}, 1), members: make([]*follower, n)}
	var (
		wait sync.WaitGroup
		next atomic.Int64
	)
	for range 32 {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				f := &follower{crowd: c, seq: 1}
				if err := f.open(transport); err != nil {
					b.Error(err)
					return
				}
				c.members[i] = f
			}
		})
	}
	wait.Wait()
	b.Cleanup(func() {
		for _, f := range c.members {
			if f != nil {
				_ = f.conn.Close()
			}
		}
	})
	if b.Failed() {
		b.FailNow()
	}
	return c
}

func (f *follower) open(transport string) (err error) {
	s := f.crowd.server
	path, ws := map[string]string{"olorin": "/api/v1/wizard/x/events?cursor=1", "bare": "/events", "centrifuge": "/events?cf_connect=" + url.QueryEscape(`{"id":1,"connect":{}}`)}[s.kind], ""
	if transport == "ws" {
		path = map[string]string{"olorin": "/api/v1/wizard/x/ws?cursor=1", "bare": "/ws", "centrifuge": "/ws"}[s.kind]
		ws = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	}
	if f.conn, err = net.Dial("tcp", s.address); err != nil {
		return err
	}
	if s.token != "" {
		ws += "Authorization: Bearer " + s.token + "\r\n"
	}
	if _, err := fmt.Fprintf(f.conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, s.address, ws); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f.conn, 2048)
	status, err := r.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") && !strings.Contains(status, " 101 ") {
		return fmt.Errorf("%s answers %q, %v", s.kind, status, err)
	}
	for line := status; strings.TrimSpace(line) != ""; {
		if line, err = r.ReadString('\n'); err != nil {
			return err
		}
	}
	if transport == "ws" {
		if s.kind == "centrifuge" {
			if err := f.frame(1, []byte(`{"id":1,"connect":{}}`)); err != nil {
				return err
			}
		}
		go f.readFrames(r)
	} else {
		go f.readLines(r)
	}
	return nil
}

// readLines reads server-sent events.
func (f *follower) readLines(r *bufio.Reader) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return // closed at the end
		}
		if bytes.HasPrefix(line, []byte("data: ")) && !f.take(line) {
			return
		}
	}
}

// readFrames reads frames of a WebSocket, and answers pings.
func (f *follower) readFrames(r *bufio.Reader) {
	var (
		head    [2]byte
		long    [8]byte
		payload []byte
	)
	for {
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return
		}
		size := int(head[1] & 0x7f)
		if size == 126 {
			if _, err := io.ReadFull(r, long[:2]); err != nil {
				return
			}
			size = int(binary.BigEndian.Uint16(long[:2]))
		}
		payload = slices.Grow(payload[:0], size)[:size]
		if _, err := io.ReadFull(r, payload); err != nil {
			return
		}
		switch {
		case head[0]&0x0f == 9:
			if f.frame(10, payload) != nil {
				return
			}
		case string(payload) == "{}": // a ping of centrifuge
			if f.frame(1, payload) != nil {
				return
			}
		default:
			if !f.take(payload) {
				return
			}
		}
	}
}

// frame sends a short frame, masked by zeros.
func (f *follower) frame(kind byte, payload []byte) error {
	_, err := f.conn.Write(append([]byte{0x80 | kind, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...))
	return err
}

var seqMark = []byte(`"seq":`)

// take looks for the events of a text.
func (f *follower) take(text []byte) bool {
	for {
		_, after, found := bytes.Cut(text, seqMark)
		if !found {
			return true
		}
		seq, n := int64(0), 0
		for n < len(after) && '0' <= after[n] && after[n] <= '9' {
			seq = seq*10 + int64(after[n]-'0')
			n++
		}
		text = after[n:]
		if seq != f.seq+1 {
			f.crowd.b.Errorf("%s: event %d came after %d", f.crowd.server.kind, seq, f.seq)
			return false
		}
		f.seq, f.at = seq, time.Now()
		if f.crowd.got.Add(1) == f.crowd.want {
			f.crowd.all <- struct{}{}
		}
	}
}

// round publishes one event and waits until every follower has it.
func (c *crowd) round() {
	c.b.Helper()
	c.got.Store(0)
	seq := c.server.ask("publish")
	select {
	case <-c.all:
	case <-time.After(30 * time.Second):
		c.b.Fatalf("%s: %d of %d followers have event %d after 30 s", c.server.kind, c.got.Load(), c.want, seq[0])
	}
	committed, last := time.Unix(0, seq[1]), time.Time{}
	for _, f := range c.members {
		if f.seq != seq[0] {
			c.b.Fatalf("%s: a follower is at %d, not at %d", c.server.kind, f.seq, seq[0])
		}
		c.took = append(c.took, f.at.Sub(committed))
		if f.at.After(last) {
			last = f.at
		}
	}
	c.total += last.Sub(committed)
}

func percentile(took []time.Duration, p int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)*p/100]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkFollowers has many follow one log, by server-sent events and by WebSocket: Olorin, which commits each event (SQLite, FULL) before
// it tells of it; a bare server that broadcasts the same bytes; and centrifuge's node with its memory engine. All three run at once, each in
// its own process, and publish in turns. An op is one event to all followers of each; times are from commit to receipt.
func BenchmarkFollowers(b *testing.B) {
	for _, transport := range []string{"sse", "ws"} {
		for _, n := range []int{1000, 5000} {
			b.Run(fmt.Sprintf("%s/followers=%d", transport, n), func(b *testing.B) {
				var crowds []*crowd
				for _, kind := range []string{"olorin", "bare", "centrifuge"} {
					crowds = append(crowds, connect(b, startServer(b, kind), transport, n))
				}
				time.Sleep(2 * time.Second) // who looks has been told by then
				used := make([]time.Duration, len(crowds))
				for i, c := range crowds {
					used[i] = c.server.cpu()
				}
				for turn := 0; b.Loop(); turn++ {
					for i := range crowds {
						crowds[(i+turn)%len(crowds)].round()
					}
				}
				rate := map[string]float64{}
				for i, c := range crowds {
					kind := c.server.kind
					rate[kind] = float64(len(c.took)) / c.total.Seconds()
					b.ReportMetric(rate[kind], kind+"-deliveries/s")
					b.ReportMetric(ms(percentile(c.took, 50)), kind+"-p50-ms")
					b.ReportMetric(ms(percentile(c.took, 99)), kind+"-p99-ms")
					b.ReportMetric(float64((c.server.cpu()-used[i]).Nanoseconds())/1000/float64(len(c.took)), kind+"-cpu-us")
				}
				b.ReportMetric(rate["olorin"]/rate["bare"], "olorin/bare")
				b.ReportMetric(rate["olorin"]/rate["centrifuge"], "olorin/centrifuge")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkIdleStreams opens 10,000 streams on which nothing happens, or as many as the process may open files, and tells what each costs
// its server in memory.
func BenchmarkIdleStreams(b *testing.B) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		b.Fatal(err)
	}
	n := int(min(10_000, files.Max-200))
	for range b.N {
		per := map[string]float64{}
		for _, kind := range []string{"olorin", "bare"} {
			s := startServer(b, kind)
			before := s.memory()
			c := connect(b, s, "sse", n)
			time.Sleep(3 * time.Second)
			per[kind] = float64(s.memory()-before) / float64(n) / 1024
			b.ReportMetric(per[kind], kind+"-KB/stream")
			for _, f := range c.members {
				_ = f.conn.Close()
			}
		}
		b.ReportMetric(per["olorin"]/per["bare"], "olorin/bare")
		b.ReportMetric(float64(n), "streams")
		b.ReportMetric(0, "ns/op")
	}
}
