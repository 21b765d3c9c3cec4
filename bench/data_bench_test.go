package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/data/demo"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
)

// BenchmarkImport reads the sample of 100,000 rows: through data.Engine (bytes checked and hashed, columns recognised, typed and
// masked, source kept for correction) and by DuckDB's own CREATE TABLE AS into a file, with the same memory and threads. An op is one of each.
func BenchmarkImport(b *testing.B) {
	path := sampleFile(b)
	engine, err := data.Open(b.TempDir(), data.Limits{MemoryMB: 1024, Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	var ours, duck time.Duration
	b.ResetTimer()
	for i := range b.N {
		ours += timed(b, func() error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = engine.Import(b.Context(), f, data.ImportOptions{ID: fmt.Sprint("d", i), UserID: "ana", Name: "sample"})
			return err
		})
		duck += timed(b, func() error {
			db, err := sql.Open("duckdb", filepath.Join(b.TempDir(), "bare.duckdb")+"?threads=2&memory_limit=1024MB")
			if err != nil {
				return err
			}
			defer db.Close()
			_, err = db.ExecContext(b.Context(), "CREATE TABLE t AS SELECT * FROM read_csv('"+path+"')")
			return err
		})
	}
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "import-ms")
	b.ReportMetric(duck.Seconds()*1000/float64(b.N), "duckdb-ms")
	b.ReportMetric(duck.Seconds()/ours.Seconds(), "import/duckdb")
}

// BenchmarkRun carries an investigation of one user over the sample of 100,000 rows from its start to its results: every check,
// correlation OR, two agents side by side, every report committed with synchronous=FULL.
func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	db := openStore(b, filepath.Join(dir, "runs.db"))
	engine, err := data.Open(dir, data.Limits{MemoryMB: 1024, Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(sampleFile(b))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	d, err := engine.Import(b.Context(), f, data.ImportOptions{ID: "sample", UserID: "ana", Name: "sample"})
	if err != nil {
		b.Fatal(err)
	}
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	if err := db.PutDataset(b.Context(), d, olorin.AuditEntry{At: olorin.SystemClock(), Actor: ana, Action: "dataset.imported"}); err != nil {
		b.Fatal(err)
	}
	hub := live.NewHub(olorin.SystemClock, live.DefaultLimits)
	desk := olorin.NewDesk(db, hub, olorin.SystemClock, runner.Preflight(db, engine, nil), olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	o := runner.DefaultOptions("bench")
	o.Look = 5 * time.Millisecond
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		runner.New(desk, db, db, engine, hub, olorin.SystemClock, slog.New(slog.NewTextHandler(io.Discard, nil)), o).Run(ctx)
	}()
	defer func() { stop(); <-done }()
	settings := olorin.DefaultSettings()
	settings.Dataset, settings.Entities = d.ID, []olorin.Entity{{Type: "user_id", Value: aUser(b)}}
	var total time.Duration
	events := int64(0)
	b.ResetTimer()
	for i := range b.N {
		id := fmt.Sprint("run-", i)
		if _, err := desk.Change(ctx, ana, id, olorin.Create("ana", id, settings, olorin.Lineage{}), olorin.Condition{}); err != nil {
			b.Fatal(err)
		}
		total += timed(b, func() error {
			if _, err := desk.Start(ctx, ana, id, olorin.Condition{}); err != nil {
				return err
			}
			for {
				grown, unwatch := hub.Watch(id)
				head, err := desk.Head(ctx, ana, id)
				if err != nil || head.Status == olorin.Completed {
					unwatch()
					events += head.Version
					return err
				}
				if head.Status != olorin.Running {
					unwatch()
					return fmt.Errorf("the run is %s", head.Status)
				}
				<-grown
				unwatch()
			}
		})
	}
	b.ReportMetric(total.Seconds()*1000/float64(b.N), "run-ms")
	b.ReportMetric(float64(events)/float64(b.N), "events/run")
}

// aUser is one that the sample plants an account takeover on.
func aUser(b *testing.B) string {
	b.Helper()
	summary, err := demo.Write(io.Discard, demo.DefaultSeed, demo.DefaultRows)
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range summary.Scenarios {
		for _, e := range s.Examples {
			if e.Type == "user_id" {
				return e.Value
			}
		}
	}
	b.Fatal("the sample names no user")
	return ""
}

func sampleFile(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "sample.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := demo.Write(f, demo.DefaultSeed, demo.DefaultRows); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func timed(b *testing.B, act func() error) time.Duration {
	b.Helper()
	began := time.Now()
	if err := act(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}
