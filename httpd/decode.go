package httpd

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/olorin-dev/olorin"
)

// decoded is a body that was read: as far as it could be understood, with everything that is wrong with it.
type decoded[T any] struct {
	value  T
	tree   map[string]any // the members that were given
	faults []olorin.Fault
}

// readBody reads a JSON body strictly. Where there are faults value holds what could be understood, so that further checks can
// add theirs; a body that is no JSON at all is an error. An empty body reads as {}.
func readBody[T any](s *Server, r *http.Request) (decoded[T], error) {
	var d decoded[T]
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return d, readError(err)
	}
	if len(text) == 0 {
		text = []byte("{}")
	} else if err := jsonType(r); err != nil {
		return d, err
	}
	p, err := parseJSON(text)
	if err != nil {
		return d, err
	}
	schema := s.schemas.of(reflect.TypeFor[T]())
	d.faults = append(p.faults, s.schemas.check(schema, p.tree, "")...)
	d.tree, _ = p.tree.(map[string]any)
	if len(p.faults) > 0 { // such as bytes after the value: what could be read of it
		if text, err = json.Marshal(p.tree); err != nil {
			return d, err
		}
	}
	if err := json.Unmarshal(text, &d.value); err != nil && len(d.faults) == 0 {
		d.faults = append(d.faults, olorin.Fault{Code: "invalid", Detail: olorin.Clip(err.Error(), 200)})
	}
	return d, nil
}

// body reads a JSON body that must have no fault.
func body[T any](s *Server, r *http.Request) (T, error) {
	d, err := readBody[T](s, r)
	if err == nil && len(d.faults) > 0 {
		err = olorin.Invalid("the body was refused", d.faults...)
	}
	return d.value, err
}

func jsonType(r *http.Request) error {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(given)
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return olorin.Errorf(codeMediaType, "the body is of type %s; send application/json", quote(given))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return olorin.Errorf(codeMediaType, "the body is in %s; send UTF-8", quote(charset))
	}
	return nil
}

// readError tells a client's fault from ours when a body cannot be read.
func readError(err error) error {
	if _, ok := err.(*http.MaxBytesError); ok { //nolint:errorlint // returned as it is by net/http
		return err
	}
	return &olorin.Error{Code: codeMalformed, Message: "the body could not be read to its end", Err: err}
}

// query reads the query parameters into the fields of T that have a query tag, by the same rules as a body: unknown and
// repeated names are refused, and all faults are told at once.
func query[T any](s *Server, r *http.Request) (T, error) {
	if v, ok := s.queries.get(r.URL.RawQuery).(T); ok {
		return v, nil
	}
	v, err := readQuery[T](s, r)
	if err == nil {
		s.queries.put(r.URL.RawQuery, v)
	}
	return v, err
}

// queries remembers what queries were read as: a client that polls sends the same one again and again. What is remembered is only read.
type queries struct {
	mu   sync.RWMutex // protects read
	read map[string]any
}

// The bounds of what is remembered.
const (
	maxQueries     = 4096
	maxQueryLength = 128
)

// get returns nil where the query is not known. The same text may have been read as something else for another route.
func (q *queries) get(text string) any {
	q.mu.RLock()
	defer q.mu.RUnlock()
	return q.read[text]
}

func (q *queries) put(text string, v any) {
	if len(text) > maxQueryLength {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.read == nil || len(q.read) >= maxQueries {
		q.read = map[string]any{}
	}
	q.read[text] = v
}

func readQuery[T any](s *Server, r *http.Request) (T, error) {
	var v T
	schema := s.parameters(reflect.TypeFor[T]())
	tree := map[string]any{}
	var found []olorin.Fault
	values := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		given := values[name]
		if len(found) >= maxFaults {
			break
		}
		pointer := "/query/" + olorin.PointerTo(name)
		p, known := schema.Properties[name]
		switch {
		case !known:
			found = append(found, olorin.Fault{Pointer: pointer, Code: "unknown_parameter", Detail: unknownName("parameter", name, slices.Sorted(maps.Keys(schema.Properties)))})
		case len(given) > 1:
			found = append(found, olorin.Fault{Pointer: pointer, Code: "duplicate", Detail: fmt.Sprintf("it is given %d times", len(given))})
		case given[0] == "": // an empty filter of a form
		default:
			tree[name] = parameter(p, given[0])
		}
	}
	found = append(found, s.schemas.check(schema, tree, "/query")...)
	if len(found) > 0 {
		return v, olorin.Invalid("the query was refused", found...)
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
}

// parameter turns the text of a parameter into what its schema wants, or leaves the text for the schema to refuse.
func parameter(schema *huma.Schema, text string) any {
	switch schema.Type {
	case huma.TypeInteger, huma.TypeNumber:
		if f, err := strconv.ParseFloat(text, 64); err == nil && f-f == 0 && json.Valid([]byte(text)) {
			return json.Number(text)
		}
	case huma.TypeBoolean:
		switch text {
		case "true", "1":
			return true
		case "false", "0":
			return false
		}
	case huma.TypeString:
		if at := len(text) - len("+02:00"); schema.Format == "date-time" && at > 0 && text[at] == ' ' {
			return text[:at] + "+" + text[at+1:] // a plus that was not escaped arrives as a space
		}
	case huma.TypeArray:
		var list []any
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, parameter(schema.Items, strings.TrimSpace(part)))
		}
		return list
	}
	return text
}

