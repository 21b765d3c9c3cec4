package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/olorin-dev/olorin"
)

// maxBatch is how many changes one transaction takes. More gains nothing: the cost is in pages, not in commits.
const maxBatch = 64

const (
	walGate   = 64 << 20               // past this size of the write-ahead log readers are held back until it is cut
	gateWait  = 200 * time.Millisecond // for at most so long
	walGlance = 64                     // batches between two looks at its size
)

// writer owns the one connection that writes. Changes that wait at the same time are committed together, each under a savepoint
// of its own, and acknowledged after the commit.
type writer struct {
	source  source
	queue   *queue
	hold    *hold
	signer  note.Signer // of the heads of the audit trail; nil: they are not signed
	reader  *reader
	pool    *sql.DB
	tx      tx // of the writer goroutine alone, once it runs
	started bool
	stopped chan struct{}
	ending  context.Context // ends when the writer is to stop
	end     context.CancelFunc
	behind  sync.WaitGroup // what works beside the writer goroutine

	batches, changes, failed, refused, withdrawn, walBytes, truncated atomic.Int64
}

// tx is the transaction under way, as one change sees it.
type tx struct {
	dialect    *dialect
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	echo       *echo
	deadline   time.Time   // zero: none
	tree       *tree       // of the audit trail before this transaction; nil until it is needed
	leaves     []tlog.Hash // of the entries that this transaction has written
}

func newTx(d *dialect, conn *sql.Conn, echo *echo) tx {
	return tx{dialect: d, conn: conn, echo: echo, statements: map[string]*sql.Stmt{}}
}

func newWriter(ctx context.Context, src source, o Options, h *hold) (*writer, error) {
	pool, conn, err := connect(ctx, src, writing, o)
	if err != nil {
		return nil, err
	}
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	return &writer{
		ending: ending, end: end,
		source: src, queue: newQueue(o.Queue), hold: h, signer: o.Signer, pool: pool, tx: newTx(src.dialect, conn, newEcho(o.Echo)), stopped: make(chan struct{}),
	}, nil
}

func (w *writer) start(r *reader) {
	w.reader, w.started = r, true
	go w.run()
}

// stop writes what waits and closes the connection.
func (w *writer) stop() error {
	w.queue.shut()
	if w.started {
		<-w.stopped
	}
	w.end()
	w.behind.Wait()
	w.tx.close()
	return w.pool.Close()
}

func (w *writer) stats() Stats {
	queued, _ := w.queue.state()
	return Stats{
		Queued: queued, Batches: w.batches.Load(), Changes: w.changes.Load(), Failed: w.failed.Load(), Refused: w.refused.Load(),
		Withdrawn: w.withdrawn.Load(), WALBytes: w.walBytes.Load(), Truncated: w.truncated.Load(),
	}
}

// write hands a change to the writer and returns once it is committed, or refused, or given up. What write returns is true:
// a caller whose context ends while the change still waits takes it back, and it is not written; one whose context ends later waits
// for the outcome. Only where the disk failed in the very commit can nobody say what a crash would leave, and the error says so.
//
// Changes of one lane are written in the order in which they came.
func (w *writer) write(ctx context.Context, lane, doing string, do func(*tx) error) error {
	_, err := w.writeOrKeep(ctx, doing, &job{lane: lane, do: do})
	return err
}

// writeOrKeep is write for a change that may go on from memory: the job's keep takes it there, and held says so.
func (w *writer) writeOrKeep(ctx context.Context, doing string, j *job) (held bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, translate(doing, err)
	}
	j.done = make(chan struct{})
	if err := w.queue.put(j); err != nil {
		w.refused.Add(1)
		return false, err
	}
	select {
	case <-j.done:
	case <-ctx.Done():
		if w.queue.withdraw(j) {
			w.withdrawn.Add(1)
			return false, olorin.Errorf(olorin.CodeUnavailable, "could not %s in time; nothing was written: %w", doing, ctx.Err())
		}
		<-j.done
	}
	return j.held, translate(doing, j.err)
}

