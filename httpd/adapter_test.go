package httpd

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// What takes longer than the server's own deadline is answered, also where it is cut off by its own.
func TestARefusalIsWrittenBeforeTheDeadline(t *testing.T) {
	s := newHouse(t).door
	slow := httptest.NewUnstartedServer(identified(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, done := within(w, r, 300*time.Millisecond)
		defer done()
		<-r.Context().Done()
		s.writeError(w, r, context.Cause(r.Context()))
	})))
	slow.Config.WriteTimeout = 50 * time.Millisecond
	slow.Start()
	defer slow.Close()
	answer, err := http.Get(slow.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if want := statuses[olorin.CodeUnavailable].status; answer.StatusCode != want {
		t.Errorf("status %d, want %d", answer.StatusCode, want)
	}
	var patterns []string
	for _, rt := range s.routes() {
		patterns = append(patterns, rt.method+" "+rt.path)
	}
	for pattern := range longer {
		if !slices.Contains(patterns, pattern) {
			t.Errorf("there is no route %s to be given time", pattern)
		}
	}
}
