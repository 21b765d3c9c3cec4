package storetest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// history asks random questions of a random population and compares with a list in memory.
func history(t *testing.T, db *store.DB) {
	all := populate(t, db, 150)
	ask := func(t rapid.TB, q olorin.HistoryQuery) {
		got, last := read(t, db, q)
		want := naive(all, q)
		if last.Total != int64(len(want)) {
			t.Fatalf("%+v: the total is %d, want %d", q, last.Total, len(want))
		}
		for i := range min(len(got), len(want)) {
			wanted := fmt.Sprintf("%+v", deref(itemOf(want[i])))
			for _, made := range []olorin.HistoryItem{got[i], want[i].inv.Item()} {
				if item := fmt.Sprintf("%+v", deref(made)); item != wanted {
					t.Fatalf("%+v: number %d is\n%s, want\n%s", q, i, item, wanted)
				}
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%+v: %d came, want %d", q, len(got), len(want))
		}
	}
	for _, sort := range append([]string{""}, olorin.HistorySorts...) {
		ask(t, olorin.HistoryQuery{Sort: sort, Limit: 7})
		ask(t, olorin.HistoryQuery{Sort: "-" + cmp.Or(sort, "name"), Limit: 7})
	}
	rapid.Check(t, func(r *rapid.T) { ask(r, query(r)) })
	t.Run("by page numbers", func(t *testing.T) {
		want := naive(all, olorin.HistoryQuery{Sort: "name"})
		whole, err := db.History(t.Context(), olorin.HistoryQuery{Sort: "name", Limit: olorin.LongestList})
		must(t, err)
		if len(whole.Items) != len(want) || whole.TotalPages != 1 || whole.NextCursor != nil {
			t.Errorf("a page for all has %d items of %d, and is one of %d", len(whole.Items), len(want), whole.TotalPages)
		}
		for page := 1; page <= 7; page++ {
			got, err := db.History(t.Context(), olorin.HistoryQuery{Sort: "name", Page: page, Limit: 25})
			must(t, err)
			from, to := min(len(want), (page-1)*25), min(len(want), page*25)
			if len(got.Items) != to-from || got.Page != page || got.TotalPages != int64(len(want)+24)/25 || (got.NextCursor != nil) != (to < len(want)) {
				t.Errorf("page %d has %d items of %d pages, next %q", got.Page, len(got.Items), got.TotalPages, value(got.NextCursor))
			}
			for i, it := range got.Items {
				if it.ID != want[from+i].inv.ID {
					t.Errorf("page %d: number %d is %s, want %s", page, i, it.ID, want[from+i].inv.ID)
				}
			}
		}
	})
	t.Run("names that begin alike", func(t *testing.T) {
		for _, asked := range []struct{ user, begin string }{{all[0].inv.UserID, all[0].inv.Name}, {all[0].inv.UserID, strings.ToUpper(string([]rune(all[1].inv.Name)[:1]))}, {"nobody", ""}} {
			got, err := db.Names(t.Context(), asked.user, asked.begin)
			must(t, err)
			want := []string{}
			for _, p := range all {
				if p.inv.UserID == asked.user && strings.HasPrefix(strings.ToLower(p.inv.Name), strings.ToLower(asked.begin)) {
					want = append(want, strings.ToLower(p.inv.Name))
				}
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("names of %s that begin with %q: %q, want %q", asked.user, asked.begin, got, want)
			}
		}
	})
	t.Run("refusals", func(t *testing.T) {
		first, err := db.History(t.Context(), olorin.HistoryQuery{Limit: 1})
		must(t, err)
		for _, q := range []olorin.HistoryQuery{{Sort: "mood"}, {Sort: "--name"}, {Sort: "name; DROP TABLE events"}, {Cursor: "?"}, {Cursor: "e30"}, {Cursor: *first.NextCursor, Sort: "name"}} {
			_, err := db.History(t.Context(), q)
			code(t, err, olorin.CodeInvalid)
		}
	})
}

// member is an investigation and its place in the order of creation.
type member struct {
	inv olorin.Investigation
	num int
}

var vocabulary = []string{"Müller", "card testing", "Zürich", "b2b", "192.0.2.7", "ana@example.com", "Mule", "mules", "x", "50% off", "O'Neil", "\"quoted\"", "日本", "device-farm"}

// populate writes investigations of every kind.
func populate(t *testing.T, db *store.DB, n int) []member {
	t.Helper()
	PutDataset(t, db, "d")
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(n int) bool { return random.IntN(n) == 0 }
	phrase := func() string {
		words := make([]string, 1+random.IntN(3))
		for i := range words {
			words[i] = vocabulary[random.IntN(len(vocabulary))]
		}
		return strings.Join(words, " ")
	}
	var all []member
	for i := range n {
		at := olorin.At(Epoch.Add(time.Duration(random.IntN(40)) * time.Hour))
		settings := olorin.DefaultSettings()
		settings.Dataset = "d"
		for range random.IntN(4) {
			settings.Entities = append(settings.Entities, olorin.Entity{Type: olorin.EntityTypes[random.IntN(len(olorin.EntityTypes))], Value: phrase(), Label: phrase()})
		}
		owner := []string{"ana", "bob", "cyd"}[random.IntN(3)]
		inv := olorin.Investigation{ID: fmt.Sprintf("case-%03d", i)}
		write := func(bodies ...olorin.Body) {
			t.Helper()
			c, err := Change(inv, at, bodies...)
			must(t, err)
			must(t, appendTo(t.Context(), t, db, c))
			inv = c.After
			at = olorin.At(at.Add(time.Duration(random.IntN(100)) * time.Minute))
		}
		write(olorin.InvestigationCreated{Name: phrase(), UserID: owner, Settings: settings})
		if name := phrase(); pick(3) {
			write(olorin.SettingsChanged{Name: &name})
		}
		if assignee, shared := []string{"ana", "bob", "cyd"}[random.IntN(3)], pick(2); pick(2) {
			write(olorin.SettingsChanged{Assignee: &assignee, Shared: &shared})
		}
		if !pick(4) {
			write(olorin.StatusChanged{From: olorin.Draft, To: olorin.Running, Act: olorin.ActStart}, olorin.StepChanged{Step: olorin.StepProgress},
				olorin.ProgressChanged{Percent: float64(random.IntN(1000)) / 10, Phase: olorin.Analysis})
			if pick(2) {
				write(olorin.FindingAdded{Finding: olorin.Finding{ID: "f", Title: phrase(), Entities: []olorin.EntityRef{}, Evidence: []olorin.EvidenceRow{}, EvidenceRows: []int64{}}})
			}
			end := []olorin.StatusChanged{
				{From: olorin.Running, To: olorin.Paused, Act: olorin.ActPause},
				{From: olorin.Running, To: olorin.Failed, Act: olorin.ActFail},
				{From: olorin.Running, To: olorin.Cancelled, Act: olorin.ActCancel},
				{From: olorin.Running, To: olorin.Completed, Act: olorin.ActComplete},
			}
			if choice := random.IntN(6); choice < 3 {
				write(end[choice])
			} else if choice < 5 {
				score := float64(random.IntN(11)) * 10
				write(olorin.ResultsChanged{Results: &olorin.Results{RiskScore: &score, RiskLevel: olorin.LevelOf(score), Partial: random.IntN(2) == 0, NotAssessed: []olorin.NotAssessedTool{{Tool: "t", Code: olorin.WhyToolFailed}}}}, end[3])
			}
		}
		if inv.Status != olorin.Running && inv.Status != olorin.Paused && pick(4) {
			write(olorin.Archived{})
		}
		all = append(all, member{inv, i})
	}
	return all
}

// query draws a question. Each filter is rare, so that most answers are long enough to have pages and an order.
func query(r *rapid.T) olorin.HistoryQuery {
	rarely := func(what string) bool { return rapid.IntRange(0, 4).Draw(r, what) == 0 }
	q := olorin.HistoryQuery{
		Archived: rarely("archived"),
		Sort:     rapid.SampledFrom(append([]string{""}, olorin.HistorySorts...)).Draw(r, "sort"),
		Limit:    rapid.SampledFrom([]int{1, 2, 3, 7, 20, 100}).Draw(r, "limit"),
	}
	if q.Sort != "" && rapid.Bool().Draw(r, "descending") {
		q.Sort = "-" + q.Sort
	}
	if rarely("by user") {
		q.UserID = rapid.SampledFrom([]string{"ana", "bob", "cyd", "nobody"}).Draw(r, "user")
	}
	if rarely("by assignee") {
		q.Assignee = rapid.SampledFrom([]string{"ana", "bob", "nobody"}).Draw(r, "assignee")
	}
	if rarely("shared") {
		q.Shared = true
		q.NotOf = rapid.SampledFrom([]string{"", "ana", "bob"}).Draw(r, "not of")
	}
	if rarely("by owners") {
		q.Owners = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ana", "bob", "cyd", "nobody"}), 1, 2, rapid.ID).Draw(r, "owners")
	}
	if rarely("by status") {
		q.Status = rapid.SliceOfNDistinct(rapid.SampledFrom(olorin.Statuses), 1, 3, rapid.ID).Draw(r, "status")
	}
	if rarely("by level") {
		q.RiskLevel = rapid.SliceOfNDistinct(rapid.SampledFrom([]olorin.RiskLevel{"low", "medium", "high", "critical"}), 1, 2, rapid.ID).Draw(r, "level")
	}
	if rarely("by types") {
		q.EntityTypes = rapid.SliceOfNDistinct(rapid.SampledFrom(olorin.EntityTypes), 1, 3, rapid.ID).Draw(r, "types")
	}
	score := func(what string) *float64 {
		v := float64(rapid.IntRange(0, 10).Draw(r, what)) * 10
		return &v
	}
	if rarely("by least score") {
		q.RiskMin = score("least")
	}
	if rarely("by greatest score") {
		q.RiskMax = score("greatest")
	}
	hour := func(what string) *olorin.Time {
		at := olorin.At(Epoch.Add(time.Duration(rapid.IntRange(-5, 60).Draw(r, what)) * time.Hour))
		return &at
	}
	if rarely("by first time") {
		q.From = hour("from")
	}
	if rarely("by last time") {
		q.To = hour("to")
	}
	if rarely("by words") {
		var typed []string
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 2).Draw(r, "words") {
			letters := []rune(w)
			typed = append(typed, string(letters[:rapid.IntRange(1, len(letters)).Draw(r, "of it")]))
		}
		q.Text = strings.Join(typed, " ")
	}
	return q
}

