package agents

import (
	"context"
	"regexp"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// passes finds the queries that pass over the whole file, whomever they are asked of.
var passes = regexp.MustCompile(`(?i)(\bfrom|\bjoin|,)\s+(events|flows)\b|\$` + brokersParam + `\b`)

// ofPeers has a query that is asked of a case asked of its peers instead: they are whom it is about.
const ofPeers = `cohort AS (SELECT * REPLACE (true AS mine) FROM main.cohort WHERE peer),
own AS (SELECT * EXCLUDE (mine, peer) FROM cohort)`

// Rates tells how strongly checks of a plan fire at the peers of a case, by tool: the mean over the accounts of the sample, with the
// strength of an account's strongest row. Absent are checks that the peers do not settle either (no column, no value, no baseline), those
// that would pass over the whole file once more, and those that failed.
func Rates(ctx context.Context, c *data.Case, d olorin.Dataset, plan []Choice) (map[string]float64, error) {
	rates := map[string]float64{}
	for _, j := range plan {
		t := j.Tool
		if t.Outside || passes.MatchString(t.SQL) {
			continue
		}
		if code, _, _ := t.Obstacle(d); code != "" || c.Counts().Rows < max(t.MinFileRows, t.MinRows) || t.unreadable(d) != "" {
			continue
		}
		rate, ok, err := t.rate(ctx, c, j.Params)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err == nil && ok {
			rates[t.ID] = rate
		}
	}
	return rates, nil
}

// rate is one of Rates; ok tells whether the peers settle the check.
func (t *Tool) rate(ctx context.Context, c *data.Case, params map[string]float64) (rate float64, ok bool, err error) {
	bound := t.bind(c, t.values(params))
	for _, reason := range []func() (string, error){
		func() (string, error) { return t.empty(ctx, c, ofPeers) },
		func() (string, error) { return t.listless(ctx, c) },
		func() (string, error) { _, r, err := t.doubt(ctx, c, ofPeers, bound); return r, err },
	} {
		if r, err := reason(); r != "" || err != nil {
			return 0, false, err
		}
	}
	row := "strength"
	if t.rowStrengths {
		row = "unnest(strengths)"
	}
	about, bystander := t.whose()
	query := "WITH " + ofPeers + ",\n" + t.found() + `,
evidence AS (SELECT strength, ` + about + ` AS about, ` + bystander + ` AS bystander, unnest(rows) AS row, ` + row + ` AS row_strength FROM found),
each AS (
  SELECT coalesce(subject, row_key) AS who, max(least(1, strength, row_strength) * CASE WHEN about IS NULL OR subject = about THEN 1 ELSE bystander END) AS strength
  FROM evidence JOIN cohort USING (row) GROUP BY who
)
SELECT (SELECT coalesce(sum(greatest(0, strength)), 0) FROM each) / nullif(count(DISTINCT coalesce(subject, row_key)), 0) AS rate FROM cohort`
	err = c.Query(ctx, query, bound, func(m map[string]any) error {
		rate, ok = toFloat(m["rate"])
		rate = sixth(min(1, rate))
		return nil
	})
	return rate, ok, err
}

// commonRate is how strongly a check that could not run is taken to fire where nothing of the file tells.
const commonRate = 0.05

// rate is how strongly a tool that was not assessed is taken to fire: as at the file's peers; where they do not settle it, as the checks of
// its agent do at them, else as all do.
func (f Facts) rate(agent, id string) float64 {
	if rate, ok := f.Rates[id]; ok {
		return rate
	}
	mean := func(of func(*Tool) bool) (float64, bool) {
		sum, n := 0.0, 0
		for _, c := range f.Plan {
			if rate, ok := f.Rates[c.Tool.ID]; ok && of(c.Tool) {
				sum, n = sum+rate, n+1
			}
		}
		return sixth(sum / float64(max(1, n))), n > 0
	}
	if rate, ok := mean(func(t *Tool) bool { return t.Agent == agent }); ok {
		return rate
	}
	if rate, ok := mean(func(*Tool) bool { return true }); ok {
		return rate
	}
	return commonRate
}
