package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
)

// catalogue holds in memory what lists are narrowed and sorted by, of every investigation. It follows the database: each change of a header
// row, and each removal, has the next number, and since one transaction writes at a time, over all servers, numbers are committed in their
// order. Before an answer everything is read that has a higher number than what is known, so no list is older than its question.
//
// An investigation has a place in the columns, which it keeps; that of a removed one stays empty.
type catalogue struct {
	dialect *dialect
	reader  *reader
	life    context.Context // of what works behind the callers
	end     context.CancelFunc
	behind  sync.WaitGroup

	turns chan struct{} // one for each processor: more passes at once would only keep the changes waiting

	rounds        sync.Mutex // protects the next two
	current, next *round

	last int64 // of the round under way: the highest number that was read; -1: none yet

	mu        sync.RWMutex    // protects all below; no statement runs under it
	loaded    bool            // all header rows were read
	era       int             // how often it was forgotten
	places    map[int64]int32 // of investigations, by num
	nums      []int64
	names     []string
	traits    []trait
	keys      [byName][]int64 // by order; none where there is no value
	orders    [byName + 1]arrangement
	people    map[string]uint32 // from 1; 0 is nobody
	collected collection
}

// trait is what filters look at.
type trait struct {
	owner, assignee uint32
	types           uint16 // entityBits
	status, level   uint8  // their places in olorin.Statuses and in levels
	flags           uint8
}

const (
	here     uint8 = 1 << iota // not removed
	archived                   // put away
	shared                     // with the organisation
)

// levels are all that an investigation may have.
var levels = []olorin.RiskLevel{"", "low", "medium", "high", "critical"}

// The orders of a list. All but the last have whole numbers for keys.
const (
	byUpdate = iota
	byCreation
	byStatus
	bySize
	byStart
	byFinish
	byDuration
	byRisk
	byName
)

// none is the key of what has no value.
const none = math.MinInt64

// statusTexts are the statuses as they are sorted; a key is a place in it.
var statusTexts = func() (texts []string) {
	for _, s := range olorin.Statuses {
		texts = append(texts, string(s))
	}
	slices.Sort(texts)
	return texts
}()

// riskKey keeps the order of scores, which are not negative.
func riskKey(score float64) int64 { return int64(math.Float64bits(max(score, 0))) }

// arrangement is an order of all that are there: first those that have a key, ascending by key and num, then the others by num.
type arrangement struct {
	places, spare []int32
	keyed         int
	made          bool
	moved         []int32 // are to be put where they belong
	isMoved       bitmap
}

func newCatalogue(d *dialect, r *reader) *catalogue {
	life, end := context.WithCancel(context.Background())
	return &catalogue{dialect: d, reader: r, turns: make(chan struct{}, runtime.GOMAXPROCS(0)), life: life, end: end, last: -1, places: map[int64]int32{}, people: map[string]uint32{}, collected: collection{}}
}

// stop ends what works behind the callers, and waits for it.
func (c *catalogue) stop() {
	c.rounds.Lock() // no round begins once life has ended
	c.end()
	c.rounds.Unlock()
	c.behind.Wait()
}

// followEvery is how soon a server that nobody asks for a list reads what was changed: the next who asks finds little left to read.
const followEvery = 5 * time.Second

// keep follows the database until life ends, and makes as soon as it can what lists will need. Errors are those of the next who asks.
func (c *catalogue) keep() {
	c.behind.Go(func() {
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for ready := unsettled; ; {
			ready = c.prepare(c.life, ready)
			select {
			case <-tick.C:
			case <-c.life.Done():
				return
			}
		}
	})
}

// prepare reads what was changed, and makes what lists will need unless that was done in the era that is ready. It returns the era that is.
func (c *catalogue) prepare(ctx context.Context, ready int) int {
	if c.fresh(ctx) != nil {
		return ready
	}
	c.mu.RLock()
	era := c.settled()
	c.mu.RUnlock()
	if era == unsettled || era == ready {
		return ready
	}
	for order := range c.orders {
		c.arranged(order)()
	}
	if c.collect(ctx) != nil {
		return ready
	}
	return era
}

// unsettled is the era of a catalogue that is being read: what is known is not all.
const unsettled = -1

// settled returns the era, or unsettled. The caller holds mu.
func (c *catalogue) settled() int {
	if !c.loaded {
		return unsettled
	}
	return c.era
}

// round is one reading of what was changed. Those who come while one is under way share the next.
type round struct {
	done chan struct{}
	err  error
}

