package storetest

import (
	"reflect"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// mappings shows that what was said of columns is kept by user and shape, the newest first, and can be forgotten.
func mappings(t *testing.T, db *store.DB) {
	ctx := t.Context()
	january := olorin.Mapping{UserID: Ana.ID, Shape: "s1", Columns: map[string]string{"amount": "betrag", "status": ""}, Dataset: "d1", Filename: "jan.csv", At: Epoch}
	other := olorin.Mapping{UserID: Ana.ID, Shape: "s2", Columns: map[string]string{"city": "x"}, Dataset: "d2", Filename: "other.csv", At: olorin.At(Epoch.Add(time.Minute))}
	february := january
	february.Filename, february.At = "feb.csv", olorin.At(Epoch.Add(time.Hour))
	for _, m := range []olorin.Mapping{january, other, february} {
		must(t, db.PutMapping(ctx, m, Act("mapping.remembered")))
	}
	if got, err := db.Mappings(ctx, Ana.ID); err != nil || !reflect.DeepEqual(got, []olorin.Mapping{february, other}) {
		t.Errorf("kept %+v, %v", got, err)
	}
	if got, err := db.Mappings(ctx, "somebody else"); err != nil || len(got) != 0 {
		t.Errorf("of somebody else: %+v, %v", got, err)
	}
	must(t, db.DeleteMapping(ctx, Ana.ID, "s1", Act("mapping.forgotten")))
	code(t, db.DeleteMapping(ctx, Ana.ID, "s1", Act("mapping.forgotten")), olorin.CodeNotFound)
	if got, err := db.Mappings(ctx, Ana.ID); err != nil || !reflect.DeepEqual(got, []olorin.Mapping{other}) {
		t.Errorf("left %+v, %v", got, err)
	}
}
