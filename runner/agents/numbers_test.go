package agents_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// anew tells for each check how numbers of its sentence are worked out again, from the rows that the finding cites (cited) or from the file
// (events), in another way than the check does it. What no expression tells is in byHand; odds are recomputed in TestNumbersRecomputed alone.
var anew = map[string]string{
	"GEO-01": "gap = max(t) - min(t); km = (SELECT 6371 * acos(sin(radians(a.latitude)) * sin(radians(b.latitude)) + cos(radians(a.latitude)) * cos(radians(b.latitude)) * cos(radians(b.longitude - a.longitude))) FROM cited a, cited b WHERE a.t < b.t); at_a = min(t); at_b = max(t)",
	"GEO-02": "at = min(t); earlier = (SELECT count(*) FROM bad WHERE t < (SELECT min(t) FROM cited))",
	"GEO-03": "k = count(DISTINCT ip_country); n = count(*); first_at = min(t); length = max(t) - min(t)",
	"GEO-04": "n = count(*)", "GEO-05": "n = count(*)",
	"GEO-06": "n = count(*); apart = max(abs(tz_offset_minutes - ip_tz_offset_minutes)) / 60",
	"GEO-07": "n = count(*); own_n = (SELECT count(*) FROM bad)",
	"GEO-08": "gap = max(t) - min(t); at = max(t)",
	"DEV-01": "k = count(DISTINCT subject); first_at = min(t); length = max(t) - min(t)",
	"DEV-02": "k = count(DISTINCT device_id); n = count(*); first_at = min(t); length = max(t) - min(t)",
	"DEV-03": "gap = max(t) - min(t); first_at = min(t)", "DEV-04": "gap = max(t) - min(t); at = max(t)", "DEV-05": "n = count(*)",
	"DEV-06": "n = count(*); quickest = min(t - floor(epoch(session_start))); slowest = max(t - floor(epoch(session_start)))",
	"DEV-07": "n = count(*); first_at = min(t); mean = (max(t) - min(t)) / (count(*) - 1)",
	"DEV-08": "k = count(DISTINCT card_number); accounts = count(DISTINCT subject); n = count(*); length = max(t) - min(t)",
	"NET-01": "k = count(DISTINCT subject); first_at = min(t); length = max(t) - min(t)", "NET-02": "k = count(DISTINCT ip_address); n = count(*); length = max(t) - min(t)",
	"NET-03": "n = count(*); own_n = (SELECT count(*) FROM bad)", "NET-04": "k = count(DISTINCT subject); n = count(*); bad = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); first_at = min(t)",
	"NET-05": "n = count(*); own_n = (SELECT count(*) FROM bad)", "NET-06": "k = count(DISTINCT subject)", "NET-07": "n = count(*); own_n = (SELECT count(*) FROM bad)",
	"VEL-01": "n = count(*); own_n = (SELECT count(*) FROM bad); first_at = min(t); length = max(t) - min(t)",
	"VEL-02": "n = count(*); bad = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); median = quantile_cont(amount::DOUBLE, 0.5); cards = count(DISTINCT card_number); length = max(t) - min(t)",
	"VEL-03": "n = count(*); first_at = min(t); length = max(t) - min(t)", "VEL-04": "k = count(DISTINCT card_number); n = count(*); length = max(t) - min(t)",
	"VEL-05": "n = count(*); amount = max(amount); own_n = (SELECT count(*) FROM bad WHERE amount < 100); median = (SELECT quantile_cont(amount::DOUBLE, 0.5) FROM bad WHERE amount < 100)",
	"VEL-06": "n = count(*); at = max(t)", "VEL-07": "k = count(*); n = (SELECT count(*) FROM bad); ratio = count(*) / (SELECT count(*) FROM bad)",
	"VEL-08": "n = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); at = max(t); length = max(t) - min(t)", "VEL-10": "n = count(*); at = min(t) - min(t) % 3600",
	"IDN-04": "k = count(DISTINCT subject)", "IDN-05": "k = count(DISTINCT subject)", "IDN-07": "k = count(DISTINCT subject)",
	"IDN-06": "age = min(t) - min(floor(epoch(signup_time))); signed_up = min(floor(epoch(signup_time)))", "IDN-08": "gap = max(t) - min(t); moment = min(t)",
	"IDN-09": "k = count(DISTINCT email); n = count(*); length = max(t) - min(t)",
	"LNK-01": "k = count(DISTINCT subject)", "LNK-03": "k = count(DISTINCT counterparty_id); amount = sum(amount); first_at = min(t); length = max(t) - min(t)",
	"LNK-04": "k = count(*); first = arg_min(amount, t); last = arg_max(amount, t); began = min(t); length = max(t) - min(t); ratio = arg_max(amount, t) / arg_min(amount, t)",
	"LNK-05": "k = count(DISTINCT subject) - 1; began = min(t); length = max(t) - min(t)", "LNK-06": "k = count(*) - 1; first = arg_min(amount, t); last = arg_max(amount, t); length = max(t) - min(t)",
	"PAY-01": "n = count(*)", "PAY-02": "n = count(*); low = min(amount); high = max(amount); sum = sum(amount); length = max(t) - min(t)",
	"PAY-03": "n = count(*) - 1; gone = arg_max(amount, t); came = sum(amount) - arg_max(amount, t); at = max(t)",
	"PAY-04": "n = count(*) FILTER (counterparty_id = 'bad'); came = sum(amount) FILTER (counterparty_id = 'bad'); gone = sum(amount) FILTER (subject = 'bad')",
	"PAY-05": "k = count(*); n = (SELECT count(*) FROM bad); ratio = count(*) / (SELECT count(*) FROM bad); share = (SELECT avg((amount % 100 = 0)::INT) FROM events WHERE subject != 'bad')", "PAY-06": "k = count(*); n = (SELECT count(*) FROM bad)",
	"PAY-07": "k = count(*); n = (SELECT count(*) FROM bad); amount = sum(abs(amount))",
	"PAY-08": "n = count(*) - 1; high = max(amount); amount = min(amount); moment = max(t); length = max(t) - min(t)",
	"PAY-09": "n = count(*); amount = max(amount); first_at = min(t); length = max(t) - min(t)", "PAY-10": "n = count(*); amount = max(amount)", "PAY-11": "n = count(*)",
	"PAY-12": "n = count(*); low = min(amount); high = max(amount); sum = sum(amount); length = max(t) - min(t)", "PAY-14": "n = count(*); amount = max(amount)",
	"PAY-18": "n = count(*); low = min(amount); high = max(amount); sum = sum(amount); first_at = min(t); length = max(t) - min(t)",
	"PAY-15": "returned = (SELECT count(*) FROM (SELECT subject FROM cited GROUP BY subject HAVING count(*) > 1)); customers = count(DISTINCT subject); after = count(*) - 1; k = count(*) - count(DISTINCT subject)",
	"PAY-16": "n = count(*); amount = max(amount); held = max(balance_before); remain = max(balance_after)",
	"PAY-17": "k = count(DISTINCT subject); first_at = min(t); length = max(t) - min(t)",
	"NET-08": "k = count(DISTINCT subject); places = count(DISTINCT ip_address); n = count(*); bad = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); first_at = min(t)",
	"VEL-13": "k = count(DISTINCT t // 3600); until_at = max(t); past_n = (SELECT count(DISTINCT t // 3600) FROM bad WHERE t <= (SELECT max(t) FROM cited) - 7 * 86400)",
	"LNK-09": "payers = count(DISTINCT subject) FILTER (counterparty_id = 'bad'); payees = count(DISTINCT counterparty_id) FILTER (subject = 'bad'); came = sum(amount) FILTER (counterparty_id = 'bad'); gone = sum(amount) FILTER (subject = 'bad'); began = min(t); length = max(t) - min(t)",
	"LNK-10": "payers = count(DISTINCT subject); payees = count(DISTINCT counterparty_id); sum = sum(amount); began = min(t); length = max(t) - min(t)",
	"VEL-09": "gap = min(t) - (SELECT max(t) FROM bad WHERE t < (SELECT min(t) FROM cited)); at = min(t); n = count(*); share = " + returned,
	"VEL-12": "k = (SELECT count(DISTINCT address) - 1 FROM bad); first_at = min(t); length = max(t) - min(t); share = (SELECT avg((addresses > 4)::INT) FROM (SELECT count(DISTINCT address) AS addresses FROM events WHERE subject != 'bad' GROUP BY subject))",
	"LNK-02": "steps = " + steps + "; far = " + steps + " || ' steps'; item = (SELECT value FROM lists WHERE kind = 'bad'); list = (SELECT name FROM lists WHERE kind = 'bad'); via = (SELECT ', by device id ' || device_id || ' of ' || subject FROM events WHERE device_id = (SELECT device_id FROM bad) AND subject != 'bad')",
	"LNK-08": "k = (SELECT count(*) FILTER (held = 2) " + identifiers + "); n = (SELECT count(*) FILTER (held > 0) " + identifiers + "); score = (SELECT sum(ln(62 / users)) FILTER (held = 2) / sum(ln(62 / users)) FILTER (held > 0) " + identifiers + "); example = 'device ' || min(device_id)" +
		"; share = (SELECT count(DISTINCT a.subject) FROM events a JOIN events b ON a.subject != b.subject AND a.device_id = b.device_id AND a.phone_number = b.phone_number WHERE a.subject NOT IN ('bad', 'twin')) / (SELECT count(DISTINCT subject) FROM events)",
}

