package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// list looks for one page of a history. Either of two ways is short, as long as what is filtered has little to do with what is sorted:
// where many fit, the first of the order fill a page soon; where few fit, the smallest of the sets that a filter leads to is soon read. How
// many they are is counted first.
type list struct {
	db         *DB
	by         order
	descending bool
	skip, need int

	owned, dated, shared []condition // what the indexes by owner, by time, and of what is shared lead to
	filters              []condition // all of them that a header row answers
	search               *search     // the words that must be there; nil: any
	beside               string      // columns that they look at and few indexes hold
	ways                 []way       // the indexes that lead to what fits a filter, beginning with what usually narrows most
	states               []olorin.Status
	leveled              bool // by level
	direct               bool // the first way is the only one: ids, or to whom they are assigned
	unvalued             bool // nothing that fits has a key in the order
	scope                way  // what is counted

	after *position // the page goes on from here
	key   any       // of after; nil: it has none

	newest int64 // num of the last that was made
	found  []found
	total  int64
	exact  bool
	sample *sample // nil: all were counted
}

// found is an investigation of a page, and its key in the order.
type found struct {
	num int64
	key any
}

// way is an index, and the conditions that it leads to.
type way struct {
	index      string
	conditions []condition
}

// holds tells whether the index holds a column, so that the row need not be read for it.
func (w way) holds(column string) bool {
	switch column {
	case "status", "risk_score":
		return w.index != "investigations_by_assignee"
	case "updated_at":
		return w.index == "investigations_by_owner" || w.index == "investigations_by_time" || w.index == "investigations_shared"
	}
	return false
}

// condition is a part of a WHERE, with %s where its values go.
type condition struct {
	text   string
	values []any
}

// among is the condition that a column has one of the values.
func among[T ~string](column string, values []T) condition {
	c := condition{text: column + ` IN (%s` + strings.Repeat(", %s", len(values)-1) + `)`}
	for _, v := range values {
		c.values = append(c.values, string(v))
	}
	return c
}

// statement is a query in the making.
type statement struct {
	strings.Builder
	args []any
}

// where joins conditions by AND; of none it makes one that always holds.
func (s *statement) where(groups ...[]condition) string {
	var all []string
	for _, c := range slices.Concat(groups...) {
		places := make([]any, len(c.values))
		for i, v := range c.values {
			s.args = append(s.args, v)
			places[i] = fmt.Sprintf("$%d", len(s.args))
		}
		all = append(all, fmt.Sprintf(c.text, places...))
	}
	if len(all) == 0 {
		return "1 = 1"
	}
	return strings.Join(all, " AND ")
}

// within makes the query so far a part of a wider one, %s in its beginning, around conditions.
func (s *statement) within(begin string, conditions []condition, end string) {
	inner := s.String()
	s.Reset()
	fmt.Fprintf(s, begin, inner)
	s.WriteString(s.where(conditions) + end)
}

// filtered are the columns that filters look at and every index holds.
const filtered = `user_id, archived_at, status, risk_level, risk_score, entity_types`

// levels are all that a row may have.
var levels = []olorin.RiskLevel{"", "low", "medium", "high", "critical"}

