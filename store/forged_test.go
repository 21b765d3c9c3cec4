package store

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// TestATrailWrittenAnewIsNoticed forges an entry as somebody would who has the file and knows Olorin, but not its key: with the hashes of
// all entries and one unsigned head for them. Then Olorin goes on, and signs heads of what it finds.
func TestATrailWrittenAnewIsNoticed(t *testing.T) {
	signer, key, public := AuditKey(t)
	url, _ := migratedFile(t)
	db, err := Open(t.Context(), url, Options{Server: true, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what matters was read
	var kept []AuditHead
	for range 12 {
		if _, err := write(t.Context(), db, "case", 1); err != nil {
			t.Fatal(err)
		}
		head, err := db.AuditHead(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if head.Size%4 == 0 {
			kept = append([]AuditHead{head}, kept...)
		}
	}
	verify := func(kept []AuditHead) AuditVerdict {
		t.Helper()
		v, err := db.VerifyAudit(t.Context(), key, kept)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(kept); v.Fault != "" || v.Entries != 12 || v.Heads != 12 {
		t.Fatalf("before: %+v", v)
	}
	forge := func(tx *tx) error {
		for _, s := range []string{`UPDATE audit SET actor_id = 'mallory' WHERE number = 6`, `DELETE FROM audit_heads`} {
			if err := tx.exec(s); err != nil {
				return err
			}
		}
		return sealOld(t.Context(), tx)
	}
	if err := db.writer.write(t.Context(), "audit", "forge", forge); err != nil {
		t.Fatal(err)
	}
	if v := verify(nil); !strings.HasPrefix(v.Fault, "no signed head vouches for the entries from 1 on") {
		t.Errorf("an unsigned head vouches: %+v", v)
	}
	if _, err := write(t.Context(), db, "case", 3); err != nil {
		t.Fatal(err)
	}
	if v := verify(kept); v.Number != 5 || !strings.Contains(v.Fault, "one of the entries 5 to 8 ") {
		t.Errorf("with the kept heads: %+v", v)
	}
	if v := verify(kept[:1]); v.Fault == "" {
		t.Errorf("with the newest of them: %+v", v)
	}
	var out bytes.Buffer
	if _, err := db.ExportAudit(t.Context(), &out, public); err != nil {
		t.Fatal(err)
	}
	if v, err := VerifyExport(&out, key, kept); err != nil || v.Number != 5 {
		t.Errorf("an export with the kept heads: %+v, %v", v, err)
	}

	// A kept head of another trail is told apart from a changed entry.
	head, err := db.AuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	head.Root[0] ^= 1
	again, err := note.Sign(&note.Note{Text: headText(head.Size, head.Root, head.At)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	head.Note = string(again)
	if v := verify([]AuditHead{head}); !strings.Contains(v.Fault, "contradict one another") {
		t.Errorf("a head of another trail: %+v", v)
	}
}
