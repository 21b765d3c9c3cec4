package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/httpd"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
	"github.com/olorin-dev/olorin/store"
)

// BenchmarkPolls asks for what is new where nothing is, over kept-alive connections on loopback: once of Olorin (a bearer token is
// verified, the rate is limited, access is checked, the cadence is decided) and once of a bare net/http handler that compares an
// ETag, and sends it, as RFC 9110 wants of a 304. Both get the same request. Client and server share the processors. An op is one poll
// of each, in short turns, so that what else the machine does hits both.
func BenchmarkPolls(b *testing.B) {
	url, token := olorinServer(b)
	bare := serve(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "{}")
	}))
	const path = "/api/v1/wizard/x/poll?cursor=1"
	for _, connections := range []int{50, 200, 1000} {
		b.Run(fmt.Sprint("connections=", connections), func(b *testing.B) {
			ways := []struct {
				name  string
				poll  saver
				took  []time.Duration
				total time.Duration
				cpu   time.Duration
			}{{name: "olorin", poll: poller(b, connections, url+path, token)}, {name: "bare", poll: poller(b, connections, bare+path, token)}}
			rounds := min(max(b.N/(4*connections), 1), 40) // each connection is used in each turn
			b.ResetTimer()
			for round := range rounds {
				n := b.N*(round+1)/rounds - b.N*round/rounds
				for i := range ways {
					w := &ways[(i+round)%len(ways)]
					before := processorTime(b)
					took, total := load(b, connections, n, w.poll)
					w.took, w.total, w.cpu = append(w.took, took...), w.total+total, w.cpu+processorTime(b)-before
				}
			}
			b.StopTimer()
			rate, cost := map[string]float64{}, map[string]float64{}
			for _, w := range ways {
				slices.Sort(w.took)
				rate[w.name] = float64(len(w.took)) / w.total.Seconds()
				cost[w.name] = float64(w.cpu.Microseconds()) / float64(len(w.took))
				b.ReportMetric(cost[w.name], w.name+"-cpu-us")
				b.ReportMetric(rate[w.name], w.name+"-polls/s")
				b.ReportMetric(ms(w.took[len(w.took)/2]), w.name+"-p50-ms")
				b.ReportMetric(ms(w.took[len(w.took)*99/100]), w.name+"-p99-ms")
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(rate["olorin"]/rate["bare"], "olorin/bare")
			b.ReportMetric(cost["bare"]/cost["olorin"], "olorin/bare-by-cpu")
		})
	}
}

// processorTime is what this process has used of the processors. It says more than the clock where others use them, too.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// olorinServer serves one draft, and returns its address and a token of its owner.
func olorinServer(b *testing.B) (url, token string) {
	b.Helper()
	dir := b.TempDir()
	db := openStore(b, filepath.Join(dir, "polls.db"))
	engine, err := data.Open(filepath.Join(dir, "data"), data.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	clock := olorin.Clock(olorin.SystemClock)
	hub := live.NewHub(clock, live.DefaultLimits)
	desk := olorin.NewDesk(db, hub, clock, runner.Preflight(db, engine, nil), olorin.DeskOptions{Cadence: olorin.DefaultCadence})
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst}
	if _, err := desk.Change(b.Context(), ana, "x", olorin.Create("ana", "polled", olorin.DefaultSettings(), olorin.Lineage{}), olorin.Condition{}); err != nil {
		b.Fatal(err)
	}
	keys, err := httpd.NewKeys(httpd.KeyOptions{Secret: []byte("0123456789abcdef0123456789abcdef")}, clock)
	if err != nil {
		b.Fatal(err)
	}
	if token, _, err = keys.Sign("ana", olorin.RoleAnalyst, "", time.Hour); err != nil {
		b.Fatal(err)
	}
	door := httpd.New(httpd.Parts{
		Desk: desk, Hub: hub, Users: db, Datasets: db, Engine: engine, Requests: db, Keys: keys, Ready: func(context.Context) error { return nil },
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock,
	}, httpd.Options{Version: "bench", Env: "dev", AccessTTL: time.Hour, SessionTTL: time.Hour, PollRate: 1_000_000, Streams: 20, StateMaxKB: 500, Features: httpd.Features{Polling: true, Streams: true}})
	b.Cleanup(door.Stop)
	return serve(b, door), token
}

// openStore makes a database of its own.
func openStore(b *testing.B, path string) *store.DB {
	b.Helper()
	url := "sqlite:///" + path
	if _, err := store.Migrate(b.Context(), url); err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(b.Context(), url, store.Options{Server: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// serve listens on loopback until the benchmark ends.
func serve(b *testing.B, handler http.Handler) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

// poller polls over as many connections as there are callers; anything but 304 is an error.
func poller(b *testing.B, connections int, url, token string) saver {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	return func(int) error {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		r.Header.Set("If-None-Match", `"1"`)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusNotModified {
			return fmt.Errorf("%s answers %s", url, answer.Status)
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
}
