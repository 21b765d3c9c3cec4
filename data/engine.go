// Package data reads the events files that users bring and answers the queries that checks ask about them.
//
// An upload is read once: a byte scan judges it and writes canonical rows, DuckDB takes them in bulk. A data set is a directory of
// three DuckDB files: source (the text of the file, card numbers masked), events (the canonical schema of Columns, typed) and
// labels (known outcomes, which no check can reach). A Case is a DuckDB instance of its own on the events of one data set, read-only,
// with no way out to other files.
//
// DuckDB runs in child processes of this same program, never in the server's: child.go and case.go are the server's end, inside.go and view.go
// the engine's, wire.go is what they say to each other.
package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/olorin-dev/olorin"
)

// Limits bound what one import or one case may use.
type Limits struct {
	MemoryMB  int           // of DuckDB, per import and per case; 0 is 512
	Threads   int           // of DuckDB, per import and per case; 0 is 2
	Statement time.Duration // longest a query of a case may take; 0 is without bound
	MaxBytes  int64         // largest file; 0 is without bound
	MaxRows   int64         // of a file; 0 is without bound
	Import    time.Duration // longest that a data set may be in the making; 0 is without bound

	AddressDBs []string // in MaxMind's format: what imports work out of addresses beside the country
}

// Engine keeps data sets under a directory. It is safe for concurrent use, also by several processes.
type Engine struct {
	dir    string
	lim    Limits
	masker *cardMasker
	builds chan struct{} // one for each data set that is being made
}

// Open readies a directory for data sets, and makes it where it is missing. What imports left behind that ended with their process is removed.
func Open(dir string, lim Limits) (*Engine, error) {
	if lim.MemoryMB == 0 {
		lim.MemoryMB = 512
	}
	if lim.Threads == 0 {
		lim.Threads = 2
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open data directory: %w", err)
	}
	for i, path := range lim.AddressDBs { // children have another working directory
		if lim.AddressDBs[i], err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("open database of addresses: %w", err)
		}
	}
	book, err := openAddressBook(lim.AddressDBs)
	if err == nil {
		err = book.close()
	}
	if err != nil {
		return nil, err
	}
	e := &Engine{dir: dir, lim: lim, builds: make(chan struct{}, buildsAtOnce)}
	for _, d := range []string{e.dir, e.datasets(), e.tmp()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("open data directory: %w", err)
		}
	}
	key, err := cardKey(e.keyPath())
	if err != nil {
		return nil, err
	}
	e.masker = newCardMasker(key)
	return e, e.sweep()
}

func (e *Engine) datasets() string { return filepath.Join(e.dir, "datasets") }
func (e *Engine) tmp() string      { return filepath.Join(e.dir, "tmp") }
func (e *Engine) keyPath() string  { return filepath.Join(e.dir, "card.key") }

// workspace is a directory for work under way. It is locked while its process lives.
type workspace struct {
	dir  string
	lock *os.File
}

func (e *Engine) workspace() (*workspace, error) {
	dir, err := os.MkdirTemp(e.tmp(), "work-")
	if err != nil {
		return nil, fmt.Errorf("make working directory: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock working directory: %w", err), os.RemoveAll(dir))
	}
	return &workspace{dir, lock}, nil
}

func (w *workspace) path(name string) string { return filepath.Join(w.dir, name) }

func (w *workspace) remove() error {
	return errors.Join(os.RemoveAll(w.dir), w.lock.Close())
}

// Scratch is a file for work under way. Closing it removes it.
type Scratch struct {
	*os.File
	w *workspace
}

// Scratch makes a file beside the data, where there is room for what is made of it.
func (e *Engine) Scratch() (*Scratch, error) {
	w, err := e.workspace()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(w.path("scratch"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a file for work under way: %w", err), w.remove())
	}
	return &Scratch{f, w}, nil
}

// Close closes and removes the file.
func (s *Scratch) Close() error { return errors.Join(s.File.Close(), s.w.remove()) }

// sweep removes the working directories that no process holds.
func (e *Engine) sweep() error {
	entries, err := os.ReadDir(e.tmp())
	if err != nil {
		return fmt.Errorf("sweep data directory: %w", err)
	}
	for _, entry := range entries {
		dir := filepath.Join(e.tmp(), entry.Name())
		info, err := entry.Info()
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue // it may not have its lock yet
		}
		lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
		if err == nil && syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			_ = lock.Close() // held: in use
			continue
		}
		if err == nil {
			_ = lock.Close()
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("sweep data directory: %w", err)
		}
	}
	return nil
}

