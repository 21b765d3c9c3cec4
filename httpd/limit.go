package httpd

import (
	"math"
	"net/http"
	"strconv"
	"sync"

	"github.com/olorin-dev/olorin"
	"golang.org/x/time/rate"
)

// limiter holds one token bucket for each key.
type limiter struct {
	clock olorin.Clock
	rate  rate.Limit
	burst int

	mu      sync.Mutex // protects buckets
	buckets map[string]*rate.Limiter
}

// maxBuckets bounds how many keys are remembered; full buckets are forgotten first, since they say nothing.
const maxBuckets = 10_000

func newLimiter(clock olorin.Clock, perSecond float64, burst int) *limiter {
	return &limiter{clock: clock, rate: rate.Limit(perSecond), burst: burst, buckets: map[string]*rate.Limiter{}}
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
		b = rate.NewLimiter(l.rate, l.burst)
		l.buckets[key] = b
	}
	q := quota{ok: b.AllowN(now, 1), limit: l.burst}
	tokens := max(b.TokensAt(now), 0)
	q.remaining = int(tokens)
	q.reset = int(math.Ceil((float64(l.burst) - tokens) / float64(l.rate)))
	if !q.ok {
		q.retry = max(int(math.Ceil((1-tokens)/float64(l.rate))), 1)
	}
	return q
}

// refill forgets what was used up.
func (l *limiter) refill(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.buckets, key)
}

// forget drops the buckets that are full again, and any bucket where none is. The caller holds mu.
func (l *limiter) forget() {
	now := l.clock().Time
	for key, b := range l.buckets {
		if b.TokensAt(now) >= float64(l.burst) {
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
	h.Set("RateLimit-Limit", strconv.Itoa(q.limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(q.remaining))
	h.Set("RateLimit-Reset", strconv.Itoa(q.reset))
	if q.ok {
		return nil
	}
	h.Set("Retry-After", strconv.Itoa(q.retry))
	return olorin.Errorf(olorin.CodeRateLimited, "more than %d polls in a second; come back after the time in Retry-After", q.limit)
}
