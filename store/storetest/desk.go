package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// Epoch is when the suite's clock starts.
var Epoch = olorin.At(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))

// Ana is the analyst who does things in the suite.
var Ana = olorin.Actor{Kind: olorin.KindUser, ID: "ana", Role: olorin.RoleAnalyst, Origin: "192.0.2.7"}

// Alone is a feed with nobody to tell, so that every answer comes from the store.
type Alone struct{}

// Head knows nothing.
func (Alone) Head(string) (olorin.Head, bool) { return olorin.Head{}, false }

// Tail knows nothing.
func (Alone) Tail(string, int64, int) ([]olorin.Line, bool) { return nil, false }

// Keep forgets.
func (Alone) Keep(olorin.Head) {}

// Grew tells nobody.
func (Alone) Grew(olorin.Head, []olorin.Line) {}

// Forget is of olorin.Feed.
func (Alone) Forget(string) {}

// Ticking returns a clock that goes on by a second at every look.
func Ticking() olorin.Clock {
	var looks atomic.Int64
	return func() olorin.Time { return olorin.At(Epoch.Add(time.Duration(looks.Add(1)) * time.Second)) }
}

// NewDesk returns a desk on the database that starts any run without looking at the data.
func NewDesk(db olorin.Store) *olorin.Desk { return NewDeskOn(db, Alone{}) }

// NewDeskOn is NewDesk with followers.
func NewDeskOn(db olorin.Store, feed olorin.Feed) *olorin.Desk {
	return olorin.NewDesk(db, feed, Ticking(), func(context.Context, string, olorin.Settings) (olorin.Readiness, error) {
		return olorin.Readiness{}, nil
	},
		olorin.DeskOptions{Cadence: olorin.DefaultCadence, Retention: 90 * 24 * time.Hour})
}

// Settings are ready to start on the data set.
func Settings(dataset string, entities ...olorin.Entity) olorin.Settings {
	s := olorin.DefaultSettings()
	s.Dataset, s.Entities = dataset, entities
	if len(entities) == 0 {
		s.Entities = []olorin.Entity{{Type: "user_id", Value: "u-1"}}
	}
	return s
}

// Act is the audit entry of an act that is not a change of an investigation.
func Act(what string) olorin.AuditEntry {
	return olorin.AuditEntry{At: Epoch, Actor: Ana, Origin: Ana.Origin, Source: olorin.SourceUser, Action: what}
}

// PutDataset makes a data set of Ana's.
func PutDataset(t testing.TB, db *store.DB, id string) olorin.Dataset {
	t.Helper()
	d := olorin.Dataset{ID: id, UserID: Ana.ID, Name: id, Filename: id + ".csv", Rows: 3, Bytes: 100, SHA256: strings.Repeat("0", 64), CreatedAt: Epoch, Columns: []olorin.Column{}}
	if err := db.PutDataset(t.Context(), d, Act("dataset.import")); err != nil {
		t.Fatal(err)
	}
	return d
}

// Create makes a draft and returns it.
func Create(t testing.TB, desk *olorin.Desk, id string, s olorin.Settings) olorin.Investigation {
	t.Helper()
	return change(t, desk, id, olorin.Create(Ana.ID, "Case "+id, s, olorin.Lineage{}))
}

func change(t testing.TB, desk *olorin.Desk, id string, c olorin.Command) olorin.Investigation {
	t.Helper()
	changed, err := desk.Change(t.Context(), Ana, id, c, olorin.Condition{})
	if err != nil {
		t.Fatal(err)
	}
	return changed.Investigation
}

// Say is a command that writes log lines, as a run does.
func Say(level olorin.LogLevel, messages ...string) olorin.Command {
	return func(olorin.Investigation) ([]olorin.Body, error) {
		bodies := make([]olorin.Body, len(messages))
		for i, m := range messages {
			bodies[i] = olorin.LogAppended{Level: level, Agent: "device", Tool: "shared_device", Message: m}
		}
		return bodies, nil
	}
}

// Change makes the unit of writing out of bodies, as the desk does, for tests that want to hold it before it is written.
func Change(before olorin.Investigation, at olorin.Time, bodies ...olorin.Body) (olorin.Change, error) {
	c := olorin.Change{Before: before, After: before}
	for i, b := range bodies {
		e := olorin.Event{Seq: before.Version + int64(i) + 1, At: at, Actor: Ana, Source: olorin.SourceUser, Body: b}
		line, err := e.Encode()
		if err != nil {
			return c, err
		}
		if c.After, err = olorin.Apply(c.After, e); err != nil {
			return c, err
		}
		c.Events, c.Lines = append(c.Events, e), append(c.Lines, line)
	}
	var err error
	if c.Snapshot, err = json.Marshal(c.After); err != nil {
		return c, err
	}
	diff, err := olorin.AuditDiff(before, c.After)
	c.Audit = olorin.AuditEntry{
		Diff: diff, At: at, Actor: Ana, Origin: Ana.Origin, Source: olorin.SourceUser, Action: fmt.Sprint(len(bodies), " events"), InvestigationID: before.ID,
		VersionBefore: before.Version, VersionAfter: c.After.Version,
	}
	return c, err
}

// Whole fails the test unless the file is whole, every log adds up to its snapshot, and so does every audit trail. It returns how many
// logs there are.
func Whole(t testing.TB, db *store.DB) (logs int) {
	t.Helper()
	if err := db.QuickCheck(t.Context()); err != nil {
		t.Error(err)
	}
	err := db.CheckLogs(t.Context(), func(id string, fault error) error {
		logs++
		if fault == nil {
			fault = audited(t, db, id)
		}
		if fault != nil {
			t.Errorf("investigation %s: %v", id, fault)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	return logs
}

// audited compares what the audit trail of an investigation adds up to with its state.
func audited(t testing.TB, db *store.DB, id string) error {
	inv, err := db.Investigation(t.Context(), id)
	if err != nil {
		return err
	}
	var entries []olorin.AuditEntry
	for cursor, more := int64(0), true; more; {
		page, err := db.Audit(t.Context(), id, cursor, 1000)
		if err != nil {
			return err
		}
		entries, cursor, more = append(entries, page.Items...), page.NextCursor, page.HasMore
	}
	for i, e := range slices.Backward(entries) {
		if e.Action == olorin.Removed { // an earlier one of the same id
			entries = entries[i+1:]
			break
		}
	}
	if len(entries[0].Diff) == 0 {
		return nil // of a time before there were diffs
	}
	diff, err := olorin.AuditDiff(olorin.Investigation{}, inv)
	if err != nil {
		return err
	}
	want, err := olorin.Rebuild([]olorin.AuditEntry{{VersionAfter: inv.Version, Diff: diff}}, inv.Version)
	if err != nil {
		return err
	}
	got, err := olorin.Rebuild(entries, inv.Version)
	if err != nil {
		return err
	}
	if a, b := withoutNull(want), withoutNull(got); !reflect.DeepEqual(a, b) {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		return fmt.Errorf("the audit trail adds up to\n%s\nand the state is\n%s", y, x)
	}
	return nil
}

// withoutNull drops members that are null: whether a member is absent or null says nothing.
func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil {
				delete(v, name)
			} else {
				v[name] = withoutNull(member)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutNull(v[i])
		}
	}
	return v
}
