package httpd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

const templatesPath = "/api/v1/wizard/templates"

func cardTemplate(name string) map[string]any {
	return map[string]any{
		"name": name, "description": "For stolen cards", "tags": []string{"cards", "urgent"},
		"settings": map[string]any{
			"entities":   []any{map[string]any{"type": "user_id", "value": "", "primary": true, "weight": 5}, map[string]any{"type": "email", "value": "a@example.com"}},
			"time_range": map[string]any{"preset": "last_30d"}, "correlation_mode": "AND", "execution_mode": "sequential", "risk_threshold": 71.5,
			"scoring": map[string]any{"form": "any_critical", "agent_weights": map[string]any{"network": 0.5}},
		},
		"placeholders": []any{map[string]any{"name": "user", "label": "The user to investigate", "pointer": "/entities/0/value"}},
	}
}

func (c client) addTemplate(name string) olorin.Template {
	c.t.Helper()
	var t olorin.Template
	c.do("POST", templatesPath, cardTemplate(name)).want(201).into(&t)
	return t
}

func (c client) templateNames(query string) []string {
	c.t.Helper()
	var page templatesAnswer
	c.do("GET", templatesPath+query, nil).want(200).into(&page)
	names := []string{}
	for _, t := range page.Items {
		if !t.BuiltIn {
			names = append(names, t.Name)
		}
	}
	return names
}

func TestTemplateLoadsEverySetting(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	made := ana.addTemplate("Stolen cards")
	at := templatesPath + "/" + made.ID
	if made.EntityCount != 2 || made.Version != 1 || made.Scope != olorin.ScopePrivate {
		t.Errorf("made %+v", made)
	}
	refused := ana.do("POST", at+"/apply", map[string]any{"values": map[string]any{"usr": "u1"}}).refused(olorin.CodeInvalid)
	if len(refused.Errors) != 2 {
		t.Errorf("all faults at once: %+v", refused.Errors)
	}
	// A value is a value, whatever it looks like.
	odd := `u1", "type": "email {{user}} ${user}`
	var applied applyAnswer
	ana.do("POST", at+"/apply", map[string]any{"values": map[string]any{"user": odd}, "overrides": map[string]any{"dataset": "d1", "risk_threshold": 12}}).want(200).into(&applied)
	s := applied.Settings
	if s.Entities[0].Value != odd || s.Entities[0].Type != "user_id" || s.Entities[0].Weight != 5 || !s.Entities[0].Primary || s.Entities[1].Value != "a@example.com" ||
		s.TimeRange.Preset != "last_30d" || s.CorrelationMode != olorin.And || s.ExecutionMode != olorin.Sequential || s.Dataset != "d1" || s.RiskThreshold != 12 || s.Scoring.Form != olorin.AnyCritical || s.Scoring.AgentWeights["network"] != 0.5 || applied.UsageCount != 1 {
		t.Errorf("applied %+v", applied)
	}
	var state olorin.Investigation
	ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Case", "template_id": made.ID, "settings": s}).want(201).into(&state)
	if state.Lineage.TemplateID != made.ID || state.Settings.RiskThreshold != 12 {
		t.Errorf("created %+v", state.Lineage)
	}
	ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Case", "template_id": made.ID}).want(201).into(&state)
	if state.Settings.RiskThreshold != 71.5 || len(state.Settings.Entities) != 2 {
		t.Errorf("created with the template's settings: %+v", state.Settings)
	}
	ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Case", "template_id": "none"}).refused(olorin.CodeInvalid)
}

