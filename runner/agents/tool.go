package agents

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

const (
	// maxFindings is how many findings one tool reports; the number of further ones is told.
	maxFindings = 25
	// maxRowNumbers and maxEvidence are how many rows of a finding are listed, and shown with their fields.
	maxRowNumbers = 1000
	maxEvidence   = 20
	// evidenceBudget is how many rows the findings of one tool show together, though each shows minEvidence.
	evidenceBudget = 200
	minEvidence    = 3
	// maxEntities is how many entities a finding names; entityBudget is how many the findings of one tool name together.
	maxEntities  = 200
	entityBudget = 2000
	// peerParam is data.Case.PeerOf.
	peerParam = "peer_of"
	// stepParam is data.Case.Step.
	stepParam = "time_step"
	// domainsParam is the embedded list of disposable e-mail domains, one a line.
	domainsParam = "disposable_domains"
	// countriesParam is the embedded table of countries, one a line.
	countriesParam = "countries"
	// unreadable is the share of a column's values that may be unreadable before a check refuses to judge by it.
	unreadable = 0.5
)

// Result is what a tool came to.
type Result struct {
	Outcome  olorin.Outcome
	Code     olorin.Why       // why it was not assessed, as a word
	Reason   string           // why it was not assessed, or how many findings were left out
	Missing  []string         // columns that would settle it, where they are missing
	Findings []olorin.Finding // strongest first, then by key; FoundAt is left to the caller
}

// Assessable tells whether the data set has the columns that the tool needs, and which it lacks.
func (t *Tool) Assessable(d olorin.Dataset) (bool, []string) {
	missing := t.missing(d)
	return len(missing) == 0, missing
}

// Obstacle tells what of the data set keeps the tool from judging, whomever it is asked of, and which columns it lacks; nothing where it may judge.
func (t *Tool) Obstacle(d olorin.Dataset) (code olorin.Why, reason string, missing []string) {
	if missing = t.missing(d); len(missing) > 0 {
		return olorin.WhyNoColumn, "the file has no column for " + data.Called(missing...), missing
	}
	if reason = t.coarse(d); reason != "" {
		return olorin.WhyCoarseTimes, reason, nil
	}
	return "", "", nil
}

// Run asks the check of a case. What cannot be judged is a Result with outcome not_assessed and its reason; an error
// means that the tool failed, and matches context.Canceled where ctx was cancelled.
//
// A finding counts for an entity of the case where at least one of its evidence rows is in scope and of that entity, with the strength of
// the strongest such row, but never more than the finding's own: an account of many rows has a strange one sooner, and a check may allow
// for that. Where the entity's scope is a single row, that row's strength stands.
// Where it spans N accounts of which a finding touches k, its weight is scaled by min(1, k/√N): one odd customer of a thousand says little
// of a merchant. What is told of the finding is what it counts for the entity for which it counts most, and its severity grades that.
func (t *Tool) Run(ctx context.Context, c *data.Case, d olorin.Dataset, params map[string]float64) (Result, error) {
	if code, reason, missing := t.Obstacle(d); code != "" {
		return Result{Outcome: olorin.NotAssessed, Code: code, Reason: reason, Missing: missing}, nil
	}
	if faults := t.faults("/params", params); len(faults) > 0 {
		return Result{}, olorin.Invalid("parameters of "+t.ID, faults...)
	}
	if code, reason := t.tooLittle(c, d); reason != "" {
		return Result{Outcome: olorin.NotAssessed, Code: code, Reason: reason}, nil
	}
	if reason, err := t.empty(ctx, c, ""); err != nil {
		return t.stopped(ctx, err)
	} else if reason != "" {
		return Result{Outcome: olorin.NotAssessed, Code: olorin.WhyNoValues, Reason: reason}, nil
	}
	if reason, err := t.listless(ctx, c); err != nil {
		return t.stopped(ctx, err)
	} else if reason != "" {
		return Result{Outcome: olorin.NotAssessed, Code: olorin.WhyNoList, Reason: reason}, nil
	}

	values := t.values(params)
	bound := t.bind(c, values)
	if code, reason, err := t.doubt(ctx, c, "", bound); err != nil {
		return t.stopped(ctx, err)
	} else if reason != "" {
		return Result{Outcome: olorin.NotAssessed, Code: code, Reason: reason}, nil
	}
	if reason, err := t.prepare(ctx, c, bound); err != nil {
		return t.stopped(ctx, err)
	} else if reason != "" {
		return Result{Outcome: olorin.NotAssessed, Code: olorin.WhyTooLarge, Reason: reason}, nil
	}
	var found []found
	total := int64(0)
	err := c.Query(ctx, t.caseQuery(c.Entities(), kinds(c)), bound, func(m map[string]any) error {
		if row := m["_stray"]; row != nil {
			return stray(m["key"], row)
		}
		f, err := t.read(m, values, c.Step())
		if err != nil {
			return err
		}
		total, _ = m["_total"].(int64)
		f.hash, _ = m["_hash"].(string)
		f.parts(t.Weight, c.Entities(), slice(m["_parts"]))
		f.named(m)
		f.shown, err = integers(m["_shown"])
		if err != nil {
			return err
		}
		if f.Finding.EvidenceRows, err = integers(m["_rows"]); err != nil {
			return err
		}
		found = append(found, f)
		return nil
	})
	if err != nil {
		return t.stopped(ctx, err)
	}
	if len(found) == 0 {
		return Result{Outcome: olorin.Clear}, nil
	}

	return t.fired(ctx, c, found, total)
}

