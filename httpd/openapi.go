package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

// The bodies that are not JSON of a type of their own.
type (
	plainText string
	htmlText  string
	pdfFile   string
	eventText string
	csvText   string
	anyJSON   struct{}
)

var pathParameter = regexp.MustCompile(`\{(\w+)\}`)

// document makes the OpenAPI document of the routes and their types.
func (s *Server) document() *huma.OpenAPI {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Olorin", Version: s.options.Version, License: &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"},
			Description: "Fraud investigations that never lose your place. An investigation is a log of numbered events; the number of the newest is its version, its ETag and the cursor to follow it by.\n\n" +
				"Every refusal is application/problem+json (RFC 9457) with a stable `code` and, for faults of the request, all of them in `errors`.",
		},
		Servers:    []*huma.Server{{URL: "/"}},
		Paths:      map[string]*huma.PathItem{},
		Components: &huma.Components{Schemas: s.schemas.registry, SecuritySchemes: map[string]*huma.SecurityScheme{}},
	}
	doc.Components.SecuritySchemes["bearer"] = &huma.SecurityScheme{Type: "http", Scheme: "bearer", BearerFormat: "JWT"}
	doc.Components.SecuritySchemes["cookie"] = &huma.SecurityScheme{Type: "apiKey", In: "cookie", Name: sessionCookie}
	for _, rt := range s.routes() {
		item := doc.Paths[rt.path]
		if item == nil {
			item = &huma.PathItem{}
			doc.Paths[rt.path] = item
		}
		op := s.operation(rt)
		switch rt.method {
		case http.MethodGet:
			item.Get = op
		case http.MethodPost:
			item.Post = op
		case http.MethodPatch:
			item.Patch = op
		case http.MethodPut:
			item.Put = op
		case http.MethodDelete:
			item.Delete = op
		}
	}
	return doc
}

func (s *Server) operation(rt route) *huma.Operation {
	op := &huma.Operation{
		OperationID: operationID(rt), Summary: strings.TrimSuffix(rt.doc, "."), Method: rt.method, Path: rt.path,
		Responses: map[string]*huma.Response{}, Tags: []string{tagOf(rt.path)}, Security: []map[string][]string{},
		Parameters: slices.Concat(pathParameters(rt), s.queryParameters(rt), headerParameters(rt)),
	}
	if rt.who != anyone {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	if rt.body != nil {
		t := reflect.TypeOf(rt.body)
		kind := "application/json"
		if file, ok := rt.body.(streamed); ok {
			kind = file.mediaType()
		}
		op.RequestBody = &huma.RequestBody{Required: t.NumField() > 0, Content: map[string]*huma.MediaType{kind: {Schema: s.schemas.of(t)}}}
	}
	for status, body := range rt.answers {
		answer := s.response(status, body)
		answer.Headers = headersOf(rt, status, body)
		op.Responses[strconv.Itoa(status)] = answer
	}
	for status, doc := range map[string]string{"4XX": "A refusal", "5XX": "A failure of the server"} {
		op.Responses[status] = &huma.Response{Description: doc, Headers: headersOf(rt, 0, problem{}), Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: s.schemas.of(reflect.TypeFor[problem]())},
		}}
	}
	return op
}

func pathParameters(rt route) (list []*huma.Param) {
	for _, m := range pathParameter.FindAllStringSubmatch(rt.path, -1) {
		schema := &huma.Schema{Type: huma.TypeString, Pattern: "^[A-Za-z0-9_-]{1,64}$"}
		if m[1] == "seq" {
			schema = &huma.Schema{Type: huma.TypeInteger}
		}
		list = append(list, &huma.Param{Name: m[1], In: "path", Required: true, Schema: schema})
	}
	return list
}

func (s *Server) queryParameters(rt route) (list []*huma.Param) {
	if rt.query == nil {
		return nil
	}
	t := reflect.TypeOf(rt.query)
	schema := s.parameters(t)
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := schema.Properties[name]
		param := &huma.Param{Name: name, In: "query", Schema: p, Description: p.Description}
		if p.Type == huma.TypeArray {
			param.Style, param.Explode = "form", new(bool)
		}
		list = append(list, param)
	}
	return list
}

