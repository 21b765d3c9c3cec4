package store_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/pgtest"
	"github.com/olorin-dev/olorin/store/storetest"
)

// register is what a history of versioned saves is about: a version, and the name that it has.
type register struct {
	Version int64
	Name    string
}

// operation is one call: a read, or a save of a name. IfMatch is the version that the save wants, 0 for any.
type operation struct {
	Kind    string `json:"kind"` // "read" or "save"
	Case    string `json:"case"`
	Name    string `json:"name,omitempty"`
	IfMatch int64  `json:"if_match,omitempty"`
}

// answer is what came of it. Unknown: it may have been done, or not, or not yet.
type answer struct {
	Unknown  bool   `json:"unknown,omitempty"`
	Conflict bool   `json:"conflict,omitempty"`
	Version  int64  `json:"version"` // written, read, or the one that stood in the way
	Name     string `json:"name,omitempty"`
}

// saves is the sequential specification of one investigation under saves and reads.
var saves = porcupine.NondeterministicModel{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byCase := map[string][]porcupine.Operation{}
		for _, o := range history {
			id := o.Input.(operation).Case
			byCase[id] = append(byCase[id], o)
		}
		return slices.Collect(maps.Values(byCase))
	},
	Init: func() []any { return []any{register{Version: 1}} },
	Step: func(state, input, output any) []any {
		now, op, out := state.(register), input.(operation), output.(answer)
		if op.Kind == "read" {
			// The name of version 1 is not one that was saved.
			if out.Unknown || out.Version == now.Version && (out.Name == now.Name || now.Version == 1) {
				return []any{now}
			}
			return nil
		}
		fits := op.IfMatch == 0 || op.IfMatch == now.Version
		next := register{now.Version + 1, op.Name}
		switch {
		case out.Unknown && fits:
			return []any{now, next}
		case out.Unknown:
			return []any{now}
		case out.Conflict && !fits && out.Version == now.Version:
			return []any{now}
		case !out.Conflict && fits && out.Version == next.Version:
			return []any{next}
		}
		return nil
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
}

// linear tells whether a history can be explained by one order that respects real time. The search is bounded only so that a test ends.
func linear(t *testing.T, history []porcupine.Operation) bool {
	t.Helper()
	switch verdict := porcupine.CheckOperationsTimeout(saves.ToModel(), history, 5*time.Minute); verdict {
	case porcupine.Ok:
		return true
	case porcupine.Illegal:
		return false
	default:
		t.Fatalf("the search in %d operations did not end: %v", len(history), verdict)
		return false
	}
}

func TestTheModelRefusesWhatMustNotBe(t *testing.T) {
	save := func(from, to, ifMatch int64, out answer) porcupine.Operation {
		return porcupine.Operation{Input: operation{Kind: "save", Case: "a", Name: fmt.Sprint("n", from), IfMatch: ifMatch}, Output: out, Call: from, Return: to}
	}
	read := func(from, to int64, out answer) porcupine.Operation {
		return porcupine.Operation{Input: operation{Kind: "read", Case: "a"}, Output: out, Call: from, Return: to}
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"one after another":        {[]porcupine.Operation{save(1, 2, 1, answer{Version: 2}), read(3, 4, answer{Version: 2, Name: "n1"})}, true},
		"both won":                 {[]porcupine.Operation{save(1, 9, 1, answer{Version: 2}), save(2, 8, 1, answer{Version: 2})}, false},
		"an old read":              {[]porcupine.Operation{save(1, 2, 1, answer{Version: 2}), read(3, 4, answer{Version: 1})}, false},
		"an acknowledged one lost": {[]porcupine.Operation{save(1, 2, 0, answer{Version: 2}), save(3, 4, 0, answer{Version: 2})}, false},
		"in doubt and done":        {[]porcupine.Operation{save(1, math.MaxInt64, 0, answer{Unknown: true}), read(3, 4, answer{Version: 2, Name: "n1"})}, true},
		"in doubt and not done":    {[]porcupine.Operation{save(1, math.MaxInt64, 0, answer{Unknown: true}), read(3, 4, answer{Version: 1})}, true},
		"in doubt, done, undone": {[]porcupine.Operation{
			save(1, math.MaxInt64, 0, answer{Unknown: true}), read(3, 4, answer{Version: 2, Name: "n1"}), read(5, 6, answer{Version: 1}),
		}, false},
		"a needless conflict": {[]porcupine.Operation{save(1, 2, 1, answer{Conflict: true, Version: 1})}, false},
	} {
		if got := linear(t, c.history); got != c.want {
			t.Errorf("%s: the model says %t", name, got)
		}
	}
}

