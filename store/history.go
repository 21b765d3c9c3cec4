package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// entityBits says which bit of a header row stands for which type of entity. A bit is never given to another type.
var entityBits = map[olorin.EntityType]int64{
	"user_id": 1 << 0, "email": 1 << 1, "ip_address": 1 << 2, "device_id": 1 << 3, "phone_number": 1 << 4,
	"card_number": 1 << 5, "account_id": 1 << 6, "merchant_id": 1 << 7, "transaction_id": 1 << 8,
}

func typesMask(types []olorin.EntityType) (mask int64) {
	for _, t := range types {
		mask |= entityBits[t]
	}
	return mask
}

// typesOf lists the types of a mask in the order of olorin.EntityTypes.
func typesOf(mask int64) []olorin.EntityType {
	types := []olorin.EntityType{}
	for _, t := range olorin.EntityTypes {
		if mask&entityBits[t] != 0 {
			types = append(types, t)
		}
	}
	return types
}

// nameKey is what names are sorted by: in any case of letters, then bytewise.
func nameKey(name string) string { return strings.ToLower(name) }

// Names is of olorin.Store.
func (db *DB) Names(ctx context.Context, userID, begin string) ([]string, error) {
	for {
		if err := db.catalogue.fresh(ctx); err != nil {
			return nil, translate("list the names that begin with "+begin, err)
		}
		if names, done := db.catalogue.namesOf(userID, nameKey(begin)); done {
			return names, nil
		}
	}
}

// namesOf lists the names of an owner that begin so; see page.
func (c *catalogue) namesOf(userID, begin string) (names []string, done bool) {
	defer c.arranged(byName)()
	if c.settled() == unsettled {
		return nil, false
	}
	owner, places := c.people[userID], c.orders[byName].places
	first := sort.Search(len(places), func(i int) bool { return c.names[places[i]] >= begin })
	names = []string{}
	for _, place := range places[first:] {
		if !strings.HasPrefix(c.names[place], begin) {
			break
		}
		if c.traits[place].owner == owner {
			names = append(names, c.names[place])
		}
	}
	return names, true
}

// orders are what a list may be sorted by. What has no value comes last either way.
var orders = map[string]int{
	"updated_at": byUpdate, "created_at": byCreation, "name": byName, "status": byStatus, "entity_count": bySize,
	"started_at": byStart, "finished_at": byFinish, "duration_ms": byDuration, "risk_score": byRisk,
}

// position is where a page ended: what a cursor holds. The key of what has no value is null.
type position struct {
	Sort string          `json:"s"`
	Key  json.RawMessage `json:"k"`
	Num  int64           `json:"n"`
}

// History lists investigations by their header rows; it never reads documents. Archived chooses those that were put away instead of
// the others. Sort defaults to -updated_at; equals come in the order of their creation, or against it when descending; what has no
// value comes last. A Limit of 0 is 20. DurationMS is set once the run has ended.
func (db *DB) History(ctx context.Context, q olorin.HistoryQuery) (olorin.HistoryPage, error) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit, q.Page = min(q.Limit, olorin.LongestList), max(q.Page, 1)
	if q.Sort == "" {
		q.Sort = "-updated_at"
	}
	field, descending := strings.CutPrefix(q.Sort, "-")
	by, ok := orders[field]
	if !ok {
		return olorin.HistoryPage{}, olorin.Invalid("the history cannot be listed", olorin.Fault{
			Pointer: "/query/sort", Code: "unknown", Detail: fmt.Sprintf("%q is not a field to sort by; use one of %s", field, strings.Join(olorin.HistorySorts, ", ")),
		})
	}
	l := list{order: by, descending: descending, need: q.Limit + 1}
	if q.Cursor == "" {
		l.skip = (q.Page - 1) * q.Limit
	} else {
		var err error
		if l.after, err = readCursor(q.Cursor, q.Sort, by); err != nil {
			return olorin.HistoryPage{}, err
		}
	}
	if err := db.find(ctx, q, &l); err != nil {
		return olorin.HistoryPage{}, translate("list investigations", err)
	}
	page := olorin.HistoryPage{Items: []olorin.HistoryItem{}, Page: q.Page, Limit: q.Limit, Total: l.total, TotalPages: (l.total + int64(q.Limit) - 1) / int64(q.Limit)}
	rows := l.found
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		last := rows[q.Limit-1]
		key, err := json.Marshal(last.key)
		if err != nil {
			return olorin.HistoryPage{}, err
		}
		next := position{q.Sort, key, last.num}.cursor()
		page.NextCursor = &next
	}
	items, err := db.items(ctx, rows)
	if err != nil {
		return olorin.HistoryPage{}, translate("list investigations", err)
	}
	for _, f := range rows {
		it, ok := items[f.num]
		if !ok || !it.CreatedAt.Equal(olorin.FromMicro(f.created).Time) {
			continue // it was removed meanwhile
		}
		if held, ok := db.hold.overlay(it.ID); ok {
			it = held.after.Item() // where it stands in the list, and whether it fits the filters, is still that of the disk
		}
		page.Items = append(page.Items, it)
	}
	return page, nil
}

// items reads the header rows of a page.
func (db *DB) items(ctx context.Context, rows []found) (map[int64]olorin.HistoryItem, error) {
	items := make(map[int64]olorin.HistoryItem, len(rows))
	if len(rows) == 0 {
		return items, nil
	}
	nums := make([]string, len(rows))
	for i, f := range rows {
		nums[i] = strconv.FormatInt(f.num, 10)
	}
	err := db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		var h headerRow
		err := h.scan(scan)
		items[h.num] = h.item()
		return true, err
	}, `SELECT `+headerColumns+` FROM investigations WHERE num IN (`+strings.Join(nums, ", ")+`)`)
	return items, err
}

func (p position) cursor() string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor returns where a page of the order ended.
func readCursor(cursor, sort string, order int) (*spot, error) {
	var p position
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	at := &spot{key: none, num: p.Num}
	var score float64
	optional := order == byStart || order == byFinish || order == byDuration || order == byRisk
	switch {
	case err != nil:
	case p.Sort != sort, string(p.Key) == "null" && !optional:
		err = errors.New("it is of another list")
	case string(p.Key) == "null":
	case order == byName:
		err = json.Unmarshal(p.Key, &at.name)
	case order == byRisk:
		err = json.Unmarshal(p.Key, &score)
		at.key = riskKey(score)
	default:
		err = json.Unmarshal(p.Key, &at.key)
	}
	if err != nil {
		return nil, olorin.Invalid("the history cannot be listed", olorin.Fault{
			Pointer: "/query/cursor", Code: "invalid", Detail: "the cursor is not one that this list gave, in this order; begin at the first page",
		})
	}
	return at, nil
}
