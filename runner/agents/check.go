package agents

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// Check is one question asked of an events file: a SQL file with a header that says what it needs and what its answer means.
type Check struct {
	ID          string
	Version     int
	Title       string
	Description string
	Needs       [][]string // each a list of alternatives, of which the file must have one
	Group       string
	Unit        string  // row, pair, entity or file: what one finding is about
	Weight      float64 // 0..1
	Baseline    string
	Reference   string
	MinRows     int64  // fewest rows of the investigated accounts
	MinFileRows int64  // fewest rows of the file
	MinPeers    int64  // fewest other accounts to compare with
	NeedsList   string // kind of list of which something must occur in the file; empty: none
	Times       int64  // seconds that times must tell: those that are whole multiples of more do not do; 0: any do
	Params      []Param
	Unless      []Unless
	Agent       string // whose tool it is, where the header says so; else the folder does
	SHA256      string // of the file's text
	Own         bool   // brought by the user, not built in
	SQL         string

	// rowStrengths says that the query returns, beside rows, a list strengths with the strength of each row.
	rowStrengths bool
	// about is the column of the answer that names the account that a finding is about, where its rows are also others'; empty: of all of
	// them alike. Then bystanderColumn is what the finding counts for the others, as a share of its strength.
	about    string
	sentence sentence
}

// Param is a number that the analyst may set within bounds.
type Param struct {
	Name      string  `json:"name"`
	Title     string  `json:"title"`
	Default   float64 `json:"default"`
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Unit      string  `json:"unit,omitempty"`
	Reference string  `json:"reference,omitempty" doc:"Where the default comes from."`
}

// Unless is a doubt that keeps a check from judging a case: a query of the relations that a check may ask, which gives the reason as text, or nothing.
type Unless struct {
	Code olorin.Why
	SQL  string
}

// doubts are what an Unless may be about.
var doubts = []olorin.Why{olorin.WhyFewRows, olorin.WhyNoValues, olorin.WhyNoBaseline, olorin.WhyTooLarge}

// bystanderColumn is the column that a check with an about has beside it.
const bystanderColumn = "_bystander"

// account stands in a header for whatever column the file knows its accounts by.
const account = "account"

var accountColumns = []string{"user_id", "account_id", "card_number", "email", "device_id", "ip_address", "merchant_id"}

// canonical are the columns that a check may need.
var canonical = strings.Fields(`transaction_id user_id account_id counterparty_id merchant_id merchant_category status event_type currency amount event_time
country city region ip_country card_country billing_country shipping_country latitude longitude merchant_latitude merchant_longitude
ip_address asn is_vpn is_proxy is_hosting device_id device_type user_agent session_id session_start
email phone_number person_name date_of_birth address signup_time card_number card_bin card_last4 card_brand card_prepaid
balance_before balance_after counterparty_balance_before counterparty_balance_after tz_offset_minutes ip_tz_offset_minutes`)

var (
	idForm   = regexp.MustCompile(`^[A-Z]{3}-[0-9]{2}$`)
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	units    = []string{"row", "pair", "entity", "file"}
)

// ParseCheck reads a check. Its error names everything that is wrong with the header, one fault a line; the check is then what could be read.
//
// The header is the comment lines at the top, "-- key: value" each; a line that starts with "--   " goes on with the
// value above. Keys: id, agent (only for checks of one's own), version, title, description, needs (columns, comma-separated, alternatives by |), group,
// unit, weight, baseline, reference, min_rows, min_file_rows, min_peers, times (second, minute or hour: what times must tell), needs_list (a kind of list), strengths (row), about (column), sentence, and any number of
// param (name | title | default | min | max | unit | reference) and of unless (code | query of the reason).
func ParseCheck(text string) (*Check, error) {
	sum := sha256.Sum256([]byte(text))
	h := header{check: &Check{SHA256: hex.EncodeToString(sum[:])}, seen: map[string]bool{}}
	for _, f := range h.split(text) {
		h.read(f[0], f[1])
	}
	h.whole()
	if err := errors.Join(h.faults...); err != nil {
		return h.check, fmt.Errorf("check %s: %w", h.check.ID, err)
	}
	return h.check, nil
}

// header is the header of a check while it is read.
type header struct {
	check  *Check
	seen   map[string]bool // keys
	faults []error
}

func (h *header) fault(format string, args ...any) {
	h.faults = append(h.faults, fmt.Errorf(format, args...))
}