// fired makes the findings out of what was found, with the rows that are shown of each.
func (t *Tool) fired(ctx context.Context, c *data.Case, found []found, total int64) (Result, error) {
	var rows []int64
	for _, f := range found {
		rows = append(rows, f.shown...)
	}
	slices.Sort(rows)
	shown, err := c.Rows(ctx, slices.Compact(rows))
	if err != nil {
		return t.stopped(ctx, err)
	}
	r := Result{Outcome: olorin.Fired}
	for _, f := range found {
		finding := f.Finding
		finding.Severity = olorin.SeverityOf(finding.Strength * finding.Weight)
		for _, row := range shown {
			if slices.Contains(f.shown, row.Row) {
				finding.Evidence = append(finding.Evidence, row)
			}
		}
		finding.Entities = append(finding.Entities, transactions(finding.Evidence)...)
		finding.ID = t.findingID(finding.Key, f.hash)
		r.Findings = append(r.Findings, finding)
	}
	if more := total - int64(len(found)); more > 0 {
		r.Reason = fmt.Sprintf("the strongest %d of %d findings are listed", len(found), total)
	}
	return r, nil
}

// leastStrength is what an entity's finding must reach: a check that counts 40 at most is not heard for half a point.
const leastStrength = 0.02

// findingID tells what was found by whom it is, and by a hash of the keys of all its rows.
func (t *Tool) findingID(key, hash string) string {
	return shortHash(t.ID, strconv.Itoa(t.Version), key, hash)
}

// outOfTime is why a check was not assessed whose query took longer than the data room lets a statement run.
const outOfTime = "out of time: the query took longer than a statement may"

// stopped is what a tool comes to when a query of it ended early.
func (t *Tool) stopped(ctx context.Context, err error) (Result, error) {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return Result{Outcome: olorin.NotAssessed, Code: olorin.WhyOutOfTime, Reason: outOfTime}, nil
	}
	return Result{}, t.told(ctx, err)
}

// told makes an error that says whose it is, and keeps cancellation recognisable.
func (t *Tool) told(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", t.ID, ctx.Err())
	}
	return fmt.Errorf("%s: %w", t.ID, err)
}

// spread scales a finding that touches k of the n accounts in scope.
func spread(k, n int64) float64 {
	if k < 1 || n <= 1 {
		return 1
	}
	return min(1, float64(k)/math.Sqrt(float64(n)))
}

