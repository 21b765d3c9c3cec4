package httpd

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// backtestTime bounds how long one case may take, the wait for its turn included.
const backtestTime = 2 * time.Minute

type backtestBody struct {
	InvestigationID string `json:"investigation_id" minLength:"1" maxLength:"64" doc:"A completed investigation."`
}

// backtestAnswer compares what a case came to with what it would have come to by a template.
type backtestAnswer struct {
	TemplateID      string         `json:"template_id"`
	TemplateVersion int64          `json:"template_version"`
	InvestigationID string         `json:"investigation_id"`
	Name            string         `json:"name"`
	FinishedAt      *olorin.Time   `json:"finished_at"`
	Before          backtestSide   `json:"before" doc:"What the investigation came to."`
	Template        backtestSide   `json:"template" doc:"What the template comes to on the same entities and data set."`
	OnlyBefore      []backtestFind `json:"only_before" doc:"Findings of the investigation that the template does not make."`
	OnlyTemplate    []backtestFind `json:"only_template" doc:"Findings of the template that the investigation does not hold."`
}

type backtestSide struct {
	RiskScore   *float64         `json:"risk_score"`
	RiskLevel   olorin.RiskLevel `json:"risk_level,omitempty"`
	Findings    int              `json:"findings"`
	NotAssessed int              `json:"not_assessed"`
}

type backtestFind struct {
	Tool     string          `json:"tool"`
	Severity olorin.Severity `json:"severity"`
	Title    string          `json:"title"`
}

// backtest runs the checks of a template over a completed case, without touching it. One at a time: it is no reason to slow a run.
func (s *Server) backtest(w http.ResponseWriter, r *http.Request) error {
	in, err := body[backtestBody](s, r)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	t, err := s.Shelf.Template(r.Context(), actor, r.PathValue("template_id"))
	if err == nil && t.DeletedAt != nil {
		err = olorin.NotFound("template", t.ID)
	}
	if err != nil {
		return err
	}
	inv, err := s.Desk.View(r.Context(), actor, in.InvestigationID)
	if err != nil {
		return err
	}
	if inv.Status != olorin.Completed || inv.Results == nil {
		return olorin.Invalid("the template cannot be tried on it", olorin.Fault{
			Pointer: "/investigation_id", Code: "not_completed", Detail: "the investigation is " + string(inv.Status) + "; a template is tried on completed ones",
		})
	}
	dataset, err := s.Datasets.Dataset(r.Context(), inv.Settings.Dataset)
	if err != nil {
		return err
	}
	ctx := r.Context()
	select {
	case s.backtests <- struct{}{}:
		defer func() { <-s.backtests }()
	case <-ctx.Done():
		return olorin.Errorf(olorin.CodeUnavailable, "other templates are being tried; try again: %w", context.Cause(ctx))
	case <-s.stopping:
		return olorin.Errorf(olorin.CodeUnavailable, "the server is stopping; try again")
	}
	var weights olorin.Weights // those that the case is under, so that only the template makes a difference
	if inv.Weights > 0 {
		if weights, err = s.Balance.Weights(ctx, inv.Weights); err != nil {
			return err
		}
	}
	settings := t.Over(inv.Settings)
	found, err := agents.Replay(ctx, s.Engine, dataset, settings, weights)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, backtestAnswer{
		TemplateID: t.ID, TemplateVersion: t.Version, InvestigationID: inv.ID, Name: inv.Name, FinishedAt: inv.FinishedAt,
		Before: sideOf(*inv.Results), Template: sideOf(found),
		OnlyBefore: without(inv.Settings, inv.Results.Findings, found.Findings), OnlyTemplate: without(settings, found.Findings, inv.Results.Findings),
	})
}

func sideOf(r olorin.Results) backtestSide {
	return backtestSide{RiskScore: r.RiskScore, RiskLevel: r.RiskLevel, Findings: len(r.Findings), NotAssessed: len(r.NotAssessed)}
}

// without lists the findings that have no equal, of the same check about the same thing, among the others; the gravest first.
func without(s olorin.Settings, findings, others []olorin.Finding) []backtestFind {
	known := map[[2]string]bool{}
	for _, f := range others {
		known[[2]string{f.Tool, f.Key}] = true
	}
	kept := slices.DeleteFunc(slices.Clone(findings), func(f olorin.Finding) bool { return known[[2]string{f.Tool, f.Key}] })
	s.GravestFirst(kept)
	list := make([]backtestFind, len(kept))
	for i, f := range kept {
		list[i] = backtestFind{Tool: f.Tool, Severity: f.Severity, Title: f.Title}
	}
	return list
}