// read follows the cursors to the last page.
func read(r rapid.TB, db *store.DB, q olorin.HistoryQuery) (items []olorin.HistoryItem, last olorin.HistoryPage) {
	for range 200 {
		page, err := db.History(context.Background(), q)
		if err != nil {
			r.Fatal(err)
		}
		if len(page.Items) > q.Limit {
			r.Fatalf("a page has %d items", len(page.Items))
		}
		items = append(items, page.Items...)
		if page.NextCursor == nil {
			return items, page
		}
		q.Cursor = *page.NextCursor
	}
	r.Fatal("the pages do not end")
	return nil, last
}

// naive is History over a list, by the words of its documentation.
func naive(all []member, q olorin.HistoryQuery) []member {
	var out []member
	for _, m := range all {
		if admits(m.inv, q) {
			out = append(out, m)
		}
	}
	field, descending := strings.CutPrefix(cmp.Or(q.Sort, "-updated_at"), "-")
	slices.SortFunc(out, func(a, b member) int {
		c := compare(a.inv, b.inv, field)
		if c == 0 {
			c = a.num - b.num
		}
		// What has no value is last either way.
		if none, other := lacks(a.inv, field), lacks(b.inv, field); none != other {
			if none {
				return 1
			}
			return -1
		}
		if descending {
			return -c
		}
		return c
	})
	return out
}

