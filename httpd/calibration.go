package httpd

import (
	"context"
	"fmt"
	"net/http"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

type calibrationAnswer struct {
	Statement   string               `json:"statement" doc:"How it is to be read."`
	Weights     olorin.Weights       `json:"weights" doc:"What was accepted so far."`
	Items       []olorin.Calibration `json:"items" doc:"One for each version of a check that anybody gave a verdict on."`
	Reliability olorin.Reliability   `json:"reliability" doc:"How far scores are from chances, by the verdicts."`
}

// calibration tells how often the findings of each check were held to be right, and which weight that suggests.
func (s *Server) calibration(w http.ResponseWriter, r *http.Request) error {
	answer, err := s.calibrations(r.Context())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

func (s *Server) calibrations(ctx context.Context) (calibrationAnswer, error) {
	precedents, err := s.Precedents.Precedents(ctx)
	if err != nil {
		return calibrationAnswer{}, err
	}
	judged, err := s.Precedents.Judged(ctx)
	if err != nil {
		return calibrationAnswer{}, err
	}
	weights, err := s.Balance.Weights(ctx, 0)
	if weights.Tools == nil {
		weights.Tools = map[string]olorin.Weighted{}
	}
	return calibrationAnswer{agents.CalibrationStatement, weights, agents.Calibrations(precedents, weights, s.Clock()), olorin.Reliable(judged)}, err
}

type acceptBody struct {
	Tools   []string `json:"tools,omitempty" maxItems:"500" doc:"The checks whose suggested weight is accepted."`
	Promote []string `json:"promote,omitempty" maxItems:"500" doc:"Checks that are promoted from review to block, as proposed."`
	Demote  []string `json:"demote,omitempty" maxItems:"500" doc:"Checks that go back from block to review."`
	Base    int64    `json:"base_version" required:"true" minimum:"0" doc:"The version of the weights that was looked at."`
	Reason  string   `json:"reason" required:"true" minLength:"1" maxLength:"1000" doc:"It stands in the audit trail."`
}

// acceptWeights puts suggestions in force, for runs that are started from now on.
func (s *Server) acceptWeights(w http.ResponseWriter, r *http.Request) error {
	in, err := body[acceptBody](s, r)
	if err != nil {
		return err
	}
	now, err := s.calibrations(r.Context())
	if err != nil {
		return err
	}
	actor := actorOf(r)
	next, err := now.Weights.Accept(actor, s.Clock(), olorin.Acceptance{Tools: in.Tools, Promote: in.Promote, Demote: in.Demote, Reason: in.Reason, Base: in.Base}, now.Items)
	if err != nil {
		return err
	}
	detail := fmt.Sprintf("version %d: %s", next.Version, next.Reason)
	for _, tool := range in.Tools {
		detail += fmt.Sprintf("; %s counts %g", tool, next.Tools[tool].Weight)
	}
	for _, tool := range in.Promote {
		detail += fmt.Sprintf("; %s is promoted from review to block", tool)
	}
	for _, tool := range in.Demote {
		detail += fmt.Sprintf("; %s goes back from block to review", tool)
	}
	if err := s.Balance.PutWeights(r.Context(), next, olorin.AuditEntry{
		At: next.At, Actor: actor, Origin: actor.Origin, Source: olorin.SourceUser, Action: "weights.accepted", Detail: detail,
	}); err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, next)
}
