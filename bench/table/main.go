// Command table reads what go test -bench prints and writes it as tables in Markdown: one for each benchmark, a row for each case, a column
// for each metric. What it reads goes on to stderr as it comes.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// table is the results of one benchmark.
type table struct {
	name    string
	columns []string
	rows    []row
}

type row struct {
	name   string
	values map[string]string
}

func main() {
	tables, failed := read(io.TeeReader(os.Stdin, os.Stderr))
	write(os.Stdout, tables)
	if failed {
		os.Exit(1)
	}
}

// read collects the results; failed tells that a test said FAIL.
func read(in io.Reader) (tables []*table, failed bool) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		line := lines.Text()
		failed = failed || strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL")
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		path := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(path, '-'); i > 0 { // the number of processors
			path = path[:i]
		}
		name, of, _ := strings.Cut(path, "/")
		i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name })
		if i < 0 {
			i = len(tables)
			tables = append(tables, &table{name: name})
		}
		t, r := tables[i], row{of, map[string]string{}}
		for i := 2; i+1 < len(fields); i += 2 { // a number and its unit
			value, unit := fields[i], fields[i+1]
			if unit == "B/op" || unit == "allocs/op" {
				continue
			}
			if !slices.Contains(t.columns, unit) {
				t.columns = append(t.columns, unit)
			}
			r.values[unit] = plain(value)
		}
		t.rows = append(t.rows, r)
	}
	return tables, failed
}

// plain is a number with as many digits as one can use.
func plain(number string) string {
	f, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return number
	case f == 0:
		return "0"
	case f >= 100:
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

func write(out io.Writer, tables []*table) {
	for _, t := range tables {
		fmt.Fprintf(out, "\n### %s\n\n| | %s |\n|---|%s\n", t.name, strings.Join(t.columns, " | "), strings.Repeat("---|", len(t.columns)))
		for _, r := range t.rows {
			fmt.Fprintf(out, "| %s |", r.name)
			for _, c := range t.columns {
				fmt.Fprintf(out, " %s |", r.values[c])
			}
			fmt.Fprintln(out)
		}
	}
}
