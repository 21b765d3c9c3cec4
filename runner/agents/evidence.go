package agents

import (
	"context"
	"fmt"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// Evidence are the rows of a finding in the data set, to be read one by one.
type Evidence struct {
	Columns []string // in which any of the rows has a value
	Missing string   // why there are no more than the finding lists; "" where these are all

	rows   *data.Case
	query  string
	params map[string]any
}

// keyParam is the key of the finding whose rows are asked for; no check can have a parameter of this name.
const keyParam = "_key"

// EvidenceOf finds the rows of a finding. A finding lists the first of many: then its check is asked again, with the parameters of the run, and
// what it answers is taken where it is the same by the same rows, as the finding's id tells.
func EvidenceOf(ctx context.Context, c *data.Case, f olorin.Finding, params map[string]float64) (Evidence, error) {
	e := Evidence{rows: c, query: data.Numbers(f.EvidenceRows)}
	var err error
	if f.EvidenceTotal > len(f.EvidenceRows) {
		if e.Missing, err = e.askAgain(ctx, f, params); err != nil {
			return e, err
		}
	}
	if len(f.EvidenceRows) > 0 {
		e.Columns, err = c.Filled(ctx, e.query, e.params)
	}
	return e, err
}

// Each gives the rows in the order of time.
func (e Evidence) Each(ctx context.Context, each func(olorin.EvidenceRow) error) error {
	if len(e.Columns) == 0 {
		return nil
	}
	return e.rows.EachRow(ctx, e.query, e.params, each)
}

// askAgain makes the query that gives all rows, or says why it does not.
func (e *Evidence) askAgain(ctx context.Context, f olorin.Finding, params map[string]float64) (missing string, err error) {
	t, ok := Find(f.Tool)
	switch {
	case !ok:
		return "the check is not on this server any more", nil
	case t.Version != f.ToolVersion:
		return fmt.Sprintf("the finding is of version %d of the check, which is at version %d now", f.ToolVersion, t.Version), nil
	case t.Own && t.SHA256 != f.ToolSHA256:
		return "the file of the check was changed since", nil
	}
	bound := t.bind(e.rows, t.values(params))
	if missing, err = t.prepare(ctx, e.rows, bound); err != nil || missing != "" {
		return missing, t.told(ctx, err)
	}
	bound[keyParam] = f.Key
	with, hash := "WITH "+t.found()+", one AS (SELECT unnest(rows) AS row FROM found WHERE key = $"+keyParam+")\n", ""
	err = e.rows.Query(ctx, with+"SELECT md5(string_agg(row_key, ',' ORDER BY row_key)) AS hash FROM one JOIN events USING (row)", bound, func(m map[string]any) error {
		hash, _ = m["hash"].(string)
		return nil
	})
	if err != nil {
		return "", t.told(ctx, err)
	}
	if t.findingID(f.Key, hash) != f.ID {
		return "asked again, the check does not come to the same rows: lists or the server's data have changed since", nil
	}
	e.query, e.params = with+"SELECT row FROM one", bound
	return "", nil
}
