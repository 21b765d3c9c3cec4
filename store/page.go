package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/olorin-dev/olorin"
)

// list looks for one page of a history.
type list struct {
	order      int
	descending bool
	skip, need int
	after      *spot // the page goes on from here; nil: from the beginning

	found []found
	total int64
}

// found is an investigation of a page, and its key in the order. The number of the newest may be given again once it was removed: the time
// tells them apart.
type found struct {
	num, created int64
	key          any
}

// spot is where a page ended: the key, or the name, and the num of its last.
type spot struct {
	key  int64
	name string
	num  int64
}

// keyOf is the key of a place as a cursor holds it; nil: it has none. The caller holds mu.
func (c *catalogue) keyOf(order int, place int32) any {
	if order == byName {
		return c.names[place]
	}
	switch key := c.keys[order][place]; {
	case key == none:
		return nil
	case order == byRisk:
		return math.Float64frombits(uint64(key))
	default:
		return key
	}
}

// find finds the page, and how many there are.
func (db *DB) find(ctx context.Context, q olorin.HistoryQuery, l *list) error {
	c := db.catalogue
	var terms []term
	if strings.TrimSpace(q.Text) != "" {
		if terms = termsOf(q.Text); len(terms) == 0 {
			return nil
		}
	}
	for {
		if err := c.fresh(ctx); err != nil {
			return err
		}
		if done, err := c.page(ctx, q, terms, l); done || err != nil {
			return err
		}
	}
}

// page finds the page in what is known. It is not done where the database was set back meanwhile: all is to be read anew first.
func (c *catalogue) page(ctx context.Context, q olorin.HistoryQuery, terms []term, l *list) (done bool, err error) {
	fit, era, err := c.fitting(ctx, q)
	if err != nil {
		return false, err
	}
	if len(q.IDs) > 0 {
		chosen, err := c.chosen(ctx, q.IDs)
		if err != nil {
			return false, err
		}
		fit.and(chosen)
	}
	for _, t := range terms {
		if err := c.narrow(ctx, fit, t); err != nil {
			return false, err
		}
	}
	defer c.arranged(l.order)()
	if era == unsettled || era != c.settled() {
		return false, nil
	}
	l.total = int64(fit.count())
	c.walk(l, fit)
	return true, nil
}

// fitting has those that the filters let through, all but ids and words. Its places are those of one era.
func (c *catalogue) fitting(ctx context.Context, q olorin.HistoryQuery) (fit bitmap, era int, err error) {
	select {
	case c.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, unsettled, ctx.Err()
	}
	defer func() { <-c.turns }()
	c.mu.RLock()
	defer c.mu.RUnlock()
	var (
		statuses = mask(olorin.Statuses, q.Status)
		risks    = mask(levels, q.RiskLevel)
		types    = uint16(typesMask(q.EntityTypes))
		watched  = here | archived
		flags    = here
		owners   []uint32
		assignee = c.people[q.Assignee]
		not      = c.people[q.NotOf]
	)
	fit = make(bitmap, (len(c.traits)+63)/64)
	if q.Archived {
		flags |= archived
	}
	if q.Shared {
		watched, flags = watched|shared, flags|shared
	}
	for _, id := range q.Owners {
		if owner, known := c.people[id]; known && (q.UserID == "" || q.UserID == id) {
			owners = append(owners, owner)
		}
	}
	if owner, known := c.people[q.UserID]; known && len(q.Owners) == 0 {
		owners = append(owners, owner)
	}
	if owned := q.UserID != "" || len(q.Owners) > 0; owned && len(owners) == 0 || q.Assignee != "" && assignee == 0 {
		return fit, c.settled(), nil
	}
	times, scores := window{none + 1, math.MaxInt64}, window{none + 1, math.MaxInt64}
	dated, scored := q.From != nil || q.To != nil, q.RiskMin != nil || q.RiskMax != nil
	if q.From != nil {
		times.least = q.From.UnixMicro()
	}
	if q.To != nil {
		times.most = q.To.UnixMicro() - 1
	}
	if q.RiskMin != nil {
		scores.least = riskKey(*q.RiskMin)
	}
	if q.RiskMax != nil {
		if scores.most = riskKey(*q.RiskMax); *q.RiskMax < 0 {
			return fit, c.settled(), nil
		}
	}
	for i := range c.traits {
		t := &c.traits[i]
		switch {
		case t.flags&watched != flags, statuses>>t.status&1 == 0, risks>>t.level&1 == 0, types != 0 && types&t.types == 0:
		case len(owners) == 1 && t.owner != owners[0], len(owners) > 1 && !slices.Contains(owners, t.owner):
		case assignee != 0 && t.assignee != assignee, not != 0 && t.owner == not:
		case dated && !times.holds(c.keys[byUpdate][i]), scored && !scores.holds(c.keys[byRisk][i]):
		default:
			fit[i>>6] |= 1 << (i & 63)
		}
	}
	return fit, c.settled(), nil
}