const (
	// returned is the share of accounts with an event that two lie before, none of them in the 30 days before it, and that three fall in the week of.
	returned = `(SELECT count(DISTINCT e.subject) FROM events e
		WHERE (SELECT count(*) FROM events b WHERE b.subject = e.subject AND b.t < e.t) >= 2
		AND (SELECT count(*) FROM events b WHERE b.subject = e.subject AND b.t < e.t AND b.t > e.t - 30 * 86400) = 0
		AND (SELECT count(*) FROM events a WHERE a.subject = e.subject AND a.t BETWEEN e.t AND e.t + 7 * 86400) >= 3 AND e.subject != 'bad') / (SELECT count(DISTINCT subject) - 1 FROM events)`
	// steps is how far bad is from the list: the listed account is one step away, who shares a device with it two, and so on.
	steps = `(WITH RECURSIVE reached AS (
		SELECT value AS subject, 1 AS step FROM lists WHERE kind = 'bad'
		UNION SELECT b.subject, step + 1 FROM reached JOIN events a USING (subject) JOIN events b ON b.device_id = a.device_id WHERE step < 9)
		SELECT min(step) FROM reached WHERE subject = 'bad')`
	// identifiers lists each with the accounts that have it and how many of these are the two.
	identifiers = `FROM (SELECT item, count(DISTINCT subject) AS users, count(DISTINCT subject) FILTER (subject IN ('bad', 'twin')) AS held
		FROM (SELECT subject, unnest([device_id, email, phone_number]) AS item FROM events) GROUP BY item)`
)

