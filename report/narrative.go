package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// Paragraph answers one of the six questions of a report of suspicious activity (FinCEN's guidance on narratives; FFIEC manual,
// appendix L), each statement with the rows of the file that it is taken from.
type Paragraph struct {
	Question   string      `json:"question" enum:"who,what,when,where,why,how"`
	Statements []Statement `json:"statements"`
}

// Statement is a sentence and the first rows that it rests on.
type Statement struct {
	Text string  `json:"text"`
	Rows []int64 `json:"rows"`
}

// The bounds of a narrative: values named of one kind, rows cited of one statement, findings told.
const (
	maxNamed = 5
	maxCited = 8
	maxTold  = 5
)

// narrate fills the six questions from the rows that the findings show, and from nothing else.
func narrate(r Report) []Paragraph {
	c := cited{rows: map[int64]map[string]any{}}
	for _, f := range r.Findings {
		for _, row := range f.Evidence {
			if _, ok := c.rows[row.Row]; !ok {
				c.order = append(c.order, row.Row)
			}
			c.rows[row.Row] = row.Fields
		}
	}
	slices.Sort(c.order)
	return []Paragraph{
		{"who", orSilent(c.who(r.Settings.Entities), "Who acted")},
		{"what", orSilent(append(told(r), c.money()...), "What was done")},
		{"when", orSilent(c.when(), "When it was")},
		{"where", orSilent(c.named(map[string]string{"country": "Country", "city": "City", "ip_country": "Country of the address", "ip_address": "Address", "merchant_id": "Merchant", "card_country": "Country of the card", "shipping_country": "Shipped to"}), "Where it was")},
		{"why", orSilent(why(r), "Why it is suspicious")},
		{"how", orSilent(c.named(map[string]string{"event_type": "Kind of event", "status": "Outcome", "device_id": "Device", "device_type": "Kind of device", "user_agent": "Program", "merchant_category": "Category", "card_brand": "Brand of card"}), "How it was done")},
	}
}

func orSilent(s []Statement, what string) []Statement {
	if len(s) == 0 {
		return []Statement{{what + " cannot be told: no cited row says so.", []int64{}}}
	}
	return s
}

// cited are the rows that the findings show.
type cited struct {
	order []int64
	rows  map[int64]map[string]any
}

// values lists the values of a field, most frequent first, with their rows.
func (c cited) values(field string) (values []string, rows map[string][]int64) {
	rows = map[string][]int64{}
	for _, n := range c.order {
		if v := shown(c.rows[n][field]); v != "" {
			if rows[v] == nil {
				values = append(values, v)
			}
			rows[v] = append(rows[v], n)
		}
	}
	slices.SortStableFunc(values, func(a, b string) int { return cmp.Or(len(rows[b])-len(rows[a]), strings.Compare(a, b)) })
	return values, rows
}

func (c cited) who(investigated []olorin.Entity) []Statement {
	var out []Statement
	for _, e := range investigated {
		_, rows := c.values(string(e.Type))
		if r := rows[e.Value]; len(r) > 0 {
			out = append(out, statementOf(r, "%s %s, who was investigated, is on %s.", capital(e.Type.Word()), e.Value, olorin.Counted(len(r), "cited row")))
		} else {
			out = append(out, Statement{fmt.Sprintf("%s %s, who was investigated, is on no cited row as it is written here.", capital(e.Type.Word()), e.Value), []int64{}})
		}
	}
	for _, kind := range []olorin.EntityType{"user_id", "account_id", "email", "phone_number", "card_number"} {
		values, rows := c.values(string(kind))
		others := slices.DeleteFunc(values, func(v string) bool {
			return slices.ContainsFunc(investigated, func(e olorin.Entity) bool { return e.Type == kind && e.Value == v })
		})
		if len(others) > 0 {
			out = append(out, list("Beside it, "+kind.Word(), others, rows))
		}
	}
	return out
}

// told says what was found, check by check.
func told(r Report) []Statement {
	var out []Statement
	var titles []string
	count, code, rows := map[string]int{}, map[string]string{}, map[string][]int64{}
	for _, f := range r.Findings {
		if count[f.Title] == 0 {
			titles = append(titles, f.Title)
		}
		count[f.Title]++
		code[f.Title] = f.Tool
		rows[f.Title] = append(rows[f.Title], f.EvidenceRows...)
	}
	for _, title := range titles[:min(len(titles), maxTold)] {
		out = append(out, statementOf(rows[title], "%s (%s): %s.", title, code[title], olorin.Counted(count[title], "finding")))
	}
	if more := len(titles) - maxTold; more > 0 {
		out = append(out, Statement{fmt.Sprintf("%s more found something; see the findings.", olorin.Counted(more, "check")), []int64{}})
	}
	return out
}

