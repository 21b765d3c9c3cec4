package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store/pgtest"
)

// BenchmarkHistory asks for pages of a history of OLORIN_BENCH_HISTORY investigations (1,000,000 where it is not set) of 50 analysts, once
// through History and once by the same query written by hand on the same driver, in turns: a page, and how many there are in all. An analyst has 20,000 of them; everybody's are what an auditor sees.
// OLORIN_BENCH_SQLITE and OLORIN_BENCH_POSTGRES are addresses of databases to keep: the first measurement fills them.
func BenchmarkHistory(b *testing.B) {
	UsualBounds()
	size := 1_000_000
	if s := os.Getenv("OLORIN_BENCH_HISTORY"); s != "" {
		var err error
		if size, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	for _, home := range []struct {
		name string
		url  func(b *testing.B) string
		fill func(b *testing.B, url string, size int)
	}{
		{"sqlite", func(b *testing.B) string { return "sqlite:///" + filepath.Join(b.TempDir(), "history.db") }, fillSQLite},
		{"postgres", func(b *testing.B) string { return pgtest.New(b) }, fillPostgres},
	} {
		b.Run(home.name, func(b *testing.B) {
			url := os.Getenv("OLORIN_BENCH_" + strings.ToUpper(home.name))
			if url == "" {
				url = home.url(b)
			}
			if _, err := Migrate(b.Context(), url); err != nil {
				b.Fatal(err)
			}
			db, err := Open(b.Context(), url, Options{})
			if err != nil {
				b.Fatal(err)
			}
			page, err := db.History(b.Context(), olorin.HistoryQuery{Limit: 1})
			if err := errors.Join(err, db.Close()); err != nil {
				b.Fatal(err)
			}
			if page.Total == 0 {
				home.fill(b, url, size)
			}
			db = opened(b, url)
			defer db.Close() //nolint:errcheck // it was only read
			for _, q := range historyQuestions(size) {
				b.Run(q.name, func(b *testing.B) { benchQuestion(b, db, q) })
			}
		})
	}
}

// opened opens a database as a server does, and tells how long until the first list, until every order stands and until what is common is
// known, and what memory that takes.
func opened(b *testing.B, url string) *DB {
	b.Helper()
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, began := heap(), time.Now()
	db, err := Open(b.Context(), url, Options{})
	if err != nil {
		b.Fatal(err)
	}
	c := db.catalogue
	if err := c.fresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	first := time.Since(began)
	for order := range c.orders {
		c.arranged(order)()
	}
	arranged := time.Since(began)
	columns := heap()
	if err := c.collect(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d investigations: the first list after %s, every order after %s, %d sets of words after %s; %d MB, with words %d MB", len(c.places), first.Round(time.Millisecond),
		arranged.Round(time.Millisecond), len(c.collected), time.Since(began).Round(time.Millisecond), (columns-before)>>20, (heap()-before)>>20)
	return db
}

// question is a page that is asked for, and the conditions and the order of the same written by hand. %s is the owner's condition.
type question struct {
	name  string
	query olorin.HistoryQuery
	where string
	order string
	skip  int // pages to walk before the one that is measured
}

const analysts = 50

func historyQuestions(size int) []question {
	low, high, precise := 70.0, 80.0, 72.5
	from, to := olorin.FromMicro(updatedAt(size*4/10)), olorin.FromMicro(updatedAt(size*5/10))
	questions := []question{
		{name: "first", order: "updated_at DESC, num DESC"},
		{name: "deep", order: "updated_at DESC, num DESC", skip: 180},
		{name: "page-100", query: olorin.HistoryQuery{Page: 100}, order: "updated_at DESC, num DESC LIMIT 20 OFFSET 1980"},
		{name: "status", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Failed}}, where: "status = 'error'", order: "updated_at DESC, num DESC"},
		{name: "status-deep", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Completed}}, where: "status = 'completed'", order: "updated_at DESC, num DESC", skip: 100},
		{name: "risk-level", query: olorin.HistoryQuery{RiskLevel: []olorin.RiskLevel{"critical"}}, where: "risk_level = 'critical'", order: "updated_at DESC, num DESC"},
		{name: "risk-range", query: olorin.HistoryQuery{RiskMin: &low, RiskMax: &high}, where: "risk_score >= 70 AND risk_score <= 80", order: "updated_at DESC, num DESC"},
		{name: "dates", query: olorin.HistoryQuery{From: &from, To: &to}, where: fmt.Sprintf("updated_at >= %d AND updated_at < %d", from.UnixMicro(), to.UnixMicro()), order: "updated_at DESC, num DESC"},
		{name: "entity-type", query: olorin.HistoryQuery{EntityTypes: []olorin.EntityType{"transaction_id"}}, where: "entity_types & 256 <> 0", order: "updated_at DESC, num DESC"},
		{
			name: "all-filters", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Completed}, RiskLevel: []olorin.RiskLevel{"high"}, RiskMin: &low, RiskMax: &high, From: &from, To: &to, EntityTypes: []olorin.EntityType{"email"}},
			where: fmt.Sprintf("status = 'completed' AND risk_level = 'high' AND risk_score >= 70 AND risk_score <= 80 AND updated_at >= %d AND updated_at < %d AND entity_types & 2 <> 0", from.UnixMicro(), to.UnixMicro()),
			order: "updated_at DESC, num DESC",
		},
		{name: "nothing-fits", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Draft}, RiskLevel: []olorin.RiskLevel{"critical"}}, where: "status = 'draft' AND risk_level = 'critical'", order: "updated_at DESC, num DESC"},
		{name: "archived", query: olorin.HistoryQuery{Archived: true}, order: "updated_at DESC, num DESC"},
		{name: "rare-type", query: olorin.HistoryQuery{Sort: "name", EntityTypes: []olorin.EntityType{"transaction_id"}, Status: []olorin.Status{olorin.Paused}}, where: "entity_types & 256 <> 0 AND status = 'paused'", order: "name_key, num"},
		{name: "narrow-range", query: olorin.HistoryQuery{Sort: "created_at", RiskMin: &precise, RiskMax: &precise}, where: "risk_score = 72.5", order: "created_at, num"},
		{name: "by-name", query: olorin.HistoryQuery{Sort: "name"}, order: "name_key, num"},
		{name: "by-name-deep", query: olorin.HistoryQuery{Sort: "name"}, order: "name_key, num", skip: 180},
		{name: "by-risk", query: olorin.HistoryQuery{Sort: "-risk_score"}, order: "risk_score DESC NULLS LAST, num DESC"},
		{name: "by-duration", query: olorin.HistoryQuery{Sort: "-duration_ms"}, order: "duration_ms DESC NULLS LAST, num DESC"},
		{name: "by-created", query: olorin.HistoryQuery{Sort: "created_at"}, order: "created_at, num"},
	}
	lastWeek := olorin.FromMicro(updatedAt(size - 7*24*180))
	questions = append(questions,
		question{name: "dates-by-name", query: olorin.HistoryQuery{From: &from, To: &to, Sort: "name"}, where: fmt.Sprintf("updated_at >= %d AND updated_at < %d", from.UnixMicro(), to.UnixMicro()), order: "name_key, num"},
		question{name: "last-week-by-risk", query: olorin.HistoryQuery{From: &lastWeek, Sort: "-risk_score"}, where: fmt.Sprintf("updated_at >= %d", lastWeek.UnixMicro()), order: "risk_score DESC NULLS LAST, num DESC"},
		question{name: "status-by-name-deep", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Completed}, Sort: "name"}, where: "status = 'completed'", order: "name_key, num", skip: 100},
		question{name: "level-by-duration-page-50", query: olorin.HistoryQuery{RiskLevel: []olorin.RiskLevel{"critical"}, Sort: "-duration_ms", Page: 50}, where: "risk_level = 'critical'", order: "duration_ms DESC NULLS LAST, num DESC LIMIT 20 OFFSET 980"},
		question{name: "archived-level-by-end", query: olorin.HistoryQuery{Archived: true, RiskLevel: []olorin.RiskLevel{"high"}, Sort: "-finished_at"}, where: "risk_level = 'high'", order: "finished_at DESC NULLS LAST, num DESC"},
		question{name: "types-and-level-by-start", query: olorin.HistoryQuery{EntityTypes: []olorin.EntityType{"transaction_id", "email"}, RiskLevel: []olorin.RiskLevel{"low"}, Sort: "started_at"}, where: "entity_types & 258 <> 0 AND risk_level = 'low'", order: "started_at NULLS LAST, num"},
		question{name: "by-status-deep", query: olorin.HistoryQuery{Sort: "status"}, order: "status, num", skip: 100},
		question{name: "drafts-by-risk", query: olorin.HistoryQuery{Status: []olorin.Status{olorin.Draft, olorin.Paused}, Sort: "-risk_score"}, where: "status IN ('draft', 'paused')", order: "risk_score DESC NULLS LAST, num DESC"},
	)
	for i := range questions {
		questions[i].query.UserID = analyst(7)
	}
	everybody := []question{}
	for _, q := range questions {
		q.name, q.query.UserID = "everybody/"+q.name, ""
		everybody = append(everybody, q)
	}
	for i := range questions {
		questions[i].name = "analyst/" + questions[i].name
	}
	all := append(questions, everybody...)
	for _, who := range []struct{ name, user string }{{"analyst", analyst(7)}, {"everybody", ""}} {
		for _, text := range []question{
			{name: "rare", query: olorin.HistoryQuery{Text: "rare1234"}},
			{name: "common", query: olorin.HistoryQuery{Text: "mule"}},
			{name: "common-deep", query: olorin.HistoryQuery{Text: "mule"}, skip: 60},
			{name: "common-page-30", query: olorin.HistoryQuery{Text: "mule", Page: 30}, order: "updated_at DESC, num DESC LIMIT 20 OFFSET 580"},
			{name: "letter", query: olorin.HistoryQuery{Text: "u"}},
			{name: "two", query: olorin.HistoryQuery{Text: "device zuri"}},
			{name: "common-and-rare", query: olorin.HistoryQuery{Text: "mule rare1234"}},
			{name: "address", query: olorin.HistoryQuery{Text: "user1234@example.com"}},
			{name: "number", query: olorin.HistoryQuery{Text: "10.1.2.77"}},
			{name: "one-per-mille", query: olorin.HistoryQuery{Text: "user12"}, order: "updated_at DESC, num DESC"},
			{name: "nothing", query: olorin.HistoryQuery{Text: "nowhere"}},
			{name: "by-risk", query: olorin.HistoryQuery{Text: "mule", Sort: "-risk_score"}, order: "risk_score DESC NULLS LAST, num DESC"},
			{name: "by-created", query: olorin.HistoryQuery{Text: "mule", Sort: "created_at"}, order: "created_at, num"},
			{name: "by-duration-deep", query: olorin.HistoryQuery{Text: "device", Sort: "-duration_ms"}, order: "duration_ms DESC NULLS LAST, num DESC", skip: 30},
			{name: "of-a-status", query: olorin.HistoryQuery{Text: "mule", Status: []olorin.Status{olorin.Paused}}, where: "status = 'paused'"},
			{name: "of-a-level-by-size", query: olorin.HistoryQuery{Text: "ring", RiskLevel: []olorin.RiskLevel{"critical"}, Sort: "entity_count"}, where: "risk_level = 'critical'", order: "entity_count, num"},
			{name: "of-a-type-in-dates", query: olorin.HistoryQuery{Text: "mule", EntityTypes: []olorin.EntityType{"transaction_id"}, From: &from, To: &to}, where: fmt.Sprintf("entity_types & 256 <> 0 AND updated_at >= %d AND updated_at < %d", from.UnixMicro(), to.UnixMicro())},
			{name: "of-the-archive-by-name", query: olorin.HistoryQuery{Text: "structuring", Archived: true, Sort: "name", Page: 20}, order: "name_key, num LIMIT 20 OFFSET 380"},
			{name: "of-a-type-and-level-by-risk-deep", query: olorin.HistoryQuery{Text: "travel", EntityTypes: []olorin.EntityType{"email"}, RiskLevel: []olorin.RiskLevel{"high", "critical"}, Sort: "-risk_score"}, where: "entity_types & 2 <> 0 AND risk_level IN ('high', 'critical')", order: "risk_score DESC NULLS LAST, num DESC", skip: 20},
			{name: "in-dates-by-name", query: olorin.HistoryQuery{Text: "zuri", From: &lastWeek, Sort: "name"}, where: fmt.Sprintf("updated_at >= %d", lastWeek.UnixMicro()), order: "name_key, num"},
			{name: "rare-by-name", query: olorin.HistoryQuery{Text: "user1234", Sort: "name"}, order: "name_key, num"},
			{name: "by-status-backwards", query: olorin.HistoryQuery{Text: "structuring", Sort: "-status"}, order: "status DESC, num DESC"},
			{name: "far-in-the-order", query: olorin.HistoryQuery{Text: "ring", Sort: "name"}, order: "name_key, num"},
		} {
			text.name, text.query.UserID = who.name+"/text-"+text.name, who.user
			all = append(all, text)
		}
	}
	return all
}

