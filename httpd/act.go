package httpd

import (
	"errors"
	"net/http"

	"github.com/olorin-dev/olorin"
)

// act drives the run. If-Match is honoured.
func (s *Server) act(act olorin.Act) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if _, err := body[noBody](s, r); err != nil {
			return err
		}
		cond, err := s.conditionOf(r, id)
		if err != nil {
			return err
		}
		changed, err := s.Desk.Act(r.Context(), actorOf(r), id, act, cond)
		if err != nil {
			return err
		}
		return writeState(w, changed)
	}
}

// conditionOf reads the conditional headers of a write to an investigation that must exist.
func (s *Server) conditionOf(r *http.Request, id string) (olorin.Condition, error) {
	if r.Header.Get("If-Match") == "" && r.Header.Get("If-None-Match") == "" {
		return olorin.Condition{}, nil
	}
	head, err := s.Desk.Head(r.Context(), actorOf(r), id)
	if err != nil {
		return olorin.Condition{}, err
	}
	return condition(r, head.Version)
}

func asError(err error) (*olorin.Error, bool) { return errors.AsType[*olorin.Error](err) }
