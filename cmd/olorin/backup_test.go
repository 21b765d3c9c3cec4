package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/olorin-dev/olorin/httpd"
	"github.com/olorin-dev/olorin/store"
)

// TestARestoreIsToldApartFromTampering goes through a backup, its rehearsal, a restart and a restore, with the heads that are kept beside.
func TestARestoreIsToldApartFromTampering(t *testing.T) {
	dir := t.TempDir()
	env := environment(t, dir)
	must(t, env, "", "migrate", "up")
	must(t, env, "", "user", "add", "root", "--role", "admin")
	token := strings.TrimSpace(must(t, env, "", "token", "--user", "root"))
	s := startServer(t, env)
	root := caller{s, token}
	file, _ := root.want(201, "POST", "/admin/backup", struct{}{})["file"].(string)
	rehearsal := func() any {
		backups, _ := root.want(200, "GET", "/admin/status", nil)["backups"].(map[string]any)
		r, _ := backups["last_rehearsal"].(map[string]any)
		return r["at"]
	}
	at := rehearsal()
	if at == nil || file == "" {
		t.Fatalf("backup %q, rehearsed at %v", file, at)
	}
	if _, err := s.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s = startServer(t, env)
	root.s = s
	if again := rehearsal(); again != at {
		t.Errorf("after a restart it was rehearsed at %v, before at %v", again, at)
	}
	heads := filepath.Join(dir, "data", "audit-heads.log")
	var kept []byte
	for range 1000 {
		if kept, _ = os.ReadFile(heads); bytes.Count(kept, []byte("\n")) >= 2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := s.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	var v store.AuditVerdict
	if err := json.Unmarshal([]byte(must(t, env, "", "audit", "verify", "--json")), &v); err != nil || v.Heads == 0 || v.Heads > v.Entries {
		t.Errorf("%+v, %v", v, err)
	}
	// A line that is not the newest is compared too.
	first, rest, _ := bytes.Cut(kept, []byte("\n"))
	var head store.AuditHead
	if err := json.Unmarshal(first, &head); err != nil {
		t.Fatal(err)
	}
	head.Root[0] ^= 1
	changed, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(heads, append(append(changed, '\n'), rest...), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := olorinCommand(t, env, "audit", "verify").CombinedOutput(); err == nil {
		t.Errorf("an older head that says otherwise is not noticed: %s", out)
	}
	if err := os.WriteFile(heads, kept, 0o600); err != nil {
		t.Fatal(err)
	}

	// A backup that is refused leaves the heads where they are.
	bad := filepath.Join(dir, "bad.db")
	if err := os.WriteFile(bad, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := olorinCommand(t, env, "restore", bad).CombinedOutput(); err == nil {
		t.Errorf("a bad backup was restored: %s", out)
	}
	if after, err := os.ReadFile(heads); err != nil || !bytes.Equal(after, kept) {
		t.Errorf("after a refused restore the heads are %q, %v", after, err)
	}

	// One that is killed at its last step leaves the old database, and the next finds its heads again, whatever comes of it.
	restoring := filepath.Join(dir, "olorin.db.restoring")
	killed := olorinCommand(t, env, "restore", file)
	killed.Args = append([]string{"strace", "-f", "-o", os.DevNull, "-P", restoring, "-e", "inject=renameat,rename:error=EIO:signal=KILL", killed.Path}, killed.Args[1:]...)
	if killed.Path, killed.Err = exec.LookPath("strace"); killed.Err != nil {
		t.Skip("strace is missing: apt-get install strace")
	}
	out, err := killed.CombinedOutput()
	if _, still := os.Stat(restoring); err == nil || still != nil {
		t.Fatalf("the restore was not killed: %v, %v: %s", err, still, out)
	}
	if _, err := os.Stat(heads); err == nil {
		t.Error("the restore was killed before it put the heads aside")
	}
	if out, err := olorinCommand(t, env, "restore", bad).CombinedOutput(); err == nil {
		t.Errorf("a bad backup was restored: %s", out)
	}
	if after, err := os.ReadFile(heads); err != nil || !bytes.Equal(after, kept) {
		t.Errorf("after a restore that was killed the heads are %q, %v", after, err)
	}
	must(t, env, "", "audit", "verify")

	var restored struct {
		KeptHeads string `json:"kept_heads"`
	}
	if err := json.Unmarshal([]byte(must(t, env, "", "restore", "--json", file)), &restored); err != nil || restored.KeptHeads == "" {
		t.Fatalf("%+v, %v", restored, err)
	}
	must(t, env, "", "check")
	must(t, env, "", "audit", "verify")
	if out, err := olorinCommand(t, env, "audit", "verify", "--head", restored.KeptHeads).CombinedOutput(); err == nil || !strings.Contains(string(out), "cut off") {
		t.Errorf("the heads from before the restore say: %s", out)
	}
}

// While a backup is made the status goes on to tell of the one before.
func TestTheStatusTellsOfTheLastRehearsalWhileABackupIsMade(t *testing.T) {
	db, err := store.Open(t.Context(), "memory:", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	b := &backups{s: &session{config: Config{DataDir: t.TempDir()}}, h: &house{store: db}, rehearsal: &httpd.Rehearsal{OK: true}}
	b.making.Lock()
	defer b.making.Unlock()
	if st := b.status(); st.Rehearsal == nil || !st.Rehearsal.OK {
		t.Errorf("%+v", st)
	}
}
