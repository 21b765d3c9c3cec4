package httpd

import (
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
	now := s.Clock()
	next, err := known.Next(olorin.Profile{Zone: in.Zone, Density: in.Density, FollowBy: in.FollowBy, Views: in.Views}, now, cond)
	if err != nil {
		return err
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
