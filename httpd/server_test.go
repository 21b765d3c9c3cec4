package httpd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
	"github.com/olorin-dev/olorin/runner/agents"
	"github.com/olorin-dev/olorin/store"
	"github.com/prometheus/client_golang/prometheus"
)

const password = "correct horse battery"

var passwordHash = sync.OnceValue(func() string {
	hash, err := HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
})

// clock is a clock that tests move; it also goes by itself.
type clock struct {
	mu    sync.Mutex
	fixed time.Time // where set, the clock stands there
	ahead time.Duration
	calls int
}

func (c *clock) now() olorin.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if !c.fixed.IsZero() {
		return olorin.At(c.fixed.Add(c.ahead))
	}
	return olorin.At(time.Now().Add(c.ahead))
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// asked counts how often somebody wanted to know the time.
func (c *clock) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls
}

// house is a server over a real database, and its users.
type house struct {
	t     testing.TB
	url   string
	file  string // the database
	door  *Server
	db    *store.DB
	desk  *olorin.Desk
	hub   *live.Hub
	clock *clock
	keys  *Keys
	log   *lockedBuffer
}

var testSecret = []byte("0123456789abcdef0123456789abcdef")

// newHouse serves over HTTP. change may alter the options.
func newHouse(t testing.TB, change ...func(*Options)) *house {
	t.Helper()
	return newHouseIn(t, t.TempDir(), change...)
}

