package demo

import "math/rand/v2"

// source draws every random choice. All arithmetic on what it draws is integer
// arithmetic, so that the same seed gives the same bytes on every processor.
type source struct{ *rand.Rand }

// newSource starts one independent stream of the seed.
func newSource(seed, stream uint64) source {
	return source{rand.New(rand.NewPCG(seed, stream))}
}

// percent is true in p of 100 draws, permille in p of 1000.
func (s source) percent(p int) bool  { return s.IntN(100) < p }
func (s source) permille(p int) bool { return s.IntN(1000) < p }

// between draws from lo to hi, both included.
func (s source) between(lo, hi int) int { return lo + s.IntN(hi-lo+1) }

// spread draws from -d to d.
func (s source) spread(d int) int { return s.IntN(2*d+1) - d }

const hexDigits = "0123456789abcdef"

// hex draws n hexadecimal digits, at most 16.
func (s source) hex(n int) string {
	var b [16]byte
	v := s.Uint64()
	for i := range n {
		b[i] = hexDigits[v&15]
		v >>= 4
	}
	return string(b[:n])
}

// wheel draws an index with a chance proportional to its weight.
type wheel []int

func newWheel(weights []int) wheel {
	w := make(wheel, len(weights))
	sum := 0
	for i, v := range weights {
		sum += v
		w[i] = sum
	}
	return w
}

func (w wheel) draw(s source) int {
	n := s.IntN(w[len(w)-1])
	lo, hi := 0, len(w)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if n < w[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// quantiles is a distribution of amounts in cents: its values at the 0th,
// 10th, 25th, 50th, 75th, 90th, 97th and 100th percentile, linear in between.
type quantiles [8]int

var percentiles = [8]int{0, 1000, 2500, 5000, 7500, 9000, 9700, 10000}

func (q quantiles) draw(s source) int {
	p := s.IntN(10000)
	for i := 1; i < len(q); i++ {
		if p < percentiles[i] {
			return q[i-1] + (q[i]-q[i-1])*(p-percentiles[i-1])/(percentiles[i]-percentiles[i-1])
		}
	}
	return q[len(q)-1]
}
