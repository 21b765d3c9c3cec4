package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// watcher imports the events files that appear in a directory. A file that two looks found alike is whole: it is imported and goes to
// imported/, or to refused/ with what is wrong with it in a file beside it. One whose bytes the user has already is not imported again.
type watcher struct {
	s    *session
	h    *house
	dir  string
	user string

	seen    map[string]fileState // as the last look found them
	settled map[string]fileState // done with, and could not be moved
}

// fileState tells one state of a file from another.
type fileState struct {
	size    int64
	changed time.Time
}

const (
	importedDir = "imported"
	refusedDir  = "refused"
	watchLock   = ".olorin-watch"

	whyEnding = ".why.txt"
	refusedAt = ", refused " // between the name and the time in a file that tells why
)

// watch looks into the watched directory, if there is one, until ctx ends.
func (s *session) watch(ctx context.Context, h *house) {
	c := s.config
	if c.WatchDir == "" {
		return
	}
	w := &watcher{s: s, h: h, dir: c.WatchDir, user: c.WatchUser}
	tick := time.NewTicker(c.WatchEvery)
	defer tick.Stop()
	for told := ""; ; {
		switch err := w.look(ctx); {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told: // what lasts is told once
			told = err.Error()
			s.log.Error("the watched directory was not looked through; trying again", "directory", w.dir, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look takes what has not changed since the last look.
func (w *watcher) look(ctx context.Context) (err error) {
	lock, err := os.OpenFile(filepath.Join(w.h.dataDir, watchLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil // another server on this data directory is at it
	}
	if _, err := w.h.store.User(ctx, w.user); err != nil {
		return fmt.Errorf("nobody owns what would be imported (OLORIN_WATCH_USER): %w", err)
	}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return err
	}
	now := map[string]fileState{}
	var faults []error
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || slices.Contains([]string{".part", ".partial", ".tmp", ".crdownload"}, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			faults = append(faults, err)
			continue
		}
		state := fileState{info.Size(), info.ModTime()}
		now[name] = state
		if w.seen[name] != state || w.settled[name] == state {
			continue
		}
		if err := w.take(ctx, name, state); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	w.seen = now
	return errors.Join(faults...)
}

// take imports a file, or refuses it. An error is the server's trouble: the file stays, and is taken at a later look.
func (w *watcher) take(ctx context.Context, name string, state fileState) (err error) {
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	all, err := w.h.store.Datasets(ctx, w.user)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(d olorin.Dataset) bool { return d.SHA256 == sum }); i >= 0 {
		w.tell("dataset.known", olorin.MaskCards(name), sum, "it is data set "+all[i].ID+" already")
		return w.settle(name, importedDir, state)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d, err := w.h.importFile(ctx, f, data.ImportOptions{
		UserID: w.user, Name: withoutEnding(name), Filename: name, Origin: olorin.OriginWatched,
	})
	switch code := olorin.CodeOf(err); {
	case code == olorin.CodeDatasetInvalid || code == olorin.CodeTooLarge || code == olorin.CodeInvalid:
		return w.refuse(name, sum, state, err)
	case err != nil:
		return err
	}
	w.s.log.Info("imported from the watched directory", "file", olorin.MaskCards(name), "sha256", d.SHA256, "dataset", d.ID, "rows", d.Rows)
	if info, err := f.Stat(); err != nil || (fileState{info.Size(), info.ModTime()}) != state {
		return err // it has grown meanwhile: what it will be is another data set
	}
	return w.settle(name, importedDir, state)
}

// refuse puts a file aside with all that is wrong with it.
func (w *watcher) refuse(name, sum string, state fileState, why error) error {
	lines := []string{why.Error()}
	if e, ok := errors.AsType[*olorin.Error](why); ok {
		lines[0] = e.Message
		for _, fault := range e.Faults {
			lines = append(lines, cmp.Or(fault.Detail, fault.Code))
		}
	}
	w.tell("dataset.refused", olorin.MaskCards(name), sum, strings.Join(lines, "; "))
	text := fmt.Sprintf("%s"+refusedAt+"%s\n\n%s\n", name, w.h.clock(), strings.Join(lines, "\n"))
	if err := w.settle(name, refusedDir, state); err != nil {
		return err
	}
	if w.settled[name] == state {
		return nil // nothing can be written there; the log and the audit trail have it
	}
	return os.WriteFile(filepath.Join(w.dir, refusedDir, name+whyEnding), []byte(text), 0o600)
}

// maxRefused bounds how many refused files are told of.
const maxRefused = 50

// refusedFiles reads what refuse wrote, the newest first; where nothing is watched for the user, there are none.
func refusedFiles(dir string, watched bool) ([]olorin.RefusedFile, error) {
	all := []olorin.RefusedFile{}
	if dir == "" || !watched {
		return all, nil
	}
	entries, err := os.ReadDir(filepath.Join(dir, refusedDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !strings.HasSuffix(entry.Name(), whyEnding) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, refusedDir, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		} else if err != nil {
			return nil, err
		}
		head, why, _ := strings.Cut(string(text), "\n\n")
		file := olorin.RefusedFile{Filename: strings.TrimSuffix(entry.Name(), whyEnding), Reasons: strings.Split(strings.TrimSpace(why), "\n")}
		if file.At.UnmarshalText([]byte(strings.TrimPrefix(head, file.Filename+refusedAt))) == nil { // else it is a file that somebody else put there
			all = append(all, file)
		}
	}
	slices.SortFunc(all, func(a, b olorin.RefusedFile) int { return b.At.Compare(a.At.Time) })
	return all[:min(len(all), maxRefused)], nil
}

// tell says in the log and in the audit trail why a file became no data set.
func (w *watcher) tell(action, name, sum, what string) {
	w.s.log.Warn("not imported from the watched directory", "file", olorin.MaskCards(name), "sha256", sum, "why", what)
	w.s.record(w.h, action, name+" "+sum+": "+what)
}

// settle moves a file that is done with. Where it cannot be moved it stays, and is not taken again until it changes.
func (w *watcher) settle(name, where string, state fileState) error {
	target := filepath.Join(w.dir, where)
	err := os.Mkdir(target, 0o700)
	if err == nil || errors.Is(err, fs.ErrExist) {
		err = os.Rename(filepath.Join(w.dir, name), filepath.Join(target, name))
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		w.s.log.Warn("a file of the watched directory cannot be moved; it stays", "file", name, "error", err)
		if w.settled == nil {
			w.settled = map[string]fileState{}
		}
		w.settled[name] = state
		return nil
	}
	return err
}

// withoutEnding is the name of a file as one would call what is in it.
func withoutEnding(name string) string {
	stem := strings.TrimSuffix(name, ".gz")
	return cmp.Or(strings.TrimSuffix(stem, filepath.Ext(stem)), name)
}
