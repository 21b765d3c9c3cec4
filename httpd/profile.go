package httpd

import (
	"cmp"
	"net/http"

	"github.com/olorin-dev/olorin"
)

type profileBody struct {
	Zone     string         `json:"zone,omitempty" maxLength:"64" doc:"Empty is the browser's."`
	Density  olorin.Density `json:"density" required:"true" enum:"comfortable,compact"`
	FollowBy olorin.Follow  `json:"follow_by,omitempty" enum:"auto,poll" default:"auto"`
	Views    []olorin.View  `json:"views" required:"true" maxItems:"50"`
}

// profile answers how the user likes the pages.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) error {
	p, err := s.Profiles.Profile(r.Context(), actorOf(r).ID)
	if err != nil {
		return err
	}
	return writeProfile(w, p)
}

// saveProfile replaces the profile of the user, whatever the role: it changes nothing that is anybody else's.
func (s *Server) saveProfile(w http.ResponseWriter, r *http.Request) error {
	actor := actorOf(r)
	in, err := body[profileBody](s, r)
	if err != nil {
		return err
	}
	known, err := s.Profiles.Profile(r.Context(), actor.ID)
	if err != nil {
		return err
	}
	cond, err := condition(r, known.Version)
	if err != nil {
		return err
	}
	if cond.IfMatch != nil && *cond.IfMatch != known.Version {
		return olorin.Errorf(olorin.CodeStale, "the profile is at version %d, not at %d: it was changed in another window; nothing was written", known.Version, *cond.IfMatch)
	}
	now := s.Clock()
	next := olorin.Profile{
		Version: known.Version + 1, UpdatedAt: &now, Zone: in.Zone, Density: in.Density, FollowBy: cmp.Or(in.FollowBy, olorin.FollowAuto), Views: in.Views,
	}
	if faults := next.Faults(); len(faults) > 0 {
		return olorin.Invalid("the profile was refused and nothing was written", faults...)
	}
	audit := olorin.AuditEntry{At: now, Actor: actor, Origin: actor.Origin, Source: olorin.SourceUser, Action: "profile.changed"}
	if err := s.Profiles.PutProfile(r.Context(), actor.ID, next, audit); err != nil {
		return err
	}
	return writeProfile(w, next)
}

func writeProfile(w http.ResponseWriter, p olorin.Profile) error {
	w.Header().Set("ETag", etag(p.Version))
	return writeJSON(w, http.StatusOK, p)
}