// benchQuestion asks the same in turns: through History, and by hand.
func benchQuestion(b *testing.B, db *DB, q question) {
	ctx := b.Context()
	q.query.Limit = 20
	var page olorin.HistoryPage
	for n := 0; ; n++ { // to the page that is measured
		var err error
		if page, err = db.History(ctx, q.query); err != nil {
			b.Fatal(err)
		}
		if n == q.skip {
			break
		}
		if page.NextCursor == nil {
			b.Skip("there is no page as deep as that")
		}
		q.query.Cursor = *page.NextCursor
	}
	hand := q.byHand(b, db)
	var took, tookByHand []time.Duration
	for range b.N { // one op is as many pages as go into a second, from 20 to 300; by hand, where that is slow, fewer
		for end := time.Now().Add(time.Second); len(took) < 20 || len(took) < 300 && time.Now().Before(end); {
			began := time.Now()
			if _, err := db.History(ctx, q.query); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
			if began = time.Now(); len(tookByHand) > 0 && began.After(end) {
				continue
			}
			if got := hand(); got != len(page.Items) {
				b.Fatalf("by hand come %d, and %d came", got, len(page.Items))
			}
			tookByHand = append(tookByHand, time.Since(began))
		}
	}
	slices.Sort(took)
	slices.Sort(tookByHand)
	b.ReportMetric(float64(page.Total), "total")
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(millis(took, 50), "p50-ms")
	b.ReportMetric(millis(took, 99), "p99-ms")
	b.ReportMetric(millis(tookByHand, 50), "hand-p50-ms")
	b.ReportMetric(millis(tookByHand, 99), "hand-p99-ms")
}

