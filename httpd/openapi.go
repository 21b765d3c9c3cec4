package httpd

import (
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
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
	}
	if rt.who != anyone {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	}
	for _, m := range pathParameter.FindAllStringSubmatch(rt.path, -1) {
		schema := &huma.Schema{Type: huma.TypeString, Pattern: "^[A-Za-z0-9_-]{1,64}$"}
		if m[1] == "seq" {
			schema = &huma.Schema{Type: huma.TypeInteger}
		}
		op.Parameters = append(op.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Schema: schema})
	}
	if rt.query != nil {
		t := reflect.TypeOf(rt.query)
		schema := s.parameters(t)
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			p := schema.Properties[name]
			param := &huma.Param{Name: name, In: "query", Schema: p, Description: p.Description}
			if p.Type == huma.TypeArray {
				param.Style, param.Explode = "form", new(bool)
			}
			op.Parameters = append(op.Parameters, param)
		}
	}
	header := func(name, doc string) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "header", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}})
	}
	if _, ok := rt.answers[304]; ok {
		header("If-None-Match", `The version that is known, such as "17".`)
	}
	if rt.conditional() {
		header("If-Match", `The version that the change is meant for, such as "17"; stale is 412 with the state as it stands. Of a state that was only held in memory send the tag as it came with it: the number alone would also match another change that took it after a crash.`)
	}
	if rt.method == http.MethodPost && rt.who != anyone {
		header("Idempotency-Key", "The same key and request answer the first answer again, for 24 hours.")
	}
	if _, ok := rt.answers[200].(eventText); ok {
		header("Last-Event-ID", "The seq up to which the client holds everything, as browsers send it when they come back.")
	}
	if _, ok := rt.body.(piece); ok {
		header("Upload-Offset", "The number of bytes that the server has already, where these begin.")
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

// conditional tells whether a write heeds If-Match.
func (rt route) conditional() bool {
	if _, ok := rt.answers[200].(stateAnswer); ok {
		return strings.Contains(rt.path, "/wizard/{id}/") || strings.Contains(rt.path, "/history/{id}/")
	}
	template := api + "/wizard/templates/{template_id}"
	return slices.Contains([]string{"PUT " + api + "/profile", "DELETE " + api + "/wizard/history/{id}", "PUT " + template, "DELETE " + template, "POST " + template + "/versions/{version}/restore"}, rt.method+" "+rt.path)
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

type docsPage struct {
	Version string
	Groups  []docsGroup
	Codes   []docsCode
	Schemas []docsSchema
}

type docsGroup struct {
	Name       string
	Operations []docsOperation
}

type docsOperation struct {
	Method, Path, Doc, Who string
	Params                 []*huma.Param
	Body                   string
	Answers                []string
}

type docsCode struct {
	Code   string
	Status int
	Title  string
}

type docsSchema struct {
	Name, Doc string
	Fields    []docsField
}

type docsField struct{ Name, Type, Doc string }

// docs shows the same document to people.
func (s *Server) docs(w http.ResponseWriter, _ *http.Request) error {
	if _, err := s.described(); err != nil { // registers every type
		return fmt.Errorf("describe the API: %w", err)
	}
	page := docsPage{Version: s.options.Version}
	for _, rt := range s.routes() {
		op := s.operation(rt)
		tag := tagOf(rt.path)
		i := slices.IndexFunc(page.Groups, func(g docsGroup) bool { return g.Name == tag })
		if i < 0 {
			page.Groups = append(page.Groups, docsGroup{Name: tag})
			i = len(page.Groups) - 1
		}
		d := docsOperation{Method: rt.method, Path: rt.path, Doc: rt.doc, Who: [...]string{"anyone", "any token", "any user", "users who may write", "external agents"}[rt.who], Params: op.Parameters}
		if op.RequestBody != nil {
			for kind, media := range op.RequestBody.Content {
				d.Body = kind + " " + typeName(media.Schema)
			}
		}
		for _, status := range slices.Sorted(maps.Keys(rt.answers)) {
			text := strconv.Itoa(status)
			for _, media := range op.Responses[text].Content {
				if media.Schema != nil {
					text += " " + typeName(media.Schema)
				}
			}
			d.Answers = append(d.Answers, text)
		}
		page.Groups[i].Operations = append(page.Groups[i].Operations, d)
	}
	for _, code := range slices.Sorted(maps.Keys(statuses)) {
		page.Codes = append(page.Codes, docsCode{string(code), statuses[code].status, statuses[code].title})
	}
	for _, name := range slices.Sorted(maps.Keys(s.schemas.registry.Map())) {
		schema := s.schemas.registry.Map()[name]
		d := docsSchema{Name: name, Doc: schema.Description}
		for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
			p := schema.Properties[field]
			d.Fields = append(d.Fields, docsField{field, typeName(p), p.Description})
		}
		page.Schemas = append(page.Schemas, d)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	return docsTemplate.Execute(w, page)
}

// typeName writes a schema in a few words.
func typeName(s *huma.Schema) string {
	name := s.Type
	switch {
	case s.Ref != "":
		name = strings.TrimPrefix(s.Ref, componentPrefix)
	case len(s.AnyOf) > 0:
		name = typeName(s.AnyOf[0]) + " or null"
	case s.Type == huma.TypeArray:
		name = "list of " + typeName(s.Items)
	case s.Type == "":
		name = "any"
	}
	if len(s.Enum) > 0 {
		name += ": " + words(s.Enum)
	}
	if s.Format != "" && s.Type == huma.TypeString {
		name += " (" + s.Format + ")"
	}
	return name
}

var docsTemplate = template.Must(template.New("docs").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Olorin API {{.Version}}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
code { font-family: ui-monospace, monospace; } h2 { margin-top: 2.5rem; } h3 { margin: 1.5rem 0 .25rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8884; }
.quiet { opacity: .75; }
</style></head><body>
<h1>Olorin API {{.Version}}</h1>
<p>The same document for programs: <a href="/openapi.json">/openapi.json</a>. Bodies are JSON in UTF-8, times RFC 3339 in UTC. Refusals are application/problem+json; their <a href="#codes">codes</a> are stable.</p>
{{range .Groups}}<h2>{{.Name}}</h2>
{{range .Operations}}<h3><code>{{.Method}} {{.Path}}</code></h3>
<p>{{.Doc}} <span class="quiet">For {{.Who}}.</span></p>
{{if .Params}}<table><tbody>{{range .Params}}<tr><td><code>{{.Name}}</code></td><td class="quiet">{{.In}}</td><td>{{.Description}}</td></tr>{{end}}</tbody></table>{{end}}
<p>{{if .Body}}Takes <code>{{.Body}}</code>. {{end}}Answers {{range $i, $a := .Answers}}{{if $i}}, {{end}}<code>{{$a}}</code>{{end}}.</p>
{{end}}{{end}}
<h2 id="codes">Codes of refusals</h2>
<table><tbody>{{range .Codes}}<tr id="{{.Code}}"><td><code>{{.Code}}</code></td><td>{{.Status}}</td><td>{{.Title}}</td></tr>{{end}}</tbody></table>
<h2>Types</h2>
{{range .Schemas}}<h3 id="type-{{.Name}}"><code>{{.Name}}</code></h3>{{if .Doc}}<p>{{.Doc}}</p>{{end}}
<table><tbody>{{range .Fields}}<tr><td><code>{{.Name}}</code></td><td>{{.Type}}</td><td class="quiet">{{.Doc}}</td></tr>{{end}}</tbody></table>
{{end}}</body></html>
`))
