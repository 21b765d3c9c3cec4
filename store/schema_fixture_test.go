package store_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/storetest"
)

// fixture unpacks a database as an earlier version of Olorin left it.
func fixture(t *testing.T, name string) (url string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", name+".db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close() //nolint:errcheck // it was only read
	in, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "olorin.db")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return "sqlite:///" + file
}

// TestEachReleasedSchemaIsUpgraded upgrades what an earlier version wrote: two runs on the sample, one with findings and one without.
func TestEachReleasedSchemaIsUpgraded(t *testing.T) {
	for _, released := range []struct {
		name           string
		investigations int
		entries        int64
	}{{"schema-00001", 2, 194}} {
		t.Run(released.name, func(t *testing.T) {
			url := fixture(t, released.name)
			if _, err := store.Open(t.Context(), url, store.Options{}); err == nil {
				t.Fatal("an older schema was opened")
			}
			if _, err := store.Migrate(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			signer, key, _ := store.AuditKey(t)
			db := openAt(t, url, store.Options{Server: true, Signer: signer})
			if n := storetest.Whole(t, db); n != released.investigations {
				t.Errorf("%d investigations", n)
			}
			if head, err := db.AuditHead(t.Context()); err != nil || head.Size != released.entries {
				t.Errorf("the old entries are sealed as %+v, %v", head, err)
			}
			all, err := db.History(t.Context(), olorin.HistoryQuery{})
			if err != nil || len(all.Items) == 0 {
				t.Fatal(all, err)
			}
			old := all.Items[0]
			if found, err := db.History(t.Context(), olorin.HistoryQuery{UserID: old.UserID, Text: old.Name}); err != nil || found.Total == 0 {
				t.Errorf("a search for %q finds %+v, %v", old.Name, found, err)
			}
			storetest.Create(t, storetest.NewDesk(db), "new", storetest.Settings(""))
			if v, err := db.VerifyAudit(t.Context(), key, nil); err != nil || v.Fault != "" || v.Entries != released.entries+1 {
				t.Errorf("the trail: %+v, %v", v, err)
			}
		})
	}
}
