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
	entities := form.byEntity(signals)
	gone := make([]bool, len(signals))
	rest := make([]counted, 0, len(signals))
	left := func(out []int) (score float64) {
		for _, i := range out {
			gone[i] = true
		}
		for _, own := range entities {
			rest = rest[:0]
			for _, s := range own {
				if !gone[s.at] {
					rest = append(rest, s)
				}
			}
			score = max(score, hundredth(100*form.total(rest)))
		}
		for _, i := range out {
			gone[i] = false
		}
		return score
	}
	all := left(nil)
	if all < threshold || threshold <= 0 {
		return nil, all, true
	}
	most, alone := make([]float64, len(signals)), make([]float64, len(signals)) // what each counts at most, and the score of it alone
	for _, own := range entities {
		for _, s := range own {
			most[s.at], alone[s.at] = max(most[s.at], s.whole), max(alone[s.at], hundredth(100*form.total([]counted{s})))
		}
	}
	var must, sorted []int // signals that reach it alone; others that count, largest first: sets of few large ones are tried first
	for i, p := range most {
		switch {
		case p == 0:
		case alone[i] >= threshold:
			must = append(must, i)
		default:
			sorted = append(sorted, i)
		}
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(most[b], most[a]) })
	scored := 0
	for size := 0; size <= len(sorted); size++ {
		if scored += binomial(len(sorted), size); scored > maxScored {
			break
		}
		best := threshold
		for _, set := range subsets(sorted, size) {
			set = append(set, must...)
			if s := left(set); s < best {
				best, without = s, set
			}
		}
		if best < threshold {
			slices.Sort(without)
			return without, best, true
		}
	}

	without = slices.Clone(must)
	for score = left(without); score >= threshold; {
		best, at := score+1, -1
		for _, i := range sorted {
			if slices.Contains(without, i) {
				continue
			}
			if s := left(append(slices.Clip(without), i)); s < best {
				best, at = s, i
			}
		}
		without, score = append(without, at), best
	}
	for _, i := range slices.Clone(without) {
		fewer := slices.DeleteFunc(slices.Clone(without), func(j int) bool { return i == j })
		if s := left(fewer); s < threshold {
			without, score = fewer, s
		}
	}
	slices.Sort(without)
	return without, score, false
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