func (t *Tool) tooLittle(c *data.Case, d olorin.Dataset) (olorin.Why, string) {
	n := c.Counts()
	switch {
	case n.InScope == 0:
		return olorin.WhyNoRows, "no row of the file matches the entities and the time range"
	case n.Rows < t.MinFileRows:
		return olorin.WhyFewRows, fmt.Sprintf("too few rows: the check needs a file of %s, this one has %s", asInt(t.MinFileRows), asInt(n.Rows))
	case n.Own < t.MinRows:
		return olorin.WhyFewRows, fmt.Sprintf("too few rows: the check needs %s of the accounts in question, and there are %s", asInt(t.MinRows), asInt(n.Own))
	case n.Peers <= t.MinPeers && t.MinPeers > 0:
		return olorin.WhyNoBaseline, fmt.Sprintf("too few other accounts to compare with: the check needs %s, the file has %s", asInt(t.MinPeers), asInt(max(0, n.Peers-1)))
	}
	return olorin.WhyUnreadable, t.unreadable(d)
}

// unreadable tells of a needed column of which most values could not be read.
func (t *Tool) unreadable(d olorin.Dataset) string {
	for _, any := range t.Needs {
		any = t.expand(any)
		for _, col := range d.Columns {
			if !slices.Contains(any, col.Canonical) || d.Rows == 0 {
				continue
			}
			if share := float64(col.Unreadable) / float64(d.Rows); share > unreadable {
				return fmt.Sprintf("%s of the values of %s could not be read", asPct(share), col.Source)
			}
		}
	}
	return ""
}

// empty tells of a need for which the accounts in question have no value at all. of is whom it is asked of; "" is the case.
func (t *Tool) empty(ctx context.Context, c *data.Case, of string) (string, error) {
	var counts []string
	positive, judged := -1, "amount > 0" // the need of an amount above zero
	outgoing := strings.Contains(t.SQL, "outgoing")
	if outgoing {
		judged = "outgoing"
	}
	for i, any := range t.Needs {
		if len(any) == 1 && any[0] == "amount" && strings.Contains(t.SQL, judged) {
			counts, positive = append(counts, fmt.Sprintf("count(*) FILTER (%s) AS n%d", judged, i)), i
			continue
		}
		if slices.Contains(any, account) {
			any = []string{"subject"}
		}
		counts = append(counts, fmt.Sprintf("count(coalesce(%s)) AS n%d", strings.Join(casts(any), ", "), i))
	}
	reason := ""
	err := c.Query(ctx, with(of)+"SELECT "+strings.Join(counts, ", ")+" FROM own", nil, func(m map[string]any) error {
		for i, any := range t.Needs {
			if n, _ := m["n"+strconv.Itoa(i)].(int64); n == 0 && reason == "" {
				reason = "none of the rows in question has a value for " + strings.Join(t.expand(any), " or ")
				switch {
				case i == positive && outgoing:
					reason = "none of the amounts in question is above zero and goes out, and what is paid back or comes in is not judged by this check"
				case i == positive:
					reason = "none of the amounts in question is above zero, and what is paid back is not judged by this check"
				}
			}
		}
		return nil
	})
	return reason, err
}

// doubt tells of the first of the check's doubts that the case gives reason for.
func (t *Tool) doubt(ctx context.Context, c *data.Case, of string, bound map[string]any) (code olorin.Why, reason string, err error) {
	for _, u := range t.Unless {
		err := c.Query(ctx, with(of)+"SELECT * FROM ("+u.SQL+") AS doubt(reason) LIMIT 1", bound, func(m map[string]any) error {
			reason, _ = m["reason"].(string)
			return nil
		})
		if err != nil || reason != "" {
			return u.Code, reason, err
		}
	}
	return "", "", nil
}

