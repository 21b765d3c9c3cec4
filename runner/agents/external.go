package agents

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// Offer is a tool that an agent outside of this program offers.
type Offer struct {
	Tool        string  `json:"tool" minLength:"4" maxLength:"16" doc:"Capitals and digits, a dash, and digits, such as ACME-01; none of the built-in ones."`
	Title       string  `json:"title" minLength:"1" maxLength:"100"`
	Description string  `json:"description,omitempty" maxLength:"1000"`
	Version     int     `json:"version" minimum:"1" doc:"Stands in every finding; raise it when the same rows may lead to another finding."`
	Weight      float64 `json:"weight" minimum:"0.01" maximum:"0.7" doc:"What a finding counts at full strength."`
	Group       string  `json:"group,omitempty" maxLength:"64" doc:"Tools of one group measure related things and are damped together."`
	Baseline    string  `json:"baseline,omitempty" maxLength:"200" doc:"What findings are measured against."`
	Params      []Param `json:"params,omitempty" maxItems:"20"`
}

var offerForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,11}-[0-9]{1,3}$`)

// OfferFaults returns everything that is wrong with an agent and its offers.
func OfferFaults(agent string, offers []Offer) []olorin.Fault {
	var faults []olorin.Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, olorin.Fault{Pointer: pointer, Code: code, Detail: fmt.Sprintf(format, args...)})
	}
	if slices.ContainsFunc(catalogue, func(a Agent) bool { return a.ID == agent }) || slices.Contains(agentIDs(), agent) {
		add("/agent", "taken", "%s is a built-in agent; use a token of another name", agent)
	}
	if len(offers) == 0 {
		add("/tools", "required", "offer at least one tool")
	}
	seen := map[string]bool{}
	for i, o := range offers {
		at := "/tools/" + strconv.Itoa(i)
		_, builtIn := Find(o.Tool)
		switch {
		case !offerForm.MatchString(o.Tool):
			add(at+"/tool", "invalid", "%q; want capitals and digits, a dash, and digits, such as ACME-01", o.Tool)
		case builtIn:
			add(at+"/tool", "taken", "%s is a built-in tool", o.Tool)
		case seen[o.Tool]:
			add(at+"/tool", "duplicate", "%s is offered twice", o.Tool)
		}
		seen[o.Tool] = true
		for n, p := range o.Params {
			if !nameForm.MatchString(p.Name) {
				add(fmt.Sprintf("%s/params/%d/name", at, n), "invalid", "%q; want small letters, digits and _", p.Name)
			}
			if p.Min >= p.Max || p.Default < p.Min || p.Default > p.Max {
				add(fmt.Sprintf("%s/params/%d/default", at, n), "out_of_range", "the default %v is not within %v..%v", p.Default, p.Min, p.Max)
			}
		}
	}
	return faults
}

// External is the tool of an offer, in the hands of its agent.
func External(agent string, o Offer) *Tool {
	return &Tool{Agent: agent, Outside: true, Check: &Check{
		ID: o.Tool, Version: o.Version, Title: olorin.MaskCards(o.Title), Description: olorin.MaskCards(o.Description), Group: o.Group, Weight: o.Weight,
		Baseline: o.Baseline, Unit: "entity", Params: o.Params,
	}}
}

// Claim is what an external agent says that it found: a finding before it is believed.
type Claim struct {
	Key      string         `json:"key" minLength:"1" maxLength:"200" doc:"The unit found, unique in a report: a user, a device, a pair of rows."`
	Sentence string         `json:"sentence" minLength:"1" maxLength:"1000" doc:"What was found, with its numbers."`
	Strength float64        `json:"strength" minimum:"0.000001" maximum:"1"`
	Rows     []int64        `json:"rows" minItems:"1" maxItems:"1000" doc:"Numbers of the rows that show it, of those that were handed out."`
	Numbers  map[string]any `json:"numbers,omitempty" doc:"The numbers of the sentence, for programs."`
}

// Accept makes findings of claims. Entities and evidence are read from the file, never from the claim. A claim that names rows that
// were not handed out, or none in scope, is refused, with everything else that is wrong, as CodeInvalid.
func (t *Tool) Accept(ctx context.Context, c *data.Case, claims []Claim) ([]olorin.Finding, error) {
	var faults []olorin.Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, olorin.Fault{Pointer: pointer, Code: code, Detail: fmt.Sprintf(format, args...)})
	}
	var cited []int64
	for _, claim := range claims {
		cited = append(cited, claim.Rows...)
	}
	slices.Sort(cited)
	cited = slices.Compact(cited)
	own := map[int64]row{}
	if len(cited) > 0 {
		list := make([]string, len(cited))
		for i, n := range cited {
			list[i] = fmt.Sprintf("(%d::BIGINT)", n)
		}
		query := `SELECT "row", row_key, in_scope, parts FROM own WHERE "row" IN (SELECT n FROM (VALUES ` + strings.Join(list, ", ") + `) AS cited(n))`
		err := c.Query(ctx, query, nil, func(m map[string]any) error {
			n, _ := m["row"].(int64)
			inScope, _ := m["in_scope"].(bool)
			parts, _ := m["parts"].(int64)
			own[n] = row{key: asText(m["row_key"]), inScope: inScope, parts: parts}
			return nil
		})
		if err != nil {
			return nil, t.told(ctx, err)
		}
	}
	keys := map[string]int{}
	claims = slices.Clone(claims)
	for i := range claims {
		claims[i].Key, claims[i].Sentence, claims[i].Numbers = olorin.MaskCards(claims[i].Key), olorin.MaskCards(claims[i].Sentence), maskNumbers(claims[i].Numbers)
	}
	for i, claim := range claims {
		at := "/findings/" + strconv.Itoa(i)
		if first, ok := keys[claim.Key]; ok {
			add(at+"/key", "duplicate", "%q is already the key of finding %d", claim.Key, first)
		}
		keys[claim.Key] = i
		inScope, unknown := false, 0
		for n, number := range claim.Rows {
			r, ok := own[number]
			if !ok {
				if unknown++; unknown <= 10 {
					add(fmt.Sprintf("%s/rows/%d", at, n), "unknown_row", "row %d is not among the rows that were handed out for this work", number)
				}
			}
			inScope = inScope || r.inScope
		}
		if !inScope && unknown == 0 {
			add(at+"/rows", "out_of_scope", "none of the rows matches the entities and the time range of the investigation")
		}
	}
	if len(faults) > 0 {
		return nil, olorin.Invalid("the report was refused and nothing of it was kept", faults...)
	}
	findings := make([]olorin.Finding, 0, len(claims))
	for _, claim := range claims {
		rows := slices.Clone(claim.Rows)
		slices.Sort(rows)
		rows = slices.Compact(rows)
		evidence, err := c.Rows(ctx, rows[:min(len(rows), maxEvidence)])
		if err != nil {
			return nil, t.told(ctx, err)
		}
		met, err := membersOf(ctx, c, rows)
		if err != nil {
			return nil, t.told(ctx, err)
		}
		parts := []string{t.ID, strconv.Itoa(t.Version), claim.Key}
		for _, n := range rows {
			parts = append(parts, own[n].key)
		}
		slices.Sort(parts[3:])
		var shown []olorin.Part
		for at, e := range c.Entities() {
			if len(c.Entities()) > 1 && slices.ContainsFunc(rows, func(n int64) bool { return own[n].parts&(1<<at) != 0 }) {
				shown = append(shown, olorin.Part{Type: e.Type, Value: e.Value, Strength: sixth(claim.Strength), Weight: t.Weight})
			}
		}
		findings = append(findings, olorin.Finding{
			ID: shortHash(parts...), Agent: t.Agent, Tool: t.ID, ToolVersion: t.Version, Group: t.Group,
			Title: t.Title, Sentence: claim.Sentence, Baseline: t.Baseline, Key: claim.Key, Strength: sixth(claim.Strength), Weight: t.Weight, Parts: shown,
			Entities: append(met.Entities, transactions(evidence)...), EntitiesTotal: met.EntitiesTotal, Numbers: claim.Numbers, Evidence: evidence, EvidenceRows: rows, EvidenceTotal: len(rows),
		})
	}
	return findings, nil
}

// maskNumbers masks the card numbers among what a claim gives for programs.
func maskNumbers(numbers map[string]any) map[string]any {
	kept := maps.Clone(numbers)
	for name, value := range kept {
		kept[name] = masked(value)
	}
	return kept
}

func masked(value any) any {
	switch v := value.(type) {
	case string:
		return olorin.MaskCards(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); olorin.IsCard(text) {
			return olorin.MaskCards(text)
		}
	case map[string]any:
		return maskNumbers(v)
	case []any:
		kept := slices.Clone(v)
		for i := range kept {
			kept[i] = masked(kept[i])
		}
		return kept
	}
	return value
}

type row struct {
	key     string
	inScope bool
	parts   int64 // see data.Case
}

// OwnRows returns rows of the accounts in question after a row number, by number, each with whether it is in scope.
func OwnRows(ctx context.Context, c *data.Case, after int64, limit int) (numbers []int64, inScope map[int64]bool, err error) {
	inScope = map[int64]bool{}
	err = c.Query(ctx, fmt.Sprintf(`SELECT "row", in_scope FROM own WHERE "row" > %d ORDER BY "row" LIMIT %d`, after, limit), nil, func(m map[string]any) error {
		n, _ := m["row"].(int64)
		numbers = append(numbers, n)
		inScope[n], _ = m["in_scope"].(bool)
		return nil
	})
	return numbers, inScope, err
}