var validID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// home returns the directory of a data set that exists.
func (e *Engine) home(id string) (string, error) {
	if validID.MatchString(id) {
		dir := filepath.Join(e.datasets(), id)
		if _, err := os.Stat(dir); err == nil {
			return dir, nil
		}
	}
	return "", olorin.Errorf(olorin.CodeNotFound, "the server has no file of this data set")
}

// fileset names one generation of a data set. Which one is in force is for whoever keeps the data set to say: the word of the store, which takes
// mappings one after the other, is the moment a new one counts.
type fileset struct{ ID, Generation string }

func filesetOf(d olorin.Dataset) fileset { return fileset{d.ID, d.Generation} }

// generation returns the directory of a generation.
func (e *Engine) generation(f fileset) (string, error) {
	home, err := e.home(f.ID)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(home, f.Generation)
	there, err := exists(dir)
	if err == nil && (!there || !validID.MatchString(f.Generation)) {
		err = olorin.Errorf(olorin.CodeConflict, "data set %s was mapped anew meanwhile: ask again; if that does not help its files are damaged: import it again", f.ID)
	}
	return dir, err
}

// Tidy removes what known does not hold of a data set: all of it where it is CodeNotFound, else the generations that it does not name. Where known
// cannot say, as after a commit whose answer was lost, all stays. Cases that are open go on.
func (e *Engine) Tidy(ctx context.Context, id string, known func(context.Context, string) (olorin.Dataset, error)) error {
	d, err := known(context.WithoutCancel(ctx), id)
	if olorin.CodeOf(err) == olorin.CodeNotFound {
		return e.Delete(id)
	}
	if err != nil {
		return err
	}
	home, err := e.home(id)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(home)
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != d.Generation {
			err = errors.Join(err, os.RemoveAll(filepath.Join(home, entry.Name())))
		}
	}
	return errors.Join(err, syncPath(home))
}

// Directory is where the files of a data set are.
type Directory struct {
	ID   string
	Path string
}

// Directories lists those of the data sets that have files here.
func (e *Engine) Directories() ([]Directory, error) {
	entries, err := os.ReadDir(e.datasets())
	if err != nil {
		return nil, fmt.Errorf("list data sets: %w", err)
	}
	list := make([]Directory, len(entries))
	for i, entry := range entries {
		list[i] = Directory{entry.Name(), filepath.Join(e.datasets(), entry.Name())}
	}
	return list, nil
}

// Delete removes a data set. Cases that are open on it go on.
func (e *Engine) Delete(id string) error {
	home, err := e.home(id)
	if err != nil {
		return err
	}
	w, err := e.workspace()
	if err != nil {
		return err
	}
	// Out of sight at once, then in pieces.
	if err := os.Rename(home, w.path("deleted")); err != nil {
		return errors.Join(fmt.Errorf("delete data set %s: %w", id, err), w.remove())
	}
	return errors.Join(syncPath(e.datasets()), w.remove())
}

// instance opens a DuckDB instance in memory, bounded by the limits, that spills into a directory.
func (e *Engine) instance(ctx context.Context, spill string) (*sql.DB, error) {
	connector, err := duckdb.NewConnector(":memory:", nil)
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	db := sql.OpenDB(connector)
	for _, s := range []string{
		fmt.Sprintf("SET memory_limit = '%dMB'", e.lim.MemoryMB),
		fmt.Sprintf("SET threads = %d", e.lim.Threads),
		fmt.Sprintf("SET temp_directory = %s", quote(spill)),
		fmt.Sprintf("SET max_temp_directory_size = '%dMB'", max(16*e.lim.MemoryMB, 4096)),
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET TimeZone = 'UTC'",
	} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("open DuckDB: %s: %w", s, err), db.Close())
		}
	}
	return db, nil
}

// quote makes an SQL text literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// syncPath makes a file or a directory durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// canonicalIP returns an address as its canonical text: leading zeros gone, IPv6 in the form of RFC 5952, a mapped IPv4 address as IPv4,
// a decimal number (its fraction cut) as dotted quad. It returns "" where s is no address.
func canonicalIP(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "[]")
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap().WithZone("").String()
	}
	if isIPNumber(s) {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return ""
		}
		n := uint32(f)
		return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
	}
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("").String()
	}
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return ""
	}
	var b [4]byte
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(p) > 3 {
			return ""
		}
		b[i] = byte(n)
	}
	return netip.AddrFrom4(b).String()
}

// exists tells whether a path does.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
