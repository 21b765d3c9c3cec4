package httpd

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzhttp"
	"github.com/olorin-dev/olorin"
)

// The bounds of bodies, in bytes. A save may carry the whole state back, results and all.
const (
	maxSmallBody = 256 << 10
	maxResultsKB = 16 << 10
)

// How long a client may take: to send a request, or the next part of an upload; and for everything, a waiting poll included.
const (
	SendTime   = 30 * time.Second
	AnswerTime = 90 * time.Second
)

// visit is what becomes known of a request. It is made by identified, is found in the request's context, and filled by authenticated.
// What every request needs lies in it, so that it is made at once.
type visit struct {
	context.Context
	recorder  recorder
	requestID [1]string // as the value of a header
	pace      [5]string // values of a poll's headers
	actor     olorin.Actor
	claims    Claims
}

// Value implements context.Context.
func (v *visit) Value(key any) any {
	if key == (visitKey{}) {
		return v
	}
	return v.Context.Value(key)
}

type visitKey struct{}

func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{Context: r.Context()}
}

func requestID(r *http.Request) string     { return visitOf(r).requestID[0] }
func actorOf(r *http.Request) olorin.Actor { return visitOf(r).actor }

// chain is what every request goes through, outermost first.
func (s *Server) chain() http.Handler {
	h := s.recovered(s.newMux())
	gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1400), gzhttp.ContentTypes([]string{
		"application/json", "application/problem+json", "text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "text/plain",
	}))
	if err != nil {
		panic(err) // the options are constants
	}
	streamed, others := s.secured(h), s.secured(gzip(h))
	return identified(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header["If-None-Match"] != nil && strings.HasSuffix(r.URL.Path, "/poll"):
			// Whoever polls from a version that it names is answered by little or nothing: nothing that could be packed or protected.
			// Where there is something after all, its headers are added with it.
			h.ServeHTTP(w, r)
		case strings.HasSuffix(r.URL.Path, "/events"): // what is never packed need not go through the packer
			streamed.ServeHTTP(w, r)
		default:
			others.ServeHTTP(w, r)
		}
	}))
}

// identified gives every request and its answer an id; a client's own is taken where it is sane.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Context: r.Context()}
		if v.requestID[0] = r.Header.Get("X-Request-Id"); !saneID(v.requestID[0]) {
			v.requestID[0] = randomID()
		}
		w.Header()["X-Request-Id"] = v.requestID[:]
		next.ServeHTTP(w, r.WithContext(v))
	})
}

// randomID is made for every request that brings no id of its own: a UUIDv4 that need not be hard to guess.
func randomID() string {
	var id uuid.UUID
	binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id.String()
}

// saneID tells whether a text may stand in logs and headers as it is.
func saneID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.:/+=", c) >= 0) {
			return false
		}
	}
	return true
}

// policy is for the application's own pages: nothing from elsewhere, and styles inline since the component library sets them.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
	"connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// pageHeaders and dataHeaders are constant. Data is no page: nothing of it may run, be framed, or be read by other sites.
var (
	pageHeaders = http.Header{
		"Content-Security-Policy":      {policy},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
	dataHeaders = http.Header{
		"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
		"X-Content-Type-Options":       {"nosniff"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
	}
)

func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		if strings.HasPrefix(r.URL.Path, api+"/") {
			maps.Copy(h, dataHeaders)
		} else {
			maps.Copy(h, pageHeaders)
		}
		if s.overTLS(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// adapt makes a handler of a route: who may, how much may be sent, replay of a POST, errors, numbers.
func (s *Server) adapt(rt route) http.Handler {
	limit := int64(maxSmallBody)
	switch rt.body.(type) {
	case createBody:
		limit = int64(s.options.StateMaxKB)<<10 + maxSmallBody
	case saveBody:
		limit = int64(s.options.StateMaxKB+maxResultsKB) << 10
	case streamed:
		limit = s.options.UploadMaxBytes + maxSmallBody
	}
	handle := rt.handle
	switch {
	case rt.method == http.MethodPost && rt.who == anyone:
		handle = s.replayedHere(handle)
	case rt.method == http.MethodPost:
		handle = s.replayed(rt, handle)
	}
	if rt.query == nil {
		handle = noParameters(handle)
	}
	pattern := rt.method + " " + rt.path
	longest, isLonger := longer[pattern]
	_, isUpload := rt.body.(streamed)
	observe := s.metrics.route(pattern)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &visitOf(r).recorder
		rec.ResponseWriter = w
		defer func() {
			if v := recover(); v != nil {
				observe(http.StatusInternalServerError, time.Since(began))
				panic(v)
			}
			observe(rec.code(), time.Since(began))
			if level := levelOf(r, rec.code()); s.log.Enabled(r.Context(), level) {
				actor := actorOf(r)
				s.log.Log(r.Context(), level, "answered", "request_id", requestID(r), "route", pattern, "status", rec.code(), "ms", time.Since(began).Milliseconds(), "user", actor.ID, "origin", actor.Origin)
			}
		}()
		if isLonger || isUpload {
			var done context.CancelFunc
			r, done = within(w, r, longest)
			defer done()
		}
		if isUpload { // it goes on for as long as something comes
			r.Body = &patient{r.Body, http.NewResponseController(w)}
		}
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(rec, r.Body, limit)
		}
		err := s.authenticated(rt.who, r)
		if err == nil {
			err = handle(rec, r)
		}
		if err != nil {
			s.writeError(rec, r, err)
		}
	})
}

