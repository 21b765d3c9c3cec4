package peer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/httpd"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/store"
)

// serverKind is set in a process that is one of the servers, so that what a server costs is told from what its clients cost.
const serverKind = "OLORIN_BENCH_SERVER"

func TestMain(m *testing.M) {
	if kind := os.Getenv(serverKind); kind != "" {
		if err := serveChild(kind); err != nil {
			fmt.Fprintln(os.Stderr, kind, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// server is a child that serves, and does what it is told by a line on its stdin, answering by a line on its stdout.
type server struct {
	b       *testing.B
	kind    string
	address string
	token   string
	stdin   io.WriteCloser
	stdout  *bufio.Reader
	cmd     *exec.Cmd
}

func startServer(b *testing.B, kind string) *server {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	s := &server{b: b, kind: kind, cmd: exec.Command(self)}
	s.cmd.Env = append(os.Environ(), serverKind+"="+kind, "OLORIN_BENCH_DIR="+b.TempDir())
	s.cmd.Stderr = os.Stderr
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	s.stdout = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = s.stdin.Close() // it ends with its stdin
		_ = s.cmd.Wait()
	})
	s.address, s.token, _ = strings.Cut(s.line(), " ")
	return s
}

func (s *server) line() string {
	s.b.Helper()
	line, err := s.stdout.ReadString('\n')
	if err != nil {
		s.b.Fatalf("%s has ended: %v", s.kind, err)
	}
	return strings.TrimSpace(line)
}

// ask has the server do something, and returns the numbers that it answers.
func (s *server) ask(command string) (numbers []int64) {
	s.b.Helper()
	if _, err := fmt.Fprintln(s.stdin, command); err != nil {
		s.b.Fatal(err)
	}
	for word := range strings.FieldsSeq(s.line()) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			s.b.Fatalf("%s answers %q", s.kind, word)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// memory is what the server has resident, after it gave back what it could, and cpu what it has used of the processors.
func (s *server) memory() int64      { return s.ask("memory")[0] }
func (s *server) cpu() time.Duration { return time.Duration(s.ask("cpu")[0]) }

// backend is what a child serves and how it publishes.
type backend struct {
	handler http.Handler
	token   string
	// publish sends the next event to all followers, and returns its number and when it was committed.
	publish func() (seq int64, committed time.Time, err error)
	// other does what only this server can.
	other func(command []string) (string, error)
}

func serveChild(kind string) error {
	made, err := map[string]func() (backend, error){"olorin": olorinBackend, "bare": bareBackend, "centrifuge": centrifugeBackend}[kind]()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = (&http.Server{Handler: made.handler, ReadHeaderTimeout: 30 * time.Second}).Serve(listener) }()
	fmt.Println(listener.Addr(), made.token)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answer := ""
		switch words := strings.Fields(lines.Text()); words[0] {
		case "publish":
			seq, committed, err := made.publish()
			if err != nil {
				return err
			}
			answer = fmt.Sprint(seq, committed.UnixNano())
		case "memory":
			debug.FreeOSMemory()
			text, err := os.ReadFile("/proc/self/statm")
			if err != nil {
				return err
			}
			pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
			if err != nil {
				return err
			}
			answer = fmt.Sprint(pages * int64(os.Getpagesize()))
		case "cpu":
			var u syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
				return err
			}
			answer = fmt.Sprint(u.Utime.Nano() + u.Stime.Nano())
		default:
			if answer, err = made.other(words); err != nil {
				return err
			}
		}
		fmt.Println(answer)
	}
	return nil
}

// say is what an event of the benchmark says: it is about 350 bytes on the line.
var say = olorin.LogAppended{Level: olorin.LevelInfo, Message: strings.Repeat("what a tool has done ", 10)}

// timedHub notes when changes were told, which is right after their commit.
type timedHub struct {
	*live.Hub
	told atomic.Int64 // just before the newest

	mu      sync.Mutex // protects commits
	commits []commit   // of the cases that a workload writes to
}

// commit is an event, and when all had been told of it, which is before its writer is.
type commit struct{ inCase, seq, at int64 }

func (h *timedHub) Grew(head olorin.Head, lines []olorin.Line) {
	h.told.Store(time.Now().UnixNano())
	h.Hub.Grew(head, lines)
	if number, ok := strings.CutPrefix(head.ID, "case-"); ok && len(lines) > 0 {
		inCase, err := strconv.ParseInt(number, 10, 64)
		if err == nil {
			h.mu.Lock()
			h.commits = append(h.commits, commit{inCase, head.Version, time.Now().UnixNano()})
			h.mu.Unlock()
		}
	}
}

