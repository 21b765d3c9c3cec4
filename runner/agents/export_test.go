package agents

import (
	"context"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin/data"
)

// CaseQuery runs a check's query as a case asks it, whatever the case has.
func CaseQuery(ctx context.Context, t *Tool, c *data.Case) error {
	return c.Query(ctx, t.caseQuery(c.Entities(), kinds(c)), t.bind(c, t.values(nil)), func(map[string]any) error { return nil })
}

// LintBuiltIn tries every built-in check as one of the user's own is tried; but it may call the macros of the house that ask a table which
// it names (query_table), by which a user's own could reach any.
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
		found = slices.DeleteFunc(found, func(fault string) bool {
			return slices.ContainsFunc([]string{"fullest", "sharing", "variety"}, func(macro string) bool { return strings.HasPrefix(fault, "the query calls "+macro+"();") })
		})
		faults[t.ID] = append(found, b.try(ctx, t)...)
	}
	return faults, nil
}
