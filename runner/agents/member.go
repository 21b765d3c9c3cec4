package agents

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// kinds are the types of entity that the file has a column for, without transactions: those are the rows themselves.
func kinds(c *data.Case) []string {
	var out []string
	for _, kind := range olorin.EntityTypes {
		if kind != "transaction_id" && c.Has(string(kind)) {
			out = append(out, string(kind))
		}
	}
	return out
}

// members is the SQL of which entities occur on the rows of cited(key, row), as a relation of key, _entities and _met, their number. Where
// there are too many, each type has its most frequent.
func members(kinds []string) string {
	if len(kinds) == 0 {
		return "members AS (SELECT NULL::VARCHAR AS key, NULL AS _entities, 0 AS _met)"
	}
	sets, names, values := make([]string, len(kinds)), "CASE", make([]string, len(kinds))
	for i, kind := range kinds {
		sets[i] = "(key, " + kind + ")"
		names += " WHEN " + kind + " IS NOT NULL THEN '" + kind + "'"
		values[i] = kind + "::VARCHAR"
	}
	return `met AS (
  SELECT key, ` + names + ` END AS kind, coalesce(NULL, ` + strings.Join(values, ", ") + `) AS value, count(*) AS rows
  FROM cited JOIN events USING (row) GROUP BY GROUPING SETS (` + strings.Join(sets, ", ") + `)
),
placed AS (SELECT *, row_number() OVER (PARTITION BY key, kind ORDER BY rows DESC, value) AS place, count(*) OVER (PARTITION BY key) AS met FROM met WHERE value != ''),
members AS (
  SELECT key, list({kind: kind, value: value} ORDER BY place, kind)[:least(` + fmt.Sprintf("%d, %d", maxEntities, entityBudget) + ` // (SELECT count(DISTINCT key) FROM met))] AS _entities, any_value(met) AS _met
  FROM placed WHERE place <= ` + fmt.Sprint(maxEntities) + ` GROUP BY key
)`
}

// named takes the entities of a finding from an answer that has members: by type, the most frequent first.
func (f *found) named(m map[string]any) {
	for _, one := range slice(m["_entities"]) {
		fields, _ := one.(map[string]any)
		kind, _ := fields["kind"].(string)
		value, _ := fields["value"].(string)
		f.Entities = append(f.Entities, olorin.EntityRef{Type: olorin.EntityType(kind), Value: value})
	}
	slices.SortStableFunc(f.Entities, func(a, b olorin.EntityRef) int {
		return cmp.Compare(slices.Index(olorin.EntityTypes, a.Type), slices.Index(olorin.EntityTypes, b.Type))
	})
	met, _ := m["_met"].(int64)
	f.EntitiesTotal = int(met)
}

// membersOf tells which entities occur on rows.
func membersOf(ctx context.Context, c *data.Case, rows []int64) (f found, err error) {
	f.Entities = []olorin.EntityRef{}
	if len(rows) == 0 {
		return f, nil
	}
	query := "WITH cited AS (SELECT '' AS key, n AS row FROM (" + data.Numbers(rows) + ")),\n" + members(kinds(c)) + "\nSELECT _entities, _met FROM members"
	err = c.Query(ctx, query, nil, func(m map[string]any) error {
		f.named(m)
		return nil
	})
	return f, err
}

// transactions are the first five of rows.
func transactions(rows []olorin.EvidenceRow) []olorin.EntityRef {
	var refs []olorin.EntityRef
	for _, row := range rows {
		if v, _ := row.Fields["transaction_id"].(string); v != "" && len(refs) < 5 {
			refs = append(refs, olorin.EntityRef{Type: "transaction_id", Value: v})
		}
	}
	return refs
}