// linearChild is set in a process that makes a part of a history, with the address of the database.
const linearChild = "OLORIN_TEST_LINEAR_CHILD"

const linearCases, linearClients = 5, 4

// record is a line of a child: a call, or its answer. Nanos are of the machine's clock, which all processes share.
type record struct {
	Number int64     `json:"n"`
	Call   operation `json:"call,omitzero"`
	Answer *answer   `json:"answer,omitempty"`
	Nanos  int64     `json:"at"`
}

// saveUntilKilled saves and reads from several goroutines and says on stdout what it does. It ends with stdin.
func saveUntilKilled(url string) error {
	ctx := context.Background()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(4) // the test has ended
	}()
	db, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		return err
	}
	desk := storetest.NewDesk(db)
	var (
		mu     sync.Mutex
		out    = json.NewEncoder(os.Stdout)
		number atomic.Int64
	)
	say := func(r record) {
		mu.Lock()
		defer mu.Unlock()
		_ = out.Encode(r)
	}
	var wait sync.WaitGroup
	for range linearClients {
		wait.Go(func() {
			known := map[string]int64{}
			away := false // the database: until it answers a read nothing is saved, or the history fills with saves in doubt
			for {
				op := operation{Kind: "save", Case: fmt.Sprint("case-", rand.IntN(linearCases))}
				n := number.Add(1)
				switch {
				case away || rand.IntN(3) == 0:
					op.Kind = "read"
				case rand.IntN(2) == 0 && known[op.Case] > 0:
					op.IfMatch = known[op.Case]
				}
				if op.Kind == "save" {
					op.Name = fmt.Sprintf("%d-%d", os.Getpid(), n)
				}
				say(record{Number: n, Call: op, Nanos: time.Now().UnixNano()})
				a := perform(ctx, db, desk, op)
				say(record{Number: n, Answer: &a, Nanos: time.Now().UnixNano()})
				if away = a.Unknown; away {
					time.Sleep(20 * time.Millisecond)
				} else {
					known[op.Case] = a.Version
				}
			}
		})
	}
	wait.Wait()
	return nil
}

func perform(ctx context.Context, db *store.DB, desk *olorin.Desk, op operation) answer {
	if op.Kind == "read" {
		inv, err := db.Investigation(ctx, op.Case)
		if err != nil {
			return answer{Unknown: true}
		}
		return answer{Version: inv.Version, Name: inv.Name}
	}
	condition := olorin.Condition{}
	if op.IfMatch > 0 {
		condition.IfMatch = &op.IfMatch
	}
	changed, err := desk.Save(ctx, storetest.Ana, op.Case, olorin.Save{Name: &op.Name}, condition)
	if err == nil {
		return answer{Version: changed.Investigation.Version}
	}
	if refused, ok := errors.AsType[*olorin.Error](err); ok && refused.Code == olorin.CodeStale && refused.Current != nil {
		return answer{Conflict: true, Version: refused.Current.Version}
	}
	return answer{Unknown: true}
}

// child is a process that makes a part of a history.
type child struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	stderr  strings.Builder
	ops     []porcupine.Operation
	ended   chan struct{}
	answers atomic.Int64
}