func admits(inv olorin.Investigation, q olorin.HistoryQuery) bool {
	it := itemOf(member{inv: inv})
	has := func(types []olorin.EntityType) bool {
		return slices.ContainsFunc(types, func(t olorin.EntityType) bool { return slices.Contains(it.EntityTypes, t) })
	}
	return (q.UserID == "" || q.UserID == inv.UserID) &&
		(q.NotOf == "" || q.NotOf != inv.UserID) &&
		(q.Assignee == "" || q.Assignee == inv.Assignee) &&
		(!q.Shared || inv.Shared) &&
		(len(q.Owners) == 0 || slices.Contains(q.Owners, inv.UserID)) &&
		(inv.ArchivedAt != nil) == q.Archived &&
		(len(q.Status) == 0 || slices.Contains(q.Status, inv.Status)) &&
		(len(q.RiskLevel) == 0 || it.RiskLevel != nil && slices.Contains(q.RiskLevel, *it.RiskLevel)) &&
		(q.RiskMin == nil || it.RiskScore != nil && *it.RiskScore >= *q.RiskMin) &&
		(q.RiskMax == nil || it.RiskScore != nil && *it.RiskScore <= *q.RiskMax) &&
		(q.From == nil || !inv.UpdatedAt.Before(q.From.Time)) &&
		(q.To == nil || inv.UpdatedAt.Before(q.To.Time)) &&
		(len(q.EntityTypes) == 0 || has(q.EntityTypes)) &&
		(q.Text == "" || matches(inv, q.Text))
}

