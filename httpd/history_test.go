package httpd

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

func (c client) list(query string) olorin.HistoryPage {
	c.t.Helper()
	var page olorin.HistoryPage
	c.do("GET", "/api/v1/wizard/history"+query, nil).want(200).into(&page)
	return page
}

func names(p olorin.HistoryPage) []string {
	var list []string
	for _, item := range p.Items {
		list = append(list, item.Name)
	}
	return list
}

func TestHistoryFiltersSortsAndPages(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var ids []string
	for _, name := range []string{"Alpha mule", "Beta", "Gamma mule", "Delta"} {
		ids = append(ids, ana.draft(name))
		h.clock.advance(time.Second)
	}
	ana.do("PUT", state(ids[1]), map[string]any{"settings": map[string]any{"entities": []any{map[string]any{"type": "email", "value": "a@example.com"}}}}).want(200)
	if got := names(ana.list("")); !slices.Equal(got, []string{"Beta", "Delta", "Gamma mule", "Alpha mule"}) {
		t.Errorf("newest first: %v", got)
	}
	if got := names(ana.list("?sort=name&limit=2&page=2")); !slices.Equal(got, []string{"Delta", "Gamma mule"}) {
		t.Errorf("second page by name: %v", got)
	}
	if got := names(ana.list("?q=mule&sort=-name")); !slices.Equal(got, []string{"Gamma mule", "Alpha mule"}) {
		t.Errorf("mules: %v", got)
	}
	if got := names(ana.list("?entity_type=email,ip_address&status=draft,running")); !slices.Equal(got, []string{"Beta"}) {
		t.Errorf("with an e-mail address: %v", got)
	}
	if p := ana.list("?status=completed&risk_min=0&risk_max=100&risk_level=low"); p.Total != 0 || p.Items == nil {
		t.Errorf("completed: %+v", p)
	}
	cyd := h.as("cyd", olorin.RoleAnalyst)
	for _, sign := range []string{"<", "日"} { // the longest of names is in the cursor
		cyd.draft(strings.Repeat(sign, 200))
	}
	longest := cyd.list("?sort=name&limit=1")
	if got := cyd.list("?sort=name&limit=1&cursor=" + *longest.NextCursor); len(got.Items) != 1 || got.Items[0].Name[:3] != "日" {
		t.Errorf("after the longest name: %v", names(got))
	}
	ben, ida := h.as("ben", olorin.RoleAnalyst), h.as("ida", olorin.RoleAuditor)
	ben.draft("Of Ben")
	if p := ida.list("?owner=ana&limit=1"); p.Total != 4 || p.Items[0].UserID != "ana" {
		t.Errorf("an auditor asks for those of ana: %+v", p)
	}
	if p := ida.list("?owner=ben,ana"); p.Total != 5 {
		t.Errorf("an auditor asks for those of two: %+v", p)
	}
	if p := ana.list("?owner=ben"); p.Total != 0 {
		t.Errorf("an analyst asks for those of another: %+v", p)
	}
	if p := ana.list("?from=" + url.QueryEscape(h.clock.now().Add(time.Hour).Format(time.RFC3339))); p.Total != 0 {
		t.Errorf("from the future: %+v", p)
	}
	first := ana.list("?limit=3&sort=name")
	if first.NextCursor == nil || first.TotalPages != 2 || first.Total != 4 {
		t.Fatalf("first page: %+v", first)
	}
	if got := names(ana.list("?limit=3&sort=name&cursor=" + url.QueryEscape(*first.NextCursor))); !slices.Equal(got, []string{"Gamma mule"}) {
		t.Errorf("after the cursor: %v", got)
	}
	for _, bad := range []string{"cursor=nonsense", "sort=-name&cursor=" + url.QueryEscape(*first.NextCursor)} {
		p := ana.do("GET", "/api/v1/wizard/history?"+bad, nil).refused(olorin.CodeInvalid)
		if len(p.Errors) != 1 || p.Errors[0].Pointer != "/query/cursor" || strings.Contains(p.Errors[0].Detail, "invalid") {
			t.Errorf("%s: %+v", bad, p.Errors)
		}
	}
}