// byHand works numbers and words of a sentence out again where that takes more than an expression.
var byHand = map[string]func(t *testing.T, file, cited []fields) fields{
	"IDN-01": func(t *testing.T, file, cited []fields) fields {
		list, err := os.ReadFile("disposable_domains.txt")
		if err != nil {
			t.Fatal(err)
		}
		domains := strings.Fields(string(list))
		thrown := func(r fields) bool { return slices.Contains(domains, after(r.text("email"), "@")) }
		return fields{"example": cited[0].text("email"), "domain": after(cited[0].text("email"), "@"), "share": share(file, thrown)}
	},
	"IDN-02": func(_ *testing.T, file, cited []fields) fields {
		refused := func(r fields) bool {
			_, err := mail.ParseAddress(r.text("email"))
			return err != nil
		}
		want := fields{"example": cited[0].text("email"), "share": share(file, refused)}
		if name, _, _ := strings.Cut(cited[0].text("email"), "@"); refused(cited[0]) && slices.Contains(strings.Split(name, "."), "") {
			want["fault"] = "has a dot or an end where none may be"
		}
		return want
	},
	"IDN-03": func(_ *testing.T, file, cited []fields) fields {
		slips := misspelt("gmail.com")
		slipped := func(r fields) bool { return slices.Contains(slips, after(r.text("email"), "@")) }
		want := fields{"example": cited[0].text("email"), "share": share(file, slipped)}
		if slipped(cited[0]) {
			want["fault"] = "one letter from gmail.com"
		}
		return want
	},
	"VEL-06": func(_ *testing.T, file, cited []fields) fields {
		if cited[0]["amount"] == nil { // by counts
			return fields{}
		}
		return dearest(file)
	},
	"LNK-07": func(_ *testing.T, file, cited []fields) fields {
		scores := between(file)
		var some []float64
		place := 1
		for _, score := range scores {
			if score > 1e-9 {
				some = append(some, score)
			}
			if score > scores["bad"]+1e-6 {
				place++
			}
		}
		slices.Sort(some)
		others := map[string]bool{}
		for _, r := range cited {
			others[r.text("subject")], others[r.text("counterparty_id")] = true, true
		}
		median := some[len(some)/2]
		return fields{"score": scores["bad"], "median": median, "times": scores["bad"] / median, "place": float64(place), "accounts": float64(len(some)), "others": float64(len(others) - 1)}
	},
}

