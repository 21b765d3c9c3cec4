package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

func TestEveryCodeIsAProblem(t *testing.T) {
	h := newHouse(t)
	for code, entry := range statuses {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/api/v1/x%20y", nil)
		cause := errors.New("secret of the database")
		refused := olorin.Errorf(code, "told to %s: %w", "the client", cause)
		if refused.Message != "told to the client" || !strings.Contains(refused.Error(), "secret") || !errors.Is(refused, cause) {
			t.Fatalf("%+v", refused)
		}
		h.door.writeError(w, r, fmt.Errorf("in passing: %w", refused))
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		if w.Code != entry.status || p.Status != entry.status || p.Code != code || p.Title == "" || p.Detail == "" || p.Instance != "/api/v1/x%20y" || p.Type != "/docs#"+string(code) {
			t.Errorf("%s: %d %s", code, w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", code, w.Header())
		}
		if (entry.status == 429 || entry.status == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", code, w.Header().Get("Retry-After"))
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s tells its cause: %s", code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.door.writeError(w, httptest.NewRequest("GET", "/", nil), errors.New("secret of the database"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.Contains(h.log.String(), "secret of the database") {
		t.Errorf("%d %s; log %s", w.Code, w.Body, h.log)
	}
}

func TestEveryCodeOfTheDomainHasAStatus(t *testing.T) {
	for _, code := range []olorin.Code{
		olorin.CodeNotFound, olorin.CodeForbidden, olorin.CodeUnauthenticated, olorin.CodeInvalid, olorin.CodeIllegalTransition, olorin.CodeSettingsFrozen,
		olorin.CodeServerOwned, olorin.CodeStale, olorin.CodeConflict, olorin.CodeExists, olorin.CodeTooLarge, olorin.CodeDatasetInUse, olorin.CodeDatasetInvalid,
		olorin.CodeLeaseLost, olorin.CodeUnavailable, olorin.CodeCorrupt, olorin.CodeIdempotency, olorin.CodeRateLimited, olorin.CodeFeatureDisabled,
	} {
		if statuses[code].status == 0 {
			t.Errorf("%s has no status", code)
		}
	}
}

func TestAPanicIsAProblemWithoutItsStack(t *testing.T) {
	h := newHouse(t)
	panicking := h.door.recovered(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("at line 42 of secret.go") }))
	w := httptest.NewRecorder()
	identified(panicking).ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(h.log.String(), "secret.go") || !strings.Contains(h.log.String(), "goroutine") {
		t.Errorf("the log lacks the panic: %s", h.log)
	}
}

func TestWhatNoRouteIsFor(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	ana.do("GET", "/api/v1/nothing", nil).refused(olorin.CodeNotFound)
	ana.do("GET", "/api/v2/wizard/history", nil).refused(olorin.CodeNotFound)
	ana.do("GET", "/api/v1/wizard/x/state?a=1", nil).refused(olorin.CodeInvalid)
	a := ana.do("PATCH", "/api/v1/wizard/x/state", nil)
	a.refused(codeMethod)
	if got := a.header.Get("Allow"); got != "GET, HEAD, PUT" {
		t.Errorf("Allow %q", got)
	}
	if got := ana.do("DELETE", "/api/v1/wizard/history", nil).header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow %q", got)
	}
}

