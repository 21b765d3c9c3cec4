package httpd

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/olorin-dev/olorin"
	"github.com/prometheus/client_golang/prometheus"
)

func (c client) logIn() sessionAnswer {
	c.t.Helper()
	var s sessionAnswer
	c.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(200).into(&s)
	return s
}

func (c client) cookie(name string) string {
	c.t.Helper()
	u, err := url.Parse(c.url + refreshPath)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(u) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

// present puts a cookie back into the jar.
func (c client) present(name, value string) {
	u, _ := url.Parse(c.url + refreshPath)
	c.http.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func TestLogInByCookieAndByToken(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	a := b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(200)
	for _, c := range a.header.Values("Set-Cookie") {
		if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Strict") || strings.Contains(c, "Secure") {
			t.Errorf("cookie %s", c)
		}
		if strings.HasPrefix(c, refreshCookie) && !strings.Contains(c, "Path=/api/v1/auth") {
			t.Errorf("the refresh cookie travels everywhere: %s", c)
		}
	}
	var s sessionAnswer
	a.into(&s)
	if s.User != (userAnswer{"ana", "ANA", olorin.RoleAnalyst}) || s.ExpiresAt.Sub(h.clock.now().Time) > 15*time.Minute {
		t.Errorf("session %+v", s)
	}
	var me userAnswer
	b.do("GET", "/api/v1/auth/me", nil).want(200).into(&me)
	if me != s.User {
		t.Errorf("me %+v", me)
	}
	client{h, s.AccessToken, http.DefaultClient}.do("GET", "/api/v1/auth/me", nil).want(200)
	b.draft("by cookie")
}

func TestWhetherSomebodyIsThereIsNoRefusal(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	there := func(c client, headers ...header) (got presenceAnswer) {
		c.do("GET", "/api/v1/auth/session", nil, headers...).want(200).into(&got)
		return got
	}
	if got := there(b); got != (presenceAnswer{}) {
		t.Errorf("a visitor: %+v", got)
	}
	b.logIn()
	if got := there(b); got.User == nil || *got.User != (userAnswer{"ana", "ANA", olorin.RoleAnalyst}) || !got.Renewable {
		t.Errorf("logged in: %+v", got)
	}
	if got := there(h.ana()); got.User == nil || got.User.ID != "ana" || got.Renewable {
		t.Errorf("by token: %+v", got)
	}
	h.clock.advance(16 * time.Minute)
	if got := there(b); got != (presenceAnswer{Renewable: true}) {
		t.Errorf("after the access token: %+v", got)
	}
	b.do("POST", "/api/v1/auth/refresh", nil).want(200)
	if got := there(b); got.User == nil {
		t.Errorf("renewed: %+v", got)
	}
	b.do("POST", "/api/v1/auth/logout", nil).want(204)
	if got := there(b); got != (presenceAnswer{}) {
		t.Errorf("logged out: %+v", got)
	}
}

func TestCookiesAreSecureWhereThatIsAsked(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.SecureCookies = true })
	a := h.browser().do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(200)
	for _, c := range a.header.Values("Set-Cookie") {
		if !strings.Contains(c, "; Secure") {
			t.Errorf("cookie %s", c)
		}
	}
}

func TestWhoeverMayNotLogInIsToldTheSame(t *testing.T) {
	h := newHouse(t)
	u := olorin.User{ID: "eve", Name: "Eve", Role: olorin.RoleAnalyst, PasswordHash: passwordHash(), CreatedAt: h.clock.now(), Disabled: true}
	if err := h.db.PutUser(t.Context(), u, olorin.AuditEntry{At: h.clock.now(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "user.added"}); err != nil {
		t.Fatal(err)
	}
	details := map[string]bool{}
	for name, tried := range map[string][2]string{"unknown": {"nobody", password}, "disabled": {"eve", password}, "wrong": {"ana", "wrong password"}} {
		p := h.browser().do("POST", "/api/v1/auth/login", map[string]any{"username": tried[0], "password": tried[1]}).refused(olorin.CodeUnauthenticated)
		details[p.Detail] = true
		if strings.Contains(p.Detail, tried[0]) {
			t.Errorf("%s: %s", name, p.Detail)
		}
	}
	if len(details) != 1 {
		t.Errorf("the answers differ: %v", details)
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	wrong := map[string]any{"username": "ana", "password": "wrong password"}
	for range 5 {
		b.do("POST", "/api/v1/auth/login", wrong).refused(olorin.CodeUnauthenticated)
	}
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).refused(olorin.CodeRateLimited)
	// Another user is not held up by it.
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ben", "password": password}).want(200)
	h.clock.advance(15 * time.Second)
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).want(200)
}

