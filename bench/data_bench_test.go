package bench

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"

	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/data/demo"
)

// BenchmarkImport reads the sample of 100,000 rows: through data.Engine (bytes checked and hashed, columns recognised, typed and
// masked, source kept for correction) and by DuckDB's own CREATE TABLE AS into a file, with the same memory and threads. An op is five of each, in turns.
func BenchmarkImport(b *testing.B) {
	path := sampleFile(b)
	engine, err := data.Open(b.TempDir(), data.Limits{MemoryMB: 1024, Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	var ours, duck time.Duration
	b.ResetTimer()
	for i := range 5 * b.N {
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
	b.ReportMetric(ours.Seconds()*200/float64(b.N), "import-ms")
	b.ReportMetric(duck.Seconds()*200/float64(b.N), "duckdb-ms")
	b.ReportMetric(duck.Seconds()/ours.Seconds(), "import/duckdb")
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