func TestHistoryTellsEveryBadFilterAtOnce(t *testing.T) {
	ana := newHouse(t).ana()
	p := ana.do("GET", "/api/v1/wizard/history?status=done,draft&risk_level=huge&risk_min=-1&risk_max=x&from=yesterday&to=1&entity_type=cat&archived=maybe&sort=colour&page=0&limit=101&q=ok&stauts=x", nil).
		refused(olorin.CodeInvalid)
	want := []string{
		"/query/archived", "/query/entity_type/0", "/query/from", "/query/limit", "/query/page", "/query/risk_level/0", "/query/risk_max", "/query/risk_min",
		"/query/sort", "/query/status/0", "/query/stauts", "/query/to",
	}
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Pointer)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	p = ana.do("GET", "/api/v1/wizard/history?risk_min=60&risk_max=40&from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", nil).refused(olorin.CodeInvalid)
	if len(p.Errors) != 2 {
		t.Errorf("%v", p.Errors)
	}
}

func TestWhatIsArchivedLeavesTheListAndComesBack(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	one, two := ana.draft("One"), ana.draft("Two")
	if s := ana.do("POST", "/api/v1/wizard/history/"+one+"/archive", map[string]any{}).want(200).state(); s.ArchivedAt == nil {
		t.Errorf("%+v", s)
	}
	if got := names(ana.list("")); !slices.Equal(got, []string{"Two"}) {
		t.Errorf("%v", got)
	}
	if got := names(ana.list("?archived=true")); !slices.Equal(got, []string{"One"}) {
		t.Errorf("%v", got)
	}
	ana.do("POST", "/api/v1/wizard/history/"+one+"/unarchive", nil).want(200)
	h.dataset(t, "d1", "ana")
	running := ana.draft("Running")
	ana.do("PUT", state(running), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	ana.do("POST", "/api/v1/wizard/"+running+"/start", nil).want(200)
	var answer archiveAnswer
	ana.do("POST", "/api/v1/wizard/history/archive", map[string]any{"ids": []string{one, two, one, running, "nothing", "a b"}}).want(200).into(&answer)
	if !slices.Equal(answer.Archived, []string{one, two}) || len(answer.Refused) != 3 || answer.Refused[0].Code != olorin.CodeIllegalTransition || answer.Refused[1].Code != olorin.CodeNotFound {
		t.Errorf("%+v", answer)
	}
	ana.do("POST", "/api/v1/wizard/history/archive", map[string]any{"ids": []string{}}).refused(olorin.CodeInvalid)
	ana.do("POST", "/api/v1/wizard/history/archive", nil).refused(olorin.CodeInvalid)
}

// Only what holds nothing that anybody entered, a name and the data set it began with aside, is thrown away: also what was entered and taken out again is in its log.
func TestEmptyDraftsAreThrownAway(t *testing.T) {
	h := newHouse(t)
	ana, bea := h.ana(), h.as("bea", olorin.RoleAnalyst)
	empty, entered := ana.draft("Empty"), ana.draft("Entered")
	chosen := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "The only data set", "settings": map[string]any{"dataset": "d1"}}).want(201).state().ID
	ana.do("DELETE", "/api/v1/wizard/history/"+chosen, nil).want(204)
	ana.do("PUT", state(empty), map[string]any{"name": "Named"}).want(200)
	ana.do("POST", "/api/v1/wizard/history/"+empty+"/archive", nil).want(200)
	user := map[string]any{"entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}
	ana.do("PUT", state(entered), map[string]any{"settings": user}).want(200)
	ana.do("PUT", state(entered), map[string]any{"settings": map[string]any{}}).want(200)
	made := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Made with settings", "settings": user}).want(201).state().ID
	for _, id := range []string{entered, made} {
		ana.do("DELETE", "/api/v1/wizard/history/"+id, nil).refused(olorin.CodeNotEmpty)
	}
	bea.do("DELETE", "/api/v1/wizard/history/"+empty, nil).refused(olorin.CodeNotFound)
	ana.do("DELETE", "/api/v1/wizard/history/"+empty, nil, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	ana.do("DELETE", "/api/v1/wizard/history/"+empty, nil).want(204)
	ana.do("DELETE", "/api/v1/wizard/history/"+empty, nil).refused(olorin.CodeNotFound)
	ana.do("GET", "/api/v1/wizard/"+empty+"/poll?cursor=1", nil).refused(olorin.CodeNotFound)
	if s := ana.do("PUT", state(empty), map[string]any{"name": "Named"}).want(201).state(); s.Version != 1 || s.Name != "Named" {
		t.Errorf("had back: %+v", s)
	}
}

func TestHistoryEntry(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("One")
	var e historyEntry
	ana.do("GET", "/api/v1/wizard/history/"+id, nil).want(200).into(&e)
	if e.ID != id || e.Name != "One" || e.UserID != "ana" || e.Settings.RiskThreshold != 60 {
		t.Errorf("%+v", e)
	}
}

func TestLogsAuditAndCheckpoints(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("One")
	w := "/api/v1/wizard/" + id
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	ana.do("GET", w+"/checkpoint", nil).refused(olorin.CodeNotFound)
	ana.do("POST", w+"/checkpoint", map[string]any{"label": "before the run"}).want(200)
	var checkpoint olorin.Checkpoint
	ana.do("GET", w+"/checkpoint", nil).want(200).into(&checkpoint)
	if checkpoint.Label != "before the run" || checkpoint.By.ID != "ana" {
		t.Errorf("%+v", checkpoint)
	}
	ana.do("POST", w+"/checkpoint", map[string]any{}).refused(olorin.CodeInvalid)
	ana.do("PUT", state(id), map[string]any{"name": "Two"}).want(200)
	var changes olorin.Changes
	ana.do("GET", w+"/changes?from=3", nil).want(200).into(&changes)
	if len(changes.Items) != 1 || changes.Items[0].Path != "name" || changes.Items[0].Text != `name “One” → “Two”` || changes.To != 4 {
		t.Errorf("since the checkpoint: %+v", changes)
	}
	if s := ana.do("POST", w+"/checkpoints/3/restore", nil).want(200).state(); s.Name != "One" {
		t.Errorf("restored: %+v", s)
	}
	ana.do("GET", w+"/changes?from=3&to=5", nil).want(200).into(&changes)
	if len(changes.Items) != 0 {
		t.Errorf("from the checkpoint to its restoration: %+v", changes)
	}
	ana.do("GET", w+"/changes?from=9", nil).refused(olorin.CodeNotFound)
	ana.do("GET", w+"/changes?from=0", nil).refused(olorin.CodeInvalid)
	h.as("ben", olorin.RoleAnalyst).do("GET", w+"/changes?from=3", nil).refused(olorin.CodeNotFound)
	ana.do("POST", w+"/checkpoints/2/restore", nil).refused(olorin.CodeNotFound)
	ana.do("POST", w+"/checkpoints/x/restore", nil).refused(olorin.CodeNotFound)
	ana.do("POST", w+"/start", nil).want(200)
	for _, b := range []olorin.LogAppended{{Level: olorin.LevelInfo, Message: "reading"}, {Level: olorin.LevelWarn, Message: "slow disk"}, {Level: olorin.LevelInfo, Message: "read"}} {
		if _, err := h.desk.Change(t.Context(), olorin.System, id, olorin.Report(h.clock.now(), b), olorin.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	var page olorin.LogPage
	ana.do("GET", w+"/logs?limit=2", nil).want(200).into(&page)
	if len(page.Items) != 2 || !page.HasMore || page.Total != 3 || page.Items[0].Line != 1 || page.Items[0].Message != "reading" {
		t.Errorf("%+v", page)
	}
	ana.do("GET", w+"/logs?level=warn&q=disk", nil).want(200).into(&page)
	if len(page.Items) != 1 || page.Items[0].Line != 2 {
		t.Errorf("%+v", page)
	}
	ana.do("GET", w+"/logs?level=loud&limit=0", nil).refused(olorin.CodeInvalid)
	var trail olorin.AuditPage
	ana.do("GET", w+"/audit", nil).want(200).into(&trail)
	if len(trail.Items) != 9 || trail.Items[0].Actor.ID != "ana" || trail.Items[0].Origin == "" || trail.Items[0].Action != "investigation.created" {
		t.Errorf("%d entries: %+v", len(trail.Items), trail.Items)
	}
	off := newHouse(t, func(o *Options) { o.Features.AuditLogging = false })
	off.ana().do("GET", "/api/v1/wizard/"+off.ana().draft("x")+"/audit", nil).refused(olorin.CodeFeatureDisabled)
}

func TestTheWholeTrailIsForAuditors(t *testing.T) {
	h := newHouse(t)
	ana, ida := h.ana(), h.as("ida", olorin.RoleAuditor)
	id := ana.draft("Case")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"risk_threshold": 70, "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	h.browser().do("POST", "/api/v1/auth/login", map[string]any{"username": "ana", "password": "wrong"}).refused(olorin.CodeUnauthenticated)
	h.browser().do("POST", "/api/v1/auth/login", map[string]any{"username": "my password by mistake", "password": "wrong"}).refused(olorin.CodeUnauthenticated)

	ana.do("GET", "/api/v1/audit", nil).refused(olorin.CodeForbidden)
	var page olorin.AuditPage
	ida.do("GET", "/api/v1/audit?action=login.refused", nil).want(200).into(&page)
	if len(page.Items) != 2 || page.Items[0].Actor.ID != "ana" || page.Items[1].Actor.ID != "?" || page.Items[1].Text != "login refused" {
		t.Errorf("refused logins: %+v", page.Items)
	}
	ida.do("GET", "/api/v1/audit?actor=ana&limit=1", nil).want(200).into(&page)
	if len(page.Items) != 1 || !page.HasMore {
		t.Errorf("a page of one: %+v", page)
	}
	var newest, before olorin.AuditPage
	ida.do("GET", "/api/v1/audit?actor=ana&limit=1&newest=true", nil).want(200).into(&newest)
	ida.do("GET", fmt.Sprintf("/api/v1/audit?actor=ana&limit=1&newest=true&cursor=%d", newest.NextCursor), nil).want(200).into(&before)
	if len(newest.Items) != 1 || len(before.Items) != 1 || newest.Items[0].Number <= before.Items[0].Number || before.Items[0].Number <= page.Items[0].Number {
		t.Errorf("newest first: %+v, then %+v, oldest %+v", newest, before, page)
	}
	ana.do("GET", "/api/v1/wizard/"+id+"/audit", nil).want(200).into(&page)
	last := page.Items[len(page.Items)-1]
	if want := `changed: entities user u1; risk threshold 60 → 70`; last.Text != want {
		t.Errorf("the entry reads %q, want %q", last.Text, want)
	}
	var rebuilt auditStateAnswer
	ana.do("GET", "/api/v1/wizard/"+id+"/audit/state?version=1", nil).want(200).into(&rebuilt)
	if s, ok := rebuilt.State["settings"].(map[string]any); !ok || s["risk_threshold"] != 60.0 {
		t.Errorf("version 1 is rebuilt as %+v", rebuilt.State)
	}
	ana.do("GET", "/api/v1/wizard/"+id+"/audit/state?version=9", nil).refused(olorin.CodeNotFound)
	h.as("ben", olorin.RoleAnalyst).do("GET", "/api/v1/wizard/"+id+"/audit/state?version=1", nil).refused(olorin.CodeNotFound)
}

func TestTheAdminPageIsForAdmins(t *testing.T) {
	h := newHouse(t)
	h.ana().do("GET", "/api/v1/admin/status", nil).refused(olorin.CodeForbidden)
	h.ana().do("POST", "/api/v1/admin/backup", nil).refused(olorin.CodeForbidden)
	h.as("ida", olorin.RoleAuditor).do("GET", "/api/v1/admin/status", nil).refused(olorin.CodeForbidden)
	h.door.Admin = Admin{
		Status: func(ctx context.Context) (AdminStatus, error) {
			return AdminStatus{Database: DatabaseStatus{Kind: "sqlite"}, Writes: WriteStatus{Mode: "durable"}, Backups: BackupStatus{Items: []BackupItem{}}}, ctx.Err()
		},
		Backup: func(ctx context.Context) (store.Backup, error) {
			return h.db.Backup(ctx, filepath.Join(t.TempDir(), "backup.db"), nil)
		},
	}
	boss := h.as("boss", olorin.RoleAdmin)
	boss.do("GET", "/api/v1/admin/status", nil).want(200)
	var made store.Backup
	if boss.do("POST", "/api/v1/admin/backup", nil).want(201).into(&made); made.Bytes == 0 {
		t.Errorf("made %+v", made)
	}
}

func TestHistoryIsReadAgainOnlyWhereItChanged(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Alpha")
	const list = "/api/v1/wizard/history?sort=name"
	tag := ana.do("GET", list, nil).want(200).header.Get("ETag")
	if tag == "" {
		t.Fatal("the list has no tag")
	}
	ana.do("GET", list, nil, header{"If-None-Match", `"x", W/` + tag}).want(304)
	ana.do("PUT", state(id), map[string]any{"name": "Beta"}).want(200)
	if other := ana.do("GET", list, nil, header{"If-None-Match", tag}).want(200).header.Get("ETag"); other == tag {
		t.Error("another list has the same tag")
	}
}

func TestSeveralAreArchivedAndBroughtBack(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	a, b := ana.draft("A"), ana.draft("B")
	foreign := h.as("ben", olorin.RoleAnalyst).draft("C")
	for _, act := range []string{"archive", "unarchive"} {
		var answer archiveAnswer
		ana.do("POST", "/api/v1/wizard/history/"+act, map[string]any{"ids": []string{a, foreign, b, "no such"}}).want(200).into(&answer)
		if !slices.Equal(answer.Archived, []string{a, b}) || len(answer.Refused) != 2 || answer.Refused[0].Code != olorin.CodeNotFound {
			t.Errorf("%s: %+v", act, answer)
		}
		if want := map[string]int64{"archive": 2, "unarchive": 0}[act]; ana.list("?archived=true").Total != want {
			t.Errorf("after %s the archive does not hold %d", act, want)
		}
	}
}

func TestHistoryIsExported(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var ids []string
	for _, name := range []string{`=HYPERLINK("http://x")`, "+1", "-1", "@a", "\tb", " =cmd", "＝1", `Plain, "quoted"` + "\nname"} {
		ids = append(ids, ana.draft(name))
	}
	for range 100 { // more than a page
		ana.draft("Other")
	}
	h.as("ben", olorin.RoleAnalyst).draft("Of somebody else")
	read := func(query string) []string {
		got := ana.do("GET", "/api/v1/wizard/history/export"+query, nil).want(200)
		rows, err := csv.NewReader(strings.NewReader(string(got.body))).ReadAll()
		if err != nil || !slices.Equal(rows[0], exportColumns) {
			t.Fatalf("%v: %s", err, got.body)
		}
		var cells []string
		for _, row := range rows[1:] {
			cells = append(cells, row[1])
		}
		return cells
	}
	want := []string{`'=HYPERLINK("http://x")`, "'+1", "'-1", "'@a", "'\tb", "' =cmd", "'＝1", `Plain, "quoted"` + "\nname"}
	if got := read("?sort=created_at&ids=" + strings.Join(ids, ",")); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := read("?q=Other"); len(got) != 100 {
		t.Errorf("%d rows", len(got))
	}
	if got := read(""); len(got) != 108 {
		t.Errorf("%d rows", len(got))
	}
	var trail olorin.AuditPage
	h.as("otto", olorin.RoleAuditor).do("GET", "/api/v1/audit?action=history.exported", nil).want(200).into(&trail)
	if len(trail.Items) != 3 || trail.Items[0].Actor.ID != "ana" {
		t.Errorf("the trail tells %+v", trail.Items)
	}
}