func TestRefreshRotates(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.logIn()
	first := b.cookie(refreshCookie)
	h.clock.advance(16 * time.Minute)
	b.present(sessionCookie, "")
	b.do("POST", "/api/v1/auth/refresh", nil).want(200)
	second := b.cookie(refreshCookie)
	if first == second || second == "" {
		t.Fatalf("the secret did not rotate: %q", second)
	}
	b.do("GET", "/api/v1/auth/me", nil).want(200)

	// The old secret again, too late for another tab: the session ends for whoever holds the new one, too.
	h.clock.advance(clockSkew + time.Second)
	thief := h.browser()
	thief.present(refreshCookie, first)
	thief.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	b.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	if !strings.Contains(h.actions("ana"), "session.reuse") {
		t.Errorf("audit: %s", h.actions("ana"))
	}
}

func TestTwoTabsMayRefreshAtOnce(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.logIn()
	secret := b.cookie(refreshCookie)
	// Both requests are in the server before either is answered: the first holds the lock until both have arrived.
	h.door.refresh.Lock()
	before := h.clock.asked()
	var done sync.WaitGroup
	statuses := make([]int, 2)
	arrived := make(chan struct{}, 2)
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		h.door.ServeHTTP(w, r)
	}))
	defer counted.Close()
	for i := range statuses {
		done.Go(func() {
			r, _ := http.NewRequest("POST", counted.URL+"/api/v1/auth/refresh", nil)
			r.AddCookie(&http.Cookie{Name: refreshCookie, Value: secret})
			w, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			w.Body.Close()
			statuses[i] = w.StatusCode
		})
	}
	<-arrived
	<-arrived
	waitFor(t, "both requests to have arrived", func() bool { return h.clock.asked() >= before+2 })
	h.clock.advance(time.Second) // whatever is written from here on is later than both arrivals
	h.door.refresh.Unlock()
	done.Wait()
	if statuses[0] != 200 || statuses[1] != 200 {
		t.Errorf("statuses %v", statuses)
	}
}

// replica is another server on the same database.
func (h *house) replica() *house {
	parts := h.door.Parts
	parts.Metrics = prometheus.NewRegistry()
	other := *h
	other.door = New(parts, h.door.options)
	server := httptest.NewServer(other.door)
	h.t.Cleanup(server.Close)
	other.url = server.URL
	return &other
}

func TestASessionIsTheSameOnEveryReplica(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	s := b.logIn()
	old := b.cookie(refreshCookie)
	there := h.replica()
	token := client{there, s.AccessToken, http.DefaultClient}
	token.do("GET", "/api/v1/auth/me", nil).want(200)

	// Two tabs that refresh through two replicas are no thief.
	b.do("POST", "/api/v1/auth/refresh", nil).want(200)
	tab := there.browser()
	tab.present(refreshCookie, old)
	tab.do("POST", "/api/v1/auth/refresh", nil).want(200)
	if tab.cookie(refreshCookie) != old {
		t.Error("the secret was traded twice")
	}

	b.do("POST", "/api/v1/auth/logout", map[string]any{}).want(204)
	client{h, s.AccessToken, http.DefaultClient}.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	h.clock.advance(standingFor)
	token.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	// A server that was not there at the logout knows of it, too.
	client{h.replica(), s.AccessToken, http.DefaultClient}.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
}

