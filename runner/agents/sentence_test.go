package agents

import "testing"

func TestSharesAreToldAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		share    any
		pct, few string
	}{
		{nil, "an unknown share", "an unknown share"},
		{0.0, "0 %", "none"},
		{0.00004, "less than 0.01 %", "less than 0.01 %"},
		{0.00006, "0.01 %", "0.01 %"},
		{0.0049, "0.49 %", "0.49 %"},
		{0.5, "50 %", "50 %"},
		{0.9951, "99.51 %", "99.51 %"},
		{0.99999, "more than 99.99 %", "more than 99.99 %"},
		{1.0, "100 %", "100 %"},
	} {
		if pct, few := asPct(c.share), asFew(c.share); pct != c.pct || few != c.few {
			t.Errorf("%v: told as %q and %q, want %q and %q", c.share, pct, few, c.pct, c.few)
		}
	}
}
