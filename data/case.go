package data

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/olorin-dev/olorin"
)

// Selection is what a case is about. Without entities it is the whole file, to rank what is in it.
type Selection struct {
	Entities []olorin.Entity
	Mode     olorin.CorrelationMode
	From, To olorin.Time // [From, To) by the second; zero is open
}

// SelectionOf is what the settings of an investigation select in a data set.
func SelectionOf(s olorin.Settings, d olorin.Dataset) Selection {
	newest := olorin.Time{}
	if d.LastEventAt != nil {
		newest = *d.LastEventAt
	}
	from, to := s.TimeRange.Resolve(newest)
	return Selection{Entities: s.Entities, Mode: s.CorrelationMode, From: from, To: to}
}

// Counts says how many rows a case has.
type Counts struct {
	Rows    int64 // of the file
	Own     int64 // of the subjects of the rows in scope, at any time
	InScope int64 // match the selection
	Peers   int64 // subjects in the sample of peers, not rows
}

// Case is the events of one data set, as a selection sees them. Its DuckDB instance runs in a process of its own and can reach nothing but
// these events.
//
// Queries see three relations with all columns of the canonical schema: events, every row; own, the rows whose subject occurs among the
// rows in scope (and rows in scope that have no subject); and cohort, which is own, told by mine, and a sample of whole subjects, told by
// peer. Where the selection has no entities, own and cohort are every row. In all, in_scope tells whether the row matches the selection,
// and parts of which of its entities such a row is, as a sum of 1 for the first, 2 for the second, 4 for the third and so on; login tells
// whether it is a log-in by its event_type (null where there is none), and login_failed whether it is one that failed; refunded tells by event_type
// and status whether it gives money back, and paid that it does not and was not refused; card is the card number where it tells one card from
// all others, also where only its hash does, and null where the file has it masked.
//
// A fourth, lists(name, kind, entity_type, value, note), has of every list that was there when the case was opened the values that occur in the
// file, in the form that events have them in; networks and domains stand there as the addresses that they hold. A Case is safe for concurrent use.
type Case struct {
	engine    *Engine
	opening   opening
	workspace *workspace
	statement time.Duration
	opened    opened
	step      int64

	// turns are what queries hold while they run: one each, or all of them.
	turns *semaphore.Weighted

	mu     sync.Mutex // guards what follows
	child  *child     // may have ended
	closed bool
}

// allTurns is more than there are queries at once.
const allTurns = 1 << 20

// PeerOf is the n of "one in n": a subject whose hash it divides is in the sample of peers. The sample does not depend on the selection.
func (c *Case) PeerOf() uint64 { return c.opened.Counts.peerOf() }

// Step is what the times of events are whole multiples of, in seconds; 0 where they tell seconds, or it is not known.
func (c *Case) Step() int64 { return c.step }

// peerSample is about how many rows the peers of a cohort have.
const peerSample = 20_000

func (n Counts) peerOf() uint64 { return uint64(max(1, n.Rows/peerSample)) }

// OpenCase opens the events of a data set for the checks of one case. Entities of a kind that the file has no column for match nothing.
func (e *Engine) OpenCase(ctx context.Context, d olorin.Dataset, sel Selection) (_ *Case, err error) {
	w, err := e.workspace()
	if err != nil {
		return nil, err
	}
	lists, err := e.Lists()
	if err != nil {
		return nil, errors.Join(err, w.remove())
	}
	c := &Case{engine: e, opening: opening{filesetOf(d), sel, lists, w.dir}, workspace: w, statement: e.lim.Statement, step: d.Step("event_time"), turns: semaphore.NewWeighted(allTurns)}
	if _, err := c.live(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// live returns the case's process. Where that has ended, there is another.
func (c *Case) live(ctx context.Context) (*child, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errors.New("the case is closed")
	}
	if c.child != nil {
		select {
		case <-c.child.done:
			c.child.close()
		default:
			return c.child, nil
		}
	}
	fresh, err := start(nil)
	if err != nil {
		return nil, err
	}
	first := c.child == nil
	c.child = fresh
	told, err := perform[opened](ctx, c.engine, fresh, "open", c.opening)
	if err != nil {
		fresh.kill()
		return nil, engineFailed(err)
	}
	if first { // another process opens the same, and who asks the case meanwhile holds no lock
		c.opened = told
	}
	return fresh, nil
}

// Has tells whether the file has a canonical column; also for the columns that are derived from one.
func (c *Case) Has(column string) bool {
	switch column {
	case "row", "row_key", "in_scope", "parts":
		return true
	case "t":
		column = "event_time"
	case "status_ok":
		column = "status"
	case "login", "login_failed", "refunded":
		column = "event_type"
	case "paid", "outgoing", "came":
		column = "amount"
	case "card":
		column = "card_number"
	case "subject":
		return c.opened.Subject != ""
	}
	return c.opened.Present[column] != ""
}

// Subject returns the column that tells whose row it is, or "".
func (c *Case) Subject() string { return c.opened.Subject }

// Entities returns what the case is about, in the order of the column parts.
func (c *Case) Entities() []olorin.Entity { return c.opening.Selection.Entities }

// Counts says how many rows the case has.
func (c *Case) Counts() Counts { return c.opened.Counts }

// Presence says how many rows of the file are of each entity of the case, at any time.
func (c *Case) Presence() []olorin.EntityPresence {
	out := make([]olorin.EntityPresence, len(c.opened.Found))
	for i, e := range c.Entities() {
		out[i] = olorin.EntityPresence{Type: e.Type, Value: e.Value, Rows: c.opened.Found[i]}
	}
	return out
}

// Lists returns the lists that the case was opened with.
func (c *Case) Lists() []olorin.List { return c.opening.Lists }

// Query runs one SELECT and calls each for every row of its result, by column name; each must not query itself. Values are nil, bool, int64,
// float64 (also for DECIMAL), string, time.Time (UTC), []any or map[string]any. Named parameters are written $name; those that the query
// does not use are left out. The end of ctx interrupts the query, and so does the limit on statements, as context.DeadlineExceeded.
//
// A query that ends the case's process fails alone, with CodeEngineFailed. It cannot be known which of several it was, so each that had given no
// row yet is asked once more with the process to itself.
func (c *Case) Query(ctx context.Context, query string, params map[string]any, each func(map[string]any) error) error {
	if c.statement > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.statement, fmt.Errorf("the query took longer than %s: %w", c.statement, context.DeadlineExceeded))
		defer cancel()
	}
	begun, err := c.query(ctx, 1, query, params, each)
	if _, ended := errors.AsType[*died](err); ended && !begun {
		_, err = c.query(ctx, allTurns, query, params, each)
	}
	return engineFailed(err)
}

