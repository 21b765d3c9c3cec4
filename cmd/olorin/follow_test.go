package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// cable is a connection that can be cut.
type cable struct {
	t     *testing.T
	proxy *toxiproxy.Proxy
}

func newCable(t *testing.T, upstream string) *cable {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	c := &cable{t, toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream)}
	if err := c.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.proxy.Stop)
	return c
}

func (c *cable) url() string { return "http://" + c.proxy.Listen }

// cut breaks every connection and takes new ones again.
func (c *cable) cut() {
	c.t.Helper()
	c.proxy.Stop()
	if err := c.proxy.Start(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cable) suffer(toxic string) {
	c.t.Helper()
	if _, err := c.proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		c.t.Fatal(err)
	}
}

// lacks ends a test that needs what this machine has not. Where everything must be tested, that is a failure.
func lacks(t *testing.T, what, remedy string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: %s", what, remedy)
	}
	t.Skipf("%s is missing: %s", what, remedy)
}

// follower is a program of Node that follows an investigation by every transport.
type follower struct {
	t         *testing.T
	cmd       *exec.Cmd
	out, errs bytes.Buffer
	ended     chan error
}

func follow(t *testing.T, url, slow, id, token string) *follower {
	t.Helper()
	script, err := filepath.Abs("../../e2e/follow.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"ws", "eventsource"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", module)); err != nil {
			lacks(t, module, "make e2e/node_modules/.stamp")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	f := &follower{t: t, cmd: exec.CommandContext(ctx, "node", script, url, slow, id, token), ended: make(chan error, 1)}
	f.cmd.Stdout, f.cmd.Stderr = &f.out, &f.errs
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { f.ended <- f.cmd.Wait() }()
	return f
}

// holds waits until the followers are through: each must hold exactly 1 to version.
func (f *follower) holds(version int) {
	f.t.Helper()
	if err := <-f.ended; err != nil {
		f.t.Fatalf("%v\n%s%s", err, f.out.String(), f.errs.String())
	}
	var held map[string][]int
	if err := json.Unmarshal(f.out.Bytes(), &held); err != nil {
		f.t.Fatalf("%v: %s", err, f.out.String())
	}
	for _, way := range everyWay {
		seqs := held[way]
		for i, seq := range seqs {
			if seq != i+1 {
				f.t.Errorf("%s: after %d comes %d", way, i, seq)
				break
			}
		}
		if len(seqs) != version {
			f.t.Errorf("%s holds %d events of %d", way, len(seqs), version)
		}
	}
}

var everyWay = []string{"poll", "long poll", "sse", "ws", "slow sse", "slow ws"}

// bench is a case on sample data, ready to be run by somebody with a token.
type bench struct {
	*server
	env       []string
	id, token string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	env := environment(t, t.TempDir(), "OLORIN_RUN_LEASE_MS=1000", "OLORIN_ENGINE_THREADS=1", "OLORIN_ENGINE_MEMORY_MB=256")
	must(t, env, "", "migrate", "up")
	var demo struct{ User, Dataset string }
	if err := json.Unmarshal([]byte(must(t, env, "", "demo", "--rows", "2000", "--json")), &demo); err != nil {
		t.Fatal(err)
	}
	b := &bench{server: startServer(t, env), env: env, id: "followed"}
	b.env = append(env, "OLORIN_ADDR="+strings.TrimPrefix(b.url, "http://"))
	b.token = strings.TrimSpace(must(t, env, "", "token", "--user", demo.User))
	b.do("PUT", "state", fmt.Sprintf(`{"name":"Followed","settings":{"dataset":%q,"entities":[{"type":"user_id","value":%q}]}}`, demo.Dataset, sampleUser(t, env)))
	return b
}

// do calls the server as the case's owner, and returns the version.
func (b *bench) do(method, what, body string) (version int, status string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+"/api/v1/wizard/"+b.id+"/"+what, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+b.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer w.Body.Close()
	var v struct {
		Version int
		Status  string
		Detail  string
		Errors  []any
	}
	if err := json.NewDecoder(w.Body).Decode(&v); err != nil || w.StatusCode > 299 {
		b.t.Fatalf("%s %s: %d %+v %v", method, what, w.StatusCode, v, err)
	}
	return v.Version, v.Status
}

// crash kills the server and starts it again at the same address.
func (b *bench) crash() {
	b.t.Helper()
	if _, err := b.stop(syscall.SIGKILL); err == nil {
		b.t.Error("a killed server ends well")
	}
	b.server = startServer(b.t, b.env)
}

// finish waits until the run has ended, and returns the version of the log. during is called with each version that is seen.
func (b *bench) finish(during func(version int)) int {
	b.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		version, status := b.do("GET", "state", "")
		switch status {
		case "completed":
			return version
		case "error", "cancelled":
			b.t.Fatalf("the run ended with %s\n%s", status, b.log)
		}
		during(version)
	}
	b.t.Fatalf("the run does not end\n%s", b.log)
	return 0
}

// sampleUser is the user of the first row of the sample.
func sampleUser(t *testing.T, env []string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(must(t, env, "", "demo", "--rows", "2000", "--out", "-"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1][slices.Index(rows[0], "user_id")]
}

// TestEveryTransportHoldsTheLog has six clients follow one case through cuts of the line, two crashes of the server and a slow line.
func TestEveryTransportHoldsTheLog(t *testing.T) {
	b := newBench(t)
	upstream := strings.TrimPrefix(b.url, "http://")
	line, slow := newCable(t, upstream), newCable(t, upstream)
	slow.suffer(`{"type":"bandwidth","stream":"downstream","attributes":{"rate":16}}`)
	slow.suffer(`{"type":"slicer","stream":"downstream","attributes":{"average_size":64,"size_variation":32,"delay":10}}`)
	f := follow(t, line.url(), slow.url(), b.id, b.token)
	for i := range 120 {
		b.do("PUT", "state", fmt.Sprintf(`{"name":"Followed %d"}`, i))
		if i%20 == 19 {
			line.cut()
		}
		if i%50 == 30 {
			slow.cut()
		}
		if i == 60 {
			b.crash()
		}
		time.Sleep(10 * time.Millisecond) // so that followers are at different places
	}
	before, _ := b.do("POST", "start", "")
	crashed := false
	version := b.finish(func(version int) {
		if !crashed && version > before+10 {
			crashed = true
			line.cut()
			b.crash()
		}
	})
	f.holds(version)
	t.Logf("each of %d followers holds 1 to %d", len(everyWay), version)
	must(t, b.env, "", "check")
}