// byHand returns what somebody would write who needs only this page and how many there are in all, prepared.
func (q question) byHand(b *testing.B, db *DB) (ask func() int) {
	b.Helper()
	from, conditions := `investigations`, []string{"archived_at IS NULL"}
	var args []any
	place := func(value any) string {
		args = append(args, value)
		return fmt.Sprint("$", len(args))
	}
	if q.query.Archived {
		conditions[0] = "archived_at IS NOT NULL"
	}
	if q.query.Text != "" {
		conditions = append(conditions, "num IN ("+fmt.Sprintf(db.dialect.textMatch, place(db.dialect.words(termsOf(q.query.Text))))+")")
	}
	if q.query.UserID != "" {
		conditions = append(conditions, "user_id = "+place(q.query.UserID))
	}
	if q.where != "" {
		conditions = append(conditions, q.where)
	}
	count, counted := `SELECT COUNT(*) FROM `+from+` WHERE `+strings.Join(conditions, " AND "), slices.Clone(args)
	order := q.order
	if order == "" {
		order = "updated_at DESC, num DESC"
	}
	if q.query.Cursor != "" {
		sort, beyond := q.query.Sort, ">"
		if sort == "" {
			sort = "-updated_at"
		}
		field, descending := strings.CutPrefix(sort, "-")
		if descending {
			beyond = "<"
		}
		at, err := readCursor(q.query.Cursor, sort, orders[field])
		if err != nil {
			b.Fatal(err)
		}
		value := any(at.key)
		switch orders[field] {
		case byName:
			value = at.name
		case byStatus:
			value = statusTexts[at.key]
		case byRisk:
			value = math.Float64frombits(uint64(at.key))
		}
		key, _, _ := strings.Cut(order, " ")
		conditions = append(conditions, "("+strings.TrimSuffix(key, ",")+", num) "+beyond+" ("+place(value)+", "+place(at.num)+")")
	}
	if !strings.Contains(order, "LIMIT") {
		order += " LIMIT 20"
	}
	list, err := db.reader.pool.Prepare(`SELECT ` + headerColumns + ` FROM ` + from + ` WHERE ` + strings.Join(conditions, " AND ") + ` ORDER BY ` + order)
	if err != nil {
		b.Fatal(err)
	}
	total, err := db.reader.pool.Prepare(count)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = list.Close()
		_ = total.Close()
	})
	return func() (got int) {
		var n int64
		if err := total.QueryRow(counted...).Scan(&n); err != nil {
			b.Fatal(err)
		}
		rows, err := list.Query(args...)
		if err != nil {
			b.Fatal(err)
		}
		if err := walk(rows, func(scan func(...any) error) (bool, error) {
			var h headerRow
			_, err := h.read(scan)
			got++
			return true, err
		}); err != nil {
			b.Fatal(err)
		}
		return got
	}
}

