package olorin_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/olorin-dev/olorin"

// rooms says what each room may import of the others, and why not more. Rooms that are not named may import nothing of ours.
var rooms = map[string]struct {
	imports []string
	reason  string
}{
	"":                {nil, "the domain decides and carries nothing"},
	"store":           {[]string{""}, "the only SQL of state; it knows the domain and no other carrier"},
	"store/storetest": {[]string{"", "store"}, "the conformance suite of stores"},
	"store/pgtest":    {[]string{}, "starts PostgreSQL servers for tests"},
	"live":            {[]string{""}, "wakes followers; reads and writes nothing itself"},
	"data":            {[]string{""}, "reads the user's files; knows no investigation under way"},
	"data/demo":       {nil, "makes a file out of a seed and nothing else"},
	"report":          {[]string{""}, "writes what an investigation holds, and reads nothing itself"},
	"runner/agents":   {[]string{"", "data"}, "checks ask the data room and know no run"},
	"agency":          {[]string{"", "runner/agents"}, "joins external agents and runs; it knows what may be offered, and no run"},
	"runner":          {[]string{"", "live", "data", "agency", "runner/agents"}, "carries runs forward through the desk"},
	"httpd":           {[]string{"", "live", "data", "report", "agency", "runner/agents", "store", "web"}, "the door for people and programs"},
	"web":             {nil, "holds the built pages"},
	"cmd/olorin":      {[]string{"", "store", "live", "data", "data/demo", "report", "agency", "runner", "runner/agents", "httpd", "web"}, "puts the rooms together"},
	"bench":           {[]string{"", "store", "store/storetest", "live", "data", "data/demo", "runner", "runner/agents", "httpd", "web"}, "measures every room"},
	"bench/peer":      {[]string{"", "store", "store/storetest", "live", "httpd"}, "measures beside peers, in a module of its own"},
	"bench/table":     {nil, "makes tables of what benchmarks print"},
}

// impure are the parts of the standard library that the domain must not know.
var impure = []string{"os", "net", "net/http", "database/sql", "io/fs", "syscall", "log", "log/slog", "os/exec", "embed"}

// The files are read here and not asked of "go list": the test cache does not see when a file is added.
func TestRoomsImportOneWay(t *testing.T) {
	seen := 0
	walkGo(t, func(path string) {
		room := filepath.ToSlash(filepath.Dir(path))
		if room == "." {
			room = ""
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		test := strings.HasSuffix(path, "_test.go")
		rule, known := rooms[room]
		if !known {
			t.Errorf("%s: room %q has no rule; say in architecture_test.go what it may import and why", path, room)
			return
		}
		for _, spec := range file.Imports {
			seen++
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if imported == module || strings.HasPrefix(imported, module+"/") {
				other := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
				if other != room && !slices.Contains(rule.imports, other) && !test {
					t.Errorf("%s imports %q: room %q may not, since %s", path, imported, room, rule.reason)
				}
				continue
			}
			if room == "" && !test {
				if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") || slices.Contains(impure, imported) {
					t.Errorf("%s imports %q: the domain is pure standard library, so that its rules can be tested and read alone", path, imported)
				}
			}
		}
		for _, word := range []string{"util", "utils", "common", "helpers", "models", "types", "service", "manager"} {
			if file.Name.Name == word {
				t.Errorf("%s: package %s says nothing about what is in it", path, word)
			}
		}
	})
	if seen < 50 {
		t.Fatalf("only %d imports were looked at; the walk misses the tree", seen)
	}
}

// Only cmd/olorin/config.go reads the environment, so that every setting has a name, a bound and a line in the table.
func TestOnlyTheConfigurationReadsTheEnvironment(t *testing.T) {
	walkGo(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") || filepath.ToSlash(path) == "cmd/olorin/config.go" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range selectors(file) {
			if slices.Contains([]string{"os.Getenv", "os.LookupEnv", "os.Environ"}, use) {
				t.Errorf("%s calls %s; read the environment in cmd/olorin/config.go and pass the value", path, use)
			}
		}
	})
}
