package runner

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// Whoever holds least is served next, whatever the others have queued before; among equals whoever came first; nobody is passed by for
// wanting much; who gives up leaves nothing behind.
func TestShareIsEven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShare(4)
		take := func(who string, n int) func() {
			give, err := s.take(t.Context(), who, n)
			if err != nil {
				t.Fatal(err)
			}
			return give
		}
		first, second := take("greedy", 2), take("greedy", 2)
		var order []string
		gives := map[string]func(){}
		queue := func(name, who string, n int) {
			go func() {
				give, err := s.take(t.Context(), who, n)
				if err == nil {
					order, gives[name] = append(order, name), give
				}
			}()
			synctest.Wait()
		}
		queue("greedy again", "greedy", 2)
		queue("modest", "modest", 2)
		queue("large", "large", 4)
		queue("late", "late", 1)

		impatient, leave := context.WithCancelCause(t.Context())
		gone := make(chan error)
		go func() {
			_, err := s.take(impatient, "impatient", 1)
			gone <- err
		}()
		synctest.Wait()
		tired := errors.New("tired of waiting")
		leave(tired)
		if err := <-gone; !errors.Is(err, tired) {
			t.Errorf("who left is told %v", err)
		}

		served := func(after string, want ...string) {
			t.Helper()
			synctest.Wait()
			if !slices.Equal(order, want) {
				t.Errorf("after %s %q were served; want %q", after, order, want)
			}
		}
		first()
		first() // giving twice gives once
		served("the first gave", "modest")
		second()
		served("the second gave", "modest", "greedy again")
		gives["modest"]()
		served("modest gave: large waits for all of it, and late behind it", "modest", "greedy again")
		gives["greedy again"]()
		served("all gave", "modest", "greedy again", "large")
		gives["large"]()
		served("large gave", "modest", "greedy again", "large", "late")
		gives["late"]()
		if s.free != 4 || len(s.held) != 0 || len(s.waiting) != 0 {
			t.Errorf("at the end %d are free, held %v, waiting %d", s.free, s.held, len(s.waiting))
		}
	})
}