// newHouseIn is newHouse with its files in a directory.
func newHouseIn(t testing.TB, dir string, change ...func(*Options)) *house {
	t.Helper()
	url := "sqlite:///" + filepath.Join(dir, "state.db")
	ctx := context.Background()
	if _, err := store.Migrate(ctx, url); err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, file: filepath.Join(dir, "state.db"), clock: &clock{}, log: &lockedBuffer{}}
	h.hub = live.NewHub(h.clock.now, live.DefaultLimits)
	db, err := store.Open(ctx, url, store.Options{Server: true, MemoryBytes: 8 << 20, Settled: h.hub.Settled, Dropped: h.hub.Forget})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := data.Open(filepath.Join(dir, "data"), data.Limits{MemoryMB: 256, Threads: 1, MaxBytes: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	h.db = db
	h.desk = olorin.NewDesk(db, h.hub, h.clock.now, runner.Preflight(db, engine, nil), olorin.DeskOptions{
		Cadence: olorin.DefaultCadence, StateTTL: 7 * 24 * time.Hour, MaxState: 500 << 10, Seal: engine.SealCard,
		Weights: func(ctx context.Context) (int64, error) { w, err := db.Weights(ctx, 0); return w.Version, err },
	})
	if h.keys, err = NewKeys(KeyOptions{Secret: testSecret}, h.clock.now); err != nil {
		t.Fatal(err)
	}
	o := Options{
		Version: "test", Env: "dev", AccessTTL: 15 * time.Minute, SessionTTL: 24 * time.Hour,
		Polling:  PollingConfig{FastMS: 500, NormalMS: 2000, SlowMS: 5000, MaxRetries: 3, BackoffMultiplier: 2, MaxBackoffMS: 30000},
		PollRate: 1000, Streams: 20, StateMaxKB: 500, TemplateMax: 50, UploadMaxBytes: 4 << 20,
		Features: Features{Polling: true, Streams: true, Templates: true, StateRecovery: true, AuditLogging: true},
	}
	for _, c := range change {
		c(&o)
	}
	h.door = New(Parts{
		Refused: func(string) ([]olorin.RefusedFile, error) { return []olorin.RefusedFile{}, nil },
		Desk:    h.desk, Shelf: olorin.NewShelf(db, agents.Templates(), h.clock.now, o.TemplateMax, newID, engine.SealCard), Hub: h.hub, Users: db, Profiles: db, Trail: db, Datasets: db, Mappings: db, Engine: engine, Precedents: db, Balance: db, Requests: db, Keys: h.keys, Agency: agency.New(agency.Limits{Lease: time.Minute, Silence: time.Minute}, h.clock.now),
		Ready:   func(ctx context.Context) error { return store.CheckSchema(ctx, url) },
		Pages:   fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>Olorin</title>")}, "assets/app-1f2e3d.js": {Data: []byte(strings.Repeat("// code\n", 400))}},
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.NewTextHandler(h.log, nil)), Clock: h.clock.now,
	}, o)
	server := httptest.NewServer(h.door)
	h.url = server.URL
	running, stop := context.WithCancel(ctx)
	var behind sync.WaitGroup
	behind.Go(func() { h.door.followed(running, time.Tick(agedEvery)) })
	t.Cleanup(func() {
		stop()
		behind.Wait()
		h.door.Stop()
		server.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for name, role := range map[string]olorin.Role{"ana": olorin.RoleAnalyst, "ben": olorin.RoleAnalyst, "ida": olorin.RoleAuditor} {
		u := olorin.User{ID: name, Name: strings.ToUpper(name), Role: role, PasswordHash: passwordHash(), CreatedAt: h.clock.now()}
		if err := db.PutUser(ctx, u, olorin.AuditEntry{At: h.clock.now(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "user.added"}); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// client sends requests as somebody.
type client struct {
	*house
	token string
	http  *http.Client
}

// as is a client with a bearer token of a user.
func (h *house) as(user string, role olorin.Role) client {
	h.t.Helper()
	token, _, err := h.keys.Sign(user, role, "", time.Hour)
	if err != nil {
		h.t.Fatal(err)
	}
	return client{h, token, http.DefaultClient}
}

func (h *house) ana() client { return h.as("ana", olorin.RoleAnalyst) }

// browser is a client with a cookie jar and no token.
func (h *house) browser() client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return client{h, "", &http.Client{Jar: jar}}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// header is a name and a value of a request's header.
type header [2]string

// do sends a request; a body that is no string or reader is sent as JSON. What comes back must be what the API document says.
func (c client) do(method, path string, body any, headers ...header) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c client) try(method, path string, body any, headers ...header) (answer, error) {
	var reader io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		reader, kind = strings.NewReader(b), "application/json"
	case io.Reader:
		reader = b
	default:
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		reader, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequest(method, c.url+path, reader)
	if err != nil {
		return answer{}, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, h := range headers {
		r.Header.Set(h[0], h[1])
	}
	w, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{c.t, w.StatusCode, w.Header, text}
	c.conforms(method, path, a)
	return a, nil
}

// conforms checks an answer against the route's own description.
func (c client) conforms(method, path string, a answer) {
	c.t.Helper()
	if a.header.Get("X-Request-Id") == "" {
		c.t.Errorf("%s %s: no X-Request-Id", method, path)
	}
	if (a.status == 429 || a.status == 503) && a.header.Get("Retry-After") == "" {
		c.t.Errorf("%s %s: %d without Retry-After", method, path, a.status)
	}
	r := httptest.NewRequest(method, path, nil)
	var described *route
	for _, rt := range c.door.routes() {
		table := http.NewServeMux()
		table.HandleFunc(rt.method+" "+rt.path, func(http.ResponseWriter, *http.Request) {})
		if _, pattern := table.Handler(r); pattern != "" && (described == nil || strings.Contains(described.path, "{id}")) {
			described = &rt
		}
	}
	if described != nil {
		c.headersAreDescribed(*described, a)
	}
	if described != nil && a.status == http.StatusPreconditionFailed && !described.conditional() {
		c.t.Errorf("%s %s heeds If-Match, which is not described", method, path)
	}
	if a.status >= 400 {
		c.valid(problem{}, method+" "+path, a)
		if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
			c.t.Errorf("%s %s: %d with Content-Type %q", method, path, a.status, kind)
		}
		return
	}
	if described == nil || a.status == 304 {
		return
	}
	shape, ok := described.answers[a.status]
	if !ok {
		c.t.Errorf("%s %s: status %d is not described", method, path, a.status)
		return
	}
	switch shape.(type) {
	case nil, plainText, htmlText, pdfFile, eventText, csvText, anyJSON:
		return
	}
	c.valid(shape, method+" "+path, a)
}

// headersAreDescribed checks that an answer has no header for its client that the document does not tell of.
func (c client) headersAreDescribed(rt route, a answer) {
	c.t.Helper()
	told := c.door.operation(rt).Responses[strconv.Itoa(a.status)]
	if told == nil {
		told = c.door.operation(rt).Responses[strconv.Itoa(a.status/100)+"XX"]
	}
	if told == nil {
		return // its status is not described, which is told elsewhere
	}
	known := []string{"Cache-Control", "Content-Encoding", "Content-Length", "Content-Security-Policy", "Content-Type", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Date", "Referrer-Policy", "Set-Cookie", "Strict-Transport-Security", "Vary", "X-Accel-Buffering", "X-Content-Type-Options", "X-Frame-Options"}
	for name := range told.Headers {
		known = append(known, http.CanonicalHeaderKey(name))
	}
	for name := range a.header {
		if !slices.Contains(known, name) {
			c.t.Errorf("%s %s: %d has the header %s, which is not described", rt.method, rt.path, a.status, name)
		}
	}
}

// valid checks a JSON body against the schema of a type.
func (c client) valid(shape any, where string, a answer) {
	c.t.Helper()
	p, err := parseJSON(a.body)
	if err != nil {
		c.t.Errorf("%s: %d %s: %v", where, a.status, a.body, err)
		return
	}
	for _, f := range append(p.faults, c.door.schemas.check(c.door.schemas.of(reflect.TypeOf(shape)), p.tree, "")...) {
		c.t.Errorf("%s: the answer is not as described: %s: %s %s", where, f.Pointer, f.Code, f.Detail)
	}
}

// want checks the status and returns the answer.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// refused checks that the answer is a problem of a code, and returns it.
func (a answer) refused(code olorin.Code) problem {
	a.t.Helper()
	var p problem
	a.into(&p)
	if p.Code != code || p.Status != statuses[code].status || a.status != p.Status {
		a.t.Fatalf("status %d, body %s; want %d %s", a.status, a.body, statuses[code].status, code)
	}
	if p.Title == "" || p.Detail == "" || p.Type == "" || p.Instance == "" {
		a.t.Errorf("problem %s lacks something: %s", code, a.body)
	}
	return p
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
}

func (a answer) state() stateAnswer {
	a.t.Helper()
	var s stateAnswer
	a.into(&s)
	return s
}

// pointers are the places of a problem's faults.
func (p problem) pointers() map[string]string {
	places := map[string]string{}
	for _, f := range p.Errors {
		places[f.Pointer] = f.Code
	}
	return places
}

// draft makes a draft and returns its id.
func (c client) draft(name string) string {
	c.t.Helper()
	return c.do("POST", "/api/v1/investigations", map[string]any{"name": name}).want(201).state().ID
}

func state(id string) string { return "/api/v1/wizard/" + id + "/state" }
func poll(id, query string) string {
	return fmt.Sprintf("/api/v1/wizard/%s/poll%s", id, query)
}
