package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type auditQuery struct {
	Cursor int64 `json:"cursor,omitempty" minimum:"0" doc:"The number of the entry to go on after."`
	Limit  int   `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"200"`
}

// audit answers the audit trail of an investigation.
func (s *Server) audit(w http.ResponseWriter, r *http.Request) error {
	if !s.options.Features.AuditLogging {
		return olorin.Errorf(olorin.CodeFeatureDisabled, "the audit trail is switched off (FEATURE_WIZARD_AUDIT_LOGGING)")
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[auditQuery](s, r)
	if err != nil {
		return err
	}
	if q.Limit == 0 {
		q.Limit = 200
	}
	page, err := s.Desk.Audit(r.Context(), actorOf(r), id, q.Cursor, q.Limit)
	if err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []olorin.AuditEntry{}
	}
	return writeJSON(w, http.StatusOK, page)
}
