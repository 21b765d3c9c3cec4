package olorin

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// Profile is how a user likes the pages, and the views of the history that the user has named. It is the same on every machine.
type Profile struct {
	Version   int64   `json:"version" doc:"0 where nothing was saved yet."`
	UpdatedAt *Time   `json:"updated_at"`
	Zone      string  `json:"zone" doc:"Name of the time zone that times are shown in, such as Europe/Vienna; empty is the browser's."`
	Density   Density `json:"density" enum:"comfortable,compact"`
	FollowBy  Follow  `json:"follow_by" enum:"auto,poll" doc:"How pages are kept up to date: by the best way that works, or by nothing but polls."`
	Views     []View  `json:"views"`
}

// Density is how close things stand on the pages.
type Density string

// The densities.
const (
	Comfortable Density = "comfortable"
	Compact     Density = "compact"
)

// Follow is how pages are kept up to date.
type Follow string

// The ways to follow.
const (
	FollowAuto Follow = "auto"
	FollowPoll Follow = "poll"
)

// View is a named way to look at the history: the query part of its address.
type View struct {
	Name  string `json:"name" minLength:"1" maxLength:"60"`
	Query string `json:"query" maxLength:"2000"`
}

// MaxViews is how many views a user may name.
const MaxViews = 50

// DefaultProfile is the profile of a user who has saved none.
func DefaultProfile() Profile {
	return Profile{Density: Comfortable, FollowBy: FollowAuto, Views: []View{}}
}

// Profiles keeps profiles.
type Profiles interface {
	// Profile returns a user's profile, the default one where none was saved.
	Profile(ctx context.Context, userID string) (Profile, error)
	// PutProfile writes the next version of a profile: CodeConflict where the version before it is not the newest.
	PutProfile(ctx context.Context, userID string, p Profile, audit AuditEntry) error
}

// Next is the version after p that says what the user wants; what stands against it is refused, as is a condition that asks for another version.
func (p Profile) Next(want Profile, at Time, cond Condition) (Profile, error) {
	if cond.IfMatch != nil && *cond.IfMatch != p.Version {
		return p, Errorf(CodeStale, "the profile is at version %d, not at %d: it was changed in another window; nothing was written", p.Version, *cond.IfMatch)
	}
	want.Version, want.UpdatedAt, want.FollowBy = p.Version+1, &at, cmp.Or(want.FollowBy, FollowAuto)
	if faults := want.Faults(); len(faults) > 0 {
		return p, Invalid("the profile was refused and nothing was written", faults...)
	}
	return want, nil
}

// Faults returns everything that is wrong with a profile that a person saves.
func (p Profile) Faults() []Fault {
	var faults []Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, Fault{pointer, code, fmt.Sprintf(format, args...)})
	}
	if len(p.Zone) > 64 || strings.ContainsFunc(p.Zone, func(r rune) bool { return r <= ' ' || r > '~' }) {
		add("/zone", "invalid", "a time zone is named like Europe/Vienna; leave it empty for the browser's")
	}
	if p.Density != Comfortable && p.Density != Compact {
		add("/density", "unknown", "%q is not a density; use comfortable or compact", p.Density)
	}
	if p.FollowBy != FollowAuto && p.FollowBy != FollowPoll {
		add("/follow_by", "unknown", "%q is no way to follow; use auto or poll", p.FollowBy)
	}
	if len(p.Views) > MaxViews {
		add("/views", "too_many", "%d views are given; at most %d are kept", len(p.Views), MaxViews)
	}
	names := map[string]bool{}
	for i, v := range p.Views {
		name := strings.ToLower(strings.TrimSpace(v.Name))
		if name == "" {
			add(fmt.Sprintf("/views/%d/name", i), "required", "give the view a name")
		} else if names[name] {
			add(fmt.Sprintf("/views/%d/name", i), "duplicate", "another view is called %q", v.Name)
		}
		names[name] = true
	}
	return faults
}
