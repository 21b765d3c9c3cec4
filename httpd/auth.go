package httpd

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/alexedwards/argon2id"
	"github.com/olorin-dev/olorin"
)

const (
	sessionCookie = "olorin_session"
	refreshCookie = "olorin_refresh"
	refreshPath   = api + "/auth"
)

// passwordParams follow OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
var passwordParams = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword makes the hash that a user is kept with.
func HashPassword(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, passwordParams)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// nobody is the hash that the password of an unknown user is compared with, so that it takes as long as that of a known one.
var nobody = sync.OnceValues(func() (string, error) { return HashPassword(rand.Text()) })

type loginBody struct {
	Username string `json:"username" required:"true" minLength:"1" maxLength:"200"`
	Password string `json:"password" required:"true" minLength:"1" maxLength:"1000"`
}

type userAnswer struct {
	ID   string      `json:"id"`
	Name string      `json:"name"`
	Role olorin.Role `json:"role" enum:"analyst,lead,auditor,agent,admin"`
}

// sessionAnswer is a session that has begun. The same tokens are in the cookies, but for the secret to refresh, which is only there.
type sessionAnswer struct {
	User        userAnswer  `json:"user"`
	AccessToken string      `json:"access_token" doc:"For Authorization: Bearer."`
	ExpiresAt   olorin.Time `json:"expires_at"`

	Durability olorin.Durability `json:"durability" enum:"durable,memory" doc:"memory: the database cannot be written; a crash before it can would end the session."`
}

var crossOrigin = http.NewCrossOriginProtection()

// authenticated finds out who asks and whether they may use the route at all.
func (s *Server) authenticated(needed who, r *http.Request) error {
	actor := olorin.Actor{Kind: olorin.KindUser, Origin: s.origin(r)}
	v := visitOf(r)
	v.actor = actor
	if needed == anyone {
		return nil
	}
	token, byCookie, err := bearer(r)
	if err != nil {
		return err
	}
	if byCookie {
		if err := crossOrigin.Check(r); err != nil {
			return olorin.Errorf(codeCrossOrigin, "a session cookie does not count for requests from other sites; use a bearer token")
		}
	}
	claims, err := s.Keys.Verify(r.Context(), token)
	if err != nil {
		return err
	}
	if err := s.stands(r.Context(), claims); err != nil {
		return err
	}
	actor.ID, actor.Role = claims.Subject, claims.Role
	if claims.Role == olorin.RoleAgent {
		actor.Kind = olorin.KindAgent
	}
	v.actor, v.claims = actor, claims
	return needed.allows(actor)
}

// allows refuses whoever has a valid token and may not use such a route, whatever it would be asked for.
func (needed who) allows(a olorin.Actor) error {
	isProgram := a.Role == olorin.RoleAgent
	switch {
	case needed == program && !isProgram:
		return olorin.Errorf(olorin.CodeForbidden, "this is for external agents: use a token of a user with the role agent")
	case needed != program && needed != known && isProgram:
		return olorin.Errorf(olorin.CodeForbidden, "a token of the role agent is for the work that runs hand out, below %s/agent, and for nothing else", api)
	case needed == writer:
		return a.MayWrite()
	}
	return nil
}

// bearer returns the token of a request: from Authorization, else from the session cookie.
func bearer(r *http.Request) (token string, byCookie bool, err error) {
	if given := r.Header.Get("Authorization"); given != "" {
		scheme, token, _ := strings.Cut(given, " ")
		token = strings.TrimSpace(token)
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", false, olorin.Errorf(olorin.CodeUnauthenticated, "Authorization must be: Bearer, a space, and a token")
		}
		return token, false, nil
	}
	if c, err := r.Cookie(sessionCookie); err == nil && c.Value != "" {
		return c.Value, true, nil
	}
	return "", false, olorin.Errorf(olorin.CodeUnauthenticated, "log in first, or send Authorization: Bearer with a token")
}

// login begins a session. Whoever is unknown, disabled or gives a wrong password is answered the same, after the same work.
func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	if err := s.ownLogin(r); err != nil {
		return err
	}
	in, err := body[loginBody](s, r)
	if err != nil {
		return err
	}
	origin := actorOf(r).Origin
	from := neighbourhood(origin)
	key := in.Username + "\x00" + from
	for _, bucket := range []struct {
		of  *limiter
		key string
		to  string
	}{{s.addresses, from, "to log in from this address"}, {s.logins, key, "to log in as this user from this address"}} {
		if q := bucket.of.take(bucket.key); !q.ok {
			w.Header().Set("Retry-After", strconv.Itoa(q.retry))
			return olorin.Errorf(olorin.CodeRateLimited, "too many attempts %s; wait %d seconds", bucket.to, q.retry)
		}
	}
	user, err := s.Users.User(r.Context(), in.Username)
	known := err == nil && !user.Disabled && user.PasswordHash != ""
	if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return err
	}
	hash := user.PasswordHash
	if !known {
		if hash, err = nobody(); err != nil {
			return err
		}
	}
	match, err := s.compare(r.Context(), in.Password, hash)
	if err != nil {
		return err
	}
	if !known || !match {
		s.log.Warn("login refused", "request_id", requestID(r), "origin", origin)
		// The name is told only where it is somebody's: what was typed elsewhere may be a password.
		refused := olorin.AuditEntry{At: s.Clock(), Actor: olorin.Actor{Kind: olorin.KindUser, ID: "?"}, Origin: origin, Source: olorin.SourceUser, Action: "login.refused"}
		if known {
			refused.Actor.ID = user.ID
		}
		if err := s.Trail.Record(r.Context(), refused); err != nil {
			s.log.Error("a refused login is not in the audit trail", "error", err)
		}
		return olorin.Errorf(olorin.CodeUnauthenticated, "the user name or the password is wrong")
	}
	s.logins.refill(key)
	s.addresses.giveBack(from)
	session, durability, err := s.begin(w, r, user, olorin.Session{ID: newID(), UserID: user.ID, ExpiresAt: olorin.At(s.Clock().Add(s.options.SessionTTL))}, "login")
	if err != nil {
		return err
	}
	return s.answerSession(w, r, user, session, durability)
}

