package store_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// tampered runs SQL on a database as somebody would who has its file.
func tampered(t *testing.T, url string, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:///"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // each statement is its own transaction
	for _, s := range statements {
		if _, err := pool.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestTheTrailTellsWhatWasTamperedWith(t *testing.T) {
	for _, c := range []struct {
		name   string
		sql    []string
		number int64 // of the entry that must be named; 0: none
	}{
		{"nothing", nil, 0},
		{"a detail changed", []string{`UPDATE audit SET detail = 'x' WHERE number = 5`}, 5},
		{"a time changed", []string{`UPDATE audit SET at = at + 1 WHERE number = 9`}, 9},
		{"a diff changed", []string{`UPDATE audit SET diff = replace(diff, 'Case', 'Cask') WHERE number = 1`}, 1},
		{"an entry dropped", []string{`DELETE FROM audit WHERE number = 7`}, 7},
		{"an entry dropped and the rest moved up", []string{`DELETE FROM audit WHERE number = 7`, `UPDATE audit SET number = number - 1 WHERE number = 8`}, 7},
		{"two entries swapped", []string{`UPDATE audit SET number = -3 WHERE number = 3`, `UPDATE audit SET number = 3 WHERE number = 4`, `UPDATE audit SET number = 4 WHERE number = -3`}, 3},
		{"an entry and its hash taken from another", []string{`UPDATE audit SET (detail, leaf, actor_id) = (SELECT detail, leaf, actor_id FROM audit WHERE number = 2) WHERE number = 6`}, 6},
		{"the end cut off", []string{`DELETE FROM audit WHERE number > 15`}, 16},
		{"the end and its heads cut off", []string{`DELETE FROM audit WHERE number > 15`, `DELETE FROM audit_heads WHERE size > 15`}, 16},
		{"an entry added", []string{`INSERT INTO audit SELECT 21, at, actor_kind, 'mallory', actor_role, origin, source, action, investigation_id, version_before, version_after, detail, diff, leaf FROM audit WHERE number = 20`}, 21},
		{"a signature changed", []string{`UPDATE audit_heads SET note = replace(note, char(10) || '12' || char(10), char(10) || '13' || char(10)) WHERE size = 12`}, 12},
		{"all heads removed", []string{`DELETE FROM audit_heads`}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := newFile(t)
			signer, key, _ := store.AuditKey(t)
			db := openAt(t, url, store.Options{Server: true, Signer: signer})
			desk := storetest.NewDesk(db)
			storetest.Create(t, desk, "case", storetest.Settings(""))
			for i := range 19 {
				name := fmt.Sprint("Case ", i)
				if _, err := desk.Save(t.Context(), storetest.Ana, "case", olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
					t.Fatal(err)
				}
			}
			kept, err := db.AuditHead(t.Context())
			if err != nil || kept.Size != 20 || kept.Note == "" {
				t.Fatalf("the head is %+v, %v", kept, err)
			}
			tampered(t, url, c.sql...)
			outside := []store.AuditHead{kept}
			if c.name == "all heads removed" {
				outside = nil // a head from outside would vouch for all entries
			}
			v, err := db.VerifyAudit(t.Context(), key, outside)
			if err != nil {
				t.Fatal(err)
			}
			if v.Number != c.number || (v.Fault == "") != (c.number == 0) {
				t.Errorf("entry %d is named, want %d: %s", v.Number, c.number, v.Fault)
			}
			t.Log(v.Fault)
		})
	}
}

func TestAnExportVerifiesWithoutTheDatabase(t *testing.T) {
	signer, key, _ := store.AuditKey(t)
	db := openAt(t, newFile(t), store.Options{Server: true, Signer: signer})
	desk := storetest.NewDesk(db)
	storetest.Create(t, desk, "case", storetest.Settings(""))
	for i := range 30 {
		name := fmt.Sprintf("Case <%d> & 'ä' \u2028", i)
		if _, err := desk.Save(t.Context(), storetest.Ana, "case", olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if n, err := db.ExportAudit(t.Context(), &out, "olorin-audit+unknown"); err != nil || n != 31 {
		t.Fatalf("%d entries, %v", n, err)
	}
	text := out.Bytes()
	if v, err := store.VerifyExport(bytes.NewReader(text), key, nil); err != nil || v.Fault != "" || v.Entries != 31 || v.Heads != 1 {
		t.Fatalf("the export as it was written: %+v, %v", v, err)
	}
	head := bytes.IndexByte(text, '\n') + 1 // the header only names the format and a key
	random := rand.New(rand.NewPCG(1, 2))
	noticed := 0
	for range 300 {
		changed := bytes.Clone(text)
		at := head + random.IntN(len(text)-head)
		changed[at] ^= 1 << random.IntN(8)
		if v, err := store.VerifyExport(bytes.NewReader(changed), key, nil); err == nil && v.Fault == "" {
			t.Errorf("byte %d changed from %q to %q is not noticed: …%s…", at, text[at], changed[at], text[max(0, at-60):min(len(text), at+20)])
		} else {
			noticed++
		}
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i := 1; i < len(lines)-1; i++ {
		without := bytes.Join(append(append([][]byte{}, lines[:i]...), lines[i+1:]...), nil)
		if v, err := store.VerifyExport(bytes.NewReader(without), key, nil); err == nil && v.Fault == "" {
			t.Errorf("line %d dropped is not noticed", i+1)
		}
	}
	_, other, _ := store.AuditKey(t)
	if v, err := store.VerifyExport(bytes.NewReader(text), other, nil); err == nil && v.Fault == "" {
		t.Error("an export signed by another key is taken")
	}
	t.Logf("%d changed bytes noticed, and each of %d dropped lines", noticed, len(lines)-2)
}
