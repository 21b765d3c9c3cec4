package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/olorin-dev/olorin"
)

// run notes what becomes of the run behind an investigation. Queued again, it keeps its epoch, and the owner that may still
// be carrying it; over, it has no owner, so that a retry can be taken up at once.
func (t *tx) run(num int64, c olorin.Change) error {
	switch c.Run {
	case "":
		return nil
	case olorin.RunOver:
		return t.exec(`UPDATE runs SET state = $1, owner = '', lease_until = 0 WHERE investigation = $2`, string(c.Run), num)
	}
	return t.exec(`
		INSERT INTO runs (investigation, state, queued_at, owner, epoch, lease_until, user_id, priority) VALUES ($1, $2, $3, '', 0, 0, $4, $5)
		ON CONFLICT (investigation) DO UPDATE SET state = excluded.state, queued_at = excluded.queued_at, priority = excluded.priority`,
		num, string(c.Run), c.After.UpdatedAt.UnixMicro(), c.After.UserID, c.After.Priority.Rank())
}

// held refuses a lease that another has, or whose run is over. A lease that has lapsed is good until somebody claims the run: the
// epoch tells, and no clock.
func (t *tx) held(num int64, l olorin.Lease) error {
	var one int
	err := t.row([]any{&one}, `SELECT 1 FROM runs WHERE investigation = $1 AND owner = $2 AND epoch = $3 AND state <> 'over'`, num, l.Owner, l.Epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return lost(l)
	}
	return err
}

func lost(l olorin.Lease) error {
	return olorin.Errorf(olorin.CodeLeaseLost, "%s no longer holds the run of investigation %q (epoch %d): another has it, or it is over", l.Owner, l.InvestigationID, l.Epoch)
}

// Claim takes a queued run that nobody holds, or (nil, nil): that of one investigation, or, where only is "", of the users with the fewest runs under way, over all servers, the most
// urgent run, then the one that waits longest. Where there is none it writes nothing.
func (db *DB) Claim(ctx context.Context, owner, only string, now olorin.Time, ttl time.Duration) (*olorin.Lease, error) {
	if db.hold.holding.Load() {
		return nil, nil // a claim must be durable: new runs begin when the database can be written again
	}
	const free = `
		SELECT r.investigation FROM runs r WHERE r.state = 'queued' AND (r.owner = '' OR r.lease_until <= $1)
			AND ($2 = '' OR r.investigation = (SELECT num FROM investigations WHERE id = $2))
		ORDER BY (SELECT count(*) FROM runs h WHERE h.user_id = r.user_id AND h.state <> 'over' AND h.owner <> '' AND h.lease_until > $1),
			r.priority DESC, r.queued_at, r.investigation LIMIT 1`
	var num int64
	err := db.reader.row(ctx, []any{&num}, free, now.UnixMicro(), only)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("look for a run", err)
	}
	var lease *olorin.Lease
	until := olorin.At(now.Add(ttl))
	err = db.writer.write(ctx, "claim", "claim a run", func(t *tx) error {
		lease = nil
		l := olorin.Lease{Owner: owner, Until: until}
		err := t.row([]any{&num, &l.Epoch}, `
			UPDATE runs SET owner = $3, epoch = epoch + 1, lease_until = $4 WHERE investigation = (`+free+db.dialect.skipLocked+`)
			RETURNING investigation, epoch`, now.UnixMicro(), only, owner, until.UnixMicro())
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.row([]any{&l.InvestigationID}, `SELECT id FROM investigations WHERE num = $1`, num); err != nil {
			return err
		}
		lease = &l
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lease, nil
}

// Renew extends a lease; CodeLeaseLost where another has the run, or it is over. A lease that lapsed without a taker can be renewed.
func (db *DB) Renew(ctx context.Context, l olorin.Lease, now olorin.Time, ttl time.Duration) error {
	until := olorin.At(now.Add(ttl))
	write := func(t *tx) error {
		l := db.hold.lease(l)
		if l.Until.IsZero() || l.Until.Before(until.Time) {
			l.Until = until
		}
		n, err := t.affect(`
			UPDATE runs SET lease_until = $1 WHERE owner = $2 AND epoch = $3 AND state <> 'over' AND investigation = (SELECT num FROM investigations WHERE id = $4)`,
			l.Until.UnixMicro(), l.Owner, l.Epoch, l.InvestigationID)
		if err == nil && n == 0 {
			err = lost(l)
		}
		return err
	}
	_, err := db.writer.writeOrKeep(ctx, "renew the lease on investigation "+l.InvestigationID, &job{
		lane: "run " + l.InvestigationID, do: write, keep: func(h *hold) (*heldJob, error) { return h.keepLease(l, until) },
	})
	return err
}

// Release gives a lease back at once, so that nobody has to wait for it to lapse. One that is no longer held is given back already.
func (db *DB) Release(ctx context.Context, l olorin.Lease) error {
	write := func(t *tx) error {
		return t.exec(`
			UPDATE runs SET owner = '', lease_until = 0 WHERE owner = $1 AND epoch = $2 AND investigation = (SELECT num FROM investigations WHERE id = $3)`,
			l.Owner, l.Epoch, l.InvestigationID)
	}
	_, err := db.writer.writeOrKeep(ctx, "release the lease on investigation "+l.InvestigationID, &job{
		lane: "run " + l.InvestigationID, do: write, keep: func(*hold) (*heldJob, error) { return &heldJob{}, nil },
	})
	return err
}