// statements counts the statements that the store asks of its database for reading.
type statements struct{ n atomic.Int64 }

func (s *statements) Enabled(context.Context, slog.Level) bool  { return true }
func (s *statements) Handle(context.Context, slog.Record) error { s.n.Add(1); return nil }
func (s *statements) WithAttrs([]slog.Attr) slog.Handler        { return s }
func (s *statements) WithGroup(string) slog.Handler             { return s }

// olorinBackend is the product as olorin serve puts it together, with a case "x" of a person who follows it, and whatever it is told to write.
func olorinBackend() (backend, error) {
	ctx := context.Background()
	url := "sqlite:///" + filepath.Join(os.Getenv("OLORIN_BENCH_DIR"), "olorin.db")
	if _, err := store.Migrate(ctx, url); err != nil {
		return backend{}, err
	}
	reads := &statements{}
	db, err := store.Open(ctx, url, store.Options{Server: true, Echo: slog.New(reads)})
	if err != nil {
		return backend{}, err
	}
	clock := olorin.Clock(olorin.SystemClock)
	hub := &timedHub{Hub: live.NewHub(clock, live.DefaultLimits)}
	desk := olorin.NewDesk(db, hub, clock, nil, olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	if _, err := desk.Change(ctx, ana, "x", olorin.Create("ana", "followed", olorin.DefaultSettings(), olorin.Lineage{}), olorin.Condition{}); err != nil {
		return backend{}, err
	}
	keys, err := httpd.NewKeys(httpd.KeyOptions{Secret: []byte("0123456789abcdef0123456789abcdef")}, clock)
	if err != nil {
		return backend{}, err
	}
	token, _, err := keys.Sign("ana", olorin.RoleAnalyst, "", time.Hour)
	if err != nil {
		return backend{}, err
	}
	door := httpd.New(httpd.Parts{
		Desk: desk, Hub: hub.Hub, Users: db, Trail: db, Datasets: db, Requests: db, Keys: keys, Ready: func(context.Context) error { return nil },
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler), Clock: clock,
	}, httpd.Options{Version: "bench", Env: "dev", AccessTTL: time.Hour, SessionTTL: time.Hour, PollRate: 10, Streams: 1_000_000, StateMaxKB: 500, Features: httpd.Features{Polling: true, Streams: true}})
	go door.Run(ctx)
	tell := func(olorin.Investigation) ([]olorin.Body, error) { return []olorin.Body{say}, nil }
	w := &workload{desk: desk, hub: hub, keys: keys, reads: reads, tell: tell}
	return backend{
		handler: door, token: token, other: w.do,
		publish: func() (int64, time.Time, error) {
			changed, err := desk.Change(ctx, ana, "x", tell, olorin.Condition{})
			return changed.Investigation.Version, time.Unix(0, hub.told.Load()), err
		},
	}, nil
}

// workload is what the product is told to write beside being followed.
type workload struct {
	desk  *olorin.Desk
	hub   *timedHub
	keys  *httpd.Keys
	reads *statements
	tell  olorin.Command
	mu    sync.Mutex // protects took
	took  []time.Duration
	wait  sync.WaitGroup
}

