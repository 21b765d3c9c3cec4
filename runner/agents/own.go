package agents

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// OwnCheck is a file with a check of the user's own: a tool, or everything that is wrong with it.
type OwnCheck struct {
	Path   string   `json:"path"`
	Tool   *Tool    `json:"-"`
	Faults []string `json:"faults"` // none where the tool can be used; never nil
}

// ReadOwn reads and lints the .sql files of a directory, by name. A file with faults is told, and keeps no other from its work.
func ReadOwn(ctx context.Context, dir string) ([]OwnCheck, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("read the checks in %s: %w", dir, err)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("read the checks in %s: %w", dir, err)
	}
	return LintFiles(ctx, names)
}

// LintFiles tells everything that is wrong with check files, each by itself, and that two of them have the same id.
func LintFiles(ctx context.Context, paths []string) (_ []OwnCheck, err error) {
	if len(paths) == 0 {
		return nil, nil
	}
	bench, err := openBench(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bench.close()) }()
	slices.Sort(paths)
	var checks []OwnCheck
	taken := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a check: %w", err)
		}
		own := OwnCheck{Path: path, Faults: []string{}}
		tool, faults := bench.lint(ctx, string(text))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if tool.ID != "" {
			if other := taken[tool.ID]; other != "" {
				faults = append(faults, fmt.Sprintf("id: %s is taken by %s", tool.ID, other))
			}
			taken[tool.ID] = filepath.Base(path)
		}
		own.Faults = append(own.Faults, faults...)
		if len(faults) == 0 {
			own.Tool = tool
		}
		checks = append(checks, own)
	}
	return checks, nil
}

// Install adds checks of the user's own to the catalogue. It is for the start of a program, before anything asks for the catalogue;
// it returns what takes them out again.
func Install(checks []OwnCheck) (remove func()) {
	before := catalogue
	agents := make([]Agent, len(before))
	for i, a := range before {
		a.Tools = slices.Clone(a.Tools)
		agents[i] = a
	}
	for _, c := range checks {
		if c.Tool == nil {
			continue
		}
		i := slices.IndexFunc(agents, func(a Agent) bool { return a.ID == c.Tool.Agent })
		if i < 0 {
			i = len(agents)
			agents = append(agents, Agent{ID: ownAgent, Title: "Own", Description: "Checks that were added to this server."})
		}
		agents[i].Tools = append(agents[i].Tools, c.Tool)
		slices.SortFunc(agents[i].Tools, func(x, y *Tool) int { return strings.Compare(x.ID, y.ID) })
	}
	catalogue = agents
	return func() { catalogue = before }
}

// bench is a small file with a value in every canonical column, on which checks are tried.
type bench struct {
	dir     string
	dataset olorin.Dataset
	file    *data.Case
	moving  map[string]bool // functions whose answer is not a matter of the data
}

// benchRows is how many rows the bench has.
const benchRows = 120

func openBench(ctx context.Context) (_ *bench, err error) {
	b := &bench{}
	if b.dir, err = os.MkdirTemp("", "olorin-lint-"); err != nil {
		return nil, fmt.Errorf("make a place to try checks: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	engine, err := data.Open(b.dir, data.Limits{MemoryMB: 1024, Threads: 1, Statement: lintTimeout})
	if err != nil {
		return nil, err
	}
	b.dataset, err = engine.Import(ctx, strings.NewReader(benchFile()), data.ImportOptions{ID: "bench", UserID: "lint", Name: "bench", Filename: "bench.csv", Mapping: benchMapping()})
	if err != nil {
		return nil, fmt.Errorf("make a file to try checks on: %w", err)
	}
	if b.file, err = engine.OpenCase(ctx, b.dataset, data.Selection{}); err != nil {
		return nil, err
	}
	b.moving = map[string]bool{}
	err = b.file.Query(ctx, movingQuery, nil, func(m map[string]any) error {
		name, _ := m["name"].(string)
		b.moving[name] = true
		return nil
	})
	return b, err
}

func (b *bench) close() error {
	var err error
	if b.file != nil {
		err = b.file.Close()
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

func benchMapping() map[string]string {
	m := map[string]string{}
	for _, c := range data.Columns {
		m[c.Name] = c.Name
	}
	return m
}

func benchFile() string {
	var b strings.Builder
	for i, c := range data.Columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(c.Name)
	}
	b.WriteByte('\n')
	for row := range benchRows {
		for i, c := range data.Columns {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(benchValue(c, row))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func benchValue(c data.CanonicalColumn, row int) string {
	who := row % 12
	switch c.Name {
	case "ip_address":
		return fmt.Sprintf("81.2.69.%d", 1+who)
	case "email":
		return fmt.Sprintf("user%d@example.com", who)
	case "phone_number":
		return fmt.Sprintf("+4420794600%02d", who)
	case "card_number":
		return fmt.Sprintf("41111100000%05d", who)
	case "card_bin":
		return "411111"
	case "card_last4":
		return fmt.Sprintf("%04d", who)
	case "currency":
		return "EUR"
	case "status":
		return []string{"approved", "approved", "declined"}[row%3]
	case "event_type":
		return []string{"login", "purchase", "payout"}[row%3]
	case "latitude", "merchant_latitude", "longitude", "merchant_longitude":
		return fmt.Sprintf("%d.5", row%40)
	}
	if strings.HasSuffix(c.Name, "country") {
		return []string{"FR", "DE", "NG"}[row%3]
	}
	switch c.Type {
	case data.Decimal, data.Double:
		return fmt.Sprintf("%d.25", 10+row)
	case data.Instant:
		return fmt.Sprintf("2026-01-%02dT%02d:00:00Z", 1+row/24, row%24)
	case data.Boolean:
		return []string{"false", "true"}[row%2]
	case data.Minutes:
		return "60"
	}
	return fmt.Sprintf("%s%d", strings.ReplaceAll(c.Name, "_", ""), who)
}
