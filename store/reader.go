package store

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/olorin-dev/olorin"
)

// reader reads on connections that cannot write. No read transaction outlives a call.
type reader struct {
	pool       *sql.DB
	gate       gate
	damage     *damage
	echo       *echo
	places     chan struct{} // one for each connection
	wait       time.Duration // for a place
	longest    time.Duration // a statement may take; 0: as long as its caller waits
	mu         sync.Mutex    // protects statements
	statements map[string]*sql.Stmt
}

func newReader(ctx context.Context, src source, o Options) (*reader, error) {
	pool, err := src.dialect.open(src, reading, o)
	if err != nil {
		return nil, translate("open the database", err)
	}
	pool.SetMaxOpenConns(o.Readers)
	pool.SetMaxIdleConns(max(o.Idle, 1))
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, translate("open the database", err)
	}
	return &reader{
		pool: pool, damage: &damage{}, echo: newEcho(o.Echo), places: make(chan struct{}, o.Readers), wait: o.PoolWait, longest: o.StatementTimeout,
		statements: map[string]*sql.Stmt{},
	}, nil
}

func (r *reader) stop() error { return r.pool.Close() }

// enter waits for a connection and returns the context to read by, which ends after longest unless that is 0, and how to leave.
func (r *reader) enter(ctx context.Context, query string, longest time.Duration) (context.Context, func(), error) {
	leave := r.gate.enter(ctx)
	select {
	case r.places <- struct{}{}:
	default:
		if err := r.queue(ctx); err != nil {
			leave()
			return nil, nil, err
		}
	}
	done := context.CancelFunc(func() {})
	if longest > 0 {
		ctx, done = context.WithTimeout(ctx, longest)
	}
	told := r.echo.statement(query)
	return ctx, func() {
		told()
		done()
		<-r.places
		leave()
	}, nil
}

// queue waits for a place where all are taken.
func (r *reader) queue(ctx context.Context) error {
	var late <-chan time.Time
	if r.wait > 0 {
		timer := time.NewTimer(r.wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case r.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-late:
		return olorin.Errorf(olorin.CodeUnavailable, "all %d connections to read the database were in use for %s (DB_POOL_SIZE, DB_MAX_OVERFLOW, DB_POOL_TIMEOUT); try again", cap(r.places), r.wait)
	}
}

// prepare returns the statement of a query, kept for as long as the pool.
func (r *reader) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	s, ok := r.statements[query]
	r.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := r.pool.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, ok := r.statements[query]; ok {
		_ = s.Close()
		return first, nil
	}
	r.statements[query] = s
	return s, nil
}

// row reads one row; sql.ErrNoRows where there is none. The query is one of few fixed texts.
func (r *reader) row(ctx context.Context, dest []any, query string, args ...any) error {
	ctx, leave, err := r.enter(ctx, query, r.longest)
	if err != nil {
		return err
	}
	defer leave()
	s, err := r.prepare(ctx, query)
	if err != nil {
		return r.damage.note(err)
	}
	return r.damage.note(s.QueryRowContext(ctx, args...).Scan(dest...))
}

// each calls visit for every row until it returns false or an error. The query is one of few fixed texts.
func (r *reader) each(ctx context.Context, visit func(scan func(...any) error) (bool, error), query string, args ...any) error {
	ctx, leave, err := r.enter(ctx, query, r.longest)
	if err != nil {
		return err
	}
	defer leave()
	s, err := r.prepare(ctx, query)
	if err != nil {
		return r.damage.note(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return r.damage.note(err)
	}
	return r.damage.note(walk(rows, visit))
}

// eachOf is each for a query made for the occasion; its statement is not kept.
func (r *reader) eachOf(ctx context.Context, visit func(scan func(...any) error) (bool, error), query string, args ...any) error {
	ctx, leave, err := r.enter(ctx, query, r.longest)
	if err != nil {
		return err
	}
	defer leave()
	rows, err := r.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return r.damage.note(err)
	}
	return r.damage.note(walk(rows, visit))
}

// nums reads the numbers that a query made for the occasion selects.
func (r *reader) nums(ctx context.Context, query string, args ...any) (nums []int64, err error) {
	err = r.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		var num int64
		err := scan(&num)
		nums = append(nums, num)
		return true, err
	}, query, args...)
	return nums, err
}

func walk(rows *sql.Rows, visit func(scan func(...any) error) (bool, error)) error {
	defer rows.Close() //nolint:errcheck // what went wrong is in rows.Err
	for rows.Next() {
		more, err := visit(rows.Scan)
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
	return rows.Err()
}

// echo logs each statement with the time it took, and never its values. nil says nothing.
type echo struct{ log *slog.Logger }

func newEcho(log *slog.Logger) *echo {
	if log == nil {
		return nil
	}
	return &echo{log}
}

// statement begins to measure, and returns how to end.
func (e *echo) statement(query string) func() {
	if e == nil {
		return func() {}
	}
	from := time.Now()
	return func() {
		e.log.Info("statement", "sql", strings.Join(strings.Fields(query), " "), "took", time.Since(from))
	}
}

// gate lets the writer hold new readers back for a moment. Most of the time it is open and costs a mutex.
type gate struct {
	mu     sync.Mutex
	inside int           // readers inside
	shutAt chan struct{} // not nil while shut; closed when it opens
	empty  chan struct{} // not nil while the writer waits for the last reader; closed by it
}

// enter waits while the gate is shut, at most until ctx ends, and returns how to leave.
func (g *gate) enter(ctx context.Context) (leave func()) {
	g.mu.Lock()
	for g.shutAt != nil && ctx.Err() == nil {
		opened := g.shutAt
		g.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
		}
		g.mu.Lock()
	}
	g.inside++
	g.mu.Unlock()
	return g.leave
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.inside == 0 && g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

// shut holds new readers back and waits for those inside, at most for the time given. It returns how to open again.
func (g *gate) shut(wait time.Duration) (reopen func()) {
	g.mu.Lock()
	g.shutAt = make(chan struct{})
	var empty chan struct{}
	if g.inside > 0 {
		empty = make(chan struct{})
		g.empty = empty
	}
	g.mu.Unlock()
	if empty != nil {
		timer := time.NewTimer(wait)
		select {
		case <-empty:
		case <-timer.C:
		}
		timer.Stop()
	}
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		close(g.shutAt)
		g.shutAt, g.empty = nil, nil
	}
}

// damage remembers that SQLite found the file damaged: nobody writes into it again.
type damage struct{ found atomic.Pointer[error] }

// note looks at an error on its way out.
func (d *damage) note(err error) error {
	if corrupt(err) {
		return d.is(err)
	}
	return err
}

// is takes an error for damage.
func (d *damage) is(err error) error {
	d.found.CompareAndSwap(nil, &err)
	return err
}

// err is the first such error, or nil.
func (d *damage) err() error {
	if first := d.found.Load(); first != nil {
		return *first
	}
	return nil
}
