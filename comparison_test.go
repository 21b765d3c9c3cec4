package olorin_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"pgregory.net/rapid"
)

// ran is a finished run with these findings.
func ran(id string, score float64, findings ...olorin.Finding) olorin.Investigation {
	return olorin.Investigation{
		ID: id, Status: olorin.Completed, Settings: olorin.DefaultSettings(),
		Results: &olorin.Results{RiskScore: &score, Findings: findings, Dataset: &olorin.DatasetStamp{SHA256: "a"}, Domains: []olorin.DomainScore{{Agent: "device", Risk: &score, Assessed: 2}}},
	}
}

func ids(list []olorin.FindingSide) string {
	var out []string
	for _, f := range list {
		out = append(out, f.ID)
	}
	return fmt.Sprint(out)
}

func TestTwoRunsAreCompared(t *testing.T) {
	f := func(id, tool, key string, strength float64) olorin.Finding {
		return olorin.Finding{ID: id, Agent: "device", Tool: tool, ToolVersion: 1, Key: key, Strength: strength, Weight: .5, Sentence: "seen", EvidenceTotal: 3}
	}
	same, weaker := f("1", "DEV-01", "a", 1), f("2", "DEV-01", "b", 1)
	gone, before := f("3", "DEV-02", "a", .4), f("4", "DEV-02", "b", .9)
	from := ran("old", 80, same, weaker, gone, before)
	weaker.Strength, weaker.Severity = .2, olorin.SeverityLow
	after := f("5", "DEV-02", "b", .9) // other rows, so another id
	added, stronger := f("6", "DEV-03", "a", .3), f("7", "DEV-03", "b", .8)
	to := ran("new", 60, same, weaker, after, added, stronger)
	to.Settings.RiskThreshold = 40
	to.Settings.ToolMatrix = []olorin.ToolChoice{{Agent: "location", Tool: "GEO-01", Enabled: true}, {Agent: "location", Tool: "GEO-02"}}
	to.Results.Dataset = &olorin.DatasetStamp{SHA256: "b"}
	from.Progress.Tools = []olorin.ToolProgress{{Agent: "device", Tool: "DEV-01", Outcome: olorin.Fired}, {Agent: "device", Tool: "DEV-02", Outcome: olorin.Fired}}
	to.Progress.Tools = []olorin.ToolProgress{{Agent: "device", Tool: "DEV-01", Outcome: olorin.Fired}, {Agent: "device", Tool: "DEV-02", Outcome: olorin.NotAssessed, Reason: "no column"}}

	c, err := olorin.CompareRuns(from, to)
	if err != nil {
		t.Fatal(err)
	}
	if c.Same != 1 || ids(c.Added) != "[7 6]" || ids(c.Gone) != "[3]" || c.SameData {
		t.Errorf("same %d, added %s, gone %s, same data %v", c.Same, ids(c.Added), ids(c.Gone), c.SameData)
	}
	var changed []string
	for _, p := range c.Changed {
		changed = append(changed, fmt.Sprint(p.From.ID, ">", p.To.ID, p.Fields))
	}
	if fmt.Sprint(changed) != "[4>5[evidence] 2>2[severity strength]]" {
		t.Errorf("changed %v", changed)
	}
	if len(c.Settings) != 2 || c.Settings[0].Was != "all that come with the server" || c.Settings[0].Is != "1, without GEO-02" ||
		c.Settings[1].Path != "risk_threshold" || string(c.Settings[1].From) != "60" || string(c.Settings[1].To) != "40" {
		t.Errorf("settings %+v", c.Settings)
	}
	if len(c.Domains) != 1 || *c.Domains[0].From != 80 || *c.Domains[0].To != 60 {
		t.Errorf("domains %+v", c.Domains)
	}
	if len(c.Tools) != 1 || c.Tools[0].Tool != "DEV-02" || c.Tools[0].To != olorin.NotAssessed || c.Tools[0].Reason != "no column" {
		t.Errorf("tools %+v", c.Tools)
	}
}

// Whatever two runs found: every finding of each is told once, and the other way round is the mirror image.
func TestAComparisonTellsEveryFindingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) olorin.Investigation {
			var list []olorin.Finding
			for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "3", "4", "5", "6"}), 0, 6, rapid.ID).Draw(t, label) {
				list = append(list, olorin.Finding{
					ID: id, Tool: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "tool"), Key: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "key"),
					Strength: rapid.SampledFrom([]float64{.2, .8}).Draw(t, "strength"), Weight: 1,
				})
			}
			return ran(label, 50, list...)
		}
		from, to := draw("from"), draw("to")
		there, err := olorin.CompareRuns(from, to)
		if err != nil {
			t.Fatal(err)
		}
		back, err := olorin.CompareRuns(to, from)
		if err != nil {
			t.Fatal(err)
		}
		if n := there.Same + len(there.Changed) + len(there.Gone); n != len(from.Results.Findings) {
			t.Fatalf("%d of %d findings of the first are told", n, len(from.Results.Findings))
		}
		if n := there.Same + len(there.Changed) + len(there.Added); n != len(to.Results.Findings) {
			t.Fatalf("%d of %d findings of the second are told", n, len(to.Results.Findings))
		}
		if there.Same != back.Same || len(there.Changed) != len(back.Changed) || len(there.Added) != len(back.Gone) {
			t.Fatalf("there %+v, back %+v", there, back)
		}
		self, err := olorin.CompareRuns(from, from)
		if err != nil || self.Same != len(from.Results.Findings) || len(self.Settings)+len(self.Domains)+len(self.Tools) != 0 {
			t.Fatalf("compared with itself: %+v, %v", self, err)
		}
		if !slices.IsSortedFunc(there.Added, func(a, b olorin.FindingSide) int { return int(10 * (b.Strength - a.Strength)) }) {
			t.Fatalf("added: %+v", there.Added)
		}
	})
}
