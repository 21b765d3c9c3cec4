package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/olorin-dev/olorin"
)

// entityBits says which bit of a header row stands for which type of entity. A bit is never given to another type.
var entityBits = map[olorin.EntityType]int64{
	"user_id": 1 << 0, "email": 1 << 1, "ip_address": 1 << 2, "device_id": 1 << 3, "phone_number": 1 << 4,
	"card_number": 1 << 5, "account_id": 1 << 6, "merchant_id": 1 << 7, "transaction_id": 1 << 8,
}

func typesMask(entities []olorin.Entity) (mask int64) {
	for _, e := range entities {
		mask |= entityBits[e.Type]
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

// sortKeys are the SQL of the sorts: ascending and descending, since what has no value comes last either way. They hold no NULL.
var sortKeys = map[string][2]string{
	"updated_at":   {"updated_at", "updated_at"},
	"created_at":   {"created_at", "created_at"},
	"name":         {"name_key", "name_key"},
	"status":       {"status", "status"},
	"entity_count": {"entity_count", "entity_count"},
	"started_at":   {"COALESCE(started_at, 9223372036854775807)", "COALESCE(started_at, -9223372036854775807)"},
	"finished_at":  {"COALESCE(finished_at, 9223372036854775807)", "COALESCE(finished_at, -9223372036854775807)"},
	"duration_ms":  {"COALESCE(duration_ms, 9223372036854775807)", "COALESCE(duration_ms, -1)"},
	"risk_score":   {"COALESCE(risk_score, 1000.0)", "COALESCE(risk_score, -1.0)"},
}

// position is where a page ended: what a cursor holds.
type position struct {
	Sort string          `json:"s"`
	Key  json.RawMessage `json:"k"`
	Num  int64           `json:"n"`
}

// maxCounted bounds how many investigations are looked at for the total of a list.
const maxCounted = 30_000

// History lists investigations by their header rows; it never reads documents. Archived chooses those that were put away instead of
// the others. Sort defaults to -updated_at; equals come in the order of their creation, or against it when descending; what has no
// value comes last. Limit is 1..100, and 0 is 20. DurationMS is set once the run has ended.
func (db *DB) History(ctx context.Context, q olorin.HistoryQuery) (olorin.HistoryPage, error) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	q.Limit, q.Page = min(q.Limit, 100), max(q.Page, 1)
	if q.Sort == "" {
		q.Sort = "-updated_at"
	}
	field, descending := strings.CutPrefix(q.Sort, "-")
	keys, ok := sortKeys[field]
	if !ok {
		return olorin.HistoryPage{}, olorin.Invalid("the history cannot be listed", olorin.Fault{
			Pointer: "/sort", Code: "unknown", Detail: fmt.Sprintf("%q is not a field to sort by; use one of %s", field, strings.Join(olorin.HistorySorts, ", ")),
		})
	}
	key, direction, beyond := keys[0], "ASC", ">"
	if descending {
		key, direction, beyond = keys[1], "DESC", "<"
	}

	w := db.narrowed(q)
	page := olorin.HistoryPage{Items: []olorin.HistoryItem{}, Page: q.Page, Limit: q.Limit}
	looked := int64(0)
	if err := db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) { return false, scan(&looked, &page.Total) }, `
		WITH looked AS (SELECT `+filtered+` FROM investigations WHERE `+w.scope()+` LIMIT `+fmt.Sprint(maxCounted)+`)
		SELECT COUNT(*), COUNT(CASE WHEN `+w.filters()+` THEN 1 END) FROM looked`, w.args...); err != nil {
		return olorin.HistoryPage{}, translate("count investigations", err)
	}
	page.TotalExact = looked < maxCounted
	page.TotalPages = (page.Total + int64(q.Limit) - 1) / int64(q.Limit)

	offset := (q.Page - 1) * q.Limit
	if q.Cursor != "" {
		from, value, err := readCursor(q.Cursor, q.Sort, field)
		if err != nil {
			return olorin.HistoryPage{}, err
		}
		w.filter(`(`+key+`, num) `+beyond+` (%s, %s)`, value, from.Num)
		offset = 0
	}
	var last position
	more := false
	order := ` ORDER BY ` + key + ` ` + direction + `, num ` + direction
	// The page is found within an index; only its own rows are read.
	query := `SELECT ` + headerColumns + `, ` + key + ` FROM investigations WHERE num IN (SELECT num FROM investigations WHERE ` +
		w.scope() + ` AND ` + w.filters() + order + fmt.Sprintf(` LIMIT %d OFFSET %d)`, q.Limit+1, offset) + order
	err := db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
		if len(page.Items) == q.Limit {
			more = true
			return false, nil
		}
		var (
			h       headerRow
			sortKey any
		)
		if err := h.scan(scan, &sortKey); err != nil {
			return false, err
		}
		it, num := h.item(), h.num
		page.Items = append(page.Items, it)
		encoded, err := json.Marshal(sortKey)
		last = position{q.Sort, encoded, num}
		return true, err
	}, query, w.args...)
	if err != nil {
		return olorin.HistoryPage{}, translate("list investigations", err)
	}
	if more {
		next := last.cursor()
		page.NextCursor = &next
	}
	for i, it := range page.Items {
		if held, ok := db.hold.overlay(it.ID); ok {
			page.Items[i] = itemOf(held.after)
		}
	}
	return page, nil
}