// fields are those of a row of the file, or what a finding should say, by name.
type fields map[string]any

func (r fields) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r fields) number(name string) float64 {
	if n, ok := r[name].(int64); ok {
		return float64(n)
	}
	x, _ := r[name].(float64)
	return x
}

func after(text, sign string) string {
	_, rest, _ := strings.Cut(text, sign)
	return rest
}

// share is of how many of the other accounts a row is one of those.
func share(file []fields, those func(fields) bool) float64 {
	accounts := map[string]bool{}
	for _, r := range file {
		accounts[r.text("subject")] = accounts[r.text("subject")] || those(r)
	}
	delete(accounts, "bad")
	n := 0
	for _, is := range accounts {
		if is {
			n++
		}
	}
	return float64(n) / float64(len(accounts))
}

// dearest tells of the time in which bad paid most, over what it and half of the accounts had paid in as long.
func dearest(file []fields) fields {
	accounts := map[string][]fields{}
	for _, r := range file {
		if r["outgoing"] == true && r["paid"] == true {
			accounts[r.text("subject")] = append(accounts[r.text("subject")], r)
		}
	}
	bad := accounts["bad"]
	slices.SortFunc(bad, func(a, b fields) int { return int(a.number("t") - b.number("t")) })
	within := func(rows []fields, end, width float64) (amounts []float64) {
		for _, r := range rows {
			if t := r.number("t"); t >= end-width && t <= end {
				amounts = append(amounts, r.number("amount"))
			}
		}
		return amounts
	}
	sum := func(amounts []float64) (total float64) {
		for _, a := range amounts {
			total += a
		}
		return total
	}
	best := fields{"times": 0.0}
	for name, days := range map[string]float64{"day": 1, "week": 7, "30 days": 30} {
		width := days * 86400
		var tops []float64
		for _, rows := range accounts {
			most := 0.0
			for _, r := range rows {
				most = max(most, sum(within(rows, r.number("t"), width)))
			}
			tops = append(tops, most)
		}
		slices.Sort(tops)
		typical := (tops[len(tops)/2] + tops[(len(tops)-1)/2]) / 2
		for _, last := range bad {
			end, before, most := last.number("t"), 0, 0.0
			for _, r := range bad {
				if r.number("t") < end-width {
					before++
					most = max(most, sum(within(bad, r.number("t"), width)))
				}
			}
			amounts := within(bad, end, width)
			if len(amounts) < 3 || before < 10 || end-width-bad[0].number("t") < 30*86400 {
				continue
			}
			largest := slices.Max(amounts)
			if times := (sum(amounts) - largest) / max(most, typical); times > best.number("times") {
				best = fields{"times": times, "sum": sum(amounts), "largest": largest, "dearest": most, "typical": typical, "window": name}
			}
		}
	}
	return best
}

// misspelt lists what a word becomes by one slip: a letter left out, doubled or foreign, another in its place, or two that have changed places.
func misspelt(word string) []string {
	var out []string
	for i := range len(word) + 1 {
		head, tail := word[:i], word[i:]
		for sign := byte('-'); sign <= 'z'; sign++ {
			out = append(out, head+string(sign)+tail)
			if tail != "" {
				out = append(out, head+string(sign)+tail[1:])
			}
		}
		if tail != "" {
			out = append(out, head+tail[1:])
		}
		if len(tail) > 1 {
			out = append(out, head+tail[1:2]+tail[:1]+tail[2:])
		}
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == word })
}

