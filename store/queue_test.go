package store

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/olorin-dev/olorin"
)

func waitingJob(lane string) *job { return &job{lane: lane, done: make(chan struct{})} }

func TestFloodedLaneDelaysItself(t *testing.T) {
	q := newQueue(1000)
	for range 200 {
		if err := q.put(waitingJob("flood")); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		if err := q.put(waitingJob(fmt.Sprint("quiet-", i))); err != nil {
			t.Fatal(err)
		}
	}
	quiet := 0
	for _, j := range q.take(20) {
		if j.lane != "flood" {
			quiet++
		}
	}
	if quiet != 10 {
		t.Errorf("%d of 10 quiet lanes were served with the first 20", quiet)
	}
}

func TestFullQueueRefuses(t *testing.T) {
	q := newQueue(8)
	fill := func(lane string) (n int) {
		for {
			err := q.put(waitingJob(lane))
			if err == nil {
				n++
				continue
			}
			if olorin.CodeOf(err) != olorin.CodeUnavailable {
				t.Fatalf("lane %s: %v", lane, err)
			}
			return n
		}
	}
	if a, b, c, d, e := fill("a"), fill("b"), fill("c"), fill("d"), fill("e"); a != 2 || b != 2 || c != 2 || d != 2 || e != 0 {
		t.Errorf("the lanes took %d %d %d %d %d", a, b, c, d, e)
	}
	q.take(1)
	if n := fill("e"); n != 1 {
		t.Errorf("after one was taken there was room for %d", n)
	}
}

// What comes out is what went in and was not withdrawn: once each, in order within a lane, and no lane twice before another once.
func TestQueueKeepsEveryJob(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		q := newQueue(1 << 20)
		var (
			number  = map[*job]int{}
			inside  []*job
			last    = map[string]int{}
			waiting = map[string]int{}
		)
		for n := range rapid.IntRange(1, 200).Draw(r, "steps") {
			switch rapid.IntRange(0, 5).Draw(r, "step") {
			case 0:
				batch := q.take(rapid.IntRange(1, 10).Draw(r, "batch"))
				served := map[string]int{}
				for _, j := range batch {
					if number[j] <= last[j.lane] && last[j.lane] > 0 {
						r.Fatalf("lane %s: %d after %d", j.lane, number[j], last[j.lane])
					}
					last[j.lane] = number[j]
					served[j.lane]++
					waiting[j.lane]--
					if q.withdraw(j) {
						r.Fatal("a job that was taken was withdrawn")
					}
				}
				for lane, left := range waiting {
					for other, times := range served {
						if left > 0 && times > served[lane]+1 {
							r.Fatalf("lane %s was served %d times and %s %d times, which has %d more", other, times, lane, served[lane], left)
						}
					}
				}
			case 1:
				if len(inside) > 0 {
					j := rapid.SampledFrom(inside).Draw(r, "withdrawn")
					if q.withdraw(j) {
						waiting[j.lane]--
					}
				}
			default:
				j := waitingJob(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(r, "lane"))
				number[j] = n + 1
				if err := q.put(j); err != nil {
					r.Fatal(err)
				}
				inside = append(inside, j)
				waiting[j.lane]++
			}
			total := 0
			for _, left := range waiting {
				total += left
			}
			if got, _ := q.state(); got != total {
				r.Fatalf("%d wait, want %d", got, total)
			}
		}
		left, _ := q.state()
		if got := len(q.take(1 << 20)); got != left || len(q.lanes) != 0 || len(q.turn) != 0 {
			r.Fatalf("%d of %d came out at the end; %d lanes are left", got, left, len(q.lanes))
		}
	})
}
