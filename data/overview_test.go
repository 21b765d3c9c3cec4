package data

import (
	"encoding/json"
	"testing"

	"github.com/olorin-dev/olorin"
)

const placed = `id,user_id,device_id,ip_address,amount,currency,timestamp,status,latitude,longitude,city,country
t1,alice,d1,192.0.2.1,10,EUR,2026-01-01 00:00:00,approved,48.85,2.35,Paris,FR
t2,alice,d2,192.0.2.1,20,USD,2026-01-02 00:00:00,declined,48.86,2.35,Paris,FR
t3,bob,d1,192.0.2.9,30,EUR,2026-01-03 00:00:00,approved,-17.71,178.06,Suva,FJ
t4,carol,d1,192.0.2.1,40,EUR,2026-01-04 00:00:00,approved,,,,
t5,dave,d9,192.0.2.9,50,,2026-01-05 00:00:00,approved,0,0,,
`

func TestOverviewCountsWhatTheRowsShow(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", placed)
	o, err := e.Overview(t.Context(), d, Selection{Entities: entities("user_id", "alice", "user_id", "bob", "ip_address", "192.0.2.9"), Mode: olorin.And, To: day(5)})
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for what, c := range map[string]struct {
		got  any
		want string
	}{
		"alice": {
			o.Entities[0],
			`{"type":"user_id","value":"alice","rows":2,"rows_head":[1,2],"first_at":"2026-01-01T00:00:00.000Z","last_at":"2026-01-02T00:00:00.000Z","amount_total":null,"amount_largest":null,"currencies":["EUR","USD"],"refused":1,"distinct":{"country":1,"device_id":2,"ip_address":1,"ip_country":0,"user_id":1}}`,
		},
		"the address": {
			o.Entities[2],
			`{"type":"ip_address","value":"192.0.2.9","rows":1,"rows_head":[3],"first_at":"2026-01-03T00:00:00.000Z","last_at":"2026-01-03T00:00:00.000Z","amount_total":30,"amount_largest":30,"currencies":["EUR"],"refused":0,"distinct":{"country":1,"device_id":1,"ip_address":1,"ip_country":0,"user_id":1}}`,
		},
		"shared": {o.Shared, `[` +
			`{"a":1,"b":2,"column":"ip_address","value":"192.0.2.9","rows_a":[3],"rows_b":[3],"count_a":1,"count_b":1,"accounts":1},` +
			`{"a":1,"b":2,"column":"user_id","value":"bob","rows_a":[3],"rows_b":[3],"count_a":1,"count_b":1,"accounts":1},` +
			`{"a":0,"b":1,"column":"device_id","value":"d1","rows_a":[1],"rows_b":[3],"count_a":1,"count_b":1,"accounts":3},` +
			`{"a":0,"b":2,"column":"device_id","value":"d1","rows_a":[1],"rows_b":[3],"count_a":1,"count_b":1,"accounts":3},` +
			`{"a":1,"b":2,"column":"device_id","value":"d1","rows_a":[3],"rows_b":[3],"count_a":1,"count_b":1,"accounts":3}]`},
		"points": {o.Points, `[` +
			`{"latitude":48.9,"longitude":2.4,"city":"Paris","country":"FR","entities":[0],"count":2,"rows":[1,2]},` +
			`{"latitude":-17.7,"longitude":178.1,"city":"Suva","country":"FJ","entities":[1,2],"count":1,"rows":[3]}]`},
		"countries": {o.Countries, `[{"column":"country","country":"FR","count":2,"rows":[1,2]},{"column":"country","country":"FJ","count":1,"rows":[3]}]`},
		"columns":   {o.Columns, `["latitude","longitude","country","ip_country"]`},
	} {
		if got := encoded(c.got); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", what, got, c.want)
		}
	}
}

func TestOverviewOfAFileWithoutPlaces(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,value\na,x\nb,y\n")
	o, err := e.Overview(t.Context(), d, Selection{Entities: entities("user_id", "a", "email", "a@x.org")})
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Columns)+len(o.Points)+len(o.Countries)+len(o.Shared) != 0 || o.Entities[0].Rows != 1 || o.Entities[1].Rows != 0 || o.Entities[0].Refused != nil {
		t.Errorf("overview %+v", o)
	}
}
