package storetest

import (
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// reviews are counted by check over all investigations: what two of them hold in common once, by the newest verdict.
func reviews(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	PutDataset(t, db, "d1")
	for _, id := range []string{"first", "rerun"} {
		Create(t, desk, id, Settings("d1"))
		_, err := desk.Start(ctx, Ana, id, olorin.Condition{})
		must(t, err)
		_, err = desk.Change(ctx, olorin.System, id, olorin.Report(Epoch,
			olorin.FindingAdded{Finding: olorin.Finding{ID: "f1", Agent: "device", Tool: "DEV-01", ToolVersion: 1, Strength: .5, Weight: .6}},
			olorin.FindingAdded{Finding: olorin.Finding{ID: "f2", Agent: "device", Tool: "DEV-01", ToolVersion: 2, Strength: 1, Weight: .3}},
			olorin.FindingAdded{Finding: olorin.Finding{ID: "f3", Agent: "device", Tool: "DEV-01", ToolVersion: 2}}), olorin.Condition{})
		must(t, err)
	}
	say := func(who olorin.Actor, id string, command olorin.Command, want olorin.Code) {
		t.Helper()
		_, err := desk.Review(ctx, who, id, command, olorin.Condition{})
		code(t, err, want)
	}
	counts := func(want ...olorin.Precedent) {
		t.Helper()
		got, err := db.Precedents(ctx)
		must(t, err)
		if len(got) != len(want) {
			t.Fatalf("counted %+v, want %+v", got, want)
		}
		for i := range want {
			if got[i].Since.IsZero() {
				t.Errorf("%+v does not say since when", got[i])
			}
			got[i].Since = olorin.Time{}
			if got[i] != want[i] {
				t.Errorf("counted %+v, want %+v", got[i], want[i])
			}
		}
	}
	counts()
	say(Ana, "first", olorin.Judge("f1", olorin.Confirmed, "stolen"), "")
	say(Ana, "first", olorin.Judge("f2", olorin.Confirmed, "stolen"), "")
	say(Ana, "first", olorin.Judge("f3", olorin.Undecided, ""), "")
	say(Ana, "first", olorin.Annotate("f3", "ask again"), "")
	say(Ana, "first", olorin.Judge("gone", olorin.Confirmed, "x"), olorin.CodeNotFound)
	one := olorin.Precedent{Agent: "device", Tool: "DEV-01", ToolVersion: 1, Confirmed: 1}
	two := olorin.Precedent{Agent: "device", Tool: "DEV-01", ToolVersion: 2, Confirmed: 1, Undecided: 1}
	counts(one, two)
	judged, err := db.Judged(ctx)
	must(t, err)
	if want := []olorin.Judged{{Counts: .3, Confirmed: 2}}; !slices.Equal(judged, want) { // .5 × .6 and 1 × .3
		t.Errorf("judged %+v, want %+v", judged, want)
	}

	say(Ana, "rerun", olorin.Judge("f2", olorin.FalsePositive, "his brother's"), "")
	two.Confirmed, two.FalsePositive = 0, 1
	counts(one, two)
	say(Ana, "rerun", olorin.Withdraw("f2"), "")
	two.Confirmed, two.FalsePositive = 1, 0
	counts(one, two)
	say(Ana, "first", olorin.Withdraw("f1"), "")
	counts(two)

	// Who else may look, and review, is told by the header alone.
	ben := olorin.Actor{Kind: olorin.KindUser, ID: "ben", Role: olorin.RoleAnalyst}
	_, err = desk.Head(ctx, ben, "first")
	code(t, err, olorin.CodeNotFound)
	yes, to := true, "ben"
	_, err = desk.Share(ctx, ben, "first", olorin.Sharing{Shared: &yes}, olorin.Condition{})
	code(t, err, olorin.CodeNotFound)
	_, err = desk.Share(ctx, Ana, "first", olorin.Sharing{Shared: &yes}, olorin.Condition{})
	must(t, err)
	_, err = desk.Head(ctx, ben, "first")
	must(t, err)
	say(ben, "first", olorin.Annotate("f1", "seen"), olorin.CodeForbidden)
	_, err = desk.Audit(ctx, ben, "first", 0, 10)
	code(t, err, olorin.CodeForbidden)
	_, err = desk.Share(ctx, Ana, "first", olorin.Sharing{Assignee: &to}, olorin.Condition{})
	must(t, err)
	say(ben, "first", olorin.Judge("f1", olorin.Confirmed, "seen"), "")
	_, err = desk.Act(ctx, ben, "first", olorin.ActPause, olorin.Condition{})
	code(t, err, olorin.CodeForbidden)
	inv, err := db.Investigation(ctx, "first")
	must(t, err)
	if v := inv.Reviews["f1"].Verdict; v == nil || v.By != "ben" || !inv.Shared || inv.Assignee != "ben" {
		t.Errorf("kept as %+v, shared %v, assigned to %q", inv.Reviews, inv.Shared, inv.Assignee)
	}
}

// weights shows that each version of the accepted weights is kept, and that of two who accept at once one is told.
func weights(t *testing.T, db *store.DB) {
	ctx := t.Context()
	entry := olorin.AuditEntry{At: Epoch, Actor: Ana, Source: olorin.SourceUser, Action: "weights.accepted"}
	if w, err := db.Weights(ctx, 0); err != nil || w.Version != 0 {
		t.Fatalf("before any: %+v (%v)", w, err)
	}
	for v := range int64(3) {
		must(t, db.PutWeights(ctx, olorin.Weights{Version: v + 1, At: Epoch, By: "ana", Tools: map[string]olorin.Weighted{"A": {ToolVersion: 1, Weight: float64(v) / 10}}}, entry))
	}
	code(t, db.PutWeights(ctx, olorin.Weights{Version: 3}, entry), olorin.CodeConflict)
	for _, c := range []struct{ asked, version int64 }{{0, 3}, {2, 2}, {1, 1}} {
		w, err := db.Weights(ctx, c.asked)
		must(t, err)
		if got, ok := w.Of("A", 1); !ok || w.Version != c.version || got != float64(c.version-1)/10 {
			t.Errorf("version %d: %+v", c.asked, w)
		}
	}
	_, err := db.Weights(ctx, 9)
	code(t, err, olorin.CodeNotFound)
}
