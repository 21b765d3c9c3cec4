package storetest

import (
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// retention removes what is over and was archived long ago, and nothing else; its audit trail stays and can be rebuilt from.
func retention(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d1")
	finished := func(id string) {
		Create(t, desk, id, Settings("d1"))
		_, err := desk.Start(ctx, Ana, id, olorin.Condition{})
		must(t, err)
		_, err = desk.Act(ctx, Ana, id, olorin.ActCancel, olorin.Condition{})
		must(t, err)
	}
	for _, id := range []string{"old", "unarchived", "back"} {
		finished(id)
	}
	Create(t, desk, "draft", Settings("d1"))
	Create(t, desk, "failed", Settings("d1"))
	_, err := desk.Start(ctx, Ana, "failed", olorin.Condition{})
	must(t, err)
	change(t, desk, "failed", olorin.Fail("engine", "it stopped", Epoch))
	for _, id := range []string{"old", "back", "draft", "failed"} {
		_, err := desk.Archive(ctx, Ana, id, true, olorin.Condition{})
		must(t, err)
	}
	before, err := db.Investigation(ctx, "old")
	must(t, err)

	now := olorin.At(Epoch.AddDate(0, 0, 30))
	n, err := olorin.Retire(ctx, db, now, 90, func(olorin.Expired) {})
	must(t, err)
	if n != 0 {
		t.Errorf("%d removed before their time", n)
	}
	now = olorin.At(Epoch.AddDate(0, 0, 91))
	due, err := db.Expired(ctx, now, 10)
	must(t, err)
	// What is due is what has been told a day.
	list, err := desk.History(ctx, Ana, olorin.HistoryQuery{Archived: true, Whose: olorin.WhoseMine})
	must(t, err)
	var promised, found []string
	for _, it := range list.Items {
		if it.KeptUntil != nil {
			promised = append(promised, it.ID)
		}
	}
	for _, e := range due {
		found = append(found, e.ID)
	}
	slices.Sort(promised)
	slices.Sort(found)
	if !slices.Equal(promised, []string{"back", "failed", "old"}) || !slices.Equal(found, promised) {
		t.Fatalf("due are %v, and a day was told of %v", found, promised)
	}
	stale := due[slices.IndexFunc(due, func(e olorin.Expired) bool { return e.ID == "back" })]
	_, err = desk.Archive(ctx, Ana, "back", false, olorin.Condition{})
	must(t, err)
	code(t, db.Remove(ctx, stale, Act("retention.removed")), olorin.CodeConflict)

	var told []string
	n, err = olorin.Retire(ctx, db, now, 90, func(e olorin.Expired) { told = append(told, e.ID) })
	must(t, err)
	slices.Sort(told)
	if n != 2 || !slices.Equal(told, []string{"failed", "old"}) {
		t.Errorf("removed %d, told %v", n, told)
	}
	_, err = db.Investigation(ctx, "old")
	code(t, err, olorin.CodeNotFound)
	for _, id := range []string{"unarchived", "back", "draft"} {
		_, err := db.Investigation(ctx, id)
		must(t, err)
	}
	page, err := db.History(ctx, olorin.HistoryQuery{Text: "Case", Archived: true})
	must(t, err)
	if page.Total != 1 {
		t.Errorf("the search still finds %+v", page.Items)
	}
	trail, err := db.Audit(ctx, "old", 0, 100)
	must(t, err)
	if last := trail.Items[len(trail.Items)-1]; last.Action != "retention.removed" || last.Actor.Kind != olorin.KindSystem || !last.At.Equal(now.Time) {
		t.Errorf("the trail ends with %+v", last)
	}
	state, err := olorin.Rebuild(trail.Items, before.Version)
	must(t, err)
	if state["name"] != before.Name || state["status"] != string(before.Status) {
		t.Errorf("rebuilt from the trail: %v", state)
	}
	// The id is free, and its new log is a new one, of which its owner learns nothing of the former.
	ben := olorin.Actor{Kind: olorin.KindUser, ID: "ben", Role: olorin.RoleAnalyst}
	_, err = desk.Change(ctx, ben, "old", olorin.Create(ben.ID, "Mine", Settings("d1"), olorin.Lineage{}), olorin.Condition{})
	must(t, err)
	mine, err := desk.Audit(ctx, ben, "old", 0, 100)
	must(t, err)
	if len(mine.Items) != 1 || mine.Items[0].Actor.ID != ben.ID {
		t.Errorf("the new owner is shown %+v", mine.Items)
	}
	state, err = desk.AuditState(ctx, ben, "old", 1)
	must(t, err)
	if state["name"] != "Mine" {
		t.Errorf("rebuilt of the new log: %v", state)
	}
	auditor := olorin.Actor{Kind: olorin.KindUser, ID: "ida", Role: olorin.RoleAuditor}
	all, err := desk.Audit(ctx, auditor, "old", 0, 100)
	must(t, err)
	if len(all.Items) != len(trail.Items)+1 {
		t.Errorf("an auditor is shown %d entries of %d", len(all.Items), len(trail.Items)+1)
	}
}