// narrow takes what a query asks for.
func (l *list) narrow(q olorin.HistoryQuery) {
	if q.UserID != "" {
		l.owned = append(l.owned, condition{`user_id = %s`, []any{q.UserID}})
	}
	if len(q.Owners) > 0 {
		l.owned = append(l.owned, among("user_id", q.Owners))
	}
	if q.From != nil {
		l.dated = append(l.dated, condition{`updated_at >= %s`, []any{q.From.UnixMicro()}})
	}
	if q.To != nil {
		l.dated = append(l.dated, condition{`updated_at < %s`, []any{q.To.UnixMicro()}})
	}
	if len(l.dated) > 0 && l.by.column != "updated_at" {
		l.beside += `, updated_at`
	}
	if q.Shared {
		l.shared = []condition{{text: `shared = 1`}}
		l.beside += `, shared`
	}
	if q.NotOf != "" {
		l.filters = append(l.filters, condition{`user_id <> %s`, []any{q.NotOf}})
	}
	state := []condition{among("status", olorin.Statuses), among("risk_level", levels), {text: `archived_at IS NULL`}}
	if q.Archived {
		state[2].text = `archived_at IS NOT NULL`
	}
	if len(q.Status) > 0 {
		state[0] = among("status", q.Status)
		l.filters = append(l.filters, state[0])
	}
	if len(q.RiskLevel) > 0 {
		state[1] = among("risk_level", q.RiskLevel)
		l.filters = append(l.filters, state[1])
	}
	l.states, l.leveled = q.Status, len(q.RiskLevel) > 0
	var scored []condition
	if q.RiskMin != nil {
		scored = append(scored, condition{`risk_score >= %s`, []any{*q.RiskMin}})
	}
	if q.RiskMax != nil {
		scored = append(scored, condition{`risk_score <= %s`, []any{*q.RiskMax}})
	}
	var mask int64
	for _, t := range q.EntityTypes {
		mask |= entityBits[t]
	}
	if mask != 0 {
		l.filters = append(l.filters, condition{`entity_types & %s <> 0`, []any{mask}})
	}
	l.filters = slices.Concat(l.owned, l.dated, l.shared, l.filters, state[2:], scored)

	var direct []condition
	if len(q.IDs) > 0 {
		direct = append(direct, among("id", q.IDs))
	}
	if strings.TrimSpace(q.Text) != "" {
		owner := q.UserID
		if len(q.Owners) == 1 {
			owner = q.Owners[0]
		}
		if terms := termsOf(q.Text); len(terms) > 0 {
			l.search = &search{l.db, owner, terms}
		} else {
			direct = append(direct, condition{text: `1 = 0`})
		}
	}
	index := ""
	if q.Assignee != "" {
		assigned := []condition{{`assignee = %s AND assignee <> ''`, []any{q.Assignee}}} // the second is what the index is of
		if len(direct) == 0 {
			index = "investigations_by_assignee"
		}
		direct = append(direct, assigned...)
	}
	if l.direct = len(direct) > 0; l.direct {
		l.ways = []way{{index, direct}}
		return
	}
	l.ways = append(l.ways, way{"investigations_by_state", state})
	if q.Shared {
		l.ways = append(l.ways, way{"investigations_shared", slices.Concat(l.shared, l.dated)})
	}
	if len(l.owned) > 0 {
		l.ways = append(l.ways, way{"investigations_by_owner", slices.Concat(l.owned, l.dated)})
	}
	if mask != 0 {
		l.ways = append(l.ways, way{"investigations_by_types", []condition{withBits(mask)}})
	}
	if len(scored) > 0 {
		l.ways = append(l.ways, way{"investigations_by_risk", scored})
	}
	if len(l.dated) > 0 {
		l.ways = append(l.ways, way{"investigations_by_time", l.dated})
	}
	switch {
	case len(l.owned) > 0:
		l.scope = way{"investigations_by_owner", slices.Concat(l.owned, l.dated)}
	case len(l.shared) > 0:
		l.scope = way{"investigations_shared", slices.Concat(l.shared, l.dated)}
	case len(l.dated) == 0 && (len(l.states) > 0 || l.leveled):
		l.scope = l.ways[0]
	default:
		l.scope = way{"investigations_by_time", l.dated}
	}
}

// withBits lists the values of entity_types that have one of the bits: an index cannot look for a bit.
func withBits(mask int64) condition {
	var values []string
	for v := range int64(1) << len(entityBits) {
		if v&mask != 0 {
			values = append(values, strconv.FormatInt(v, 10))
		}
	}
	return condition{text: `entity_types IN (` + strings.Join(values, ", ") + `)`}
}

// goOn begins after the page that gave a cursor.
func (l *list) goOn(cursor, sort, field string) error {
	at, key, err := readCursor(cursor, sort, field)
	l.after, l.key = &at, key
	return err
}

func (l *list) direction() (words, beyond string) {
	if l.descending {
		return " DESC", "<"
	}
	return "", ">"
}