// listless tells of a list that the check needs and the server does not have.
func (t *Tool) listless(ctx context.Context, c *data.Case) (reason string, err error) {
	if t.NeedsList == "" {
		return "", nil
	}
	err = c.Query(ctx, "SELECT count(*) AS n FROM lists WHERE kind = $kind::VARCHAR", map[string]any{"kind": t.NeedsList}, func(m map[string]any) error {
		if n, _ := m["n"].(int64); n == 0 {
			reason = fmt.Sprintf("no list of the kind %q names anything that occurs in this file; an administrator can import one", t.NeedsList)
		}
		return nil
	})
	return reason, err
}

func casts(columns []string) []string {
	if len(columns) == 1 {
		return columns
	}
	out := make([]string, len(columns))
	for i, col := range columns {
		out[i] = col + "::VARCHAR"
	}
	return out
}

// with begins a query with relations that stand in for those of the case.
func with(relations string) string {
	if relations == "" {
		return ""
	}
	return "WITH " + relations + "\n"
}

func (t *Tool) found() string { return "found AS MATERIALIZED (\n" + t.SQL + "\n)" }

// caseQuery keeps what touches the scope, tells what each finding counts for each entity of the case (a part of the scope), and which
// rows to list and show: those in scope first, and the last of them too.
func (t *Tool) caseQuery(entities []olorin.Entity, kinds []string) string {
	strength := "strength"
	if t.rowStrengths {
		strength = "unnest(strengths)"
	}
	about, bystander := t.whose()
	named := map[olorin.EntityType]int{} // the parts whose entity a finding may be about, beside the row's account
	for i, e := range entities {
		named[e.Type] |= 1 << i
	}
	parts := make([]string, max(1, len(entities)))
	for i := range parts {
		parts[i] = strconv.Itoa(1 << i)
	}
	return "WITH " + t.found() + `,
scope AS MATERIALIZED (
  SELECT row, coalesce(subject, '') AS subject, CASE WHEN bit & ` + strconv.Itoa(named["counterparty_id"]) + ` != 0 THEN counterparty_id WHEN bit & ` + strconv.Itoa(named["ip_address"]) + ` != 0 THEN ip_address END AS name, bit FROM own, (SELECT unnest([` + strings.Join(parts, ", ") + `]) AS bit) WHERE in_scope AND parts & bit != 0
),
part AS MATERIALIZED (SELECT bit, count(*) AS rows, count(DISTINCT subject) AS accounts FROM scope GROUP BY bit),
evidence AS MATERIALIZED (SELECT key, strength, ` + about + ` AS about, ` + bystander + ` AS bystander, unnest(rows) AS row, ` + strength + ` AS row_strength FROM found),
touched AS (
  SELECT key, bit, round(CASE WHEN bool_or(coalesce(name = about, false)) THEN any_value(strength) WHEN any_value(part.rows) = 1 THEN max(row_strength) ELSE least(any_value(strength), max(row_strength)) END
      * CASE WHEN bool_or(about IS NULL OR subject = about OR coalesce(name = about, false)) THEN 1 ELSE any_value(bystander) END, 6) AS strength,
    least(1, count(DISTINCT subject) / sqrt(any_value(part.accounts))) AS share
  FROM evidence JOIN scope USING (row) JOIN part USING (bit) GROUP BY key, bit
),
-- the strongest of each entity, so that one of many findings leaves no other without its own
ranked AS (SELECT *, row_number() OVER (PARTITION BY bit ORDER BY strength * share DESC, strength DESC, key) AS _place FROM touched WHERE strength * share >= ` + strconv.FormatFloat(leastStrength, 'f', -1, 64) + `),
counted AS (
  SELECT key, list({bit: bit, strength: strength, share: share} ORDER BY strength * share DESC, bit) AS _parts, max(strength * share) AS _counts, min(_place) AS _place,
    (SELECT count(DISTINCT key) FROM ranked) AS _total
  FROM ranked GROUP BY key
),
kept AS MATERIALIZED (
  SELECT found.*, _parts, _counts, _total FROM found JOIN counted USING (key) WHERE _place <= ` + strconv.Itoa(maxFindings) + `
),
-- without their rows, which a join would copy for each of them
few AS MATERIALIZED (SELECT key FROM kept),
numbered AS (
  SELECT key, events.row AS row, events.row_key AS row_key, events.t AS t, events.currency AS currency,
    least(` + fmt.Sprintf("%d, greatest(%d, %d", maxEvidence, minEvidence, evidenceBudget) + ` // (SELECT count(*) FROM few))) AS shown,
    row_number() OVER (PARTITION BY key ORDER BY events.in_scope DESC, events.t, events.row_key) AS n, count(*) OVER (PARTITION BY key) AS total,
    row_number() OVER (PARTITION BY key ORDER BY events.in_scope DESC, events.t DESC NULLS LAST, events.row_key DESC) AS from_last
  FROM evidence JOIN few USING (key) JOIN events ON events.row = evidence.row
),
listed AS (
  SELECT key, md5(string_agg(row_key, ',' ORDER BY row_key)) AS _hash,
    list(row ORDER BY t, row_key) FILTER (n <= ` + strconv.Itoa(maxRowNumbers) + `) AS _rows,
    list(row ORDER BY t, row_key) FILTER (n < shown OR from_last = 1 OR total <= shown) AS _shown, CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS _currency
  FROM numbered GROUP BY key
),
cited AS (SELECT key, row FROM evidence JOIN few USING (key)),
` + members(kinds) + `
SELECT kept.*, _hash, _rows, _shown, _currency, _entities, _met FROM kept JOIN listed USING (key) LEFT JOIN members USING (key)` + t.strays() + ` ORDER BY _counts DESC, key`
}

