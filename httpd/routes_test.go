package httpd

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// belongings are things of ana, for every parameter that a path has.
type belongings struct{ investigation, checkpoint, dataset, joined, template, upload string }

func (h *house) belongings(t *testing.T) belongings {
	ana := h.ana()
	b := belongings{investigation: h.examined(t, events), template: ana.addTemplate("Of ana").ID}
	b.dataset = ana.do("GET", state(b.investigation), nil).want(200).state().Settings.Dataset
	var other olorin.Dataset
	ana.upload([]part{{"name", "Other"}, {"file", events}}).want(201).into(&other)
	b.joined = other.ID
	var up struct {
		ID string `json:"id"`
	}
	ana.do("POST", api+"/uploads", map[string]any{"filename": "x", "size": 10}).want(201).into(&up)
	b.upload = up.ID
	var newest olorin.Checkpoint
	ana.do("GET", api+"/wizard/"+b.investigation+"/checkpoint", nil).want(200).into(&newest)
	b.checkpoint = strconv.FormatInt(newest.Seq, 10)
	return b
}

// request makes a request of a route that would be taken from ana, as far as that can be told without acting.
func (b belongings) request(rt route) (path string, body any, headers []header) {
	id := b.investigation
	switch {
	case strings.HasPrefix(rt.path, api+"/datasets/"):
		id = b.dataset
	case strings.HasPrefix(rt.path, api+"/uploads/"):
		id = b.upload
	}
	path = strings.NewReplacer("{id}", id, "{other}", b.investigation, "{template_id}", b.template, "{finding}", "f1", "{seq}", b.checkpoint, "{version}", "1", "{tool}", "GEO-01", "{lease}", "none").Replace(rt.path)
	switch rt.query.(type) {
	case rowsQuery:
		path += "?rows=1"
	case matchQuery:
		path += "?on=customer&with=customer&other=" + b.joined
	case changesQuery:
		path += "?from=1"
	case auditStateQuery:
		path += "?version=1"
	}
	switch rt.body.(type) {
	case nil:
	case piece:
		return path, strings.NewReader("bytes"), []header{{"Upload-Offset", "0"}}
	case saveBody:
		body = map[string]any{"name": "Another"}
	case checkpointBody:
		body = map[string]any{"label": "here"}
	case verdictBody:
		body = map[string]any{"verdict": "confirmed", "reason": "x"}
	case noteBody:
		body = map[string]any{"text": "x"}
	case sharingBody:
		body = map[string]any{"shared": true}
	case columnsBody:
		body = map[string]any{"mapping": map[string]any{}}
	case joinBody:
		body = map[string]any{"other": b.joined, "on": "customer", "with": "customer"}
	case backtestBody:
		body = map[string]any{"investigation_id": b.investigation}
	case templateBody:
		body = cardTemplate("Another")
	case profileBody:
		body = map[string]any{"density": "compact", "views": []any{}}
	default:
		body = map[string]any{}
	}
	if strings.HasSuffix(rt.path, "/ws") {
		headers = []header{{"Connection", "Upgrade"}, {"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}, {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}}
	}
	return path, body, headers
}

// What belongs to somebody else is not there, whichever route asks; whoever may not write is told so; a program has its own routes and no
// others; nobody is nobody.
func TestEveryRouteKnowsWhoMay(t *testing.T) {
	h := newHouse(t)
	b := h.belongings(t)
	ana, ben, ida, robot := h.ana(), h.as("ben", olorin.RoleAnalyst), h.as("ida", olorin.RoleAuditor), h.as("robot", olorin.RoleAgent)
	before := ana.do("GET", state(b.investigation), nil).state().Version
	for _, rt := range h.door.routes() {
		path, body, headers := b.request(rt)
		if rt.who != anyone {
			h.browser().do(rt.method, path, body, headers...).refused(olorin.CodeUnauthenticated)
		}
		if _, body, _ = b.request(rt); rt.who == writer || rt.who == program {
			ida.do(rt.method, path, body, headers...).refused(olorin.CodeForbidden)
		}
		_, body, _ = b.request(rt)
		switch open := rt.who == anyone || rt.path == api+"/auth/me"; {
		case strings.HasPrefix(rt.path, api+"/agent/"):
			ana.do(rt.method, path, body, headers...).refused(olorin.CodeForbidden)
		case !open:
			robot.do(rt.method, path, body, headers...).refused(olorin.CodeForbidden)
		}
		if !strings.Contains(rt.path, "{id}") && !strings.Contains(rt.path, "{template_id}") || rt.path == api+"/lists/{id}" {
			continue
		}
		_, body, _ = b.request(rt)
		ben.do(rt.method, path, body, headers...).refused(olorin.CodeNotFound)
		// It is there for its owner: the refusal is not for want of something else.
		if rt.method == http.MethodGet && !strings.HasSuffix(rt.path, "/ws") && !strings.HasSuffix(rt.path, "/ranking") {
			ana.do(rt.method, path, nil).want(200)
		}
	}
	if v := ana.do("GET", state(b.investigation), nil).state().Version; v != before {
		t.Errorf("somebody who may not wrote version %d", v)
	}
}

// A handler reads the query and the body that its route declares, and heeds the headers that the document names.
func TestHandlersReadWhatTheirRoutesDeclare(t *testing.T) {
	h := newHouse(t)
	b := h.belongings(t)
	garbage := func(tt reflect.Type, value any) map[string]any {
		all := map[string]any{"zz_unknown": value}
		for name := range h.door.parameters(tt).Properties {
			all[name] = value
		}
		return all
	}
	understood := func(rt route, at string, p problem) {
		t.Helper()
		if p.pointers()[at+"/zz_unknown"] == "" {
			t.Errorf("%s %s takes what it does not know: %+v", rt.method, rt.path, p)
		}
		for place, code := range p.pointers() {
			if strings.Count(place, "/") == strings.Count(at, "/")+1 && (code == "unknown_parameter" || code == "unknown_field") && place != at+"/zz_unknown" {
				t.Errorf("%s %s does not know %s, which it declares", rt.method, rt.path, place)
			}
		}
	}
	for _, rt := range h.door.routes() {
		who := h.as("ana", olorin.RoleAdmin)
		if strings.HasPrefix(rt.path, api+"/agent/") {
			who = h.as("robot", olorin.RoleAgent)
		}
		path, body, headers := b.request(rt)
		path, _, _ = strings.Cut(path, "?")
		if rt.query != nil {
			var query []string
			for name := range garbage(reflect.TypeOf(rt.query), nil) {
				query = append(query, name+"="+strings.Repeat("~", 3000))
			}
			understood(rt, "/query", who.do(rt.method, path+"?"+strings.Join(query, "&"), body, headers...).refused(olorin.CodeInvalid))
		}
		if _, isFile := rt.body.(streamed); rt.body != nil && !isFile {
			text, err := json.Marshal(garbage(reflect.TypeOf(rt.body), map[string]any{"zz": 1}))
			if err != nil {
				t.Fatal(err)
			}
			var p problem
			who.do(rt.method, path, string(text)).want(422).into(&p)
			understood(rt, "", p)
		}
		if rt.conditional() {
			path, body, headers = b.request(rt)
			who.do(rt.method, path, body, append(headers, header{"If-Match", `"999"`})...).refused(olorin.CodeStale)
		}
	}
}
