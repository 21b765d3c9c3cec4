package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// BenchmarkGrown saves to cases that stand among OLORIN_BENCH_HISTORY (1,000,000 where it is not set), each with its log, snapshot, words and
// entry of the audit trail. OLORIN_BENCH_GROWN is a SQLite file to keep, for the commands that are measured by themselves, such as olorin
// migrate up, check and backup; one that is not full is filled up for as long as OLORIN_BENCH_FILL says.
func BenchmarkGrown(b *testing.B) {
	store.UsualBounds()
	size := 1_000_000
	if s := os.Getenv("OLORIN_BENCH_HISTORY"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	file := os.Getenv("OLORIN_BENCH_GROWN")
	if file == "" {
		file = filepath.Join(b.TempDir(), "grown.db")
	}
	url := "sqlite:///" + file
	if _, err := store.Migrate(b.Context(), url); err != nil {
		b.Fatal(err)
	}
	db := openAt(b, url, store.Options{Server: true})
	grow(b, db, file, size)
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("saves/callers-%d", callers), func(b *testing.B) {
			var (
				mu   sync.Mutex
				took []time.Duration
				next atomic.Int64
				wait sync.WaitGroup
			)
			for c := range callers {
				wait.Go(func() {
					random := rand.New(rand.NewPCG(uint64(c), 5))
					for next.Add(1) <= int64(b.N) {
						before, err := db.Investigation(b.Context(), grownID(random.IntN(size)))
						if err != nil {
							b.Error(err)
							return
						}
						threshold := float64(random.IntN(100))
						change, err := storetest.Change(before, olorin.At(before.UpdatedAt.Add(time.Second)), olorin.SettingsChanged{Settings: &olorin.SettingsPatch{RiskThreshold: &threshold}})
						if err != nil {
							b.Error(err)
							return
						}
						began := time.Now()
						if _, err := db.Append(b.Context(), change); err != nil && olorin.CodeOf(err) != olorin.CodeConflict {
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
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

func grownID(n int) string { return fmt.Sprintf("grown-%08d", n) }

// grow writes what is missing of so many cases, as they are always written.
func grow(b *testing.B, db *store.DB, file string, size int) {
	b.Helper()
	pool, err := sql.Open("sqlite", file)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // it was only read
	var have int64
	if err := pool.QueryRow(`SELECT COALESCE(MAX(num), 0) FROM investigations`).Scan(&have); err != nil {
		b.Fatal(err)
	}
	if have == 0 {
		storetest.PutDataset(b, db, "d")
	}
	for next := have - 256; next < have; next++ { // the last of a filling that was ended may lack some before them
		if next >= 0 {
			growOne(b, db, int(next))
		}
	}
	until := time.Now().Add(time.Hour)
	if s := os.Getenv("OLORIN_BENCH_FILL"); s != "" {
		patience, err := time.ParseDuration(s)
		if err != nil {
			b.Fatal(err)
		}
		until = time.Now().Add(patience)
	}
	var (
		next  atomic.Int64
		wait  sync.WaitGroup
		began = time.Now()
	)
	next.Store(have)
	for range 128 {
		wait.Go(func() {
			for time.Now().Before(until) && !b.Failed() {
				n := next.Add(1) - 1
				if n >= int64(size) {
					return
				}
				growOne(b, db, int(n))
			}
		})
	}
	wait.Wait()
	if n := min(next.Load(), int64(size)); n > have {
		b.Logf("%d of %d cases, %d of them in %s", n, size, n-have, time.Since(began).Round(time.Second))
		if n < int64(size) {
			b.Skip("it is not full yet: run it again")
		}
	}
}

// growOne writes the nth case: nine of ten with a run that found two things and is over.
func growOne(b *testing.B, db *store.DB, n int) {
	random := rand.New(rand.NewPCG(uint64(n), 31))
	at := olorin.At(storetest.Epoch.Add(time.Duration(n) * 20 * time.Second))
	settings := olorin.DefaultSettings()
	settings.Dataset = "d"
	for i := range 1 + random.IntN(3) {
		kind := random.IntN(len(olorin.EntityTypes))
		value := fmt.Sprintf([]string{"user%d", "user%d@example.com", "10.1.2.%d", "device-%d", "0049%d", "card%d", "acc%d", "shop%d", "tx%d"}[kind], random.IntN(200_000))
		settings.Entities = append(settings.Entities, olorin.Entity{Type: olorin.EntityTypes[kind], Value: value, Primary: i == 0, Weight: 1})
	}
	subject := []string{"Card testing", "Mule ring", "Account takeover", "Chargebacks", "Refund abuse", "Zürich device farm", "Payroll change", "New merchant"}[random.IntN(8)]
	bodies := []olorin.Body{olorin.InvestigationCreated{Name: fmt.Sprintf("%s %d", subject, random.IntN(1_000_000)), UserID: fmt.Sprintf("analyst-%02d", random.IntN(50)), Settings: settings}}
	if random.IntN(10) > 0 {
		score := float64(random.IntN(1000)) / 10
		results := &olorin.Results{RiskScore: &score, RiskLevel: olorin.LevelOf(score), Summary: strings.Repeat("What the checks say of this customer, in a sentence. ", 3)}
		bodies = append(bodies, olorin.StatusChanged{From: olorin.Draft, To: olorin.Running, Act: olorin.ActStart}, olorin.StepChanged{Step: olorin.StepProgress})
		for i, title := range []string{"Impossible travel", "Many cards on one device"} {
			finding := olorin.Finding{
				ID: fmt.Sprint("f", i), Agent: "location", Tool: "GEO-01", ToolVersion: 1, Severity: "high", Title: title, Key: settings.Entities[0].Value, Strength: .8, Weight: .5,
				Sentence: "Two events lie 9,120 km apart within 41 min: nobody travels like that.", Entities: []olorin.EntityRef{{Type: settings.Entities[0].Type, Value: settings.Entities[0].Value}},
				Evidence: []olorin.EvidenceRow{{Row: int64(n), Fields: map[string]any{"amount": 12.5, "country": "DE", "user_id": settings.Entities[0].Value}}}, EvidenceRows: []int64{int64(n), int64(n + 1)}, EvidenceTotal: 2,
			}
			results.Findings = append(results.Findings, finding)
			bodies = append(bodies, olorin.FindingAdded{Finding: finding})
		}
		bodies = append(bodies, olorin.ProgressChanged{Percent: 100, Phase: olorin.Assessment}, olorin.ResultsChanged{Results: results},
			olorin.StatusChanged{From: olorin.Running, To: olorin.Completed, Act: olorin.ActComplete}, olorin.StepChanged{Step: olorin.StepResults})
	}
	change, err := storetest.Change(olorin.Investigation{ID: grownID(n)}, at, bodies...)
	if err == nil {
		_, err = db.Append(b.Context(), change)
	}
	var refused *olorin.Error
	if err != nil && (!errors.As(err, &refused) || refused.Code != olorin.CodeExists) {
		b.Error(err)
	}
}
