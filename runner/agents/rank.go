package agents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// Ranked is one entity of a file with its risk, found without a case.
type Ranked struct {
	Entity    string        `json:"entity"`
	RiskScore float64       `json:"risk_score"` // 0..100
	Checks    []RankedCheck `json:"checks"`     // strongest first; never nil
	Lists     []RankedList  `json:"lists,omitempty"`
	Rows      []int64       `json:"-"` // the entity's rows
}

// RankedList is a list that names an entity. In a case on it, a list of known good or bad decides, whatever the score.
type RankedList struct {
	Name string          `json:"name"`
	Kind olorin.ListKind `json:"kind"`
}

// RankedCheck is what one check says of an entity.
type RankedCheck struct {
	Tool     string  `json:"tool"`
	Strength float64 `json:"strength"` // 0..1
	Sentence string  `json:"sentence"`
}

// Ranking is the order of a file's entities, and what was not looked at.
type Ranking struct {
	Items       []Ranked                 `json:"items"` // highest risk first
	NotAssessed []olorin.NotAssessedTool `json:"not_assessed"`
}

// maxRepeats is how many findings of one check count for one entity; damping leaves nothing of further ones.
const maxRepeats = 8

// Rank orders every entity of a file by risk. by is the column that names the entities: any canonical column of ids
// (user_id, device_id, card_number, …); with transaction_id each row is an entity. params are by tool, then name.
//
// Each check runs once over the whole file; one that fails is told among those not assessed and does not end the ranking. A finding counts for the entities of its evidence rows, with the strength of
// the entity's strongest row in it, by the same scale as in a case (see Tool.Run), and adds up by the same score.
// Ties: more checks first, then by name.
func Rank(ctx context.Context, engine *data.Engine, d olorin.Dataset, by string, settings olorin.Settings, weights olorin.Weights) (Ranking, error) {
	var r Ranking
	column := rankColumn(d, by)
	if column == "" {
		return r, olorin.Errorf(olorin.CodeInvalid, "the file has no column that was taken for %q, so nothing can be ranked by it", by)
	}
	c, err := engine.OpenCase(ctx, d, data.Selection{})
	if err != nil {
		return r, fmt.Errorf("rank %s: %w", d.ID, err)
	}
	defer c.Close()
	ranks, err := group(ctx, c, column)
	if err != nil {
		return r, fmt.Errorf("rank %s by %s: %w", d.ID, by, err)
	}
	ranks.events = by == "transaction_id"
	for _, j := range Reweighed(Choose(settings.ToolMatrix, nil), weights) {
		if j.Tool.Outside {
			r.NotAssessed = append(r.NotAssessed, olorin.NotAssessedTool{Tool: j.Tool.ID, Agent: j.Tool.Agent, Code: olorin.WhyToolFailed, Reason: askedInRuns})
			continue
		}
		if err := ranks.ask(ctx, c, d, j.Tool, j.Params, &r.NotAssessed); err != nil {
			return Ranking{}, fmt.Errorf("rank %s by %s: %w", d.ID, by, err)
		}
	}
	r.Items = ranks.order(settings.Scoring)
	if err := ranks.lists(ctx, c, by, r.Items); err != nil {
		return Ranking{}, fmt.Errorf("look for %s on lists: %w", by, err)
	}
	return r, nil
}

// rankColumn is the SQL that names the entities, or "": as in a case, user_id and account_id stand in for each other;
// rows of a file without transaction ids are named by their number.
func rankColumn(d olorin.Dataset, by string) string {
	switch {
	case !slices.Contains(canonical, by):
		return ""
	case d.Has(by):
		return by
	case by == "user_id" && d.Has("account_id"):
		return "account_id"
	case by == "account_id" && d.Has("user_id"):
		return "user_id"
	case by == "transaction_id":
		return "'row ' || row"
	}
	return ""
}

// ranks is a ranking on its way.
type ranks struct {
	names    []string         // entity by number
	events   bool             // whether the entities are events, which no sentence names
	rows     [][]int64        // by entity
	entity   []int32          // by row number, -1 without one
	account  []int32          // by row number
	number   map[string]int32 // of an account
	accounts []int32          // distinct accounts by entity
	hits     [][]hit          // by entity
	spare    map[int]int      // the entities that a finding touches, with their place in a list; emptied after use
}

