package httpd

import (
	"net/http"
	"strconv"

	"github.com/olorin-dev/olorin"
)

type checkpointBody struct {
	Label string `json:"label" required:"true" minLength:"1" maxLength:"200"`
}

// checkpoints lists the checkpoints, newest first.
func (s *Server) checkpoints(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	page, err := s.Desk.Checkpoints(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}

// checkpoint answers the newest.
func (s *Server) checkpoint(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	page, err := s.Desk.Checkpoints(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	if len(page.Items) == 0 {
		return olorin.Errorf(olorin.CodeNotFound, "investigation %q has no checkpoint yet", id)
	}
	return writeJSON(w, http.StatusOK, page.Items[0])
}

func (s *Server) mark(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	in, err := body[checkpointBody](s, r)
	if err != nil {
		return err
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	changed, err := s.Desk.Mark(r.Context(), actorOf(r), id, in.Label, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

func (s *Server) restore(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || seq < 1 {
		return olorin.NotFound("checkpoint of investigation "+id+",", olorin.Clip(r.PathValue("seq"), 32))
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	changed, err := s.Desk.Restore(r.Context(), actorOf(r), id, seq, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

type changesQuery struct {
	From int64 `json:"from" required:"true" minimum:"1" doc:"A version, such as the seq of a checkpoint."`
	To   int64 `json:"to,omitempty" minimum:"1" doc:"Another version. Absent: the newest."`
}

// changes tells what differs between two versions.
func (s *Server) changes(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[changesQuery](s, r)
	if err != nil {
		return err
	}
	c, err := s.Desk.Changes(r.Context(), actorOf(r), id, q.From, q.To)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, c)
}
