package store_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// ioErrors has every write and sync of a process fail with an error until the returned function is called.
func ioErrors(t *testing.T, pid int, errno string) (end func()) {
	t.Helper()
	const calls = "pwrite64,fdatasync,fsync" // not write: stdout must go on telling
	cmd := exec.Command("strace", "-f", "-o", "/dev/null", "-p", strconv.Itoa(pid),
		"-e", "trace="+calls, "-e", "inject="+calls+":error="+errno)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("strace is needed to have %s fail (apt-get install strace): %v", calls, err)
	}
	said := bufio.NewReader(stderr)
	if line, err := said.ReadString('\n'); !strings.Contains(line, "attached") {
		t.Fatalf("strace does not attach: %s %v", line, err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, said)
	}()
	return func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		<-drained
		_ = cmd.Wait()
	}
}

// TestIOErrorsAndReadOnlyAreHeldAndRecovered has a process write whose disk begins to fail, as a broken one does (EIO) and as one that the kernel made
// read-only for its faults (EROFS), and to work again, and kills it at the end.
func TestIOErrorsAndReadOnlyAreHeldAndRecovered(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is missing: apt-get install strace")
		}
		t.Skip("strace is missing: apt-get install strace")
	}
	url := newFile(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashChild+"="+url)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(syscall.SIGKILL) }()

	durable, held := map[string]int64{}, map[string]int64{}
	lines := bufio.NewScanner(out)
	// read reads acknowledgements until enough of a kind were told.
	read := func(kind string, enough int) {
		t.Helper()
		for n := 0; n < enough && lines.Scan(); {
			text, memory := strings.CutPrefix(lines.Text(), "memory ")
			id, number, _ := strings.Cut(text, " ")
			version, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			told := durable
			if memory {
				told = held
			}
			told[id] = max(told[id], version)
			if memory == (kind == "memory") {
				n++
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	read("durable", 200)
	rounds := []string{"EIO", "EROFS", "EIO"}
	for _, errno := range rounds {
		end := ioErrors(t, cmd.Process.Pid, errno)
		read("memory", 300)
		end()
		read("durable", 300) // whatever was held came before these
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if s := stderr.String(); s != "" {
		t.Log(s)
	}
	db := openAt(t, url, store.Options{Server: true})
	logs := storetest.Whole(t, db)
	lost, told := 0, 0
	for id, version := range durable {
		head, err := db.Head(t.Context(), id)
		if err != nil || head.Version < version {
			t.Errorf("investigation %s is at %d, %d was acknowledged as durable: %v", id, head.Version, version, err)
		}
		told++
		if head.Version < held[id] {
			lost++
		}
	}
	if len(held) == 0 {
		t.Error("nothing was held")
	}
	t.Logf("stretches of %v: %d logs whole, every durable acknowledgement of %d investigations there, held ones lost by the kill: %d", rounds, logs, told, lost)
}
