package agents_test

import (
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// A finding on more rows than it lists is given whole: its check is asked again, and believed where it comes to the same.
func TestAllRowsOfALargeFinding(t *testing.T) {
	t.Parallel()
	const accounts, rows = 10, 20_000
	engine := openEngine(t)
	file := newTable("user_id,event_time,device_id,city")
	for i := range rows {
		file.row(who(i%accounts), at(float64(10_000+i)), "shared", "") // within one window as DEV-01 parts time
	}
	for i := range 200 {
		file.row(who(100+i), at(float64(i)), "own"+who(i), "Paris")
	}
	d := importText(t, engine, "wide", file.String())
	tool, _ := agents.Find("DEV-01")
	r := investigate(t, engine, d, tool, who(1))
	if len(r.Findings) != 1 || r.Findings[0].EvidenceTotal != rows || len(r.Findings[0].EvidenceRows) != 1000 {
		t.Fatalf("%s, %q, %d findings; want one of %d rows that lists 1,000", r.Outcome, r.Reason, len(r.Findings), rows)
	}
	f := r.Findings[0]
	c, err := engine.OpenCase(t.Context(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: who(1)}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	read := func(f olorin.Finding, params map[string]float64) (agents.Evidence, map[int64]bool) {
		t.Helper()
		e, err := agents.EvidenceOf(t.Context(), c, f, params)
		if err != nil {
			t.Fatal(err)
		}
		seen, last := map[int64]bool{}, ""
		if err := e.Each(t.Context(), func(row olorin.EvidenceRow) error {
			seen[row.Row] = true
			if now, _ := row.Fields["event_time"].(string); now < last || row.Fields["device_id"] != "shared" {
				t.Fatalf("row %d of %v at %s, after one at %s", row.Row, row.Fields["device_id"], now, last)
			} else {
				last = now
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return e, seen
	}
	if e, seen := read(f, nil); e.Missing != "" || len(seen) != rows || len(e.Columns) != 3 {
		t.Errorf("%d rows, columns %v, missing %q; want all %d, without the empty column", len(seen), e.Columns, e.Missing, rows)
	}
	older, other := f, f
	older.ToolVersion++
	other.ID = "of another file"
	for _, f := range []olorin.Finding{older, other} {
		if e, seen := read(f, nil); e.Missing == "" || len(seen) != 1000 {
			t.Errorf("%d rows, missing %q; want the 1,000 that are listed, and why", len(seen), e.Missing)
		}
	}
}
