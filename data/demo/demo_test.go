package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/phuslu/iploc"
)

// goldenSHA256 is of the default sample. Who changes the generator changes the
// sample that everybody knows: then docs/sample-data.md changes with it.
const goldenSHA256 = "ff6122156fe492ddac0ed1509e636d2d75b7fa167e9c9098a2e55108b8545705"

// row is one parsed line.
type row []string

var positions = func() map[string]int {
	at := make(map[string]int, len(Columns))
	for i, name := range Columns {
		at[name] = i
	}
	return at
}()

func (r row) at(column string) string { return r[positions[column]] }

func (r row) time(t *testing.T, column string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, r.at(column))
	if err != nil || at.Location() != time.UTC {
		t.Fatalf("%s of %s: %q is not a UTC time: %v", column, r.at("transaction_id"), r.at(column), err)
	}
	return at
}

func (r row) number(t *testing.T, column string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(r.at(column), 64)
	if err != nil {
		t.Fatalf("%s of %s: %v", column, r.at("transaction_id"), err)
	}
	return n
}

// standard is the default sample, made once.
var standard = sync.OnceValues(func() (Summary, []byte) {
	var b bytes.Buffer
	s, err := Write(&b, DefaultSeed, DefaultRows)
	if err != nil {
		panic(err)
	}
	return s, b.Bytes()
})

func sample(t *testing.T, seed uint64, rows int) (Summary, []byte) {
	t.Helper()
	if seed == DefaultSeed && rows == DefaultRows {
		return standard()
	}
	var b bytes.Buffer
	s, err := Write(&b, seed, rows)
	if err != nil {
		t.Fatal(err)
	}
	return s, b.Bytes()
}

// standardRows are the rows of the default sample, parsed once; not to be changed.
func standardRows(t *testing.T) []row {
	t.Helper()
	standardOnce.Do(func() {
		_, b := standard()
		parsed = parse(t, b)
	})
	return parsed
}

var (
	standardOnce sync.Once
	parsed       []row
)

func parse(t *testing.T, b []byte) []row {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = len(Columns)
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(records[0], Columns) {
		t.Fatalf("the header is %v", records[0])
	}
	rows := make([]row, 0, len(records))
	for _, record := range records[1:] {
		rows = append(rows, record)
	}
	return rows
}

func TestSameSeedSameBytes(t *testing.T) {
	s, a := sample(t, DefaultSeed, DefaultRows)
	var again bytes.Buffer
	if _, err := Write(&again, DefaultSeed, DefaultRows); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(a)
	if !bytes.Equal(a, again.Bytes()) {
		t.Fatal("two runs with one seed differ")
	}
	if got := hex.EncodeToString(sum[:]); got != goldenSHA256 || got != s.SHA256 {
		t.Errorf("sha256 of the default sample is %s, the summary says %s, pinned is %s", got, s.SHA256, goldenSHA256)
	}
	if _, c := sample(t, DefaultSeed+1, DefaultRows); bytes.Equal(a, c) {
		t.Error("another seed gives the same bytes")
	}
}

func TestRowsAreSortedCompleteAndWithinTheWindow(t *testing.T) {
	for _, n := range []int{MinRows, 7_777, 20_000} {
		s, b := sample(t, 7, n)
		rows := parse(t, b)
		if len(rows) != n || s.Rows != n {
			t.Fatalf("%d rows asked for, %d written, summary says %d", n, len(rows), s.Rows)
		}
		ids := map[string]bool{}
		reserved := regexp.MustCompile(`@([a-z]+\.)?example\.(com|net|org)$`)
		var before time.Time
		for _, r := range rows {
			at := r.time(t, "timestamp")
			if at.Before(before) {
				t.Fatalf("%s at %s comes after %s", r.at("transaction_id"), at, before)
			}
			before = at
			if at.Before(start) || at.After(End.Add(3*time.Hour)) {
				t.Fatalf("%s at %s is outside of the window", r.at("transaction_id"), at)
			}
			if r.time(t, "session_start").After(at) || r.time(t, "signup_time").After(at) {
				t.Fatalf("%s is before its session or its account began", r.at("transaction_id"))
			}
			if ids[r.at("transaction_id")] {
				t.Fatalf("%s twice", r.at("transaction_id"))
			}
			ids[r.at("transaction_id")] = true
			if !reserved.MatchString(r.at("email")) {
				t.Fatalf("%s is not of a reserved e-mail domain", r.at("email"))
			}
			if (r.at("is_fraud") == "1") != (r.at("fraud_scenario") != "") {
				t.Fatalf("labels of %s disagree", r.at("transaction_id"))
			}
		}
	}
}

