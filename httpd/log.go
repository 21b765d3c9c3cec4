package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type logsQuery struct {
	Cursor int64           `json:"cursor,omitempty" minimum:"0" doc:"The seq to go on after."`
	Limit  int             `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"200"`
	Level  olorin.LogLevel `json:"level,omitempty" enum:"info,warn,error"`
	Text   string          `json:"q,omitempty" maxLength:"200" doc:"Words that a line must hold."`
}

// logs answers the log lines of an investigation.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[logsQuery](s, r)
	if err != nil {
		return err
	}
	if q.Limit == 0 {
		q.Limit = 200
	}
	page, err := s.Desk.Logs(r.Context(), actorOf(r), id, olorin.LogQuery{Cursor: q.Cursor, Limit: q.Limit, Level: q.Level, Text: q.Text})
	if err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []olorin.LogLine{}
	}
	return writeJSON(w, http.StatusOK, page)
}
