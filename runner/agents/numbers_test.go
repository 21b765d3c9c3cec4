package agents_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// anew tells for each check how numbers of its sentence are worked out again, from the rows that the finding cites (cited) or from the file
// (events), in another way than the check does it. Shares of the file and odds are recomputed in TestNumbersRecomputed alone.
var anew = map[string]string{
	"GEO-01": "gap = max(t) - min(t); km = (SELECT 6371 * acos(sin(radians(a.latitude)) * sin(radians(b.latitude)) + cos(radians(a.latitude)) * cos(radians(b.latitude)) * cos(radians(b.longitude - a.longitude))) FROM cited a, cited b WHERE a.t < b.t); at_a = min(t); at_b = max(t)",
	"GEO-02": "at = min(t); earlier = (SELECT count(*) FROM bad WHERE t < (SELECT min(t) FROM cited))",
	"GEO-03": "k = count(DISTINCT ip_country); n = count(*); first_at = min(t); length = max(t) - min(t)",
	"GEO-04": "n = count(*)", "GEO-05": "n = count(*)",
	"GEO-06": "n = count(*); apart = max(abs(tz_offset_minutes - ip_tz_offset_minutes)) / 60",
	"GEO-07": "n = count(*); own_n = (SELECT count(*) FROM bad)",
	"GEO-08": "gap = max(t) - min(t); at = max(t)",
	"DEV-01": "k = count(DISTINCT subject); first_at = min(t); length = max(t) - min(t)",
	"DEV-02": "k = count(DISTINCT device_id); n = count(*); first_at = min(t); length = max(t) - min(t)",
	"DEV-03": "gap = max(t) - min(t); first_at = min(t)", "DEV-04": "gap = max(t) - min(t); at = max(t)", "DEV-05": "n = count(*)",
	"DEV-06": "n = count(*); quickest = min(t - epoch(session_start)); slowest = max(t - epoch(session_start))",
	"DEV-07": "n = count(*); first_at = min(t); mean = (max(t) - min(t)) / (count(*) - 1)",
	"DEV-08": "k = count(DISTINCT card_number); accounts = count(DISTINCT subject); n = count(*); length = max(t) - min(t)",
	"NET-01": "k = count(DISTINCT subject); first_at = min(t); length = max(t) - min(t)", "NET-02": "k = count(DISTINCT ip_address); n = count(*); length = max(t) - min(t)",
	"NET-03": "n = count(*); own_n = (SELECT count(*) FROM bad)", "NET-04": "k = count(DISTINCT subject); n = count(*); bad = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); first_at = min(t)",
	"NET-05": "n = count(*); own_n = (SELECT count(*) FROM bad)", "NET-06": "k = count(DISTINCT subject)", "NET-07": "n = count(*); own_n = (SELECT count(*) FROM bad)",
	"VEL-01": "n = count(*); own_n = (SELECT count(*) FROM bad); first_at = min(t); length = max(t) - min(t)",
	"VEL-02": "n = count(*); bad = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); median = quantile_cont(amount::DOUBLE, 0.5); cards = count(DISTINCT card_number); length = max(t) - min(t)",
	"VEL-03": "n = count(*); first_at = min(t); length = max(t) - min(t)", "VEL-04": "k = count(DISTINCT card_number); n = count(*); length = max(t) - min(t)",
	"VEL-05": "n = count(*); amount = max(amount); own_n = (SELECT count(*) FROM bad); median = (SELECT quantile_cont(amount::DOUBLE, 0.5) FROM bad)",
	"VEL-06": "n = count(*); at = max(t)", "VEL-07": "k = count(*); n = (SELECT count(*) FROM bad); ratio = count(*) / (SELECT count(*) FROM bad)",
	"VEL-08": "n = sum(CASE WHEN status_ok THEN 0 ELSE 1 END); at = max(t); length = max(t) - min(t)", "VEL-10": "n = count(*); at = min(t) - min(t) % 3600",
	"IDN-04": "k = count(DISTINCT subject)", "IDN-05": "k = count(DISTINCT subject)", "IDN-07": "k = count(DISTINCT subject)",
	"IDN-06": "age = min(t) - min(epoch(signup_time)); signed_up = min(epoch(signup_time))", "IDN-08": "gap = max(t) - min(t); moment = min(t)",
	"IDN-09": "k = count(DISTINCT email); n = count(*); length = max(t) - min(t)",
	"LNK-01": "k = count(DISTINCT subject)", "LNK-03": "amount = sum(amount); first_at = min(t); length = max(t) - min(t)",
	"LNK-04": "k = count(*); first = arg_min(amount, t); last = arg_max(amount, t); began = min(t); length = max(t) - min(t); ratio = arg_max(amount, t) / arg_min(amount, t)",
	"LNK-05": "k = count(DISTINCT subject) - 1; began = min(t); length = max(t) - min(t)", "LNK-06": "k = count(*) - 1; first = arg_min(amount, t); last = arg_max(amount, t); length = max(t) - min(t)",
	"PAY-01": "n = count(*)", "PAY-02": "n = count(*); low = min(amount); high = max(amount); sum = sum(amount); length = max(t) - min(t)",
	"PAY-03": "n = count(*) - 1; gone = arg_max(amount, t); came = sum(amount) - arg_max(amount, t); at = max(t)",
	"PAY-04": "n = count(*) FILTER (counterparty_id = 'bad'); came = sum(amount) FILTER (counterparty_id = 'bad'); gone = sum(amount) FILTER (subject = 'bad')",
	"PAY-05": "k = count(*); n = (SELECT count(*) FROM bad); ratio = count(*) / (SELECT count(*) FROM bad)", "PAY-06": "k = count(*); n = (SELECT count(*) FROM bad)",
	"PAY-07": "k = count(*); n = (SELECT count(*) FROM bad); amount = sum(amount)",
	"PAY-08": "n = count(*) - 1; high = max(amount); amount = min(amount); moment = max(t); length = max(t) - min(t)",
	"PAY-09": "n = count(*); amount = max(amount); first_at = min(t); length = max(t) - min(t)", "PAY-10": "n = count(*); amount = max(amount)", "PAY-11": "n = count(*)",
	"PAY-12": "n = count(*); low = min(amount); high = max(amount); sum = sum(amount); length = max(t) - min(t)", "PAY-14": "n = count(*); amount = max(amount)",
	"PAY-15": "after = count(*) - 1; k = count(*) - count(DISTINCT subject)",
}

