package httpd

import (
	"context"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
)

const (
	standingFor  = 5 * time.Second // what is known of a session counts for so long before it is read again
	standingTime = 2 * time.Second // that such a reading may take
	maxStandings = 100_000
)

// standings remembers who may still come in, so that a poll asks the database nothing. An end that this process brings about counts at
// once; one that another brings about, or the command line, counts standingFor later at the most.
type standings struct {
	mu    sync.Mutex // protects known
	known map[login]standing
}

// login is whom a token speaks for. The session is empty for tokens of scripts and of other issuers.
type login struct{ user, session string }

type standing struct {
	reason string    // why a token is refused, or ""
	again  time.Time // when it is to be read anew, or may be forgotten
	ended  bool      // by this process, for good; its end may not be written yet
}

// of returns what is known of a login, and whether the caller is to read it anew: of those that come at once, one is.
func (s *standings) of(l login, now time.Time) (known standing, ok, read bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok = s.known[l]
	if read = !ok || !known.ended && !now.Before(known.again); read && ok {
		s.known[l] = standing{reason: known.reason, again: now.Add(standingFor)}
	}
	return known, ok, read
}

// put notes what was read. An end that came meanwhile stays.
func (s *standings) put(l login, reason string, now time.Time) standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.known[l]; known.ended {
		return known
	}
	return s.set(l, standing{reason: reason, again: now.Add(standingFor)}, now)
}

// end notes that a session has ended, for as long as tokens of it may be about.
func (s *standings) end(l login, now, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(l, standing{sessionOver, until, true}, now)
}

// over tells whether this process ended a session.
func (s *standings) over(l login) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[l].ended
}

// set is for holders of mu.
func (s *standings) set(l login, known standing, now time.Time) standing {
	if len(s.known) >= maxStandings {
		s.forget(now)
	}
	s.known[l] = known
	return known
}

// forget drops what would be read again anyway, and anything where that is not enough. The caller holds mu.
func (s *standings) forget(now time.Time) {
	for l, known := range s.known {
		if !now.Before(known.again) {
			delete(s.known, l)
		}
	}
	for l := range s.known {
		if len(s.known) < maxStandings {
			return
		}
		delete(s.known, l)
	}
}

const (
	sessionOver = "its session has ended; log in again"
	lockedOut   = "its user is locked out"
)

// stands refuses the token of a session that has ended or of a user who is locked out. While the database cannot be read, what was known
// before goes on to count.
func (s *Server) stands(ctx context.Context, c Claims) error {
	l, now := login{c.Subject, c.Session}, s.Clock().Time
	known, ok, read := s.standings.of(l, now)
	if read {
		if ok {
			var done context.CancelFunc
			ctx, done = context.WithTimeout(ctx, standingTime)
			defer done()
		}
		switch reason, err := s.standingOf(ctx, l); {
		case err == nil:
			known = s.standings.put(l, reason, now)
		case !ok:
			return err
		}
	}
	if known.reason != "" {
		return refusedToken(known.reason, nil)
	}
	return nil
}

// standingOf reads why a login does not count any more, or "". A user that is not known here is another issuer's.
func (s *Server) standingOf(ctx context.Context, l login) (reason string, err error) {
	if l.session != "" {
		if _, err := s.Users.Session(ctx, l.session); olorin.CodeOf(err) == olorin.CodeNotFound {
			return sessionOver, nil
		} else if err != nil {
			return "", err
		}
	}
	user, err := s.Users.User(ctx, l.user)
	switch {
	case olorin.CodeOf(err) == olorin.CodeNotFound:
		return "", nil
	case err != nil:
		return "", err
	case user.Disabled:
		return lockedOut, nil
	}
	return "", nil
}
