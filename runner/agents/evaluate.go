package agents

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Evaluation measures a ranking against known labels.
type Evaluation struct {
	N           int                `json:"n"`
	Positives   int                `json:"positives"`
	AUC         *float64           `json:"auc"`          // area under the ROC curve, 0..1; ties count half; null where all labels are alike
	PrecisionAt map[string]float64 `json:"precision_at"` // among the first 20 and 50
	RecallAt    map[string]float64 `json:"recall_at"`    // likewise
	// AveragePrecision is the area under the precision-recall curve, 0..1, by steps: each step in recall by the precision at it, those of
	// one score together (Handbook of fraud detection, chapter 4). Chance gives the share of positives. Null as for AUC.
	AveragePrecision *float64       `json:"average_precision"`
	Threshold        float64        `json:"threshold"` // the risk score with the best F1; at or above it counts as flagged
	Precision        float64        `json:"precision"` // at that threshold
	Recall           float64        `json:"recall"`
	Curve            []Point        `json:"-"` // what other thresholds would give
	PerCheck         []CheckQuality `json:"per_check"`
}

// Point is what one threshold gives.
type Point struct {
	Threshold float64 `json:"threshold"`
	Flagged   int     `json:"flagged"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// CheckQuality is how well one check alone tells positives.
type CheckQuality struct {
	Tool      string  `json:"tool"`
	Flagged   int     `json:"flagged"`
	Positives int     `json:"positives"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// judged is a ranked entity and what its labels say.
type judged struct {
	Ranked
	positive bool
}

// Evaluate compares a ranking, highest risk first, with the labels of the file's rows. An entity is positive where
// one of its rows is; labels are truth words (see Truth). Rows without a readable label leave their entity out
// unless another of its rows has one.
func Evaluate(items []Ranked, labels map[int64]string) Evaluation {
	var all []judged
	e := Evaluation{PrecisionAt: map[string]float64{}, RecallAt: map[string]float64{}, Curve: []Point{}}
	for _, item := range items {
		known, positive := false, false
		for _, row := range item.Rows {
			if yes, ok := Truth(labels[row]); ok {
				known, positive = true, positive || yes
			}
		}
		if known {
			all = append(all, judged{item, positive})
			e.N++
			if positive {
				e.Positives++
			}
		}
	}
	slices.SortStableFunc(all, func(a, b judged) int { return cmp.Compare(b.RiskScore, a.RiskScore) })

	for _, k := range []int{20, 50} {
		hits := 0
		for _, j := range all[:min(k, len(all))] {
			if j.positive {
				hits++
			}
		}
		if len(all) > 0 {
			e.PrecisionAt[strconv.Itoa(k)] = float64(hits) / float64(min(k, len(all)))
		}
		if e.Positives > 0 {
			e.RecallAt[strconv.Itoa(k)] = float64(hits) / float64(e.Positives)
		}
	}

	// One step for each distinct score, from above: what is flagged grows, and the pairs it wins make up the AUC.
	negatives := e.N - e.Positives
	won, area, tp, fp, best := 0.0, 0.0, 0, 0, -1.0
	for i := 0; i < len(all); {
		score, pos, neg := all[i].RiskScore, 0, 0
		for ; i < len(all) && all[i].RiskScore == score; i++ {
			if all[i].positive {
				pos++
			} else {
				neg++
			}
		}
		won += float64(pos)*float64(negatives-fp-neg) + 0.5*float64(pos)*float64(neg)
		tp, fp = tp+pos, fp+neg
		area += float64(pos) * float64(tp) / float64(tp+fp)
		if e.Positives == 0 || score <= 0 {
			continue
		}
		p := Point{Threshold: score, Flagged: tp + fp, Precision: float64(tp) / float64(tp+fp), Recall: float64(tp) / float64(e.Positives)}
		e.Curve = append(e.Curve, p)
		if tp == 0 {
			continue
		}
		if f1 := 2 * p.Precision * p.Recall / (p.Precision + p.Recall); f1 > best {
			best, e.Threshold, e.Precision, e.Recall = f1, p.Threshold, p.Precision, p.Recall
		}
	}
	if e.Positives > 0 && negatives > 0 {
		auc := won / (float64(e.Positives) * float64(negatives))
		area /= float64(e.Positives)
		e.AUC, e.AveragePrecision = &auc, &area
	}

	e.PerCheck = perCheck(all, e.Positives)
	return e
}

// perCheck tells of each check what it flagged and how much of that, and of all positives, is positive.
func perCheck(all []judged, positives int) []CheckQuality {
	checks := map[string]*CheckQuality{}
	for _, j := range all {
		for _, c := range j.Checks {
			q := checks[c.Tool]
			if q == nil {
				q = &CheckQuality{Tool: c.Tool}
				checks[c.Tool] = q
			}
			q.Flagged++
			if j.positive {
				q.Positives++
			}
		}
	}
	list := make([]CheckQuality, 0, len(checks))
	for _, q := range checks {
		q.Precision = float64(q.Positives) / float64(q.Flagged)
		if positives > 0 {
			q.Recall = float64(q.Positives) / float64(positives)
		}
		list = append(list, *q)
	}
	slices.SortFunc(list, func(a, b CheckQuality) int { return strings.Compare(a.Tool, b.Tool) })
	return list
}

// Truth reads a label: yes for true, t, yes, y, 1, 1.0, yes in other languages, and the words fraud, fraudulent, chargeback and bad; no for
// their opposites; ok is false for anything else, the empty text too. A number other than zero is yes.
func Truth(label string) (yes, ok bool) {
	switch l := strings.ToLower(strings.TrimSpace(label)); l {
	case "true", "t", "yes", "y", "ja", "oui", "sí", "si", "sim", "fraud", "fraudulent", "chargeback", "bad":
		return true, true
	case "false", "f", "no", "n", "nein", "non", "não", "nao", "legit", "legitimate", "genuine", "good", "ok", "non-fraud", "not fraud":
		return false, true
	default:
		n, err := strconv.ParseFloat(l, 64)
		return n != 0, err == nil
	}
}
