// Package bench measures what Olorin costs beside the bare thing that it is made of.
package bench

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// saver writes one save of a caller: its header row, one event, a snapshot of 10 KB, one audit row, durable when it returns.
type saver func(caller int) error

// BenchmarkSaves writes the same rows into the same schema with the same settings (WAL, synchronous=FULL) in three ways, in turn, so that
// what else the machine does hits all of them: through store.Append; by a group commit written by hand on the same driver; and by one
// transaction for each save. An op is one save of each.
func BenchmarkSaves(b *testing.B) {
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			ways := []struct {
				name  string
				save  saver
				took  []time.Duration
				total time.Duration
			}{{name: "store", save: throughStore(b, callers)}, {name: "group", save: byHand(b, callers, 64)}, {name: "single", save: byHand(b, callers, 1)}}
			rounds := min(b.N, 5)
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
			rate := map[string]float64{}
			for _, w := range ways {
				slices.Sort(w.took)
				rate[w.name] = float64(len(w.took)) / w.total.Seconds()
				b.ReportMetric(rate[w.name], w.name+"-saves/s")
				b.ReportMetric(ms(w.took[len(w.took)/2]), w.name+"-p50-ms")
				b.ReportMetric(ms(w.took[len(w.took)*99/100]), w.name+"-p99-ms")
			}
			b.ReportMetric(rate["store"]/rate["group"], "store/group")
			b.ReportMetric(rate["store"]/rate["single"], "store/single")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// load has callers write n saves in all, each its next as soon as the last is durable.
func load(b *testing.B, callers, n int, save saver) (took []time.Duration, total time.Duration) {
	b.Helper()
	var (
		wait sync.WaitGroup
		next atomic.Int64
		mu   sync.Mutex
	)
	start := time.Now()
	for caller := range callers {
		wait.Go(func() {
			var own []time.Duration
			for next.Add(1) <= int64(n) {
				began := time.Now()
				if err := save(caller); err != nil {
					b.Error(err)
					return
				}
				own = append(own, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	wait.Wait()
	return took, time.Since(start)
}

// drafts opens a new database and writes an investigation for each caller into it.
func drafts(b *testing.B, callers int) (file string, db *store.DB, invs []olorin.Investigation) {
	b.Helper()
	ctx := context.Background()
	file = filepath.Join(b.TempDir(), "olorin.db")
	if _, err := store.Migrate(ctx, "sqlite:///"+file); err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(ctx, "sqlite:///"+file, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	invs = make([]olorin.Investigation, callers)
	for i := range invs {
		c, err := storetest.Change(olorin.Investigation{ID: fmt.Sprintf("case-%04d", i)}, storetest.Epoch,
			olorin.InvestigationCreated{Name: "Case", UserID: "ana", Settings: storetest.Settings("")})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := db.Append(ctx, c); err != nil {
			b.Fatal(err)
		}
		invs[i] = c.After
	}
	return file, db, invs
}

// document is a snapshot of 10 KB and event an event of 350 bytes, the same for every way of writing.
var (
	document = fmt.Appendf(nil, `{"investigation_id": "x", "padding": %q}`, strings.Repeat("abcdefghij", 1020))
	event    = json.RawMessage(fmt.Sprintf(`{"seq": 1, "padding": %q}`, strings.Repeat("x", 325)))
)

func throughStore(b *testing.B, callers int) saver {
	_, db, invs := drafts(b, callers)
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return func(caller int) error {
		before := invs[caller]
		after := before
		after.Version++
		after.UpdatedAt = olorin.SystemClock()
		body := olorin.StepChanged{Step: olorin.StepProgress}
		_, err := db.Append(context.Background(), olorin.Change{
			Before: before, After: after, Snapshot: document,
			Events: []olorin.Event{{Seq: after.Version, At: after.UpdatedAt, Actor: storetest.Ana, Source: olorin.SourceUser, Body: body}},
			Lines:  []olorin.Line{{Seq: after.Version, Type: body.EventType(), At: after.UpdatedAt, JSON: event}},
			Audit: olorin.AuditEntry{
				At: after.UpdatedAt, Actor: storetest.Ana, Source: olorin.SourceUser, Action: body.EventType(), InvestigationID: after.ID,
				VersionBefore: before.Version, VersionAfter: after.Version,
			},
		})
		if err == nil {
			invs[caller] = after
		}
		return err
	}
}

// byHand is what somebody would write who needs only this: one goroutine, prepared statements, up to size saves in a transaction, no
// savepoints, no checks beside the version.
func byHand(b *testing.B, callers, size int) saver {
	b.Helper()
	file, db, invs := drafts(b, callers)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	pragmas := url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-65536)", "wal_autocheckpoint(4000)", "temp_store(MEMORY)"}}
	pool, err := sql.Open("sqlite", "file:"+file+"?"+pragmas.Encode())
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	conn, err := pool.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	prepare := func(query string) *sql.Stmt {
		s, err := conn.PrepareContext(ctx, query)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	begin, commit, rollback := prepare(`BEGIN IMMEDIATE`), prepare(`COMMIT`), prepare(`ROLLBACK`)
	header := prepare(`
		UPDATE investigations SET version = $3, user_id = $4, name = $5, name_key = $6, status = $7, step = $8, percent = $9, phase = $10,
			findings = $11, log_lines = $12, eta_seconds = $13, dataset = $14, risk_score = $15, risk_level = $16, entity_count = $17, entity_types = $18,
			created_at = $19, updated_at = $20, started_at = $21, finished_at = $22, archived_at = $23, duration_ms = $24
		WHERE id = $1 AND version = $2 RETURNING num`)
	events := prepare(`INSERT INTO events (investigation, seq, at, type, level, line, document) VALUES ($1, $2, $3, $4, $5, $6, $7)`)
	snapshot := prepare(`INSERT INTO snapshots (investigation, document) VALUES ($1, $2) ON CONFLICT (investigation) DO UPDATE SET document = excluded.document`)
	audit := prepare(`
		INSERT INTO audit (at, actor_kind, actor_id, actor_role, origin, source, action, investigation_id, version_before, version_after, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)

	type request struct {
		inv  olorin.Investigation
		now  int64
		done chan error
	}
	requests := make(chan request, 4096)
	write := func(r request) error {
		inv := r.inv
		var num int64
		if err := header.QueryRowContext(ctx, inv.ID, inv.Version, inv.Version+1, inv.UserID, inv.Name, "case", string(inv.Status), string(inv.Step),
			0.0, "", 0, 0, nil, "", nil, "", 1, 1, inv.CreatedAt.UnixMicro(), r.now, nil, nil, nil, nil).Scan(&num); err != nil {
			return err
		}
		if _, err := events.ExecContext(ctx, num, inv.Version+1, r.now, "step.changed", nil, nil, string(event)); err != nil {
			return err
		}
		if _, err := snapshot.ExecContext(ctx, num, string(document)); err != nil {
			return err
		}
		_, err := audit.ExecContext(ctx, r.now, "user", "ana", "analyst", "192.0.2.7", "user", "step.changed", inv.ID, inv.Version, inv.Version+1, "")
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for r := range requests {
			batch := []request{r}
			for more := true; more && len(batch) < size; {
				select {
				case r, ok := <-requests:
					if more = ok; ok {
						batch = append(batch, r)
					}
				default:
					more = false
				}
			}
			_, err := begin.ExecContext(ctx)
			for _, r := range batch {
				if err == nil {
					err = write(r)
				}
			}
			if err == nil {
				_, err = commit.ExecContext(ctx)
			} else {
				_, _ = rollback.ExecContext(ctx)
			}
			for _, r := range batch {
				r.done <- err
			}
		}
	}()
	b.Cleanup(func() {
		close(requests)
		<-ended
		if err := conn.Close(); err != nil {
			b.Error(err)
		}
		if err := pool.Close(); err != nil {
			b.Error(err)
		}
	})
	return func(caller int) error {
		done := make(chan error, 1)
		requests <- request{invs[caller], time.Now().UnixMicro(), done}
		err := <-done
		if err == nil {
			invs[caller].Version++
		}
		return err
	}
}

// BenchmarkSaveOnLongLogs saves to an investigation whose log has few or many events: the cost must not grow with it.
func BenchmarkSaveOnLongLogs(b *testing.B) {
	for _, length := range []int{10, 100_000} {
		b.Run(fmt.Sprint("events=", length), func(b *testing.B) {
			_, db, invs := drafts(b, 1)
			defer db.Close() //nolint:errcheck // measured already
			inv := invs[0]
			append1 := func(events int, body olorin.Body) {
				after := inv
				c := olorin.Change{Before: inv, Snapshot: document, Audit: olorin.AuditEntry{At: inv.UpdatedAt, Actor: storetest.Ana, InvestigationID: inv.ID}}
				for range events {
					after.Version++
					c.Events = append(c.Events, olorin.Event{Seq: after.Version, At: inv.UpdatedAt, Body: body})
					c.Lines = append(c.Lines, olorin.Line{Seq: after.Version, Type: body.EventType(), At: inv.UpdatedAt, JSON: event})
				}
				c.After = after
				if _, err := db.Append(context.Background(), c); err != nil {
					b.Fatal(err)
				}
				inv = after
			}
			line := olorin.LogAppended{Level: olorin.LevelInfo, Message: "m"}
			for n := 1; n < length; n += 1000 {
				append1(min(1000, length-n), line)
			}
			for b.Loop() {
				append1(1, line)
			}
		})
	}
}

// BenchmarkReadState reads the state of investigations while others are saved without a pause.
func BenchmarkReadState(b *testing.B) {
	const callers = 16
	ctx := context.Background()
	_, db, _ := drafts(b, 1)
	defer db.Close() //nolint:errcheck // measured already
	desk := storetest.NewDesk(db)
	for i := range callers {
		if _, err := desk.Save(ctx, storetest.Ana, fmt.Sprint("read-", i), olorin.Save{}, olorin.Condition{}); err != nil {
			b.Fatal(err)
		}
		for range 20 {
			if _, err := desk.Change(ctx, storetest.Ana, fmt.Sprint("read-", i), visits(20), olorin.Condition{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	var (
		wait sync.WaitGroup
		stop atomic.Bool
	)
	saves := throughStoreOf(db)
	wait.Go(func() {
		for !stop.Load() {
			if err := saves(); err != nil {
				b.Error(err)
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
	})
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if _, err := db.Investigation(ctx, fmt.Sprint("read-", i%callers)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	stop.Store(true)
	wait.Wait()
	slices.Sort(took)
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
}

// visits is a command that goes to and fro in the wizard n times.
func visits(n int) olorin.Command {
	return func(inv olorin.Investigation) ([]olorin.Body, error) {
		bodies := make([]olorin.Body, n)
		for i := range bodies {
			bodies[i] = olorin.StepChanged{Step: []olorin.Step{olorin.StepSettings, olorin.StepProgress}[i%2]}
		}
		return bodies, nil
	}
}

// throughStoreOf returns saves of one draft, one after another.
func throughStoreOf(db *store.DB) func() error {
	desk := storetest.NewDesk(db)
	return func() error {
		_, err := desk.Change(context.Background(), storetest.Ana, "written", func(inv olorin.Investigation) ([]olorin.Body, error) {
			if inv.Version == 0 {
				return []olorin.Body{olorin.InvestigationCreated{Name: "n", UserID: "ana", Settings: storetest.Settings("")}}, nil
			}
			return visits(1)(inv)
		}, olorin.Condition{})
		return err
	}
}
