package httpd

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/olorin-dev/olorin"
)

// Keys says who may sign tokens. An algorithm belongs to its key; what a token's header claims never chooses one.
type Keys struct {
	secret           []byte
	issuer, audience string
	clock            olorin.Clock
	fixed            []verifier

	url       string
	client    *http.Client
	fetching  chan struct{} // one token: one fetch at a time
	mu        sync.Mutex    // protects the following
	fetched   []verifier    // nil: none yet
	fetchedAt time.Time
	triedAt   time.Time         // of the last fetch, also of one that failed
	failed    error             // of that fetch
	verified  map[string]Claims // by token: those that were found good, until they expire
}

// KeyOptions configure Keys. Secret signs the server's own tokens; PublicKey (PEM) and JWKSURL verify those of others.
type KeyOptions struct {
	Secret           []byte
	PublicKey        []byte
	JWKSURL          string
	Issuer, Audience string // checked where set, and written into own tokens
}

// Claims are what a token says that counts here.
type Claims struct {
	Subject   string
	Role      olorin.Role
	Session   string // of the login that it was made for; empty for tokens of scripts and of others
	ExpiresAt time.Time
}

type verifier struct {
	alg jwa.SignatureAlgorithm
	key any
}

const (
	jwksFresh   = 15 * time.Minute
	jwksPause   = 10 * time.Second // between two fetches, so that neither tokens of unknown keys nor an issuer that is away cause more
	maxVerified = 10_000
	clockSkew   = 5 * time.Second
)

// NewKeys checks the keys. A JWKS is fetched at first use, so that the server starts while the issuer is away.
func NewKeys(o KeyOptions, clock olorin.Clock) (*Keys, error) {
	k := &Keys{
		secret: o.Secret, issuer: o.Issuer, audience: o.Audience, clock: clock, url: o.JWKSURL,
		client: &http.Client{Timeout: 5 * time.Second}, fetching: make(chan struct{}, 1), verified: map[string]Claims{},
	}
	if len(o.Secret) > 0 {
		k.fixed = append(k.fixed, verifier{jwa.HS256(), o.Secret})
	}
	if len(o.PublicKey) > 0 {
		key, err := jwk.ParseKey(o.PublicKey, jwk.WithPEM(true))
		if err != nil {
			return nil, fmt.Errorf("read public key: %w", err)
		}
		public, err := jwk.PublicKeyOf(key)
		if err != nil {
			return nil, fmt.Errorf("read public key: %w", err)
		}
		v, ok := verifierOf(public)
		if !ok {
			return nil, errors.New("read public key: it must be RSA, ECDSA on P-256 or Ed25519")
		}
		k.fixed = append(k.fixed, v)
	}
	return k, nil
}

// verifierOf fixes the algorithm by the kind of a public key: RS256, ES256 or EdDSA.
func verifierOf(key jwk.Key) (verifier, bool) {
	var raw any
	if err := jwk.Export(key, &raw); err != nil {
		return verifier{}, false
	}
	switch raw := raw.(type) {
	case *rsa.PublicKey:
		return verifier{jwa.RS256(), raw}, raw.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return verifier{jwa.ES256(), raw}, raw.Curve.Params().BitSize == 256
	case ed25519.PublicKey:
		return verifier{jwa.EdDSA(), raw}, true
	}
	return verifier{}, false
}

// CanSign tells whether the server makes tokens of its own.
func (k *Keys) CanSign() bool { return len(k.secret) > 0 }

// Sign makes a token. session may be empty.
func (k *Keys) Sign(user string, role olorin.Role, session string, ttl time.Duration) (token string, expires olorin.Time, err error) {
	now := k.clock()
	expires = olorin.At(now.Add(ttl).Truncate(time.Second))
	b := jwt.NewBuilder().Subject(user).IssuedAt(now.Time).Expiration(expires.Time).JwtID(newID()).Claim("role", string(role))
	if session != "" {
		b = b.Claim("sid", session)
	}
	if k.issuer != "" {
		b = b.Issuer(k.issuer)
	}
	if k.audience != "" {
		b = b.Audience([]string{k.audience})
	}
	t, err := b.Build()
	if err != nil {
		return "", expires, fmt.Errorf("build token: %w", err)
	}
	signed, err := jwt.Sign(t, jwt.WithKey(jwa.HS256(), k.secret))
	if err != nil {
		return "", expires, fmt.Errorf("sign token: %w", err)
	}
	return string(signed), expires, nil
}

