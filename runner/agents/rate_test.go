package agents_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// Forty accounts, two of them once through a VPN: NET-03 fires at these with −log10(2/40)/2, at the others not at all. Whom the case is
// about, one of these or not, changes nothing.
func TestPeersTellHowStronglyChecksFire(t *testing.T) {
	file := newTable("user_id,event_time,ip_address,is_vpn,email,counterparty_id,amount")
	for i := range 40 {
		file.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1), i < 2, "", fmt.Sprintf("shop%d", i%9), 20+i%7)
	}
	engine := openEngine(t)
	d := importText(t, engine, "peers", file.String())
	rates := func(user string) map[string]float64 {
		c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: user}}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got, err := agents.Rates(context.Background(), c, d, agents.Choose(nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := rates(who(9))
	if want := 2 * -math.Log10(2.0/40) / 2 / 40; math.Abs(got["NET-03"]-want) > 1e-6 {
		t.Errorf("NET-03 fires at %v; want %v", got["NET-03"], want)
	}
	if rate, ok := got["NET-05"]; !ok || rate != 0 {
		t.Errorf("NET-05 at %v, %v; want 0, for no address is reserved", rate, ok)
	}
	for _, tool := range []string{"GEO-05", "IDN-01", "LNK-01", "LNK-03", "LNK-09", "PAY-04", "VEL-10"} { // no column, no value, the whole file
		if rate, ok := got[tool]; ok {
			t.Errorf("%s at %v; want that the peers do not settle it", tool, rate)
		}
	}
	if other := rates(who(1)); !maps.Equal(got, other) {
		t.Errorf("the case changes its peers: %v and %v", got, other)
	}
}

func TestTheUpperEndIsMadeOfThePeers(t *testing.T) {
	inv, d := caseOfTwo()
	inv.Results = nil
	inv.Progress.Tools = []olorin.ToolProgress{
		{Tool: "NET-03", Agent: "network", Outcome: olorin.NotAssessed},
		{Tool: "NET-04", Agent: "network", Outcome: olorin.NotAssessed},
		{Tool: "GEO-01", Agent: "location", Outcome: olorin.NotAssessed},
		{Tool: "IDN-01", Agent: "identity", Outcome: olorin.Clear},
	}
	for _, c := range []struct {
		name  string
		rates map[string]float64
		want  [3]float64
	}{
		{"its own, its agent's, everybody's", map[string]float64{"NET-03": 0.02, "NET-05": 0.04, "IDN-01": 0.3}, [3]float64{0.02, 0.03, 0.12}},
		{"nobody could be asked", nil, [3]float64{0.05, 0.05, 0.05}},
	} {
		r := agents.Assess(inv, d, agents.Facts{Plan: agents.Choose(nil, nil), Rates: c.rates})
		clear, most := 1.0, 1.0
		for i, n := range r.NotAssessed {
			tool, _ := agents.Find(n.Tool)
			if n.BaseRate != c.want[i] {
				t.Errorf("%s: %s is taken at %v; want %v", c.name, n.Tool, n.BaseRate, c.want[i])
			}
			clear *= 1 - tool.Weight*n.BaseRate
			most = min(most, (1-tool.Weight)/(1-tool.Weight*n.BaseRate))
		}
		clear *= most // one of them may have fired in full
		if *r.RiskScore != 0 || math.Abs(r.ScoreInterval.High-100*(1-clear)) > 0.01 {
			t.Errorf("%s: score %v, up to %v; want 0, up to %v", c.name, *r.RiskScore, r.ScoreInterval.High, 100*(1-clear))
		}
	}
}

// Who pays a busy account is not what that account is: of what is found of a hub its forty payers are told a quarter, and so is who ranks the
// file; the few who feed a collector four tenths; the hub itself, seen as payer or as payee, in full. An address that tries passwords counts in full, whom it tried in vain four tenths.
func TestBystandersCountLess(t *testing.T) {
	file := newTable("user_id,event_time,counterparty_id,amount,ip_address,event_type,status")
	for i := range 60 {
		file.row(who(i), at(float64(9000+i)), "", "", fmt.Sprintf("81.2.69.%d", 1+i), "login", "success")
		if i < 20 {
			file.row(who(i), at(9100+float64(i)/10), "", "", "9.9.9.9", "login", "failure")
		}
		file.row(who(i), at(float64(i)), fmt.Sprintf("shop%d", i%20), 20, "", "", "")
		file.row(who(i), at(float64(i+100)), fmt.Sprintf("shop%d", i%15), 30, "", "", "")
	}
	for i := range 20 { // accounts that receive and pay
		file.row(fmt.Sprintf("shop%d", i), at(float64(5000+i)), fmt.Sprintf("landlord%d", i), 5, "", "", "")
	}
	for i := range 40 {
		file.row(who(i), at(float64(3000+i)), "hub", 10+i%3, "", "", "")
	}
	for i := range 4 {
		file.row(who(50+i), at(float64(8000+i)), "collector", 100, "", "", "")
	}
	file.row("collector", at(8010), "away", 396, "", "", "")
	engine := openEngine(t)
	d := importText(t, engine, "hub", file.String())
	tools := map[string]*agents.Tool{}
	for _, id := range []string{"LNK-03", "PAY-03", "NET-04"} {
		tools[id], _ = agents.Find(id)
	}
	strength := func(kind olorin.EntityType, value, tool string) float64 {
		c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: kind, Value: value}}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r, err := tools[tool].Run(context.Background(), c, d, nil)
		if err != nil || len(r.Findings) != 1 {
			t.Fatalf("%s of %s: %v, %+v", tool, value, err, r)
		}
		return r.Findings[0].Strength
	}
	hub, payer := strength("counterparty_id", "hub", "LNK-03"), strength("user_id", who(7), "LNK-03")
	if hub == 0 || math.Abs(payer-hub*10/40) > 1e-6 {
		t.Errorf("LNK-03 counts %v for the hub and %v for one of its 40 payers; want a quarter", hub, payer)
	}
	collector, feeder := strength("user_id", "collector", "PAY-03"), strength("user_id", who(51), "PAY-03")
	if collector == 0 || math.Abs(feeder-0.4*collector) > 1e-6 {
		t.Errorf("PAY-03 counts %v for the collector and %v for one of the four who feed it; want four tenths", collector, feeder)
	}
	address, tried := strength("ip_address", "9.9.9.9", "NET-04"), strength("user_id", who(7), "NET-04")
	if address == 0 || math.Abs(tried-0.4*address) > 1e-6 {
		t.Errorf("NET-04 counts %v for the address and %v for one it tried in vain; want four tenths", address, tried)
	}
	ranking, err := agents.Rank(context.Background(), engine, d, "user_id", olorin.Settings{}, olorin.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range ranking.Items {
		for _, c := range item.Checks {
			if item.Entity == who(7) && c.Tool == "LNK-03" && c.Strength != payer {
				t.Errorf("ranked, %s counts %v for %s; want %v as in a case", c.Tool, c.Strength, item.Entity, payer)
			}
			if item.Entity == "collector" && c.Tool == "PAY-03" && c.Strength != collector {
				t.Errorf("ranked, %s counts %v for %s; want %v as in a case", c.Tool, c.Strength, item.Entity, collector)
			}
		}
	}
}
