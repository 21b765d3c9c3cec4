package store

import (
	"testing"

	"github.com/olorin-dev/olorin"
)

// TestWhatIsHeldIsComparedAlsoWhereTheDiskCannotBeRead: of two changes that were decided on one version, the second is refused, since the first
// is held here, whatever the database answers.
func TestWhatIsHeldIsComparedAlsoWhereTheDiskCannotBeRead(t *testing.T) {
	h := newHold(Options{MemoryBytes: 1 << 20})
	h.blind = true
	change := olorin.Change{
		Before: olorin.Investigation{ID: "case", Version: 1}, After: olorin.Investigation{ID: "case", Version: 2},
		Lines: []olorin.Line{{Seq: 2, JSON: []byte(`{"seq":2}`)}},
	}
	if kept, err := h.keepChange(change, nil); err != nil || kept == nil {
		t.Fatal(kept, err)
	}
	if _, err := h.keepChange(change, nil); olorin.CodeOf(err) != olorin.CodeConflict {
		t.Errorf("a second change of the same version: %v", err)
	}
}
