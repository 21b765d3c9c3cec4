package store

import (
	"testing"

	"golang.org/x/mod/sumdb/note"
)

// Tests take small bounds, so that few investigations lead every way; the benchmark of the history takes these.
var usualStride, usualPatience = stride, patience

func init() { stride, patience = 40, 20 }

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
