package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
)

// pages serves the built application: its files, and index.html for every path that the application itself routes.
// It is nil where the application was not built.
func (s *Server) pages() http.Handler {
	if s.Pages == nil {
		return nil
	}
	index, err := fs.ReadFile(s.Pages, "index.html")
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(index)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			s.writeError(w, r, olorin.Errorf(codeMethod, "%s is not known at %s; it knows GET, HEAD", olorin.Clip(r.Method, 20), olorin.Clip(r.URL.Path, 200)))
			return
		}
		name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if content, err := fs.ReadFile(s.Pages, name); err == nil && name != "index.html" {
			s.file(w, r, name, content)
			return
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) && path.Ext(name) != "" {
			s.writeError(w, r, err)
			return
		}
		if strings.HasPrefix(name, "assets/") || name != "" && path.Ext(name) != "" && name != "index.html" {
			s.writeError(w, r, olorin.Errorf(olorin.CodeNotFound, "there is no file at %s", quote(r.URL.Path)))
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(index))
	})
}

// file serves a file of the application. Those under assets carry a hash of their content in their names and never change.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string, content []byte) {
	h := w.Header()
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		h.Set("Content-Type", kind)
	}
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Add("Vary", "Accept-Encoding")
		if small, err := fs.ReadFile(s.Pages, name+".br"); err == nil && takesBrotli(r) {
			h.Set("Content-Encoding", "br")
			content = small
		}
	} else {
		sum := sha256.Sum256(content)
		h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
		h.Set("Cache-Control", "no-cache")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// takesBrotli tells whether the client reads brotli, which the build has compressed to once; a quality of 0 is a no.
func takesBrotli(r *http.Request) bool {
	for _, offer := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, quality, _ := strings.Cut(strings.ReplaceAll(offer, " ", ""), ";")
		if strings.EqualFold(coding, "br") {
			return strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" || quality == ""
		}
	}
	return false
}
