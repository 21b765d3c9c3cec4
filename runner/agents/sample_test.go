package agents_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data/demo"
)

// The sample that `olorin demo` makes has planted frauds and honest customers that look odd; docs/sample-data.md names them.
func TestPlantedFraudsAreFound(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sample.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Write(f, 20261031, 100_000); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	engine := openEngine(t)
	d := importFile(t, engine, "sample", path)
	_, e := evaluate(t, engine, d, "is_fraud", "user_id")
	if e.PrecisionAt["50"] < 0.9 {
		t.Errorf("of the first 50 users by risk %.0f are fraud; want at least 45", e.PrecisionAt["50"]*50)
	}
	scores := map[string]float64{}
	for _, c := range []struct {
		entity olorin.Entity
		high   bool
		tools  []string // that must fire
	}{
		{olorin.Entity{Type: "user_id", Value: "u_892677"}, true, []string{"GEO-01", "DEV-03", "VEL-05"}},
		{olorin.Entity{Type: "device_id", Value: "d_683eb6cea03f"}, true, []string{"VEL-02", "VEL-04", "VEL-01"}},
		{olorin.Entity{Type: "device_id", Value: "d_015ed9f84fab"}, true, []string{"DEV-01", "IDN-06"}},
		{olorin.Entity{Type: "user_id", Value: "u_889464"}, true, []string{"IDN-05", "IDN-06", "NET-06", "DEV-05", "DEV-06"}},
		{olorin.Entity{Type: "user_id", Value: "u_380675"}, true, []string{"PAY-04"}},
		{olorin.Entity{Type: "user_id", Value: "u_734735"}, false, nil},
		{olorin.Entity{Type: "user_id", Value: "u_266147"}, false, nil},
		{olorin.Entity{Type: "user_id", Value: "u_371620"}, false, nil},
		{olorin.Entity{Type: "device_id", Value: "d_76d20babd30f"}, false, nil},
		{olorin.Entity{Type: "ip_address", Value: "71.119.10.60"}, false, nil},
	} {
		r := wholeRun(t, engine, d, c.entity)
		scores[c.entity.Value] = *r.RiskScore
		t.Logf("%s: %.1f", c.entity.Value, *r.RiskScore)
		for _, f := range r.Findings[:min(14, len(r.Findings))] {
			t.Logf("  %s %.2f × %.2f %s", f.Tool, f.Strength, f.Weight, f.Sentence)
		}
		if (*r.RiskScore >= highBand) != c.high {
			t.Errorf("%s scores %.1f; want high: %v", c.entity.Value, *r.RiskScore, c.high)
		}
		for _, tool := range c.tools {
			if !slices.ContainsFunc(r.Findings, func(f olorin.Finding) bool { return f.Tool == tool }) {
				t.Errorf("%s: %s did not fire", c.entity.Value, tool)
			}
		}
	}

	// Whoever is looked at beside the victim takes nothing from what the victim deserves, and adds hardly anything.
	victim := olorin.Entity{Type: "user_id", Value: "u_892677"}
	campus := olorin.Entity{Type: "ip_address", Value: "71.119.10.60"}
	alone := scores[victim.Value]
	r := wholeRun(t, engine, d, campus, victim, olorin.Entity{Type: "user_id", Value: "nobody"}, olorin.Entity{Type: "device_id", Value: "d_76d20babd30f"})
	t.Logf("victim alone %.2f, with three others %.2f", alone, *r.RiskScore)
	if *r.RiskScore < alone || *r.RiskScore > alone+1 {
		t.Errorf("with three others the victim's case scores %.2f; alone %.2f", *r.RiskScore, alone)
	}
	sum := 0.0
	for _, c := range r.Contributions {
		sum += c.Points
	}
	if math.Abs(sum-*r.RiskScore) > 1e-6 {
		t.Errorf("the contributions sum to %v, not %v", sum, *r.RiskScore)
	}
}
