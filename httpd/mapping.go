package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type mappingsAnswer struct {
	Items []olorin.Mapping `json:"items"`
}

// said returns what the user said of the columns of files.
func (s *Server) said(r *http.Request) ([]olorin.Mapping, error) {
	return s.Mappings.Mappings(r.Context(), actorOf(r).ID)
}

// remember keeps what the user said of the columns of a file.
func (s *Server) remember(r *http.Request, m olorin.Mapping) error {
	if len(m.Columns)+len(m.Words) == 0 {
		return nil
	}
	m.UserID = actorOf(r).ID
	return s.Mappings.PutMapping(r.Context(), m, s.datasetEntry(r, "mapping.remembered", m.Shape+" "+m.Dataset))
}

func (s *Server) mappings(w http.ResponseWriter, r *http.Request) error {
	said, err := s.said(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, mappingsAnswer{said})
}

func (s *Server) forgetMapping(w http.ResponseWriter, r *http.Request) error {
	shape := r.PathValue("shape")
	if err := s.Mappings.DeleteMapping(r.Context(), actorOf(r).ID, shape, s.datasetEntry(r, "mapping.forgotten", olorin.Clip(shape, 64))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
