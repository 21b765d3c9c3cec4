package agents_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// A case on one user and the ranking of the whole file measure by the same yardstick.
func TestRankingAgreesWithTheCase(t *testing.T) {
	t.Parallel()
	engine := openEngine(t)
	d := importFile(t, engine, "agree", sharedData(t, "cloudwalk-chargebacks/transactions.crlf.csv"))
	ranking, err := agents.Rank(context.Background(), engine, d, "user_id", olorin.Settings{}, olorin.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1, 2, 3, 5, 8, 13, 40, 100, 300, 2000} {
		item := ranking.Items[i]
		r := wholeRun(t, engine, d, olorin.Entity{Type: "user_id", Value: item.Entity})
		if *r.RiskScore != item.RiskScore {
			t.Errorf("user %s ranks with %v; a case on it scores %v", item.Entity, item.RiskScore, *r.RiskScore)
		}
	}
	if _, err := agents.Rank(context.Background(), engine, d, "hat", olorin.Settings{}, olorin.Weights{}); olorin.CodeOf(err) != olorin.CodeInvalid {
		t.Errorf("ranking by a column that is not there: %v; want it refused", err)
	}
}

// A ranking finds of each account what a case on it finds, also of the last of three waves whose windows overlap.
func TestRankingAgreesOnLaterWaves(t *testing.T) {
	t.Parallel()
	text := newTable("user_id,event_time,device_id,ip_address,card_number,email,signup_time")
	for i := range 80 {
		for k := range 3 {
			text.row(fmt.Sprintf("n%d", i), at(float64(i)+float64(k)*25*day), fmt.Sprintf("d%d", i), fmt.Sprintf("81.2.%d.7", i), fmt.Sprintf("tok%d", i), fmt.Sprintf("n%d@example.com", i), at(float64(i)*hour-20*day))
		}
	}
	for wave, size := range []int{9, 4, 5} {
		for k := range size {
			u, when := fmt.Sprintf("w%d_%d", wave, k), float64(1+25*wave)*day+float64(k)*hour
			text.row(u, at(when), "farm", "95.1.1.1", fmt.Sprintf("stolen%d_%d", wave, k/3), u+"@example.com", at(when-5))
			text.row(u, at(when+9), "farm", "95.1.1.1", "lent", u+"@example.com", at(when-5))
		}
	}
	engine := openEngine(t)
	d := importText(t, engine, "waves", text.String())
	ranking, err := agents.Rank(t.Context(), engine, d, "user_id", olorin.Settings{}, olorin.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []string{"w0_0", "w1_3", "w2_4"} {
		item := ranking.Items[slices.IndexFunc(ranking.Items, func(r agents.Ranked) bool { return r.Entity == u })]
		r := wholeRun(t, engine, d, olorin.Entity{Type: "user_id", Value: u})
		if *r.RiskScore != item.RiskScore {
			t.Errorf("%s ranks with %v; a case on it scores %v", u, item.RiskScore, *r.RiskScore)
		}
		for _, tool := range []string{"DEV-01", "NET-01", "PAY-17", "NET-06"} {
			ranked := slices.IndexFunc(item.Checks, func(c agents.RankedCheck) bool { return c.Tool == tool })
			found := slices.IndexFunc(r.Findings, func(f olorin.Finding) bool { return f.Tool == tool })
			if (ranked < 0) != (found < 0) || found < 0 && tool == "DEV-01" {
				t.Errorf("%s of %s: ranked %v, found in a case %v", tool, u, ranked >= 0, found >= 0)
			}
		}
	}
}

// payment is one line of the file, read here without any of the product's code.
type payment struct {
	id, merchant, user, card, device string
	at                               time.Time
	amount                           float64
}

// The numbers in the sentences, worked out again from the bytes of the file in another way.
func TestNumbersRecomputed(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "cloudwalk-chargebacks/transactions.crlf.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byUser, byMerchant, byDevice := map[string][]payment{}, map[string][]payment{}, map[string][]payment{}
	var amounts []float64
	for _, l := range lines[1:] {
		at, err := time.Parse("2006-01-02T15:04:05.999999", l[4])
		if err != nil {
			t.Fatal(err)
		}
		amount, err := strconv.ParseFloat(l[5], 64)
		if err != nil {
			t.Fatal(err)
		}
		p := payment{l[0], l[1], l[2], l[3], l[6], at.Truncate(time.Second), amount}
		byUser[p.user] = append(byUser[p.user], p)
		byMerchant[p.merchant] = append(byMerchant[p.merchant], p)
		if p.device != "" {
			byDevice[p.device] = append(byDevice[p.device], p)
		}
		amounts = append(amounts, amount)
	}
	slices.Sort(amounts)
	median := func(x []float64) float64 { return (x[len(x)/2] + x[(len(x)-1)/2]) / 2 }
	centre := median(amounts)
	var apart []float64
	for _, a := range amounts {
		apart = append(apart, math.Abs(a-centre))
	}
	slices.Sort(apart)
	// busiest is the most payments within a window that ends at one of them.
	busiest := func(ps []payment, window time.Duration) float64 {
		most := 0
		for _, end := range ps {
			n := 0
			for _, p := range ps {
				if gap := end.at.Sub(p.at); gap >= 0 && gap <= window {
					n++
				}
			}
			most = max(most, n)
		}
		return float64(most)
	}
	distinct := func(ps []payment, of func(payment) string) float64 {
		seen := map[string]bool{}
		for _, p := range ps {
			seen[of(p)] = true
		}
		return float64(len(seen))
	}
	largest := func(ps []payment) float64 {
		most := 0.0
		for _, p := range ps {
			most = max(most, p.amount)
		}
		return most
	}

	engine := openEngine(t)
	d := importFile(t, engine, "recompute", path)
	checked := map[string]int{}
	check := func(f olorin.Finding, name string, want float64) {
		t.Helper()
		checked[f.Tool]++
		var got float64
		switch v := f.Numbers[name].(type) {
		case int64:
			got = float64(v)
		case float64:
			got = v
		default:
			t.Errorf("%s %s: %s is %v", f.Tool, f.Key, name, v)
		}
		if math.Abs(got-want) > 1e-6*math.Max(1, math.Abs(want)) {
			t.Errorf("%s %s: %s is %v in %q; worked out anew it is %v", f.Tool, f.Key, name, got, f.Sentence, want)
		}
	}
	for _, user := range []string{"11750", "91637", "79054", "96025", "78262"} {
		if byUser[user] == nil {
			t.Fatalf("user %s is not in the file", user)
		}
		for _, f := range wholeRun(t, engine, d, olorin.Entity{Type: "user_id", Value: user}).Findings {
			switch f.Tool {
			case "VEL-01":
				check(f, "n", busiest(byUser[f.Key], 24*time.Hour))
				check(f, "own_n", float64(len(byUser[f.Key])))
			case "VEL-03":
				account, _ := f.Numbers["account"].(string)
				merchant, _ := f.Numbers["merchant"].(string)
				same := slices.DeleteFunc(slices.Clone(byUser[account]), func(p payment) bool { return p.merchant != merchant })
				check(f, "n", busiest(same, 24*time.Hour))
			case "VEL-04":
				check(f, "k", distinct(byUser[f.Key], func(p payment) string { return p.card }))
				check(f, "n", float64(len(byUser[f.Key])))
			case "DEV-08":
				check(f, "k", distinct(byDevice[f.Key], func(p payment) string { return p.card }))
			case "DEV-02":
				withDevice := slices.DeleteFunc(slices.Clone(byUser[f.Key]), func(p payment) bool { return p.device == "" })
				check(f, "k", distinct(withDevice, func(p payment) string { return p.device }))
			case "PAY-14":
				check(f, "amount", largest(byUser[f.Key]))
				check(f, "median", centre)
				check(f, "top_z", 0.6745*(largest(byUser[f.Key])-centre)/median(apart))
			case "PAY-15":
				customers := distinct(byMerchant[f.Key], func(p payment) string { return p.user })
				check(f, "k", float64(len(byMerchant[f.Key]))-customers)
				check(f, "customers", customers)
				check(f, "after", float64(len(byMerchant[f.Key])-1))
			}
		}
	}
	for _, tool := range []string{"VEL-01", "VEL-03", "VEL-04", "DEV-08", "PAY-14", "PAY-15"} {
		if checked[tool] == 0 {
			t.Errorf("no finding of %s was worked out anew: %v", tool, checked)
		}
	}
	t.Logf("numbers worked out anew: %v", checked)
}