func (w *writer) run() {
	defer close(w.stopped)
	for n := 1; ; n++ {
		runtime.Gosched() // whoever was just acknowledged may bring the next change into this batch
		w.tryAgain()
		batch := w.queue.take(maxBatch)
		if len(batch) == 0 {
			if waiting, closed := w.queue.state(); closed && waiting == 0 {
				w.lastReplay()
				return
			}
			select {
			case <-w.queue.wake:
			case <-w.hold.retry():
			}
			continue
		}
		w.commit(batch)
		if n%walGlance == 0 {
			w.watchWAL()
		}
	}
}

// commit writes a batch and acknowledges it. Where one change spoiled the transaction for all, such as one that does not fit on the
// disk, each is tried again alone.
func (w *writer) commit(batch []*job) {
	w.hold.blind = false
	switch {
	case w.reader.damage.err() != nil:
		for _, j := range batch {
			j.err = olorin.Errorf(olorin.CodeCorrupt, "the database file is damaged, and nothing is written into it any more: stop the server, restore a backup, or see olorin repair: %w", w.reader.damage.err())
		}
	case w.hold.active():
		for _, j := range batch {
			j.err = errUntried
		}
	case w.attempt(batch) == spoiled:
		for i, j := range batch {
			w.attempt([]*job{j})
			if j.keep != nil && unwritable(j.err) {
				for _, rest := range batch[i+1:] {
					rest.err = errUntried
				}
				break
			}
		}
	}
	for _, j := range batch {
		_ = w.reader.damage.note(j.err)
		w.hold.consider(j)
		if j.err != nil {
			w.failed.Add(1)
		}
		close(j.done)
	}
}

// errInDoubt marks a commit that failed in the disk: it is rolled back here, but its end may have reached the file.
var errInDoubt = errors.New("whether it was written is not certain; read again before you repeat it")

// outcome is what became of a transaction.
type outcome int

const (
	settled outcome = iota // every job's err is final
	spoiled                // one of several jobs failed in a way that ended the transaction; nothing is written
)

// errUntried marks a job that was not tried, as another one showed that the database cannot be written.
var errUntried = errors.New("not tried")

// attempt writes a batch in one transaction and sets the jobs' errors.
func (w *writer) attempt(batch []*job) outcome {
	if err := w.begin(); err != nil {
		for _, j := range batch {
			j.err = err
		}
		return settled
	}
	w.tx.tree, w.tx.leaves = nil, nil
	written := 0
	for _, j := range batch {
		if j.err = w.one(j, len(batch) > 1); j.err == nil {
			written++
		} else if spoils(j.err) && len(batch) > 1 {
			w.rollback()
			return spoiled
		}
	}
	if written == 0 {
		w.rollback()
		return settled
	}
	if err := w.tx.seal(w.signer); err != nil {
		w.rollback()
		if len(batch) > 1 {
			return spoiled
		}
		batch[0].err = err
		return settled
	}
	if err := w.tx.commit(); err != nil {
		w.rollback()
		if !takenBack(err) {
			err = errors.Join(err, errInDoubt)
		}
		// Not tried again one by one: what is in doubt must not be written twice by us.
		for _, j := range batch {
			if j.err == nil {
				j.err = err
			}
		}
		return settled
	}
	w.batches.Add(1)
	w.changes.Add(int64(written))
	return settled
}

// one runs a change, under a savepoint where others share the transaction.
func (w *writer) one(j *job, shared bool) (err error) {
	if shared {
		if err := w.tx.control("SAVEPOINT change"); err != nil {
			return err
		}
	}
	sealed := len(w.tx.leaves)
	err = w.tx.guard(j.do)
	if err != nil {
		w.tx.leaves = w.tx.leaves[:sealed]
	}
	if !shared || spoils(err) {
		return err
	}
	if err != nil {
		if undo := w.tx.control("ROLLBACK TO change"); undo != nil {
			return errors.Join(err, undo)
		}
	}
	return errors.Join(err, w.tx.control("RELEASE change"))
}