// ownLogin refuses where the server does not sign tokens of its own, and what other sites send.
func (s *Server) ownLogin(r *http.Request) error {
	if !s.Keys.CanSign() {
		return olorin.Errorf(olorin.CodeFeatureDisabled, "this server takes tokens of another issuer only; log in there")
	}
	if err := crossOrigin.Check(r); err != nil {
		return olorin.Errorf(codeCrossOrigin, "sessions begin and end only from the server's own pages")
	}
	return nil
}

// compare checks a password. Each hashing takes 19 MiB, so only a few go on at once.
func (s *Server) compare(ctx context.Context, password, hash string) (bool, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare password: %w", err)
	}
	return match, nil
}

// begin starts a session or rotates its secret, which the cookie tells. How long it can be refreshed is counted from the login.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, user olorin.User, session olorin.Session, action string) (olorin.Session, olorin.Durability, error) {
	secret := rand.Text()
	session.TradedHash, session.TradedAt = session.SecretHash, s.Clock()
	session.SecretHash = hashOf(secret)
	durability, err := s.Users.PutSession(r.Context(), session, s.entry(r, user, action, session.ID))
	if err == nil {
		s.setCookie(w, r, refreshCookie, refreshPath, session.ID+"."+secret, session.ExpiresAt)
	}
	return session, durability, err
}

// answerSession makes an access token and tells it, in the body and in the cookie.
func (s *Server) answerSession(w http.ResponseWriter, r *http.Request, user olorin.User, session olorin.Session, durability olorin.Durability) error {
	token, expires, err := s.Keys.Sign(user.ID, user.Role, session.ID, min(s.options.AccessTTL, session.ExpiresAt.Sub(s.Clock().Time)))
	if err != nil {
		return err
	}
	s.setCookie(w, r, sessionCookie, "/", token, expires)
	status := http.StatusOK
	if durability == olorin.Memory {
		status = http.StatusAccepted
	}
	return writeJSON(w, status, sessionAnswer{userAnswer{user.ID, user.Name, user.Role}, token, expires, durability})
}

func (s *Server) entry(r *http.Request, user olorin.User, action, detail string) olorin.AuditEntry {
	return olorin.AuditEntry{
		At: s.Clock(), Actor: olorin.Actor{Kind: olorin.KindUser, ID: user.ID, Role: user.Role}, Origin: actorOf(r).Origin,
		Source: olorin.SourceUser, Action: action, Detail: detail,
	}
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// setCookie sets a cookie, or takes it back where expires is zero.
func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, name, path, value string, expires olorin.Time) {
	c := &http.Cookie{
		Name: name, Value: value, Path: path, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: s.options.SecureCookies || s.overTLS(r),
	}
	if expires.IsZero() {
		c.MaxAge = -1
	} else {
		c.MaxAge = max(int(math.Round(expires.Sub(s.Clock().Time).Seconds())), 1)
	}
	http.SetCookie(w, c)
}

// presented returns the session that the refresh cookie names, and its secret.
func presented(r *http.Request) (session, secret string, ok bool) {
	c, err := r.Cookie(refreshCookie)
	if err != nil {
		return "", "", false
	}
	session, secret, ok = strings.Cut(c.Value, ".")
	return session, secret, ok && session != "" && len(c.Value) < 200
}

var errSessionOver = olorin.Errorf(olorin.CodeUnauthenticated, "the session is over; log in again")

