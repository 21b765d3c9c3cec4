package runner

import (
	"context"
	"slices"
	"sync"
)

// share is something that the runs of this process draw on together: memory, or checks at work. Whoever holds least of it is
// served next, and among equals whoever came first; nobody is passed by for wanting much.
type share struct {
	total   int
	mu      sync.Mutex // protects the following
	free    int
	held    map[string]int
	waiting []*want  // in the order they came
	offers  []*offer // in the order they were made
}

type want struct {
	who     string
	n       int
	granted chan struct{}
}

// offer is what a holder would part with, as soon as somebody has to wait.
type offer struct{ part func() }

func newShare(total int) *share {
	return &share{total: total, free: total, held: map[string]int{}}
}

// take waits for n of the whole, at most all of it; give returns them. It fails only when ctx ends.
func (s *share) take(ctx context.Context, who string, n int) (give func(), err error) {
	w := &want{who: who, n: min(n, s.total), granted: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.grant()
	s.mu.Unlock()
	select {
	case <-w.granted:
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if i := slices.Index(s.waiting, w); i >= 0 {
			s.waiting = slices.Delete(s.waiting, i, i+1)
		} else { // granted meanwhile
			s.returned(w)
		}
		s.grant()
		return nil, context.Cause(ctx)
	}
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.returned(w)
		s.grant()
	}), nil
}

// offer has part called, once, when somebody has to wait: it gives back what its holder does not need now. keep takes the offer back.
func (s *share) offer(part func()) (keep func()) {
	o := &offer{part}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offers = append(s.offers, o)
	s.grant()
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.offers = slices.DeleteFunc(s.offers, func(p *offer) bool { return p == o })
	}
}

// returned takes back what was granted. The caller holds mu.
func (s *share) returned(w *want) {
	s.free += w.n
	if s.held[w.who] -= w.n; s.held[w.who] <= 0 {
		delete(s.held, w.who)
	}
}

// grant serves who may be served. The caller holds mu.
func (s *share) grant() {
	for len(s.waiting) > 0 {
		next := 0
		for i, w := range s.waiting {
			if s.held[w.who] < s.held[s.waiting[next].who] {
				next = i
			}
		}
		w := s.waiting[next]
		if w.n > s.free {
			if len(s.offers) > 0 {
				go s.offers[0].part()
				s.offers = s.offers[1:]
			}
			return
		}
		s.waiting = slices.Delete(s.waiting, next, next+1)
		s.free -= w.n
		s.held[w.who] += w.n
		close(w.granted)
	}
}
