package store

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Precedents = (*DB)(nil)

// verdicts writes the verdicts that a change brought or took back.
func (t *tx) verdicts(num int64, before, after map[string]olorin.Review) error {
	for _, finding := range slices.Sorted(maps.Keys(after)) {
		was, now := before[finding].Verdict, after[finding]
		switch {
		case now.Verdict == nil && was == nil, now.Verdict != nil && was != nil && *now.Verdict == *was:
			continue
		case now.Verdict == nil:
			if err := t.exec(`DELETE FROM verdicts WHERE finding = $1 AND investigation = $2`, finding, num); err != nil {
				return err
			}
			continue
		}
		if err := t.exec(`
			INSERT INTO verdicts (finding, investigation, agent, tool, tool_version, verdict, at, counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (finding, investigation) DO UPDATE SET
				agent = excluded.agent, tool = excluded.tool, tool_version = excluded.tool_version, verdict = excluded.verdict, at = excluded.at, counts = excluded.counts`,
			finding, num, now.Agent, now.Tool, now.ToolVersion, string(now.Verdict.Verdict), now.Verdict.At.UnixMicro(), millionths(now.Counts)); err != nil {
			return err
		}
	}
	return nil
}

// millionths is a share as verdicts keep it.
func millionths(share float64) int64 { return int64(math.Round(1e6 * share)) }

// newestVerdict leaves of the verdicts v on a finding that several investigations hold the newest.
const newestVerdict = `NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.finding = v.finding AND (n.at > v.at OR n.at = v.at AND n.investigation > v.investigation))`

// Precedents counts the verdicts by check and version, in the order of agent, tool and version. A finding that several investigations
// hold counts once, with the newest verdict on it. Verdicts that are held in memory are not counted yet.
func (db *DB) Precedents(ctx context.Context) ([]olorin.Precedent, error) {
	list := []olorin.Precedent{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			p     olorin.Precedent
			since int64
		)
		err := scan(&p.Agent, &p.Tool, &p.ToolVersion, &p.Confirmed, &p.FalsePositive, &p.Undecided, &since)
		p.Since = olorin.FromMicro(since)
		list = append(list, p)
		return true, err
	}, `
		SELECT agent, tool, tool_version, COUNT(CASE WHEN verdict = 'confirmed' THEN 1 END), COUNT(CASE WHEN verdict = 'false_positive' THEN 1 END),
			COUNT(CASE WHEN verdict = 'undecided' THEN 1 END), MIN(at)
		FROM verdicts v WHERE `+newestVerdict+`
		GROUP BY agent, tool, tool_version ORDER BY agent, tool, tool_version`)
	if err != nil {
		return nil, translate("count the verdicts", err)
	}
	return list, nil
}

// Judged counts the same verdicts, but for undecided ones, by what the findings counted, least first.
func (db *DB) Judged(ctx context.Context) ([]olorin.Judged, error) {
	list := []olorin.Judged{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			j      olorin.Judged
			counts int64
		)
		err := scan(&counts, &j.Confirmed, &j.FalsePositive)
		j.Counts = float64(counts) / 1e6
		list = append(list, j)
		return true, err
	}, `
		SELECT counts, COUNT(CASE WHEN verdict = 'confirmed' THEN 1 END), COUNT(CASE WHEN verdict = 'false_positive' THEN 1 END)
		FROM verdicts v WHERE counts > 0 AND verdict <> 'undecided' AND `+newestVerdict+`
		GROUP BY counts ORDER BY counts`)
	if err != nil {
		return nil, translate("count the verdicts", err)
	}
	return list, nil
}