func (w *workload) do(words []string) (string, error) {
	ctx := context.Background()
	numbers := make([]int, 0, len(words))
	for _, word := range words[1:] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return "", err
		}
		numbers = append(numbers, n)
	}
	owner := olorin.Actor{Kind: olorin.KindUser, ID: "owner", Role: olorin.RoleAnalyst}
	switch words[0] {
	case "cases": // so many, each with so many events
		for i := range numbers[0] {
			id := fmt.Sprintf("case-%d", i)
			if _, err := w.desk.Change(ctx, owner, id, olorin.Create("owner", id, olorin.DefaultSettings(), olorin.Lineage{}), olorin.Condition{}); err != nil {
				return "", err
			}
			for written := 1; written < numbers[1]; written += 1000 {
				bodies := make([]olorin.Body, min(1000, numbers[1]-written))
				for i := range bodies {
					bodies[i] = say
				}
				if _, err := w.desk.Change(ctx, owner, id, func(olorin.Investigation) ([]olorin.Body, error) { return bodies, nil }, olorin.Condition{}); err != nil {
					return "", err
				}
			}
		}
		return "0", nil
	case "token": // of an auditor, who may see every case
		token, _, err := w.keys.Sign(fmt.Sprint("auditor-", numbers[0]), olorin.RoleAuditor, "", time.Hour)
		return token, err
	case "write": // to so many cases, so many events a second each, for so many seconds
		w.took = nil
		for i := range numbers[0] {
			w.wait.Go(func() {
				pause := time.Second / time.Duration(numbers[1])
				next := time.Now().Add(pause * time.Duration(i) / time.Duration(numbers[0]))
				var own []time.Duration
				for range numbers[1] * numbers[2] {
					time.Sleep(time.Until(next))
					next = next.Add(pause)
					began := time.Now()
					if _, err := w.desk.Change(ctx, owner, fmt.Sprintf("case-%d", i), w.tell, olorin.Condition{}); err != nil {
						fmt.Fprintln(os.Stderr, err)
						os.Exit(1)
					}
					own = append(own, time.Since(began))
				}
				w.mu.Lock()
				defer w.mu.Unlock()
				w.took = append(w.took, own...)
			})
		}
		return "0", nil
	case "written": // waits, and tells how many changes there were and what they took in µs: the half, and 99 of 100
		w.wait.Wait()
		return fmt.Sprint(len(w.took), percentile(w.took, 50).Microseconds(), percentile(w.took, 99).Microseconds()), nil
	case "commits": // of each event of a case: its case, its number, and when it was told
		w.hub.mu.Lock()
		defer w.hub.mu.Unlock()
		var b strings.Builder
		for _, c := range w.hub.commits {
			fmt.Fprint(&b, c.inCase, " ", c.seq, " ", c.at, " ")
		}
		return b.String(), nil
	case "reads":
		return fmt.Sprint(w.reads.n.Load()), nil
	}
	return "", fmt.Errorf("there is no command %q", words[0])
}

// bareBackend broadcasts the bytes that Olorin sends, and does nothing else: no log, no identity, no catching up.
func bareBackend() (backend, error) {
	var (
		mu   sync.Mutex // protects open and seq
		open = map[chan [2][]byte]bool{}
		seq  = int64(1)
	)
	enter := func() chan [2][]byte {
		c := make(chan [2][]byte, 64)
		mu.Lock()
		defer mu.Unlock()
		open[c] = true
		return c
	}
	leave := func(c chan [2][]byte) {
		mu.Lock()
		defer mu.Unlock()
		delete(open, c)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		c := enter()
		defer leave(c)
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w).Flush
		_ = flush()
		for {
			select {
			case frames := <-c:
				if _, err := w.Write(frames[0]); err != nil || flush() != nil {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	})
	mux.HandleFunc("GET /ws", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
		if err != nil {
			return
		}
		defer conn.CloseNow() //nolint:errcheck // the client has gone
		c := enter()
		defer leave(c)
		ctx := conn.CloseRead(context.Background())
		for {
			select {
			case frames := <-c:
				if conn.Write(ctx, websocket.MessageText, frames[1]) != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	return backend{handler: mux, publish: func() (int64, time.Time, error) {
		mu.Lock()
		defer mu.Unlock()
		seq++
		line, err := olorin.Event{Seq: seq, At: olorin.SystemClock(), Actor: olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, Source: olorin.SourceUser, Body: say}.Encode()
		if err != nil {
			return 0, time.Time{}, err
		}
		frames := [2][]byte{
			fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", line.Seq, line.Type, line.JSON),
			fmt.Appendf(nil, `{"type":"event","event":%s}`, line.JSON),
		}
		committed := time.Now()
		for c := range open {
			c <- frames
		}
		return seq, committed, nil
	}}, nil
}

// centrifugeBackend is a node with the memory engine and one channel that every client is subscribed to; no history, no recovery.
func centrifugeBackend() (backend, error) {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelNone})
	if err != nil {
		return backend{}, err
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{UserID: "ana"},
			Subscriptions: map[string]centrifuge.SubscribeOptions{"x": {}},
		}, nil
	})
	if err := node.Run(); err != nil {
		return backend{}, err
	}
	mux := http.NewServeMux()
	mux.Handle("/events", centrifuge.NewSSEHandler(node, centrifuge.SSEConfig{}))
	mux.Handle("/ws", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{CheckOrigin: func(*http.Request) bool { return true }}))
	seq := int64(1)
	return backend{handler: mux, publish: func() (int64, time.Time, error) {
		seq++
		line, err := olorin.Event{Seq: seq, At: olorin.SystemClock(), Actor: olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, Source: olorin.SourceUser, Body: say}.Encode()
		if err != nil {
			return 0, time.Time{}, err
		}
		committed := time.Now()
		_, err = node.Publish("x", line.JSON)
		return seq, committed, err
	}}, nil
}