// begin opens a transaction, on a new connection where the old one is of no more use: closed, or left inside a transaction.
func (w *writer) begin() error {
	err := w.tx.begin()
	for range 2 {
		if err == nil || spoils(err) && !gone(err) {
			return err
		}
		w.tx.discard()
		conn, connErr := w.pool.Conn(context.Background())
		if connErr != nil {
			return errors.Join(err, connErr)
		}
		w.tx = newTx(w.source.dialect, conn, w.tx.echo)
		err = w.tx.begin()
	}
	return err
}

// rollback ends the transaction. Some errors have ended it already; a connection that is left inside one is replaced by begin.
func (w *writer) rollback() { _ = w.tx.control("ROLLBACK") }

// watchWAL cuts the write-ahead log back once it has outgrown its bound because readers overlapped without a gap: new ones are held
// back for a moment. Only the writer may do this; from elsewhere a TRUNCATE would block it for its whole busy_timeout.
func (w *writer) watchWAL() {
	if !w.source.file() {
		return
	}
	info, err := os.Stat(w.source.path + "-wal")
	if err != nil {
		return
	}
	w.walBytes.Store(info.Size())
	if info.Size() < walGate {
		return
	}
	defer w.reader.gate.shut(gateWait)()
	_ = w.tx.exec(fmt.Sprintf("PRAGMA busy_timeout = %d", gateWait.Milliseconds()))
	var busy, frames, moved int
	if err := w.tx.row([]any{&busy, &frames, &moved}, "PRAGMA wal_checkpoint(TRUNCATE)"); err == nil && busy == 0 {
		w.truncated.Add(1)
		w.walBytes.Store(0)
	}
	_ = w.tx.exec(fmt.Sprintf("PRAGMA busy_timeout = %d", busyMS))
}

// guard keeps the writer alive whatever a change does.
func (t *tx) guard(do func(*tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a change to the database panicked: %v\n%s", r, debug.Stack())
		}
	}()
	return do(t)
}

// begin starts the transaction. On PostgreSQL it ends by itself when patience does: a server that cannot be heard must not stop us.
func (t *tx) begin() error {
	t.deadline = time.Time{}
	if t.dialect.patience > 0 {
		t.deadline = time.Now().Add(t.dialect.patience)
	}
	return t.control(t.dialect.begin)
}

// commit ends the transaction. PostgreSQL answers a COMMIT of a transaction that has failed before with a rollback and no error: that
// is asked for first.
func (t *tx) commit() error {
	if t.dialect.failed != nil && t.dialect.failed(t.conn) {
		return errors.New("a statement failed and its error was passed over: nothing was written")
	}
	return t.control("COMMIT")
}

func (t *tx) context() (context.Context, context.CancelFunc) {
	if t.deadline.IsZero() {
		return context.Background(), func() {}
	}
	return context.WithDeadline(context.Background(), t.deadline)
}

// control runs a statement that begins, divides or ends the transaction.
func (t *tx) control(text string) error {
	if t.dialect.prepareControl {
		return t.exec(text)
	}
	ctx, done := t.context()
	defer done()
	defer t.echo.statement(text)()
	_, err := t.conn.ExecContext(ctx, text)
	return err
}

// prepare returns the statement of a query, kept for the life of the connection.
func (t *tx) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	s, ok := t.statements[query]
	if !ok {
		var err error
		if s, err = t.conn.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
		t.statements[query] = s
	}
	return s, nil
}

// exec runs a statement.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.affect(query, args...)
	return err
}

// affect runs a statement and returns how many rows it touched.
func (t *tx) affect(query string, args ...any) (int64, error) {
	ctx, done := t.context()
	defer done()
	defer t.echo.statement(query)()
	s, err := t.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// row reads one row; sql.ErrNoRows where there is none.
func (t *tx) row(dest []any, query string, args ...any) error {
	ctx, done := t.context()
	defer done()
	defer t.echo.statement(query)()
	s, err := t.prepare(ctx, query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, args...).Scan(dest...)
}

// discard closes the connection for good, instead of giving it back to the pool.
func (t *tx) discard() {
	t.finalize()
	_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
}

// finalize closes the statements; SQLite must have them closed before their connection.
func (t *tx) finalize() {
	for _, s := range t.statements {
		_ = s.Close()
	}
	clear(t.statements)
}

func (t *tx) close() {
	t.finalize()
	_ = t.conn.Close()
}