// between is the betweenness of every account by its definition: for each pair of others, the share of their shortest ways that runs through it.
// A way runs through v where the distances to it and on from it add up to the whole (Floyd and Warshall).
func between(file []fields) map[string]float64 {
	at, names := map[string]int{}, []string{}
	place := func(name string) int {
		if _, known := at[name]; !known {
			at[name] = len(names)
			names = append(names, name)
		}
		return at[name]
	}
	pays := map[[2]int]bool{}
	for _, r := range file {
		if a, b := place(r.text("subject")), place(r.text("counterparty_id")); a != b {
			pays[[2]int{a, b}] = true
		}
	}
	n := len(names)
	const far = 1 << 20
	dist, ways := make([][]int, n), make([][]float64, n)
	for a := range n {
		dist[a], ways[a] = slices.Repeat([]int{far}, n), make([]float64, n)
		dist[a][a], ways[a][a] = 0, 1
	}
	for tie := range pays {
		dist[tie[0]][tie[1]] = 1
	}
	for v := range n {
		for a := range n {
			for b := range n {
				dist[a][b] = min(dist[a][b], dist[a][v]+dist[v][b])
			}
		}
	}
	for step := range n {
		for tie := range pays {
			for a := range n {
				if dist[a][tie[0]] == step && dist[a][tie[1]] == step+1 {
					ways[a][tie[1]] += ways[a][tie[0]]
				}
			}
		}
	}
	scores := map[string]float64{}
	for v := range n {
		sum := 0.0
		for a := range n {
			for b := range n {
				if a != v && b != v && a != b && dist[a][b] < far && dist[a][v]+dist[v][b] == dist[a][b] {
					sum += ways[a][v] * ways[v][b] / ways[a][b]
				}
			}
		}
		scores[names[v]] = sum
	}
	return scores
}

// workedOutAnew compares the numbers of a finding with what its rows and the file say, as any case on the file sees it.
func workedOutAnew(t *testing.T, c *data.Case, f olorin.Finding) {
	t.Helper()
	query := func(text string) (rows []fields) {
		t.Helper()
		if err := c.Query(context.Background(), text, nil, func(m map[string]any) error {
			rows = append(rows, maps.Clone(m))
			return nil
		}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		return rows
	}
	numbers := strings.Trim(strings.ReplaceAll(fmt.Sprint(f.EvidenceRows), " ", ", "), "[]")
	cited := query(fmt.Sprintf("FROM events WHERE row IN (%s) ORDER BY row", numbers))
	if len(cited) != f.EvidenceTotal {
		t.Fatalf("%d of the %d rows cited are in the file", len(cited), f.EvidenceTotal)
	}
	want := fields{}
	if work, ok := byHand[f.Tool]; ok {
		want = work(t, query("FROM events"), cited)
	}
	for _, one := range strings.Split(anew[f.Tool], "; ") {
		name, expression, ok := strings.Cut(one, " = ")
		if !ok {
			continue
		}
		kind := "DOUBLE"
		if _, isText := f.Numbers[name].(string); isText {
			kind = "VARCHAR"
		}
		for _, m := range query(fmt.Sprintf("WITH bad AS (FROM events WHERE subject = 'bad'), cited AS (FROM events WHERE row IN (%s)) SELECT (%s)::%s AS anew FROM cited LIMIT 1", numbers, expression, kind)) {
			if m["anew"] != nil || f.Tool != "GEO-01" { // by countries: the rows have no coordinates
				want[name] = m["anew"]
			}
		}
	}
	if len(want) == 0 {
		t.Errorf("no number of %q is worked out anew", f.Sentence)
	}
	for name, want := range want {
		var got any = f.Numbers[name]
		if n, ok := got.(int64); ok {
			got = float64(n)
		}
		same := got == want
		if x, ok := want.(float64); ok {
			y, isNumber := got.(float64)
			same = isNumber && math.Abs(y-x) <= math.Min(0.5, 1e-5*math.Max(1, math.Abs(x)))
		}
		if !same || want == nil {
			t.Errorf("%s is %v in %q; worked out anew it is %v", name, f.Numbers[name], f.Sentence, want)
		}
	}
}