// beyond is the condition to come after the last page, among those that have a value or those that have none.
func (l *list) beyond(valued bool) []condition {
	_, beyond := l.direction()
	switch {
	case l.after == nil || !valued && l.key != nil:
		return nil
	case !valued:
		return []condition{{`num ` + beyond + ` %s`, []any{l.after.Num}}}
	default:
		return []condition{{`(` + l.by.column + `, num) ` + beyond + ` (%s, %s)`, []any{l.key, l.after.Num}}}
	}
}

// find finds the page and how many there are.
func (l *list) find(ctx context.Context) error {
	if l.direct {
		return l.gather(ctx, l.ways[0], l.counted())
	}
	few := stride / 10
	if best, fit, err := l.fewest(ctx, few); err != nil {
		return err
	} else if fit {
		return l.gather(ctx, best, l.counted())
	}
	if err := l.count(ctx); err != nil || l.exact && l.total == 0 {
		return err
	}
	if l.beside != "" { // to walk is dearer
		few = stride / 4
	}
	if l.exact && (l.total <= int64(few) || l.by.column != "updated_at" && l.apart()*int64(l.skip+l.need) > int64(4*stride)) {
		return l.gather(ctx, l.scope, l.counted())
	}
	if err := l.value(ctx); err != nil {
		return err
	}
	if l.search != nil && l.vain() {
		best, left, err := l.narrowest(ctx)
		if err != nil {
			return err
		}
		return l.gather(ctx, best, left)
	}
	filled, err := l.walk(ctx)
	if err != nil || filled {
		l.total = max(l.total, int64(l.skip+len(l.found))) // these are known, wherever it was counted
		return err
	}
	best, left, err := l.narrowest(ctx)
	if err != nil {
		return err
	}
	return l.gather(ctx, best, left)
}

// apart tells how far those that fit stand apart in an order of all, where they were counted.
func (l *list) apart() int64 { return l.newest / max(l.total, 1) }

// counted are all conditions: the filters, and that the text holds the words.
func (l *list) counted() []condition {
	if l.search == nil {
		return l.filters
	}
	return append(slices.Clip(l.filters), l.search.held())
}

// value tells whether all that fit come last in the order, in which they have no key: what never started, or was never assessed. The walk
// would look for others in vain.
func (l *list) value(ctx context.Context) error {
	switch {
	case !l.by.optional || len(l.states) == 0:
	case !slices.ContainsFunc(l.states, func(s olorin.Status) bool { return s != olorin.Draft }):
		l.unvalued = true
	case l.by.column == "finished_at" || l.by.column == "duration_ms":
		l.unvalued = !slices.ContainsFunc(l.states, olorin.Status.Terminal)
	case l.by.column == "risk_score" && !l.leveled: // who has a score has a level
		state := l.ways[0]
		n, err := l.many(ctx, way{state.index, []condition{state.conditions[0], among("risk_level", levels[1:]), state.conditions[2]}}, patience) // for one, PostgreSQL would read the table
		l.unvalued = n == 0
		return err
	}
	return nil
}

// walk looks for the page in the order of the list, a stride at the most. It says whether that was enough.
func (l *list) walk(ctx context.Context) (filled bool, err error) {
	l.found = nil
	for _, valued := range []bool{true, false} {
		if valued && (l.unvalued || l.after != nil && l.key == nil) || !valued && !l.by.optional {
			continue
		}
		missing := l.skip + l.need - len(l.found)
		reach, tries := l.bounds(missing)
		before := len(l.found)
		if err := l.step(ctx, valued, reach, tries, missing); err != nil {
			return false, err
		}
		if len(l.found)-before == missing {
			break
		}
		looked, err := l.reached(ctx, valued, reach)
		if err != nil || looked == reach || l.search != nil && looked > tries {
			return false, err
		}
	}
	l.found = l.found[min(l.skip, len(l.found)):]
	return true, nil
}