// renew trades a refresh secret for a new one and an access token. A secret that was traded in before ends the session: either its
// owner or a thief holds an old one. Two requests at once (of two tabs, through two replicas) are no reuse: the later is answered without
// another trade.
func (s *Server) renew(w http.ResponseWriter, r *http.Request) error {
	if err := s.ownLogin(r); err != nil {
		return err
	}
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	id, secret, ok := presented(r)
	if !ok {
		return olorin.Errorf(olorin.CodeUnauthenticated, "there is no session to refresh; log in")
	}
	arrived := s.Clock()
	s.refresh.Lock()
	defer s.refresh.Unlock()
	session, err := s.Users.Session(r.Context(), id)
	if olorin.CodeOf(err) == olorin.CodeNotFound || s.standings.over(login{session.UserID, id}) { // its end may not be written yet
		return s.forgotten(w, r)
	}
	if err != nil {
		return err
	}
	user, err := s.Users.User(r.Context(), session.UserID)
	if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return err
	}
	if err != nil || user.Disabled || s.Clock().After(session.ExpiresAt.Time) {
		if err := s.endSession(r, user, session, "session.expired"); err != nil {
			return err
		}
		return s.forgotten(w, r)
	}
	hash := hashOf(secret)
	if subtle.ConstantTimeCompare([]byte(hash), []byte(session.SecretHash)) == 1 {
		renewed, durability, err := s.begin(w, r, user, session, "session.refreshed")
		if err == nil {
			return s.answerSession(w, r, user, renewed, durability)
		}
		if olorin.CodeOf(err) != olorin.CodeConflict {
			return err
		}
		if session, err = s.Users.Session(r.Context(), id); err != nil { // another replica was first
			return err
		}
	}
	if session.TradedHash == hash && !arrived.After(session.TradedAt.Add(clockSkew)) {
		durability := olorin.Durable
		if s.Requests.Holding().Active {
			durability = olorin.Memory
		}
		return s.answerSession(w, r, user, session, durability)
	}
	s.log.Warn("a refresh secret was used twice; the session was ended", "request_id", requestID(r), "user", user.ID, "origin", actorOf(r).Origin)
	if err := s.endSession(r, user, session, "session.reuse"); err != nil {
		return err
	}
	return s.forgotten(w, r)
}

// forgotten takes the cookies back.
func (s *Server) forgotten(w http.ResponseWriter, r *http.Request) error {
	s.setCookie(w, r, refreshCookie, refreshPath, "", olorin.Time{})
	s.setCookie(w, r, sessionCookie, "/", "", olorin.Time{})
	return errSessionOver
}

// endSession ends a session, also one that ended before.
func (s *Server) endSession(r *http.Request, user olorin.User, session olorin.Session, action string) error {
	now := s.Clock()
	s.standings.end(login{session.UserID, session.ID}, now.Time, now.Add(s.options.AccessTTL+clockSkew))
	s.streams.end(session.ID)
	if err := s.Users.EndSession(r.Context(), session.ID, s.entry(r, user, action, session.ID)); err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return err
	}
	return nil
}

// logout ends the session of the refresh cookie, or of the access token where there is none. It succeeds where there is nothing to end, and
// also where its end can neither be written nor held: then this process takes the session for ended until it would have expired.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	if err := s.ownLogin(r); err != nil {
		return err
	}
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	if session, ok := s.sessionOf(r); ok {
		user := olorin.User{ID: session.UserID}
		if err := s.endSession(r, user, session, "logout"); err != nil {
			now := s.Clock()
			s.standings.end(login{session.UserID, session.ID}, now.Time, now.Add(s.options.SessionTTL+clockSkew))
			s.log.Error("a logout was not written: the session is over in this process only, and the audit trail does not tell it", "request_id", requestID(r), "user", user.ID, "error", err)
		}
	}
	s.setCookie(w, r, refreshCookie, refreshPath, "", olorin.Time{})
	s.setCookie(w, r, sessionCookie, "/", "", olorin.Time{})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) sessionOf(r *http.Request) (olorin.Session, bool) {
	if id, secret, ok := presented(r); ok {
		session, err := s.Users.Session(r.Context(), id)
		if err == nil && subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(session.SecretHash)) == 1 {
			return session, true
		}
	}
	token, _, err := bearer(r)
	if err != nil {
		return olorin.Session{}, false
	}
	claims, err := s.Keys.Verify(r.Context(), token)
	if err != nil || claims.Session == "" {
		return olorin.Session{}, false
	}
	return olorin.Session{ID: claims.Session, UserID: claims.Subject}, true
}

// me tells who is logged in.
func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	who, err := s.asking(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, who)
}

// asking is the user who asks, by the name that is shown.
func (s *Server) asking(r *http.Request) (userAnswer, error) {
	actor := actorOf(r)
	who := userAnswer{ID: actor.ID, Name: actor.ID, Role: actor.Role}
	user, err := s.Users.User(r.Context(), actor.ID)
	if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
		return userAnswer{}, err
	}
	if err == nil && user.Name != "" {
		who.Name = user.Name
	}
	return who, nil
}

// presenceAnswer tells whether somebody is logged in.
type presenceAnswer struct {
	User      *userAnswer `json:"user"`
	Renewable bool        `json:"renewable" doc:"The refresh cookie is there: where user is null, POST /auth/refresh may begin a new session."`
}

// presence answers the pages' first question. That nobody is there is no refusal, and so no error in the browser's console.
func (s *Server) presence(w http.ResponseWriter, r *http.Request) error {
	var answer presenceAnswer
	_, _, answer.Renewable = presented(r)
	err := s.authenticated(member, r)
	if err == nil {
		who, err := s.asking(r)
		if err != nil {
			return err
		}
		answer.User = &who
	} else if olorin.CodeOf(err) != olorin.CodeUnauthenticated {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}
