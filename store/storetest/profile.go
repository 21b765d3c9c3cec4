package storetest

import (
	"reflect"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// profiles shows that a profile is kept by user and version.
func profiles(t *testing.T, db *store.DB) {
	ctx := t.Context()
	if p, err := db.Profile(ctx, Ana.ID); err != nil || !reflect.DeepEqual(p, olorin.DefaultProfile()) {
		t.Errorf("before any save: %+v, %v", p, err)
	}
	at := Epoch
	first := olorin.Profile{Version: 1, UpdatedAt: &at, Zone: "Europe/Vienna", Density: olorin.Compact, FollowBy: olorin.FollowPoll, Views: []olorin.View{{Name: "Mine", Query: "status=error"}}}
	must(t, db.PutProfile(ctx, Ana.ID, first, Act("profile.changed")))
	code(t, db.PutProfile(ctx, Ana.ID, first, Act("profile.changed")), olorin.CodeConflict)
	second := first
	second.Version, second.Views = 2, []olorin.View{}
	must(t, db.PutProfile(ctx, Ana.ID, second, Act("profile.changed")))
	code(t, db.PutProfile(ctx, Ana.ID, second, Act("profile.changed")), olorin.CodeConflict)
	if p, err := db.Profile(ctx, Ana.ID); err != nil || !reflect.DeepEqual(p, second) {
		t.Errorf("read %+v, %v\nwant %+v", p, err, second)
	}
	if p, err := db.Profile(ctx, "somebody else"); err != nil || p.Version != 0 {
		t.Errorf("of somebody else: %+v, %v", p, err)
	}
}