// bounds tells how far to walk for so many, and in how many of these to look for words: as far as an index alone answers, four times the usual
// where that is known to be worth it; a tenth of that where the rows are read, too.
func (l *list) bounds(missing int) (reach, tries int) {
	reach, tries = max(stride, missing), max(patience, 8*missing)
	if l.exact {
		reach = max(reach, min(4*stride, 2*missing*int(l.apart())))
	}
	if l.search != nil {
		reach = 4 * stride
	}
	if l.beside != "" && l.by.column != "updated_at" {
		reach = max(stride/5, missing)
	}
	return reach, tries
}

// within is what is walked: in an order by time only what is of a single owner, or is shared.
func (l *list) within(valued bool) (index string, conditions []condition) {
	index, conditions = l.by.index, l.beyond(valued)
	switch {
	case l.by.optional && valued:
		conditions = append(conditions, condition{text: l.by.column + ` IS NOT NULL`})
	case l.by.optional:
		conditions = append(conditions, condition{text: l.by.column + ` IS NULL`})
	case l.by.column == "updated_at":
		conditions = append(conditions, l.dated...)
		if len(l.owned) == 1 && len(l.owned[0].values) == 1 {
			index, conditions = "investigations_by_owner", append(conditions, l.owned...)
		} else if len(l.shared) > 0 {
			index, conditions = "investigations_shared", append(conditions, l.shared...)
		}
	}
	return index, conditions
}

// step walks among those that have a value, or those that have none, until so many are found. Words are looked for in as many as it tries.
func (l *list) step(ctx context.Context, valued bool, reach, tries, missing int) error {
	var s statement
	index, conditions := l.within(valued)
	columns := filtered + l.beside
	if !strings.Contains(columns, l.by.column) {
		columns += `, ` + l.by.column
	}
	words, _ := l.direction()
	fmt.Fprintf(&s, `SELECT num, %s FROM (SELECT num, %s FROM investigations%s WHERE %s ORDER BY %s, num%s LIMIT %d) AS walked WHERE %s`,
		l.by.column, columns, l.db.dialect.by(index), s.where(conditions), l.by.column+words, words, reach, s.where(l.filters))
	if l.search != nil {
		s.within(fmt.Sprintf(`SELECT num, %s FROM (%%s LIMIT %d) AS near WHERE `, l.by.column, tries), []condition{l.search.held()}, "")
	}
	fmt.Fprintf(&s, ` LIMIT %d`, missing)
	return l.db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		var f found
		err := scan(&f.num, &f.key)
		l.found = append(l.found, f)
		return true, err
	}, s.String(), s.args...)
}

// reached tells how many there were to walk, up to reach.
func (l *list) reached(ctx context.Context, valued bool, reach int) (looked int, err error) {
	index, conditions := l.within(valued)
	return l.many(ctx, way{index, conditions}, reach)
}

// many tells how many are on a way, up to most.
func (l *list) many(ctx context.Context, w way, most int) (n int, err error) {
	var s statement
	fmt.Fprintf(&s, `SELECT COUNT(*) FROM (SELECT 1 FROM investigations%s WHERE %s LIMIT %d) AS near`, l.db.dialect.by(w.index), s.where(w.conditions), most)
	return n, l.one(ctx, &s, &n)
}

func (l *list) one(ctx context.Context, s *statement, dest ...any) error {
	return l.db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) { return false, scan(dest...) }, s.String(), s.args...)
}

