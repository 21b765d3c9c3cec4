package agents_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// highBand is where a score starts to be called high.
const highBand = 60

func noneHigh(t *testing.T, name, text string, by ...string) {
	t.Helper()
	engine := openEngine(t)
	d := importText(t, engine, "chance", text)
	for _, column := range by {
		if !d.Has(column) {
			t.Errorf("%s has no %s", name, column)
			continue
		}
		r, err := agents.Rank(context.Background(), engine, d, column, olorin.Settings{}, olorin.Weights{})
		if err != nil {
			t.Fatal(err)
		}
		top := r.Items[0]
		t.Logf("%s by %s: %d entities, highest %.1f (%s)", name, column, len(r.Items), top.RiskScore, top.Entity)
		if top.RiskScore >= highBand {
			t.Errorf("%s by %s: chance alone brings %s to %.1f", name, column, top.Entity, top.RiskScore)
		}
		for _, c := range top.Checks {
			t.Logf("  %s %.2f %s", c.Tool, c.Strength, c.Sentence)
		}
	}
}

// Every column is drawn by itself: nothing in such a file hangs together, so nothing in it is high risk.
func TestChanceAloneIsNeverHighRisk(t *testing.T) {
	t.Parallel()
	for _, shape := range []struct {
		name                                  string
		rows, users, devices, merchants, days int
	}{
		{"busy", 6000, 300, 200, 50, 30},
		{"sparse", 6000, 4000, 5000, 2000, 90},
		{"middling", 6000, 1000, 3000, 300, 60},
	} {
		t.Run(shape.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, uint64(shape.rows+shape.users)))
			countries := strings.Fields("US GB DE FR BR NG IN JP")
			var b strings.Builder
			b.WriteString("transaction_id,user_id,event_time,amount,merchant_id,device_id,ip_address,card_number,status,latitude,longitude,ip_country,card_country,signup_time,email,counterparty_id,session_start,is_vpn\n")
			start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			stamp := func() string {
				return start.Add(time.Duration(rng.IntN(shape.days*86400)) * time.Second).Format(time.RFC3339)
			}
			for i := range shape.rows {
				fmt.Fprintf(&b, "t%d,u%d,%s,%.2f,m%d,d%d,%d.%d.%d.%d,tok_%d,%s,%.3f,%.3f,%s,%s,%s,user%d@example.com,c%d,%s,%v\n",
					i, rng.IntN(shape.users), stamp(), 1+rng.ExpFloat64()*50, rng.IntN(shape.merchants), rng.IntN(shape.devices),
					11+rng.IntN(4), rng.IntN(8), rng.IntN(20), rng.IntN(250), rng.IntN(shape.users*2), []string{"approved", "approved", "approved", "declined"}[rng.IntN(4)],
					rng.Float64()*120-60, rng.Float64()*360-180, countries[rng.IntN(8)], countries[rng.IntN(8)], stamp(), rng.IntN(shape.users*3), rng.IntN(shape.users), stamp(), rng.IntN(12) == 0)
			}
			noneHigh(t, shape.name, b.String(), "user_id", "merchant_id", "transaction_id")
		})
	}
}

// Some merchants, addresses and devices are used by very many, and people share a household: none of that is high risk.
func TestPopularityAloneIsNeverHighRisk(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 8))
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	stamp := func() string { return start.Add(time.Duration(rng.IntN(60*86400)) * time.Second).Format(time.RFC3339) }
	// popular draws a number below n, small ones far more often: a Pareto tail.
	popular := func(n int, shape float64) int { return int(math.Pow(1-rng.Float64(), -1/shape)) % n }
	amount := func() float64 { return math.Exp(3.5 + 0.8*rng.NormFloat64()) }
	t.Run("drawn", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("user_id,event_time,amount,merchant_id,device_id,ip_address,ip_country\n")
		for range 2200 {
			fmt.Fprintf(&b, "u%d,%s,%.2f,m%d,d%d,83.1.%d.%d,%s\n", rng.IntN(300), stamp(), amount(), popular(60, 0.8), popular(900, 0.7), popular(15, 0.6), 1+popular(200, 0.6), []string{"DE", "DE", "DE", "DE", "DE", "DE", "DE", "AT", "CH", "FR"}[rng.IntN(10)])
		}
		noneHigh(t, "drawn", b.String(), "user_id", "merchant_id", "device_id")
	})
	t.Run("households", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("user_id,event_time,amount,merchant_id,device_id,ip_address,status\n")
		for house := range 120 {
			devices := 1 + rng.IntN(3)
			for member := range 1 + rng.IntN(4) {
				for range []int{1, 2, 3, 8, 20}[rng.IntN(5)] {
					address := fmt.Sprintf("82.%d.1.9", house)
					if rng.IntN(5) == 0 {
						address = fmt.Sprintf("83.%d.1.1", rng.IntN(40))
					}
					fmt.Fprintf(&b, "h%dm%d,%s,%.2f,m%d,h%dd%d,%s,%s\n", house, member, stamp(), amount(), popular(60, 0.8), house, rng.IntN(devices), address, []string{"approved", "declined"}[rng.IntN(14)/13])
				}
			}
		}
		noneHigh(t, "households", b.String(), "user_id", "merchant_id", "device_id")
	})
}

// The real files with each column shuffled by itself keep every column's values and lose what ties them together.
func TestShuffledFilesAreNeverHighRisk(t *testing.T) {
	t.Parallel()
	for _, file := range []struct {
		path string
		by   []string
	}{
		{"cloudwalk-chargebacks/transactions.crlf.csv", []string{"user_id", "transaction_id"}},
		{"fraud-ecommerce-30k/fraud_data.csv", []string{"user_id"}},
	} {
		t.Run(file.path, func(t *testing.T) {
			f, err := os.Open(sharedData(t, file.path))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			r := csv.NewReader(f)
			r.FieldsPerRecord = -1
			var rows [][]string
			for {
				row, err := r.Read()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 || len(row) == len(rows[0]) {
					rows = append(rows, row)
				}
			}
			rng := rand.New(rand.NewPCG(11, 13))
			for col := range rows[0] {
				rng.Shuffle(len(rows)-1, func(i, j int) { rows[i+1][col], rows[j+1][col] = rows[j+1][col], rows[i+1][col] })
			}
			var b strings.Builder
			w := csv.NewWriter(&b)
			if err := w.WriteAll(rows); err != nil {
				t.Fatal(err)
			}
			noneHigh(t, "shuffled", strings.TrimPrefix(b.String(), "\ufeff"), file.by...)
		})
	}
}
