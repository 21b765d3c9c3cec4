package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/olorin-dev/olorin"
)

const (
	// KeepResponses is for how long a key answers with the first response.
	KeepResponses = 24 * time.Hour
	// reservationTTL is after how long a request that neither finished nor did anything may be done by another.
	reservationTTL = time.Minute
	// heldKeyBytes is what a key takes in memory beside its own text while the database cannot be written.
	heldKeyBytes = 300
)

// Keyed is a request that its client may send again. Its key is the client's; it counts for one user.
type Keyed struct {
	UserID   string
	Key      string
	Request  string // method and path
	BodyHash string
}

// Response is an answer, kept to be given again.
type Response struct {
	Status  int
	Headers http.Header
	Body    []byte
}

// Acted is what a request has done, as written in the transaction that did it. The last of several counts.
type Acted struct {
	Noun    string // "investigation", "dataset", "template", "template use" or "weights"
	ID      string
	Version int64 // of the investigation, after, or of the weights
}

// Reservation is the right to do what a key stands for. It goes with the context of the request (Reserve) into the
// transaction of the change, which is refused where the reservation has passed to another.
type Reservation struct {
	keyed Keyed
	token string
}

// Begun is what is known of a key. Exactly one of the fields is set.
type Begun struct {
	Fresh      *Reservation // nobody did it: do it, then Finish
	Response   *Response    // it was done: give this answer again
	Acted      *Acted       // it was done, but the server died before it answered: answer from what is there now
	InProgress bool         // another request with this key is being done; ask again in a moment
	Mismatch   bool         // the key stands for another request
}

// BeginKeyed reserves a key, or tells what became of it.
//
// The reservation, the change and the answer are three transactions, and a crash may come between any two. Since Append and
// PutDataset mark the reservation in the transaction of the change, this is exact:
//
//	crash before the change   nothing is marked: after a minute, or at the next start of a server, the key is free again
//	crash after the change    it is marked: Acted says what was done, and it is never done twice
//	slow, not crashed         the reservation may pass to another after a minute; the first can then change nothing by it
func (db *DB) BeginKeyed(ctx context.Context, k Keyed, now olorin.Time) (Begun, error) {
	var (
		begun Begun
		kept  *Reservation // taken in memory: the replay writes this one
	)
	insert := func(t *tx, r *Reservation) error {
		return t.exec(`
			INSERT INTO idempotency (user_id, key, request, body_hash, token, reserved_at, acted_noun, acted_id, acted_version, status, headers, body)
			VALUES ($1, $2, $3, $4, $5, $6, '', '', 0, 0, '', $7)
			ON CONFLICT (user_id, key) DO UPDATE SET token = excluded.token, reserved_at = excluded.reserved_at`,
			k.UserID, k.Key, k.Request, k.BodyHash, r.token, now.UnixMicro(), []byte{})
	}
	write := func(t *tx) error {
		if kept != nil {
			return insert(t, kept)
		}
		begun = Begun{}
		if err := t.exec(`DELETE FROM idempotency WHERE reserved_at < $1`, now.Add(-KeepResponses).UnixMicro()); err != nil {
			return err
		}
		var err error
		if begun, err = knownKey(k, now, t.row); err != nil || begun != (Begun{}) {
			return err
		}
		r := &Reservation{k, rand.Text()}
		if err := insert(t, r); err != nil {
			return err
		}
		begun.Fresh = r
		return nil
	}
	keep := func(h *hold) (*heldJob, error) {
		var known bool
		if begun, known = h.knownKey(k); known {
			return nil, nil
		}
		var err error
		if begun, err = knownKey(k, now, func(dest []any, query string, args ...any) error { return db.reader.row(ctx, dest, query, args...) }); err != nil || begun != (Begun{}) {
			return nil, err
		}
		kept = &Reservation{k, rand.Text()}
		begun.Fresh = kept
		h.mu.Lock()
		defer h.mu.Unlock()
		bytes := int64(heldKeyBytes + len(k.UserID) + len(k.Key) + len(k.Request))
		if err := h.full(bytes); err != nil {
			begun = Begun{}
			return nil, err
		}
		return &heldJob{key: h.key(kept), bytes: bytes}, nil
	}
	written := func(ctx context.Context) (bool, error) {
		if begun.Fresh == nil {
			return true, nil // it was known, and there was nothing to write
		}
		var count int
		err := db.reader.row(ctx, []any{&count}, `SELECT COUNT(*) FROM idempotency WHERE user_id = $1 AND key = $2 AND token = $3`, k.UserID, k.Key, begun.Fresh.token)
		return count > 0, err
	}
	if _, err := db.writer.writeOrKeep(ctx, "reserve an idempotency key", &job{lane: "key " + k.UserID, do: write, keep: keep, written: written}); err != nil {
		return Begun{}, err
	}
	return begun, nil
}

