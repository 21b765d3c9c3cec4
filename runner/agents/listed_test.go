package agents_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// However many others of the case stand on lists, those that it is about are told.
func TestWhoeverIsInvestigatedIsToldAmongManyListed(t *testing.T) {
	engine := openEngine(t)
	file := newTable("user_id,event_time,merchant_id")
	var customers strings.Builder
	for i := range 80 {
		for k := range 2 {
			file.row(fmt.Sprintf("w%d", i), at(float64(i)+float64(k)), "shop")
		}
		fmt.Fprintf(&customers, "w%d\n", i)
	}
	file.row("zbad", at(100), "elsewhere")
	d := importText(t, engine, "listed", file.String())
	for _, l := range []struct {
		name   string
		kind   olorin.ListKind
		values string
	}{{"customers", olorin.ListNote, customers.String()}, {"stolen", olorin.ListBad, "zbad\nw79\n"}} {
		list := olorin.List{ID: l.name, Name: l.name, Kind: l.kind, EntityType: "user_id", Source: "a test"}
		if _, err := engine.ImportList(context.Background(), strings.NewReader(l.values), list, func(olorin.List) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	investigated := []olorin.Entity{{Type: "merchant_id", Value: "shop"}, user("zbad")}
	c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: investigated})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	hits, err := agents.Listed(context.Background(), c, investigated)
	if err != nil || len(hits) != 51 || !hits[0].Direct || hits[0].Value != "zbad" || hits[1].Value != "w79" || hits[1].Kind != olorin.ListBad {
		t.Errorf("%d hits, %+v (%v); want zbad, then w79, then 49 of the customers", len(hits), hits[:min(2, len(hits))], err)
	}
}
