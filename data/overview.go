package data

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
)

// The bounds of an overview.
const (
	maxShared    = 500
	maxPlaces    = 500
	maxCountries = 100
	headRows     = 20 // row numbers that are named beside a count
)

// identifiers are the columns by which two entities may be tied to one another, and whose values are counted.
var identifiers = []string{"user_id", "account_id", "card_number", "device_id", "ip_address", "email", "phone_number", "merchant_id"}

// countries are the columns that name a country.
var countries = []string{"country", "ip_country", "card_country", "billing_country", "shipping_country"}

// Overview tells what each entity of a selection looks like by its rows within the range, what they share, and where their rows took
// place. Whether the selection is by OR or AND does not matter: each entity is looked at by itself.
func (e *Engine) Overview(ctx context.Context, d olorin.Dataset, sel Selection) (o olorin.Overview, err error) {
	o = olorin.Overview{Entities: []olorin.EntityProfile{}, Shared: []olorin.SharedValue{}, Points: []olorin.Place{}, Countries: []olorin.CountryCount{}, Columns: []string{}}
	if len(sel.Entities) == 0 {
		return o, nil
	}
	sel.Mode = olorin.Or
	c, err := e.OpenCase(ctx, d, sel)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	v := overview{c: c, where: make([]string, len(sel.Entities))}
	for i, entity := range sel.Entities {
		v.where[i] = "coalesce(" + matches(c.opened.Present, "card_number", c.opened.Clear, e.masker, entity) + ", false)"
	}
	for i, entity := range sel.Entities {
		p, err := v.profile(ctx, i)
		if err != nil {
			return o, err
		}
		p.Type, p.Value = entity.Type, entity.Value
		o.Entities = append(o.Entities, p)
	}
	for _, name := range append([]string{"latitude", "longitude"}, countries...) {
		if c.Has(name) {
			o.Columns = append(o.Columns, name)
		}
	}
	return o, errors.Join(v.shared(ctx, &o), v.points(ctx, &o), v.countries(ctx, &o))
}

// overview asks the case. where tells of each entity which rows are its own.
type overview struct {
	c     *Case
	where []string
}

// has lists those of the columns that the file has.
func (v overview) has(columns []string) []string {
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool { return !v.c.Has(name) })
}

// tagged is every row of the case once for each entity whose it is, as e.
func (v overview) tagged() string {
	parts := make([]string, len(v.where))
	for i, where := range v.where {
		parts[i] = fmt.Sprintf("CASE WHEN %s THEN %d END", where, i)
	}
	return "SELECT unnest(list_filter([" + strings.Join(parts, ", ") + "], x -> x IS NOT NULL)) AS e, * FROM own WHERE in_scope"
}

func (v overview) profile(ctx context.Context, i int) (olorin.EntityProfile, error) {
	p := olorin.EntityProfile{RowsHead: []int64{}, Currency: []string{}, Distinct: map[string]int64{}}
	present := v.has(identifiers)
	columns := []string{
		"count(*) AS n", "min(event_time) AS first", "max(event_time) AS last", "sum(amount) AS total", "max(amount) AS largest",
		"count(*) FILTER (NOT status_ok) AS refused", fmt.Sprintf("list_sort(list(row))[:%d] AS head", headRows),
	}
	if v.c.Has("currency") {
		columns = append(columns, "list_sort(list(DISTINCT currency) FILTER (amount IS NOT NULL AND currency IS NOT NULL)) AS currencies")
	}
	for _, name := range append(slices.Clone(present), v.has(countries)...) {
		columns = append(columns, fmt.Sprintf("count(DISTINCT %s) AS distinct_%s", name, name))
	}
	err := v.c.Query(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM own WHERE in_scope AND "+v.where[i], nil, func(row map[string]any) error {
		p.Rows, _ = row["n"].(int64)
		p.FirstAt, p.LastAt = timeOf(row["first"]), timeOf(row["last"])
		p.RowsHead = wholes(row["head"])
		if list, ok := row["currencies"].([]any); ok {
			for _, currency := range list {
				p.Currency = append(p.Currency, fmt.Sprint(currency))
			}
		}
		if v.c.Has("amount") && len(p.Currency) < 2 {
			p.Amount, p.Largest = realOf(row["total"]), realOf(row["largest"])
		}
		if refused, ok := row["refused"].(int64); ok && v.c.Has("status_ok") {
			p.Refused = &refused
		}
		for name, value := range row {
			if column, ok := strings.CutPrefix(name, "distinct_"); ok {
				p.Distinct[column], _ = value.(int64)
			}
		}
		return nil
	})
	return p, err
}