// knownKey tells what is written of a key; nothing where it is free.
func knownKey(k Keyed, now olorin.Time, row func(dest []any, query string, args ...any) error) (begun Begun, err error) {
	var (
		request, hash string
		reservedAt    int64
		acted         Acted
		response      Response
		headers       []byte
	)
	err = row([]any{&request, &hash, &reservedAt, &acted.Noun, &acted.ID, &acted.Version, &response.Status, &headers, &response.Body}, `
		SELECT request, body_hash, reserved_at, acted_noun, acted_id, acted_version, status, headers, body FROM idempotency WHERE user_id = $1 AND key = $2`, k.UserID, k.Key)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return begun, nil
	case err != nil:
		return begun, err
	case now.UnixMicro()-reservedAt > KeepResponses.Microseconds():
	case request != k.Request || hash != k.BodyHash:
		begun.Mismatch = true
	case response.Status != 0:
		if err := json.Unmarshal(headers, &response.Headers); err != nil {
			return begun, olorin.Errorf(olorin.CodeCorrupt, "the answer that was kept for idempotency key %q cannot be read: %w", k.Key, err)
		}
		begun.Response = &response
	case acted.Noun != "":
		begun.Acted = &acted
	case now.UnixMicro()-reservedAt < reservationTTL.Microseconds():
		begun.InProgress = true
	}
	return begun, nil
}

// FinishKeyed keeps the answer. Where the reservation has passed to another it is CodeIdempotency, and the other's answer counts.
func (db *DB) FinishKeyed(ctx context.Context, r *Reservation, response Response) error {
	headers, err := json.Marshal(response.Headers)
	if err != nil {
		return err
	}
	if response.Body == nil {
		response.Body = []byte{}
	}
	_, err = db.writer.writeOrKeep(ctx, "keep an answer", &job{lane: "key " + r.keyed.UserID, do: func(t *tx) error {
		n, err := t.affect(`UPDATE idempotency SET status = $1, headers = $2, body = $3 WHERE user_id = $4 AND key = $5 AND token = $6`,
			response.Status, string(headers), response.Body, r.keyed.UserID, r.keyed.Key, r.token)
		if err == nil && n == 0 {
			err = passed(r)
		}
		return err
	}, keep: func(h *hold) (*heldJob, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		bytes := int64(len(response.Body) + len(headers))
		if err := h.full(bytes); err != nil {
			return nil, err
		}
		h.key(r).response = &response
		return &heldJob{bytes: bytes}, nil
	}})
	return err
}

// AbandonKeyed frees the key of a request that was refused and did nothing. Where it did something the key stays.
func (db *DB) AbandonKeyed(ctx context.Context, r *Reservation) error {
	_, err := db.writer.writeOrKeep(ctx, "free an idempotency key", &job{lane: "key " + r.keyed.UserID, do: func(t *tx) error {
		return t.exec(`DELETE FROM idempotency WHERE user_id = $1 AND key = $2 AND token = $3 AND acted_noun = '' AND status = 0`, r.keyed.UserID, r.keyed.Key, r.token)
	}, keep: func(h *hold) (*heldJob, error) {
		if h.forgetKey(r) {
			return nil, nil
		}
		return &heldJob{}, nil
	}})
	return err
}

// releaseReservations frees the keys of requests that a server before this one left without having done anything.
func (db *DB) releaseReservations(ctx context.Context) error {
	return db.writer.write(ctx, "keys", "free idempotency keys", func(t *tx) error {
		return t.exec(`DELETE FROM idempotency WHERE acted_noun = '' AND status = 0`)
	})
}

func passed(r *Reservation) error {
	return olorin.Errorf(olorin.CodeIdempotency, "another request with idempotency key %q was done meanwhile; nothing was written by this one", r.keyed.Key)
}

type reservationKey struct{}

// Reserve returns a context whose changes count as done by the reservation.
func Reserve(ctx context.Context, r *Reservation) context.Context {
	return context.WithValue(ctx, reservationKey{}, r)
}

func reserved(ctx context.Context) *Reservation {
	r, _ := ctx.Value(reservationKey{}).(*Reservation)
	return r
}

// acted marks a reservation with what this transaction does, and refuses where it has passed to another.
func (t *tx) acted(r *Reservation, a Acted) error {
	if r == nil {
		return nil
	}
	n, err := t.affect(`UPDATE idempotency SET acted_noun = $1, acted_id = $2, acted_version = $3 WHERE user_id = $4 AND key = $5 AND token = $6`,
		a.Noun, a.ID, a.Version, r.keyed.UserID, r.keyed.Key, r.token)
	if err == nil && n == 0 {
		err = passed(r)
	}
	return err
}
