package agents_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// importText imports a small CSV.
func importText(t testing.TB, engine *data.Engine, id, csv string) olorin.Dataset {
	t.Helper()
	path := filepath.Join(t.TempDir(), id+".csv")
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	return importFile(t, engine, id, path)
}

// Every query must run, also on a file that has none of its columns: the schema always has them all.
func TestEveryCheckRuns(t *testing.T) {
	t.Parallel()
	engine := openEngine(t)
	d := importText(t, engine, "tiny", "user_id,event_time,amount\nu1,2026-01-01T00:00:00Z,10\nu2,2026-01-02T00:00:00Z,20\n")
	c, err := engine.OpenCase(context.Background(), d, data.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, choice := range agents.Choose(nil, nil) {
		if err := agents.CaseQuery(context.Background(), choice.Tool, c); err != nil {
			t.Errorf("%s: %v", choice.Tool.ID, err)
		}
	}
	faults, err := agents.LintBuiltIn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for id, found := range faults {
		for _, fault := range found {
			t.Errorf("%s: %s", id, fault)
		}
	}
}

func TestCatalogueIsSound(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range agents.Catalogue() {
		if len(a.Tools) == 0 {
			t.Errorf("agent %s has no tool", a.ID)
		}
		for _, tool := range a.Tools {
			if seen[tool.ID] {
				t.Errorf("%s is there twice", tool.ID)
			}
			seen[tool.ID] = true
			if tool.Agent != a.ID {
				t.Errorf("%s thinks it belongs to %q", tool.ID, tool.Agent)
			}
			if !strings.HasSuffix(tool.Description, ".") {
				t.Errorf("%s: the description %q does not end as a sentence does", tool.ID, tool.Description)
			}
		}
	}
	if len(seen) < 30 {
		t.Errorf("%d checks; want at least 30", len(seen))
	}
}
