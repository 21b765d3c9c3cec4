package httpd

import (
	"cmp"
	"net/http"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// rankingTime bounds how long one ranking may take.
const rankingTime = 90 * time.Second

type rankingQuery struct {
	By    string `json:"by,omitempty" maxLength:"64" default:"user_id" doc:"The column that names what is ranked, such as user_id, device_id, merchant_id or transaction_id (each row by itself)."`
	Score string `json:"score,omitempty" enum:"noisy_or,weighted_sum,any_critical" default:"noisy_or" doc:"How findings add up to the score."`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"50"`
}

type rankingAnswer struct {
	By          string                   `json:"by"`
	Total       int                      `json:"total" doc:"How many there are; items are the first of them."`
	Items       []agents.Ranked          `json:"items" doc:"Highest risk first; an uncalibrated score, as in a case on that entity alone."`
	NotAssessed []olorin.NotAssessedTool `json:"not_assessed"`
}

// ranking tells whom of a file to investigate: every entity by risk, without a case. One at a time is made: it asks every check of the whole file.
func (s *Server) ranking(w http.ResponseWriter, r *http.Request) error {
	q, err := query[rankingQuery](s, r)
	if err != nil {
		return err
	}
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	select {
	case s.rankings <- struct{}{}:
		defer func() { <-s.rankings }()
	default:
		return olorin.Errorf(olorin.CodeUnavailable, "another ranking is being made; try again when it is done")
	}
	by := cmp.Or(q.By, "user_id")
	weights, err := s.Balance.Weights(r.Context(), 0)
	if err != nil {
		return err
	}
	settings := olorin.Settings{Scoring: olorin.Scoring{Form: olorin.ScoreForm(q.Score)}}
	ranking, err := agents.Rank(r.Context(), s.Engine, d, by, settings, weights)
	if err != nil {
		return err
	}
	answer := rankingAnswer{By: by, Total: len(ranking.Items), Items: ranking.Items[:min(len(ranking.Items), cmp.Or(q.Limit, 50))], NotAssessed: ranking.NotAssessed}
	if answer.NotAssessed == nil {
		answer.NotAssessed = []olorin.NotAssessedTool{}
	}
	if answer.Items == nil {
		answer.Items = []agents.Ranked{}
	}
	return writeJSON(w, http.StatusOK, answer)
}
