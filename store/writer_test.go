package store

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func openNew(t *testing.T) *DB {
	t.Helper()
	url := "sqlite:///" + filepath.Join(t.TempDir(), "olorin.db")
	if _, err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func addUser(id string) func(*tx) error {
	return func(t *tx) error {
		return t.exec(`INSERT INTO users VALUES ($1, '', '', '', 0, 0, $2)`, id, userSum(olorin.User{ID: id, CreatedAt: olorin.FromMicro(0)}))
	}
}

// holdBack keeps the writer busy, so that what comes meanwhile shares one batch. It returns how to let it go.
func holdBack(t *testing.T, db *DB) (release func()) {
	t.Helper()
	entered, leave := make(chan struct{}), make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- db.writer.write(context.Background(), "hold", "hold", func(*tx) error {
			close(entered)
			<-leave
			return nil
		})
	}()
	<-entered
	return func() {
		close(leave)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// together writes changes in one batch and returns their errors.
func together(t *testing.T, db *DB, changes map[string]func(*tx) error) map[string]error {
	t.Helper()
	release := holdBack(t, db)
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		errs = map[string]error{}
	)
	for name, do := range changes {
		wait.Go(func() {
			err := db.writer.write(context.Background(), name, "write "+name, do)
			mu.Lock()
			defer mu.Unlock()
			errs[name] = err
		})
	}
	for db.Stats().Queued < len(changes) {
		time.Sleep(time.Millisecond)
	}
	release()
	wait.Wait()
	return errs
}

func TestOneFailingChangeHarmsNoOther(t *testing.T) {
	db := openNew(t)
	before := db.Stats()
	refused := olorin.Errorf(olorin.CodeForbidden, "no")
	errs := together(t, db, map[string]func(*tx) error{
		"a": addUser("a"),
		"b": addUser("b"),
		"refuses": func(t *tx) error {
			return errors.Join(addUser("refused")(t), refused)
		},
		"breaks a rule": func(t *tx) error {
			if err := addUser("broken")(t); err != nil {
				return err
			}
			return addUser("broken")(t)
		},
		"is wrong SQL": func(t *tx) error {
			if err := addUser("wrong")(t); err != nil {
				return err
			}
			return t.exec(`SELEKT`)
		},
		"panics": func(t *tx) error {
			_ = addUser("panicked")(t)
			panic("boo")
		},
	})
	for name, err := range errs {
		if good := name == "a" || name == "b"; (err == nil) != good {
			t.Errorf("%q ended with %v", name, err)
		}
	}
	if !errors.Is(errs["refuses"], refused) || !strings.Contains(errs["panics"].Error(), "boo") {
		t.Errorf("the errors are %v and %v", errs["refuses"], errs["panics"])
	}
	for id, want := range map[string]bool{"a": true, "b": true, "refused": false, "broken": false, "wrong": false, "panicked": false} {
		if _, err := db.User(t.Context(), id); (err == nil) != want {
			t.Errorf("user %q: %v", id, err)
		}
	}
	after := db.Stats()
	if after.Batches-before.Batches != 2 || after.Changes-before.Changes != 3 || after.Failed-before.Failed != 4 {
		t.Errorf("the counters are %+v, before %+v", after, before)
	}
}

// A change that ends the transaction of all, as a full disk does, is tried again alone, and so are the others.
func TestSpoiledBatchIsTriedOneByOne(t *testing.T) {
	db := openNew(t)
	errs := together(t, db, map[string]func(*tx) error{
		"a": addUser("a"),
		"b": addUser("b"),
		"too big": func(t *tx) error {
			var pages, limit int
			if err := t.row([]any{&pages}, `PRAGMA page_count`); err != nil {
				return err
			}
			if err := t.row([]any{&limit}, `PRAGMA max_page_count = `+strconv.Itoa(pages+20)); err != nil {
				return err
			}
			err := t.exec(`INSERT INTO users VALUES ('big', $1, '', '', 0, 0, 0)`, strings.Repeat("x", 1<<20))
			return errors.Join(err, t.row([]any{&limit}, `PRAGMA max_page_count = 1000000`))
		},
	})
	if errs["a"] != nil || errs["b"] != nil || faultOf(errs["too big"]) != noRoom || olorin.CodeOf(errs["too big"]) != olorin.CodeUnavailable {
		t.Errorf("the errors are %v", errs)
	}
	for id, want := range map[string]bool{"a": true, "b": true, "big": false} {
		if _, err := db.User(t.Context(), id); (err == nil) != want {
			t.Errorf("user %q: %v", id, err)
		}
	}
}

func TestCallerWhoLeavesIsToldTheTruth(t *testing.T) {
	db := openNew(t)
	release := holdBack(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- db.writer.write(ctx, "x", "add a user", addUser("x")) }()
	for db.Stats().Queued < 1 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || olorin.CodeOf(err) != olorin.CodeUnavailable {
		t.Errorf("who left while waiting was told %v", err)
	}
	release()

	ctx, cancel = context.WithCancel(t.Context())
	err := db.writer.write(ctx, "y", "add a user", func(t *tx) error {
		cancel() // too late: it is being written
		return addUser("y")(t)
	})
	if err != nil {
		t.Errorf("who left while it was written was told %v", err)
	}
	for id, want := range map[string]bool{"x": false, "y": true} {
		if _, err := db.User(t.Context(), id); (err == nil) != want {
			t.Errorf("user %q: %v", id, err)
		}
	}
	if s := db.Stats(); s.Withdrawn != 1 || s.Queued != 0 {
		t.Errorf("the counters are %+v", s)
	}
}

// A connection that is lost in the middle of a transaction fails that one change; the next finds a new connection.
func TestLostConnectionIsReplaced(t *testing.T) {
	db := openNew(t)
	err := db.writer.write(t.Context(), "x", "add a user", func(t *tx) error {
		if err := addUser("x")(t); err != nil {
			return err
		}
		return t.conn.Close() // still inside the transaction
	})
	if err == nil {
		t.Error("a change on a lost connection was acknowledged")
	}
	if err := db.writer.write(t.Context(), "y", "add a user", addUser("y")); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{"x": false, "y": true} {
		if _, err := db.User(t.Context(), id); (err == nil) != want {
			t.Errorf("user %q: %v", id, err)
		}
	}
}

func TestCloseWritesWhatWaits(t *testing.T) {
	db := openNew(t)
	release := holdBack(t, db)
	var wait sync.WaitGroup
	for _, id := range []string{"a", "b", "c"} {
		wait.Go(func() {
			if err := db.writer.write(context.Background(), id, "add a user", addUser(id)); err != nil {
				t.Errorf("user %s: %v", id, err)
			}
		})
	}
	for db.Stats().Queued < 3 {
		time.Sleep(time.Millisecond)
	}
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	release()
	wait.Wait()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// The write-ahead log is cut back although readers overlap without a gap.
func TestOutgrownLogIsCut(t *testing.T) {
	db := openNew(t)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := db.reader.each(context.Background(), func(scan func(...any) error) (bool, error) {
					time.Sleep(2 * time.Millisecond)
					return true, nil
				}, `SELECT name FROM sqlite_master LIMIT 8`)
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := 0; db.Stats().Truncated == 0 && i < 4000; i++ {
		if err := db.writer.write(t.Context(), "x", "write much", func(t *tx) error {
			return t.exec(`INSERT INTO users VALUES ('x', $1, '', '', 0, 0, 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name`, strings.Repeat(strconv.Itoa(i%10), 1<<17))
		}); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wait.Wait()
	if db.Stats().Truncated == 0 {
		t.Errorf("the write-ahead log was never cut: %+v", db.Stats())
	}
}

func TestAShutGateHoldsReadersBackUntilItReopens(t *testing.T) {
	var g gate
	leave := g.enter(t.Context())
	reopen := g.shut(time.Millisecond) // a reader is inside: the wait ends by itself
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g.enter(ctx)() // whoever may not wait goes in
	entered := make(chan struct{})
	go func() {
		g.enter(context.Background())()
		close(entered)
	}()
	select {
	case <-entered:
		t.Error("a reader went through the shut gate")
	case <-time.After(20 * time.Millisecond):
	}
	reopen()
	<-entered
	leave()
	go func() { g.enter(t.Context())() }()
	g.shut(time.Minute)()
}
