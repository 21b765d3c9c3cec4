package data

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func importList(t *testing.T, e *Engine, l olorin.List, text string) olorin.List {
	t.Helper()
	l.Source, l.License = "a test", "none"
	if l.ID == "" {
		l.ID = strings.ReplaceAll(l.Name, " ", "-")
	}
	l, err := e.ImportList(context.Background(), strings.NewReader(text), l, func(olorin.List) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A case sees of each list what occurs in its file, in the form that the file's events have.
func TestListsMeetTheEvents(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "timestamp,user_id,email,ip_address,card_number,phone\n"+
		"2026-01-01 10:00:00,u1,Ann@Mail.example,10.1.2.3,4111111111111111,+44 20 1\n"+
		"2026-01-01 11:00:00,u2,bob@bad.example,192.0.2.7,4222222222222222222,0044203\n"+
		"2026-01-01 12:00:00,u3,cy@bad.example,2001:db8::5,5555555555554444,\n"+
		"2026-01-01 13:00:00,u3,cy@bad.example,10.200.0.1,4111111111119999,\n")
	vpn := importList(t, e, olorin.List{Name: "vpn", Kind: olorin.ListVPN, EntityType: "ip_address"},
		"\ufeffip,provider\n# comment\n10.0.0.0/8,Big\n10.1.0.0/16;Small\n 2001:DB8::/32 \nnonsense\n192.0.2.7\t\"One\"\n192.0.2.7\n203.0.113.1\n")
	if vpn.Values != 5 || vpn.Ranges != 3 || vpn.Rejected != 1 || len(vpn.SHA256) != 64 {
		t.Errorf("list %+v", vpn)
	}
	importList(t, e, olorin.List{Name: "bad mail", Kind: olorin.ListBad, EntityType: "email"}, "bad.example,whole domain\nann@mail.example\nann@other.example\n")
	importList(t, e, olorin.List{Name: "cards", Kind: olorin.ListBad, EntityType: "card_number"}, "4111 1111 1111 1111,stolen\n")
	importList(t, e, olorin.List{Name: "bins", Kind: olorin.ListBIN, EntityType: "card_number"}, "411111,DE\n42222222,FR\n")
	importList(t, e, olorin.List{Name: "good", Kind: olorin.ListGood, EntityType: "account_id"}, "u1\nU2\n")
	importList(t, e, olorin.List{Name: "phones", Kind: olorin.ListNote, EntityType: "phone_number"}, "44-201\n")
	importList(t, e, olorin.List{Name: "devices", Kind: olorin.ListBad, EntityType: "device_id"}, "d1\n")
	c := openCase(t, e, d, Selection{Entities: entities("user_id", "u1")})
	got := strings.Join(table(t, c, "SELECT name || '|' || kind || '|' || entity_type || '|' || value || '|' || note AS x FROM lists ORDER BY x"), "\n")
	want := `map[x:bad mail|bad|email|ann@mail.example|]
map[x:bad mail|bad|email|bob@bad.example|whole domain]
map[x:bad mail|bad|email|cy@bad.example|whole domain]
map[x:bins|bin|card_number|411111******1111|DE]
map[x:bins|bin|card_number|411111******9999|DE]
map[x:cards|bad|card_number|411111******1111|stolen]
map[x:good|good|account_id|u1|]
map[x:phones|note|phone_number|+44201|]
map[x:vpn|vpn|ip_address|10.1.2.3|Small]
map[x:vpn|vpn|ip_address|10.200.0.1|Big]
map[x:vpn|vpn|ip_address|192.0.2.7|One]
map[x:vpn|vpn|ip_address|2001:db8::5|]`
	if got != want {
		t.Errorf("lists\n%s\nwant\n%s", got, want)
	}
	if n := len(table(t, c, "FROM lists JOIN events ON events.ip_address = lists.value")); n != 4 {
		t.Errorf("%d events on the list of VPNs", n)
	}
	if got := len(c.Lists()); got != 7 {
		t.Errorf("the case was opened with %d lists", got)
	}
}

func TestListsAreReplacedDeletedAndRefused(t *testing.T) {
	e := openEngine(t)
	l := olorin.List{ID: "l1", Name: "Bad users", Kind: olorin.ListBad, EntityType: "user_id", Source: "us", ImportedAt: olorin.At(time.Now())}
	importList(t, e, l, "a\nb\n")
	l.ID, l.Name = "l2", "bad USERS"
	importList(t, e, l, "c\n")
	lists, err := e.Lists()
	if err != nil || len(lists) != 1 || lists[0].ID != "l2" || lists[0].Values != 1 {
		t.Errorf("after another import of the name: %+v, %v", lists, err)
	}
	for name, c := range map[string]struct {
		list olorin.List
		text string
		want olorin.Code
	}{
		"empty":         {olorin.List{ID: "x", Name: "x", Kind: "bad", EntityType: "user_id", Source: "s"}, "# nothing\n\n", olorin.CodeDatasetInvalid},
		"no address":    {olorin.List{ID: "x", Name: "x", Kind: "bad", EntityType: "ip_address", Source: "s"}, "a\nb\n", olorin.CodeDatasetInvalid},
		"binary":        {olorin.List{ID: "x", Name: "x", Kind: "bad", EntityType: "user_id", Source: "s"}, "a\x00\n", olorin.CodeDatasetInvalid},
		"one long line": {olorin.List{ID: "x", Name: "x", Kind: "bad", EntityType: "user_id", Source: "s"}, strings.Repeat("x", 1<<20), olorin.CodeDatasetInvalid},
		"kind":          {olorin.List{ID: "x", Name: "x", Kind: "worse", EntityType: "user_id", Source: "s"}, "a", olorin.CodeInvalid},
		"vpn of users":  {olorin.List{ID: "x", Name: "x", Kind: "vpn", EntityType: "user_id", Source: "s"}, "a", olorin.CodeInvalid},
		"no source":     {olorin.List{ID: "x", Name: "x", Kind: "bad", EntityType: "user_id"}, "a", olorin.CodeInvalid},
		"id":            {olorin.List{ID: "../x", Name: "x", Kind: "bad", EntityType: "user_id", Source: "s"}, "a", olorin.CodeInvalid},
		"a taken id":    {olorin.List{ID: "l2", Name: "x", Kind: "bad", EntityType: "user_id", Source: "s"}, "a", ""},
	} {
		if _, err := e.ImportList(context.Background(), strings.NewReader(c.text), c.list, func(olorin.List) error { return nil }); err == nil || olorin.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := fmt.Sprint(files(t, e)); strings.Contains(got, "tmp/") {
		t.Errorf("left behind: %s", got)
	}
	for _, id := range []string{"../lists/l2", "l1", ""} {
		if err := e.DeleteList(id, func() error { return nil }); olorin.CodeOf(err) != olorin.CodeNotFound {
			t.Errorf("deleting %q: %v", id, err)
		}
	}
	unwritten := errors.New("not in the audit trail")
	if err := e.DeleteList("l2", func() error { return unwritten }); !errors.Is(err, unwritten) {
		t.Error(err)
	}
	other := olorin.List{ID: "l3", Name: "other", Kind: "bad", EntityType: "user_id", Source: "s"}
	if _, err := e.ImportList(context.Background(), strings.NewReader("u7\n"), other, func(olorin.List) error { return unwritten }); !errors.Is(err, unwritten) {
		t.Error(err)
	}
	if lists, err := e.Lists(); err != nil || len(lists) != 1 || lists[0].ID != "l2" {
		t.Errorf("what could not be told was done: %+v, %v", lists, err)
	}
	if err := e.DeleteList("l2", func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if lists, err := e.Lists(); err != nil || len(lists) != 0 {
		t.Errorf("after deletion: %v, %v", lists, err)
	}
}
