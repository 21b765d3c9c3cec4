package store

import (
	"context"
	"sync"

	"github.com/olorin-dev/olorin"
)

// job is one change that waits to be written.
type job struct {
	lane string
	do   func(*tx) error // may run again after a failed transaction: it must set its results anew
	// keep takes the change into memory while the database cannot be written; nil: it is refused then. Where it returns a heldJob the
	// change is written later, by do. Called by the writer goroutine.
	keep func(*hold) (*heldJob, error)
	// written tells whether the change is in the database, after a commit that may have been done without an answer; nil: a look cannot tell.
	written func(context.Context) (bool, error)
	held    bool          // it was taken into memory
	done    chan struct{} // closed when err is final
	err     error

	place place // protected by queue.mu
}

// place is where a job is: it can be withdrawn only while it waits.
type place int

const (
	waiting place = iota
	taken
	withdrawn
)

// queue keeps jobs in lanes, one for each investigation, and hands them out in turn: a lane that floods delays itself.
type queue struct {
	mu     sync.Mutex
	lanes  map[string]*lane // with at least one job
	turn   []*lane          // the same lanes, next first
	length int              // jobs that wait, in all lanes
	limit  int
	closed bool
	wake   chan struct{} // holds one token when there may be something to take
}

type lane struct {
	name   string
	jobs   []*job // withdrawn ones stay until their turn
	length int    // jobs that wait
}

func newQueue(limit int) *queue {
	return &queue{lanes: map[string]*lane{}, limit: limit, wake: make(chan struct{}, 1)}
}

// put adds a job, or refuses it where too many wait.
func (q *queue) put(j *job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return olorin.Errorf(olorin.CodeUnavailable, "the database is closed; nothing was written")
	}
	l := q.lanes[j.lane]
	if q.length >= q.limit || (l != nil && l.length >= max(1, q.limit/4)) {
		return olorin.Errorf(olorin.CodeUnavailable, "too many changes wait to be written; nothing was written, try again in a moment")
	}
	if l == nil {
		l = &lane{name: j.lane}
		q.lanes[j.lane] = l
		q.turn = append(q.turn, l)
	}
	l.jobs = append(l.jobs, j)
	l.length++
	q.length++
	q.signal()
	return nil
}

// withdraw takes a job back, and returns false where it is too late for that.
func (q *queue) withdraw(j *job) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if j.place != waiting {
		return false
	}
	j.place = withdrawn
	q.lanes[j.lane].length--
	q.length--
	return true
}

// take hands out up to n jobs, one of each lane in turn.
func (q *queue) take(n int) []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	var batch []*job
	for len(batch) < n && len(q.turn) > 0 {
		l := q.turn[0]
		q.turn = q.turn[1:]
		for len(l.jobs) > 0 {
			j := l.jobs[0]
			l.jobs[0] = nil
			l.jobs = l.jobs[1:]
			if j.place == waiting {
				j.place = taken
				l.length--
				q.length--
				batch = append(batch, j)
				break
			}
		}
		if len(l.jobs) > 0 {
			q.turn = append(q.turn, l)
		} else {
			delete(q.lanes, l.name)
		}
	}
	return batch
}

// shut refuses jobs from now on; those that wait are still handed out.
func (q *queue) shut() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// state returns how many jobs wait and whether no more will come.
func (q *queue) state() (length int, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.length, q.closed
}
