package olorin_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`([^`:]+\\.(?:go|ts|tsx)):([^`]+)`")
	goName    = regexp.MustCompile(`^(Test|Fuzz|Benchmark)\w+$`)
)

// Each row of the tables in docs/traceability.md ends with the tests that show
// what it asks for, each as `file:name`.
func TestTestsNamedInTraceabilityExist(t *testing.T) {
	doc, err := os.ReadFile("docs/traceability.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, named := 0, 0
	for i, line := range strings.Split(string(doc), "\n") {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| what") {
			continue
		}
		rows++
		tests := namedTest.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			t.Errorf("line %d names no test: %s", i+1, line)
		}
		for _, match := range tests {
			named++
			path, name := match[1], match[2]
			source, err := os.ReadFile(path)
			if err != nil {
				t.Errorf("line %d: %v", i+1, err)
				continue
			}
			if !hasTest(path, string(source), name) {
				t.Errorf("line %d: %s has no test %q", i+1, path, name)
			}
		}
	}
	if rows == 0 || named < rows {
		t.Errorf("%d rows name %d tests", rows, named)
	}
}

func TestHasTest(t *testing.T) {
	for _, c := range []struct {
		path, source, name string
		want               bool
	}{
		{"a_test.go", "func TestOne(t *testing.T) {}", "TestOne", true},
		{"a_test.go", "func TestOneMore(t *testing.T) {}", "TestOne", false},
		{"a_test.go", "// func TestOne(t *testing.T) {}", "TestOne", false},
		{"a_test.go", "func helper() {}", "helper", false},
		{"a.go", "func TestOne(t *testing.T) {}", "TestOne", false},
		{"a.test.ts", `test("one", () => {`, "one", true},
		{"a.spec.ts", `  it('one', async ({ page }) => {`, "one", true},
		{"a.test.ts", `test("one and more", () => {`, "one", false},
		{"a.test.ts", `test.skip("one", () => {`, "one", false},
		{"a.ts", `test("one", () => {`, "one", false},
	} {
		if got := hasTest(c.path, c.source, c.name); got != c.want {
			t.Errorf("hasTest(%q, %q, %q) = %v", c.path, c.source, c.name, got)
		}
	}
}

// hasTest tells whether a file of tests has one of this name that is run.
func hasTest(path, source, name string) bool {
	quoted := regexp.QuoteMeta(name)
	switch {
	case strings.HasSuffix(path, "_test.go"):
		return goName.MatchString(name) && regexp.MustCompile(`(?m)^func `+quoted+`\(`).MatchString(source)
	case regexp.MustCompile(`\.(test|spec)\.tsx?$`).MatchString(path):
		return regexp.MustCompile(`(?m)^\s*(test|it)\(\s*["'` + "`]" + quoted + `["'` + "`]").MatchString(source)
	}
	return false
}
