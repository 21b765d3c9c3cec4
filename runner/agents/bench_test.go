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
		caseOn(b, engine, d, []string{"596"}, agents.Choose(nil, nil))
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

// largeFile writes a file of so many rows, with a customer for each forty, and imports it.
func largeFile(b *testing.B, engine *data.Engine, rows int) olorin.Dataset {
	path := filepath.Join(b.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "transaction_id,user_id,event_time,amount,merchant_id,merchant_category,device_id,ip_address,status,latitude,longitude,ip_country,card_country,email,signup_time,card_number,counterparty_id")
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	users := rows / 40
	for i := range rows {
		u := rng.IntN(users)
		device, country, status := u, "FR", "approved"
		if rng.IntN(50) == 0 {
			device = rng.IntN(users)
		}
		if rng.IntN(200) == 0 {
			country = "NG"
		}
		if rng.IntN(20) == 0 {
			status = "declined"
		}
		fmt.Fprintf(w, "t%d,u%d,%s,%.2f,m%d,%s,d%d,%d.%d.%d.%d,%s,%.4f,%.4f,%s,FR,user%d@example.com,2025-0%d-03T10:00:00Z,tok_%d,u%d\n",
			i, u, start.Add(time.Duration(rng.IntN(7_776_000))*time.Second).Format(time.RFC3339), 5+rng.ExpFloat64()*40, rng.IntN(8000), []string{"grocery", "travel", "games", "fuel"}[rng.IntN(4)],
			device, 11+u%180, u/200%200, rng.IntN(3), 1+u%250, status, 40+float64(u%1000)/100+rng.Float64()/10, float64(u%3000)/100+rng.Float64()/10, country, u, 1+u%9, u, rng.IntN(users))
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return importFile(b, engine, fmt.Sprintf("rows%d", rows), path)
}

// BenchmarkLargeCase runs every check on one customer of generated files: the cost against rows.
func BenchmarkLargeCase(b *testing.B) {
	for _, rows := range []int{20_000, 200_000, 2_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			engine := openEngine(b)
			d := largeFile(b, engine, rows)
			for b.Loop() {
				caseOn(b, engine, d, customers(1), agents.Choose(nil, nil))
			}
		})
	}
}

// BenchmarkEntities runs every check on cases of more and more customers, and BenchmarkChecks more and more checks on one.
func BenchmarkEntities(b *testing.B) {
	engine := openEngine(b)
	d := largeFile(b, engine, 200_000)
	for _, entities := range []int{1, 3, 10} {
		b.Run(fmt.Sprintf("entities=%d", entities), func(b *testing.B) {
			for b.Loop() {
				caseOn(b, engine, d, customers(entities), agents.Choose(nil, nil))
			}
		})
	}
}

func BenchmarkChecks(b *testing.B) {
	engine := openEngine(b)
	d := largeFile(b, engine, 200_000)
	all := agents.Choose(nil, nil)
	for _, checks := range []int{1, len(all) / 4, len(all) / 2, len(all)} {
		b.Run(fmt.Sprintf("checks=%d", checks), func(b *testing.B) {
			for b.Loop() {
				caseOn(b, engine, d, customers(1), all[:checks])
			}
		})
	}
}

// customers names some of a generated file.
func customers(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("u%d", 77+i))
	}
	return names
}

// slow is from how long on a check is named in the log of a benchmark.
const slow = 150 * time.Millisecond

// caseOn opens a case on users and asks the checks one after the other.
func caseOn(b *testing.B, engine *data.Engine, d olorin.Dataset, users []string, choices []agents.Choice) {
	var selection data.Selection
	for _, user := range users {
		selection.Entities = append(selection.Entities, olorin.Entity{Type: "user_id", Value: user})
	}
	opening := time.Now()
	c, err := engine.OpenCase(context.Background(), d, selection)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "opening took %v\n", time.Since(opening).Round(10*time.Millisecond))
	assessed := 0
	for _, choice := range choices {
		started := time.Now()
		r, err := choice.Tool.Run(context.Background(), c, d, nil)
		if err != nil {
			b.Fatal(err)
		}
		if r.Outcome != olorin.NotAssessed {
			assessed++
		}
		if took := time.Since(started); took > slow {
			fmt.Fprintf(os.Stderr, "%s took %v\n", choice.Tool.ID, took.Round(10*time.Millisecond))
		}
	}
	b.ReportMetric(float64(assessed), "checks")
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
}
