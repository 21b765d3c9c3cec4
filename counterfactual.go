package olorin

import (
	"cmp"
	"slices"
)

// maxScored bounds how many sets of findings Without scores before it stops looking for the smallest.
const maxScored = 20_000

// Without answers what a score hangs on: the fewest signals, by index, without which it is below the threshold, and that score. Among
// sets of one size it is the one that leaves the lowest score, then the one of the earlier signals. It is empty where the score is below
// already, or cannot be brought below (a threshold of 0).
//
// What reaches the threshold alone belongs to every such set. To it sets are added by size, smallest first, up to maxScored of them: then
// the answer is exact. Beyond, it is made step by step, each time leaving out the signal that lowers the score most, and at the end taking
// back whatever can be spared; that set is small, and no signal of it can be left in, but a smaller one may exist.
func (form Scoring) Without(signals []Signal, threshold float64) (without []int, score float64, exact bool) {
	c := counterfactual{form: form, entities: form.byEntity(signals), threshold: threshold, gone: make([]bool, len(signals))}
	if all := c.left(nil); all < threshold || threshold <= 0 {
		return nil, all, true
	}
	c.sort()
	if without, score = c.fewest(); without == nil {
		without, score = c.stepwise()
	} else {
		exact = true
	}
	slices.Sort(without)
	return without, score, exact
}

// counterfactual looks for what a score hangs on.
type counterfactual struct {
	form      Scoring
	entities  [][]counted
	threshold float64
	must      []int     // signals that reach the threshold alone
	others    []int     // that count, largest first: sets of few large ones are tried first
	gone      []bool    // by signal, while left works
	rest      []counted // is room for it
}

// left is the score without some signals.
func (c *counterfactual) left(out []int) (score float64) {
	for _, i := range out {
		c.gone[i] = true
	}
	for _, own := range c.entities {
		c.rest = c.rest[:0]
		for _, s := range own {
			if !c.gone[s.at] {
				c.rest = append(c.rest, s)
			}
		}
		score = max(score, hundredth(100*c.form.total(c.rest)))
	}
	for _, i := range out {
		c.gone[i] = false
	}
	return score
}

// sort parts the signals that count into must and others.
func (c *counterfactual) sort() {
	most, alone := make([]float64, len(c.gone)), make([]float64, len(c.gone)) // what each counts at most, and the score of it alone
	for _, own := range c.entities {
		for _, s := range own {
			most[s.at], alone[s.at] = max(most[s.at], s.whole), max(alone[s.at], hundredth(100*c.form.total([]counted{s})))
		}
	}
	for i, p := range most {
		switch {
		case p == 0:
		case alone[i] >= c.threshold:
			c.must = append(c.must, i)
		default:
			c.others = append(c.others, i)
		}
	}
	slices.SortStableFunc(c.others, func(a, b int) int { return cmp.Compare(most[b], most[a]) })
}

// fewest tries sets by size; nil where the answer is not among the first maxScored.
func (c *counterfactual) fewest() (without []int, score float64) {
	scored := 0
	for size := range len(c.others) + 1 {
		if scored += binomial(len(c.others), size); scored > maxScored {
			break
		}
		best := c.threshold
		for _, set := range subsets(c.others, size) {
			set = append(set, c.must...)
			if s := c.left(set); s < best {
				best, without = s, set
			}
		}
		if best < c.threshold {
			return without, best
		}
	}
	return nil, 0
}

// stepwise leaves out what lowers the score most until it is below the threshold, and takes back what can be spared.
func (c *counterfactual) stepwise() (without []int, score float64) {
	without = slices.Clone(c.must)
	for score = c.left(without); score >= c.threshold; {
		best, at := score+1, -1
		for _, i := range c.others {
			if slices.Contains(without, i) {
				continue
			}
			if s := c.left(append(slices.Clip(without), i)); s < best {
				best, at = s, i
			}
		}
		without, score = append(without, at), best
	}
	for _, i := range slices.Clone(without) {
		fewer := slices.DeleteFunc(slices.Clone(without), func(j int) bool { return i == j })
		if s := c.left(fewer); s < c.threshold {
			without, score = fewer, s
		}
	}
	return without, score
}

// binomial is n over k, or more than maxScored where it is large.
func binomial(n, k int) int {
	b := 1
	for i := range k {
		if b = b * (n - i) / (i + 1); b > maxScored {
			return maxScored + 1
		}
	}
	return b
}

// subsets lists the sets of k of the elements, in the order of the elements.
func subsets(elements []int, k int) [][]int {
	if k == 0 {
		return [][]int{nil}
	}
	var sets [][]int
	for i := range len(elements) - k + 1 {
		for _, rest := range subsets(elements[i+1:], k-1) {
			sets = append(sets, append([]int{elements[i]}, rest...))
		}
	}
	return sets
}
