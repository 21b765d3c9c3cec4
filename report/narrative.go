package report

import (
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

// maxTold is how many findings a narrative tells.
const maxTold = 5

// narrate fills the six questions from the rows that the findings cite, and from nothing else. Where these were not summed up, as in a run
// that was not assessed, from those that the findings show.
func narrate(r Report, c *olorin.Cited) []Paragraph {
	if c == nil {
		var rows []olorin.EvidenceRow
		whole := true
		for _, f := range r.Findings {
			rows = append(rows, f.Evidence...)
			whole = whole && f.EvidenceTotal <= len(f.Evidence)
		}
		c = olorin.Cite(rows, r.Settings.Entities, whole)
	}
	return []Paragraph{
		{"who", orSilent(who(c, r.Settings.Entities), "Who acted")},
		{"what", orSilent(append(told(r), money(c)...), "What was done")},
		{"when", orSilent(when(c), "When it was")},
		{"where", orSilent(listed(c, map[string]string{"country": "Country", "city": "City", "ip_country": "Country of the address", "ip_address": "Address", "merchant_id": "Merchant", "card_country": "Country of the card", "shipping_country": "Shipped to"}), "Where it was")},
		{"why", orSilent(why(r), "Why it is suspicious")},
		{"how", orSilent(listed(c, map[string]string{"event_type": "Kind of event", "status": "Outcome", "device_id": "Device", "device_type": "Kind of device", "user_agent": "Program", "merchant_category": "Category", "card_brand": "Brand of card"}), "How it was done")},
	}
}

func orSilent(s []Statement, what string) []Statement {
	if len(s) == 0 {
		return []Statement{{what + " cannot be told: no cited row says so.", []int64{}}}
	}
	return s
}

func who(c *olorin.Cited, investigated []olorin.Entity) []Statement {
	var out []Statement
	if !c.Whole {
		out = append(out, Statement{fmt.Sprintf("The findings cite more rows than are counted here: the figures of this narrative are of %s, the first of each finding.", olorin.Counted(c.Rows, "cited row")), []int64{}})
	}
	for _, e := range investigated {
		values := c.Values[string(e.Type)].Values
		if i := slices.IndexFunc(values, func(v olorin.CitedValue) bool { return e.Names(v.Value) }); i >= 0 {
			out = append(out, statementOf(values[i].Rows, "%s %s, who was investigated, is on %s.", capital(e.Type.Word()), e.Value, olorin.Counted(values[i].Count, "cited row")))
		} else {
			out = append(out, Statement{fmt.Sprintf("%s %s, who was investigated, is on no cited row as it is written here.", capital(e.Type.Word()), e.Value), []int64{}})
		}
	}
	for _, kind := range []olorin.EntityType{"user_id", "account_id", "email", "phone_number", "card_number"} {
		others := c.Values[string(kind)]
		all := len(others.Values)
		others.Values = slices.DeleteFunc(slices.Clone(others.Values), func(v olorin.CitedValue) bool {
			return slices.ContainsFunc(investigated, func(e olorin.Entity) bool { return e.Type == kind && e.Names(v.Value) })
		})
		others.Distinct -= all - len(others.Values)
		if len(others.Values) > 0 {
			out = append(out, list("Beside it, "+kind.Word(), others))
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

// money tells what the amounts of the cited rows come to, by currency.
func money(c *olorin.Cited) []Statement {
	var out []Statement
	for _, a := range c.Amounts {
		unit := ""
		if a.Currency != "" {
			unit = " " + a.Currency
		}
		out = append(out, statementOf(a.Rows, "Amounts on the cited rows, whatever their outcome: %s%s on %s; the largest is %s%s, on row %d.", number(math.Round(100*a.Total)/100), unit, olorin.Counted(a.Count, "row"), number(a.Largest), unit, a.LargestAt))
	}
	return out
}

func when(c *olorin.Cited) []Statement {
	if c.First == nil || c.Last == nil {
		return nil
	}
	return []Statement{{fmt.Sprintf("The cited rows lie between %s and %s (UTC).", c.First.UTC().Format("2006-01-02 15:04:05"), c.Last.UTC().Format("2006-01-02 15:04:05")), slices.Compact([]int64{c.FirstRow, c.LastRow})}}
}

func why(r Report) []Statement {
	var out []Statement
	for i, f := range r.Findings[:min(len(r.Findings), maxTold)] {
		out = append(out, statementOf(f.EvidenceRows, "Finding %d, %s, %s: %s", i+1, r.titled(f.Tool), f.Severity, f.Sentence))
	}
	return out
}

// listed tells the values of fields, in the order of their titles.
func listed(c *olorin.Cited, titles map[string]string) []Statement {
	var names []string
	for name := range titles {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(titles[a], titles[b]) })
	var out []Statement
	for _, name := range names {
		if f := c.Values[name]; len(f.Values) > 0 {
			out = append(out, list(titles[name], f))
		}
	}
	return out
}

// list names the most frequent values with how many rows have each.
func list(title string, f olorin.CitedField) Statement {
	var words []string
	var all []int64
	for _, v := range f.Values {
		words = append(words, fmt.Sprintf("%s (%s)", v.Value, olorin.Counted(v.Count, "row")))
		all = append(all, v.Rows...)
	}
	text := title + ": " + strings.Join(words, ", ")
	if more := f.Distinct - len(f.Values); more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return statementOf(all, "%s.", text)
}

func statementOf(rows []int64, format string, args ...any) Statement {
	cite := slices.Clone(rows)
	slices.Sort(cite)
	cite = slices.Compact(cite)
	return Statement{fmt.Sprintf(format, args...), cite[:min(len(cite), olorin.MaxCitedHead)]}
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
	if len(s.Rows) == olorin.MaxCitedHead {
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
