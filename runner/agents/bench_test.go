package agents_test

import (
	"context"
	"testing"

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
