package data

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// Two files that meet by a key are one table: nothing of the events is lost, and what did not meet is told.
func TestFilesAreJoinedByAKey(t *testing.T) {
	e := openEngine(t)
	ctx := context.Background()
	events := importText(t, e, "events", "tx_id,timestamp,cust,amount,country\nT1,2026-01-01 10:00:00,K1,10,DE\nT2,2026-01-01 11:00:00,K2,20,AT\nT3,2026-01-01 12:00:00,K9,30,FR\nT4,2026-01-01 13:00:00,,40,FR\nT5,2026-01-01 14:00:00, K1 ,50,DE\n")
	customers := importText(t, e, "customers", "id;email;country;card_number\nK1;a@x.org;DE;4111111111111111\nK2;b@x.org;CH;4012888888881881\nK3;c@x.org;IT;5555555555554444\n")
	on := Joining{Left: events, Right: customers, On: "cust", With: "id"}
	m, err := e.Match(ctx, on)
	if want := (Match{Rows: 5, Matched: 3, Unmatched: 1, NoKey: 1, OtherRows: 3, Unused: 1, UnmatchedKeys: []string{"K9"}, UnusedKeys: []string{"K3"}, RepeatedKeys: []string{}}); err != nil || fmt.Sprint(m) != fmt.Sprint(want) {
		t.Errorf("match %+v, %v", m, err)
	}
	d, err := e.Join(ctx, on, JoinOptions{ID: "joined", UserID: "u", Name: "both"})
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != 5 || d.SHA256 == events.SHA256 || len(d.Parts) != 2 || d.Parts[0].SHA256 != events.SHA256 || d.Parts[0].Rows != 5 || d.Parts[1].SHA256 != customers.SHA256 || d.Parts[1].Rows != 3 ||
		d.Parts[1].Matched != 3 || d.Parts[1].Unmatched != 2 || d.Parts[1].Unused != 1 {
		t.Errorf("%+v", d)
	}
	var names []string
	for _, c := range d.Columns {
		names = append(names, c.Source+"="+c.Canonical)
	}
	if got := strings.Join(names, " "); got != "tx_id=transaction_id timestamp=event_time cust= amount=amount country=country email=email customers.country= card_number=card_number" {
		t.Errorf("columns %s", got)
	}
	c := openCase(t, e, d, Selection{Entities: entities("email", "A@x.org")})
	got := fmt.Sprint(table(t, c, `SELECT "row" AS r, transaction_id AS id, email AS e, card_number AS c FROM events ORDER BY "row"`))
	want := "[map[c:411111******1111 e:a@x.org id:T1 r:1] map[c:401288******1881 e:b@x.org id:T2 r:2] map[c:<nil> e:<nil> id:T3 r:3] map[c:<nil> e:<nil> id:T4 r:4] map[c:411111******1111 e:a@x.org id:T5 r:5]]"
	if got != want || c.Counts().InScope != 2 {
		t.Errorf("%d in scope; rows %s", c.Counts().InScope, got)
	}

	third, err := e.Join(ctx, Joining{Left: d, Right: importText(t, e, "devices", "mail,device_id\na@x.org,D1\n"), On: "email", With: "mail"}, JoinOptions{ID: "third"})
	if err != nil || len(third.Parts) != 3 || third.Parts[2].Matched != 2 || !third.Has("device_id") {
		t.Errorf("a third file: %+v, %v", third, err)
	}

	byHand, err := e.Import(ctx, strings.NewReader("when,cust,amount\n2026-01-01,K1,10\n2026-01-02,K2,20\n"), ImportOptions{ID: "by-hand", UserID: "u", Name: "by hand", Filename: "by-hand.csv", Mapping: map[string]string{"user_id": "cust", "event_time": "when"}})
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := e.Join(ctx, Joining{Left: byHand, Right: customers, On: "cust", With: "id"}, JoinOptions{ID: "mapped"})
	if err != nil || !mapped.Has("user_id") || !mapped.Has("event_time") || !mapped.Has("card_number") {
		t.Errorf("what was said by hand is lost by a join: %+v, %v", mapped.Columns, err)
	}

	repeated := importText(t, e, "repeated", "id,city\nK1,Rome\nK1,Graz\nK2,Linz\n")
	for name, tc := range map[string]struct {
		j    Joining
		code string
	}{
		"a key that stands twice": {Joining{events, repeated, "cust", "id"}, "not_unique"},
		"nothing meets":           {Joining{events, customers, "cust", "email"}, "no_match"},
		"with itself":             {Joining{events, events, "cust", "cust"}, "same"},
		"by an outcome":           {Joining{importText(t, e, "told", "cust,is_fraud\nK1,0\nK2,1\n"), importText(t, e, "words", "is_fraud,word\n0,a\n1,b\n"), "is_fraud", "is_fraud"}, "label label"},
		"no such columns":         {Joining{events, customers, "nobody", "nothing"}, "unknown_source unknown_source"},
	} {
		_, err := e.Join(ctx, tc.j, JoinOptions{ID: "refused"})
		var codes []string
		if e, ok := errors.AsType[*olorin.Error](err); ok {
			for _, f := range e.Faults {
				codes = append(codes, f.Code)
			}
		}
		if olorin.CodeOf(err) != olorin.CodeInvalid || strings.Join(codes, " ") != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if there, _ := exists(e.datasets() + "/refused"); there {
		t.Error("a refused join left something")
	}
}