func headerParameters(rt route) (list []*huma.Param) {
	add := func(name, doc string) {
		list = append(list, &huma.Param{Name: name, In: "header", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	if _, ok := rt.answers[http.StatusNotModified]; ok {
		add("If-None-Match", `The version that is known, such as "17".`)
	}
	if rt.conditional() {
		add("If-Match", `The version that the change is meant for, such as "17"; stale is 412 with the state as it stands. Of a state that was only held in memory send the tag as it came with it: the number alone would also match another change that took it after a crash.`)
	}
	if rt.method == http.MethodPost && rt.who != anyone {
		add("Idempotency-Key", "The same key and request answer the first answer again, for 24 hours.")
	}
	if _, ok := rt.answers[http.StatusOK].(eventText); ok {
		add("Last-Event-ID", "The seq up to which the client holds everything, as browsers send it when they come back.")
	}
	if _, ok := rt.body.(piece); ok {
		add("Upload-Offset", "The number of bytes that the server has already, where these begin.")
	}
	return list
}

// conditional tells whether a write heeds If-Match: it may answer that the version is not that any more.
func (rt route) conditional() bool {
	_, stale := rt.answers[http.StatusPreconditionFailed]
	return stale
}

// headersOf describes the headers of an answer that mean something to a client; status 0 stands for every refusal.
func headersOf(rt route, status int, body any) map[string]*huma.Param {
	headers := map[string]*huma.Param{}
	add := func(name, doc string) {
		headers[name] = &huma.Param{Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	add("X-Request-Id", "The id under which the log of the server has the request.")
	if _, ok := rt.query.(pollQuery); ok {
		add("X-Poll-Mode", "fast, normal or slow; as mode in the body.")
		add("X-Poll-After-Ms", "When to come back; as poll_after_ms in the body.")
		add("X-Poll-Reason", "Why so; as reason in the body.")
		add("RateLimit-Limit", "Polls that a user may make at once.")
		add("RateLimit-Remaining", "How many of them are left.")
		add("RateLimit-Reset", "Seconds until all of them are there again.")
	}
	if rt.method == http.MethodPost {
		add("Idempotency-Replayed", "true: the answer was given before, to the same Idempotency-Key.")
	}
	switch body.(type) {
	case problem:
		add("ETag", "Of the state in current, where there is one.")
		add("Retry-After", "Seconds to wait, on 429 and 503.")
		add("WWW-Authenticate", "On 401.")
		add("Allow", "On 405: the methods that the resource knows.")
	case stateAnswer, olorin.Investigation, olorin.Delta, olorin.Template, olorin.Profile, historyEntry:
		add("ETag", "The version, for If-Match and If-None-Match.")
	case olorin.HistoryPage:
		add("ETag", "Of the page as it reads, for If-None-Match.")
	case nil:
		if status == http.StatusNotModified {
			add("ETag", "What the client holds.")
		}
	case csvText, pdfFile, htmlText, report.Report:
		add("Content-Disposition", "The name for the file.")
	}
	if status == http.StatusCreated || status == http.StatusAccepted {
		add("Location", "Where it is, where it is new.")
	}
	return headers
}

func (s *Server) response(status int, body any) *huma.Response {
	r := &huma.Response{Description: http.StatusText(status)}
	switch body.(type) {
	case nil:
	case plainText:
		r.Content = map[string]*huma.MediaType{"text/plain": {}}
	case csvText:
		r.Content = map[string]*huma.MediaType{"text/csv": {}}
	case pdfFile:
		r.Content = map[string]*huma.MediaType{"application/pdf": {}}
	case eventText:
		r.Content = map[string]*huma.MediaType{"text/event-stream": {}}
	case htmlText:
		r.Content = map[string]*huma.MediaType{"text/html": {}}
	case anyJSON:
		r.Content = map[string]*huma.MediaType{"application/json": {}}
	case problem:
		r.Content = map[string]*huma.MediaType{"application/problem+json": {Schema: s.schemas.of(reflect.TypeOf(body))}}
	default:
		r.Content = map[string]*huma.MediaType{"application/json": {Schema: s.schemas.of(reflect.TypeOf(body))}}
	}
	return r
}

// operationID names an operation after its method and path: "post-wizard-id-start".
func operationID(rt route) string {
	p := strings.NewReplacer("{", "", "}", "", ".", "-").Replace(strings.TrimPrefix(rt.path, api))
	return strings.ToLower(rt.method) + strings.ReplaceAll(p, "/", "-")
}

func tagOf(path string) string {
	rest, ok := strings.CutPrefix(path, api+"/")
	if !ok {
		return "server"
	}
	if strings.HasPrefix(rest, "wizard/history") {
		return "history"
	}
	first, _, _ := strings.Cut(rest, "/")
	if first == "investigations" {
		return "wizard"
	}
	return first
}

// described is the document, made at the first question.
func (s *Server) described() ([]byte, error) {
	d := &s.describe
	d.once.Do(func() { d.document, d.err = json.Marshal(s.document()) })
	return d.document, d.err
}

type describe struct {
	once     sync.Once
	document []byte
	err      error
}

func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	b, err := s.described()
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b) // the client may have gone
	return nil
}
