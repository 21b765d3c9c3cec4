package agents_test

import (
	"context"
	"fmt"
	"os"
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
		caseOn(b, engine, d, "596")
	}
}

// BenchmarkRank ranks all transactions of that file.
func BenchmarkRank(b *testing.B) {
	engine := openEngine(b)
	d := importFile(b, engine, "handbook", sharedData(b, "handbook-simulated/handbook-2018-04-01_14.csv"))
	for b.Loop() {
		if _, err := agents.Rank(context.Background(), engine, d, "transaction_id", olorin.Settings{}, olorin.Weights{}); err != nil {
			b.Fatal(err)
		}
	}
}

// slow is from how long on a check is named in the log of a benchmark.
const slow = 150 * time.Millisecond

// caseOn opens a case on a user and asks every check, one after the other.
func caseOn(b *testing.B, engine *data.Engine, d olorin.Dataset, user string) {
	selection := data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: user}}}
	opening := time.Now()
	c, err := engine.OpenCase(context.Background(), d, selection)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "opening took %v\n", time.Since(opening).Round(10*time.Millisecond))
	assessed := 0
	for _, choice := range agents.Choose(nil, nil) {
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
