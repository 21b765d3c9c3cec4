package olorin

import (
	"fmt"
	"math"
)

// plotted is how many verdicts a reliability plot wants: with ten bins, some twenty for each.
const plotted = 200

// Reliability holds what findings counted against how often they were right. A finding that counts p makes a score of 100 p by itself, so
// it tells how far scores are from being chances.
type Reliability struct {
	Labelled  int              `json:"labelled" doc:"Findings held to be right or wrong, of which it is known what they counted."`
	Needed    int              `json:"needed" doc:"How many the plot wants; with fewer it has no bins."`
	Bins      []ReliabilityBin `json:"bins" doc:"By what the findings counted, in tenths, least first; those in which there is none are left out."`
	Apart     *float64         `json:"apart" doc:"0..1, how far share and counts lie apart, on average over the findings (expected calibration error); null without bins."`
	Statement string           `json:"statement"`
}

// ReliabilityBin are the findings that counted from From up to To.
type ReliabilityBin struct {
	From     float64  `json:"from"`
	To       float64  `json:"to"`
	Labelled int      `json:"labelled"`
	Counted  float64  `json:"counted" doc:"0..1, on average."`
	Right    float64  `json:"right" doc:"0..1, the share that was held to be right."`
	Interval Interval `json:"interval" doc:"95 % interval of that share, by Wilson's score."`
}

// Reliable makes the plot of what was judged.
func Reliable(judged []Judged) Reliability {
	r := Reliability{Needed: plotted, Bins: []ReliabilityBin{}}
	const tenths = 10
	var right, labelled [tenths]int
	var counted [tenths]float64
	for _, j := range judged {
		n := j.Confirmed + j.FalsePositive
		bin := min(tenths-1, int(math.Floor(j.Counts*tenths+1e-9))) // .3 × 10 is a bit less than 3
		right[bin], labelled[bin], counted[bin] = right[bin]+j.Confirmed, labelled[bin]+n, counted[bin]+float64(n)*j.Counts
		r.Labelled += n
	}
	if r.Labelled < plotted {
		r.Statement = fmt.Sprintf("Uncalibrated score, not a probability: to see how far scores are from chances takes %d findings held to be right or wrong; so far there are %d.", plotted, r.Labelled)
		return r
	}
	apart := 0.0
	for bin, n := range labelled {
		if n == 0 {
			continue
		}
		low, high := Wilson(right[bin], n)
		b := ReliabilityBin{
			From: float64(bin) / tenths, To: float64(bin+1) / tenths, Labelled: n, Counted: fourth(counted[bin] / float64(n)), Right: fourth(float64(right[bin]) / float64(n)),
			Interval: Interval{fourth(low), fourth(high)},
		}
		apart += float64(n) / float64(r.Labelled) * math.Abs(b.Right-b.Counted)
		r.Bins = append(r.Bins, b)
	}
	r.Apart = new(fourth(apart))
	r.Statement = fmt.Sprintf("By %d findings held to be right or wrong, what a finding counts and how often it is right lie %.0f points of 100 apart on average. Scores are still no probabilities: only what people looked at was judged, and findings of one case hang together.", r.Labelled, 100*apart)
	return r
}
