// Package storetest is the conformance suite of stores: what every database must do, asked of each in the same words.
package storetest

import (
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// Run asks everything of databases that open returns, or only these parts: each call a new and empty one, closed when its test ends.
func Run(t *testing.T, open func(t *testing.T) *store.DB, only ...string) {
	parts := []struct {
		name string
		run  func(*testing.T, *store.DB)
	}{
		{"two writers, one version", race},
		{"a life", life},
		{"refusals", refusals},
		{"64 callers", crowd},
		{"failing neighbours", neighbours},
		{"callers who leave", leaving},
		{"log lines", logs},
		{"log lines of a restored checkpoint", restoredLogs},
		{"audit trail", trail},
		{"runs by lease", runs},
		{"runs shared evenly between users", fairRuns},
		{"accepted weights", weights},
		{"many claimers", claimers},
		{"history", history},
		{"history by words", words},
		{"data sets", datasets},
		{"reviews", reviews},
		{"retention", retention},
		{"users", users},
		{"templates", templates},
		{"profiles", profiles},
		{"mappings", mappings},
		{"idempotency keys", keys},
	}
	asked := 0
	for _, part := range parts {
		if len(only) > 0 && !slices.Contains(only, part.name) {
			continue
		}
		asked++
		t.Run(part.name, func(t *testing.T) {
			db := open(t)
			part.run(t, db)
			Whole(t, db)
		})
	}
	if len(only) > 0 && asked != len(only) {
		t.Fatalf("of the parts %q only %d are known", only, asked)
	}
}

// code fails the test unless the error has the code.
func code(t testing.TB, err error, want olorin.Code) {
	t.Helper()
	if got := olorin.CodeOf(err); got != want {
		t.Errorf("the error has code %q, want %q: %v", got, want, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
