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
	if err := s.auditing(); err != nil {
		return err
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

func (s *Server) auditing() error {
	if !s.options.Features.AuditLogging {
		return olorin.Errorf(olorin.CodeFeatureDisabled, "the audit trail is switched off (FEATURE_WIZARD_AUDIT_LOGGING)")
	}
	return nil
}

type auditStateQuery struct {
	Version int64 `json:"version" minimum:"1" required:"true" doc:"As an entry's version_after."`
}

type auditStateAnswer struct {
	InvestigationID string         `json:"investigation_id"`
	Version         int64          `json:"version"`
	State           map[string]any `json:"state" doc:"The audited parts of the state: name, step, status, settings, progress, results."`
}

// auditState rebuilds a state from the trail.
func (s *Server) auditState(w http.ResponseWriter, r *http.Request) error {
	if err := s.auditing(); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[auditStateQuery](s, r)
	if err != nil {
		return err
	}
	state, err := s.Desk.AuditState(r.Context(), actorOf(r), id, q.Version)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, auditStateAnswer{id, q.Version, state})
}

type trailQuery struct {
	Cursor int64        `json:"cursor,omitempty" minimum:"0" doc:"The number of the entry to go on after."`
	Limit  int          `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"200"`
	Actor  string       `json:"actor,omitempty" maxLength:"200" doc:"Id of who did it."`
	Newest bool         `json:"newest,omitempty" doc:"Last to first; the cursor then goes down."`
	Action string       `json:"action,omitempty" maxLength:"100" doc:"A word that the action holds, such as login."`
	From   *olorin.Time `json:"from,omitempty"`
	To     *olorin.Time `json:"to,omitempty"`
}

// trail answers the whole audit trail, to those who may read it.
func (s *Server) trail(w http.ResponseWriter, r *http.Request) error {
	if err := s.auditing(); err != nil {
		return err
	}
	if !actorOf(r).MayAudit() {
		return olorin.Errorf(olorin.CodeForbidden, "the whole audit trail is for the roles auditor and admin")
	}
	q, err := query[trailQuery](s, r)
	if err != nil {
		return err
	}
	page, err := s.Trail.AuditTrail(r.Context(), olorin.AuditQuery{Cursor: q.Cursor, Limit: q.Limit, Newest: q.Newest, ActorID: q.Actor, Action: q.Action, From: q.From, To: q.To})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}