// workedOutAnew compares the numbers of a finding with what its rows and the file say.
func workedOutAnew(t *testing.T, engine *data.Engine, d olorin.Dataset, f olorin.Finding) {
	t.Helper()
	c, err := engine.OpenCase(context.Background(), d, data.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	there := 0
	rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(f.EvidenceRows), " ", ", "), "[]")
	for _, one := range append(strings.Split(anew[f.Tool], "; "), "rows = count(*)") {
		name, expression, ok := strings.Cut(one, " = ")
		if !ok {
			continue
		}
		query := fmt.Sprintf("WITH bad AS (FROM events WHERE subject = 'bad'), cited AS (FROM events WHERE row IN (%s)) SELECT (%s)::DOUBLE AS anew FROM cited LIMIT 1", rows, expression)
		err := c.Query(context.Background(), query, nil, func(m map[string]any) error {
			want, ok := m["anew"].(float64)
			if !ok && f.Tool == "GEO-01" { // by countries: the rows have no coordinates
				return nil
			}
			if name == "rows" {
				there = int(want)
				return nil
			}
			got := math.NaN()
			switch v := f.Numbers[name].(type) {
			case int64:
				got = float64(v)
			case float64:
				got = v
			}
			if !(math.Abs(got-want) <= math.Min(0.5, 1e-5*math.Max(1, math.Abs(want)))) {
				t.Errorf("%s is %v in %q; worked out anew it is %v", name, f.Numbers[name], f.Sentence, want)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if there != f.EvidenceTotal {
		t.Errorf("%d of the %d rows cited are in the file", there, f.EvidenceTotal)
	}
}