// count counts those that fit, among at most maxCounted of the scope; of words among a quarter of the patience.
func (l *list) count(ctx context.Context) error {
	var s statement
	columns := `num, ` + filtered
	if len(l.dated) > 0 {
		columns += `, updated_at`
	}
	if len(l.shared) > 0 {
		columns += `, shared`
	}
	looked, most := 0, maxCounted
	if len(l.owned) == 0 {
		most = maxCountedOfAll
	}
	fmt.Fprintf(&s, `SELECT %s FROM investigations%s WHERE %s LIMIT %d`, columns, l.db.dialect.by(l.scope.index), s.where(l.scope.conditions), most)
	s.within(`WITH looked AS (%s) SELECT COUNT(*), COUNT(CASE WHEN `, l.filters, ` THEN 1 END), (SELECT MAX(num) FROM investigations) FROM looked`)
	var (
		newest *int64
		passed int64
	)
	if err := l.one(ctx, &s, &looked, &passed, &newest); err != nil {
		return err
	}
	if newest != nil {
		l.newest = *newest
	}
	l.total, l.exact = passed, looked < most
	if l.search != nil && passed > 0 {
		var (
			ask    statement
			rows   int64
			worded int64
		)
		bound := int64(patience / 4)
		spread := condition{`num %% %s = 0`, []any{max(passed/bound, 1)}}
		fmt.Fprintf(&ask, `SELECT num FROM (SELECT %s FROM investigations%s WHERE %s LIMIT %d) AS looked WHERE `, columns, l.db.dialect.by(l.scope.index), ask.where(l.scope.conditions), most)
		ask.WriteString(ask.where(l.filters, []condition{spread}) + fmt.Sprintf(` LIMIT %d`, bound))
		ask.within(`WITH near AS (%s) SELECT COUNT(*), COUNT(CASE WHEN `, []condition{l.search.held()}, ` THEN 1 END) FROM near`)
		if err := l.one(ctx, &ask, &rows, &worded); err != nil {
			return err
		}
		if l.exact && passed > bound { // what was looked at stands for all that passed
			l.sample = &sample{whole: passed, rows: rows, fit: worded, worded: worded}
		}
		l.total, l.exact = worded, l.exact && passed <= bound
	}
	if l.exact || l.sample != nil {
		return nil
	}
	return l.look(ctx)
}

// sample is what a few rows tell of all that they stand for.
type sample struct {
	whole, rows int64
	fit, worded int64 // of the rows: those that fit, and those that hold the words, whatever the filters
}

// of is how many there are in all, of which the sample has n.
func (s *sample) of(n int64) int64 { return n * s.whole / max(s.rows, 1) }

// sampleSize is about how many rows are looked at that are spread over all there are: always the same, so that they are at hand.
const sampleSize = 500

// look takes a sample of everybody's.
func (l *list) look(ctx context.Context) error {
	step := int64(1)
	for step*10*sampleSize <= l.newest { // it changes rarely while the history grows
		step *= 10
	}
	step *= (l.newest + step*sampleSize - 1) / (step * sampleSize)
	var nums []string
	for num := step; num <= l.newest; num += step {
		nums = append(nums, strconv.FormatInt(num, 10))
	}
	l.sample = &sample{whole: step * int64(len(nums)), rows: int64(len(nums))}
	if len(nums) == 0 {
		return nil
	}
	var ask statement
	fit := ask.where(l.filters)
	if l.search == nil {
		fmt.Fprintf(&ask, `SELECT COUNT(CASE WHEN %s THEN 1 END), 0 FROM investigations WHERE num IN (%s)`, fit, strings.Join(nums, ", "))
	} else {
		fmt.Fprintf(&ask, `SELECT COUNT(CASE WHEN holds AND fits THEN 1 END), COUNT(CASE WHEN holds THEN 1 END) FROM
			(SELECT %s AS fits, %s AS holds FROM investigations WHERE num IN (%s)) AS spread`, fit, ask.where([]condition{l.search.held()}), strings.Join(nums, ", "))
	}
	return l.one(ctx, &ask, &l.sample.fit, &l.sample.worded)
}

// likely is about how many of all the words are in, of whoever's are looked for.
func (l *list) likely() int64 {
	if l.sample == nil {
		return l.total
	}
	return l.sample.of(l.sample.worded)
}

// vain tells whether to look for words one by one, in the order of the list, is likely to find no page, or they are in so few that these are
// soon read: in any order but by time they may all stand far off.
func (l *list) vain() bool {
	if l.likely() > int64(stride/4) {
		return false
	}
	return l.by.column != "updated_at" || l.sample == nil || int64(l.skip+l.need)*l.sample.rows > l.sample.fit*int64(patience/4)
}

// tellingFit is how many of a sample must fit before it says about how many there are.
const tellingFit = 10

