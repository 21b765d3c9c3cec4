package olorin_test

import (
	"testing"

	"github.com/olorin-dev/olorin"
)

func TestCompleteInPart(t *testing.T) {
	told := func(codes ...olorin.Why) *olorin.Results {
		r := &olorin.Results{Partial: true}
		for _, code := range codes {
			r.NotAssessed = append(r.NotAssessed, olorin.NotAssessedTool{Code: code})
		}
		return r
	}
	for _, c := range []struct {
		status    olorin.Status
		results   *olorin.Results
		by        olorin.Why
		shortfall string
	}{
		{olorin.Completed, told(olorin.WhyToolFailed, olorin.WhyOutOfTime, olorin.WhyNoColumn, olorin.WhyOutOfTime), olorin.WhyOutOfTime, "2 checks ran out of time, 1 check failed"},
		{olorin.Completed, told(olorin.WhyNoColumn, olorin.WhyAgentTimeout), olorin.WhyAgentTimeout, "1 check waited in vain for its agent"},
		{olorin.Completed, &olorin.Results{NotAssessed: []olorin.NotAssessedTool{{Code: olorin.WhyNoColumn}}}, "", ""},
		{olorin.Running, told(olorin.WhyOutOfTime), "", "1 check ran out of time"},
	} {
		inv := olorin.Investigation{Status: c.status, Results: c.results}
		if by, text := inv.Item().Partial, c.results.Shortfall(); by != c.by || text != c.shortfall {
			t.Errorf("%s %+v: by %q, %q; want %q, %q", c.status, c.results.NotAssessed, by, text, c.by, c.shortfall)
		}
	}
}
