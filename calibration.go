package olorin

import (
	"fmt"
	"math"
)

const (
	// minVerdicts is how many verdicts a check needs before a weight is suggested (coss).
	minVerdicts = 20
	// priorVerdicts is how many verdicts the weight that a check came with counts for.
	priorVerdicts = 10
	// z95 is the 97.5 % quantile of the normal distribution.
	z95 = 1.959964
)

// Calibration is what the verdicts of people say of one version of a check.
type Calibration struct {
	Precedent
	Title     string    `json:"title"`
	Weight    float64   `json:"weight" doc:"What the check counts at full strength."`
	Labelled  int       `json:"labelled" doc:"Findings held to be right or wrong; undecided ones say nothing."`
	Precision *float64  `json:"precision" doc:"Share of the labelled that were right; null without any."`
	Interval  *Interval `json:"interval" doc:"95 % interval of the precision, by Wilson's score."`
	Suggested *float64  `json:"suggested_weight" doc:"(n × precision + 10 × weight) / (n + 10); null below 20 labelled. It is a suggestion: nothing applies it."`
	Reason    string    `json:"reason" doc:"Why there is a suggestion, or none."`
}

// Interval is a range of a share.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Calibrate compares the weight of a check with what people said of its findings. The suggestion shrinks the precision towards the
// weight that the check came with, as if that rested on ten verdicts; below twenty there is none.
func Calibrate(p Precedent, title string, weight float64) Calibration {
	n := p.Confirmed + p.FalsePositive
	c := Calibration{Precedent: p, Title: title, Weight: weight, Labelled: n}
	if n == 0 {
		c.Reason = "nobody has said yet whether its findings are right"
		return c
	}
	precision := float64(p.Confirmed) / float64(n)
	low, high := Wilson(p.Confirmed, n)
	c.Precision, c.Interval = new(fourth(precision)), &Interval{fourth(low), fourth(high)}
	if n < minVerdicts {
		c.Reason = fmt.Sprintf("%d labelled findings are too few for a suggestion; it takes %d", n, minVerdicts)
		return c
	}
	suggested := fourth((float64(n)*precision + priorVerdicts*weight) / float64(n+priorVerdicts))
	c.Suggested = &suggested
	c.Reason = fmt.Sprintf("%d of %d labelled findings were right, and the weight of %g counts for %d more", p.Confirmed, n, weight, priorVerdicts)
	return c
}

// Wilson is the 95 % interval of a share of which k of n were seen (E. B. Wilson, 1927). Of nothing seen it is everything.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return max(0, centre-half), min(1, centre+half)
}

func fourth(x float64) float64 { return math.Round(x*1e4) / 1e4 }
