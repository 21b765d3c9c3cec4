package storetest

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// datasets shows what may be done with a data set before and after an investigation rests on it.
func datasets(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	_, err := db.Dataset(ctx, "d1")
	code(t, err, olorin.CodeNotFound)
	code(t, db.DeleteDataset(ctx, "d1", Act("dataset.delete")), olorin.CodeNotFound)

	first := Epoch
	d := olorin.Dataset{
		ID: "d1", UserID: "ana", Name: "März", Filename: "m.csv", Rows: 1 << 40, RejectedRows: 2, Bytes: 9007199254740993, SHA256: "ab", CreatedAt: Epoch, FirstEventAt: &first,
		Columns: []olorin.Column{{Source: "a b", Canonical: "user_id", Confidence: .75, Kind: "text", Samples: []string{"x", ""}}},
	}
	must(t, db.PutDataset(ctx, d, Act("dataset.import")))
	d.Columns[0].Canonical = "device_id"
	must(t, db.PutDataset(ctx, d, Act("dataset.map")))
	got, err := db.Dataset(ctx, "d1")
	must(t, err)
	if !reflect.DeepEqual(got, d) {
		t.Errorf("read %+v\nwant %+v", got, d)
	}
	theirs := d
	theirs.UserID = "bob"
	code(t, db.PutDataset(ctx, theirs, Act("dataset.import")), olorin.CodeExists)

	later := d
	later.ID, later.CreatedAt = "d2", olorin.At(Epoch.Add(time.Second))
	must(t, db.PutDataset(ctx, later, Act("dataset.import")))
	theirs.ID = "d3"
	must(t, db.PutDataset(ctx, theirs, Act("dataset.import")))
	list, err := db.Datasets(ctx, "ana")
	must(t, err)
	if len(list) != 2 || list[0].ID != "d2" || list[1].ID != "d1" {
		t.Errorf("the list is %+v", list)
	}
	if list, err = db.Datasets(ctx, "nobody"); err != nil || list == nil || len(list) != 0 {
		t.Errorf("nobody's list is %+v, %v", list, err)
	}

	// A draft may name what it likes; a run makes it fast.
	Create(t, desk, "case", Settings("d1"))
	must(t, db.PutDataset(ctx, d, Act("dataset.map")))
	_, err = desk.Start(ctx, Ana, "case", olorin.Condition{})
	must(t, err)
	code(t, db.PutDataset(ctx, d, Act("dataset.map")), olorin.CodeDatasetInUse)
	code(t, db.DeleteDataset(ctx, "d1", Act("dataset.delete")), olorin.CodeDatasetInUse)
	if got, err = db.Dataset(ctx, "d1"); err != nil || !got.InUse {
		t.Errorf("in use is %t, %v", got.InUse, err)
	}
	list, err = db.Datasets(ctx, "ana")
	must(t, err)
	if list[0].InUse || !list[1].InUse {
		t.Errorf("in use are %+v", list)
	}
	_, err = desk.Act(ctx, Ana, "case", olorin.ActCancel, olorin.Condition{})
	must(t, err)
	code(t, db.DeleteDataset(ctx, "d1", Act("dataset.delete")), olorin.CodeDatasetInUse)

	// A draft or a template that names it is told.
	Create(t, desk, "draft", Settings("d2"))
	form := template("t9", "Ninth")
	form.Settings = Settings("d2")
	must(t, db.PutTemplate(ctx, form, Ana.ID, 50, Act("template.created")))
	err = db.DeleteDataset(ctx, "d2", Act("dataset.delete"))
	code(t, err, olorin.CodeDatasetInUse)
	var e *olorin.Error
	if !errors.As(err, &e) || len(e.Faults) != 2 || e.Faults[0].Pointer != "/investigations/draft" || e.Faults[1].Pointer != "/templates/t9" {
		t.Errorf("what names it is told as %+v", e)
	}
	form.Settings, form.Version = Settings("d1"), 2
	must(t, db.PutTemplate(ctx, form, Ana.ID, 50, Act("template.changed")))
	_, err = desk.Archive(ctx, Ana, "draft", true, olorin.Condition{})
	must(t, err)
	must(t, db.DeleteDataset(ctx, "d2", Act("dataset.delete")))
	_, err = db.Dataset(ctx, "d2")
	code(t, err, olorin.CodeNotFound)
}
