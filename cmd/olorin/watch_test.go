package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// Files of the watched directory are taken once they rest, each content once, and what cannot be read is put aside with every reason.
func TestTheWatchedDirectory(t *testing.T) {
	dir := t.TempDir()
	s := &session{ctx: t.Context(), config: Config{DatabaseURL: "memory:", DataDir: t.TempDir(), EngineMemoryMB: 128, EngineThreads: 1, PoolSize: 2, WriteQueue: 16}, out: io.Discard, log: slog.New(slog.DiscardHandler)}
	h, err := s.open(false)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close() //nolint:errcheck // it is memory
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := &watcher{s: s, h: h, dir: dir, user: "ana"}
	look := func(wantSets ...string) {
		t.Helper()
		if err := w.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		all, err := h.store.Datasets(t.Context(), "ana")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range all {
			if d.Origin != olorin.OriginWatched || d.UserID != "ana" {
				t.Errorf("%+v", d)
			}
			got = append(got, d.Name)
		}
		slices.Sort(got)
		if !slices.Equal(got, wantSets) {
			t.Errorf("data sets %v, want %v", got, wantSets)
		}
	}
	there := func(want bool, names ...string) {
		t.Helper()
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
				t.Errorf("%s is there: %t, want %t", name, err == nil, want)
			}
		}
	}
	if err := w.look(t.Context()); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("for a user who is not there: %v", err)
	}
	if err := h.store.PutUser(t.Context(), olorin.User{ID: "ana", Name: "ana", Role: olorin.RoleAnalyst, CreatedAt: h.clock()}, olorin.AuditEntry{At: h.clock(), Actor: olorin.System, Action: "user.added"}); err != nil {
		t.Fatal(err)
	}

	const rows = "user_id,amount\nu1,1\nu2,2\n"
	put("good.csv", rows)
	put("growing.csv", "user_id,amount\nu1,1\n")
	put("bad.csv", "user_id,amount\nu1\nu2,2,2\n")
	put("coming.csv.part", rows)
	put(".hidden.csv", rows)
	look()
	put("growing.csv", "user_id,amount\nu1,1\nu9,9\n")
	look("good")
	there(true, "imported/good.csv", "refused/bad.csv", "growing.csv", "coming.csv.part", ".hidden.csv")
	there(false, "good.csv", "bad.csv")
	why, err := os.ReadFile(filepath.Join(dir, "refused/bad.csv.why.txt"))
	if err != nil || !strings.Contains(string(why), "line 2 has 1 field,") || !strings.Contains(string(why), "line 3 has 3 fields") {
		t.Errorf("why: %s, %v", why, err)
	}
	told, err := refusedFiles(dir, true)
	if err != nil || len(told) != 1 || told[0].Filename != "bad.csv" || told[0].At.IsZero() || len(told[0].Reasons) != 3 || !strings.HasPrefix(told[0].Reasons[1], "line 2 has 1 field,") {
		t.Errorf("told: %+v, %v", told, err)
	}
	if told, err := refusedFiles(dir, false); err != nil || len(told) != 0 {
		t.Errorf("somebody else is told: %+v, %v", told, err)
	}
	look("good", "growing")

	w = &watcher{s: s, h: h, dir: dir, user: "ana"} // after a restart
	put("again.csv", rows)
	look("good", "growing")
	look("good", "growing")
	there(true, "imported/again.csv")

	var actions []string
	trail, err := h.store.AuditTrail(t.Context(), olorin.AuditQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range trail.Items {
		if strings.HasPrefix(entry.Action, "dataset.") {
			actions = append(actions, entry.Action)
		}
	}
	slices.Sort(actions)
	if got := strings.Join(actions, " "); got != "dataset.imported dataset.imported dataset.known dataset.refused" {
		t.Errorf("in the trail: %s", got)
	}
}
