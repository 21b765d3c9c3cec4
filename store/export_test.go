package store

import (
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// usualStride is for benchmarks: tests take steps so short that small lists too are looked for in either way.
var usualStride = stride

func init() { stride = 40 }

// AuditKey makes a key for the heads of a trail, and the text of its public half.
func AuditKey(t *testing.T) (note.Signer, note.Verifier, string) {
	t.Helper()
	secret, public, err := note.GenerateKey(nil, "olorin-audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key, public
}
