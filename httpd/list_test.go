package httpd

import (
	"testing"

	"github.com/olorin-dev/olorin"
)

func (c client) bringList(text string, fields ...string) answer {
	c.t.Helper()
	var parts []part
	for i := 0; i < len(fields); i += 2 {
		parts = append(parts, part{fields[i], fields[i+1]})
	}
	return c.bring("/api/v1/lists", append(parts, part{"file", text}))
}

func TestLists(t *testing.T) {
	h := newHouse(t)
	lead, ana := h.as("lea", olorin.RoleLead), h.as("ana", olorin.RoleAnalyst)
	ok := []string{"name", "Bad users", "kind", "bad", "entity_type", "user_id", "source", "us", "source_date", "2020-01-31"}
	ana.bringList("u1\n", ok...).refused(olorin.CodeForbidden)
	var made listAnswer
	lead.bringList("u1\nu2,seen before\n", ok...).want(201).into(&made)
	if made.Values != 2 || !made.Stale || made.ImportedBy != "lea" || made.Filename != "shop.csv" {
		t.Errorf("made %+v", made)
	}
	var all listsAnswer
	ana.do("GET", "/api/v1/lists", nil).want(200).into(&all)
	if len(all.Items) != 1 || all.Items[0].ID != made.ID {
		t.Errorf("lists %+v", all)
	}
	lead.bringList("u1\n", "kind", "worse", "entity_type", "planet").refused(olorin.CodeInvalid)
	lead.bringList("u1\n", append([]string{"color", "red"}, ok...)...).refused(olorin.CodeInvalid)
	lead.bringList("\n", ok...).refused(olorin.CodeDatasetInvalid)
	ana.do("DELETE", "/api/v1/lists/"+made.ID, nil).refused(olorin.CodeForbidden)
	lead.do("DELETE", "/api/v1/lists/"+made.ID, nil).want(204)
	lead.do("DELETE", "/api/v1/lists/"+made.ID, nil).refused(olorin.CodeNotFound)
}