// fresh returns once everything is known that was committed before the call.
func (c *catalogue) fresh(ctx context.Context) error {
	c.rounds.Lock()
	r := c.next
	if r == nil {
		r = &round{done: make(chan struct{})}
		c.next = r
		if c.current == nil {
			c.begin()
		}
	}
	c.rounds.Unlock()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin begins the next round. The caller holds rounds.
func (c *catalogue) begin() {
	r := c.next
	c.current, c.next = r, nil
	if err := c.life.Err(); err != nil {
		c.current, r.err = nil, err
		close(r.done)
		return
	}
	c.behind.Go(func() {
		r.err = c.follow(c.life)
		close(r.done)
		c.rounds.Lock()
		defer c.rounds.Unlock()
		c.current = nil
		if c.next != nil {
			c.begin()
		}
	})
}

// record is a row of what was changed. Gone: the investigation was removed.
type record struct {
	num, changed    int64
	gone            bool
	owner, assignee string
	trait           trait
	keys            [byName]int64
	name, words     string
}

// catalogued are the columns of a record, but for its words.
const catalogued = `num, changed, user_id, assignee, shared, archived_at, status, risk_level, entity_types, name_key,
	updated_at, created_at, entity_count, started_at, finished_at, duration_ms, risk_score`

// recordRow is what a row is scanned into.
type recordRow struct {
	num, changed                         int64
	owner, assignee, status, level, name sql.NullString
	shared, archived, types              sql.NullInt64
	updated, created, size               sql.NullInt64
	started, finished, duration          sql.NullInt64
	risk                                 sql.NullFloat64
	words                                sql.NullString
	header, all                          []any
}

func newRecordRow() *recordRow {
	r := &recordRow{}
	r.header = []any{
		&r.num, &r.changed, &r.owner, &r.assignee, &r.shared, &r.archived, &r.status, &r.level, &r.types, &r.name,
		&r.updated, &r.created, &r.size, &r.started, &r.finished, &r.duration, &r.risk,
	}
	r.all = append(slices.Clip(r.header), &r.words)
	return r
}

func (r *recordRow) record() record {
	out := record{
		num: r.num, changed: r.changed, gone: !r.status.Valid, owner: r.owner.String, assignee: r.assignee.String, name: r.name.String, words: r.words.String,
		trait: trait{
			types: uint16(r.types.Int64), flags: here,
			status: placeIn(olorin.Statuses, olorin.Status(r.status.String)), level: placeIn(levels, olorin.RiskLevel(r.level.String)),
		},
		keys: [byName]int64{
			byUpdate: r.updated.Int64, byCreation: r.created.Int64, bySize: r.size.Int64, byStatus: int64(sort.SearchStrings(statusTexts, r.status.String)),
			byStart: keyOf(r.started), byFinish: keyOf(r.finished), byDuration: keyOf(r.duration), byRisk: none,
		},
	}
	if r.risk.Valid {
		out.keys[byRisk] = riskKey(r.risk.Float64)
	}
	if r.archived.Valid {
		out.trait.flags |= archived
	}
	if r.shared.Int64 != 0 {
		out.trait.flags |= shared
	}
	return out
}

func keyOf(v sql.NullInt64) int64 {
	if !v.Valid {
		return none
	}
	return v.Int64
}

// Tests take few of either.
var (
	loadedAtOnce  = 20_000 // header rows that a statement reads: no read transaction lasts long
	changesAtOnce = 2_000  // of them with their words, when much was changed
)

const (
	lastChange = `(SELECT COALESCE(MAX(changed), 0) FROM (SELECT MAX(changed) AS changed FROM investigations UNION ALL SELECT MAX(changed) FROM removals) AS numbers)`
	// nextChange is the number of a change: writers take turns, so none is given twice, and none comes after a higher one.
	nextChange = lastChange + ` + 1`
)

// follow reads what was changed, and at first everything. One round at a time calls it.
func (c *catalogue) follow(ctx context.Context) error {
	if !c.loaded {
		if err := c.load(ctx); err != nil {
			return err
		}
	}
	row := newRecordRow()
	for {
		var records []record
		if err := c.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			err := scan(row.all...)
			records = append(records, row.record())
			return true, err
		}, `SELECT `+catalogued+`, words FROM investigations LEFT JOIN investigation_words ON investigation = num WHERE changed >= $1
			UNION ALL SELECT investigation, changed, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM removals WHERE changed >= $1
			ORDER BY changed LIMIT $2`, max(c.last, 1), changesAtOnce); err != nil {
			return err
		}
		if len(records) == 0 && c.last > 0 {
			// The number that was the highest is gone: the database is an older state of itself, such as a standby that had not got everything.
			c.forget()
			if err := c.load(ctx); err != nil {
				return err
			}
			continue
		}
		c.take(records)
		if len(records) < changesAtOnce {
			return nil
		}
	}
}

// take takes in what was changed, in the order of the numbers.
func (c *catalogue) take(records []record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range records {
		r := &records[i]
		c.put(r)
		if place, ok := c.places[r.num]; ok {
			c.collected.put(place, r.words)
		}
		c.last = r.changed
	}
}

// forget empties the catalogue, to be loaded again.
func (c *catalogue) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.era++
	c.loaded, c.last, c.places, c.collected = false, -1, map[int64]int32{}, collection{}
	c.nums, c.names, c.traits, c.keys, c.orders = nil, nil, nil, [byName][]int64{}, [byName + 1]arrangement{}
}