func millis(sorted []time.Duration, percentile int) float64 {
	return float64(sorted[len(sorted)*percentile/100].Microseconds()) / 1000
}

func analyst(i int) string { return fmt.Sprintf("analyst-%02d", i) }

// updatedAt is when the nth investigation was last changed: one every 20 seconds.
func updatedAt(n int) int64 { return 1_750_000_000_000_000 + int64(n)*20_000_000 }

// invented makes the nth of the investigations, always the same.
func invented(n int) (row headerRow, dataset, text string) {
	r := rand.New(rand.NewPCG(uint64(n), 29))
	subjects := []string{"Card testing", "Mule ring", "Account takeover", "Chargebacks", "Refund abuse", "Zürich device farm", "Payroll change", "New merchant"}
	row = headerRow{
		num: int64(n + 1), id: fmt.Sprintf("case-%08d", n), userID: analyst(r.IntN(analysts)), version: int64(2 + r.IntN(400)),
		name: fmt.Sprintf("%s %d", subjects[r.IntN(len(subjects))], r.IntN(1_000_000)), status: olorin.Draft, step: olorin.StepSettings, entities: 1 + r.IntN(4),
		updated: updatedAt(n), created: updatedAt(n) - r.Int64N(86_400_000_000),
	}
	lines := []string{row.name}
	for range row.entities {
		kind := r.IntN(len(olorin.EntityTypes))
		if kind == 8 && r.IntN(20) > 0 {
			kind = 0
		}
		row.mask |= entityBits[olorin.EntityTypes[kind]]
		lines = append(lines, []string{"user%d", "user%d@example.com", "10.1.2.%d", "device-%d", "0049%d", "card%d", "acc%d", "shop%d", "tx%d"}[kind])
		lines[len(lines)-1] = fmt.Sprintf(lines[len(lines)-1], r.IntN(200_000))
	}
	if r.IntN(10_000) == 0 {
		lines = append(lines, "rare1234")
	}
	if kind := r.IntN(100); kind >= 10 {
		started := row.created + 60_000_000
		row.started, row.step, row.status = &started, olorin.StepProgress, olorin.Running
		ended := func(s olorin.Status) {
			duration := r.Int64N(600_000)
			finished := started + duration*1000
			row.status, row.finished, row.duration, row.step = s, &finished, &duration, olorin.StepResults
		}
		switch {
		case kind < 12:
		case kind < 14:
			row.status = olorin.Paused
		case kind < 16:
			row.status = olorin.Failed
		case kind < 22:
			ended(olorin.Cancelled)
		default:
			ended(olorin.Completed)
			risk := float64(r.IntN(1000)) / 10
			row.risk, row.level, row.percent = &risk, olorin.LevelOf(risk), 100
			lines = append(lines, []string{"Impossible travel", "Many cards on one device", "Structuring below a limit", "Mule account emptied"}[r.IntN(4)])
		}
		if row.status == olorin.Completed && r.IntN(5) == 0 {
			archived := row.updated
			row.archived = &archived
		}
	}
	return row, "d", strings.Join(lines, "\n")
}