// A stream finds out when it beats, which is soon where its token is near its end; the clock stands, so that the token never gets there.
func TestAStreamEndsWithASessionThatAnotherServerEnded(t *testing.T) {
	h := newHouse(t)
	h.clock.fixed = time.Now().Truncate(time.Second)
	b, stays := h.browser(), h.browser()
	s, other := b.logIn(), stays.logIn()
	there := h.replica()
	ended, goesOn := client{there, s.AccessToken, http.DefaultClient}, client{there, other.AccessToken, http.DefaultClient}
	id := ended.draft("Case")
	h.clock.advance(s.ExpiresAt.Sub(h.clock.now().Time) - standingFor - 100*time.Millisecond)
	for _, c := range []client{ended, goesOn} {
		c.do("GET", "/api/v1/auth/me", nil).want(200)
	}
	h.clock.advance(standingFor - 50*time.Millisecond)
	path := "/api/v1/wizard/" + id + "/events?cursor=1"
	first, second := ended.listen(t, path), goesOn.listen(t, path)
	b.do("POST", "/api/v1/auth/logout", map[string]any{}).want(204)
	h.clock.advance(50 * time.Millisecond)
	if m, ok := first.next(); ok {
		t.Errorf("after the end comes %+v", m)
	}
	goesOn.rename(id, 1)
	if m, ok := second.next(); !ok || m.id != "2" {
		t.Errorf("the other session of the same user gets %+v", m)
	}
}

func TestALoginEndsWhenItSaidItWould(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	b.logIn()
	h.clock.advance(23*time.Hour + 50*time.Minute)
	var s sessionAnswer
	b.do("POST", "/api/v1/auth/refresh", nil).want(200).into(&s)
	if left := s.ExpiresAt.Sub(h.clock.now().Time); left > 11*time.Minute {
		t.Errorf("the token outlives the session by %s", left)
	}
	h.clock.advance(11 * time.Minute)
	b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
}

// Whoever is locked out is out, with a session and with a token for scripts; another password ends what was begun with the old one.
func TestAUserIsLockedOut(t *testing.T) {
	h := newHouse(t)
	u, err := h.db.User(t.Context(), "ana")
	if err != nil {
		t.Fatal(err)
	}
	put := func() {
		if err := h.db.PutUser(t.Context(), u, olorin.AuditEntry{At: h.clock.now(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "user.put"}); err != nil {
			t.Fatal(err)
		}
		h.clock.advance(standingFor)
	}
	b, script := h.browser(), h.ana()
	b.logIn()
	u.PasswordHash += "x"
	script.do("GET", "/api/v1/auth/me", nil).want(200)
	put()
	b.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	script.do("GET", "/api/v1/auth/me", nil).want(200)

	u.PasswordHash = passwordHash()
	put()
	b.logIn()
	u.Disabled = true
	put()
	b.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	script.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).refused(olorin.CodeUnauthenticated)
	u.Disabled = false
	put()
	b.logIn()
	script.do("GET", "/api/v1/auth/me", nil).want(200)
}

type kept = olorin.Users

// countedUsers counts what is read of them, and fails where it is told to.
type countedUsers struct {
	kept
	reads  atomic.Int64
	broken atomic.Bool
}

func (u *countedUsers) User(ctx context.Context, id string) (olorin.User, error) {
	u.reads.Add(1)
	if u.broken.Load() {
		return olorin.User{}, olorin.Errorf(olorin.CodeUnavailable, "the database is away")
	}
	return u.kept.User(ctx, id)
}

func TestPollsDoNotAskWhoIsThere(t *testing.T) {
	h := newHouse(t)
	h.clock.fixed = time.Now()
	users := &countedUsers{kept: h.door.Users}
	h.door.Users = users
	ana := h.ana()
	id := ana.draft("A")
	before := users.reads.Load()
	for range 50 {
		ana.do("GET", poll(id, "?cursor=1"), nil, header{"If-None-Match", `"1"`}).want(304)
	}
	if n := users.reads.Load() - before; n != 0 {
		t.Errorf("50 polls read the user %d times", n)
	}
	users.broken.Store(true)
	h.clock.advance(standingFor)
	ana.do("GET", poll(id, "?cursor=1"), nil, header{"If-None-Match", `"1"`}).want(304)
	h.as("ben", olorin.RoleAnalyst).do("GET", "/api/v1/config", nil).want(200)
	h.as("ben", olorin.RoleAnalyst).do("GET", "/api/v1/wizard/history", nil).refused(olorin.CodeUnavailable)
}

