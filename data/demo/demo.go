// Package demo makes the sample data of `olorin demo`: the log of an online
// shop over ninety days, with card-not-present purchases, account events and
// movements of wallet money. Most of it is believable honest traffic, with the
// habits and the noise that make fraud hard to see; planted in it are five
// documented frauds. The columns is_fraud and fraud_scenario tell them apart,
// for measuring and for the curious; no check reads them.
//
// The population is made first, then the planted frauds, which fix where some
// users are, then everybody's trips; after that the honest traffic is made and
// written day by day, so that memory holds one day at a time.
package demo

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// What `olorin demo` makes unless told otherwise, and the bounds of rows.
const (
	DefaultSeed = 20261031
	DefaultRows = 100_000
	MinRows     = 1_000
	MaxRows     = 10_000_000
)

// Days is the length of the log, which ends just before End.
const Days = 90

// End is the end of the log; fixed, so that the same seed gives the same bytes
// on any day.
var End = time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC)

var start = End.AddDate(0, 0, -Days)

// Columns are the names in the first row of the file. counterparty_id is
// whom the money of a transfer or a payout goes to: another user or a bank
// account; a purchase goes to merchant_id, a refund comes from it. latitude, longitude and city are where the
// device is, ip_country is where its address is: behind a VPN they differ.
var Columns = []string{
	"transaction_id", "timestamp", "event_type", "status", "user_id", "email", "signup_time", "counterparty_id",
	"session_id", "session_start", "device_id", "user_agent", "ip_address", "ip_country", "city", "latitude", "longitude",
	"card_number", "card_country", "billing_country", "shipping_country", "merchant_id", "merchant_category", "amount", "currency",
	"is_fraud", "fraud_scenario",
}

// Summary tells what was written.
type Summary struct {
	Seed      uint64
	Rows      int
	FraudRows int
	SHA256    string // of the bytes, hexadecimal
	Scenarios []Scenario
	Decoys    []Entity // honest, but striking to a naive check
}

// Scenario is one kind of planted fraud.
type Scenario struct {
	Name     string // as in the column fraud_scenario
	Title    string
	Rows     int
	Examples []Entity
}

// Entity is a value worth investigating, and what there is to find.
type Entity struct {
	Type  string // the name of its column
	Value string
	Note  string
}

type generator struct {
	src      source
	world    *world
	rows     int
	made     int     // events made so far
	pending  []event // made and not yet written
	examples [len(scenarios)][]Entity
	counts   [len(scenarios)]int
	seen     map[*user]int // honest rows
	out      *bufio.Writer
	line     []byte
	written  int
}

// Write writes a CSV file of rows rows, MinRows to MaxRows, sorted by time. The
// same seed and rows give the same bytes.
func Write(w io.Writer, seed uint64, rows int) (Summary, error) {
	if rows < MinRows || rows > MaxRows {
		return Summary{}, fmt.Errorf("sample data: %d rows asked for, the bounds are %d and %d", rows, MinRows, MaxRows)
	}
	hash := sha256.New()
	g := &generator{
		src: newSource(seed, 2), world: newWorld(seed, rows), rows: rows,
		seen: map[*user]int{}, out: bufio.NewWriterSize(io.MultiWriter(w, hash), 1<<16),
	}
	g.plant()
	g.world.travel()
	for i, c := range Columns {
		if i > 0 {
			g.out.WriteByte(',')
		}
		g.out.WriteString(c)
	}
	g.out.WriteByte('\n')
	for day, n := range quotas(rows - len(g.pending)) {
		g.fill(day, n)
		if err := g.flush(start.Unix() + int64(day+1)*86400); err != nil {
			return Summary{}, fmt.Errorf("write sample data: %w", err)
		}
	}
	// What began on the last day may end after it.
	err := g.flush(1 << 62)
	if err == nil {
		err = g.out.Flush()
	}
	if err != nil {
		return Summary{}, fmt.Errorf("write sample data: %w", err)
	}
	sum := Summary{Seed: seed, Rows: g.written, SHA256: hex.EncodeToString(hash.Sum(nil)), Decoys: g.decoys()}
	for i := int(honest) + 1; i < len(scenarios); i++ {
		sum.Scenarios = append(sum.Scenarios, Scenario{scenarios[i].name, scenarios[i].title, g.counts[i], g.examples[i]})
		sum.FraudRows += g.counts[i]
	}
	return sum, nil
}

// quotas splits the honest rows over the days by the weekly rhythm, a slow
// growth and one day of sales.
func quotas(rows int) [Days]int {
	var shares, n [Days]int
	total := 0
	for day := range shares {
		weekday := (int(start.Weekday()) + 6 + day) % 7
		shares[day] = weekdays[weekday] * (1000 + 2*day)
		if day == 54 {
			shares[day] = shares[day] * 16 / 10
		}
		total += shares[day]
	}
	before, sum := 0, 0
	for day, share := range shares {
		sum += share
		upTo := rows * sum / total
		n[day], before = upTo-before, upTo
	}
	return n
}

