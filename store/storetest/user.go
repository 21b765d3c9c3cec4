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
	session.SecretHash, session.TradedHash, session.TradedAt = "h2", "h1", olorin.At(Epoch.Add(time.Minute))
	must(t, put(session, "refresh"))
	second := session
	second.SecretHash = "h3"
	code(t, put(second, "refresh"), olorin.CodeConflict) // h1 was traded already
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

	// The trail is searched without regard to capitals, on every database.
	for _, action := range []string{"refresh", "REFRESH", "Ref"} {
		if page, err := db.AuditTrail(ctx, olorin.AuditQuery{Action: action}); err != nil || len(page.Items) != 1 || page.Items[0].Action != "refresh" {
			t.Errorf("%s: %+v, %v", action, page.Items, err)
		}
	}

	for name, change := range map[string]func(*olorin.User){
		"password": func(u *olorin.User) { u.PasswordHash = "$other$" },
		"role":     func(u *olorin.User) { u.Role = olorin.RoleLead },
		"disabled": func(u *olorin.User) { u.Disabled = true },
		"":         func(u *olorin.User) { u.Name = "Another name" },
	} {
		bob := olorin.User{ID: "bob", Role: olorin.RoleAnalyst, PasswordHash: "$bob$", CreatedAt: Epoch}
		must(t, db.PutUser(ctx, bob, Act("user.add")))
		must(t, put(olorin.Session{ID: "of bob" + name, UserID: "bob", SecretHash: "h", ExpiresAt: session.ExpiresAt}, "login"))
		change(&bob)
		must(t, db.PutUser(ctx, bob, Act("user.change")))
		want := olorin.CodeNotFound
		if name == "" {
			want = ""
		}
		if _, err := db.Session(ctx, "of bob"+name); olorin.CodeOf(err) != want {
			t.Errorf("after a change of the %s the session is %v", name, err)
		}
	}
}