func TestManyNamesFromOneAddressAreSlowedDown(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.1.0.0/16")}
	})
	h.clock.fixed = time.Now()
	b := h.browser()
	try := func(name, from string) answer {
		return b.do("POST", "/api/v1/auth/login", map[string]any{"username": name, "password": "wrong"}, header{"X-Forwarded-For", from})
	}
	for i := range 30 {
		try(fmt.Sprintf("user%d", i), "192.0.2.9, 10.1.2.3").refused(olorin.CodeUnauthenticated)
	}
	// What a client invents before its proxy's word changes nothing.
	try("somebody", "203.0.113.7, 192.0.2.9, 10.1.2.3").refused(olorin.CodeRateLimited)
	// Whoever comes from elsewhere through the same proxy is not held up.
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}, header{"X-Forwarded-For", "192.0.2.10"}).want(200)
	if a := b.do("GET", "/healthz", nil, header{"X-Forwarded-Proto", "https"}); a.header.Get("Strict-Transport-Security") == "" {
		t.Error("a browser that came by TLS is not told to stay with it")
	}
	var trail olorin.AuditPage
	h.as("ida", olorin.RoleAuditor).do("GET", "/api/v1/audit?action=login&limit=1000", nil).want(200).into(&trail)
	if n := len(trail.Items); n != 31 || trail.Items[0].Origin != "192.0.2.9" || trail.Items[30].Origin != "192.0.2.10" {
		t.Errorf("%d entries, from %q and %q", n, trail.Items[0].Origin, trail.Items[n-1].Origin)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	s := &Server{options: Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}}}
	for _, tt := range []struct{ peer, forwarded, proto, origin, tls string }{
		{"10.0.0.1:5", "192.0.2.1", "https", "192.0.2.1", "true"},
		{"10.0.0.1:5", "6.6.6.6, 192.0.2.1, 10.0.0.2", "https", "192.0.2.1", "true"},
		{"10.0.0.1:5", "rubbish", "http", "10.0.0.1", "false"},
		{"10.0.0.1:5", "", "", "10.0.0.1", "false"},
		{"[::1]:5", "2001:db8::1", "https", "2001:db8::1", "true"},
		{"192.0.2.7:5", "6.6.6.6", "https", "192.0.2.7", "false"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.peer
		r.Header.Set("X-Forwarded-For", tt.forwarded)
		r.Header.Set("X-Forwarded-Proto", tt.proto)
		if got, tls := s.origin(r), fmt.Sprint(s.overTLS(r)); got != tt.origin || tls != tt.tls {
			t.Errorf("%+v: %s, TLS %s", tt, got, tls)
		}
	}
	if a, b := neighbourhood("2001:db8::1"), neighbourhood("2001:db8::2:1"); a != b || neighbourhood("192.0.2.1") == neighbourhood("192.0.2.2") {
		t.Errorf("%s and %s", a, b)
	}
}