func itemOf(m member) olorin.HistoryItem {
	inv := m.inv
	it := olorin.HistoryItem{
		ID: inv.ID, UserID: inv.UserID, Name: inv.Name, Status: inv.Status, Step: inv.Step, EntityCount: len(inv.Settings.Entities), EntityTypes: []olorin.EntityType{}, Percent: inv.Progress.Percent,
		CreatedAt: inv.CreatedAt, StartedAt: inv.StartedAt, FinishedAt: inv.FinishedAt, UpdatedAt: inv.UpdatedAt, ArchivedAt: inv.ArchivedAt, Version: inv.Version, Assignee: inv.Assignee, Shared: inv.Shared,
	}
	for _, t := range olorin.EntityTypes {
		if slices.ContainsFunc(inv.Settings.Entities, func(e olorin.Entity) bool { return e.Type == t }) {
			it.EntityTypes = append(it.EntityTypes, t)
		}
	}
	if inv.Results != nil {
		it.RiskScore = inv.Results.RiskScore
		if level := inv.Results.RiskLevel; level != "" {
			it.RiskLevel = &level
		}
		it.Partial = inv.PartialBy()
	}
	if inv.FinishedAt != nil {
		ms := inv.FinishedAt.Sub(inv.StartedAt.Time).Milliseconds()
		it.DurationMS = &ms
	}
	return it
}

