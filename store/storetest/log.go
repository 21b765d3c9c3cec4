package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// logs pages through log lines with and without filters.
func logs(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	Create(t, desk, "case", Settings(""))
	levels := []olorin.LogLevel{olorin.LevelInfo, olorin.LevelWarn, olorin.LevelError}
	var all []olorin.LogLine
	for i := range 60 {
		level := levels[i%7%3]
		message := fmt.Sprintf("Line %d: Größe %d%%", i+1, i%10)
		inv := change(t, desk, "case", Say(level, message))
		all = append(all, olorin.LogLine{Seq: inv.Version, Line: int64(i + 1), At: inv.UpdatedAt, Level: level, Agent: "device", Tool: "shared_device", Message: message})
		if i%5 == 0 {
			name := fmt.Sprint("Name ", i)
			change(t, desk, "case", olorin.Save{Name: &name}.Decide)
		}
	}
	for _, q := range []olorin.LogQuery{
		{},
		{Limit: 7},
		{Limit: 60},
		{Limit: 61},
		{Level: olorin.LevelWarn},
		{Level: olorin.LevelWarn, Limit: 3},
		{Text: "LINE 1", Limit: 4},
		{Text: "grÖSSE"},
		{Text: "größe 3%", Limit: 2},
		{Text: "_"},
		{Text: "Shared"},
		{Level: olorin.LevelError, Text: "0%", Limit: 1},
		{Text: "no such thing"},
		{Level: "loud"},
	} {
		var want, got []olorin.LogLine
		for _, l := range all {
			text := strings.ToLower(l.Message + "\x00" + l.Agent + "\x00" + l.Tool)
			if (q.Level == "" || q.Level == l.Level) && strings.Contains(text, strings.ToLower(q.Text)) {
				want = append(want, l)
			}
		}
		for pages := 0; ; pages++ {
			page, err := db.Logs(ctx, "case", q)
			must(t, err)
			if page.Total != int64(len(all)) {
				t.Errorf("%+v: the total is %d", q, page.Total)
			}
			if q.Limit > 0 && len(page.Items) > q.Limit || pages > len(all) {
				t.Fatalf("%+v: page %d has %d lines", q, pages, len(page.Items))
			}
			got = append(got, page.Items...)
			if page.HasMore != (len(got) < len(want)) {
				t.Errorf("%+v: has_more is %t after %d of %d", q, page.HasMore, len(got), len(want))
			}
			if !page.HasMore {
				break
			}
			q.Cursor = page.NextCursor
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v:\ngot  %v\nwant %v", q, got, want)
		}
	}
	_, err := db.Logs(ctx, "no case", olorin.LogQuery{})
	code(t, err, olorin.CodeNotFound)
}

// restoredLogs shows that a restored checkpoint takes no log line back: lines go on being counted where they were.
func restoredLogs(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	Create(t, desk, "case", Settings(""))
	change(t, desk, "case", Say(olorin.LevelInfo, "one", "two"))
	marked, err := desk.Mark(ctx, Ana, "case", "here", olorin.Condition{})
	must(t, err)
	change(t, desk, "case", Say(olorin.LevelInfo, "three"))
	_, err = desk.Restore(ctx, Ana, "case", marked.Investigation.Version, olorin.Condition{})
	must(t, err)
	change(t, desk, "case", Say(olorin.LevelInfo, "four"))
	page, err := db.Logs(ctx, "case", olorin.LogQuery{})
	must(t, err)
	for i, l := range page.Items {
		if l.Line != int64(i)+1 {
			t.Errorf("line %d is numbered %d", i+1, l.Line)
		}
	}
	if len(page.Items) != 4 || page.Total != 4 {
		t.Errorf("there are %d lines of %d", len(page.Items), page.Total)
	}
	lines, err := db.EventsOfType(ctx, "case", "checkpoint.created")
	must(t, err)
	if len(lines) != 1 || lines[0].Seq != marked.Investigation.Version || lines[0].Type != "checkpoint.created" {
		t.Errorf("the checkpoints are %+v", lines)
	}
	lines, err = db.EventsOfType(ctx, "case", "log.appended")
	must(t, err)
	if len(lines) != 4 {
		t.Errorf("of type log.appended are %+v", lines)
	}
	_, err = db.EventsOfType(ctx, "no case", "log.appended")
	code(t, err, olorin.CodeNotFound)
}

// trail shows the audit trail: in order, without gaps, by pages, scoped to its investigation.
func trail(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	for i := range 3 {
		Create(t, desk, fmt.Sprint("case-", i), Settings(""))
		PutDataset(t, db, fmt.Sprint("d", i))
	}
	for i := range 20 {
		change(t, desk, fmt.Sprint("case-", i%3), Say(olorin.LevelInfo, "one", "two"))
	}
	numbers := map[int64]bool{}
	for i := range 3 {
		id := fmt.Sprint("case-", i)
		var entries []olorin.AuditEntry
		for cursor := int64(0); ; {
			page, err := db.Audit(ctx, id, cursor, 3)
			must(t, err)
			entries = append(entries, page.Items...)
			if cursor = page.NextCursor; !page.HasMore {
				break
			}
		}
		inv, err := db.Investigation(ctx, id)
		must(t, err)
		version := int64(0)
		for _, a := range entries {
			if a.InvestigationID != id || a.VersionBefore != version || a.Actor.ID != "ana" || a.Actor.Role != olorin.RoleAnalyst || a.Origin != "192.0.2.7" || a.Source != olorin.SourceUser {
				t.Errorf("after version %d comes %+v", version, a)
			}
			version = a.VersionAfter
			numbers[a.Number] = true
		}
		if version != inv.Version {
			t.Errorf("the trail ends at version %d and the log at %d", version, inv.Version)
		}
	}
	// 26 entries in all; numbers 2, 4 and 6 went to the data sets.
	for n := int64(1); n <= 26; n++ {
		if want := n != 2 && n != 4 && n != 6; numbers[n] != want {
			t.Errorf("it is %t that entry %d is of an investigation", numbers[n], n)
		}
	}
	if len(numbers) != 23 {
		t.Errorf("%d numbers were given to 23 entries", len(numbers))
	}
	_, err := db.Audit(ctx, "no case", 0, 10)
	code(t, err, olorin.CodeNotFound)
}
