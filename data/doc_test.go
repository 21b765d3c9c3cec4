package data

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what docs/data.md says of the columns")

const (
	docPath  = "../docs/data.md"
	docBegin = "<!-- columns: written by `go test ./data -run Document -update` -->\n"
	docEnd   = "<!-- end of columns -->\n"
)

// columnTable is the canonical schema as a table in Markdown.
func columnTable() string {
	var b strings.Builder
	b.WriteString("| column | what it is | type | names taken for it | names taken where nothing better is there |\n|---|---|---|---|---|\n")
	list := func(names []string) string {
		if len(names) == 0 {
			return "–"
		}
		return "`" + strings.Join(names, "` `") + "`"
	}
	for _, c := range Columns {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Name, c.Title, c.Type, list(c.Aliases), list(c.Weak))
	}
	return b.String()
}

// The table of columns in docs/data.md is the one in the code.
func TestDocumentedColumns(t *testing.T) {
	text := string(readFile(t, docPath))
	before, rest, ok := strings.Cut(text, docBegin)
	_, after, ok2 := strings.Cut(rest, docEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table of columns", docPath)
	}
	want := before + docBegin + "\n" + columnTable() + "\n" + docEnd + after
	if *update {
		if err := os.WriteFile(docPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != want {
		t.Errorf("%s does not agree with the code: run go test ./data -run Document -update", docPath)
	}
}
