package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

// PollingConfig is what clients are told about polling.
type PollingConfig struct {
	FastMS            int     `json:"fast_ms"`
	NormalMS          int     `json:"normal_ms"`
	SlowMS            int     `json:"slow_ms"`
	MaxRetries        int     `json:"max_retries"`
	BackoffMultiplier float64 `json:"backoff_multiplier"`
	MaxBackoffMS      int     `json:"max_backoff_ms"`
}

type limitsConfig struct {
	StateMaxKB     int   `json:"state_max_kb"`
	TemplateMax    int   `json:"template_max"`
	UploadMaxBytes int64 `json:"upload_max_bytes"`
	EntitiesMax    int   `json:"entities_max"`
}

type configAnswer struct {
	Version  string        `json:"version"`
	Env      string        `json:"env" enum:"dev,staging,production"`
	Polling  PollingConfig `json:"polling"`
	Limits   limitsConfig  `json:"limits"`
	Features Features      `json:"features"`
}

// config tells clients what they may count on. It holds no secret and needs no login.
func (s *Server) config(w http.ResponseWriter, _ *http.Request) error {
	o := s.options
	return writeJSON(w, http.StatusOK, configAnswer{
		Version: o.Version, Env: o.Env, Polling: o.Polling, Features: o.Features,
		Limits: limitsConfig{StateMaxKB: o.StateMaxKB, TemplateMax: o.TemplateMax, UploadMaxBytes: o.UploadMaxBytes, EntitiesMax: olorin.MaxEntities},
	})
}