// load reads all header rows. What changes meanwhile is read again; after a failure, what changed since the first attempt: of what was read then,
// something may have been removed.
func (c *catalogue) load(ctx context.Context) error {
	if c.last < 0 {
		last := int64(0)
		if err := c.reader.row(ctx, []any{&last}, `SELECT `+lastChange); err != nil {
			return err
		}
		c.last = last
	}
	records, row := make([]record, 0, loadedAtOnce), newRecordRow()
	for num := int64(math.MinInt64); ; num = records[len(records)-1].num {
		records = records[:0]
		if err := c.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			err := scan(row.header...)
			records = append(records, row.record())
			return true, err
		}, `SELECT `+catalogued+` FROM investigations WHERE num > $1 ORDER BY num LIMIT $2`, num, loadedAtOnce); err != nil {
			return err
		}
		if len(records) == 0 {
			break
		}
		c.mu.Lock()
		for i := range records {
			c.put(&records[i])
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded, c.collected = true, collection{} // a set that was made meanwhile lacks what was not read yet
	return nil
}

// put takes a record in. The caller holds mu.
func (c *catalogue) put(r *record) {
	place, known := c.places[r.num]
	switch {
	case r.gone && !known:
		return
	case r.gone:
		delete(c.places, r.num)
		c.traits[place], c.names[place] = trait{}, ""
		for i := range c.orders {
			c.orders[i].move(place)
		}
		c.collected.drop(place)
		return
	case !known:
		place = int32(len(c.nums))
		c.places[r.num] = place
		c.nums, c.names, c.traits = append(c.nums, r.num), append(c.names, ""), append(c.traits, trait{})
		for i := range c.keys {
			c.keys[i] = append(c.keys[i], none)
		}
	}
	for i := range c.keys {
		if !known || c.keys[i][place] != r.keys[i] {
			c.orders[i].move(place)
		}
		c.keys[i][place] = r.keys[i]
	}
	if !known || c.names[place] != r.name {
		c.orders[byName].move(place)
	}
	c.names[place] = r.name
	c.traits[place] = r.trait
	c.traits[place].owner, c.traits[place].assignee = c.person(r.owner), c.person(r.assignee)
}

func (c *catalogue) person(id string) uint32 {
	if id == "" {
		return 0
	}
	number, ok := c.people[id]
	if !ok {
		number = uint32(len(c.people) + 1)
		c.people[id] = number
	}
	return number
}

func (a *arrangement) move(place int32) {
	if a.made && !a.isMoved.has(place) {
		a.isMoved.set(place)
		a.moved = append(a.moved, place)
	}
}

// compare orders two places.
func (c *catalogue) compare(order int, a, b int32) int {
	if order == byName {
		if n := strings.Compare(c.names[a], c.names[b]); n != 0 {
			return n
		}
	} else if x, y := c.keys[order][a], c.keys[order][b]; x != y {
		switch {
		case x == none:
			return 1
		case y == none:
			return -1
		}
		return cmp.Compare(x, y)
	}
	return cmp.Compare(c.nums[a], c.nums[b])
}

// arranged returns holding mu to read, once the order is as the columns are; the caller lets go by what is returned.
func (c *catalogue) arranged(order int) (leave func()) {
	for {
		c.mu.RLock()
		if a := &c.orders[order]; a.made && len(a.moved) == 0 {
			return c.mu.RUnlock
		}
		c.mu.RUnlock()
		c.mu.Lock()
		c.arrange(order)
		c.mu.Unlock()
	}
}

// arrange puts what was moved where it belongs; at first everything. The caller holds mu.
func (c *catalogue) arrange(order int) {
	a := &c.orders[order]
	if a.made && len(a.moved) == 0 { // by another, who waited for it too
		return
	}
	kept := a.places[:0]
	if a.made {
		for _, place := range a.places {
			if !a.isMoved.has(place) {
				kept = append(kept, place)
			}
		}
	} else {
		a.moved = make([]int32, len(c.nums))
		for i := range a.moved {
			a.moved[i] = int32(i)
		}
	}
	come := slices.DeleteFunc(a.moved, func(place int32) bool { return c.traits[place].flags&here == 0 })
	slices.SortFunc(come, func(x, y int32) int { return c.compare(order, x, y) })
	merged := slices.Grow(a.spare[:0], len(kept)+len(come))
	for _, place := range come {
		n := sort.Search(len(kept), func(i int) bool { return c.compare(order, kept[i], place) > 0 })
		merged = append(append(merged, kept[:n]...), place)
		kept = kept[n:]
	}
	merged = append(merged, kept...)
	a.spare, a.places, a.made = a.places, merged, true
	a.moved, a.isMoved = nil, nil
	a.keyed = len(merged)
	if order != byName {
		a.keyed = sort.Search(len(merged), func(i int) bool { return c.keys[order][merged[i]] == none })
	}
}