// strays are rows of a check of the user's own that the file does not have: they would only fall out of the joins.
func (t *Tool) strays() string {
	if !t.Own {
		return ""
	}
	return `
UNION ALL BY NAME SELECT key, row AS _stray FROM (SELECT key, unnest(rows) AS row FROM found) ANTI JOIN events USING (row)`
}

// stray refuses an answer that cites a row which the file does not have.
func stray(key any, row any) error {
	return fmt.Errorf("its finding %q cites row %v, which the file does not have; want values of the column row", key, row)
}

// whose is the SQL of the account that a finding is about, and of what it counts for others.
func (t *Tool) whose() (about, bystander string) {
	if t.about == "" {
		return "NULL::VARCHAR", "NULL::DOUBLE"
	}
	return t.about, bystanderColumn
}

func (t *Tool) bind(c *data.Case, values map[string]float64) map[string]any {
	params := map[string]any{}
	for name, v := range values {
		params[name] = v
	}
	if strings.Contains(t.SQL, "$"+peerParam) {
		params[peerParam] = c.PeerOf()
	}
	if strings.Contains(t.SQL, "$"+stepParam) {
		params[stepParam] = c.Step()
	}
	if strings.Contains(t.SQL, "$"+domainsParam) {
		params[domainsParam] = disposableDomains
	}
	if strings.Contains(t.SQL, "$"+brokersParam) {
		params[brokersParam] = "[]" // see prepare
	}
	if strings.Contains(t.SQL, "$"+countriesParam) {
		params[countriesParam] = countries
	}
	return params
}

// prepare works out what a query asks for and SQL cannot tell, and puts it among the parameters; or says why it does not.
func (t *Tool) prepare(ctx context.Context, c *data.Case, bound map[string]any) (reason string, err error) {
	if _, asks := bound[brokersParam]; asks {
		bound[brokersParam], reason, err = brokers(ctx, c)
	}
	return reason, err
}

// found is a finding on its way, with all its evidence.
type found struct {
	olorin.Finding
	rows      []int64
	strengths []float64 // one a row
	shown     []int64
	hash      string
	about     string  // the account that it is about, where it is about one
	bystander float64 // share of its strength that it counts for others
}