// waitFor waits for a condition that something else brings about.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// actions are the words of the audit trail of what a user did beside investigations.
func (h *house) actions(user string) string {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.file)
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT action FROM audit WHERE actor_id = $1 AND investigation_id = '' ORDER BY number`, user)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var action string
		if err := rows.Scan(&action); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, action)
	}
	return strings.Join(all, " ")
}

func TestALogoutEndsTheSession(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	s := b.logIn()
	token := client{h, s.AccessToken, http.DefaultClient}
	b.do("POST", "/api/v1/auth/logout", map[string]any{}).want(204)
	b.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/refresh", nil).refused(olorin.CodeUnauthenticated)
	token.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
	b.do("POST", "/api/v1/auth/logout", map[string]any{}).want(204) // there is nothing to end, and that is fine
	if got := h.actions("ana"); !strings.Contains(got, "login") || !strings.Contains(got, "logout") {
		t.Errorf("audit: %s", got)
	}
}

func TestAKeyedLoginBeginsOneSession(t *testing.T) {
	h := newHouse(t)
	b, key := h.browser(), header{"Idempotency-Key", "k1"}
	in := map[string]any{"username": "ana", "password": password}
	first := b.do("POST", "/api/v1/auth/login", in, key).want(200)
	secret := b.cookie(refreshCookie)
	again := h.browser()
	if a := again.do("POST", "/api/v1/auth/login", in, key).want(200); string(a.body) != string(first.body) || again.cookie(refreshCookie) != secret || a.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same request is answered %s with %s", a.body, again.cookie(refreshCookie))
	}
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ben", "password": password}, key).refused(olorin.CodeIdempotency)
	// An answer that was lost is given again, in place of the end of the session.
	renew := header{"Idempotency-Key", "k2"}
	renewed := b.do("POST", "/api/v1/auth/refresh", nil, renew).want(200)
	again.present(refreshCookie, secret)
	if a := again.do("POST", "/api/v1/auth/refresh", nil, renew).want(200); string(a.body) != string(renewed.body) || again.cookie(refreshCookie) != b.cookie(refreshCookie) {
		t.Errorf("the same refresh is answered %s", a.body)
	}
	if got := h.actions("ana"); strings.Count(got, "login") != 1 || strings.Count(got, "session.refreshed") != 1 {
		t.Errorf("the audit trail tells %s", got)
	}
	// A refusal is no answer to keep.
	wrong := map[string]any{"username": "ana", "password": "wrong"}
	for range 2 {
		if a := b.do("POST", "/api/v1/auth/login", wrong, header{"Idempotency-Key", "k3"}).want(401); a.header.Get("Idempotency-Replayed") != "" {
			t.Error("a refused login is repeated without a look")
		}
	}
}

func TestOtherSitesMayNotUseTheCookie(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	s := b.logIn()
	body := map[string]any{"name": "x"}
	b.do("POST", "/api/v1/investigations", body, header{"Sec-Fetch-Site", "cross-site"}).refused(codeCrossOrigin)
	b.do("POST", "/api/v1/investigations", body, header{"Origin", "https://elsewhere.example"}).refused(codeCrossOrigin)
	b.do("POST", "/api/v1/investigations", body, header{"Sec-Fetch-Site", "same-origin"}).want(201)
	b.do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}, header{"Sec-Fetch-Site", "cross-site"}).refused(codeCrossOrigin)
	// A bearer token is no cookie: no other site can have it.
	client{h, s.AccessToken, http.DefaultClient}.do("POST", "/api/v1/investigations", body, header{"Sec-Fetch-Site", "cross-site"}).want(201)
}

// sign makes a token of any content and key.
func sign(t *testing.T, alg jwa.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	token := jwt.New()
	for name, v := range claims {
		if err := token.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	b, err := jwt.Sign(token, jwt.WithKey(alg, key))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTokensThatAreRefused(t *testing.T) {
	h := newHouse(t)
	good := func(change func(map[string]any)) string {
		c := map[string]any{"sub": "ana", "role": "analyst", "exp": time.Now().Add(time.Hour)}
		change(c)
		return sign(t, jwa.HS256(), testSecret, c)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ token, reason string }{
		"expired":       {good(func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour) }), "expired"},
		"no expiry":     {good(func(c map[string]any) { delete(c, "exp") }), "exp"},
		"no subject":    {good(func(c map[string]any) { delete(c, "sub") }), "sub"},
		"no role":       {good(func(c map[string]any) { delete(c, "role") }), "role"},
		"unknown role":  {good(func(c map[string]any) { c["role"] = "root" }), "root"},
		"role no text":  {good(func(c map[string]any) { c["role"] = 7 }), "role"},
		"not yet":       {good(func(c map[string]any) { c["nbf"] = time.Now().Add(time.Hour) }), "not valid yet"},
		"other secret":  {sign(t, jwa.HS256(), []byte(strings.Repeat("x", 32)), map[string]any{"sub": "ana", "role": "analyst", "exp": time.Now().Add(time.Hour)}), "signature"},
		"other method":  {sign(t, jwa.RS256(), private, map[string]any{"sub": "ana", "role": "analyst", "exp": time.Now().Add(time.Hour)}), "signature"},
		"longer digest": {sign(t, jwa.HS512(), testSecret, map[string]any{"sub": "ana", "role": "analyst", "exp": time.Now().Add(time.Hour)}), "signature"},
		"unsigned":      {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbmEiLCJyb2xlIjoiYWRtaW4iLCJleHAiOjk5OTk5OTk5OTl9.", ""},
		"not a token":   {"hello", ""},
	} {
		p := client{h, tt.token, http.DefaultClient}.do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnauthenticated)
		if !strings.Contains(p.Detail, tt.reason) {
			t.Errorf("%s: %q does not tell the reason %q", name, p.Detail, tt.reason)
		}
	}
	client{h, good(func(map[string]any) {}), http.DefaultClient}.do("GET", "/api/v1/auth/me", nil).want(200)
	a := h.browser().do("GET", "/api/v1/auth/me", nil, header{"Authorization", "Basic YTpi"})
	a.refused(olorin.CodeUnauthenticated)
	if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("WWW-Authenticate %q", a.header.Get("WWW-Authenticate"))
	}
}

func TestKeysOfOtherIssuers(t *testing.T) {
	now := (&clock{}).now
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := func() map[string]any {
		return map[string]any{"sub": "ext", "role": "lead", "exp": time.Now().Add(time.Hour), "iss": "https://issuer.example", "aud": []string{"olorin"}}
	}
	pemOf := func(public any) []byte {
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	for name, tt := range map[string]struct {
		public, private any
		alg             jwa.SignatureAlgorithm
	}{"RSA": {&rsaKey.PublicKey, rsaKey, jwa.RS256()}, "ECDSA": {&ecKey.PublicKey, ecKey, jwa.ES256()}, "Ed25519": {edPublic, edKey, jwa.EdDSA()}} {
		keys, err := NewKeys(KeyOptions{PublicKey: pemOf(tt.public), Issuer: "https://issuer.example", Audience: "olorin"}, now)
		if err != nil {
			t.Fatal(err)
		}
		c, err := keys.Verify(t.Context(), sign(t, tt.alg, tt.private, claims()))
		if err != nil || c.Subject != "ext" || c.Role != olorin.RoleLead {
			t.Errorf("%s: %+v %v", name, c, err)
		}
		for _, claim := range []string{"iss", "aud"} {
			wrong := claims()
			wrong[claim] = "other"
			if _, err := keys.Verify(t.Context(), sign(t, tt.alg, tt.private, wrong)); err == nil || !strings.Contains(err.Error(), claim) {
				t.Errorf("%s: another %s: %v", name, claim, err)
			}
		}
		// The public key is no secret: a token signed with its text as one is a forgery.
		if _, err := keys.Verify(t.Context(), sign(t, jwa.HS256(), pemOf(tt.public), claims())); err == nil {
			t.Errorf("%s: the public key was taken for a secret", name)
		}
	}

	// A JWKS: fetched at first use, again for a key that is not among them, and kept while the issuer is away.
	set := jwk.NewSet()
	add := func(id string, public any) {
		key, err := jwk.Import(public)
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Set(jwk.KeyIDKey, id); err != nil {
			t.Fatal(err)
		}
		if err := set.AddKey(key); err != nil {
			t.Fatal(err)
		}
	}
	add("one", &rsaKey.PublicKey)
	add("secret", testSecret) // a symmetric key that was published is nobody's secret
	away := false
	var mu sync.Mutex
	var asked atomic.Int64
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		mu.Lock()
		defer mu.Unlock()
		if away {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		b, err := json.Marshal(set)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(b)
	}))
	defer issuer.Close()
	moving := &clock{}
	keys, err := NewKeys(KeyOptions{JWKSURL: issuer.URL}, moving.now)
	if err != nil {
		t.Fatal(err)
	}
	if keys.CanSign() {
		t.Error("keys of others sign nothing")
	}
	if _, err := keys.Verify(t.Context(), sign(t, jwa.RS256(), rsaKey, claims())); err != nil {
		t.Error(err)
	}
	if _, err := keys.Verify(t.Context(), sign(t, jwa.HS256(), testSecret, claims())); err == nil {
		t.Error("a published symmetric key verified a token")
	}
	mu.Lock()
	add("two", &ecKey.PublicKey)
	mu.Unlock()
	moving.advance(11 * time.Second)
	if _, err := keys.Verify(t.Context(), sign(t, jwa.ES256(), ecKey, claims())); err != nil {
		t.Errorf("a new key of the issuer: %v", err)
	}
	mu.Lock()
	away = true
	mu.Unlock()
	moving.advance(20 * time.Minute)
	later := claims()
	later["exp"] = time.Now().Add(2 * time.Hour)
	asked.Store(0)
	for i := range 5 { // an issuer that is away is asked once in a while
		later["jti"] = fmt.Sprint(i)
		if _, err := keys.Verify(t.Context(), sign(t, jwa.ES256(), ecKey, later)); err != nil {
			t.Errorf("while the issuer is away: %v", err)
		}
		if _, err := keys.Verify(t.Context(), sign(t, jwa.HS256(), testSecret, later)); err == nil {
			t.Error("a token of nobody was verified")
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("an issuer that is away was asked %d times at once", n)
	}
	mu.Lock()
	away = false
	mu.Unlock()

	// Nobody has its keys yet, and everybody comes: one asks.
	if keys, err = NewKeys(KeyOptions{JWKSURL: issuer.URL}, moving.now); err != nil {
		t.Fatal(err)
	}
	asked.Store(0)
	var all sync.WaitGroup
	for i := range 8 {
		later["jti"] = fmt.Sprint("all", i)
		token := sign(t, jwa.ES256(), ecKey, later)
		all.Go(func() {
			if _, err := keys.Verify(context.Background(), token); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestLoginIsOffWhereOnlyOthersSign(t *testing.T) {
	h := newHouse(t)
	var err error
	if h.door.Keys, err = NewKeys(KeyOptions{JWKSURL: "http://127.0.0.1:1/"}, h.clock.now); err != nil {
		t.Fatal(err)
	}
	h.browser().do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": password}).refused(olorin.CodeFeatureDisabled)
	// Its keys cannot be fetched: that is the server's trouble, not the token's.
	h.ana().do("GET", "/api/v1/auth/me", nil).refused(olorin.CodeUnavailable)
}

func TestAnAuditorSeesEverythingAndChangesNothing(t *testing.T) {
	h := newHouse(t)
	ana, ben, ida := h.ana(), h.as("ben", olorin.RoleAnalyst), h.as("ida", olorin.RoleAuditor)
	id := ana.draft("Case of Ana")
	h.dataset(t, "d1", "ana")
	w := "/api/v1/wizard/" + id
	for _, path := range []string{state(id), w + "/poll", w + "/logs", w + "/audit", w + "/checkpoints", "/api/v1/wizard/history/" + id, "/api/v1/datasets/d1", "/api/v1/agents?dataset=d1"} {
		ida.do("GET", path, nil).want(200)
	}
	ben.do("GET", "/api/v1/agents?dataset=d1", nil).refused(olorin.CodeNotFound)
	ida.do("POST", "/api/v1/investigations", map[string]any{"name": "x"}).refused(olorin.CodeForbidden)
	var page olorin.HistoryPage
	ben.do("GET", "/api/v1/wizard/history", nil).want(200).into(&page)
	if page.Total != 0 {
		t.Errorf("ben's list: %+v", page)
	}
	ida.do("GET", "/api/v1/wizard/history", nil).want(200).into(&page)
	if page.Total != 1 {
		t.Errorf("the auditor's list: %+v", page)
	}
}