// query tells whether it gave rows to each.
func (c *Case) query(ctx context.Context, turns int64, query string, params map[string]any, each func(map[string]any) error) (begun bool, err error) {
	if c.turns.Acquire(ctx, turns) != nil {
		return false, context.Cause(ctx)
	}
	defer c.turns.Release(turns)
	process, err := c.live(ctx)
	if err != nil {
		return false, err
	}
	var names []string
	_, err = process.ask(ctx, askQuery, appendValue(appendString(nil, query), params), func(kind byte, payload []byte) error {
		switch kind {
		case tellCols:
			return json.Unmarshal(payload, &names)
		case tellRows:
			for r := (values{b: payload}); len(r.b) > 0 && len(names) > 0; {
				row := make(map[string]any, len(names))
				for _, name := range names {
					row[name] = r.value(0)
				}
				if r.bad {
					return errGarbled
				}
				begun = true
				if err := each(row); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return begun, err
}

// engineFailed says of a process's end what a client may know.
func engineFailed(err error) error {
	if d, ok := errors.AsType[*died](err); ok {
		return &olorin.Error{Code: olorin.CodeEngineFailed, Message: d.Error()}
	}
	return err
}

// Rows returns rows by their numbers, in the order of (t, row_key), with the canonical columns that the file has. Values are null, text,
// boolean or a float64; times are RFC 3339. Numbers that the file does not have are passed over.
func (c *Case) Rows(ctx context.Context, numbers []int64) ([]olorin.EvidenceRow, error) {
	out := []olorin.EvidenceRow{}
	if len(numbers) == 0 {
		return out, nil
	}
	err := c.EachRow(ctx, Numbers(numbers), nil, func(row olorin.EvidenceRow) error {
		out = append(out, row)
		return nil
	})
	return out, err
}

// Numbers is a query that gives numbers of rows, for EachRow and Filled.
func Numbers(numbers []int64) string {
	list := make([]string, len(numbers))
	for i, n := range numbers {
		list[i] = fmt.Sprintf("(%d)", n)
	}
	return "SELECT n FROM (VALUES " + strings.Join(list, ", ") + ") AS wanted(n)"
}

// EachRow calls each for every row whose number a query gives, as Rows returns them.
func (c *Case) EachRow(ctx context.Context, numbers string, params map[string]any, each func(olorin.EvidenceRow) error) error {
	names := c.columns()
	asFiled := slices.Clone(names)
	if i := slices.Index(asFiled, "amount"); i >= 0 && c.opened.Turned {
		asFiled[i] = turned + " AS amount"
	}
	query := fmt.Sprintf(`SELECT %s FROM events WHERE "row" IN (%s) ORDER BY t NULLS LAST, row_key`, strings.Join(append([]string{`"row"`}, asFiled...), ", "), numbers)
	return c.Query(ctx, query, params, func(row map[string]any) error {
		fields := make(map[string]any, len(names))
		for _, name := range names {
			switch v := row[name].(type) {
			case time.Time:
				fields[name] = olorin.At(v).String()
			case int64:
				fields[name] = float64(v)
			default:
				fields[name] = v
			}
		}
		number, _ := row["row"].(int64)
		return each(olorin.EvidenceRow{Row: number, Fields: fields})
	})
}

// Filled lists the canonical columns in which any of the rows has a value whose numbers a query gives.
func (c *Case) Filled(ctx context.Context, numbers string, params map[string]any) ([]string, error) {
	names := c.columns()
	if len(names) == 0 {
		return nil, nil
	}
	counts := make([]string, len(names))
	for i, name := range names {
		counts[i] = fmt.Sprintf("count(nullif(%s::VARCHAR, '')) AS %s", name, name)
	}
	var filled []string
	err := c.Query(ctx, fmt.Sprintf(`SELECT %s FROM events WHERE "row" IN (%s)`, strings.Join(counts, ", "), numbers), params, func(row map[string]any) error {
		for _, name := range names {
			if n, _ := row[name].(int64); n > 0 {
				filled = append(filled, name)
			}
		}
		return nil
	})
	return filled, err
}

// columns are the canonical columns that the file has.
func (c *Case) columns() []string {
	var names []string
	for i := range Columns {
		if c.opened.Present[Columns[i].Name] != "" {
			names = append(names, Columns[i].Name)
		}
	}
	return names
}

// Close ends the case. Queries must have ended.
func (c *Case) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.child != nil {
		c.child.close()
	}
	return c.workspace.remove()
}
