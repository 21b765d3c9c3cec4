package httpd

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics counts answers by route and status.
type metrics struct {
	answers   *prometheus.CounterVec
	durations *prometheus.HistogramVec
	page      http.Handler
}

func newMetrics(registry *prometheus.Registry) metrics {
	m := metrics{
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "olorin_http_answers_total", Help: "Answers by route and status.",
		}, []string{"route", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "olorin_http_answer_seconds", Help: "Time to answer by route, waiting polls included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
		}, []string{"route"}),
		page: promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true}),
	}
	registry.MustRegister(m.answers, m.durations)
	return m
}

// route returns what counts the answers of a route.
func (m metrics) route(pattern string) func(status int, took time.Duration) {
	duration := m.durations.WithLabelValues(pattern)
	var counters [600]atomic.Pointer[prometheus.Counter]
	return func(status int, took time.Duration) {
		c := counters[status%len(counters)].Load()
		if c == nil {
			made := m.answers.WithLabelValues(pattern, strconv.Itoa(status))
			c = &made
			counters[status%len(counters)].Store(c)
		}
		(*c).Inc()
		duration.Observe(took.Seconds())
	}
}

func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	s.metrics.page.ServeHTTP(w, r)
	return nil
}