func TestSummaryCountsThePlantedRows(t *testing.T) {
	for _, n := range []int{MinRows, 40_000} {
		s, b := sample(t, 3, n)
		got := map[string]int{}
		for _, r := range parse(t, b) {
			got[r.at("fraud_scenario")]++
		}
		total := 0
		for _, sc := range s.Scenarios {
			if got[sc.Name] != sc.Rows || sc.Rows == 0 {
				t.Errorf("%d rows: %s has %d rows, the summary says %d", n, sc.Name, got[sc.Name], sc.Rows)
			}
			if len(sc.Examples) == 0 {
				t.Errorf("%s has no examples", sc.Name)
			}
			total += sc.Rows
		}
		if len(s.Scenarios) != 5 || total != s.FraudRows || len(got) != 6 {
			t.Errorf("%d scenarios of %d rows, %d fraud rows in all, labels %v", len(s.Scenarios), total, s.FraudRows, got)
		}
	}
}

// speeds calls visit for each two consecutive events of a user that are at
// least 100 km apart, with the speed in km/h at no less than a minute.
func speeds(t *testing.T, rows []row, visit func(r row, kmh float64)) {
	t.Helper()
	type point struct {
		at       time.Time
		lat, lon int
	}
	last := map[string]point{}
	for _, r := range rows {
		p := point{r.time(t, "timestamp"), int(r.number(t, "latitude") * 10000), int(r.number(t, "longitude") * 10000)}
		if q, ok := last[r.at("user_id")]; ok {
			if km := kilometres(q.lat, q.lon, p.lat, p.lon); km >= 100 {
				visit(r, km/max(p.at.Sub(q.at), time.Minute).Hours())
			}
		}
		last[r.at("user_id")] = p
	}
}

func TestOnlyTakenOverAccountsTravelImpossibly(t *testing.T) {
	s, _ := standard()
	rows := standardRows(t)
	var honestRows []row
	victims := map[string]bool{}
	for _, r := range rows {
		if r.at("is_fraud") == "0" {
			honestRows = append(honestRows, r)
		}
		if r.at("fraud_scenario") == "account_takeover" {
			victims[r.at("user_id")] = true
		}
	}
	journeys := 0
	speeds(t, honestRows, func(r row, kmh float64) {
		journeys++
		if kmh >= 500 {
			t.Errorf("%s travels honestly at %.0f km/h (%s)", r.at("user_id"), kmh, r.at("transaction_id"))
		}
	})
	if journeys < 300 {
		t.Errorf("%d honest journeys, too few to be believable", journeys)
	}
	impossible := map[string]bool{}
	speeds(t, rows, func(r row, kmh float64) {
		if kmh >= 900 {
			impossible[r.at("user_id")] = true
		}
	})
	if fmt.Sprint(impossible) != fmt.Sprint(victims) || len(victims) != 12 {
		t.Errorf("impossible travel of %v, taken over were %v", impossible, victims)
	}
	for _, e := range s.Scenarios[0].Examples {
		if !victims[e.Value] {
			t.Errorf("%s is an example of a takeover, but has no row of it", e.Value)
		}
	}
}

func TestEachPlantedFraudIsWhatItSays(t *testing.T) {
	s, _ := standard()
	rows := standardRows(t)
	of := func(scenario string) (found []row) {
		for _, r := range rows {
			if r.at("fraud_scenario") == scenario {
				found = append(found, r)
			}
		}
		return found
	}

	tries, refused, cards := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, r := range of("card_testing") {
		if r.at("event_type") == "purchase" && r.number(t, "amount") < 10 {
			tries[r.at("device_id")]++
			cards[r.at("card_number")] = true
			if r.at("status") == declined {
				refused[r.at("device_id")]++
			}
		}
	}
	all := 0
	for d, n := range tries {
		all += n
		if n < 50 || refused[d]*100 < n*70 {
			t.Errorf("device %s tries %d cards, %d refused", d, n, refused[d])
		}
	}
	if len(tries) != 3 || len(cards) != all {
		t.Errorf("card testing from %d devices with %d cards in %d tries", len(tries), len(cards), all)
	}

	accounts := map[string]map[string]bool{}
	for _, r := range of("device_farm") {
		if accounts[r.at("device_id")] == nil {
			accounts[r.at("device_id")] = map[string]bool{}
		}
		accounts[r.at("device_id")][r.at("user_id")] = true
	}
	for d, users := range accounts {
		if len(users) != 36 {
			t.Errorf("farm device %s has %d accounts", d, len(users))
		}
	}
	if len(accounts) != 2 {
		t.Errorf("%d farm devices", len(accounts))
	}

	networks := map[netip.Prefix]bool{}
	for _, r := range of("bot_wave") {
		networks[netip.PrefixFrom(netip.MustParseAddr(r.at("ip_address")), 24).Masked()] = true
		if wait := r.time(t, "timestamp").Sub(r.time(t, "signup_time")); wait > 10*time.Second {
			t.Errorf("bot %s waits %s", r.at("user_id"), wait)
		}
	}
	if len(networks) != 1 {
		t.Errorf("the bots come from %v", networks)
	}

	in, out, first, last := map[string]float64{}, map[string]float64{}, map[string]time.Time{}, map[string]time.Time{}
	for _, r := range of("mule_pass_through") {
		switch r.at("event_type") {
		case "transfer":
			to := r.at("counterparty_id")
			in[to] += r.number(t, "amount")
			if first[to].IsZero() {
				first[to] = r.time(t, "timestamp")
			}
		case "payout":
			out[r.at("user_id")] += r.number(t, "amount")
			last[r.at("user_id")] = r.time(t, "timestamp")
		}
	}
	for account, sum := range in {
		if share := out[account] / sum; share < .8 || share > 1 || last[account].Sub(first[account]) > 24*time.Hour {
			t.Errorf("mule %s pays %.2f of %.2f out after %s", account, out[account], sum, last[account].Sub(first[account]))
		}
	}
	if len(in) != 6 {
		t.Errorf("%d mules", len(in))
	}

	for _, e := range slices.Concat(s.Decoys, s.Scenarios[0].Examples, s.Scenarios[1].Examples, s.Scenarios[2].Examples, s.Scenarios[3].Examples, s.Scenarios[4].Examples) {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.at(e.Type) == e.Value }) {
			t.Errorf("%s %s is not in the file", e.Type, e.Value)
		}
	}
}

