package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/store/pgtest"
)

// noPause: a program built with the race detector else sleeps for a second before it ends.
const noPause = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	data.BecomeEngine()
	if err := os.Setenv("GORACE", noPause); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"olorin": main})
}

// The scripts are what a user could type. "exits N olorin …" checks the exit code; "copies FROM TO VAR" keeps a member of a JSON file.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATABASE_URL", "sqlite:///olorin.db")
			e.Setenv("GORACE", noPause)
			e.Setenv("OLORIN_ENGINE_THREADS", "1")
			e.Setenv("OLORIN_ENGINE_MEMORY_MB", "256")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "member": member},
	})
}

// What does not depend on the kind of database is asked of PostgreSQL too.
func TestCommandLineOnPostgres(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	var names atomic.Int64
	testscript.Run(t, testscript.Params{
		Files: []string{"testdata/script/audit.txtar", "testdata/script/dataset.txtar", "testdata/script/demo.txtar", "testdata/postgres/postgres.txtar"},
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATABASE_URL", server.Database(t, fmt.Sprint("script_", names.Add(1))))
			e.Setenv("GORACE", noPause)
			e.Setenv("OLORIN_ENGINE_THREADS", "1")
			e.Setenv("OLORIN_ENGINE_MEMORY_MB", "256")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "member": member},
	})
}

// exits runs a command whose exit code must be the first argument.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), code, want)
	}
}

// member sets a variable to a member of a JSON object: member FILE PATH VARIABLE, where the path is dotted.
func member(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: member FILE PATH VARIABLE")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for name := range strings.SplitSeq(args[1], ".") {
		if list, ok := v.([]any); ok {
			i, err := strconv.Atoi(name)
			ts.Check(err)
			if i >= len(list) {
				ts.Fatalf("%s has no item %d", args[0], i)
			}
			v = list[i]
			continue
		}
		object, ok := v.(map[string]any)
		if !ok || object[name] == nil {
			ts.Fatalf("%s has no member %s", args[0], args[1])
		}
		v = object[name]
	}
	ts.Setenv(args[2], fmt.Sprint(v))
}

// server is the program, serving.
type server struct {
	t     *testing.T
	url   string
	cmd   *exec.Cmd
	lines *bufio.Reader
	log   *bytes.Buffer
}

// environment is a database of its own.
func environment(t *testing.T, dir string, more ...string) []string {
	t.Helper()
	return append(append(os.Environ(), "DATABASE_URL=sqlite:///"+filepath.Join(dir, "olorin.db"), "OLORIN_DATA_DIR="+filepath.Join(dir, "data"), "OLORIN_ADDR=127.0.0.1:0"), more...)
}

func olorinCommand(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("olorin", args...)
	cmd.Env, cmd.Dir = env, t.TempDir()
	return cmd
}

// must runs the program and returns what it printed.
func must(t *testing.T, env []string, stdin string, args ...string) string {
	t.Helper()
	cmd := olorinCommand(t, env, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("olorin %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), errs.String())
	}
	return out.String()
}

func startServer(t *testing.T, env []string) *server {
	t.Helper()
	cmd := olorinCommand(t, env, "serve")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cmd: cmd, lines: bufio.NewReader(out), log: &bytes.Buffer{}}
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := s.lines.ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("the server told no address: %v\n%s", err, s.log)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the server said %q", line)
	}
	s.url = url
	return s
}

// stop ends the server by a signal and returns what more it printed on stdout.
func (s *server) stop(signal os.Signal) (rest string, err error) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	b, readErr := io.ReadAll(s.lines)
	if readErr != nil {
		s.t.Fatal(readErr)
	}
	return string(b), s.cmd.Wait()
}

func (s *server) call(c *http.Client, method, path, body string) (int, map[string]any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	w, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer w.Body.Close()
	var v map[string]any
	if err := json.NewDecoder(w.Body).Decode(&v); err != nil && !errors.Is(err, io.EOF) {
		s.t.Fatal(err)
	}
	return w.StatusCode, v
}

