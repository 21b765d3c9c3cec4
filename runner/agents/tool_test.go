package agents_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

const burst = "user_id,event_time,amount,latitude\nu1,2026-01-01T00:00:00Z,10,\nu1,2026-01-01T00:01:00Z,12,\nu2,2026-01-05T00:00:00Z,9,\n"

func TestWhyAToolDoesNotAssess(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "burst", burst)
	for _, c := range []struct {
		name, tool, user, reason string
	}{
		{"a column is missing", "DEV-01", "u1", "the file has no column for device"},
		{"too few rows of the account", "PAY-05", "u1", "too few rows: the check needs 20 of the accounts in question, and there are 2"},
		{"too small a file", "PAY-14", "u1", "too few rows: the check needs a file of 50, this one has 3"},
		{"nobody of that name", "VEL-01", "nobody", "no row of the file matches the entities and the time range"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tool, _ := agents.Find(c.tool)
			r := investigate(t, engine, d, tool, c.user)
			if r.Outcome != olorin.NotAssessed || r.Reason != c.reason {
				t.Errorf("%s: %s, %q; want not_assessed, %q", c.tool, r.Outcome, r.Reason, c.reason)
			}
		})
	}
	t.Run("a column without a value", func(t *testing.T) {
		d := importText(t, engine, "empty", "user_id,event_time,device_id\nu1,2026-01-01T00:00:00Z,\nu2,2026-01-02T00:00:00Z,d1\nu3,2026-01-02T00:00:00Z,d1\n")
		tool, _ := agents.Find("DEV-01")
		r := investigate(t, engine, d, tool, "u1")
		if r.Outcome != olorin.NotAssessed || !strings.Contains(r.Reason, "device_id") {
			t.Errorf("%s, %q; want not_assessed for want of device_id", r.Outcome, r.Reason)
		}
	})
}

// What a check needs beyond columns and rows it says in its header, and a case that lacks it is not told to be clear.
func TestDoubtsOfAHeader(t *testing.T) {
	engine := openEngine(t)
	file := newTable("user_id,event_time,amount,card_brand,card_bin,merchant_id")
	for i := range 1200 {
		file.row(who(i%200), at(float64(i)), 20+i%9, "house card", "411111", "m"+strconv.Itoa(i%700))
	}
	for i := range 400 {
		file.row("busy", at(float64(i)), 20+i%9, "house card", "411111", "m"+strconv.Itoa(i%300))
	}
	d := importText(t, engine, "doubts", file.String())
	for _, c := range []struct {
		tool, user string
		code       olorin.Why
		reason     string
	}{
		{"PAY-01", "busy", olorin.WhyNoValues, "none of the rows in question tells a brand beside the first digits of a card, nor whether it is prepaid"},
		{"PAY-06", "busy", olorin.WhyNoBaseline, "the amounts of the file span less than two orders of magnitude, and do not follow Benford's law by nature"},
		{"VEL-10", "busy", olorin.WhyNoBaseline, "the file spans 2 days; the check needs 7 to 4000"},
		{"VEL-06", "busy", olorin.WhyNoBaseline, "too short a past: the check needs 37 days of one account, the most here are 0"},
		{"VEL-05", who(3), olorin.WhyFewRows, "too few payments: the check needs 10 of one account, the most here are 6"},
	} {
		tool, _ := agents.Find(c.tool)
		if r := investigate(t, engine, d, tool, c.user); r.Outcome != olorin.NotAssessed || r.Code != c.code || r.Reason != c.reason {
			t.Errorf("%s: %s, %s, %q; want not_assessed, %s, %q", c.tool, r.Outcome, r.Code, r.Reason, c.code, c.reason)
		}
	}
}

func TestAToolThatRunsOutOfTime(t *testing.T) {
	dir := t.TempDir()
	engine, err := data.Open(dir, data.Limits{MemoryMB: 512, Threads: 1, Statement: time.Minute, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	d := importText(t, engine, "slow", burst)
	hasty, err := data.Open(dir, data.Limits{MemoryMB: 512, Threads: 1, Statement: time.Nanosecond, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	c, err := hasty.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "u1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tool, _ := agents.Find("VEL-01")
	r, err := tool.Run(context.Background(), c, d, nil)
	if err != nil || r.Outcome != olorin.NotAssessed || !strings.Contains(r.Reason, "out of time") {
		t.Errorf("%s, %q, %v; want not_assessed, out of time", r.Outcome, r.Reason, err)
	}
}

func TestAToolThatIsCancelled(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "cancel", burst)
	c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "u1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tool, _ := agents.Find("VEL-01")
	if _, err := tool.Run(ctx, c, d, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want context.Canceled", err)
	}
}

func TestParametersAreChecked(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "params", burst)
	c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "u1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tool, _ := agents.Find("VEL-01")
	_, err = tool.Run(context.Background(), c, d, map[string]float64{"per_day": 0, "colour": 3})
	if olorin.CodeOf(err) != olorin.CodeInvalid || !strings.Contains(err.Error(), "colour") || !strings.Contains(err.Error(), "per_day") {
		t.Errorf("error %v; want both faults told", err)
	}
}

func TestRankingNamesEntitiesAsACaseDoes(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "names", burst)
	for by, want := range map[string][]string{"account_id": {"u1", "u2"}, "transaction_id": {"row 1", "row 2", "row 3"}} {
		r, err := agents.Rank(context.Background(), engine, d, by, olorin.Settings{}, olorin.Weights{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range r.Items {
			got = append(got, item.Entity)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("by %s: %q; want %q", by, got, want)
		}
	}
}

// A merchant's case spans many accounts: what one of them did weighs little there, and is no grave matter of the merchant's.
func TestOneOddCustomerSaysLittleOfTheMerchant(t *testing.T) {
	engine := openEngine(t)
	file := newTable("user_id,event_time,amount,merchant_id")
	for i := range 99 {
		file.row(who(i), at(float64(i)), "40.00", "shop")
	}
	file.row("bad", at(200), "900.00", "shop")
	d := importText(t, engine, "merchant", file.String())
	run := func(e olorin.Entity) olorin.Finding {
		c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{e}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		tool, _ := agents.Find("PAY-14")
		r, err := tool.Run(context.Background(), c, d, nil)
		if err != nil || len(r.Findings) != 1 {
			t.Fatalf("%v, %d findings; want one", err, len(r.Findings))
		}
		return r.Findings[0]
	}
	of, at := run(olorin.Entity{Type: "user_id", Value: "bad"}), run(olorin.Entity{Type: "merchant_id", Value: "shop"})
	if of.Weight != 0.3 || at.Weight != 0.03 {
		t.Errorf("weight %v for the customer, %v for the merchant of 100; want 0.3 and a tenth of it", of.Weight, at.Weight)
	}
	if of.Severity != olorin.SeverityMedium || at.Severity != olorin.SeverityLow {
		t.Errorf("it is %s for the customer and %s for the merchant; want medium and low", of.Severity, at.Severity)
	}
	if of.ID != at.ID || of.Strength != at.Strength {
		t.Errorf("the finding itself changed: %s %v against %s %v", of.ID, of.Strength, at.ID, at.Strength)
	}
}
