package store

import (
	"context"
	"maps"
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
			INSERT INTO verdicts (finding, investigation, agent, tool, tool_version, verdict, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (finding, investigation) DO UPDATE SET
				agent = excluded.agent, tool = excluded.tool, tool_version = excluded.tool_version, verdict = excluded.verdict, at = excluded.at`,
			finding, num, now.Agent, now.Tool, now.ToolVersion, string(now.Verdict.Verdict), now.Verdict.At.UnixMicro()); err != nil {
			return err
		}
	}
	return nil
}

// Precedents counts the verdicts by check and version, in the order of agent, tool and version. A finding that several investigations
// hold counts once, with the newest verdict on it. Verdicts that are held in memory are not counted yet.
func (db *DB) Precedents(ctx context.Context) ([]olorin.Precedent, error) {
	list := []olorin.Precedent{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var p olorin.Precedent
		err := scan(&p.Agent, &p.Tool, &p.ToolVersion, &p.Confirmed, &p.FalsePositive, &p.Undecided)
		list = append(list, p)
		return true, err
	}, `
		SELECT agent, tool, tool_version, COUNT(CASE WHEN verdict = 'confirmed' THEN 1 END), COUNT(CASE WHEN verdict = 'false_positive' THEN 1 END),
			COUNT(CASE WHEN verdict = 'undecided' THEN 1 END)
		FROM verdicts v
		WHERE NOT EXISTS (SELECT 1 FROM verdicts n WHERE n.finding = v.finding AND (n.at > v.at OR n.at = v.at AND n.investigation > v.investigation))
		GROUP BY agent, tool, tool_version ORDER BY agent, tool, tool_version`)
	if err != nil {
		return nil, translate("count the verdicts", err)
	}
	return list, nil
}