// fill makes n honest events of a day: first who joins, then visits.
func (g *generator) fill(day, n int) {
	s, w := g.src, g.world
	target := len(g.pending) + n
	for _, u := range w.users {
		if u.signupDay == day && len(g.pending) < target {
			g.join(u)
		}
	}
	for len(g.pending) < target {
		u := w.users[w.activity.draw(s)]
		away, here := u.whereabouts(day)
		if u.signupDay >= day || !here {
			continue
		}
		g.visitHonestly(u, day, (hours.draw(s)*60+s.IntN(60)+u.shift)%1440, away)
	}
	g.pending = g.pending[:target]
}

// flush writes the pending events before a time, in order.
func (g *generator) flush(before int64) error {
	slices.SortFunc(g.pending, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order))
	})
	n := 0
	for n < len(g.pending) && g.pending[n].at < before {
		if err := g.write(&g.pending[n]); err != nil {
			return err
		}
		n++
	}
	g.pending = slices.Delete(g.pending, 0, n)
	return nil
}

func (g *generator) write(e *event) error {
	g.written++
	g.counts[e.scenario]++
	if e.scenario == honest {
		g.seen[e.user]++
	}
	v, u := e.visit, e.user
	b := g.line[:0]
	text := func(s string) { b = append(append(b, s...), ',') }
	moment := func(at int64) {
		b = append(time.Unix(at, 0).UTC().AppendFormat(b, time.RFC3339), ',')
	}
	nation := func(c int) {
		if c >= 0 {
			b = append(b, countries[c].code...)
		}
		b = append(b, ',')
	}
	b = append(b, "T"...)
	b = append(b, fmt.Sprintf("%08d,", g.written)...)
	moment(e.at)
	text(e.kind)
	text(e.status)
	text(u.id)
	text(u.email)
	moment(u.signup)
	text(e.counterparty)
	text(v.id)
	moment(v.began)
	text(v.device.id)
	b = append(b, '"')
	b = append(b, v.device.agent...)
	b = append(b, `",`...)
	text(quad(e.ip))
	nation(e.ipCountry)
	text(cities[v.city].name)
	b = appendFixed(b, v.lat, 10000, 4)
	b = appendFixed(b, v.lon, 10000, 4)
	if e.card != nil {
		text(e.card.number)
		nation(e.card.country)
	} else {
		b = append(b, ",,"...)
	}
	nation(e.billing)
	nation(e.shipping)
	if e.merchant >= 0 {
		m := g.world.merchants[e.merchant]
		text(m.id)
		text(categories[m.category].name)
	} else {
		b = append(b, ",,"...)
	}
	if e.cents >= 0 {
		b = appendFixed(b, e.cents, 100, 2)
		text(cmp.Or(v.currency, countries[u.country].currency))
	} else {
		b = append(b, ",,"...)
	}
	if e.scenario == honest {
		b = append(b, "0,\n"...)
	} else {
		b = append(b, "1,"...)
		b = append(b, scenarios[e.scenario].name...)
		b = append(b, '\n')
	}
	g.line = b
	_, err := g.out.Write(b)
	return err
}

// appendFixed writes n/unit with its digits after the point, and a comma.
func appendFixed(b []byte, n, unit, digits int) []byte {
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, int64(n/unit), 10)
	b = append(b, '.')
	rest := n % unit
	for range digits {
		unit /= 10
		b = append(b, byte('0'+rest/unit%10))
	}
	return append(b, ',')
}

// decoys names honest entities that a naive check would flag.
func (g *generator) decoys() []Entity {
	var found []Entity
	busiest := func(wanted func(*user) bool) *user {
		var best *user
		for _, u := range g.world.users {
			if wanted(u) && (best == nil || g.seen[u] > g.seen[best]) {
				best = u
			}
		}
		return best
	}
	if u := busiest(func(u *user) bool {
		return len(u.trips) > 0 && !u.vpn && kilometres(u.lat, u.lon, u.trips[0].lat, u.trips[0].lon) > 5000
	}); u != nil {
		found = append(found, Entity{"user_id", u.id, "travels from " + cities[u.home].name + " to " + cities[u.trips[0].city].name + " at the speed of an airliner"})
	}
	if u := busiest(func(u *user) bool { return u.vpn }); u != nil {
		found = append(found, Entity{"user_id", u.id, "uses a VPN: the country of the address changes, the device stays in " + cities[u.home].name})
	}
	if u := busiest(func(u *user) bool { return u.seller }); u != nil {
		found = append(found, Entity{"user_id", u.id, "sells now and then: receives transfers and pays a part of them out"})
	}
	return append(
		found,
		Entity{"device_id", g.world.kiosk.id, "a terminal in a pick-up shop in Vienna, used by customers of the city"},
		Entity{"ip_address", quad(g.world.campusIP[0]), "a university in Chicago: many customers behind one address"},
	)
}
