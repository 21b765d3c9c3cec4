package agents_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin/runner/agents"
)

var update = flag.Bool("update", false, "write the generated documents anew")

// docs/checks.md is the headers of the checks, put into a page.
func TestChecksPageIsUpToDate(t *testing.T) {
	const path = "../../docs/checks.md"
	want := agents.Page()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Errorf("%s does not say what the checks' headers say; run: go test ./runner/agents -run ChecksPage -update", path)
	}
}
