package data

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/olorin-dev/olorin"
)

// buildsAtOnce is how many data sets one server makes at once: each has an engine of its own, with memory of its own,
// beside those of runs. One that is still being sent in one request counts, too.
const buildsAtOnce = 3

// buildWait is how long a data set waits for its turn. What was uploaded in pieces stays, and can be asked for again.
const buildWait = time.Minute

// buildTurn waits until a data set may be made. The caller ends its turn.
func (e *Engine) buildTurn(ctx context.Context) (end func(), err error) {
	timer := time.NewTimer(buildWait)
	defer timer.Stop()
	select {
	case e.builds <- struct{}{}:
		return func() { <-e.builds }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, olorin.Errorf(olorin.CodeUnavailable, "%d other files are being imported; nothing was imported: try again in a moment", buildsAtOnce)
	}
}

// build performs a task that makes a data set: in its turn, and within the time that is allowed. The time that r takes to say more is not
// counted: its sender takes it.
func build[Out any](ctx context.Context, e *Engine, name string, in any, r io.Reader) (out Out, err error) {
	end, err := e.buildTurn(ctx)
	if err != nil {
		return out, err
	}
	defer end()
	most := e.lim.Import
	if most == 0 {
		return once[Out](ctx, e, name, in, r)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	sender := &awaited{r: r}
	if _, file := r.(*os.File); r != nil && !file {
		r = sender
	}
	began := time.Now()
	go func() {
		for left := most; left > 0; left = most + time.Duration(sender.took.Load()) - time.Since(began) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(left):
			}
		}
		stop(olorin.Errorf(olorin.CodeImportTimeout, "this took longer than the %s that a data set may be in the making (OLORIN_IMPORT_TIMEOUT_SECONDS), and nothing was kept: split the file, or raise the limit", most))
	}()
	return once[Out](ctx, e, name, in, r)
}

// awaited counts the time that a reader is waited for.
type awaited struct {
	r    io.Reader
	took atomic.Int64 // of time.Duration
}

func (a *awaited) Read(p []byte) (int, error) {
	began := time.Now()
	n, err := a.r.Read(p)
	a.took.Add(int64(time.Since(began)))
	return n, err
}
