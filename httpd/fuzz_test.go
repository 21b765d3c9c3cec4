package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
)

// fuzzServer reads and refuses; it has no rooms behind it.
func fuzzServer() *Server { return &Server{schemas: newSchemas()} }

// reading reads a body as a type, once by our rules and once by those of encoding/json.
type reading struct {
	of    reflect.Type
	ours  func(s *Server, r *http.Request) ([]olorin.Fault, error)
	plain func(text string) error
}

func readingOf[T any]() reading {
	return reading{
		reflect.TypeFor[T](),
		func(s *Server, r *http.Request) ([]olorin.Fault, error) {
			d, err := readBody[T](s, r)
			return d.faults, err
		},
		func(text string) error {
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.DisallowUnknownFields()
			var v T
			return decoder.Decode(&v)
		},
	}
}

// A body that is taken is one that encoding/json takes too, and has no member that its type does not know.
func FuzzBody(f *testing.F) {
	s := fuzzServer()
	readings := []reading{
		readingOf[loginBody](), readingOf[noBody](), readingOf[profileBody](), readingOf[createBody](), readingOf[saveBody](), readingOf[startBody](), readingOf[checkpointBody](),
		readingOf[rerunBody](), readingOf[verdictBody](), readingOf[noteBody](), readingOf[sharingBody](), readingOf[archiveBody](), readingOf[templateBody](), readingOf[restoreTemplateBody](), readingOf[applyBody](),
		readingOf[backtestBody](), readingOf[transferBody](), readingOf[finishBody](), readingOf[columnsBody](), readingOf[joinBody](), readingOf[acceptBody](), readingOf[agency.Registration](),
		readingOf[takeBody](), readingOf[agency.WorkSign](), readingOf[agency.WorkReport](),
	}
	for _, rt := range s.routes() {
		_, isFile := rt.body.(streamed)
		if rt.body != nil && !isFile && !slices.ContainsFunc(readings, func(r reading) bool { return r.of == reflect.TypeOf(rt.body) }) {
			f.Errorf("%T, the body of %s %s, is not tried", rt.body, rt.method, rt.path)
		}
	}
	for _, seed := range []string{
		`{}`, `{"name":"x"}`, `{"settings":{"entities":[{"type":"email","value":"a"}]}}`, `{"name":1}`, `{"a":{"a":{"a":1}}}`, `[1,2`, `{"name":"\ud800"}`, `{"base_version":1e3}`,
		`{"settings":null}`, "\xff", `{"name":"x","name":"y"}`, `{"name":"x"}{}`, `{"settings":{"tool_matrix":[{"agent":"a","tool":"b","enabled":true,"params":{"~/":1}}]}}`,
		`{"name":"x","settings":null}`, `{"ids":null}`, `{"density":"compact","views":null}`, `{"values":{"a":null},"overrides":{"time_range":null}}`, `{"mapping":{"amount":null}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, reading := range readings {
			found, err := reading.ours(s, httptest.NewRequest("PUT", "/", strings.NewReader(text)))
			if err != nil {
				if _, ok := asError(err); !ok {
					t.Fatalf("%s, %q: %v is no error of the client's", reading.of, text, err)
				}
				continue
			}
			for _, fault := range found {
				if fault.Code == "" || fault.Detail == "" || len(fault.Detail) > 2000 || fault.Pointer != "" && fault.Pointer[0] != '/' {
					t.Fatalf("%s, %q: fault %+v", reading.of, text, fault)
				}
			}
			if len(found) > 0 || text == "" {
				continue
			}
			if err := reading.plain(text); err != nil {
				t.Fatalf("%s, %q was taken: %v", reading.of, text, err)
			}
		}
	})
}

// Whatever a tree is, it can be compared with itself, and the comparison with another ends.
func FuzzDifferences(f *testing.F) {
	f.Add(`{"a":[1,2.50,"2026-01-01T00:00:00Z"],"b":null}`, `{"a":[1,2.5,"2026-01-01T00:00:00.000Z"]}`)
	f.Add(`{"a":{"b":[{}]}}`, `[]`)
	f.Add(strings.Repeat("7", 400), "1e400")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := parseJSON([]byte(a))
		y, errY := parseJSON([]byte(b))
		if errX != nil || errY != nil {
			return
		}
		found, back, self := faults(), faults(), faults()
		differences(x.tree, y.tree, "", &found)
		differences(y.tree, x.tree, "", &back)
		if (len(found) == 0) != (len(back) == 0) {
			t.Fatalf("%s and %s: %v one way and %v the other", a, b, found, back)
		}
		if differences(x.tree, x.tree, "", &self); len(self) > 0 {
			t.Fatalf("%s differs from itself: %v", a, self)
		}
	})
}

func FuzzQuery(f *testing.F) {
	s := fuzzServer()
	for _, seed := range []string{"cursor=1", "cursor=-1&limit=5", "last_seen=2026-01-01T00:00:00Z", "cursor=0x1", "cursor=1_0", "limit=+5", "wait_ms=30000", "cursor=%ff", "&&==", "cursor=1&cursor=2", "status=a,b", "cursor=00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &url.URL{Path: "/", RawQuery: text}
		q, err := query[pollQuery](s, r)
		if err != nil {
			e, ok := asError(err)
			if !ok || len(e.Faults) == 0 {
				t.Fatalf("%q: %v is no error of the client's", text, err)
			}
			return
		}
		if q.Limit < 0 || q.Limit > 1000 || q.WaitMS < 0 || q.WaitMS > 30000 {
			t.Fatalf("%q: %+v", text, q)
		}
		if _, err := query[historyQuery](s, r); err != nil {
			if _, ok := asError(err); !ok {
				t.Fatalf("%q: %v", text, err)
			}
		}
	})
}

func FuzzEntityTags(f *testing.F) {
	for _, seed := range []string{`"17"`, `W/"17"`, `*`, `"1", "2"`, `"1","2",`, `17`, `"`, `W/`, `"017"`, `"-1"`, `""`, `"a,b"`, `"1" "2"`, `"18.16.1764140581207"`, `"18.16"`, `"18.016.1"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("If-Match", text)
		tags, err := entityTags(r, "If-Match", true)
		if err != nil {
			return
		}
		for _, v := range tags.versions {
			if v.version < 0 || !strings.Contains(text, etag(v.version)) && (v.written == nil || !strings.Contains(text, fmt.Sprintf(`"%d.`, v.version))) {
				t.Fatalf("%q names version %+v", text, v)
			}
		}
		strong, err := entityTags(r, "If-Match", false)
		if err != nil || len(strong.versions) > len(tags.versions) {
			t.Fatalf("%q: strong %v, weak %v, %v", text, strong, tags, err)
		}
	})
}

func FuzzToken(f *testing.F) {
	clock := (&clock{}).now
	keys, err := NewKeys(KeyOptions{Secret: testSecret}, clock)
	if err != nil {
		f.Fatal(err)
	}
	good, _, err := keys.Sign("ana", "analyst", "", 3600e9)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := keys.Verify(t.Context(), text)
		if err == nil && !reflect.DeepEqual(text, good) {
			// Base64 may be written in more than one way; the content must be what was signed.
			if c.Subject != "ana" || c.Role != "analyst" {
				t.Fatalf("%q was taken for %+v", text, c)
			}
		}
	})
}
