package olorin

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Cited sums up the rows that the findings cite, each counted once.
type Cited struct {
	Rows     int                   `json:"rows"`
	Whole    bool                  `json:"whole" doc:"These are all rows that the findings cite. false: the first of each finding, since a finding cites more than it lists, or all together more than are counted."`
	First    *Time                 `json:"first_at"`
	FirstRow int64                 `json:"first_row,omitempty"`
	Last     *Time                 `json:"last_at"`
	LastRow  int64                 `json:"last_row,omitempty"`
	Values   map[string]CitedField `json:"values" doc:"By canonical column, of those that tell who, where and how."`
	Amounts  []CitedAmount         `json:"amounts" doc:"By currency."`
}

// CitedField is what a column has on the cited rows.
type CitedField struct {
	Distinct int          `json:"distinct"`
	Values   []CitedValue `json:"values" doc:"The most frequent, and those that are investigated."`
}

// CitedValue is a value with its rows.
type CitedValue struct {
	Value string  `json:"value"`
	Count int     `json:"count"`
	Rows  []int64 `json:"rows" doc:"The first of them."`
}

// CitedAmount is what the amounts of a currency come to, whatever became of them.
type CitedAmount struct {
	Currency  string  `json:"currency"`
	Count     int     `json:"count"`
	Total     float64 `json:"total"`
	Largest   float64 `json:"largest"`
	LargestAt int64   `json:"largest_row"`
	Rows      []int64 `json:"rows" doc:"The first of them."`
}

// MaxCitedHead is how many rows are named of what is summed up.
const MaxCitedHead = 8

// CitedFields are the columns whose values are summed up, with how many are named of each.
var CitedFields = map[string]int{
	"user_id": 20, "account_id": 20, "email": 20, "phone_number": 20, "card_number": 20,
	"ip_address": 5, "device_id": 5, "merchant_id": 5, "transaction_id": 0,
	"country": 5, "city": 5, "ip_country": 5, "card_country": 5, "shipping_country": 5,
	"event_type": 5, "status": 5, "device_type": 5, "user_agent": 5, "merchant_category": 5, "card_brand": 5,
}

// Cite sums up rows, which are in any order and may repeat.
func Cite(rows []EvidenceRow, investigated []Entity, whole bool) *Cited {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b EvidenceRow) int { return cmp.Compare(a.Row, b.Row) })
	rows = slices.CompactFunc(rows, func(a, b EvidenceRow) bool { return a.Row == b.Row })
	c := &Cited{Rows: len(rows), Whole: whole, Values: map[string]CitedField{}, Amounts: []CitedAmount{}}
	amounts := map[string]*CitedAmount{}
	for _, row := range rows {
		c.span(row)
		if amount, ok := row.Fields["amount"].(float64); ok {
			currency, _ := row.Fields["currency"].(string)
			if amounts[currency] == nil {
				amounts[currency] = &CitedAmount{Currency: currency, Largest: amount, LargestAt: row.Row}
			}
			amounts[currency].add(amount, row.Row)
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(amounts)) {
		c.Amounts = append(c.Amounts, *amounts[currency])
	}
	for field, named := range CitedFields {
		if f := citedField(rows, field, named, investigated); f.Distinct > 0 {
			c.Values[field] = f
		}
	}
	return c
}

func (c *Cited) span(row EvidenceRow) {
	var at Time
	if text, _ := row.Fields["event_time"].(string); text == "" || at.UnmarshalText([]byte(text)) != nil {
		return
	}
	if c.First == nil || at.Before(c.First.Time) {
		c.First, c.FirstRow = &at, row.Row
	}
	if c.Last == nil || at.After(c.Last.Time) {
		c.Last, c.LastRow = &at, row.Row
	}
}

func (a *CitedAmount) add(amount float64, row int64) {
	a.Count++
	a.Total += amount
	if amount > a.Largest {
		a.Largest, a.LargestAt = amount, row
	}
	if len(a.Rows) < MaxCitedHead {
		a.Rows = append(a.Rows, row)
	}
}

func citedField(rows []EvidenceRow, field string, named int, investigated []Entity) CitedField {
	found := map[string]*CitedValue{}
	for _, row := range rows {
		text, _ := row.Fields[field].(string)
		if text == "" {
			continue
		}
		v := found[text]
		if v == nil {
			v = &CitedValue{Value: text}
			found[text] = v
		}
		v.Count++
		if len(v.Rows) < MaxCitedHead {
			v.Rows = append(v.Rows, row.Row)
		}
	}
	all := make([]CitedValue, 0, len(found))
	for _, v := range found {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b CitedValue) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Value, b.Value)) })
	kept := []CitedValue{}
	for _, v := range all {
		own := slices.ContainsFunc(investigated, func(e Entity) bool { return string(e.Type) == field && e.Names(v.Value) })
		if own || named > 0 {
			kept = append(kept, v)
		}
		if !own {
			named--
		}
	}
	return CitedField{Distinct: len(all), Values: kept}
}
