package bench

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
	"github.com/olorin-dev/olorin/runner/agents"
	"github.com/olorin-dev/olorin/store"
)

// A run here is what a server does: from the wish to start until its results stand, two agents side by side, every report committed with
// synchronous=FULL, the engine bounded to 1 GB and two threads. engines-MB is what the processes of the engine held at the most.

// BenchmarkRun is of one user of the sample of 100,000 rows.
func BenchmarkRun(b *testing.B) {
	w := newWorkshop(b)
	w.measure(b, w.load(sampleFile(b)), []string{aUser(b)}, nil)
}

// BenchmarkRunByRows is of one customer, every check: the cost against rows. The first file is brought, not generated.
func BenchmarkRunByRows(b *testing.B) {
	b.Run("given", func(b *testing.B) {
		path := filepath.Join(cmp.Or(os.Getenv("OLORIN_TEST_DATA"), "../../shared/data"), "handbook-simulated/handbook-2018-04-01_14.csv")
		if _, err := os.Stat(path); err != nil {
			b.Skip("the file of 134,288 rows is not here (set OLORIN_TEST_DATA to the folder that has it)")
		}
		w := newWorkshop(b)
		w.measure(b, w.load(path), []string{"596"}, nil)
	})
	for _, rows := range []int{20_000, 200_000, 2_000_000} {
		b.Run(fmt.Sprintf("generated=%d", rows), func(b *testing.B) {
			w := newWorkshop(b)
			w.measure(b, w.load(generated(b, rows)), customers(1), nil)
		})
	}
}

// BenchmarkRunByEntities is of more and more customers, every check, up to as many as an investigation takes.
func BenchmarkRunByEntities(b *testing.B) {
	w := newWorkshop(b)
	d := w.load(generated(b, 200_000))
	for _, n := range []int{1, 3, olorin.MaxEntities} {
		b.Run(fmt.Sprintf("entities=%d", n), func(b *testing.B) { w.measure(b, d, customers(n), nil) })
	}
}

// BenchmarkRunByChecks is of one customer, with the checks of each agent by themselves and with all.
func BenchmarkRunByChecks(b *testing.B) {
	w := newWorkshop(b)
	d := w.load(generated(b, 200_000))
	for _, a := range agents.Catalogue() {
		var matrix []olorin.ToolChoice
		for _, t := range a.Tools {
			matrix = append(matrix, olorin.ToolChoice{Agent: a.ID, Tool: t.ID, Enabled: true})
		}
		b.Run("agent="+a.ID, func(b *testing.B) { w.measure(b, d, customers(1), matrix) })
	}
	b.Run("agent=all", func(b *testing.B) { w.measure(b, d, customers(1), nil) })
}

var ana = olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}

// workshop is a server without its doors.
type workshop struct {
	b      *testing.B
	db     *store.DB
	engine *data.Engine
	hub    *live.Hub
	desk   *olorin.Desk
	began  int // runs
}

func newWorkshop(b *testing.B) *workshop {
	b.Helper()
	dir := b.TempDir()
	w := &workshop{b: b, db: openStore(b, filepath.Join(dir, "runs.db")), hub: live.NewHub(olorin.SystemClock, live.DefaultLimits)}
	var err error
	if w.engine, err = data.Open(dir, data.Limits{MemoryMB: 1024, Threads: 2, MaxBytes: 1 << 30}); err != nil {
		b.Fatal(err)
	}
	w.desk = olorin.NewDesk(w.db, w.hub, olorin.SystemClock, runner.Preflight(w.db, w.engine, nil), olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	o := runner.DefaultOptions("bench")
	o.Look = 5 * time.Millisecond
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		runner.New(w.desk, w.db, w.db, w.engine, w.hub, olorin.SystemClock, slog.New(slog.NewTextHandler(io.Discard, nil)), o).Run(ctx)
	}()
	b.Cleanup(func() { stop(); <-done })
	return w
}

