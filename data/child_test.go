package data

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// process returns the process that a case has now.
func (c *Case) process() *child {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.child
}

// busy tells whether a query is under way.
func (c *Case) busy() bool {
	if c.turns.TryAcquire(allTurns) {
		c.turns.Release(allTurns)
		return false
	}
	return true
}

// within waits for something that must come, and gives up after long enough.
func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func answers(t *testing.T, c *Case) {
	t.Helper()
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events")); got != "[map[n:6]]" {
		t.Errorf("afterwards: %s", got)
	}
}

// A process that is killed in the middle costs time and nothing else; a query that kills it each time is what fails.
func TestEndOfTheEngineHurtsOneQuery(t *testing.T) {
	e := openEngine(t)
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	type outcome struct {
		rows int
		err  error
	}
	ask := func(ctx context.Context, query string) <-chan outcome {
		out := make(chan outcome, 1)
		go func() {
			var o outcome
			o.err = c.Query(ctx, query, nil, func(map[string]any) error { o.rows++; return nil })
			out <- o
		}()
		return out
	}
	const long = "SELECT count(*) AS n FROM range(20000) a, range(10000) b WHERE (a.range * b.range) % 7 = 3"
	first := c.process()
	answer := ask(context.Background(), long)
	within(t, "the query runs", c.busy)
	_ = first.cmd.Process.Kill()
	if o := <-answer; o.err != nil || o.rows != 1 {
		t.Errorf("a query under way when the process was killed once: %+v", o)
	}
	if c.process() == first {
		t.Error("the process that was killed answers")
	}

	answer = ask(context.Background(), runaway)
	killed := map[*child]bool{}
	for over := false; !over; {
		if p := c.process(); !killed[p] {
			killed[p] = true
			_ = p.cmd.Process.Kill()
		}
		select {
		case o := <-answer:
			over = true
			if olorin.CodeOf(o.err) != olorin.CodeEngineFailed || !strings.Contains(o.err.Error(), "killed") {
				t.Errorf("a query that ends the process: %v", o.err)
			}
		case <-time.After(time.Millisecond):
		}
	}
	answers(t, c)

	// What does not let go is killed; it was taken back, and is not asked again.
	ctx, cancel := context.WithCancel(context.Background())
	answer = ask(ctx, runaway)
	within(t, "the query runs", c.busy)
	stuck := c.process()
	_ = stuck.cmd.Process.Signal(syscall.SIGSTOP)
	cancel()
	if o := <-answer; !errors.Is(o.err, context.Canceled) {
		t.Errorf("a query that does not let go: %v", o.err)
	}
	<-stuck.done
	answers(t, c)
}

// What DuckDB's own limit does not count is bounded by the kernel, and the server is told.
func TestMemoryBesideTheLimitIsBounded(t *testing.T) {
	e := openEngine(t)
	e.lim.MemoryMB = 64
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	for _, query := range []string{"SELECT max(length(repeat('x', 3000000000))) AS n FROM events", "SELECT length(list_sort(range(400000000))::VARCHAR) AS n"} {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // a process that is refused memory may also hang
		err := c.Query(ctx, query, nil, func(map[string]any) error { return nil })
		cancel()
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "memory") {
			t.Errorf("%s: %v", query, err)
		}
		answers(t, c)
	}
}

// A server that is killed leaves no engine behind.
func TestEnginesEndWithTheServer(t *testing.T) {
	server := exec.Command("/proc/self/exe", orphanServer, t.TempDir())
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !alive(pid) {
		t.Fatal("there was no engine to begin with")
	}
	_ = server.Process.Kill()
	_ = server.Wait()
	within(t, "the end of the engine", func() bool { return !alive(pid) })
}

// alive tells whether a process runs; one that has ended and is not yet waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return err == nil && !bytes.HasPrefix(rest, []byte("Z"))
}

// orphanServer is the argument that makes the tests' program a server with one engine, busy with a query.
const orphanServer = "orphan-server"

func beOrphanServer(dir string) {
	var d olorin.Dataset
	e, err := Open(dir, Limits{})
	if err == nil {
		d, err = e.Import(context.Background(), strings.NewReader(smallFile), ImportOptions{ID: "d"})
	}
	if err != nil {
		panic(err)
	}
	c, err := e.OpenCase(context.Background(), d, Selection{})
	if err != nil {
		panic(err)
	}
	go func() {
		_ = c.Query(context.Background(), runaway, nil, func(map[string]any) error { return nil })
	}()
	for !c.busy() {
		time.Sleep(time.Millisecond)
	}
	fmt.Println(c.process().cmd.Process.Pid)
	select {}
}

func TestTheEngineKnowsNothingOfTheServersEnvironment(t *testing.T) {
	t.Setenv("OLORIN_JWT_SECRET", "a secret that must not be handed on")
	e := openEngine(t)
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", c.process().cmd.Process.Pid))
	if err != nil {
		t.Skip(err)
	}
	if rest := strings.TrimPrefix(string(env), "GORACE=atexit_sleep_ms=0\x00"); rest != "" {
		t.Errorf("the engine's environment: %q", rest)
	}
}

// What an engine sends is not believed: any bytes are read without harm, and what was written is read as it was.
func FuzzValues(f *testing.F) {
	for _, v := range []any{nil, true, int64(-5), uint64(7), 1.5, "text", []any{int64(1), nil, []any{}}, map[string]any{"a": "b", "c": []any{false}}, time.Unix(1, 5).UTC()} {
		f.Add(appendValue(nil, v))
	}
	f.Add([]byte{isList, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add(bytes.Repeat([]byte{isList, 1}, 1000))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := values{b: b}
		v := r.value(0)
		if r.bad {
			return
		}
		again := values{b: appendValue(nil, v)}
		if got := again.value(0); again.bad || (!reflect.DeepEqual(got, v) && fmt.Sprint(got) != fmt.Sprint(v)) {
			t.Errorf("%#v became %#v", v, got)
		}
	})
}
