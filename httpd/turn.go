package httpd

import (
	"context"
	"net/http"
	"time"

	"github.com/olorin-dev/olorin"
)

// looksAtOnce is how many questions of people are asked of files at once, beside what runs ask: each has an engine of its own, with memory of its own.
const looksAtOnce = 4

// looksWait is how long a question waits for its turn.
const looksWait = 20 * time.Second

// inTurn bounds how many engines work for people at once.
func (s *Server) inTurn(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		done, err := s.turn(r.Context())
		if err != nil {
			return err
		}
		defer done()
		return next(w, r)
	}
}

// turn waits until an engine may work for a person; done gives the place to the next.
func (s *Server) turn(ctx context.Context) (done func(), err error) {
	timer := time.NewTimer(looksWait)
	defer timer.Stop()
	select {
	case s.looks <- struct{}{}:
		return func() { <-s.looks }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, olorin.Errorf(olorin.CodeUnavailable, "%d others are looking into files; try again in a moment", looksAtOnce)
	}
}
