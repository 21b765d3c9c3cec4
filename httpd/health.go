package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type healthAnswer struct {
	Status      string            `json:"status" enum:"ok"`
	Durability  olorin.Durability `json:"durability,omitempty" enum:"durable,memory" doc:"Whether writes are committed to the database or held in memory."`
	HeldChanges int               `json:"held_changes,omitempty" doc:"Changes that are held in memory."`
	HeldSince   *olorin.Time      `json:"held_since,omitempty"`
}

// healthz answers as long as the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, healthAnswer{Status: "ok"})
}

// readyz answers 200 where the server can serve and keep what it is given.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	select {
	case <-s.stopping:
		return errStopping
	default:
	}
	if err := s.Ready(r.Context()); err != nil {
		return unready(err)
	}
	held := s.Requests.Holding()
	answer := healthAnswer{Status: "ok", Durability: olorin.Durable, HeldChanges: held.Changes}
	if held.Active {
		answer.Durability = olorin.Memory
		since := olorin.At(held.Since)
		answer.HeldSince = &since
	}
	return writeJSON(w, http.StatusOK, answer)
}

var errStopping = olorin.Errorf(olorin.CodeUnavailable, "the server is stopping")

// unready says why the server cannot serve. The reason is the operator's to read; whoever asks learns only its kind.
func unready(err error) error {
	if e, ok := asError(err); ok && e.Code != olorin.CodeUnavailable {
		return olorin.Errorf(olorin.CodeUnavailable, "not ready (%s): %w", e.Code, err)
	}
	return olorin.Errorf(olorin.CodeUnavailable, "not ready: the database cannot be used: %w", err)
}