// itemOf is what a list shows of an investigation whose newest changes are held in memory. Where it stands in the list, and whether
// it fits the filters, is still that of the disk.
func itemOf(inv olorin.Investigation) olorin.HistoryItem { return headerOf(inv).item() }

func (p position) cursor() string {
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// readCursor returns where a page ended, with its key as the type of the field.
func readCursor(cursor, sort, field string) (position, any, error) {
	var (
		p     position
		text  string
		whole int64
		real  float64
	)
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	var value any
	switch {
	case err != nil:
	case p.Sort != sort:
		err = fmt.Errorf("it belongs to a list sorted by %q", p.Sort)
	case field == "name" || field == "status":
		err = json.Unmarshal(p.Key, &text)
		value = text
	case field == "risk_score":
		err = json.Unmarshal(p.Key, &real)
		value = real
	default:
		err = json.Unmarshal(p.Key, &whole)
		value = whole
	}
	if err != nil {
		return p, nil, olorin.Invalid("the history cannot be listed", olorin.Fault{
			Pointer: "/cursor", Code: "invalid", Detail: "the cursor is not one that this list gave; begin at the first page: " + err.Error(),
		})
	}
	return p, value, nil
}

// where collects conditions and their parameters: first those that an index leads to, then those that are looked at one by one.
type where struct {
	first, then []string
	args        []any
}

// condition writes a condition; each %s of it becomes the parameter of one value.
func (w *where) condition(text string, values []any) string {
	places := make([]any, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		places[i] = fmt.Sprintf("$%d", len(w.args))
	}
	return fmt.Sprintf(text, places...)
}

// lead joins a condition that an index leads to. All of these come before the first filter.
func (w *where) lead(text string, values ...any) {
	w.first = append(w.first, w.condition(text, values))
}

// filter joins a condition on the filtered columns.
func (w *where) filter(text string, values ...any) {
	w.then = append(w.then, w.condition(text, values))
}

// filtered are the columns that filters look at.
const filtered = `archived_at, status, risk_level, risk_score, entity_types`

func (w *where) scope() string { return strings.Join(append([]string{"1 = 1"}, w.first...), " AND ") }

func (w *where) filters() string { return strings.Join(w.then, " AND ") }

// among writes that a column has one of the values.
func among[T ~string](column string, values []T) (text string, words []any) {
	for _, v := range values {
		words = append(words, string(v))
	}
	return column + ` IN (` + strings.Repeat(", %s", len(values))[2:] + `)`, words
}

// narrowed turns what a query asks for into conditions.
func (db *DB) narrowed(q olorin.HistoryQuery) *where {
	w := &where{}
	if q.UserID != "" {
		w.lead(`user_id = %s`, q.UserID)
	}
	if q.NotOf != "" {
		w.lead(`user_id <> %s`, q.NotOf)
	}
	if q.Assignee != "" {
		w.lead(`assignee = %s AND assignee <> ''`, q.Assignee) // the second is what the index is of
	}
	if q.Shared {
		w.lead(`shared = 1`)
	}
	if len(q.Owners) > 0 {
		text, words := among("user_id", q.Owners)
		w.lead(text, words...)
	}
	if len(q.IDs) > 0 {
		text, words := among("id", q.IDs)
		w.lead(text, words...)
	}
	if q.From != nil {
		w.lead(`updated_at >= %s`, q.From.UnixMicro())
	}
	if q.To != nil {
		w.lead(`updated_at < %s`, q.To.UnixMicro())
	}
	if strings.TrimSpace(q.Text) != "" {
		owner := q.UserID
		if len(q.Owners) == 1 {
			owner = q.Owners[0]
		}
		if words := db.dialect.words(owner, q.Text); words != "" {
			w.lead(`num IN (`+db.dialect.textMatch+`)`, words)
		} else {
			w.lead(`1 = 0`)
		}
	}
	if q.Archived {
		w.filter(`archived_at IS NOT NULL`)
	} else {
		w.filter(`archived_at IS NULL`)
	}
	if len(q.Status) > 0 {
		text, words := among("status", q.Status)
		w.filter(text, words...)
	}
	if len(q.RiskLevel) > 0 {
		text, words := among("risk_level", q.RiskLevel)
		w.filter(text, words...)
	}
	if q.RiskMin != nil {
		w.filter(`risk_score >= %s`, *q.RiskMin)
	}
	if q.RiskMax != nil {
		w.filter(`risk_score <= %s`, *q.RiskMax)
	}
	if len(q.EntityTypes) > 0 {
		var mask int64
		for _, t := range q.EntityTypes {
			mask |= entityBits[t]
		}
		w.filter(`entity_types & %s <> 0`, mask)
	}
	return w
}

// ownerKey begins each word of a user's investigations a second time in the index of words: a search within them walks through nothing that
// others wrote, however common its words are. Should two users share a key, the condition on the owner tells them apart.
func ownerKey(userID string) string {
	sum := sha256.Sum256([]byte(userID))
	return "u" + hex.EncodeToString(sum[:6])
}

// lexemes are the words of a text that a search knows: runs of letters and digits, in lower case and without marks.
func lexemes(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Co, r) })
	for i, w := range words {
		words[i] = firstRunes(w, longestWord)
	}
	return words
}

// longestWord is how many letters of a word are searched; PostgreSQL takes 2,046 bytes.
const longestWord = 255

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