// shared finds the identifiers that rows of two entities have in common. What an entity is named by ties nothing to itself, but ties it to others.
func (v overview) shared(ctx context.Context, o *olorin.Overview) error {
	present := v.has(identifiers)
	if len(v.where) < 2 || len(present) == 0 {
		return nil
	}
	var values, spread []string
	for _, name := range present {
		values = append(values, fmt.Sprintf("SELECT e, '%s' AS kind, %s AS value, count(*) AS n, list_sort(list(row))[:%d] AS rows FROM tagged WHERE %s IS NOT NULL GROUP BY ALL", name, name, headRows, name))
		spread = append(spread, fmt.Sprintf("SELECT '%s' AS kind, %s AS value, count(DISTINCT coalesce(subject, row_key)) AS accounts FROM events WHERE %s IN (SELECT value FROM pairs WHERE kind = '%s') GROUP BY ALL", name, name, name, name))
	}
	query := "WITH tagged AS MATERIALIZED (" + v.tagged() + "), found AS MATERIALIZED (" + strings.Join(values, " UNION ALL ") + `),
pairs AS MATERIALIZED (
  SELECT a.e AS ea, b.e AS eb, a.kind, a.value, a.n AS na, b.n AS nb, a.rows AS ra, b.rows AS rb
  FROM found a JOIN found b ON a.kind = b.kind AND a.value = b.value AND a.e < b.e
),
spread AS (` + strings.Join(spread, " UNION ALL ") + `)
SELECT pairs.*, accounts FROM pairs JOIN spread USING (kind, value) ORDER BY accounts, ea, eb, kind, value LIMIT ` + fmt.Sprint(maxShared)
	return v.c.Query(ctx, query, nil, func(row map[string]any) error {
		s := olorin.SharedValue{RowsA: wholes(row["ra"]), RowsB: wholes(row["rb"])}
		s.A, s.B = int(wholeOf(row["ea"])), int(wholeOf(row["eb"]))
		s.CountA, s.CountB, s.Accounts = wholeOf(row["na"]), wholeOf(row["nb"]), wholeOf(row["accounts"])
		s.Column, _ = row["kind"].(string)
		s.Value, _ = row["value"].(string)
		o.Shared = append(o.Shared, s)
		return nil
	})
}

// points gathers rows by where they took place, to a tenth of a degree.
func (v overview) points(ctx context.Context, o *olorin.Overview) error {
	if !v.c.Has("latitude") || !v.c.Has("longitude") {
		return nil
	}
	query := fmt.Sprintf(`WITH tagged AS (%s)
SELECT round(latitude, 1) AS lat, round(longitude, 1) AS lon, mode(city) AS city, mode(country) AS country,
  count(DISTINCT row) AS n, list_sort(list(DISTINCT e)) AS whose, list_sort(list(DISTINCT row))[:%d] AS rows
FROM tagged WHERE latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 AND NOT (latitude = 0 AND longitude = 0)
GROUP BY 1, 2 ORDER BY n DESC, lat, lon LIMIT %d`, v.tagged(), headRows, maxPlaces)
	return v.c.Query(ctx, query, nil, func(row map[string]any) error {
		p := olorin.Place{Count: wholeOf(row["n"]), Rows: wholes(row["rows"]), Entities: []int{}}
		p.Latitude, _ = row["lat"].(float64)
		p.Longitude, _ = row["lon"].(float64)
		p.City, _ = row["city"].(string)
		p.Country, _ = row["country"].(string)
		for _, e := range wholes(row["whose"]) {
			p.Entities = append(p.Entities, int(e))
		}
		o.Points = append(o.Points, p)
		return nil
	})
}

func (v overview) countries(ctx context.Context, o *olorin.Overview) error {
	present := v.has(countries)
	if len(present) == 0 {
		return nil
	}
	parts := make([]string, len(present))
	for i, name := range present {
		parts[i] = fmt.Sprintf("SELECT '%s' AS kind, %s AS value, count(*) AS n, list_sort(list(row))[:%d] AS rows FROM own WHERE in_scope AND %s IS NOT NULL GROUP BY ALL", name, name, headRows, name)
	}
	query := strings.Join(parts, " UNION ALL ") + fmt.Sprintf(" ORDER BY n DESC, kind, value LIMIT %d", maxCountries)
	return v.c.Query(ctx, query, nil, func(row map[string]any) error {
		n := olorin.CountryCount{Count: wholeOf(row["n"]), Rows: wholes(row["rows"])}
		n.Column, _ = row["kind"].(string)
		n.Country, _ = row["value"].(string)
		o.Countries = append(o.Countries, n)
		return nil
	})
}

func wholeOf(v any) int64 {
	n, _ := v.(int64)
	return n
}

func wholes(v any) []int64 {
	list, _ := v.([]any)
	out := make([]int64, len(list))
	for i, n := range list {
		out[i] = wholeOf(n)
	}
	return out
}

func realOf(v any) *float64 {
	switch v := v.(type) {
	case float64:
		return &v
	case int64:
		f := float64(v)
		return &f
	}
	return nil
}

func timeOf(v any) *olorin.Time {
	at, ok := v.(time.Time)
	if !ok {
		return nil
	}
	t := olorin.At(at)
	return &t
}
