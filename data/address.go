package data

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"

	"github.com/oschwald/maxminddb-golang/v2"
	"github.com/phuslu/iploc"

	"github.com/olorin-dev/olorin"
)

// What is known of an address: from the databases in MaxMind's format that the operator gives, and its country also from the embedded table.

// addressBook answers from all of them, the first that knows. It is safe for concurrent use.
type addressBook struct{ readers []*maxminddb.Reader }

// openAddressBook opens the databases of an installation.
func openAddressBook(paths []string) (*addressBook, error) {
	b := &addressBook{}
	for _, path := range paths {
		r, err := maxminddb.Open(path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("database of addresses %s cannot be read: %w", path, err), b.close())
		}
		b.readers = append(b.readers, r)
	}
	return b, nil
}

func (b *addressBook) close() (err error) {
	for _, r := range b.readers {
		err = errors.Join(err, r.Close())
	}
	return err
}

// addressRecord is what the city and network databases of MaxMind, DB-IP and others tell in common.
type addressRecord struct {
	Country struct {
		Code string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	City struct {
		Names map[string]string `maxminddb:"names"`
	} `maxminddb:"city"`
	ASN uint `maxminddb:"autonomous_system_number"`
}

// first returns the first text that a database gives of an address, or "".
func (b *addressBook) first(ip string, what func(addressRecord) string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	for _, r := range b.readers {
		var record addressRecord
		if r.Lookup(addr).Decode(&record) != nil {
			continue // what is damaged tells nothing
		}
		if text := what(record); text != "" {
			return text
		}
	}
	return ""
}

func (b *addressBook) city(ip string) string {
	return b.first(ip, func(r addressRecord) string { return r.City.Names["en"] })
}

// asn is the number of the network that announces an address.
func (b *addressBook) asn(ip string) string {
	return b.first(ip, func(r addressRecord) string {
		if r.ASN == 0 {
			return ""
		}
		return strconv.FormatUint(uint64(r.ASN), 10)
	})
}

// country is that which an address is registered in; of the embedded table (IP2Location LITE) where no database tells.
func (b *addressBook) country(ip string) string {
	if code := b.first(ip, func(r addressRecord) string { return r.Country.Code }); code != "" {
		return code
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	if country := iploc.IPCountry(addr); len(country) == 2 && country != "ZZ" {
		return country
	}
	return ""
}

// derivedFromAddress are the columns that are worked out of an address where the file does not have them.
var derivedFromAddress = []struct {
	column, function string
	embedded         bool // also without a database
}{{"ip_country", "olorin_country", true}, {"city", "olorin_city", false}, {"asn", "olorin_asn", false}}

// deriveFromAddress adds to selected what the addresses tell that the file does not. A column that no address gives a value for is none.
func (l *loader) deriveFromAddress(ctx context.Context, ip string, has func(column string) bool) (selected []string, err error) {
	fromDatabase := false
	for _, d := range derivedFromAddress {
		if has(d.column) || !d.embedded && len(l.addresses.readers) == 0 {
			continue
		}
		expr := fmt.Sprintf("CASE WHEN (%[1]s) IS NOT NULL THEN nullif(%[2]s(%[1]s), '') END", ip, d.function)
		if !d.embedded {
			var any bool
			if err := l.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) > 0 FROM (SELECT 1 FROM src.source WHERE (%s) IS NOT NULL LIMIT 1)", expr)).Scan(&any); err != nil {
				return nil, fmt.Errorf("import: %w", err)
			}
			if !any {
				continue
			}
		}
		fromDatabase = fromDatabase || len(l.addresses.readers) > 0
		l.derived = append(l.derived, d.column)
		selected = append(selected, expr+" AS "+d.column)
	}
	if fromDatabase {
		for i, r := range l.addresses.readers {
			l.databases = append(l.databases, olorin.AddressDatabase{Filename: filepath.Base(l.engine.lim.AddressDBs[i]), Type: r.Metadata.DatabaseType, BuiltAt: olorin.At(r.Metadata.BuildTime())})
		}
	}
	return selected, nil
}
