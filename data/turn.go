package data

import (
	"context"
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