func startChild(t *testing.T, url string, id int) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: exec.Command(self), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), linearChild+"="+url)
	c.cmd.Stderr = &c.stderr
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		index := map[int64]int{}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var r record
			if json.Unmarshal(lines.Bytes(), &r) != nil {
				continue // cut off by the kill
			}
			if r.Answer == nil {
				index[r.Number] = len(c.ops)
				c.ops = append(c.ops, porcupine.Operation{ClientId: id, Input: r.Call, Output: answer{Unknown: true}, Call: r.Nanos, Return: math.MaxInt64})
				continue
			}
			c.answers.Add(1)
			if !r.Answer.Unknown {
				o := &c.ops[index[r.Number]]
				o.Output, o.Return = *r.Answer, r.Nanos
			}
		}
	}()
	return c
}

// await waits until so many more calls are answered.
func (c *child) await(t *testing.T, more int64) {
	t.Helper()
	for from, until := c.answers.Load(), time.Now().Add(2*time.Minute); c.answers.Load() < from+more; {
		select {
		case <-c.ended:
			t.Fatalf("the process ended by itself: %s", c.stderr.String())
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(until) {
			t.Fatalf("%d calls were answered in two minutes: %s", c.answers.Load()-from, c.stderr.String())
		}
	}
}

// kill ends the process and gives its part of the history.
func (c *child) kill(t *testing.T) []porcupine.Operation {
	t.Helper()
	if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.ended
	_ = c.cmd.Wait()
	_ = c.stdin.Close()
	return slices.DeleteFunc(c.ops, func(o porcupine.Operation) bool {
		return o.Input.(operation).Kind == "read" && o.Output.(answer).Unknown // says nothing
	})
}

// savesUnderFaults has two processes save and read the same investigations, kills them again and again, calls fault in between where it
// is not nil, and checks the history of all.
func savesUnderFaults(t *testing.T, url string, rounds int, fault func(round int)) {
	db := openAt(t, url, store.Options{})
	desk := storetest.NewDesk(db)
	for i := range linearCases {
		storetest.Create(t, desk, fmt.Sprint("case-", i), storetest.Settings(""))
	}
	var history []porcupine.Operation
	for round := range rounds {
		pair := []*child{startChild(t, url, 2*round), startChild(t, url, 2*round+1)}
		for _, c := range pair {
			c.await(t, 40)
		}
		if fault != nil {
			fault(round)
			for _, c := range pair {
				c.await(t, 40)
			}
		}
		for _, c := range pair {
			c.await(t, int64(rand.IntN(20)))
			history = append(history, c.kill(t)...)
		}
	}
	for i := range linearCases {
		from := time.Now().UnixNano()
		inv, err := db.Investigation(t.Context(), fmt.Sprint("case-", i))
		if err != nil {
			t.Fatal(err)
		}
		history = append(history, porcupine.Operation{
			Input: operation{Kind: "read", Case: inv.ID}, Output: answer{Version: inv.Version, Name: inv.Name}, Call: from, Return: time.Now().UnixNano(),
		})
	}
	if !linear(t, history) {
		t.Error("no order of the calls explains their answers")
	}
	count := map[string]int{}
	for _, o := range history {
		out := o.Output.(answer)
		switch {
		case out.Unknown:
			count["in doubt"]++
		case out.Conflict:
			count["refused"]++
		default:
			count[o.Input.(operation).Kind]++
		}
	}
	if count["save"] == 0 || count["read"] == 0 || count["refused"] == 0 || count["in doubt"] == 0 {
		t.Errorf("the history does not hold one of each: %v", count)
	}
	storetest.Whole(t, db)
	t.Logf("linearizable: %d operations of %d killed processes: %v", len(history), 2*rounds, count)
}

func TestSavesAreLinearizableOnSQLite(t *testing.T) {
	if store.Unraced(t) {
		return
	}
	savesUnderFaults(t, newFile(t), 8, nil)
}

func TestSavesAreLinearizableOnPostgres(t *testing.T) {
	if store.Unraced(t) {
		return
	}
	server := pgtest.Start(t)
	url := server.Database(t, "linear")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	savesUnderFaults(t, url, 4, func(round int) {
		if round%2 == 0 {
			server.Kill(t)
			server.Restart(t)
		}
	})
}
