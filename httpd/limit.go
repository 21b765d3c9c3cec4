package httpd

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
)

// limiter holds one token bucket for each key.
type limiter struct {
	clock olorin.Clock
	rate  float64 // tokens that come in a second
	burst float64 // tokens that a bucket holds

	mu      sync.Mutex // protects buckets
	buckets map[string]*bucket
}

// bucket holds the tokens that were left at a time.
type bucket struct {
	tokens float64
	at     time.Time
}

// fill adds what has come since. A clock that goes back brings nothing, and takes nothing.
func (b *bucket) fill(l *limiter, now time.Time) {
	b.tokens = min(l.burst, b.tokens+max(now.Sub(b.at).Seconds(), 0)*l.rate)
	b.at = now
}

// maxBuckets bounds how many keys are remembered; full buckets are forgotten first, since they say nothing.
const maxBuckets = 10_000

func newLimiter(clock olorin.Clock, perSecond float64, burst int) *limiter {
	return &limiter{clock: clock, rate: perSecond, burst: float64(burst), buckets: map[string]*bucket{}}
}

// quota is what is left of a bucket.
type quota struct {
	ok        bool
	limit     int
	remaining int
	reset     int // seconds until the bucket is full again
	retry     int // seconds until one more is let through
}

// take uses one token of the key's bucket, if there is one.
func (l *limiter) take(key string) quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock().Time
	b, ok := l.buckets[key]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			l.forget()
		}
		b = &bucket{l.burst, now}
		l.buckets[key] = b
	}
	b.fill(l, now)
	q := quota{ok: b.tokens >= 1, limit: int(l.burst)}
	if q.ok {
		b.tokens--
	} else {
		q.retry = max(int(math.Ceil((1-b.tokens)/l.rate)), 1)
	}
	q.remaining = int(b.tokens)
	q.reset = int(math.Ceil((l.burst - b.tokens) / l.rate))
	return q
}

// refill forgets what was used up.
func (l *limiter) refill(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.buckets, key)
}

// giveBack returns a token that was taken.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.buckets[key]; ok {
		b.tokens = min(b.tokens+1, l.burst)
	}
}

// forget drops the buckets that are full again, and any bucket where none is. The caller holds mu.
func (l *limiter) forget() {
	now := l.clock().Time
	for key, b := range l.buckets {
		if b.fill(l, now); b.tokens >= l.burst {
			delete(l.buckets, key)
		}
	}
	for key := range l.buckets {
		if len(l.buckets) < maxBuckets {
			return
		}
		delete(l.buckets, key)
	}
}

// limitPolls lets a user poll so many times in a second, and tells how many are left.
func (s *Server) limitPolls(w http.ResponseWriter, user string) error {
	q := s.polls.take(user)
	h := w.Header()
	h["Ratelimit-Limit"] = number(q.limit)
	h["Ratelimit-Remaining"] = number(q.remaining)
	h["Ratelimit-Reset"] = number(q.reset)
	if q.ok {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(q.retry))
	h["X-Poll-Mode"], h["X-Poll-After-Ms"], h["X-Poll-Reason"] = []string{string(olorin.Slow)}, number(1000*q.retry), []string{string(olorin.CodeRateLimited)}
	return olorin.Errorf(olorin.CodeRateLimited, "more than %d polls in a second; come back after the time in Retry-After", q.limit)
}

// numbers are values of headers that are sent again and again, so that an answer need not make its own. They are only read.
var numbers = func() (values [256][]string) {
	for i := range values {
		values[i] = []string{strconv.Itoa(i)}
	}
	return values
}()

// number is the value of a header.
func number(n int) []string {
	if 0 <= n && n < len(numbers) {
		return numbers[n]
	}
	return []string{strconv.Itoa(n)}
}
