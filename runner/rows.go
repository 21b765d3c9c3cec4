package runner

import (
	"context"
	"log/slog"
	"sync"

	"github.com/olorin-dev/olorin/data"
)

// rows are the rows of a run's case, with the memory that they take. They are opened when somebody reads them. While nobody does, they are
// given up as soon as another run waits for memory, and opened anew when they are read again.
type rows struct {
	open   func(context.Context) (*data.Case, error)
	memory *share
	user   string
	mb     int
	log    *slog.Logger

	turn    chan struct{} // held by whoever looks at the following, waiting for memory included
	give    func()        // gives the memory back; nil: none is held
	file    *data.Case    // nil: closed
	readers int
	keep    func() // takes the offer of the memory back; nil: none was made
}

// hold keeps memory for the rows, waiting for it, until done is called.
func (r *rows) hold(ctx context.Context) (done func(), err error) {
	_, done, err = r.enter(ctx, false)
	return done, err
}

// read lends the rows until done is called.
func (r *rows) read(ctx context.Context) (c *data.Case, done func(), err error) {
	return r.enter(ctx, true)
}

func (r *rows) enter(ctx context.Context, open bool) (*data.Case, func(), error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	r.readers++
	err := r.ready(ctx, open)
	c := r.file
	<-r.turn
	if err != nil {
		r.leave()
		return nil, nil, err
	}
	return c, sync.OnceFunc(r.leave), nil
}

// ready has the memory and, where they are wanted, the rows. The caller holds the turn.
func (r *rows) ready(ctx context.Context, open bool) (err error) {
	if r.keep != nil {
		r.keep()
		r.keep = nil
	}
	if r.give == nil {
		if r.give, err = r.memory.take(ctx, r.user, r.mb); err != nil {
			return err
		}
	}
	if open && r.file == nil {
		r.file, err = r.open(ctx)
	}
	return err
}

func (r *rows) leave() {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	if r.readers--; r.readers == 0 && r.give != nil {
		r.keep = r.memory.offer(r.part)
	}
}

// part gives up what nobody reads.
func (r *rows) part() {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	if r.readers > 0 || r.give == nil {
		return
	}
	if r.file != nil {
		if err := r.file.Close(); err != nil {
			r.log.Warn("a case did not close as it should", "error", err)
		}
		r.file = nil
	}
	if r.keep != nil {
		r.keep()
		r.keep = nil
	}
	r.give()
	r.give = nil
}
