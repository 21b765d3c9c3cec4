package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/olorin-dev/olorin"
)

// User returns a user by login name.
func (db *DB) User(ctx context.Context, id string) (olorin.User, error) {
	u := olorin.User{ID: id}
	var created, sum int64
	err := db.reader.row(ctx, []any{&u.Name, &u.Role, &u.PasswordHash, &created, &u.Disabled, &sum}, `
		SELECT name, role, password_hash, created_at, disabled, sum FROM users WHERE id = $1`, id)
	if err != nil {
		return olorin.User{}, missing(err, "user", id)
	}
	u.CreatedAt = olorin.FromMicro(created)
	if sum != userSum(u) {
		return olorin.User{}, damaged("user", id)
	}
	return u, nil
}

// Users lists all users by login name.
func (db *DB) Users(ctx context.Context) ([]olorin.User, error) {
	list := []olorin.User{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			u            olorin.User
			created, sum int64
		)
		if err := scan(&u.ID, &u.Name, &u.Role, &u.PasswordHash, &created, &u.Disabled, &sum); err != nil {
			return false, err
		}
		u.CreatedAt = olorin.FromMicro(created)
		if sum != userSum(u) {
			return false, damaged("user", u.ID)
		}
		list = append(list, u)
		return true, nil
	}, `SELECT id, name, role, password_hash, created_at, disabled, sum FROM users ORDER BY id`)
	if err != nil {
		return nil, translate("list the users", err)
	}
	return list, nil
}