// levelOf is how much the log cares: writes and refusals stand in it, reads only where it is asked for them.
func levelOf(r *http.Request, status int) slog.Level {
	if status < http.StatusBadRequest && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// engineTime bounds what asks the analysis engine of a big file. Its own limit for one question comes first, by default.
const engineTime = 130 * time.Second

// longer are the routes whose work may take longer than AnswerTime, by method and path; 0 is for as long as it takes. What is bounded is
// cut off while its refusal can still be written.
var longer = map[string]time.Duration{
	"POST " + api + "/uploads/{id}/finish":                        0,
	"PUT " + api + "/datasets/{id}/columns":                       0,
	"POST " + api + "/admin/backup":                               0,
	"POST " + api + "/wizard/templates/{template_id}/backtest":    backtestTime,
	"GET " + api + "/datasets/{id}/ranking":                       rankingTime,
	"POST " + api + "/datasets/{id}/join":                         0,
	"GET " + api + "/datasets/{id}/match":                         engineTime,
	"GET " + api + "/datasets/{id}/columns":                       engineTime,
	"POST " + api + "/wizard/{id}/start":                          engineTime,
	"GET " + api + "/wizard/{id}/preflight":                       engineTime,
	"GET " + api + "/wizard/{id}/rows":                            engineTime,
	"GET " + api + "/wizard/{id}/overview":                        engineTime,
	"GET " + api + "/wizard/{id}/findings/{finding}/evidence.csv": engineTime,
	"GET " + api + "/agent/work/{lease}/rows":                     engineTime,
}

// within gives a request its time, and moves the deadline of the answer behind it. 0 is without bound.
func within(w http.ResponseWriter, r *http.Request, limit time.Duration) (*http.Request, context.CancelFunc) {
	control := http.NewResponseController(w)
	if limit == 0 {
		_ = control.SetWriteDeadline(time.Time{}) // a connection without deadlines is one of a test
		return r, func() {}
	}
	_ = control.SetWriteDeadline(time.Now().Add(limit + SendTime)) // as above
	ctx, done := context.WithTimeout(r.Context(), limit)
	return r.WithContext(ctx), done
}

// patient moves the deadline on with every part that comes.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(SendTime))
	return p.ReadCloser.Read(b)
}

// noParameters refuses query parameters where none are taken.
func noParameters(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var found []olorin.Fault
		for name := range r.URL.Query() {
			found = append(found, olorin.Fault{Pointer: "/query/" + olorin.PointerTo(name), Code: "unknown_parameter", Detail: unknownName("parameter", name, nil)})
		}
		if len(found) > 0 {
			return olorin.Invalid("the query was refused", found...)
		}
		return next(w, r)
	}
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// writeJSON answers with a JSON body.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client may have gone
	return nil
}

// pathID returns the id of the path, which must be one that an investigation can have.
func pathID(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !validID(id) {
		return "", olorin.NotFound("investigation", olorin.Clip(id, 64))
	}
	return id, nil
}

func validID(id string) bool {
	if len(id) < 1 || len(id) > 64 {
		return false
	}
	for _, p := range fixedPrefixes {
		if id == p {
			return false
		}
	}
	for i := range len(id) {
		c := id[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
