package data

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// benchRows is the size of the file that is imported; OLORIN_BENCH_ROWS overrules it.
func benchRows(b *testing.B) int {
	if s := os.Getenv("OLORIN_BENCH_ROWS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 200_000
}

// benchFile writes card transactions: 9 columns, about 95 bytes a row.
func benchFile(b *testing.B, rows int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "events.csv")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fmt.Fprintln(w, "transaction_id,timestamp,user_id,merchant_id,amount,card_number,ip_address,device_id,is_fraud")
	for i := range rows {
		user := rng.IntN(5000)
		fmt.Fprintf(w, "T%08d,%s,U%05d,M%04d,%d.%02d,411111%010d,10.%d.%d.%d,D%06d,%d\n", i, start.Add(time.Duration(i)*4*time.Second).Format("2006-01-02 15:04:05"), user, rng.IntN(3000),
			rng.IntN(300), rng.IntN(100), user, user%256, user/256, rng.IntN(256), user*2+rng.IntN(2), rng.IntN(200)/199)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func benchEngine(b *testing.B) *Engine {
	e, err := Open(b.TempDir(), Limits{MemoryMB: 1024, Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func BenchmarkImport(b *testing.B) {
	rows := benchRows(b)
	path := benchFile(b, rows)
	e := benchEngine(b)
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Import(context.Background(), f, ImportOptions{ID: "d"}); err != nil {
			b.Fatal(err)
		}
		_ = f.Close()
		b.StopTimer()
		if err := e.Delete("d"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDuckDB is what the import is measured against: DuckDB's own CREATE TABLE AS of the same file.
func BenchmarkDuckDB(b *testing.B) {
	rows := benchRows(b)
	path := benchFile(b, rows)
	e := benchEngine(b)
	for b.Loop() {
		db, err := e.instance(context.Background(), e.tmp())
		if err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(b.TempDir(), fmt.Sprintf("own-%d.duckdb", b.N))
		_ = os.Remove(file)
		for _, s := range []string{"ATTACH " + quote(file) + " AS own", "CREATE TABLE own.events AS FROM read_csv(" + quote(path) + ")", "DETACH own"} {
			if _, err := db.Exec(s); err != nil {
				b.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkOpenCase(b *testing.B) {
	path := benchFile(b, benchRows(b))
	e := benchEngine(b)
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	d, err := e.Import(context.Background(), f, ImportOptions{ID: "d"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := e.OpenCase(context.Background(), d, Selection{Entities: entities("user_id", "U00042", "merchant_id", "M0007")})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