// split gives the keys and values of the header, and keeps the query below it.
func (h *header) split(text string) (fields [][2]string) {
	lines := strings.Split(text, "\n")
	n := 0
	for ; n < len(lines) && strings.HasPrefix(lines[n], "--"); n++ {
		if more, goesOn := strings.CutPrefix(lines[n], "--   "); goesOn && len(fields) > 0 {
			fields[len(fields)-1][1] += " " + strings.TrimSpace(more)
			continue
		}
		key, value, ok := strings.Cut(strings.TrimPrefix(lines[n], "--"), ":")
		if !ok {
			h.fault("line %d: want \"-- key: value\"", n+1)
			continue
		}
		fields = append(fields, [2]string{strings.TrimSpace(key), strings.TrimSpace(value)})
	}
	h.check.SQL = strings.TrimSpace(strings.Join(lines[n:], "\n"))
	if h.check.SQL == "" {
		h.fault("there is no query below the header")
	}
	if strings.HasSuffix(h.check.SQL, ";") {
		h.fault("the query must not end in a semicolon: it is used inside another")
	}
	return fields
}

func (h *header) read(key, value string) {
	if h.seen[key] && key != "param" && key != "unless" {
		h.fault("%s: given twice", key)
	}
	h.seen[key] = true
	c := h.check
	switch key {
	case "id":
		if c.ID = value; !idForm.MatchString(value) {
			h.fault("id: %q; want three capitals, a dash and two digits, such as GEO-01", value)
		}
	case "version":
		if c.Version = int(h.number(key, value)); c.Version < 1 {
			h.fault("version: %s; want 1 or more", value)
		}
	case "agent":
		if c.Agent = value; !slices.Contains(agentIDs(), value) {
			h.fault("agent: %q; want one of %s", value, strings.Join(agentIDs(), ", "))
		}
	case "title":
		c.Title = value
	case "description":
		c.Description = value
	case "needs":
		h.needs(value)
	case "group":
		c.Group = value
	case "unit":
		if c.Unit = value; !slices.Contains(units, value) {
			h.fault("unit: %q; want one of %s", value, strings.Join(units, ", "))
		}
	case "weight":
		if c.Weight = h.number(key, value); c.Weight <= 0 || c.Weight > 1 {
			h.fault("weight: %s; want above 0 and at most 1", value)
		}
	case "baseline":
		c.Baseline = value
	case "reference":
		c.Reference = value
	case "min_rows":
		c.MinRows = int64(h.number(key, value))
	case "min_file_rows":
		c.MinFileRows = int64(h.number(key, value))
	case "min_peers":
		c.MinPeers = int64(h.number(key, value))
	case "times":
		if c.Times = timeUnits[value]; c.Times == 0 {
			h.fault("times: %q; want second, minute or hour", value)
		}
	case "needs_list":
		if c.NeedsList = value; !slices.Contains(olorin.ListKinds, olorin.ListKind(value)) {
			h.fault("needs_list: %q; want a kind of list, one of %v", value, olorin.ListKinds)
		}
	case "about":
		if c.about = value; !nameForm.MatchString(value) {
			h.fault("about: %q is not the name of a column", value)
		}
	case "strengths":
		if c.rowStrengths = value == "row"; !c.rowStrengths {
			h.fault("strengths: %q; the only word here is row", value)
		}
	case "param":
		h.param(value)
	case "unless":
		h.unless(value)
	case "sentence":
		s, err := parseSentence(value)
		if err != nil {
			h.fault("sentence: %w", err)
		}
		c.sentence = s
	default:
		h.fault("%s: unknown key", key)
	}
}

func (h *header) number(key, value string) float64 {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		h.fault("%s: %q is not a number", key, value)
	}
	return v
}

func (h *header) needs(value string) {
	for _, need := range strings.Split(value, ",") {
		var any []string
		for _, col := range strings.Split(need, "|") {
			if col = strings.TrimSpace(col); col != account && !slices.Contains(canonical, col) {
				h.fault("needs: %q is not a canonical column", col)
			}
			any = append(any, col)
		}
		h.check.Needs = append(h.check.Needs, any)
	}
}

