package peer

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// pollers are clients that poll cases of one server at a fixed pace, each as a user of its own.
type pollers struct {
	mu     sync.Mutex // protects all below
	took   []time.Duration
	polls  [][]answered // of each client
	errors []error
	reads  int64         // statements that the server asked of its database meanwhile
	cpu    time.Duration // that it used
}

// answered is one poll, and the newest event that its client had afterwards.
type answered struct {
	began, ended time.Time
	upTo         int64
}

// poll has n clients poll until the time is over, every interval, in step with nobody. Client i follows case i modulo cases, from its newest event on.
func poll(b *testing.B, s *server, n, cases int, interval, length time.Duration) *pollers {
	b.Helper()
	p := &pollers{polls: make([][]answered, n)}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}, Timeout: time.Minute}
	defer client.CloseIdleConnections()
	start := make(chan struct{})
	var wait sync.WaitGroup
	var ready atomic.Int64
	for i := range n {
		if _, err := fmt.Fprintln(s.stdin, "token", i); err != nil {
			b.Fatal(err)
		}
		token := s.line()
		wait.Go(func() {
			one := &polling{client: client, url: fmt.Sprintf("http://%s/api/v1/wizard/case-%d/poll", s.address, i%cases), token: token}
			err := one.ask(1_000_000_000) // a cursor of the future is answered by the state: the client begins there, and the connection is open
			ready.Add(1)
			<-start
			one.polls = one.polls[len(one.polls)-1:]
			next := time.Now().Add(interval * time.Duration(i) / time.Duration(n))
			for end := time.Now().Add(length); err == nil && next.Before(end); next = next.Add(interval) {
				time.Sleep(time.Until(next))
				err = one.ask(one.cursor)
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			p.polls[i] = one.polls
			for _, a := range one.polls[1:] {
				p.took = append(p.took, a.ended.Sub(a.began))
			}
			if err != nil {
				p.errors = append(p.errors, err)
			}
		})
	}
	for ready.Load() < int64(n) {
		time.Sleep(10 * time.Millisecond)
	}
	reads, used := s.ask("reads")[0], s.cpu()
	close(start)
	wait.Wait()
	p.reads, p.cpu = s.ask("reads")[0]-reads, s.cpu()-used
	for _, err := range p.errors[:min(len(p.errors), 3)] {
		b.Errorf("%d clients failed: %v", len(p.errors), err)
	}
	return p
}

// polling is one client.
type polling struct {
	client *http.Client
	url    string
	token  string
	cursor int64
	polls  []answered
}

func (c *polling) ask(cursor int64) error {
	began := time.Now()
	err := c.send(cursor)
	c.polls = append(c.polls, answered{began, time.Now(), c.cursor})
	return err
}

func (c *polling) send(cursor int64) error {
	r, err := http.NewRequest(http.MethodGet, c.url+"?cursor="+strconv.FormatInt(cursor, 10), nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("If-None-Match", `"`+strconv.FormatInt(cursor, 10)+`"`)
	answer, err := c.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusNotModified:
		return nil
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s", answer.Status, text)
	}
	var d struct {
		Reset      bool
		NextCursor int64 `json:"next_cursor"`
		Events     []struct {
			Seq int64
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	if d.Reset {
		c.cursor = d.NextCursor
		return nil
	}
	for _, e := range d.Events {
		if e.Seq != c.cursor+1 {
			return fmt.Errorf("event %d came after %d", e.Seq, c.cursor)
		}
		c.cursor = e.Seq
	}
	return nil
}

// seen follows each event from the moment when its writer could know that it is committed: how long until each client had it, and how
// often a poll that began later did not bring it. commits are triples of case, event and nanoseconds.
func (p *pollers) seen(commits []int64, cases int) (lag []time.Duration, missed int) {
	for i, polls := range p.polls {
		for triple := range slices.Chunk(commits, 3) {
			at, seq := time.Unix(0, triple[2]), triple[1]
			if int(triple[0]) != i%cases || seq <= polls[0].upTo {
				continue
			}
			came := slices.IndexFunc(polls, func(a answered) bool { return a.upTo >= seq })
			if came < 0 {
				continue // the client had gone by then
			}
			lag = append(lag, polls[came].ended.Sub(at))
			if polls[came-1].began.After(at) {
				missed++
			}
		}
	}
	return lag, missed
}

// BenchmarkPollsWhileRunsWrite has 1,000 clients of 1,000 users poll every 500 ms while 50 cases get 10 events a second each, committed with
// FULL. Every client must get every event of its case, once and in order, and none may be refused. lag is from the commit of an event to its
// receipt. An event is seen within one interval where the first poll that begins after its commit brings it; missed counts those that do not.
func BenchmarkPollsWhileRunsWrite(b *testing.B) {
	const clients, cases, interval, seconds = 1000, 50, 500 * time.Millisecond, 15
	for range b.N {
		s := startServer(b, "olorin")
		s.ask(fmt.Sprintf("cases %d 1", cases))
		s.ask(fmt.Sprintf("write %d 10 %d", cases, seconds))
		p := poll(b, s, clients, cases, interval, (seconds-3)*time.Second) // connecting takes the first moments of the writing
		written := s.ask("written")
		lag, missed := p.seen(s.ask("commits"), cases)
		if missed > 0 {
			b.Errorf("%d events were not in the first poll after their commit", missed)
		}
		b.ReportMetric(float64(len(p.took)), "polls")
		b.ReportMetric(float64(len(p.errors)), "errors")
		b.ReportMetric(float64(len(lag)), "events")
		b.ReportMetric(ms(percentile(p.took, 50)), "poll-p50-ms")
		b.ReportMetric(ms(percentile(p.took, 99)), "poll-p99-ms")
		b.ReportMetric(ms(percentile(lag, 50)), "lag-p50-ms")
		b.ReportMetric(ms(percentile(lag, 99)), "lag-p99-ms")
		b.ReportMetric(ms(slices.Max(lag)), "lag-max-ms")
		b.ReportMetric(float64(missed), "missed")
		b.ReportMetric(float64(written[2])/1000, "save-p99-ms")
		b.ReportMetric(0, "ns/op")
	}
}

// BenchmarkGrowth has 200 clients or more poll every 500 ms, where nothing is new, while one thing grows: how many cases are polled, or how long
// their logs are. reads are the statements that the server asked of its database, for each poll.
func BenchmarkGrowth(b *testing.B) {
	for _, at := range []struct{ cases, events int }{{1, 10}, {10, 10}, {200, 10}, {1000, 10}, {1, 1000}, {1, 100_000}} {
		b.Run(fmt.Sprintf("cases=%d/events=%d", at.cases, at.events), func(b *testing.B) {
			for range b.N {
				s := startServer(b, "olorin")
				s.ask(fmt.Sprintf("cases %d %d", at.cases, at.events))
				p := poll(b, s, min(max(200, at.cases), 1000), at.cases, 500*time.Millisecond, 4*time.Second)
				b.ReportMetric(float64(p.reads)/float64(len(p.took)), "reads/poll")
				b.ReportMetric(float64(p.cpu.Microseconds())/float64(len(p.took)), "server-cpu-us/poll")
				b.ReportMetric(ms(percentile(p.took, 50)), "p50-ms")
				b.ReportMetric(ms(percentile(p.took, 99)), "p99-ms")
				b.ReportMetric(float64(s.memory())/(1<<20), "server-MB")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
