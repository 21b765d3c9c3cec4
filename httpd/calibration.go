package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

type calibrationAnswer struct {
	Statement string               `json:"statement" doc:"How it is to be read."`
	Items     []olorin.Calibration `json:"items" doc:"One for each version of a check that anybody gave a verdict on."`
}

// calibration tells how often the findings of each check were held to be right, and which weight that suggests.
func (s *Server) calibration(w http.ResponseWriter, r *http.Request) error {
	precedents, err := s.Precedents.Precedents(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, calibrationAnswer{agents.CalibrationStatement, agents.Calibrations(precedents)})
}