func (h *header) param(value string) {
	part := strings.Split(value, "|")
	if len(part) != 7 {
		h.fault("param: %q has %d parts; want name | title | default | min | max | unit | reference", value, len(part))
		return
	}
	for i := range part {
		part[i] = strings.TrimSpace(part[i])
	}
	p := Param{
		Name: part[0], Title: part[1], Unit: part[5], Reference: part[6],
		Default: h.number(part[0], part[2]), Min: h.number(part[0], part[3]), Max: h.number(part[0], part[4]),
	}
	if !nameForm.MatchString(p.Name) {
		h.fault("param: %q is not a name; want small letters, digits and _", p.Name)
	}
	if p.Min >= p.Max || p.Default < p.Min || p.Default > p.Max {
		h.fault("param %s: the default %v is not within %v..%v", p.Name, p.Default, p.Min, p.Max)
	}
	if !regexp.MustCompile(`\$` + p.Name + `\b`).MatchString(h.check.SQL) {
		h.fault("param %s: the query never asks for $%s", p.Name, p.Name)
	}
	h.check.Params = append(h.check.Params, p)
}

func (h *header) unless(value string) {
	code, sql, _ := strings.Cut(value, "|")
	u := Unless{olorin.Why(strings.TrimSpace(code)), strings.TrimSpace(sql)}
	if !slices.Contains(doubts, u.Code) || u.SQL == "" {
		h.fault("unless: %q; want one of %v, a | and a query that gives the reason", value, doubts)
		return
	}
	h.check.Unless = append(h.check.Unless, u)
}

// whole looks for what is missing, now that all is read.
func (h *header) whole() {
	for _, key := range []string{"id", "version", "title", "description", "needs", "group", "unit", "weight", "baseline", "sentence"} {
		if !h.seen[key] {
			h.fault("%s: missing", key)
		}
	}
	queries := h.check.SQL
	for _, u := range h.check.Unless {
		queries += "\n" + u.SQL
	}
	for _, m := range paramUse.FindAllStringSubmatch(queries, -1) {
		if name := m[1]; !slices.Contains(given, name) && !slices.ContainsFunc(h.check.Params, func(p Param) bool { return p.Name == name }) {
			h.fault("the query asks for $%s, which is no param", name)
		}
	}
}

// given are the parameters that every query may ask for and no header names.
var given = []string{peerParam, domainsParam, countriesParam, brokersParam, stepParam}

// paramUse finds the parameters that a query asks for.
var paramUse = regexp.MustCompile(`\$([a-z][a-z0-9_]*)`)

// Missing returns, for each need that the data set cannot meet, its alternatives joined by " or ".
func (c *Check) missing(d olorin.Dataset) []string {
	var missing []string
	for _, any := range c.Needs {
		any = c.expand(any)
		if !slices.ContainsFunc(any, d.Has) {
			missing = append(missing, strings.Join(any, " or "))
		}
	}
	return missing
}

// timeUnits are what a check may ask of times, and timeWords what those of a file may be, in seconds.
var (
	timeUnits = map[string]int64{"second": 1, "minute": 60, "hour": 3600}
	timeWords = map[int64]string{60: "minute", 3600: "hour", 86400: "day"}
)

// coarse tells of a needed column of times that does not tell as much as the check asks about.
func (c *Check) coarse(d olorin.Dataset) string {
	if c.Times == 0 {
		return ""
	}
	for _, any := range c.Needs {
		for _, col := range any {
			if step := d.Step(col); step > c.Times {
				return fmt.Sprintf("%s: the file tells only the %s; the check asks about less than that, and a column with the time of day would settle it", data.Called(col), timeWords[step])
			}
		}
	}
	return ""
}

func (c *Check) expand(any []string) []string {
	if i := slices.Index(any, account); i >= 0 {
		return slices.Concat(any[:i], accountColumns, any[i+1:])
	}
	return any
}

// values returns the parameters in force: those given where they are, else the defaults.
func (c *Check) values(given map[string]float64) map[string]float64 {
	v := map[string]float64{}
	for _, p := range c.Params {
		v[p.Name] = p.Default
		if g, ok := given[p.Name]; ok {
			v[p.Name] = g
		}
	}
	return v
}

// Faults returns everything that is wrong with given parameters, each at a pointer below base.
func (c *Check) faults(base string, given map[string]float64) []olorin.Fault {
	var faults []olorin.Fault
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(c.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			faults = append(faults, olorin.Fault{Pointer: base + "/" + name, Code: "unknown_param", Detail: fmt.Sprintf("%s has no parameter %q", c.ID, name)})
			continue
		}
		p, v := c.Params[i], given[name]
		if math.IsNaN(v) || v < p.Min || v > p.Max {
			faults = append(faults, olorin.Fault{Pointer: base + "/" + name, Code: "out_of_range", Detail: fmt.Sprintf("%s of %s is %v; want %v to %v %s", p.Title, c.ID, v, p.Min, p.Max, p.Unit)})
		}
	}
	return faults
}
