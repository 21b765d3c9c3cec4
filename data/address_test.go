package data

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// addressFile writes a database of addresses in MaxMind's format.
func addressFile(t *testing.T, name, kind string, records map[string]mmdbtype.Map) string {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, BuildEpoch: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).Unix(), IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for network, record := range records {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, record); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return path
}

// The operator's databases tell the city and the network of an address, go before the embedded table, and are named with their date; what the file
// says itself goes before them.
func TestAddressesByTheOperatorsDatabases(t *testing.T) {
	city := addressFile(t, "city.mmdb", "GeoLite2-City", map[string]mmdbtype.Map{
		"8.8.8.0/24":    {"country": mmdbtype.Map{"iso_code": mmdbtype.String("XA")}, "city": mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String("Imladris"), "de": mmdbtype.String("Bruchtal")}}},
		"2001:db8::/32": {"city": mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String("Lindon")}}},
	})
	asn := addressFile(t, "asn.mmdb", "GeoLite2-ASN", map[string]mmdbtype.Map{"8.8.0.0/16": {"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Test")}})
	e, err := Open(t.TempDir(), Limits{MemoryMB: 256, Threads: 1, AddressDBs: []string{city, asn}})
	if err != nil {
		t.Fatal(err)
	}
	const rows = "user_id,ip\nu1,8.8.8.8\nu2,8.8.4.4\nu3,2001:db8::1\nu4,192.0.2.1\nu5,\n"
	d := importText(t, e, "d", rows)
	got := fmt.Sprint(table(t, openCase(t, e, d, Selection{}), `SELECT ip_country AS c, city AS t, asn AS n FROM events ORDER BY "row"`))
	if want := "[map[c:XA n:64500 t:Imladris] map[c:US n:64500 t:<nil>] map[c:<nil> n:<nil> t:Lindon] map[c:<nil> n:<nil> t:<nil>] map[c:<nil> n:<nil> t:<nil>]]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := fmt.Sprint(d.Derived, d.Databases); got != "[ip_country city asn] [{city.mmdb GeoLite2-City 2026-09-01T00:00:00.000Z} {asn.mmdb GeoLite2-ASN 2026-09-01T00:00:00.000Z}]" {
		t.Errorf("derived %s", got)
	}
	if stamp := d.Stamp(); len(stamp.Databases) != 2 {
		t.Errorf("results would say %+v", stamp)
	}
	own := importText(t, e, "own", "user_id,ip,city,asn\nu1,8.8.8.8,Graz,1\n")
	got = fmt.Sprint(table(t, openCase(t, e, own, Selection{}), "SELECT city AS t, asn AS n FROM events"))
	if got != "[map[n:1 t:Graz]]" || fmt.Sprint(own.Derived) != "[ip_country]" {
		t.Errorf("what the file says: %s, derived %v", got, own.Derived)
	}
	if none := importText(t, e, "none", "user_id,ip\nu1,192.0.2.1\n"); none.Has("city") || none.Has("asn") {
		t.Errorf("of addresses that no database knows: %v", none.Derived)
	}

	broken := filepath.Join(t.TempDir(), "broken.mmdb")
	if err := os.WriteFile(broken, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.TempDir(), Limits{AddressDBs: []string{broken}}); err == nil || !strings.Contains(err.Error(), "broken.mmdb") {
		t.Errorf("a file that is no database: %v", err)
	}
}