// deref is an item with its pointers followed, for comparing.
func deref(it olorin.HistoryItem) []any {
	return []any{
		it.ID, it.UserID, it.Name, it.Status, it.Partial, it.Step, value(it.RiskScore), value(it.RiskLevel), it.EntityCount, it.EntityTypes, it.Percent, it.CreatedAt, value(it.StartedAt), value(it.FinishedAt),
		it.UpdatedAt, value(it.DurationMS), value(it.ArchivedAt), it.Version, it.Assignee, it.Shared,
	}
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func lacks(inv olorin.Investigation, field string) bool {
	it := itemOf(member{inv: inv})
	switch field {
	case "started_at":
		return it.StartedAt == nil
	case "finished_at":
		return it.FinishedAt == nil
	case "risk_score":
		return it.RiskScore == nil
	case "duration_ms":
		return it.DurationMS == nil
	}
	return false
}

func compare(x, y olorin.Investigation, field string) int {
	a, b := itemOf(member{inv: x}), itemOf(member{inv: y})
	times := func(p, q *olorin.Time) int {
		if p == nil || q == nil {
			return 0
		}
		return p.Compare(q.Time)
	}
	switch field {
	case "updated_at":
		return a.UpdatedAt.Compare(b.UpdatedAt.Time)
	case "created_at":
		return a.CreatedAt.Compare(b.CreatedAt.Time)
	case "started_at":
		return times(a.StartedAt, b.StartedAt)
	case "finished_at":
		return times(a.FinishedAt, b.FinishedAt)
	case "name":
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	case "status":
		return strings.Compare(string(a.Status), string(b.Status))
	case "entity_count":
		return a.EntityCount - b.EntityCount
	case "risk_score":
		if a.RiskScore != nil && b.RiskScore != nil {
			return cmp.Compare(*a.RiskScore, *b.RiskScore)
		}
	case "duration_ms":
		if a.DurationMS != nil && b.DurationMS != nil {
			return cmp.Compare(*a.DurationMS, *b.DurationMS)
		}
	}
	return 0
}

// matches tells whether each typed word begins somewhere in the texts, its parts in order.
func matches(inv olorin.Investigation, typed string) bool {
	text := inv.Name
	for _, e := range inv.Settings.Entities {
		text += "\n" + e.Value + "\n" + e.Label
	}
	if inv.Results != nil {
		for _, f := range inv.Results.Findings {
			text += "\n" + f.Title + "\n" + f.Tool + "\n" + f.Sentence
		}
	}
	have := parts(text)
	some := false
	for _, word := range strings.Fields(typed) {
		want := parts(word)
		if len(want) == 0 {
			continue
		}
		some = true
		found := false
		for i := 0; i+len(want) <= len(have) && !found; i++ {
			last := len(want) - 1
			found = slices.Equal(have[i:i+last], want[:last]) && strings.HasPrefix(have[i+last], want[last])
		}
		if !found {
			return false
		}
	}
	return some
}

// parts are the runs of letters and digits, without case and accents.
func parts(text string) []string {
	text = strings.NewReplacer("ü", "u").Replace(strings.ToLower(text))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// words shows that a search follows what is written.
func words(t *testing.T, db *store.DB) {
	ctx := t.Context()
	desk := NewDesk(db)
	found := func(text string) string {
		t.Helper()
		page, err := db.History(ctx, olorin.HistoryQuery{Text: text, Sort: "created_at"})
		must(t, err)
		var ids []string
		for _, it := range page.Items {
			ids = append(ids, it.ID)
		}
		return strings.Join(ids, " ")
	}
	Create(t, desk, "a", Settings("", olorin.Entity{Type: "ip_address", Value: "2001:db8::7"}, olorin.Entity{Type: "user_id", Value: "u_17"}))
	Create(t, desk, "b", Settings("", olorin.Entity{Type: "email", Value: "ana.maria@example.com", Label: "the aunt"}))
	for text, want := range map[string]string{
		"case": "a b", "CAS": "a b", "case a": "a b", "db8": "a", "2001:db8::7": "a", "u_17": "a", "17 2001": "a", "ana@example.com": "", "ana.maria@exam": "b", "aunt example": "b",
		"aunt uncle": "", "OR": "", "case OR aunt": "", "\"": "", "*": "", "-": "", "a*b": "", "body:case": "", "NEAR(case aunt)": "", "case\x00": "a b", "' OR 1=1 --": "",
	} {
		if got := found(text); got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
	name := "Renamed"
	change(t, desk, "a", olorin.Save{Name: &name}.Decide)
	if got := found("case") + "|" + found("renamed") + "|" + found("db8"); got != "b|a|a" {
		t.Errorf("after a new name: %q", got)
	}
	s := Settings("")
	change(t, desk, "a", olorin.Save{Settings: &s}.Decide)
	if got := found("db8") + "|" + found("u-1"); got != "|a" {
		t.Errorf("after new entities: %q", got)
	}

	PutDataset(t, db, "d")
	dataset := "d"
	before, err := db.Investigation(ctx, "b")
	must(t, err)
	finding := olorin.Finding{
		ID: "f1", Title: "Impossible travel", Tool: "GEO-01", Sentence: "Seen in Bangkok and, with device d-641590b8ab, at mule@mailinator.com 41 min later.",
		Entities: []olorin.EntityRef{{Type: "ip_address", Value: "193.32.162.10"}}, Evidence: []olorin.EvidenceRow{}, EvidenceRows: []int64{},
	}
	many := finding
	many.ID, many.Sentence = "f2", ""
	for n := range 600 { // past what is searched of one case
		many.Sentence += fmt.Sprint(" filler", n)
	}
	at := olorin.At(before.UpdatedAt.Add(time.Second))
	c, err := Change(before, at, olorin.SettingsChanged{Settings: &olorin.SettingsPatch{Dataset: &dataset}}, olorin.StatusChanged{From: olorin.Draft, To: olorin.Running, Act: olorin.ActStart}, olorin.StepChanged{Step: olorin.StepProgress}, olorin.FindingAdded{Finding: finding}, olorin.FindingAdded{Finding: many})
	must(t, err)
	must(t, appendTo(ctx, t, db, c))
	for text, want := range map[string]string{
		"travel": "b", "geo-01": "b", "bangkok": "b", "d-641590b8ab": "b", "mailinator.com": "b", "mule@mailinator.com": "b", "193.32.162.10": "b", "bangkok travel": "b", "filler7": "b", "filler599": "",
	} {
		if got := found(text); got != want {
			t.Errorf("of findings %q finds %q, want %q", text, got, want)
		}
	}
}