func TestHonestTrafficIsBelievable(t *testing.T) {
	rows := standardRows(t)
	kinds, perUser := map[string]int{}, map[string]int{}
	refused, paid, mismatched := 0, 0, 0
	owners := map[string]map[string]bool{}
	for _, r := range rows {
		if r.at("is_fraud") == "1" {
			continue
		}
		kinds[r.at("event_type")]++
		perUser[r.at("user_id")]++
		if owners[r.at("device_id")] == nil {
			owners[r.at("device_id")] = map[string]bool{}
		}
		owners[r.at("device_id")][r.at("user_id")] = true
		if r.at("event_type") == "purchase" {
			paid++
			if r.at("status") == declined {
				refused++
			}
			if r.at("ip_country") != r.at("card_country") {
				mismatched++
			}
		}
	}
	total, most, shared := 0, 0, 0
	for _, n := range perUser {
		total += n
		most = max(most, n)
	}
	for _, users := range owners {
		if len(users) > 1 {
			shared++
		}
	}
	t.Logf("%d rows of %d users, the busiest has %d; %v; %d of %d purchases declined, %d with an address abroad; %d of %d devices shared",
		total, len(perUser), most, kinds, refused, paid, mismatched, shared, len(owners))
	for name, share := range map[string][3]int{ // count, least and most per mille
		"purchases": {kinds["purchase"] * 1000 / total, 550, 750}, "declined": {refused * 1000 / paid, 20, 70},
		"addresses abroad": {mismatched * 1000 / paid, 20, 120}, "shared devices": {shared * 1000 / len(owners), 10, 120},
		"the busiest user": {most * 1000 / total, 1, 10},
	} {
		if share[0] < share[1] || share[0] > share[2] {
			t.Errorf("%s: %d per mille, expected %d to %d", name, share[0], share[1], share[2])
		}
	}
}

func TestAddressesBelongToTheirCountry(t *testing.T) {
	_, b := sample(t, DefaultSeed, 20_000)
	for _, r := range parse(t, b) {
		ip := netip.MustParseAddr(r.at("ip_address"))
		if got := iploc.IPCountry(ip); got != r.at("ip_country") {
			t.Fatalf("%s is in %s by the address table, in %s by the sample", ip, got, r.at("ip_country"))
		}
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteReportsFaults(t *testing.T) {
	for _, rows := range []int{-1, 0, MinRows - 1, MaxRows + 1} {
		if _, err := Write(&bytes.Buffer{}, 1, rows); err == nil || !strings.Contains(err.Error(), strconv.Itoa(MinRows)) {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
	if _, err := Write(failingWriter{}, 1, MinRows); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a failing writer gives %v", err)
	}
}

func TestTheDocumentTellsThisSample(t *testing.T) {
	doc, err := os.ReadFile("../../docs/sample-data.md")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := sample(t, DefaultSeed, DefaultRows)
	want := []string{s.SHA256, fmt.Sprintf("%d rows of fraud", s.FraudRows)}
	for _, sc := range s.Scenarios {
		want = append(want, fmt.Sprintf("`%s`, %d rows", sc.Name, sc.Rows))
		for _, e := range sc.Examples {
			want = append(want, fmt.Sprintf("| `%s` | `%s` | %s |", e.Type, e.Value, e.Note))
		}
	}
	for _, e := range s.Decoys {
		want = append(want, fmt.Sprintf("| `%s` | `%s` | %s |", e.Type, e.Value, e.Note))
	}
	for _, line := range want {
		if !strings.Contains(string(doc), line) {
			t.Errorf("docs/sample-data.md lacks %q", line)
		}
	}
	for _, c := range Columns {
		if !strings.Contains(string(doc), "`"+c+"`") {
			t.Errorf("docs/sample-data.md does not explain column %s", c)
		}
	}
}