// mask has a bit for the place of each that is chosen; where none is chosen, for every one.
func mask[T comparable](all, chosen []T) (m uint64) {
	if len(chosen) == 0 {
		return math.MaxUint64
	}
	for _, v := range chosen {
		m |= 1 << placeIn(all, v)
	}
	return m
}

// placeIn is where a value stands; what is not there, as in a damaged row, has the place behind the last.
func placeIn[T comparable](all []T, v T) uint8 {
	if i := slices.Index(all, v); i >= 0 {
		return uint8(i)
	}
	return uint8(len(all))
}

// window has the keys from least to most; none is in no window.
type window struct{ least, most int64 }

func (w window) holds(key int64) bool { return key >= w.least && key <= w.most }

// chosen has the investigations with these ids.
func (c *catalogue) chosen(ctx context.Context, ids []string) (bitmap, error) {
	marks, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	nums, err := c.reader.nums(ctx, `SELECT num FROM investigations WHERE id IN (`+strings.Join(marks, ", ")+`)`, args...)
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.bitmapOf(nums), err
}

// bitmapOf has those that are known. The caller holds mu.
func (c *catalogue) bitmapOf(nums []int64) bitmap {
	b := make(bitmap, (len(c.nums)+63)/64)
	for _, num := range nums {
		if place, ok := c.places[num]; ok {
			b.set(place)
		}
	}
	return b
}

// walk goes along the order until the page is full. The caller holds mu, and the order is arranged.
func (c *catalogue) walk(l *list, fit bitmap) {
	a := &c.orders[l.order]
	visit := func(place int32) (more bool) {
		switch {
		case !fit.has(place):
		case l.skip > 0:
			l.skip--
		default:
			l.found = append(l.found, found{c.nums[place], c.keys[byCreation][place], c.keyOf(l.order, place)})
		}
		return len(l.found) < l.need
	}
	from := 0
	if l.after != nil {
		from = sort.Search(len(a.places), func(i int) bool { return c.against(l.order, a.places[i], *l.after) > 0 })
	}
	if !l.descending {
		for _, place := range a.places[from:] {
			if !visit(place) {
				return
			}
		}
		return
	}
	// What has no key comes last in either direction; before it and after it the direction is turned round.
	keyed, rest := a.keyed, len(a.places)
	if l.after != nil {
		from = sort.Search(len(a.places), func(i int) bool { return c.against(l.order, a.places[i], *l.after) >= 0 })
		if keyed = min(from, a.keyed); l.order != byName && l.after.key == none {
			keyed, rest = 0, from
		}
	}
	for i := keyed - 1; i >= 0; i-- {
		if !visit(a.places[i]) {
			return
		}
	}
	for i := rest - 1; i >= a.keyed; i-- {
		if !visit(a.places[i]) {
			return
		}
	}
}

// against compares a place with where a page ended.
func (c *catalogue) against(order int, place int32, s spot) int {
	n := 0
	if order == byName {
		n = strings.Compare(c.names[place], s.name)
	} else if key := c.keys[order][place]; key != s.key {
		switch {
		case key == none:
			n = 1
		case s.key == none, key < s.key:
			n = -1
		default:
			n = 1
		}
	}
	switch {
	case n != 0:
		return n
	case c.nums[place] < s.num:
		return -1
	case c.nums[place] > s.num:
		return 1
	}
	return 0
}
