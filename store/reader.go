package store

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

// reader reads on connections that cannot write. No read transaction outlives a call.
type reader struct {
	pool       *sql.DB
	gate       gate
	damage     *damage
	mu         sync.Mutex // protects statements
	statements map[string]*sql.Stmt
}

func newReader(ctx context.Context, src source, n int) (*reader, error) {
	pool, err := sql.Open("sqlite", src.readerDSN())
	if err != nil {
		return nil, translate("open the database", err)
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, translate("open the database", err)
	}
	return &reader{pool: pool, damage: &damage{}, statements: map[string]*sql.Stmt{}}, nil
}

func (r *reader) stop() error { return r.pool.Close() }

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
	defer r.gate.enter(ctx)()
	s, err := r.prepare(ctx, query)
	if err != nil {
		return err
	}
	return r.damage.note(s.QueryRowContext(ctx, args...).Scan(dest...))
}

// each calls visit for every row until it returns false or an error. The query is one of few fixed texts.
func (r *reader) each(ctx context.Context, visit func(scan func(...any) error) (bool, error), query string, args ...any) error {
	defer r.gate.enter(ctx)()
	s, err := r.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return r.damage.note(err)
	}
	return r.damage.note(walk(rows, visit))
}

// eachOf is each for a query made for the occasion; its statement is not kept.
func (r *reader) eachOf(ctx context.Context, visit func(scan func(...any) error) (bool, error), query string, args ...any) error {
	defer r.gate.enter(ctx)()
	rows, err := r.pool.QueryContext(ctx, query, args...)
	if err != nil {
		return r.damage.note(err)
	}
	return r.damage.note(walk(rows, visit))
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
		d.found.CompareAndSwap(nil, &err)
	}
	return err
}

// err is the first such error, or nil.
func (d *damage) err() error {
	if first := d.found.Load(); first != nil {
		return *first
	}
	return nil
}
