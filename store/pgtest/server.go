// Package pgtest starts PostgreSQL servers for tests: Debian's package, as a user without rights, in a directory of their own, on a
// free port of the loopback interface.
//
//	New     an empty database on the server that the tests of a package share
//	Start   a server for one test alone, which it may kill
//	Main    runs the tests of a package, and ends the shared server after them
package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server that runs.
type Server struct {
	bin, dir, password string
	port               int
	durable            bool
	credential         *syscall.Credential

	process *os.Process
	ended   chan struct{} // closed when the process has ended
	log     *bytes.Buffer // read it after ended
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
	count  int
	mu     sync.Mutex
}

// Main runs the tests of a package, and then what is to be done after them. Call it from TestMain.
func Main(m *testing.M, after ...func()) {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.remove(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	for _, do := range after {
		do()
	}
	os.Exit(code)
}

// New makes an empty database on the server that the package's tests share, and returns its address. What is written there would not
// survive a power cut: the tests that ask for that use Start.
func New(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start(false) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	shared.mu.Lock()
	shared.count++
	name := fmt.Sprintf("test_%d", shared.count)
	shared.mu.Unlock()
	return shared.server.Database(t, name)
}

// Start starts a server that keeps its promises, for one test.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Database makes an empty database and returns its address.
func (s *Server) Database(t testing.TB, name string) string {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), s.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the database is made
	if _, err := conn.Exec(context.Background(), `CREATE DATABASE `+pgx.Identifier{name}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	return s.url(name)
}

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://olorin:%s@127.0.0.1:%d/%s?sslmode=disable", s.password, s.port, database)
}

// Kill ends the server and all its processes at once, as a power cut of its machine would.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	// The processes of the server's connections are not in its process group: their pids are asked for first.
	children, err := children(s.process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range append([]int{s.process.Pid}, children...) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
	<-s.ended
}

// Restart starts a server again that was killed.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	// A postmaster that was killed leaves its pid behind, which may be another process's now.
	if err := os.Remove(filepath.Join(s.dir, "data", "postmaster.pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for until := time.Now().Add(30 * time.Second); ; {
		err := s.run()
		if err == nil {
			return
		}
		if time.Now().After(until) {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // the old one's shared memory goes with its last process
	}
}

func children(pid int) ([]int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil, err
	}
	var pids []int
	for word := range strings.FieldsSeq(string(text)) {
		child, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		pids = append(pids, child)
	}
	return pids, nil
}

func start(durable bool) (_ *Server, err error) {
	s := &Server{durable: durable, password: rand.Text()}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "olorin-pg-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	password := filepath.Join(s.dir, "password")
	if err := os.WriteFile(password, []byte(s.password), 0o600); err != nil {
		return nil, err
	}
	if err := s.yield(s.dir, password); err != nil {
		return nil, err
	}
	initdb := s.command("initdb", "-D", filepath.Join(s.dir, "data"), "-U", "olorin", "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--locale", "C.UTF-8", "-N")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	for range 3 {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.run(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// binaries finds the newest server of Debian's packages, or one in the PATH.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("PostgreSQL is not installed; on Debian: apt-get install -y postgresql")
}

// yield gives files to the user that the server runs as: PostgreSQL does not run as root.
func (s *Server) yield(files ...string) error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	s.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, f := range files {
		if err := os.Chown(f, uid, gid); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"}
	// Whatever becomes of the tests, the server ends with them: SIGINT is its fast shutdown.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential, Pdeathsig: syscall.SIGINT}
	return cmd
}

// run starts the server and waits until it answers.
func (s *Server) run() error {
	cmd := s.command("postgres", "-D", filepath.Join(s.dir, "data"), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "fsync="+onOff(s.durable), "-c", "full_page_writes="+onOff(s.durable))
	s.log = &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	ended, started := make(chan struct{}), make(chan error)
	go func() {
		runtime.LockOSThread() // Pdeathsig looks at the thread
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.ended = cmd.Process, ended
	for until := time.Now().Add(30 * time.Second); ; {
		ctx, done := context.WithTimeout(context.Background(), 5*time.Second)
		conn, err := pgx.Connect(ctx, s.url("postgres"))
		done()
		if err == nil {
			return conn.Close(context.Background())
		}
		select {
		case <-ended:
			return fmt.Errorf("PostgreSQL did not start:\n%s", s.log)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(until) {
			return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w", err), s.stop())
		}
	}
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func (s *Server) stop() error {
	select {
	case <-s.ended:
		return nil
	default:
	}
	if err := s.process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended
	return nil
}

func (s *Server) remove() error { return errors.Join(s.stop(), os.RemoveAll(s.dir)) }
