package agents_test

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// sharedData finds the labelled files that lie beside the repository on the project's own machines.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("OLORIN_TEST_DATA"), "../../../shared/data"), name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the labelled file %s is not here (set OLORIN_TEST_DATA to the folder that has it)", name)
	}
	return path
}

func openEngine(t testing.TB) *data.Engine {
	t.Helper()
	engine, err := data.Open(t.TempDir(), data.Limits{MemoryMB: 1024, Threads: 2, Statement: 5 * time.Minute, MaxBytes: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func importFile(t testing.TB, engine *data.Engine, id, path string) olorin.Dataset {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := engine.Import(context.Background(), f, data.ImportOptions{ID: id, UserID: "u", Name: id, Filename: filepath.Base(path)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func evaluate(t testing.TB, engine *data.Engine, d olorin.Dataset, label, by string) (agents.Ranking, agents.Evaluation) {
	t.Helper()
	started := time.Now()
	ranking, err := agents.Rank(context.Background(), engine, d, by, olorin.Settings{}, olorin.Weights{})
	if err != nil {
		t.Fatal(err)
	}
	for _, gap := range ranking.NotAssessed {
		if strings.Contains(gap.Reason, "failed") || strings.Contains(gap.Reason, "out of time") {
			t.Errorf("%s: %s", gap.Tool, gap.Reason)
		}
	}
	labels, err := engine.Labels(context.Background(), d, label)
	if err != nil {
		t.Fatal(err)
	}
	e := agents.Evaluate(ranking.Items, labels)
	auc, area := 0.0, 0.0
	if e.AUC != nil {
		auc, area = *e.AUC, *e.AveragePrecision
	}
	t.Logf("%s by %s: n %d, positives %d, AUC %.3f, average precision %.3f, P@20 %.2f, P@50 %.2f; at %.1f precision %.3f recall %.3f; ranked in %v",
		d.Name, by, e.N, e.Positives, auc, area, e.PrecisionAt["20"], e.PrecisionAt["50"], e.Threshold, e.Precision, e.Recall, time.Since(started).Round(time.Millisecond))
	for _, q := range e.PerCheck {
		t.Logf("  %s flagged %5d precision %.3f recall %.3f", q.Tool, q.Flagged, q.Precision, q.Recall)
	}
	return ranking, e
}

func TestQualityChargebacks(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "cloudwalk-chargebacks/transactions.crlf.csv")
	engine := openEngine(t)
	d := importFile(t, engine, "chargebacks", path)

	_, users := evaluate(t, engine, d, "has_cbk", "user_id")
	if got := users.PrecisionAt["20"]; got < 0.75 {
		t.Errorf("of the first 20 users by risk %.0f have a chargeback; want at least 15", got*20)
	}
	_, rows := evaluate(t, engine, d, "has_cbk", "transaction_id")
	if rows.AUC == nil || *rows.AUC < 0.90 {
		t.Errorf("AUC of transactions is below .90")
	}
}

func TestQualityFastSignUps(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "fraud-ecommerce-30k/fraud_data.csv")
	engine := openEngine(t)
	d := importFile(t, engine, "ecommerce", path)
	_, e := evaluate(t, engine, d, "class", "user_id")
	reached := 0.0
	for _, p := range e.Curve {
		if p.Precision >= 0.75 && p.Recall > reached {
			reached = p.Recall
		}
	}
	t.Logf("recall at precision ≥ .75: %.3f", reached)
	if reached < 0.50 {
		t.Errorf("recall at precision ≥ .75 is %.3f; want at least .50", reached)
	}
}

func TestQualitySimulatedCards(t *testing.T) {
	t.Parallel()
	path := sharedData(t, "handbook-simulated/handbook-2018-04-01_14.csv")
	engine := openEngine(t)
	d := importFile(t, engine, "handbook", path)
	ranking, _ := evaluate(t, engine, d, "TX_FRAUD", "transaction_id")
	scenarios, err := engine.Labels(context.Background(), d, "TX_FRAUD_SCENARIO")
	if err != nil {
		t.Fatal(err)
	}
	// Scenario 1 is every amount above 220. PAY-14 grades amounts against the file: from the strongest down, how many rows are
	// taken until nearly all of the scenario is found, and how many of those are no fraud at all?
	frauds, err := engine.Labels(context.Background(), d, "TX_FRAUD")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, s := range scenarios {
		if s == "1" {
			total++
		}
	}
	type graded struct {
		row      int64
		strength float64
	}
	var rows []graded
	for _, item := range ranking.Items {
		for _, c := range item.Checks {
			if c.Tool == "PAY-14" {
				rows = append(rows, graded{item.Rows[0], c.Strength})
			}
		}
	}
	slices.SortFunc(rows, func(a, b graded) int { return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.row, b.row)) })
	taken, hit, fraud := 0, 0, 0
	for _, r := range rows {
		if hit >= (total*95+99)/100 {
			break
		}
		taken++
		if scenarios[r.row] == "1" {
			hit++
		}
		if frauds[r.row] == "1" {
			fraud++
		}
	}
	t.Logf("PAY-14 alone: scenario 1 has %d rows; among the first %d graded are %d of them, and %d of any fraud (precision %.3f, recall %.3f)",
		total, taken, hit, fraud, float64(fraud)/float64(taken), float64(hit)/float64(total))
	for _, s := range []string{"1", "2", "3"} {
		n, flagged := 0, 0
		for _, item := range ranking.Items {
			if scenarios[item.Rows[0]] == s {
				n++
				if item.RiskScore >= 10 {
					flagged++
				}
			}
		}
		t.Logf("scenario %s: %d rows, %d with a score of 10 or more", s, n, flagged)
	}
}
