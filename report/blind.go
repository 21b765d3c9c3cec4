package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
)

// blind is one reason why checks could not look, with all that it kept from looking, those first that could add most.
type blind struct {
	Reason  string
	Columns []string // that would settle it
	Checks  []olorin.NotAssessedTool
}

// Blind are the checks that were not assessed by the reason, as people read them; programs have each by itself.
func (r Report) Blind() []blind {
	var reasons []blind
	sorted := slices.Clone(r.NotAssessed)
	slices.SortStableFunc(sorted, func(a, b olorin.NotAssessedTool) int { return cmp.Compare(b.CouldAdd, a.CouldAdd) })
	for _, n := range sorted {
		i := slices.IndexFunc(reasons, func(b blind) bool { return b.Reason == n.Reason && slices.Equal(b.Columns, n.Columns) })
		if i < 0 {
			i = len(reasons)
			reasons = append(reasons, blind{Reason: n.Reason, Columns: n.Columns})
		}
		reasons[i].Checks = append(reasons[i].Checks, n)
	}
	return reasons
}

// Named names the checks; of several each with what it could add.
func (b blind) Named() string { return named(b.Checks, len(b.Checks) > 1) }

func named(checks []olorin.NotAssessedTool, points bool) string {
	names := make([]string, len(checks))
	for i, n := range checks {
		names[i] = strings.TrimSpace(n.Tool + " " + n.Title)
		if points && n.CouldAdd > 0 {
			names[i] += fmt.Sprintf(" (%.1f)", n.CouldAdd)
		}
	}
	return strings.Join(names, "; ")
}

// Most is what the check among them that could add most would add, in points.
func (b blind) Most() float64 { return b.Checks[0].CouldAdd }
