package httpd

import (
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestAssetsAreSentAsCompressedAtBuild(t *testing.T) {
	s := &Server{Parts: Parts{Pages: fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html>")},
		"assets/a-1.js":    {Data: []byte("plain")},
		"assets/a-1.js.br": {Data: []byte("small")},
		"assets/b-2.js":    {Data: []byte("alone")},
	}}}
	pages := s.pages()
	for _, c := range []struct{ path, accepts, encoding, body string }{
		{"/assets/a-1.js", "gzip, deflate, br, zstd", "br", "small"},
		{"/assets/a-1.js", "BR;q=0.5", "br", "small"},
		{"/assets/a-1.js", "gzip, br;q=0", "", "plain"},
		{"/assets/a-1.js", "br; q=0.000", "", "plain"},
		{"/assets/a-1.js", "", "", "plain"},
		{"/assets/b-2.js", "br", "", "alone"},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept-Encoding", c.accepts)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		if w.Header().Get("Content-Encoding") != c.encoding || w.Body.String() != c.body {
			t.Errorf("%s for %q: %q in %q, want %q in %q", c.path, c.accepts, w.Body, w.Header().Get("Content-Encoding"), c.body, c.encoding)
		}
		if got := w.Header().Get("Content-Type"); got != "text/javascript; charset=utf-8" {
			t.Errorf("%s: type %q", c.path, got)
		}
		if got := w.Header().Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%s: Vary %q", c.path, got)
		}
	}
}