func (w *workshop) load(path string) olorin.Dataset {
	w.b.Helper()
	f, err := os.Open(path)
	if err != nil {
		w.b.Fatal(err)
	}
	defer f.Close()
	d, err := w.engine.Import(w.b.Context(), f, data.ImportOptions{ID: "file", UserID: "ana", Name: "file"})
	if err != nil {
		w.b.Fatal(err)
	}
	if err := w.db.PutDataset(w.b.Context(), d, olorin.AuditEntry{At: olorin.SystemClock(), Actor: ana, Action: "dataset.imported"}); err != nil {
		w.b.Fatal(err)
	}
	return d
}

// measure runs investigations of users one after the other. A matrix that is nil is every check.
func (w *workshop) measure(b *testing.B, d olorin.Dataset, users []string, matrix []olorin.ToolChoice) {
	b.Helper()
	settings := olorin.DefaultSettings()
	settings.Dataset, settings.ToolMatrix = d.ID, matrix
	for _, user := range users {
		settings.Entities = append(settings.Entities, olorin.Entity{Type: "user_id", Value: user})
	}
	var total, preflight time.Duration
	var inv olorin.Investigation
	peak := watchEngines()
	runs := 0
	for b.Loop() {
		id := fmt.Sprint("run-", w.began)
		w.began++
		runs++
		if _, err := w.desk.Change(b.Context(), ana, id, olorin.Create("ana", id, settings, olorin.Lineage{}), olorin.Condition{}); err != nil {
			b.Fatal(err)
		}
		total += timed(b, func() error {
			began := time.Now()
			if _, err := w.desk.Start(b.Context(), ana, id, olorin.Condition{}); err != nil {
				return err
			}
			preflight += time.Since(began)
			return w.ended(b.Context(), id)
		})
		var err error
		if inv, err = w.desk.View(b.Context(), ana, id); err != nil {
			b.Fatal(err)
		}
	}
	assessed, dear := 0, []string{}
	for _, t := range inv.Progress.Tools {
		if t.Outcome == olorin.Fired || t.Outcome == olorin.Clear {
			assessed++
		}
		if t.DurationMS != nil && *t.DurationMS >= 500 {
			dear = append(dear, fmt.Sprintf("%s %.1f s", t.Tool, float64(*t.DurationMS)/1000))
		}
	}
	slices.Sort(dear)
	b.ReportMetric(total.Seconds()/float64(runs), "run-s")
	b.ReportMetric(preflight.Seconds()/float64(runs), "of-it-start-s")
	b.ReportMetric(peak(), "engines-MB")
	b.ReportMetric(float64(assessed), "checks")
	b.ReportMetric(float64(inv.Version), "events")
	if len(dear) > 0 {
		b.Log("checks of half a second and more, in the last run: ", strings.Join(dear, ", "))
	}
}

// ended waits for the results of a run.
func (w *workshop) ended(ctx context.Context, id string) error {
	for {
		grown, unwatch := w.hub.Watch(id)
		head, err := w.desk.Head(ctx, ana, id)
		if err != nil || head.Status == olorin.Completed {
			unwatch()
			return err
		}
		if head.Status != olorin.Running {
			unwatch()
			return fmt.Errorf("the run is %s", head.Status)
		}
		<-grown
		unwatch()
	}
}

// watchEngines looks fifty times a second how much memory the processes that this one started hold together, until it is asked for the most.
func watchEngines() (peak func() float64) {
	over, most := make(chan struct{}), 0.0
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(20 * time.Millisecond):
				most = max(most, held())
			}
		}
	})
	return func() float64 {
		close(over)
		watch.Wait()
		return most
	}
}

// held is what the children hold, in MB. What ended meanwhile holds nothing.
func held() (mb float64) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		pids, _ := os.ReadFile(list)
		for _, pid := range strings.Fields(string(pids)) {
			status, _ := os.ReadFile("/proc/" + pid + "/status")
			for line := range strings.Lines(string(status)) {
				if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
					n, _ := strconv.ParseFloat(strings.Fields(kb)[0], 64)
					mb += n / 1024
				}
			}
		}
	}
	return mb
}

// generated writes a file of so many rows, with a customer for each forty.
func generated(b *testing.B, rows int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "generated.csv")
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
	return path
}

// customers names some of a generated file.
func customers(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("u%d", 77+i))
	}
	return names
}
