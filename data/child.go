package data

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// child is a process of this same program in which DuckDB runs. Each question has a line to it of its own: a pair of sockets, of which the
// child is handed one end. To hang up is to take the question back.
type child struct {
	cmd    *exec.Cmd
	door   *net.UnixConn // lines are handed over through it; the child ends when it closes
	done   chan struct{} // closed when the process has ended
	stderr tail

	mu sync.Mutex // one line at a time is handed over
}

// patience is how long a child may take to let go of what was taken back, before it is killed.
const patience = 2 * time.Second

// childName is the name under which the program knows that it is such a process; see inside.go.
const childName = "olorin-engine"

// start starts a child. stdin is what it reads an upload from; it may be nil. It knows nothing of the server's environment.
func start(stdin *os.File) (*child, error) {
	if isEngine {
		return nil, errors.New("this program must call data.BecomeEngine first: its engine would start engines without end")
	}
	ours, theirs, err := line()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	program := "/proc/self/exe" // also after the file was replaced by a newer version
	if runtime.GOOS != "linux" {
		if program, err = os.Executable(); err != nil {
			return nil, errors.Join(fmt.Errorf("start the engine: %w", err), ours.Close())
		}
	}
	c := &child{door: ours, done: make(chan struct{})}
	c.cmd = &exec.Cmd{
		Path: program, Args: []string{childName}, Env: childEnv, Dir: "/", Stderr: &c.stderr, ExtraFiles: []*os.File{theirs},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true}, // Ctrl-C is the server's to act upon
		WaitDelay:   patience,
	}
	if stdin != nil {
		c.cmd.Stdin = stdin
	}
	if err := c.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the engine: %w", err), ours.Close())
	}
	go func() {
		_ = c.cmd.Wait() // how it ended is in ProcessState
		close(c.done)
	}()
	return c, nil
}

// line makes a pair of connected sockets: one to keep, one to hand over.
func line() (ours *net.UnixConn, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(pair[0])
		syscall.CloseOnExec(pair[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("make a line to the engine: %w", err)
	}
	kept := os.NewFile(uintptr(pair[0]), "engine")
	defer kept.Close()
	theirs = os.NewFile(uintptr(pair[1]), "server")
	conn, err := net.FileConn(kept)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make a line to the engine: %w", err), theirs.Close())
	}
	return conn.(*net.UnixConn), theirs, nil
}

// dial opens a line.
func (c *child) dial() (*net.UnixConn, error) {
	ours, theirs, err := line()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, _, err := c.door.WriteMsgUnix([]byte{0}, syscall.UnixRights(int(theirs.Fd())), nil); err != nil {
		return nil, errors.Join(c.died(), ours.Close())
	}
	return ours, nil
}

// died is the end of a child that nobody asked for.
type died struct{ how string }

func (d *died) Error() string { return "the engine's process ended: " + d.how }

// died waits for the child's end and tells how it came.
func (c *child) died() error {
	c.kill()
	how := c.cmd.ProcessState.String()
	if said := strings.ToLower(c.stderr.String()); strings.Contains(said, "bad_alloc") || strings.Contains(said, "memory") {
		how = "it ran out of memory; OLORIN_ENGINE_MEMORY_MB sets how much it may use"
	} else if strings.HasPrefix(how, "signal: killed") {
		how = "it was killed, by somebody or for want of memory"
	}
	return &died{how}
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.done
}

// close lets the child end.
func (c *child) close() {
	_ = c.door.Close()
	select {
	case <-c.done:
	case <-time.After(patience):
		c.kill()
	}
}

// ask asks one question and returns what the last frame says; each is called for the frames before it. When ctx ends, or each returns an
// error, the question is taken back, and the child is killed if it does not let go.
func (c *child) ask(ctx context.Context, kind byte, question []byte, each func(kind byte, payload []byte) error) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	conn, err := c.dial()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	hangUp := func() {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		_ = conn.CloseWrite()
	}
	defer context.AfterFunc(ctx, hangUp)()
	if err := writeFrame(conn, kind, question); err != nil && ctx.Err() == nil {
		return nil, c.died()
	}
	var refused error
	for r := bufio.NewReaderSize(conn, batch); ; {
		kind, payload, err := readFrame(r)
		switch {
		case err != nil:
			lost := c.died()
			if refused != nil || ctx.Err() != nil {
				lost = nil
			}
			return nil, firstOf(refused, context.Cause(ctx), lost)
		case kind == tellDone:
			return payload, firstOf(refused, context.Cause(ctx))
		case kind == tellFail:
			return nil, firstOf(refused, context.Cause(ctx), readFailure(payload))
		case refused == nil && each != nil:
			if refused = each(kind, payload); refused != nil {
				hangUp()
			}
		}
	}
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// failure is an error on its way to the server.
type failure struct {
	Code    olorin.Code    `json:"code,omitempty"`
	Message string         `json:"message"`
	Cause   string         `json:"cause,omitempty"`
	Faults  []olorin.Fault `json:"faults,omitempty"`
	Query   FailedBy       `json:"query,omitempty"` // what broke a query off
}