// Values are read as strictly as a save, and everything that is wrong with them is told where it was given.
func TestValuesOfATemplateAreReadStrictly(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	asks := cardTemplate("Asks for much")
	asks["placeholders"] = []any{
		map[string]any{"name": "mail", "label": "Which", "pointer": "/entities/1/value"},
		map[string]any{"name": "range", "label": "When", "pointer": "/time_range"},
		map[string]any{"name": "limit", "label": "From which score", "pointer": "/risk_threshold"},
	}
	var made olorin.Template
	ana.do("POST", templatesPath, asks).want(201).into(&made)
	for _, c := range []struct {
		mail, within, limit any
		wrong               []string
	}{
		{"b@example.com", map[string]any{"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}, 12, nil},
		{"", map[string]any{"preset": "last_7d"}, 101, []string{"/values/limit", "/values/mail"}},
		{"nobody", map[string]any{"preset": "last_7d", "bogus": 1}, 12, []string{"/values/mail", "/values/range"}},
		{"b@example.com", map[string]any{"PRESET": "last_7d"}, "12", []string{"/values/limit", "/values/range"}},
		{strings.Repeat("a", 320) + "@example.com", "last_7d", true, []string{"/values/limit", "/values/mail", "/values/range"}},
		{7, map[string]any{"preset": "yesterday"}, -1, []string{"/values/limit", "/values/mail", "/values/range/preset"}},
		{nil, map[string]any{"preset": "all", "start": "2026-01-01T00:00:00Z"}, 1, []string{"/values/mail", "/values/range"}},
	} {
		answer := ana.do("POST", templatesPath+"/"+made.ID+"/apply", map[string]any{"values": map[string]any{"mail": c.mail, "range": c.within, "limit": c.limit}})
		if c.wrong == nil {
			answer.want(200)
			continue
		}
		wrong := []string{}
		for _, f := range answer.refused(olorin.CodeInvalid).Errors {
			wrong = append(wrong, f.Pointer)
			if strings.Contains(f.Detail, "json:") || strings.Contains(f.Detail, "olorin.") {
				t.Errorf("our own words are told: %q", f.Detail)
			}
		}
		if !slices.Equal(wrong, c.wrong) {
			t.Errorf("%v, %v, %v: faults at %v, want %v", c.mail, c.within, c.limit, wrong, c.wrong)
		}
	}
}

func TestAllFaultsOfOverridesAreToldWhereTheyStand(t *testing.T) {
	ana := newHouse(t).ana()
	var made olorin.Template
	ana.do("POST", templatesPath, cardTemplate("Overridden")).want(201).into(&made)
	at := templatesPath + "/" + made.ID
	var got []string
	for _, f := range ana.do("POST", at+"/apply", map[string]any{"overrides": map[string]any{"risk_threshold": 200, "zz": 1}}).refused(olorin.CodeInvalid).Errors {
		got = append(got, f.Pointer)
	}
	slices.Sort(got)
	if want := []string{"/overrides/risk_threshold", "/overrides/zz", "/values/user"}; !slices.Equal(got, want) {
		t.Errorf("faults at %v, want %v", got, want)
	}
	ana.do("GET", at, nil).want(200).into(&made)
	if made.UsageCount != 0 {
		t.Errorf("what was refused counts as %d uses", made.UsageCount)
	}
}

func TestAllFaultsOfATemplateAreToldAtOnce(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	bad := cardTemplate("two\nlines")
	bad["bogus"], bad["scope"], bad["tags"] = 1, "team", []string{"a,b", "good", " "}
	bad["placeholders"] = []any{
		map[string]any{"name": "a", "label": "A", "pointer": "/entities/00/value"},
		map[string]any{"name": "a", "label": "B", "pointer": "/entities/7/value"},
	}
	made := ana.addTemplate("There already")
	want := []string{"/bogus", "/name", "/placeholders/0/pointer", "/placeholders/1/name", "/placeholders/1/pointer", "/scope", "/tags/0", "/tags/2"}
	for _, to := range [][2]string{{"POST", templatesPath}, {"PUT", templatesPath + "/" + made.ID}} {
		pointers := []string{}
		for _, f := range ana.do(to[0], to[1], bad).refused(olorin.CodeInvalid).Errors {
			pointers = append(pointers, f.Pointer)
		}
		slices.Sort(pointers)
		if !slices.Equal(pointers, want) {
			t.Errorf("%s: faults at %v, want %v", to[0], pointers, want)
		}
	}
	ana.do("POST", templatesPath, map[string]any{"name": "x"}).refused(olorin.CodeInvalid)
}

func TestTemplatesArePaged(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	for _, name := range []string{"A", "B", "C"} {
		ana.addTemplate(name)
	}
	for page, want := range map[string][]string{"1": {"A", "B"}, "2": {"C"}, "9": {}} {
		var got templatesAnswer
		ana.do("GET", templatesPath+"?mine=true&limit=2&page="+page, nil).want(200).into(&got)
		names := []string{}
		for _, t := range got.Items {
			names = append(names, t.Name)
		}
		if !slices.Equal(names, want) || got.Total != 3 || got.TotalPages != 2 || got.Owned != 3 || !slices.Contains(got.Tags, "identity") || !slices.Contains(got.Tags, "cards") {
			t.Errorf("page %s: %v of %d on %d pages, %d owned, tags %v", page, names, got.Total, got.TotalPages, got.Owned, got.Tags)
		}
	}
	var rows struct{ Items []map[string]any }
	ana.do("GET", templatesPath, nil).want(200).into(&rows)
	for _, row := range rows.Items {
		if row["settings"] != nil || row["placeholders"] != nil || row["entity_count"] == nil {
			t.Errorf("a row of the list carries %v", row)
		}
	}
}

func TestTemplateNamesAreToldTaken(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	first := ana.addTemplate("Stolen cards")
	taken := ana.do("POST", templatesPath, cardTemplate("STOLEN cards")).refused(olorin.CodeNameTaken)
	if taken.Existing != first.ID || taken.Suggested != "STOLEN cards (2)" {
		t.Errorf("taken by %q, suggested %q", taken.Existing, taken.Suggested)
	}
	ana.addTemplate(taken.Suggested)
	if again := ana.do("POST", templatesPath, cardTemplate("stolen cards (2)")).refused(olorin.CodeNameTaken); again.Suggested != "stolen cards (3)" {
		t.Errorf("suggested %q", again.Suggested)
	}
	var over olorin.Template
	ana.do("POST", templatesPath+"?on_conflict=overwrite", cardTemplate("STOLEN cards")).want(200).into(&over)
	if over.ID != first.ID || over.Version != 2 || over.Name != "STOLEN cards" {
		t.Errorf("overwritten: %+v", over)
	}
	h.as("ben", olorin.RoleAnalyst).addTemplate("Stolen cards")
}

func TestTemplateVersionsDeleteAndUndo(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	made := ana.addTemplate("A")
	at := templatesPath + "/" + made.ID
	changed := cardTemplate("B")
	changed["settings"].(map[string]any)["risk_threshold"] = 10
	if stale := ana.do("PUT", at, changed, header{"If-Match", `"9"`}).refused(olorin.CodeStale); stale.Template == nil || stale.Template.Name != "A" {
		t.Errorf("the template as it stands is told: %+v", stale.Template)
	}
	ana.do("PUT", at, changed, header{"If-Match", `"1"`}).want(200)
	ana.do("PUT", at, changed, header{"If-Match", `"1"`}).refused(olorin.CodeStale)

	var versions templateVersionsAnswer
	ana.do("GET", at+"/versions", nil).want(200).into(&versions)
	paths := []string{}
	for _, d := range versions.Items[0].Changed {
		paths = append(paths, d.Path)
	}
	if len(versions.Items) != 2 || !slices.Equal(paths, []string{"name", "settings.risk_threshold"}) {
		t.Errorf("versions %+v", versions.Items)
	}
	var back olorin.Template
	ana.do("POST", at+"/versions/1/restore", nil).want(200).into(&back)
	if back.Version != 3 || back.Name != "A" || back.Settings.RiskThreshold != 71.5 {
		t.Errorf("restored %+v", back)
	}
	ana.do("POST", at+"/versions/7/restore", nil).refused(olorin.CodeNotFound)

	ana.do("DELETE", at, nil, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	ana.do("DELETE", at, nil).want(204)
	ana.do("GET", at, nil).refused(olorin.CodeNotFound)
	ana.do("GET", at+"/versions", nil).refused(olorin.CodeNotFound)
	ana.do("POST", at+"/duplicate", nil).refused(olorin.CodeNotFound)
	ana.do("POST", at+"/apply", map[string]any{"values": map[string]any{"user": "u"}}).refused(olorin.CodeNotFound)
	if got := ana.templateNames("?deleted=true"); !slices.Equal(got, []string{"A"}) {
		t.Errorf("deleted: %v", got)
	}
	ana.addTemplate("a")
	ana.do("POST", at+"/undelete", nil).want(200).into(&back)
	if back.Name != "A (2)" || back.DeletedAt != nil {
		t.Errorf("undeleted %+v", back)
	}
	var copied olorin.Template
	ana.do("POST", templatesPath+"/builtin-identity/duplicate", nil).want(201).into(&copied)
	if copied.BuiltIn || copied.UserID != "ana" || copied.Name != "Copy of Identity" || len(copied.Settings.ToolMatrix) == 0 {
		t.Errorf("copied %+v", copied)
	}
}

func TestWhoMaySeeAndChangeTemplates(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.ana(), h.as("ben", olorin.RoleAnalyst)
	own := ana.addTemplate("Own")
	shared := cardTemplate("Shared")
	shared["scope"] = "org"
	var org olorin.Template
	ana.do("POST", templatesPath, shared).want(201).into(&org)
	at, orgAt := templatesPath+"/"+own.ID, templatesPath+"/"+org.ID

	for _, try := range []struct{ method, path string }{{"GET", at}, {"PUT", at}, {"DELETE", at}, {"POST", at + "/duplicate"}, {"POST", at + "/apply"}, {"GET", at + "/versions"}} {
		var in any
		switch {
		case try.method == "PUT":
			in = cardTemplate("x")
		case try.method == "POST":
			in = map[string]any{}
		}
		ben.do(try.method, try.path, in).refused(olorin.CodeNotFound)
	}
	ben.do("GET", orgAt, nil).want(200)
	ben.do("PUT", orgAt, shared).refused(olorin.CodeForbidden)
	ben.do("DELETE", orgAt, nil).refused(olorin.CodeForbidden)
	ben.do("POST", orgAt+"/duplicate", nil).want(201)
	leo := h.as("leo", olorin.RoleLead)
	leo.do("PUT", orgAt, shared).want(200)
	leo.do("DELETE", orgAt, nil).want(204)
	ben.do("POST", orgAt+"/undelete", nil).refused(olorin.CodeNotFound)
	leo.do("POST", orgAt+"/undelete", nil).want(200)
	h.as("ida", olorin.RoleAuditor).do("GET", at, nil).want(200)
	h.as("ida", olorin.RoleAuditor).do("PUT", orgAt, shared).refused(olorin.CodeForbidden)
	ana.do("PUT", templatesPath+"/builtin-identity", shared).refused(olorin.CodeForbidden)
	ana.do("DELETE", templatesPath+"/builtin-identity", nil).refused(olorin.CodeForbidden)
	// what was written before it was shared stays its owner's
	private, once := cardTemplate("Once mine"), cardTemplate("Now ours")
	once["scope"] = "org"
	var mine olorin.Template
	ana.do("POST", templatesPath, private).want(201).into(&mine)
	mineAt := templatesPath + "/" + mine.ID
	ana.do("PUT", mineAt, once).want(200)
	for _, who := range []struct {
		of   client
		many int
	}{{ana, 2}, {ben, 1}, {leo, 1}} {
		var versions templateVersionsAnswer
		who.of.do("GET", mineAt+"/versions", nil).want(200).into(&versions)
		if len(versions.Items) != who.many || versions.Items[who.many-1].Scope != olorin.ScopeOrg && who.many == 1 || who.many == 1 && len(versions.Items[0].Changed) != 0 {
			t.Errorf("%d versions are shown: %+v", len(versions.Items), versions.Items)
		}
	}
	leo.do("POST", mineAt+"/versions/1/restore", nil).refused(olorin.CodeNotFound)
	ana.do("DELETE", mineAt, nil).want(204)
	if got := ben.templateNames("?sort=-name"); !slices.Equal(got, []string{"Shared", "Copy of Shared"}) {
		t.Errorf("ben sees %v", got)
	}
	if got := ana.templateNames("?q=STOLEN+own&tag=urgent"); !slices.Equal(got, []string{"Own"}) {
		t.Errorf("found %v", got)
	}
	if got := ana.templateNames("?tag=none"); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

func TestTemplatesHaveALimitAndCanBeSwitchedOff(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.TemplateMax = 2 })
	ana := h.ana()
	ana.addTemplate("1")
	ana.addTemplate("2")
	ana.do("POST", templatesPath, cardTemplate("3")).refused(olorin.CodeTemplateLimit)
	bad := cardTemplate(strings.Repeat("n", 10))
	bad["placeholders"] = []any{map[string]any{"name": "user", "label": "x", "pointer": "/entities/7/value"}, map[string]any{"name": "user", "label": "x", "pointer": "/name"}}
	if p := ana.do("POST", templatesPath, bad).refused(olorin.CodeInvalid); len(p.Errors) != 3 {
		t.Errorf("all faults at once: %+v", p.Errors)
	}
	off := newHouse(t, func(o *Options) { o.Features.Templates = false })
	off.ana().do("GET", templatesPath, nil).refused(olorin.CodeFeatureDisabled)
	off.ana().do("POST", templatesPath, cardTemplate("1")).refused(olorin.CodeFeatureDisabled)
}

func TestTemplateRequestsAreIdempotent(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var first, again olorin.Template
	key := header{"Idempotency-Key", "k1"}
	ana.do("POST", templatesPath, cardTemplate("Once"), key).want(201).into(&first)
	ana.do("POST", templatesPath, cardTemplate("Once"), key).want(201).into(&again)
	if first.ID != again.ID {
		t.Errorf("made twice: %s and %s", first.ID, again.ID)
	}
	var applied applyAnswer
	for i := range 2 {
		ana.do("POST", templatesPath+"/"+first.ID+"/apply", map[string]any{"values": map[string]any{"user": "u"}}, header{"Idempotency-Key", "k2"}).want(200).into(&applied)
		if applied.UsageCount != 1 {
			t.Errorf("after request %d the use is counted %d times", i+1, applied.UsageCount)
		}
	}
	if got := fmt.Sprint(ana.templateNames("?mine=true")); got != "[Once]" {
		t.Errorf("templates: %s", got)
	}
}

func TestATemplateIsTriedOnCompletedInvestigationsAlone(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	made := ana.addTemplate("A")
	at := templatesPath + "/" + made.ID + "/backtest"
	draft, foreign := ana.draft("Draft"), h.as("ben", olorin.RoleAnalyst).draft("Of somebody else")
	if p := ana.do("POST", at, map[string]any{"investigation_id": draft}).refused(olorin.CodeInvalid); p.Errors[0].Code != "not_completed" {
		t.Errorf("refused with %+v", p.Errors)
	}
	ana.do("POST", at, map[string]any{"investigation_id": foreign}).refused(olorin.CodeNotFound)
	h.as("ben", olorin.RoleAnalyst).do("POST", at, map[string]any{"investigation_id": foreign}).refused(olorin.CodeNotFound)
	ana.do("POST", at, nil).refused(olorin.CodeInvalid)
}

// The uses of a template that comes with the program are counted for everybody of the server.
func TestUsesOfBuiltInTemplatesAreCounted(t *testing.T) {
	h := newHouse(t)
	var all templatesAnswer
	h.ana().do("GET", templatesPath+"?sort=-usage_count", nil).want(200).into(&all)
	i := slices.IndexFunc(all.Items, func(t olorin.TemplateRow) bool { return t.BuiltIn })
	if i < 0 || all.Items[i].UsageCount != 0 || all.Items[i].LastUsedAt != nil {
		t.Fatalf("%+v", all.Items)
	}
	var built olorin.Template
	h.ana().do("GET", templatesPath+"/"+all.Items[i].ID, nil).want(200).into(&built)
	values := map[string]any{}
	for _, p := range built.Placeholders {
		if p.Pointer == "/time_range" {
			values[p.Name] = map[string]any{"preset": "all"}
		} else {
			values[p.Name] = "u1"
		}
	}
	for _, who := range []client{h.ana(), h.as("ben", olorin.RoleAnalyst)} {
		who.do("POST", templatesPath+"/"+built.ID+"/apply", map[string]any{"values": values}).want(200)
	}
	var one olorin.Template
	h.ana().do("GET", templatesPath+"/"+built.ID, nil).want(200).into(&one)
	h.ana().do("GET", templatesPath+"?sort=-usage_count", nil).want(200).into(&all)
	if one.UsageCount != 2 || one.LastUsedAt == nil || all.Items[0].ID != built.ID || all.Items[0].UsageCount != 2 {
		t.Errorf("%+v, first %+v", one, all.Items[0])
	}
}

func TestAVersionIsRestoredFromWhatWasSeenAndUnderAFreeName(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	at := templatesPath + "/" + ana.addTemplate("A").ID
	ana.do("PUT", at, cardTemplate("B"), header{"If-Match", `"1"`}).want(200)
	ana.addTemplate("A")
	ana.do("POST", at+"/versions/1/restore", nil, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	taken := ana.do("POST", at+"/versions/1/restore", nil, header{"If-Match", `"2"`}).refused(olorin.CodeNameTaken)
	var back olorin.Template
	ana.do("POST", at+"/versions/1/restore", map[string]any{"name": taken.Suggested}, header{"If-Match", `"2"`}).want(200).into(&back)
	if back.Name != "A (2)" || back.Version != 3 {
		t.Errorf("restored %q as version %d", back.Name, back.Version)
	}
}

func TestAPreviewIsNoUse(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	at := templatesPath + "/" + ana.addTemplate("A").ID
	var applied applyAnswer
	for _, preview := range []bool{true, false} {
		ana.do("POST", at+"/apply", map[string]any{"values": map[string]any{"user": "u1"}, "preview": preview}).want(200).into(&applied)
		if uses := map[bool]int64{true: 0, false: 1}[preview]; applied.UsageCount != uses || applied.Settings.Entities[0].Value != "u1" {
			t.Errorf("preview %t: used %d times, %+v", preview, applied.UsageCount, applied.Settings.Entities)
		}
	}
}
