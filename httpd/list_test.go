package httpd

import (
	"net/url"
	"strings"
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

func TestLeadsImportListsThatEverybodySees(t *testing.T) {
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
	lead.bringList("198.51.100.0/24,exit node\n192.0.2.7\n", "name", "VPNs", "kind", "vpn", "entity_type", "ip_address", "source", "us").want(201)
	lead.bringList("mail.example\nann@mail.example\n", "name", "Mail", "kind", "note", "entity_type", "email", "source", "us").want(201)
	lead.bringList("411111\n", "name", "BINs", "kind", "bin", "entity_type", "card_number", "source", "us").want(201)
	for value, want := range map[string]string{
		"u2": "u2 (seen before)", "u9": "", "198.51.100.9": "198.51.100.0/24 (exit node)", "198.51.100.0/24": "198.51.100.0/24 (exit node)", "192.0.2.7": "192.0.2.7 ()", "Ann@Mail.Example": "mail.example () ann@mail.example ()", "4111111111111111": "411111 ()",
	} {
		var hits hitsAnswer
		ana.do("GET", "/api/v1/lists/hits?value="+url.QueryEscape(value), nil).want(200).into(&hits)
		var got []string
		for _, hit := range hits.Items {
			got = append(got, hit.Value+" ("+hit.Note+")")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s is on %v, want %s", value, got, want)
		}
	}
	ana.do("GET", "/api/v1/lists/hits", nil).refused(olorin.CodeInvalid)
	lead.bringList("u1\n", "kind", "worse", "entity_type", "planet").refused(olorin.CodeInvalid)
	lead.bringList("u1\n", append([]string{"color", "red"}, ok...)...).refused(olorin.CodeInvalid)
	lead.bringList("\n", ok...).refused(olorin.CodeDatasetInvalid)
	ana.do("DELETE", "/api/v1/lists/"+made.ID, nil).refused(olorin.CodeForbidden)
	lead.do("DELETE", "/api/v1/lists/"+made.ID, nil).want(204)
	lead.do("DELETE", "/api/v1/lists/"+made.ID, nil).refused(olorin.CodeNotFound)
}
