package agents_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// BenchmarkCase opens a case on one customer of the 134,288-row file and runs every check, one after the other.
func BenchmarkCase(b *testing.B) {
	engine := openEngine(b)
	d := importFile(b, engine, "handbook", sharedData(b, "handbook-simulated/handbook-2018-04-01_14.csv"))
	for b.Loop() {
		c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "596"}}})
		if err != nil {
			b.Fatal(err)
		}
		for _, choice := range agents.Choose(nil) {
			if _, err := choice.Tool.Run(context.Background(), c, d, nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRank ranks all transactions of that file.
func BenchmarkRank(b *testing.B) {
	engine := openEngine(b)
	d := importFile(b, engine, "handbook", sharedData(b, "handbook-simulated/handbook-2018-04-01_14.csv"))
	for b.Loop() {
		if _, err := agents.Rank(context.Background(), engine, d, "transaction_id", nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLargeCase runs every check on one of the 50,000 customers of a generated file of 2,000,000 rows.
func BenchmarkLargeCase(b *testing.B) {
	path := filepath.Join(b.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "transaction_id,user_id,event_time,amount,merchant_id,merchant_category,device_id,ip_address,status,latitude,longitude,ip_country,card_country,email,signup_time,card_number,counterparty_id")
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 2_000_000 {
		u := rng.IntN(50_000)
		device, country, status := u, "FR", "approved"
		if rng.IntN(50) == 0 {
			device = rng.IntN(50_000)
		}
		if rng.IntN(200) == 0 {
			country = "NG"
		}
		if rng.IntN(20) == 0 {
			status = "declined"
		}
		fmt.Fprintf(w, "t%d,u%d,%s,%.2f,m%d,%s,d%d,%d.%d.%d.%d,%s,%.4f,%.4f,%s,FR,user%d@example.com,2025-0%d-03T10:00:00Z,tok_%d,u%d\n",
			i, u, start.Add(time.Duration(rng.IntN(7_776_000))*time.Second).Format(time.RFC3339), 5+rng.ExpFloat64()*40, rng.IntN(8000), []string{"grocery", "travel", "games", "fuel"}[rng.IntN(4)],
			device, 11+u%180, u/200%200, rng.IntN(3), 1+u%250, status, 40+float64(u%1000)/100+rng.Float64()/10, float64(u%3000)/100+rng.Float64()/10, country, u, 1+u%9, u, rng.IntN(50_000))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	engine := openEngine(b)
	d := importFile(b, engine, "large", path)
	for b.Loop() {
		c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "u77"}}})
		if err != nil {
			b.Fatal(err)
		}
		assessed := 0
		for _, choice := range agents.Choose(nil) {
			r, err := choice.Tool.Run(context.Background(), c, d, nil)
			if err != nil {
				b.Fatal(err)
			}
			if r.Outcome != olorin.NotAssessed {
				assessed++
			}
		}
		b.ReportMetric(float64(assessed), "checks")
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
