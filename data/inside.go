package data

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// The engine's process: what runs in a child. See child.go for the other end.

// isEngine tells whether this process is a child.
var isEngine = len(os.Args) == 1 && os.Args[0] == childName

// BecomeEngine must be what main, or TestMain, does first in a program that opens an Engine: in a process that was started to be a child,
// it serves its parent and does not return; in any other it does nothing. (In an init function DuckDB could not call back into Go.)
func BecomeEngine() {
	if !isEngine {
		return
	}
	if err := serveLines(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// inside is what the process has opened. Its first case is its only one.
type inside struct {
	bound sync.Once
	mu    sync.Mutex // guards view
	view  *view
}

// serveLines answers lines until the server closes the door or ends. What is under way then ends with the process.
func serveLines() error {
	door, err := unixConn(os.NewFile(3, "door"))
	if err != nil {
		return err
	}
	var in inside
	one, rights := make([]byte, 1), make([]byte, syscall.CmsgSpace(4))
	for {
		_, n, _, _, err := door.ReadMsgUnix(one, rights)
		if err != nil || n == 0 {
			return nil
		}
		messages, err := syscall.ParseSocketControlMessage(rights[:n])
		if err != nil || len(messages) == 0 {
			return errGarbled
		}
		fds, err := syscall.ParseUnixRights(&messages[0])
		if err != nil || len(fds) == 0 {
			return errGarbled
		}
		syscall.CloseOnExec(fds[0])
		conn, err := unixConn(os.NewFile(uintptr(fds[0]), "line"))
		if err != nil {
			return err
		}
		go in.serve(conn)
	}
}

func unixConn(f *os.File) (*net.UnixConn, error) {
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errGarbled
	}
	return u, nil
}

// serve answers one question. The server takes it back by hanging up.
func (in *inside) serve(conn *net.UnixConn) {
	defer conn.Close()
	kind, question, err := readFrame(conn)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = conn.Read(make([]byte, 1)) // nothing is said but the end
		cancel()
	}()
	answer, err := in.answer(ctx, conn, kind, question)
	if err == nil {
		err = writeJSONFrame(conn, tellDone, answer)
	}
	if err != nil {
		_ = writeJSONFrame(conn, tellFail, failureOf(err)) // where nobody listens, nobody is told
	}
}

func (in *inside) answer(ctx context.Context, conn io.Writer, kind byte, question []byte) (any, error) {
	switch kind {
	case askTask:
		var t task
		if err := json.Unmarshal(question, &t); err != nil {
			return nil, errGarbled
		}
		e, err := reopen(t.Dir, t.Limits)
		if err != nil {
			return nil, err
		}
		in.bound.Do(func() { bindProcess(t.Limits) })
		do, ok := tasks[t.Name]
		if !ok {
			return nil, errGarbled
		}
		return do(in, ctx, e, t.In)
	case askQuery:
		in.mu.Lock()
		v := in.view
		in.mu.Unlock()
		r := values{b: question}
		query := r.text()
		params, _ := r.value(0).(map[string]any)
		if v == nil || r.bad {
			return nil, errGarbled
		}
		return nil, v.answer(ctx, conn, query, params)
	}
	return nil, errGarbled
}

// answer sends the result of a query, row after row.
func (v *view) answer(ctx context.Context, conn io.Writer, query string, params map[string]any) error {
	var rows []byte
	err := v.query(ctx, query, params, func(names []string) error {
		return writeJSONFrame(conn, tellCols, names)
	}, func(cells []any) error {
		for _, cell := range cells {
			rows = appendValue(rows, cell)
		}
		if len(rows) < batch {
			return nil
		}
		full := rows
		rows = rows[:0]
		return writeFrame(conn, tellRows, full)
	})
	if err == nil && len(rows) > 0 {
		err = writeFrame(conn, tellRows, rows)
	}
	return err
}

// tasks are what a child does but for queries.
var tasks = map[string]func(in *inside, ctx context.Context, e *Engine, question []byte) (any, error){
	"import":  doing(importUpload),
	"map":     doing(remap),
	"match":   doing(matchFiles),
	"join":    doing(joinFiles),
	"preview": doing(preview),
	"labels":  doing(readLabels),
	"open": func(in *inside, ctx context.Context, e *Engine, question []byte) (any, error) {
		var o opening
		if err := json.Unmarshal(question, &o); err != nil {
			return nil, errGarbled
		}
		v, err := openView(ctx, e, o)
		if err != nil {
			return nil, err
		}
		in.mu.Lock()
		defer in.mu.Unlock()
		in.view = v
		return v.told(), nil
	},
}

// doing makes a task of a function with a type for what it is asked.
func doing[In, Out any](do func(ctx context.Context, e *Engine, in In) (Out, error)) func(*inside, context.Context, *Engine, []byte) (any, error) {
	return func(_ *inside, ctx context.Context, e *Engine, question []byte) (any, error) {
		var in In
		if err := json.Unmarshal(question, &in); err != nil {
			return nil, errGarbled
		}
		return do(ctx, e, in)
	}
}

// slackMB is what a process may use beside DuckDB's own limit: text on its way, rows of a sample, what DuckDB does not count.
const slackMB = 768

// bindProcess has the kernel refuse memory that DuckDB's own limit did not, keeps what is in memory off the disk, and offers
// this process first where the machine itself runs out.
func bindProcess(lim Limits) {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // a core would hold card numbers
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("900"), 0)
	// What the program and its tools mapped for themselves before any work is no measure of the work.
	if text, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 5 {
			if pages, err := strconv.ParseUint(fields[5], 10, 64); err == nil {
				most := pages*uint64(os.Getpagesize()) + uint64(2*lim.MemoryMB+slackMB)<<20
				_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
			}
		}
	}
}

// reopen is Open without making or sweeping anything.
func reopen(dir string, lim Limits) (*Engine, error) {
	e := &Engine{dir: dir, lim: lim}
	key, err := cardKey(e.keyPath())
	if err != nil {
		return nil, err
	}
	e.masker = newCardMasker(key)
	return e, nil
}
