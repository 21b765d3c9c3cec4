package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// template is a first version of a template of Ana's.
func template(id, name string) olorin.Template {
	return olorin.Template{
		TemplateRow: olorin.TemplateRow{ID: id, UserID: Ana.ID, Scope: olorin.ScopePrivate, Name: name, Tags: []string{"a"}, EntityCount: 1, Version: 1, CreatedAt: Epoch, UpdatedAt: Epoch},
		Settings:    Settings("d1"), Placeholders: []olorin.Placeholder{{Name: "user", Label: "The user", Pointer: "/entities/0/value"}},
	}
}

// templates shows names, versions, limits and uses of templates.
func templates(t *testing.T, db *store.DB) {
	ctx := t.Context()
	put := func(tpl olorin.Template, limit int) error {
		return db.PutTemplate(ctx, tpl, Ana.ID, limit, Act("template.created"))
	}
	_, err := db.Template(ctx, "t1")
	code(t, err, olorin.CodeNotFound)
	code(t, db.UseTemplate(ctx, "t1", Epoch, Act("template.used")), olorin.CodeNotFound)

	first := template("t1", "Stolen cards, Café")
	must(t, put(first, 2))
	if got, err := db.Template(ctx, "t1"); err != nil || !reflect.DeepEqual(got, first) {
		t.Errorf("read %+v, %v\nwant %+v", got, err, first)
	}
	err = put(template("t2", "STOLEN cards, CAFE\u0301"), 2)
	code(t, err, olorin.CodeNameTaken)
	if e, ok := err.(*olorin.Error); !ok || e.Existing != "t1" { //nolint:errorlint // the store returns it as it is
		t.Errorf("the name is taken by %+v", err)
	}
	must(t, put(template("t2", "Mules"), 2))
	code(t, put(template("t3", "Third"), 2), olorin.CodeTemplateLimit)

	// A save from a version that is not the newest is refused, whoever else writes.
	second := first
	second.Version, second.Description = 2, "d"
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wait.Go(func() {
			mine := second
			mine.Description = fmt.Sprint(i)
			errs[i] = put(mine, 2)
		})
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		code(t, err, olorin.CodeConflict)
	}
	if won != 1 {
		t.Errorf("%d of %d saves of one version were written", won, len(errs))
	}
	must(t, db.UseTemplate(ctx, "t1", Epoch, Act("template.used")))
	if uses, err := db.BuiltInUses(ctx); err != nil || len(uses) > 0 {
		t.Errorf("%v (%v)", uses, err)
	}
	later := olorin.At(Epoch.Add(time.Hour))
	for _, at := range []olorin.Time{Epoch, later} {
		must(t, db.UseBuiltIn(ctx, "built-in", at, Act("template.used")))
	}
	if uses, err := db.BuiltInUses(ctx); err != nil || len(uses) != 1 || uses["built-in"].Count != 2 || !uses["built-in"].Last.Equal(later.Time) {
		t.Errorf("%v (%v)", uses, err)
	}
	if got, err := db.Template(ctx, "t1"); err != nil || got.Version != 2 || got.UsageCount != 1 || got.LastUsedAt == nil {
		t.Errorf("after a use: %+v, %v", got, err)
	}
	if versions, err := db.TemplateVersions(ctx, "t1"); err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[1].Name != "Stolen cards, Café" || versions[1].By != Ana.ID {
		t.Errorf("versions %+v, %v", versions, err)
	}

	// A deleted one leaves its name and its place free.
	gone := second
	now := Epoch
	gone.Version, gone.DeletedAt = 3, &now
	must(t, put(gone, 2))
	must(t, put(template("t4", "Stolen Cards, Café"), 2))
	code(t, db.UseTemplate(ctx, "t1", Epoch, Act("template.used")), olorin.CodeNotFound)
	back := second
	back.Version = 4
	code(t, put(back, 5), olorin.CodeNameTaken)

	theirs := template("b1", "Mules")
	theirs.UserID, theirs.Scope = "bob", olorin.ScopeOrg
	must(t, put(theirs, 2))
	theirs.ID, theirs.Name, theirs.Scope = "b2", "Own", olorin.ScopePrivate
	must(t, put(theirs, 2))
	for _, want := range []struct {
		user         string
		all, deleted bool
		ids          []string
	}{
		{"ana", false, false, []string{"b1", "t2", "t4"}},
		{"bob", false, false, []string{"b1", "b2"}},
		{"eve", true, false, []string{"b1", "b2", "t2", "t4"}},
		{"ana", false, true, []string{"t1"}},
		{"bob", false, true, []string{}},
	} {
		list, err := db.Templates(ctx, want.user, want.all, want.deleted)
		must(t, err)
		ids := []string{}
		for _, tpl := range list {
			ids = append(ids, tpl.ID)
		}
		if !sameWords(ids, want.ids) {
			t.Errorf("%+v: the list is %v", want, ids)
		}
	}
}

// sameWords compares two lists without regard to their order.
func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
