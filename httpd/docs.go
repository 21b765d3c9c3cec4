package httpd

import (
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

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
