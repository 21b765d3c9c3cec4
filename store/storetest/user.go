package storetest

import (
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// users shows users and their sessions.
func users(t *testing.T, db *store.DB) {
	ctx := t.Context()
	put := func(s olorin.Session, action string) error {
		durability, err := db.PutSession(ctx, s, Act(action))
		if durability != olorin.Durable {
			t.Errorf("%s is %s", action, durability)
		}
		return err
	}
	_, err := db.User(ctx, "ana")
	code(t, err, olorin.CodeNotFound)
	session := olorin.Session{ID: "s1", UserID: "ana", SecretHash: "h1", ExpiresAt: olorin.At(Epoch.Add(time.Hour))}
	code(t, put(session, "login"), olorin.CodeNotFound)

	u := olorin.User{ID: "ana", Name: "Ana", Role: olorin.RoleAnalyst, PasswordHash: "$argon2id$", CreatedAt: Epoch}
	must(t, db.PutUser(ctx, u, Act("user.add")))
	if got, err := db.User(ctx, "ana"); err != nil || got != u {
		t.Errorf("read %+v, %v", got, err)
	}
	changed := u
	changed.Disabled, changed.Role, changed.CreatedAt = true, olorin.RoleLead, olorin.At(Epoch.Add(time.Hour))
	must(t, db.PutUser(ctx, changed, Act("user.change")))
	changed.CreatedAt = u.CreatedAt
	if got, err := db.User(ctx, "ana"); err != nil || got != changed {
		t.Errorf("read %+v, %v", got, err)
	}

	must(t, put(session, "login"))
	session.SecretHash, session.ExpiresAt = "h2", olorin.At(Epoch.Add(2*time.Hour))
	must(t, put(session, "refresh"))
	if got, err := db.Session(ctx, "s1"); err != nil || got != session {
		t.Errorf("read %+v, %v", got, err)
	}
	must(t, db.PutUser(ctx, olorin.User{ID: "bob", Role: olorin.RoleAnalyst, CreatedAt: Epoch}, Act("user.add")))
	if all, err := db.Users(ctx); err != nil || len(all) != 2 || all[0] != changed || all[1].ID != "bob" {
		t.Errorf("listed %+v, %v", all, err)
	}
	stolen := session
	stolen.UserID = "bob"
	code(t, put(stolen, "refresh"), olorin.CodeUnauthenticated)

	must(t, db.EndSession(ctx, "s1", Act("logout")))
	_, err = db.Session(ctx, "s1")
	code(t, err, olorin.CodeNotFound)
	code(t, db.EndSession(ctx, "s1", Act("logout")), olorin.CodeNotFound)
	code(t, put(session, "refresh"), olorin.CodeUnauthenticated)
	_, err = db.Session(ctx, "s1")
	code(t, err, olorin.CodeNotFound)
}