func TestServeStopsInOrderAndComesBack(t *testing.T) {
	serveStopsAndComesBack(t, environment(t, t.TempDir()), func(env []string, _ *server) {
		if out, err := olorinCommand(t, env, "serve").CombinedOutput(); err == nil {
			t.Errorf("two servers share a database file: %s", out)
		}
	})
}

func TestServeStopsInOrderAndComesBackOnPostgres(t *testing.T) {
	url := pgtest.Start(t).Database(t, "olorin")
	serveStopsAndComesBack(t, append(environment(t, t.TempDir()), "DATABASE_URL="+url), func(env []string, first *server) {
		second := startServer(t, env)
		_, before := first.call(http.DefaultClient, "GET", "/readyz", "")
		if status, v := second.call(http.DefaultClient, "GET", "/readyz", ""); status != 200 || before["status"] != v["status"] {
			t.Errorf("a second server on the same database is not ready: %d %v", status, v)
		}
		if _, err := second.stop(syscall.SIGTERM); err != nil {
			t.Errorf("%v\n%s", err, second.log)
		}
	})
}

// serveStopsAndComesBack ends a server politely and by kill -9 and wants everything back. beside starts a second one on the database.
func serveStopsAndComesBack(t *testing.T, env []string, beside func(env []string, first *server)) {
	t.Helper()
	must(t, env, "", "migrate", "up")
	must(t, env, "correct horse battery\n", "user", "add", "ana", "--password-file", "-")
	s := startServer(t, env)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	if status, v := s.call(browser, "POST", "/api/v1/auth/login", `{"username":"ana","password":"correct horse battery"}`); status != 200 {
		t.Fatalf("%d %v", status, v)
	}
	_, made := s.call(browser, "POST", "/api/v1/investigations", `{"name":"kept"}`)
	id, _ := made["investigation_id"].(string)
	if id == "" {
		t.Fatalf("%v", made)
	}
	path := "/api/v1/wizard/" + id + "/state"

	beside(env, s)
	// The command line works beside the server, and its tokens are good there.
	token := strings.TrimSpace(must(t, env, "", "token", "--user", "ana"))
	r, err := http.NewRequest("GET", s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if w, err := http.DefaultClient.Do(r); err != nil || w.StatusCode != 200 {
		t.Errorf("%v %v", w, err)
	}

	// A waiting poll does not hold the server up: it is answered.
	polled := make(chan int, 1)
	go func() {
		status, _ := s.call(browser, "GET", "/api/v1/wizard/"+id+"/poll?cursor=1&wait_ms=30000", "")
		polled <- status
	}()
	for range 1000 {
		w, err := http.Get(s.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(w.Body)
		w.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "olorin_live_watchers 1") {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	rest, err := s.stop(syscall.SIGTERM)
	if err != nil || rest != "" {
		t.Errorf("%v, further output %q\n%s", err, rest, s.log)
	}
	if status := <-polled; status != 200 {
		t.Errorf("the waiting poll was answered %d", status)
	}

	// Killed without a word, it comes back with everything, and the session is still good.
	s = startServer(t, env)
	if status, v := s.call(browser, "PUT", path, `{"name":"kept again"}`); status != 200 || v["durability"] != "durable" {
		t.Fatalf("%d %v", status, v)
	}
	if _, err := s.stop(syscall.SIGKILL); err == nil {
		t.Error("a killed server ends well")
	}
	s = startServer(t, env)
	if status, v := s.call(browser, "GET", path, ""); status != 200 || v["name"] != "kept again" || v["version"] != 2.0 {
		t.Errorf("%d %v", status, v)
	}
	if _, err := s.stop(os.Interrupt); err != nil {
		t.Errorf("%v\n%s", err, s.log)
	}
	for _, secret := range []string{"correct horse battery", token} {
		if strings.Contains(s.log.String(), secret) {
			t.Error("a secret is in the log")
		}
	}
	must(t, env, "", "check")
}