// PutUser adds or replaces a user; the time of creation stays that of the first. Another password or role, and being disabled, end the
// sessions of a user.
func (db *DB) PutUser(ctx context.Context, u olorin.User, audit olorin.AuditEntry) error {
	return db.writer.write(ctx, "user "+u.ID, "write user "+u.ID, func(t *tx) error {
		kept, was := u, olorin.User{}
		var created int64
		switch err := t.row([]any{&created, &was.Role, &was.PasswordHash}, `SELECT created_at, role, password_hash FROM users WHERE id = $1`, u.ID); {
		case err == nil:
			kept.CreatedAt = olorin.FromMicro(created)
			if u.Disabled || u.Role != was.Role || u.PasswordHash != was.PasswordHash {
				if err := t.exec(`UPDATE sessions SET ended = 1 WHERE user_id = $1 AND ended = 0`, u.ID); err != nil {
					return err
				}
			}
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		kept.CreatedAt = olorin.FromMicro(kept.CreatedAt.UnixMicro())
		if err := t.exec(`
			INSERT INTO users (id, name, role, password_hash, created_at, disabled, sum) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, password_hash = excluded.password_hash, disabled = excluded.disabled, sum = excluded.sum`,
			kept.ID, kept.Name, string(kept.Role), kept.PasswordHash, kept.CreatedAt.UnixMicro(), flag(kept.Disabled), userSum(kept)); err != nil {
			return err
		}
		return t.audit(audit)
	})
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// PutSession begins a session or, for a known id, trades its secret. One that was ended stays ended: CodeUnauthenticated. Where another
// trade came first, the secret is not TradedHash any more: CodeConflict.
// Sessions that had expired at the time of the audit entry are forgotten on the way.
func (db *DB) PutSession(ctx context.Context, s olorin.Session, audit olorin.AuditEntry) (olorin.Durability, error) {
	write := func(t *tx) error {
		var known int
		if err := t.row([]any{&known}, `SELECT COUNT(*) FROM users WHERE id = $1`, s.UserID); err != nil {
			return err
		}
		if known == 0 {
			return olorin.NotFound("user", s.UserID)
		}
		if err := t.row([]any{&known}, `SELECT COUNT(*) FROM sessions WHERE id = $1 AND secret_hash = $2 AND user_id = $3 AND ended = 0`, s.ID, s.SecretHash, s.UserID); err != nil || known > 0 {
			return err // its commit had been in doubt, and had reached the file
		}
		n, err := t.affect(`
			INSERT INTO sessions (id, user_id, secret_hash, expires_at, ended, traded_hash, traded_at) VALUES ($1, $2, $3, $4, 0, $5, $6)
			ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash, expires_at = excluded.expires_at, traded_hash = excluded.traded_hash, traded_at = excluded.traded_at
			WHERE sessions.ended = 0 AND sessions.user_id = excluded.user_id AND sessions.secret_hash = excluded.traded_hash`,
			s.ID, s.UserID, s.SecretHash, s.ExpiresAt.UnixMicro(), s.TradedHash, s.TradedAt.UnixMicro())
		if err != nil {
			return err
		}
		if n == 0 {
			var live int
			if err := t.row([]any{&live}, `SELECT COUNT(*) FROM sessions WHERE id = $1 AND user_id = $2 AND ended = 0`, s.ID, s.UserID); err != nil {
				return err
			}
			if live > 0 {
				return olorin.Errorf(olorin.CodeConflict, "another request traded the secret of the session first")
			}
			return sessionEnded()
		}
		if err := t.exec(`DELETE FROM sessions WHERE expires_at < $1`, audit.At.UnixMicro()); err != nil {
			return err
		}
		return t.audit(audit)
	}
	held, err := db.writer.writeOrKeep(ctx, "write a session of "+s.UserID, &job{lane: "user " + s.UserID, do: write, keep: func(h *hold) (*heldJob, error) {
		known, ended, err := db.session(ctx, s.ID)
		switch {
		case err == nil && (ended || known.UserID != s.UserID):
			return nil, sessionEnded()
		case err != nil && olorin.CodeOf(err) != olorin.CodeNotFound:
			return nil, err
		}
		return h.keepSession(s, false)
	}})
	if held {
		return olorin.Memory, err
	}
	return olorin.Durable, err
}

func sessionEnded() error {
	return olorin.Errorf(olorin.CodeUnauthenticated, "the session was ended; log in again")
}

// Session returns a session that has not been ended. Whether it has expired is for the caller's clock to tell.
func (db *DB) Session(ctx context.Context, id string) (olorin.Session, error) {
	s, ended, err := db.session(ctx, id)
	if err == nil && ended {
		err = olorin.NotFound("session", id)
	}
	if err != nil {
		return olorin.Session{}, err
	}
	return s, nil
}

// session also returns one that was ended.
func (db *DB) session(ctx context.Context, id string) (s olorin.Session, ended bool, err error) {
	if held, ok := db.hold.session(id); ok {
		return held.session, held.ended, nil
	}
	s.ID = id
	var expires, traded int64
	if err := db.reader.row(ctx, []any{&s.UserID, &s.SecretHash, &expires, &ended, &s.TradedHash, &traded}, `
		SELECT user_id, secret_hash, expires_at, ended, traded_hash, traded_at FROM sessions WHERE id = $1`, id); err != nil {
		return s, false, missing(err, "session", id)
	}
	s.ExpiresAt, s.TradedAt = olorin.FromMicro(expires), olorin.FromMicro(traded)
	return s, ended, nil
}

// EndSession logs out. A session that is not there, or was ended before, is CodeNotFound.
func (db *DB) EndSession(ctx context.Context, id string, audit olorin.AuditEntry) error {
	write := func(t *tx) error {
		n, err := t.affect(`UPDATE sessions SET ended = 1 WHERE id = $1 AND ended = 0`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return olorin.NotFound("session", id)
		}
		return t.audit(audit)
	}
	_, err := db.writer.writeOrKeep(ctx, "end a session", &job{lane: "session " + id, do: write, keep: func(h *hold) (*heldJob, error) {
		s, err := db.Session(ctx, id)
		if err != nil {
			return nil, err
		}
		return h.keepSession(s, true)
	}})
	return err
}
