package runner_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// BenchmarkRunsAtOnce starts so many investigations of one user each, on a sample of 100,000 rows, and waits until all have ended: as a server
// does, with its bounds on memory and on tools at once. The memory is that of this process and its engines together.
func BenchmarkRunsAtOnce(b *testing.B) {
	for _, runs := range []int{1, 20} {
		b.Run(fmt.Sprintf("runs=%d", runs), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				h := newHouseOf(b, 100_000)
				for i := range runs {
					h.started(fmt.Sprint("run", i), nil)
				}
				over, peak := make(chan struct{}), 0.0
				var watch sync.WaitGroup
				watch.Go(func() {
					for {
						select {
						case <-over:
							return
						case <-time.After(20 * time.Millisecond):
							peak = max(peak, resident(b))
						}
					}
				})
				b.StartTimer()
				began := time.Now()
				stop := h.working("one")
				for i := range runs {
					if inv := h.until(fmt.Sprint("run", i), ended); inv.Status != olorin.Completed {
						b.Fatalf("run %d ended as %s: %+v", i, inv.Status, inv.Error)
					}
				}
				b.ReportMetric(time.Since(began).Seconds(), "s")
				stop()
				close(over)
				watch.Wait()
				b.ReportMetric(peak, "peak-MB")
			}
		})
	}
}

// resident is how many megabytes this process and those that it started hold.
func resident(b *testing.B) (mb float64) {
	for _, pid := range append(children(b), os.Getpid()) {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // it may have ended
		for line := range strings.Lines(string(status)) {
			if kb, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				n, err := strconv.ParseFloat(strings.Fields(kb)[0], 64)
				if err != nil {
					b.Error(err)
				}
				mb += n / 1024
			}
		}
	}
	return mb
}