// money adds up the amounts of the cited rows, by currency.
func (c cited) money() []Statement {
	type sum struct {
		total, largest float64
		at             int64
		rows           []int64
	}
	sums := map[string]*sum{}
	var currencies []string
	for _, n := range c.order {
		amount, ok := c.rows[n]["amount"].(float64)
		if !ok {
			continue
		}
		currency := shown(c.rows[n]["currency"])
		s := sums[currency]
		if s == nil {
			s = &sum{largest: amount, at: n}
			sums[currency] = s
			currencies = append(currencies, currency)
		}
		s.total += amount
		s.rows = append(s.rows, n)
		if amount > s.largest {
			s.largest, s.at = amount, n
		}
	}
	slices.Sort(currencies)
	var out []Statement
	for _, currency := range currencies {
		s := sums[currency]
		unit := ""
		if currency != "" {
			unit = " " + currency
		}
		out = append(out, statementOf(s.rows, "Amounts on the cited rows, whatever their outcome: %s%s on %s; the largest is %s%s, on row %d.", number(math.Round(100*s.total)/100), unit, olorin.Counted(len(s.rows), "row"), number(s.largest), unit, s.at))
	}
	return out
}

func (c cited) when() []Statement {
	var rows []int64
	var first, last olorin.Time
	for _, n := range c.order {
		text, _ := c.rows[n]["event_time"].(string)
		var at olorin.Time
		if text == "" || at.UnmarshalText([]byte(text)) != nil {
			continue
		}
		if len(rows) == 0 || at.Before(first.Time) {
			first = at
		}
		if len(rows) == 0 || at.After(last.Time) {
			last = at
		}
		rows = append(rows, n)
	}
	if len(rows) == 0 {
		return nil
	}
	return []Statement{statementOf(rows, "The cited rows lie between %s and %s (UTC).", first.UTC().Format("2006-01-02 15:04:05"), last.UTC().Format("2006-01-02 15:04:05"))}
}

func why(r Report) []Statement {
	var out []Statement
	for i, f := range r.Findings[:min(len(r.Findings), maxTold)] {
		out = append(out, statementOf(f.EvidenceRows, "Finding %d, %s, %s: %s", i+1, r.titled(f.Tool), f.Severity, f.Sentence))
	}
	return out
}

// named lists the values of fields, in the order of their titles.
func (c cited) named(titles map[string]string) []Statement {
	var names []string
	for name := range titles {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(titles[a], titles[b]) })
	var out []Statement
	for _, name := range names {
		if values, rows := c.values(name); len(values) > 0 {
			out = append(out, list(titles[name], values, rows))
		}
	}
	return out
}

// list names the most frequent values with how many rows have each.
func list(title string, values []string, rows map[string][]int64) Statement {
	var words []string
	var all []int64
	for _, v := range values[:min(len(values), maxNamed)] {
		words = append(words, fmt.Sprintf("%s (%s)", v, olorin.Counted(len(rows[v]), "row")))
		all = append(all, rows[v]...)
	}
	text := title + ": " + strings.Join(words, ", ")
	if more := len(values) - maxNamed; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return statementOf(all, "%s.", text)
}

func statementOf(rows []int64, format string, args ...any) Statement {
	cite := slices.Clone(rows)
	slices.Sort(cite)
	cite = slices.Compact(cite)
	return Statement{fmt.Sprintf(format, args...), cite[:min(len(cite), maxCited)]}
}

// cites writes the rows of a statement, such as "[rows 3, 4, 7]".
func (s Statement) cites() string {
	if len(s.Rows) == 0 {
		return ""
	}
	words := make([]string, len(s.Rows))
	for i, n := range s.Rows {
		words[i] = strconv.FormatInt(n, 10)
	}
	more := ""
	if len(s.Rows) == maxCited {
		more = " …"
	}
	return "[rows " + strings.Join(words, ", ") + more + "]"
}

// number writes a number as it is, with no more digits than it has, and never as a power of ten.
func number(x float64) string {
	if s := strconv.FormatFloat(x, 'f', -1, 64); len(s) <= 18 {
		return s
	}
	return strconv.FormatFloat(x, 'f', 2, 64)
}