// parts notes what the finding counts for the entities of a case, most first.
func (f *found) parts(weight float64, entities []olorin.Entity, counts []any) {
	for i, one := range counts {
		fields, _ := one.(map[string]any)
		bit, _ := fields["bit"].(int64)
		strength, _ := toFloat(fields["strength"])
		share, _ := toFloat(fields["share"])
		if i == 0 {
			f.Strength, f.Weight = sixth(min(1, strength)), weight*share
		}
		if at := bits.TrailingZeros64(uint64(bit)); len(entities) > 1 && at < len(entities) {
			f.Parts = append(f.Parts, olorin.Part{Type: entities[at].Type, Value: entities[at].Value, Strength: sixth(min(1, strength)), Weight: weight * share})
		}
	}
}

// read makes a finding of one row of a check's answer.
func (t *Tool) read(m map[string]any, params map[string]float64, step int64) (found, error) {
	key, ok := m["key"].(string)
	strength, isNumber := toFloat(m["strength"])
	if !ok || !isNumber {
		return found{}, fmt.Errorf("the query's key %v or strength %v is not what it should be", m["key"], m["strength"])
	}
	rows, err := integers(m["rows"])
	if err != nil {
		return found{}, err
	}
	f := found{rows: rows, Finding: olorin.Finding{
		Agent: t.Agent, Tool: t.ID, ToolVersion: t.Version, Group: t.Group,
		Title: t.Title, Baseline: t.Baseline, Key: key, Strength: sixth(min(1, max(0, strength))), Weight: t.Weight,
		Sentence: t.sentence.fill(m, params, step), Numbers: map[string]any{},
		Entities: []olorin.EntityRef{}, Evidence: []olorin.EvidenceRow{}, EvidenceTotal: len(rows),
	}}
	if t.Own {
		f.ToolSHA256 = t.SHA256
	}
	if t.about != "" {
		share, isNumber := toFloat(m[bystanderColumn])
		if f.about, ok = m[t.about].(string); !ok || !isNumber {
			return found{}, fmt.Errorf("finding %s is about %v and counts %v for others; want a text and a number", key, m[t.about], m[bystanderColumn])
		}
		f.bystander = min(1, max(0, share))
	}
	for name, v := range m {
		if !strings.HasPrefix(name, "_") && !slices.Contains([]string{"key", "strength", "strengths", "rows"}, name) {
			f.Numbers[name] = plain(v)
		}
	}
	for _, s := range slice(m["strengths"]) {
		x, _ := toFloat(s)
		f.strengths = append(f.strengths, sixth(min(1, max(0, x))))
	}
	if t.rowStrengths && len(f.strengths) != len(rows) {
		return found{}, fmt.Errorf("finding %s has %d rows and %d strengths", key, len(rows), len(f.strengths))
	}
	return f, nil
}

func sixth(x float64) float64 { return math.Round(x*1e6) / 1e6 }

func slice(v any) []any {
	s, _ := v.([]any)
	return s
}

func integers(v any) ([]int64, error) {
	list := slice(v)
	out := make([]int64, len(list))
	for i, x := range list {
		n, ok := x.(int64)
		if !ok {
			return nil, fmt.Errorf("a row number is %T; want BIGINT", x)
		}
		out[i] = n
	}
	return out, nil
}

// plain turns a driver's value into one that JSON can hold. Floats keep ten digits: the last ones of a sum depend on the order of threads.
func plain(v any) any {
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v
	case time.Time:
		return olorin.At(v).String()
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case *big.Int:
		if v.IsInt64() {
			return v.Int64()
		}
	}
	f, ok := toFloat(v)
	if !ok {
		return nil
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 10, 64), 64)
	if err != nil {
		return f
	}
	return rounded
}

func shortHash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s,", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Digest is the hash of findings: same data, checks and parameters give the same digest, whatever the file's byte form,
// the order of its rows or the order in which tools ended.
func Digest(findings []olorin.Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		// The id holds tool, version, key and the keys of all evidence rows.
		lines[i] = f.Tool + " " + f.ID + " " + strconv.FormatFloat(f.Strength, 'f', 6, 64)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:])
}
