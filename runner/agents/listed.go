package agents

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// The bounds of what is told of lists: values beside the investigated ones, and rows of each.
const (
	maxHits    = 50
	maxHitRows = 20
)

// Asked are the lists that have anything that occurs in the file, by name: those that the checks of the case can find something on.
func Asked(ctx context.Context, c *data.Case) ([]olorin.ListStamp, error) {
	var stamps []olorin.ListStamp
	if len(c.Lists()) == 0 {
		return stamps, nil
	}
	err := c.Query(ctx, "SELECT DISTINCT name FROM lists ORDER BY name", nil, func(m map[string]any) error {
		for _, l := range c.Lists() {
			if l.Name == asText(m["name"]) {
				stamps = append(stamps, l.Stamp())
			}
		}
		return nil
	})
	return stamps, err
}

// Listed tells what of the rows in scope stands on lists of known good, bad or notes, those that the case is about first.
func Listed(ctx context.Context, c *data.Case, investigated []olorin.Entity) ([]olorin.ListHit, error) {
	hits := []olorin.ListHit{}
	var parts []string
	for _, kind := range olorin.EntityTypes {
		for _, column := range data.EntityColumns(kind) {
			if c.Has(column) {
				parts = append(parts, fmt.Sprintf(`SELECT "row", %s AS value, '%s' AS entity_type FROM own WHERE in_scope AND %s IS NOT NULL`, column, kind, column))
			}
		}
	}
	if len(parts) == 0 || c.Counts().InScope == 0 || len(c.Lists()) == 0 {
		return hits, nil
	}
	query := `WITH here AS (` + strings.Join(parts, " UNION ALL ") + `)
SELECT l.name AS name, l.kind AS kind, l.entity_type AS entity_type, l.value AS value, any_value(l.note) AS note,
  count(DISTINCT "row") AS n, list_slice(list(DISTINCT "row" ORDER BY "row"), 1, ` + fmt.Sprint(maxHitRows) + `) AS rows
FROM lists l JOIN here ON here.entity_type = l.entity_type AND here.value = l.value
WHERE l.kind IN ('good', 'bad', 'note') GROUP BY l.name, l.kind, l.entity_type, l.value ORDER BY l.kind = 'bad' DESC, n DESC, name, value`
	others := 0
	err := c.Query(ctx, query, nil, func(m map[string]any) error {
		rows, err := integers(m["rows"])
		n, _ := m["n"].(int64)
		h := olorin.ListHit{
			List: asText(m["name"]), Kind: olorin.ListKind(asText(m["kind"])), EntityType: olorin.EntityType(asText(m["entity_type"])), Value: asText(m["value"]), Rows: rows, Count: n,
		}
		h.Note, _ = m["note"].(string)
		h.Direct = slices.ContainsFunc(investigated, func(e olorin.Entity) bool {
			// The file may write an entity otherwise than the analyst: then it is the one that all rows in scope have.
			return e.Type == h.EntityType && (e.Names(h.Value) || strings.EqualFold(strings.TrimSpace(e.Value), h.Value) || len(investigated) == 1 && n == c.Counts().InScope)
		})
		if !h.Direct {
			if others++; others > maxHits {
				return err
			}
		}
		hits = append(hits, h)
		return err
	})
	slices.SortStableFunc(hits, func(a, b olorin.ListHit) int {
		if a.Direct == b.Direct {
			return 0
		} else if a.Direct {
			return -1
		}
		return 1
	})
	return hits, err
}