// about is how many fit by the sample, to two digits; nil: too few of it did to say so.
func (l *list) about() *int64 {
	if l.exact || l.sample == nil || l.sample.fit < tellingFit {
		return nil
	}
	n, unit := l.sample.of(l.sample.fit), int64(1)
	for n/unit >= 100 {
		unit *= 10
	}
	n = max((n+unit/2)/unit*unit, l.total)
	return &n
}

// fewest is the way on which the fewest are, and whether they are fewer than most.
func (l *list) fewest(ctx context.Context, most int) (best way, few bool, err error) {
	best = l.ways[0]
	for _, w := range l.ways {
		many, err := l.many(ctx, w, most)
		if err != nil {
			return best, false, err
		}
		if many < most {
			best, most, few = w, many, true
		}
	}
	return best, few, nil
}

// narrowest is the way on which the fewest are, and what is left to ask of these. Words lead to what they are in where no filter leaves fewer.
func (l *list) narrowest(ctx context.Context) (best way, left []condition, err error) {
	most := stride
	if l.search != nil {
		// To look at the words of one costs about as much as to read one that the index of words leads to.
		most = int(min(max(l.likely(), int64(patience/4)), maxCounted))
	}
	best, few, err := l.fewest(ctx, most)
	if err != nil || l.search == nil || few {
		return best, l.counted(), err
	}
	match, whole, err := l.search.match(ctx)
	if !whole {
		return way{"", []condition{match}}, l.counted(), err
	}
	return way{"", []condition{match}}, l.filters, err
}

// gather reads all that fit, by a way to them, and takes the page out of them.
func (l *list) gather(ctx context.Context, best way, left []condition) error {
	// PostgreSQL asks an index alone only for what it holds: the key of the order is read of those that fit.
	fit := fmt.Sprintf(`WITH fit AS MATERIALIZED (SELECT num, %s FROM investigations WHERE `, l.by.column)
	end := `)`
	switch {
	case best.index == "":
	case best.holds(l.by.column):
		fit = fmt.Sprintf(`WITH fit AS MATERIALIZED (SELECT num, %s FROM investigations%s WHERE `, l.by.column, l.db.dialect.by(best.index))
	default:
		fit = `WITH near AS MATERIALIZED (SELECT num FROM investigations` + l.db.dialect.by(best.index) + ` WHERE `
		end = fmt.Sprintf(`), fit AS MATERIALIZED (SELECT num, (SELECT i.%[1]s FROM investigations i WHERE i.num = near.num) AS %[1]s FROM near)`, l.by.column)
	}
	words, beyond := l.direction()
	var after []condition
	switch {
	case l.after == nil:
	case l.key == nil:
		after = []condition{{l.by.column + ` IS NULL AND num ` + beyond + ` %s`, []any{l.after.Num}}}
	default:
		after = []condition{{`(` + l.by.column + ` IS NULL OR (` + l.by.column + `, num) ` + beyond + ` (%s, %s))`, []any{l.key, l.after.Num}}}
	}
	var s statement
	fmt.Fprintf(&s, `%s%s%s SELECT many, num, %s FROM (SELECT COUNT(*) AS many FROM fit) AS counted LEFT JOIN fit ON %s
		ORDER BY CASE WHEN %s IS NULL THEN 1 ELSE 0 END, %s, num%s LIMIT %d OFFSET %d`,
		fit, s.where(best.conditions, left), end, l.by.column, s.where(after), l.by.column, l.by.column+words, words, l.need, l.skip)
	l.found, l.exact = nil, true
	counted := false
	err := l.db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		var (
			num *int64
			key any
		)
		counted = true
		err := scan(&l.total, &num, &key)
		if num != nil {
			l.found = append(l.found, found{*num, key})
		}
		return true, err
	}, s.String(), s.args...)
	if err != nil || counted {
		return err
	}
	var all statement // the page lies past the last
	fmt.Fprintf(&all, `%s%s%s SELECT COUNT(*) FROM fit`, fit, all.where(best.conditions, left), end)
	return l.one(ctx, &all, &l.total)
}
