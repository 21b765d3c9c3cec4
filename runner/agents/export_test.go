package agents

import (
	"context"

	"github.com/olorin-dev/olorin/data"
)

// CaseQuery runs a check's query as a case asks it, whatever the case has.
func CaseQuery(ctx context.Context, t *Tool, c *data.Case) error {
	return c.Query(ctx, t.caseQuery(c.Entities()), t.bind(c, t.values(nil)), func(map[string]any) error { return nil })
}

// LintBuiltIn tries every built-in check as one of the user's own is tried.
func LintBuiltIn(ctx context.Context) (map[string][]string, error) {
	b, err := openBench(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	faults := map[string][]string{}
	for _, choice := range Choose(nil, nil) {
		t := choice.Tool
		found := append(t.unusedNeeds(), b.reach(ctx, t.SQL)...)
		faults[t.ID] = append(found, b.try(ctx, t)...)
	}
	return faults, nil
}