// hit is a finding of a tool as it concerns one entity.
type hit struct {
	tool     *Tool
	strength float64
	weight   float64
	sentence string
}

func group(ctx context.Context, c *data.Case, column string) (*ranks, error) {
	r := &ranks{spare: map[int]int{}}
	numbers, accounts := map[string]int32{}, map[string]int32{}
	r.number = accounts
	type pair struct{ entity, account int32 }
	seen := map[pair]bool{}
	err := c.Query(ctx, "SELECT row, ("+column+")::VARCHAR AS entity, coalesce(subject, '') AS account FROM events ORDER BY row", nil, func(m map[string]any) error {
		row, _ := m["row"].(int64)
		if row < 1 {
			return fmt.Errorf("row number %v is not 1 or more", m["row"])
		}
		for int64(len(r.entity)) <= row {
			r.entity = append(r.entity, -1)
			r.account = append(r.account, -1)
		}
		account, _ := m["account"].(string)
		a, ok := accounts[account]
		if !ok {
			a = int32(len(accounts))
			accounts[account] = a
		}
		r.account[row] = a
		name, _ := m["entity"].(string)
		if name == "" {
			return nil
		}
		e, ok := numbers[name]
		if !ok {
			e = int32(len(numbers))
			numbers[name] = e
			r.names = append(r.names, name)
			r.rows = append(r.rows, nil)
			r.accounts = append(r.accounts, 0)
		}
		r.entity[row] = e
		r.rows[e] = append(r.rows[e], row)
		if p := (pair{e, a}); !seen[p] {
			seen[p] = true
			r.accounts[e]++
		}
		return nil
	})
	r.hits = make([][]hit, len(r.names))
	return r, err
}

// ask runs one check over the whole file and gives its findings to the entities of their rows.
func (r *ranks) ask(ctx context.Context, c *data.Case, d olorin.Dataset, t *Tool, params map[string]float64, gaps *[]olorin.NotAssessedTool) error {
	gap := olorin.NotAssessedTool{Tool: t.ID, Agent: t.Agent}
	if gap.Code, gap.Reason, gap.Columns = t.Obstacle(d); gap.Code != "" {
		*gaps = append(*gaps, gap)
		return nil
	}
	if faults := t.faults("/params/"+t.ID, params); len(faults) > 0 {
		return olorin.Invalid("parameters of "+t.ID, faults...)
	}
	if gap.Code, gap.Reason = t.tooLittle(c, d); gap.Reason != "" {
		*gaps = append(*gaps, gap)
		return nil
	}
	reason, err := t.listless(ctx, c)
	if err != nil {
		return t.told(ctx, err)
	}
	if reason != "" {
		gap.Code, gap.Reason = olorin.WhyNoList, reason
		*gaps = append(*gaps, gap)
		return nil
	}
	values := t.values(params)
	bound := t.bind(c, values)
	gap.Code, reason, err = t.doubt(ctx, c, "", bound)
	if err == nil && reason == "" {
		gap.Code = olorin.WhyTooLarge
		reason, err = t.prepare(ctx, c, bound)
	}
	if err == nil && reason != "" {
		gap.Reason = reason
		*gaps = append(*gaps, gap)
		return nil
	}
	var all []found
	if err == nil {
		err = c.Query(ctx, "WITH "+t.found()+"\nSELECT * FROM found", bound, func(m map[string]any) error {
			f, err := t.read(m, values, c.Step())
			if err != nil {
				return err
			}
			if t.Own {
				for _, row := range f.rows {
					if row < 1 || row >= int64(len(r.account)) {
						return stray(f.Key, row)
					}
				}
			}
			f.Numbers = nil // a ranking tells sentences, and a file has many findings
			all = append(all, f)
			return nil
		})
	}
	switch {
	case ctx.Err() != nil:
		return t.told(ctx, err)
	case errors.Is(err, context.DeadlineExceeded):
		gap.Code, gap.Reason = olorin.WhyOutOfTime, outOfTime
	case err != nil:
		gap.Code, gap.Reason = olorin.WhyToolFailed, "the tool failed: "+err.Error()
	}
	if err != nil {
		*gaps = append(*gaps, gap)
		return nil
	}
	for _, f := range all {
		r.give(t, f)
	}
	return nil
}

