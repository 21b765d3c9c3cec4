package httpd

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// What a poll that finds nothing new costs inside the server: authenticated, limited, allowed, 304. It reads no database.
func BenchmarkPollNothingNew(b *testing.B) {
	h := newHouse(b, func(o *Options) { o.PollRate = 1e9 })
	ana := h.ana()
	id := ana.draft("Case")
	r := httptest.NewRequest("GET", poll(id, "?cursor=1"), nil)
	r.Header.Set("Authorization", "Bearer "+ana.token)
	r.Header.Set("If-None-Match", `"1"`)
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		h.door.ServeHTTP(w, r)
		if w.Code != http.StatusNotModified {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// The same over a connection, and beside it a bare server that compares an entity tag.
func BenchmarkPollOverHTTP(b *testing.B) {
	h := newHouse(b, func(o *Options) { o.PollRate = 1e9 })
	ana := h.ana()
	id := ana.draft("Case")
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
		}
	}))
	defer bare.Close()
	for name, url := range map[string]string{"olorin": ana.url + poll(id, "?cursor=1"), "bare": bare.URL + "/poll"} {
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequest("GET", url, nil)
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set("Authorization", "Bearer "+ana.token)
					r.Header.Set("If-None-Match", `"1"`)
					w, err := http.DefaultClient.Do(r)
					if err != nil {
						b.Fatal(err)
					}
					_, _ = io.Copy(io.Discard, w.Body)
					w.Body.Close()
					if w.StatusCode != http.StatusNotModified {
						b.Fatal(w.StatusCode)
					}
				}
			})
		})
	}
}
