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

type startBody struct {
	Priority string `json:"priority,omitempty" enum:"low,normal,high" doc:"How urgent, among runs that wait; absent: normal."`
}

// start begins the run of a draft.
func (s *Server) start(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	in, err := body[startBody](s, r)
	if err != nil {
		return err
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	priority := olorin.Priority(in.Priority)
	if priority.Rank() == 0 {
		priority = ""
	}
	changed, err := s.Desk.StartWith(r.Context(), actorOf(r), id, priority, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// preflight tells what a start would say.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	ready, err := s.Desk.Ready(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, ready)
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