// FailedBy is what broke a query off.
type FailedBy string

// What can break a query off.
const (
	ByMemory FailedBy = "memory" // more than the engine may use
	ByValue  FailedBy = "value"  // one that it cannot compute with
	ByQuery  FailedBy = "query"  // the engine does not take it
	ByEngine FailedBy = "engine" // anything else
)

// QueryFailed is a query that the engine refused or broke off. Its text may quote values of the file.
type QueryFailed struct {
	Kind FailedBy
	Text string
}

func (q *QueryFailed) Error() string { return q.Text }

func failedBy(e *duckdb.Error) FailedBy {
	switch e.Type {
	case duckdb.ErrorTypeOutOfMemory:
		return ByMemory
	case duckdb.ErrorTypeConversion, duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeDecimal, duckdb.ErrorTypeDivideByZero:
		return ByValue
	case duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog, duckdb.ErrorTypePlanner:
		return ByQuery
	}
	return ByEngine
}

func failureOf(err error) failure {
	if e, ok := errors.AsType[*olorin.Error](err); ok {
		f := failure{Code: e.Code, Message: e.Message, Faults: e.Faults}
		if e.Err != nil {
			f.Cause = e.Err.Error()
		}
		return f
	}
	if e, ok := errors.AsType[*duckdb.Error](err); ok {
		return failure{Message: err.Error(), Query: failedBy(e)}
	}
	return failure{Message: err.Error()}
}

func readFailure(payload []byte) error {
	var f failure
	if err := json.Unmarshal(payload, &f); err != nil {
		return errGarbled
	}
	if f.Query != "" {
		return &QueryFailed{f.Query, f.Message}
	}
	if f.Code == "" {
		return errors.New(f.Message)
	}
	e := &olorin.Error{Code: f.Code, Message: f.Message, Faults: f.Faults}
	if f.Cause != "" {
		e.Err = errors.New(f.Cause)
	}
	return e
}

// task is a question that is no query. The child learns from it where data sets are and what it may use.
type task struct {
	Name   string
	Dir    string
	Limits Limits
	In     json.RawMessage
}

// perform asks a child for a task.
func perform[Out any](ctx context.Context, e *Engine, c *child, name string, in any) (out Out, err error) {
	text, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	question, err := json.Marshal(task{name, e.dir, e.lim, text})
	if err != nil {
		return out, err
	}
	answer, err := c.ask(ctx, askTask, question, nil)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(answer, &out)
}

// once performs a task in a child of its own, which reads r, if there is something to read, as its standard input.
func once[Out any](ctx context.Context, e *Engine, name string, in any, r io.Reader) (out Out, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var input, output *os.File
	if r != nil {
		if file, ok := r.(*os.File); ok {
			input = file
		} else if input, output, err = os.Pipe(); err != nil {
			return out, fmt.Errorf("start the engine: %w", err)
		}
	}
	c, err := start(input)
	if output != nil {
		err = errors.Join(err, input.Close())
	}
	if err != nil {
		if output != nil {
			_ = output.Close()
		}
		return out, err
	}
	defer c.close()
	copied := make(chan struct{})
	if output == nil {
		close(copied)
	} else {
		// Where the child has its answer before the end of r, this ends at the next that r has to say.
		go func() {
			defer close(copied)
			defer output.Close()
			_, err := io.CopyBuffer(struct{ io.Writer }{output}, r, make([]byte, readBytes))
			if err != nil && !errors.Is(err, syscall.EPIPE) {
				stop(fmt.Errorf("read upload: %w", err)) // before the pipe is closed: half a file is none
			}
		}()
	}
	out, err = perform[Out](ctx, e, c, name, in)
	if err == nil {
		select {
		case <-copied:
		case <-ctx.Done(): // r may never say anything again
		}
		err = context.Cause(ctx)
	}
	return out, engineFailed(err)
}

// tail keeps the last of what is written to it.
type tail struct {
	mu sync.Mutex // also the process's waiter writes
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - 16<<10; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