// headerNames are the columns of the header as fill writes them.
const headerNames = `num, id, version, user_id, name, name_key, status, step, percent, phase, findings, log_lines, eta_seconds, dataset, risk_score, risk_level, entity_count,
	entity_types, created_at, updated_at, started_at, finished_at, archived_at, duration_ms, sum`

func (h headerRow) values(dataset string) []any {
	return []any{
		h.num, h.id, h.version, h.userID, h.name, nameKey(h.name), string(h.status), string(h.step), h.percent, string(h.phase), h.findings, h.logLines, h.eta, dataset, h.risk, string(h.level),
		h.entities, h.mask, h.created, h.updated, h.started, h.finished, h.archived, h.duration, h.sum(),
	}
}

func fillSQLite(b *testing.B, url string, size int) {
	b.Helper()
	began := time.Now()
	pool, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(url, "sqlite:///")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-400000)&_pragma=journal_mode(WAL)")
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // what was written is committed
	indexes := dropIndexes(b, pool, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'investigations' AND sql IS NOT NULL`)
	tx, err := pool.Begin()
	if err != nil {
		b.Fatal(err)
	}
	header, err := tx.Prepare(`INSERT INTO investigations (` + headerNames + `) VALUES (?` + strings.Repeat(`, ?`, 24) + `)`)
	if err != nil {
		b.Fatal(err)
	}
	words, err := tx.Prepare(sqliteDialect.textInsert)
	if err != nil {
		b.Fatal(err)
	}
	held, err := tx.Prepare(`INSERT INTO investigation_words (investigation, words) VALUES (?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	for n := range size {
		h, dataset, text := invented(n)
		if _, err := header.Exec(h.values(dataset)...); err != nil {
			b.Fatal(err)
		}
		if _, err := held.Exec(h.num, term{words: lexemes(text)}.text()); err != nil {
			b.Fatal(err)
		}
		if _, err := words.Exec(h.num, strings.Join(lexemes(text), " ")); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	for _, index := range indexes {
		if _, err := pool.Exec(index); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d investigations in SQLite in %s", size, time.Since(began).Round(time.Second))
}

// dropIndexes drops those that a query names, and returns what makes them again: once the rows are there that takes far less.
func dropIndexes(b *testing.B, pool *sql.DB, query string) (indexes []string) {
	b.Helper()
	rows, err := pool.Query(query)
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	if err := walk(rows, func(scan func(...any) error) (bool, error) {
		var name, text string
		err := scan(&name, &text)
		names, indexes = append(names, name), append(indexes, text)
		return true, err
	}); err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		if _, err := pool.Exec(`DROP INDEX ` + name); err != nil {
			b.Fatal(err)
		}
	}
	return indexes
}

func fillPostgres(b *testing.B, url string, size int) {
	b.Helper()
	began := time.Now()
	ctx := b.Context()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // what was written is committed
	do := func(query string) {
		if _, err := conn.Exec(ctx, query); err != nil {
			b.Fatal(err)
		}
	}
	do(`SET maintenance_work_mem = '1GB'`)
	pool, err := sql.Open("pgx", url)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // what was written is committed
	indexes := dropIndexes(b, pool, `SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('investigations', 'investigation_text') AND indexdef NOT LIKE '%UNIQUE%'`)
	columns := strings.FieldsFunc(headerNames, func(r rune) bool { return strings.ContainsRune(", \n\t", r) })
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"investigations"}, columns, pgx.CopyFromSlice(size, func(n int) ([]any, error) {
		h, dataset, _ := invented(n)
		return h.values(dataset), nil
	})); err != nil {
		b.Fatal(err)
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"investigation_words"}, []string{"investigation", "words"}, pgx.CopyFromSlice(size, func(n int) ([]any, error) {
		h, _, text := invented(n)
		return []any{h.num, term{words: lexemes(text)}.text()}, nil
	})); err != nil {
		b.Fatal(err)
	}
	do(`CREATE TEMPORARY TABLE written (investigation BIGINT, words TEXT)`)
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"written"}, []string{"investigation", "words"}, pgx.CopyFromSlice(size, func(n int) ([]any, error) {
		h, _, text := invented(n)
		return []any{h.num, postgresVector(lexemes(text))}, nil
	})); err != nil {
		b.Fatal(err)
	}
	do(`INSERT INTO investigation_text SELECT investigation, words::tsvector FROM written`)
	for _, index := range indexes {
		do(index)
	}
	do(`VACUUM ANALYZE`)
	b.Logf("%d investigations in PostgreSQL in %s", size, time.Since(began).Round(time.Second))
}
