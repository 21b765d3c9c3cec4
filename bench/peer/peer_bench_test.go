// Package peer measures Olorin beside others: its saves beside PocketBase's, its followers beside centrifuge's and a bare server's. It is a
// module of its own, so that nobody else has to fetch the peers.
package peer

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // its tables
	_ "modernc.org/sqlite"                          // the driver "sqlite", the same for both

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// document is what one save keeps: 10 KB.
var document = fmt.Sprintf(`{"padding": %q}`, strings.Repeat("abcdefghij", 1020))

// BenchmarkSaves has 64 callers save 10 KB each, durable (WAL, synchronous=FULL) when the call returns, in turns: through store.Append,
// with its event and its audit row; and by PocketBase's own update of a record with one JSON field, without its API rules. An op is one
// save of each.
func BenchmarkSaves(b *testing.B) {
	const callers, rounds = 64, 5
	ways := []struct {
		name  string
		save  func(caller int) error
		took  []time.Duration
		total time.Duration
	}{{name: "olorin", save: olorinSaves(b, callers)}, {name: "pocketbase", save: pocketbaseSaves(b, callers)}}
	b.ResetTimer()
	for round := range rounds {
		n := b.N*(round+1)/rounds - b.N*round/rounds
		for i := range ways {
			w := &ways[(i+round)%len(ways)]
			took, total := load(b, callers, n, w.save)
			w.took, w.total = append(w.took, took...), w.total+total
		}
	}
	b.StopTimer()
	rates := map[string]float64{}
	for _, w := range ways {
		slices.SortFunc(w.took, cmp.Compare)
		rates[w.name] = float64(len(w.took)) / w.total.Seconds()
		b.ReportMetric(rates[w.name], w.name+"-saves/s")
		b.ReportMetric(float64(w.took[len(w.took)/2].Microseconds())/1000, w.name+"-p50-ms")
		b.ReportMetric(float64(w.took[len(w.took)*99/100].Microseconds())/1000, w.name+"-p99-ms")
	}
	b.ReportMetric(rates["olorin"]/rates["pocketbase"], "olorin/pocketbase")
	b.ReportMetric(0, "ns/op")
}

func load(b *testing.B, callers, n int, save func(int) error) (took []time.Duration, total time.Duration) {
	b.Helper()
	var (
		wait sync.WaitGroup
		next atomic.Int64
		mu   sync.Mutex
	)
	start := time.Now()
	for caller := range callers {
		wait.Go(func() {
			for next.Add(1) <= int64(n) {
				began := time.Now()
				if err := save(caller); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(began))
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return took, time.Since(start)
}

func olorinSaves(b *testing.B, callers int) func(int) error {
	b.Helper()
	ctx := context.Background()
	url := "sqlite:///" + filepath.Join(b.TempDir(), "olorin.db")
	if _, err := store.Migrate(ctx, url); err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	desk := storetest.NewDesk(db)
	name := strings.Repeat("x", 100)
	for i := range callers {
		if _, err := desk.Save(ctx, storetest.Ana, fmt.Sprint("case-", i), olorin.Save{Name: &name}, olorin.Condition{}); err != nil {
			b.Fatal(err)
		}
	}
	invs := make([]olorin.Investigation, callers)
	for i := range invs {
		if invs[i], err = db.Investigation(ctx, fmt.Sprint("case-", i)); err != nil {
			b.Fatal(err)
		}
	}
	return func(caller int) error {
		c, err := storetest.Change(invs[caller], olorin.SystemClock(), olorin.StepChanged{Step: []olorin.Step{olorin.StepSettings, olorin.StepProgress}[invs[caller].Version%2]})
		if err != nil {
			return err
		}
		c.Snapshot = []byte(document)
		if _, err := db.Append(ctx, c); err != nil {
			return err
		}
		invs[caller] = c.After
		return nil
	}
}

func pocketbaseSaves(b *testing.B, callers int) func(int) error {
	b.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{
		DataDir: b.TempDir(),
		DBConnect: func(file string) (*dbx.DB, error) {
			return dbx.Open("sqlite", file+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)")
		},
	})
	if err := app.Bootstrap(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := app.ResetBootstrapState(); err != nil {
			b.Error(err)
		}
	})
	if err := app.RunAllMigrations(); err != nil {
		b.Fatal(err)
	}
	cases := core.NewBaseCollection("cases")
	cases.Fields.Add(&core.TextField{Name: "name"}, &core.JSONField{Name: "document", MaxSize: 1 << 20}, &core.NumberField{Name: "version"})
	if err := app.Save(cases); err != nil {
		b.Fatal(err)
	}
	records := make([]*core.Record, callers)
	for i := range records {
		records[i] = core.NewRecord(cases)
		records[i].Set("name", fmt.Sprint("case-", i))
		records[i].Set("document", document)
		if err := app.Save(records[i]); err != nil {
			b.Fatal(err)
		}
	}
	return func(caller int) error {
		r := records[caller]
		r.Set("version", r.GetInt("version")+1)
		r.Set("document", document)
		return app.Save(r)
	}
}
