package httpd

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

type matchQuery struct {
	Other string `json:"other" required:"true" maxLength:"64" doc:"The data set to join."`
	On    string `json:"on" required:"true" maxLength:"200" doc:"Column of this file that says which row of the other belongs to it."`
	With  string `json:"with" required:"true" maxLength:"200" doc:"Column of the other file that has the same keys, each once."`
}

type joinBody struct {
	Other string `json:"other" required:"true" doc:"The data set to join."`
	On    string `json:"on" required:"true" doc:"Column of this file that says which row of the other belongs to it."`
	With  string `json:"with" required:"true" doc:"Column of the other file that has the same keys, each once."`
	Name  string `json:"name,omitempty" maxLength:"200" doc:"Of the joined data set; absent: the names of both."`
}

// joining finds both files for somebody who may see them.
func (s *Server) joining(r *http.Request, other, on, with string) (j data.Joining, err error) {
	if j.Left, err = s.find(r, r.PathValue("id")); err != nil {
		return j, err
	}
	if j.Right, err = s.find(r, other); err != nil {
		return j, err
	}
	j.On, j.With = on, with
	return j, nil
}

// match tells how two files would meet.
func (s *Server) match(w http.ResponseWriter, r *http.Request) error {
	q, err := query[matchQuery](s, r)
	if err != nil {
		return err
	}
	j, err := s.joining(r, q.Other, q.On, q.With)
	if err != nil {
		return err
	}
	m, err := s.Engine.Match(r.Context(), j)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, m)
}

// join makes a data set of two files that meet by a key.
func (s *Server) join(w http.ResponseWriter, r *http.Request) error {
	in, err := body[joinBody](s, r)
	if err != nil {
		return err
	}
	j, err := s.joining(r, in.Other, in.On, in.With)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(in.Name)
	if name == "" {
		name = olorin.Clip(j.Left.Name+" with "+j.Right.Name, 200)
	}
	if utf8.RuneCountInString(name) > 200 {
		return olorin.Invalid("the files cannot be joined", olorin.Fault{Pointer: "/name", Code: "too_long", Detail: "the name has more than 200 characters"})
	}
	said, err := s.said(r)
	if err != nil {
		return err
	}
	d, err := s.Engine.Join(r.Context(), j, data.JoinOptions{ID: newID(), UserID: actorOf(r).ID, Name: name, Remembered: said, Now: s.Clock()})
	if err != nil {
		return err
	}
	if err := s.keep(r, d, said, nil); err != nil {
		return err
	}
	return created(w, d)
}
