package olorin_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

var update = flag.Bool("update", false, "write the documents that are made from the code")

// documentMatches compares a document with what the code makes of it, or writes it with -update.
func documentMatches(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Fatalf("%s is not what the code says (%v); run: go test . -run %s -update", path, err, t.Name())
	}
}

var everyAct = []olorin.Act{
	olorin.ActStart, olorin.ActPause, olorin.ActResume, olorin.ActCancel, olorin.ActRetry, olorin.ActComplete, olorin.ActFail,
}

func TestStateMachineIsDrawnInTheDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The life of an investigation\n\nDrawn from the table in `status.go` by `go test . -run TestStateMachineIsDrawnInTheDocs -update`.\n\n```mermaid\nstateDiagram-v2\n    [*] --> draft\n")
	for _, from := range olorin.Statuses {
		for _, act := range everyAct {
			if to, ok := from.Next(act); ok {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", from, to, act)
			}
		}
	}
	b.WriteString("```\n\n| status | acts of people | terminal |\n|---|---|---|\n")
	for _, s := range olorin.Statuses {
		legal := []string{}
		for _, act := range s.Legal() {
			legal = append(legal, string(act))
		}
		fmt.Fprintf(&b, "| %s | %s | %t |\n", s, strings.Join(legal, ", "), s.Terminal())
	}
	b.WriteString("\n`complete` and `fail` are acts of the server. A terminal status has no work behind it; `error` waits for `retry` or `cancel`; `completed`\nmay be retried only where a tool failed, ran out of time or was not reached, and takes up just those.\n")
	documentMatches(t, "docs/state-machine.md", b.String())
}

func TestPagesOfferWhatTheTableAllows(t *testing.T) {
	var b strings.Builder
	b.WriteString("// What each status allows people. Made from status.go by: go test . -run TestPagesOfferWhatTheTableAllows -update\nexport const acts = {\n")
	for _, s := range olorin.Statuses {
		legal := []string{}
		for _, act := range s.Legal() {
			legal = append(legal, strconv.Quote(string(act)))
		}
		fmt.Fprintf(&b, "  %s: [%s],\n", s, strings.Join(legal, ", "))
	}
	b.WriteString("} as const;\n")
	documentMatches(t, "web/src/api/acts.ts", b.String())
}

func TestWhatTheTableDoesNotNameIsIllegal(t *testing.T) {
	for _, c := range []struct {
		status olorin.Status
		act    olorin.Act
	}{
		{olorin.Draft, olorin.ActPause},
		{olorin.Draft, olorin.ActCancel},
		{olorin.Running, olorin.ActStart},
		{olorin.Paused, olorin.ActComplete},
		{olorin.Completed, olorin.ActCancel},
		{olorin.Cancelled, olorin.ActResume},
		{olorin.Failed, olorin.ActResume},
	} {
		if to, ok := c.status.Next(c.act); ok {
			t.Errorf("%s is legal for %s and leads to %s", c.act, c.status, to)
		}
	}
}
