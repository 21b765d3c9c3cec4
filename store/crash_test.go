package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/pgtest"
	"github.com/olorin-dev/olorin/store/storetest"
)

// crashChild is set in the process that is to be killed.
const crashChild = "OLORIN_TEST_CRASH_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(crashChild); url != "" {
		if err := writeUntilKilled(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	if url := os.Getenv(linearChild); url != "" {
		if err := saveUntilKilled(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	pgtest.Main(m, tempInMemory())
}

// tempInMemory has temporary files kept in memory where the system offers enough of it, and returns how to remove them. These tests end
// processes and not the machine: to wait for the disk shows nothing, and takes a sixth of their time, or most of it where the disk is busy.
func tempInMemory() (remove func()) {
	const shm, enough = "/dev/shm", 4 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < enough {
		return func() {}
	}
	dir, err := os.MkdirTemp(shm, "olorin-store-test-")
	if err == nil {
		err = errors.Join(os.Chmod(dir, 0o755), os.Setenv("TMPDIR", dir)) // PostgreSQL runs as another user
	}
	if err != nil {
		return func() {}
	}
	return func() { _ = os.RemoveAll(dir) }
}

// writeUntilKilled writes to many investigations at once and says on stdout what was acknowledged: "id version" where it is durable,
// "memory id version" where it is held. It ends with stdin.
func writeUntilKilled(url string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, url, store.Options{Server: true, MemoryBytes: 64 << 20})
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(4) // the test has ended
	}()
	const writers = 16
	desk := storetest.NewDesk(db)
	var mu sync.Mutex
	errs := make(chan error, writers)
	for i := range writers {
		go func() {
			id := fmt.Sprintf("%d-%d", os.Getpid(), i)
			command := olorin.Create("ana", "Case "+id, storetest.Settings(""), olorin.Lineage{})
			for n := 1; ; n++ {
				changed, err := desk.Change(ctx, storetest.Ana, id, command, olorin.Condition{})
				if err != nil {
					errs <- err
					return
				}
				mu.Lock()
				if changed.Durability() == olorin.Durable {
					fmt.Println(id, changed.Investigation.Version)
				} else {
					fmt.Println("memory", id, changed.Investigation.Version)
				}
				mu.Unlock()
				command = storetest.Say(olorin.LevelInfo, fmt.Sprintf("%s %d", strings.Repeat("x", n%700), n), "and one more")
				if n%9 == 0 {
					name := fmt.Sprintf("Case %s, the %dth", id, n)
					command = olorin.Save{Name: &name}.Decide
				}
			}
		}()
	}
	return <-errs
}

func TestKilledWritersLoseNothingAcknowledged(t *testing.T) {
	if store.Unraced(t) {
		return
	}
	kills := 200
	if s := os.Getenv("OLORIN_TEST_KILLS"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	killWriters(t, newFile(t), kills)
}

func TestKilledWritersLoseNothingAcknowledgedOnPostgres(t *testing.T) {
	if store.Unraced(t) {
		return
	}
	killWriters(t, newPostgres(t), 30)
}

// killWriters kills processes in the middle of writing, and wants all that they said was written.
func killWriters(t *testing.T, url string, kills int) {
	t.Helper()
	acknowledged := map[string]int64{}
	writes := 0
	for range kills {
		writes += killAfter(t, url, acknowledged, 20+rand.IntN(60))
	}
	db := openAt(t, url, store.Options{Server: true})
	logs := storetest.Whole(t, db)
	events := int64(0)
	for id, version := range acknowledged {
		head, err := db.Head(t.Context(), id)
		if err != nil || head.Version < version {
			t.Errorf("investigation %s is at version %d, and %d was acknowledged: %v", id, head.Version, version, err)
		}
		events += head.Version
	}
	t.Logf("%d kills, %d acknowledged changes in %d logs with %d events: all there, every log without gaps and equal to its snapshot", kills, writes, logs, events)
	if writes < kills*20 {
		t.Errorf("only %d changes were acknowledged", writes)
	}
}

// killAfter starts a process that writes, kills it in the middle of it after so many acknowledged changes, and notes all of them.
func killAfter(t *testing.T, url string, acknowledged map[string]int64, changes int) (writes int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashChild+"="+url)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close() //nolint:errcheck // the process is gone
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	defer kill()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, number, ok := strings.Cut(lines.Text(), " ")
		version, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil {
			continue // cut off by the kill
		}
		acknowledged[id] = max(acknowledged[id], version)
		if writes++; writes == changes {
			// At a random moment of the next batches, while this goroutine goes on reading.
			time.AfterFunc(time.Duration(rand.IntN(8000))*time.Microsecond, kill)
		}
	}
	err = cmd.Wait()
	if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the writer ended by itself: %v\n%s", err, stderr.String())
	}
	return writes
}
