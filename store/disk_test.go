package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// smallDisk mounts a file system of its own, or skips.
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small file system to fill")
	}
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("this machine lets even root mount nothing:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func migratedIn(t *testing.T, dir string) string {
	t.Helper()
	url := "sqlite:///" + dir + "/olorin.db"
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestFullDisk(t *testing.T) {
	dir := smallDisk(t, "4m")
	ballast := dir + "/ballast"
	if err := os.WriteFile(ballast, make([]byte, 512<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), migratedIn(t, dir), store.Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a full disk may refuse
	desk := storetest.NewDesk(db)
	var (
		failure error
		written int
	)
	for i := 0; failure == nil && i < 2000; i++ {
		_, failure = desk.Save(t.Context(), storetest.Ana, fmt.Sprint("case-", i), olorin.Save{}, olorin.Condition{})
		if failure == nil {
			written++
			_, failure = desk.Change(t.Context(), olorin.System, fmt.Sprint("case-", i), storetest.Say(olorin.LevelInfo, strings.Repeat("x", 3000)), olorin.Condition{})
		}
	}
	if olorin.CodeOf(failure) != olorin.CodeUnavailable || !strings.Contains(failure.Error(), "disk is full") {
		t.Fatalf("a full disk says %v after %d investigations", failure, written)
	}
	if n := storetest.Whole(t, db); n != written {
		t.Errorf("%d investigations are there, %d were acknowledged", n, written)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	storetest.Create(t, desk, "after", storetest.Settings(""))
	if n := storetest.Whole(t, db); n != written+1 {
		t.Errorf("%d investigations are there after room was made", n)
	}
	t.Logf("full after %d investigations: reads went on, and writes once there was room", written)
}

func TestReadOnlyFileSystem(t *testing.T) {
	dir := smallDisk(t, "8m")
	url := migratedIn(t, dir)
	db, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	storetest.PutDataset(t, db, "d1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip("the file system cannot be made read-only:", err)
	}
	for _, server := range []bool{false, true} {
		db, err := store.Open(t.Context(), url, store.Options{Server: server})
		if err == nil {
			err = errors.Join(db.PutDataset(t.Context(), olorin.Dataset{ID: "d2", UserID: "ana"}, storetest.Act("dataset.import")), db.Close())
		}
		if olorin.CodeOf(err) != olorin.CodeUnavailable {
			t.Errorf("server %t: a read-only file system says %v", server, err)
		}
		t.Log(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, url, store.Options{Server: true})
	storetest.PutDataset(t, db, "d2")
	if _, err := db.Dataset(t.Context(), "d1"); err != nil {
		t.Error(err)
	}
}

func TestAReadOnlyFileIsToldAsSuch(t *testing.T) {
	url := newFile(t)
	path := strings.TrimPrefix(url, "sqlite:///")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if f, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
		_ = f.Close()
		t.Skip("this user may write what is read-only")
	}
	db, err := store.Open(t.Context(), url, store.Options{})
	if err == nil {
		err = errors.Join(db.PutDataset(t.Context(), olorin.Dataset{ID: "d", UserID: "ana"}, storetest.Act("dataset.import")), db.Close())
	}
	if olorin.CodeOf(err) != olorin.CodeUnavailable || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a read-only file says %v", err)
	}
}

// TestFullDiskAtTheStart opens a database where there is no room for the files beside it.
func TestFullDiskAtTheStart(t *testing.T) {
	dir := smallDisk(t, "4m")
	url := migratedIn(t, dir)
	ballast := dir + "/ballast"
	_ = os.WriteFile(ballast, make([]byte, 8<<20), 0o600) // as much as there is room for
	if db, err := store.Open(t.Context(), url, store.Options{Server: true}); err == nil {
		_ = db.Close()
		t.Error("it was opened")
	} else if olorin.CodeOf(err) != olorin.CodeUnavailable || !strings.Contains(err.Error(), "disk is full") || store.Lasting(err) {
		t.Errorf("a full disk says %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	storetest.Create(t, storetest.NewDesk(openAt(t, url, store.Options{Server: true})), "after", storetest.Settings(""))
}