// parameters is the schema of a struct of query parameters, made in place.
func (s *Server) parameters(t reflect.Type) *huma.Schema {
	schema := s.schemas.of(t)
	if schema.Ref != "" {
		schema = s.schemas.registry.SchemaFromRef(schema.Ref)
	}
	return schema
}

// etag writes a version as a strong entity tag.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// heldETag is the entity tag of a version that is durable only up to an earlier one: "18.16.1764140581207" is version 18, durable up to 16,
// written at that millisecond. It changes when nothing but its durability does; and as a crash may lose the version and another take its
// number, it tells the two apart.
func heldETag(version, durable int64, written olorin.Time) string {
	if durable >= version {
		return etag(version)
	}
	return fmt.Sprintf(`"%d.%d.%d"`, version, durable, written.UnixMilli())
}

// seen is a version as a tag names it.
type seen struct {
	version int64
	written *olorin.Time // where it was only held in memory
}

// readTag reads what stands between the quotes of a tag, and returns false where it is none of ours.
func readTag(text string) (seen, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 1 && len(parts) != 3 {
		return seen{}, false
	}
	var numbers [3]int64
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != part {
			return seen{}, false
		}
		numbers[i] = n
	}
	s := seen{version: numbers[0]}
	if len(parts) == 3 {
		at := olorin.At(time.UnixMilli(numbers[2]))
		s.written = &at
	}
	return s, true
}

// tags is what If-Match or If-None-Match names: any, or versions.
type tags struct {
	given    bool
	any      bool
	versions []seen
	texts    []string // with their quotes
}

// hasText tells whether a tag stands there exactly as it was handed out.
func (t tags) hasText(tag string) bool { return t.any || slices.Contains(t.texts, tag) }

func (t tags) has(version int64) bool { return t.any || t.place(version) >= 0 }

// place is where a version is named, below 0 where it is not.
func (t tags) place(version int64) int {
	return slices.IndexFunc(t.versions, func(s seen) bool { return s.version == version })
}

// entityTags reads a list of entity tags (RFC 9110, 8.8.3). Weak tags count only where weak is set. A tag that is not one of
// ours names no version: it can only fail to match.
func entityTags(r *http.Request, header string, weak bool) (tags, error) {
	var t tags
	given := r.Header.Values(header)
	if len(given) == 1 && len(given[0]) > 2 { // one strong tag of ours, as nearly always
		number := given[0][1 : len(given[0])-1]
		if version, err := strconv.ParseInt(number, 10, 64); err == nil && version >= 0 && etag(version) == given[0] {
			return tags{given: true, versions: []seen{{version: version}}, texts: given}, nil
		}
	}
	text := strings.TrimSpace(strings.Join(given, ","))
	if text == "" {
		return t, nil
	}
	t.given = true
	if text == "*" {
		t.any = true
		return t, nil
	}
	for rest := text; rest != ""; {
		isWeak := strings.HasPrefix(rest, "W/")
		rest = strings.TrimPrefix(rest, "W/")
		end := -1
		if strings.HasPrefix(rest, `"`) {
			end = strings.IndexByte(rest[1:], '"')
		}
		if end < 0 {
			return t, olorin.Invalid("the headers were refused", olorin.Fault{
				Pointer: "/header/" + header, Code: "invalid", Detail: fmt.Sprintf(`%s is not an entity tag; give the version in quotes, such as "17"`, quote(text)),
			})
		}
		tag := rest[1 : end+1]
		t.texts = append(t.texts, `"`+tag+`"`)
		if version, ours := readTag(tag); ours && (weak || !isWeak) {
			t.versions = append(t.versions, version)
		}
		rest = strings.TrimLeft(rest[end+2:], " \t")
		if rest != "" && rest[0] != ',' {
			return t, olorin.Invalid("the headers were refused", olorin.Fault{
				Pointer: "/header/" + header, Code: "invalid", Detail: "entity tags are separated by commas",
			})
		}
		rest = strings.TrimLeft(rest, ", \t")
	}
	return t, nil
}
