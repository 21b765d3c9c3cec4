package agents

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin/data"
)

// TryQuery runs a check's query over a case whatever the case has, and tells whether its columns are what Run and the sentence need.
func TryQuery(ctx context.Context, t *Tool, c *data.Case) error {
	if err := c.Query(ctx, t.caseQuery(), t.bind(c, t.values(nil)), func(map[string]any) error { return nil }); err != nil {
		return err
	}
	var names []string
	err := c.Query(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+t.with()+" SELECT * FROM found)", t.bind(c, t.values(nil)), func(m map[string]any) error {
		names = append(names, fmt.Sprint(m["column_name"])+" "+fmt.Sprint(m["column_type"]))
		return nil
	})
	if err != nil {
		return err
	}
	want := []string{"key VARCHAR", "rows BIGINT[]"}
	if t.rowStrengths {
		want = append(want, "strengths DOUBLE[]")
	}
	for _, w := range want {
		if !slices.Contains(names, w) {
			return fmt.Errorf("the query has no column %s; it has %s", w, strings.Join(names, ", "))
		}
	}
	for _, f := range t.sentence {
		if f.column == "" || f.param {
			continue
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, f.column+" ") }) {
			return fmt.Errorf("the sentence names {%s}, which the query does not return", f.column)
		}
	}
	return nil
}