// Verify returns what a token says, or CodeUnauthenticated with the reason. A good token is remembered, so that following by
// polls costs one verification.
func (k *Keys) Verify(ctx context.Context, token string) (Claims, error) {
	now := k.clock().Time
	k.mu.Lock()
	c, known := k.verified[token]
	k.mu.Unlock()
	if known && now.Before(c.ExpiresAt) {
		return c, nil
	}
	c, err := k.verify(token, k.fixed, now)
	if errors.Is(err, errSignature) && k.url != "" {
		var keys []verifier
		if keys, err = k.fetch(ctx, false); err == nil {
			if c, err = k.verify(token, keys, now); err != nil && errors.Is(err, errSignature) {
				if keys, err = k.fetch(ctx, true); err == nil {
					c, err = k.verify(token, keys, now)
				}
			}
		}
	}
	if err != nil {
		return Claims{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.verified) >= maxVerified {
		k.forget(now)
	}
	k.verified[token] = c
	return c, nil
}

// forget drops tokens that have expired, and any where none has. The caller holds mu.
func (k *Keys) forget(now time.Time) {
	for token, c := range k.verified {
		if !now.Before(c.ExpiresAt) {
			delete(k.verified, token)
		}
	}
	for token := range k.verified {
		if len(k.verified) < maxVerified {
			return
		}
		delete(k.verified, token)
	}
}

var errSignature = errors.New("no key matches the signature")

func refusedToken(reason string, err error) error {
	return &olorin.Error{Code: olorin.CodeUnauthenticated, Message: "the token was refused: " + reason, Err: err}
}

func (k *Keys) verify(token string, keys []verifier, now time.Time) (Claims, error) {
	options := make([]jwt.ParseOption, 0, len(keys)+6)
	for _, v := range keys {
		options = append(options, jwt.WithKey(v.alg, v.key))
	}
	if len(keys) == 0 {
		return Claims{}, refusedToken("no key is configured that could verify it", errSignature)
	}
	options = append(options, jwt.WithValidate(true), jwt.WithClock(jwt.ClockFunc(func() time.Time { return now })), jwt.WithAcceptableSkew(clockSkew), jwt.WithRequiredClaim("exp"))
	if k.issuer != "" {
		options = append(options, jwt.WithIssuer(k.issuer))
	}
	if k.audience != "" {
		options = append(options, jwt.WithAudience(k.audience))
	}
	t, err := jwt.Parse([]byte(token), options...)
	switch {
	case err == nil:
	case errors.Is(err, jwt.TokenExpiredError()):
		return Claims{}, refusedToken("it has expired; log in again or refresh", err)
	case errors.Is(err, jwt.TokenNotYetValidError()), errors.Is(err, jwt.InvalidIssuedAtError()):
		return Claims{}, refusedToken("it is not valid yet", err)
	case errors.Is(err, jwt.InvalidIssuerError()):
		return Claims{}, refusedToken("its issuer (iss) is another", err)
	case errors.Is(err, jwt.InvalidAudienceError()):
		return Claims{}, refusedToken("it is for another audience (aud)", err)
	case errors.Is(err, jwt.MissingRequiredClaimError()):
		return Claims{}, refusedToken("it has no expiry (exp)", err)
	case errors.Is(err, jws.VerificationError()):
		return Claims{}, refusedToken("its signature is not of a key that is trusted here", errors.Join(errSignature, err))
	default:
		return Claims{}, refusedToken("it is not a signed JWT", err)
	}
	var c Claims
	var role string
	c.Subject, _ = t.Subject()
	c.ExpiresAt, _ = t.Expiration()
	if c.Subject == "" || len(c.Subject) > 200 {
		return Claims{}, refusedToken("it has no subject (sub)", nil)
	}
	if err := t.Get("role", &role); err != nil || role == "" {
		return Claims{}, refusedToken("it has no role; add a claim role with one of analyst, lead, auditor, agent or admin", err)
	}
	c.Role = olorin.Role(role)
	if !slices.Contains(olorin.Roles, c.Role) {
		return Claims{}, refusedToken(fmt.Sprintf("its role %s is none of analyst, lead, auditor, agent, admin", quote(role)), nil)
	}
	if err := t.Get("sid", &c.Session); err != nil {
		c.Session = ""
	}
	return c, nil
}

// fetch returns the keys of the JWKS, asking the issuer where they are old or, with again, where a token is signed by a key not among
// them. Of those who want them at once one asks; what was known stays good while the issuer is away.
func (k *Keys) fetch(ctx context.Context, again bool) ([]verifier, error) {
	if keys, enough, err := k.held(again); enough {
		return keys, err
	}
	select {
	case k.fetching <- struct{}{}:
		defer func() { <-k.fetching }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if keys, enough, err := k.held(again); enough { // another asked meanwhile
		return keys, err
	}
	// It is for everybody who waits, so it does not end with the request that began it.
	set, err := jwk.Fetch(context.WithoutCancel(ctx), k.url, jwk.WithHTTPClient(k.client))
	k.mu.Lock()
	defer k.mu.Unlock()
	k.triedAt, k.failed = k.clock().Time, err
	if err != nil {
		return k.known()
	}
	k.fetched, k.fetchedAt = []verifier{}, k.triedAt
	for i := range set.Len() {
		key, ok := set.Key(i)
		if !ok {
			continue
		}
		if v, ok := verifierOf(key); ok {
			k.fetched = append(k.fetched, v)
		}
	}
	return k.fetched, nil
}

// held returns what is known of the keys, and whether that is enough for now.
func (k *Keys) held(again bool) (keys []verifier, enough bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.clock()
	fresh := k.fetched != nil && !again && now.Sub(k.fetchedAt) < jwksFresh
	keys, err = k.known()
	return keys, fresh || now.Sub(k.triedAt) < jwksPause, err
}

// known returns the keys, or why there are none. The caller holds mu.
func (k *Keys) known() ([]verifier, error) {
	if k.fetched == nil {
		return nil, olorin.Errorf(olorin.CodeUnavailable, "the keys that verify tokens cannot be fetched (OLORIN_JWT_JWKS_URL): %w", k.failed)
	}
	return k.fetched, nil
}