func (r *ranks) give(t *Tool, f found) {
	type touch struct {
		entity   int32
		strength float64
		accounts []int32
		itself   bool // is whom the finding is about
	}
	about, named := r.number[f.about]
	var touched []touch
	clear(r.spare)
	for i, row := range f.rows {
		if row < 1 || row >= int64(len(r.entity)) || r.entity[row] < 0 {
			continue
		}
		e, strength := r.entity[row], f.Strength
		if t.rowStrengths {
			strength = f.strengths[i]
		}
		at, seen := r.spare[int(e)]
		if !seen {
			at = len(touched)
			r.spare[int(e)] = at
			touched = append(touched, touch{entity: e, itself: f.about == "" || r.names[e] == f.about})
		}
		touched[at].itself = touched[at].itself || named && r.account[row] == about
		touched[at].strength = max(touched[at].strength, strength)
		if a := r.account[row]; r.accounts[e] > 1 && !slices.Contains(touched[at].accounts, a) {
			touched[at].accounts = append(touched[at].accounts, a)
		}
	}
	for _, x := range touched {
		switch {
		case f.about != "" && r.names[x.entity] == f.about:
			x.strength = f.Strength
		case len(r.rows[x.entity]) > 1:
			x.strength = min(x.strength, f.Strength)
		}
		if !x.itself {
			x.strength = sixth(x.strength * f.bystander)
		}
		share := spread(int64(len(x.accounts)), int64(r.accounts[x.entity]))
		if x.strength*share < leastStrength {
			continue
		}
		sentence := f.Sentence
		if !r.events && !strings.Contains(sentence, r.names[x.entity]) {
			sentence = "Concerns " + r.names[x.entity] + ", too: " + sentence
		}
		r.hits[x.entity] = append(r.hits[x.entity], hit{t, x.strength, t.Weight * share, sentence})
	}
}

func (r *ranks) order(scoring olorin.Scoring) []Ranked {
	items := make([]Ranked, len(r.names))
	for e, name := range r.names {
		items[e] = Ranked{Entity: name, Rows: r.rows[e], Checks: []RankedCheck{}}
		hits := r.hits[e]
		slices.SortFunc(hits, func(a, b hit) int {
			return cmp.Or(cmp.Compare(b.strength*b.weight, a.strength*a.weight), strings.Compare(a.tool.ID, b.tool.ID), strings.Compare(a.sentence, b.sentence))
		})
		var signals []olorin.Signal
		repeats := map[string]int{}
		for _, h := range hits {
			repeats[h.tool.ID]++
			if repeats[h.tool.ID] == 1 {
				items[e].Checks = append(items[e].Checks, RankedCheck{Tool: h.tool.ID, Strength: h.strength, Sentence: h.sentence})
			}
			if repeats[h.tool.ID] <= maxRepeats {
				signals = append(signals, olorin.Signal{Agent: h.tool.Agent, Tool: h.tool.ID, Group: h.tool.Group, Strength: h.strength, Weight: h.weight})
			}
		}
		if len(signals) > 0 {
			items[e].RiskScore = scoring.Score(signals, nil).Score
		}
	}
	slices.SortFunc(items, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.RiskScore, a.RiskScore), len(b.Checks)-len(a.Checks), strings.Compare(a.Entity, b.Entity))
	})
	return items
}

// lists tells which lists name an entity.
func (r *ranks) lists(ctx context.Context, c *data.Case, by string, items []Ranked) error {
	if len(c.Lists()) == 0 {
		return nil
	}
	kinds := []string{by}
	if by == "user_id" || by == "account_id" {
		kinds = []string{"user_id", "account_id"}
	}
	place := make(map[string]int, len(items))
	for i, item := range items {
		place[item.Entity] = i
	}
	query := "SELECT DISTINCT name, kind, value FROM lists WHERE entity_type IN ('" + strings.Join(kinds, "', '") + "') AND kind IN ('good', 'bad', 'note') ORDER BY kind, name"
	return c.Query(ctx, query, nil, func(m map[string]any) error {
		if i, there := place[asText(m["value"])]; there {
			items[i].Lists = append(items[i].Lists, RankedList{asText(m["name"]), olorin.ListKind(asText(m["kind"]))})
		}
		return nil
	})
}