func TestEveryAnswerHasAnIDAndItsGuards(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	for _, path := range []string{"/", "/healthz", "/api/v1/nothing", "/assets/app-1f2e3d.js"} {
		a := ana.do("GET", path, nil)
		guards := []string{"Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Resource-Policy", "X-Request-Id"}
		if !strings.HasPrefix(path, "/api/") {
			guards = append(guards, "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
		}
		for _, name := range guards {
			if a.header.Get(name) == "" {
				t.Errorf("%s: no %s", path, name)
			}
		}
	}
	if got := ana.do("GET", "/healthz", nil, header{"X-Request-Id", "mine-1"}).header.Get("X-Request-Id"); got != "mine-1" {
		t.Errorf("X-Request-Id %q", got)
	}
	if got := ana.do("GET", "/healthz", nil, header{"X-Request-Id", "<script>"}).header.Get("X-Request-Id"); got == "<script>" {
		t.Error("an id that cannot stand in a log was taken")
	}
}

func TestPagesAreServedAndTheirFilesMayBeKept(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	for _, path := range []string{"/", "/index.html", "/investigations/0199-x/results", "/history"} {
		a := b.do("GET", path, nil).want(200)
		if !strings.Contains(string(a.body), "<title>Olorin") || a.header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
		b.do("GET", path, nil, header{"If-None-Match", a.header.Get("ETag")}).want(304)
	}
	a := b.do("GET", "/assets/app-1f2e3d.js", nil).want(200)
	if !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.Contains(a.header.Get("Content-Type"), "javascript") {
		t.Errorf("%v", a.header)
	}
	b.do("GET", "/assets/app-0000.js", nil).refused(olorin.CodeNotFound)
	b.do("GET", "/nothing.png", nil).refused(olorin.CodeNotFound)
	b.do("POST", "/history", nil).refused(codeMethod)
	zipped := client{h, "", &http.Client{Transport: &http.Transport{DisableCompression: true}}}.do("GET", "/assets/app-1f2e3d.js", nil, header{"Accept-Encoding", "gzip"}).want(200)
	if zipped.header.Get("Content-Encoding") != "gzip" || len(zipped.body) > 500 {
		t.Errorf("%v, %d bytes", zipped.header, len(zipped.body))
	}
}

func TestConfigHealthMetrics(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	var c configAnswer
	b.do("GET", "/api/v1/config", nil).want(200).into(&c)
	if c.Polling.FastMS != 500 || c.Limits.EntitiesMax != 10 || c.Limits.StateMaxKB != 500 || !c.Features.Polling {
		t.Errorf("%+v", c)
	}
	b.do("GET", "/healthz", nil).want(200)
	b.do("GET", "/readyz", nil).want(200)
	if a := b.do("GET", "/metrics", nil).want(200); !strings.Contains(string(a.body), `olorin_http_answers_total{route="GET /healthz",status="200"} 1`) {
		t.Errorf("%s", a.body)
	}
}

func TestTheDocumentIsWhole(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	var doc struct {
		OpenAPI    string                               `json:"openapi"`
		Paths      map[string]map[string]map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	a := b.do("GET", "/openapi.json", nil).want(200)
	a.into(&doc)
	ids := map[string]bool{}
	for _, rt := range h.door.routes() {
		op := doc.Paths[rt.path][strings.ToLower(rt.method)]
		if op == nil {
			t.Errorf("%s %s is not described", rt.method, rt.path)
			continue
		}
		id, _ := op["operationId"].(string)
		if id == "" || ids[id] {
			t.Errorf("%s %s: operationId %q", rt.method, rt.path, id)
		}
		ids[id] = true
		if security, ok := op["security"].([]any); !ok || (len(security) == 0) != (rt.who == anyone) {
			t.Errorf("%s %s: security %v", rt.method, rt.path, op["security"])
		}
	}
	for rest := string(a.body); ; {
		_, after, found := strings.Cut(rest, `"`+componentPrefix)
		if !found {
			break
		}
		name, _, _ := strings.Cut(after, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("there is no schema %s", name)
		}
		rest = after
	}
	page := string(b.do("GET", "/docs", nil).want(200).body)
	for code := range statuses {
		if !strings.Contains(page, `id="`+string(code)+`"`) {
			t.Errorf("/docs does not explain %s", code)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "https://") {
		t.Error("/docs fetches something")
	}
}

func TestTheDocumentKnowsEveryEvent(t *testing.T) {
	h := newHouse(t)
	var known []string
	for _, v := range h.door.schemas.registry.Map()["Event"].Properties["type"].Enum {
		known = append(known, v.(string))
	}
	var all []string
	for _, b := range olorin.Bodies {
		all = append(all, b.EventType())
	}
	slices.Sort(known)
	slices.Sort(all)
	if !slices.Equal(known, all) {
		t.Errorf("described %v\nthere are %v", known, all)
	}
}

// A body that is asked for is no null, and neither is a list in it; requests at once only read what New has made.
func TestNullIsNoBody(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	for _, c := range []struct {
		method, path, body, pointer string
	}{
		{"POST", templatesPath, `{"name":"x","settings":null}`, "/settings"},
		{"PUT", templatesPath + "/x", `{"name":"x","settings":null}`, "/settings"},
		{"PUT", api + "/profile", `{"density":"compact","views":null}`, "/views"},
		{"POST", api + "/wizard/history/archive", `{"ids":null}`, "/ids"},
		{"POST", api + "/investigations", `{"name":"x","settings":{"entities":null}}`, "/settings/entities"},
	} {
		if p := ana.do(c.method, c.path, c.body).refused(olorin.CodeInvalid); p.pointers()[c.pointer] != "wrong_type" {
			t.Errorf("%s %s: %+v", c.method, c.path, p.Errors)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a schema was made while requests are answered")
		}
	}()
	h.door.schemas.of(reflect.TypeFor[struct{ Undeclared int }]())
}

func TestAnOutageTellsStrangersNothingOfTheHouse(t *testing.T) {
	h := newHouse(t)
	cause := errors.New("host=10.0.0.5 user=olorin database=state")
	h.door.Ready = func(context.Context) error { return olorin.Errorf(olorin.CodeUnavailable, "could not read: %w", cause) }
	p := h.browser().do("GET", "/readyz", nil).refused(olorin.CodeUnavailable)
	if strings.Contains(p.Detail, "olorin database") || strings.Contains(p.Detail, "10.0.0.5") || !strings.Contains(h.log.String(), "10.0.0.5") {
		t.Errorf("%+v; log %s", p, h.log)
	}
}

func TestTheLogTellsWritesAndRefusals(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("a name that is nobody's business")
	ana.do("GET", state(id), nil).want(200)
	ana.do("GET", poll(id, "?cursor=what-was-typed"), nil).refused(olorin.CodeInvalid)
	log := h.log.String()
	for _, want := range []string{
		`msg=answered request_id=`, `route="POST /api/v1/investigations" status=201`, `route="GET /api/v1/wizard/{id}/poll" status=422`, "user=ana origin=127.0.0.1",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	for _, never := range []string{"business", "typed", ana.token, "/state"} {
		if strings.Contains(log, never) {
			t.Errorf("the log has %q:\n%s", never, log)
		}
	}
}
