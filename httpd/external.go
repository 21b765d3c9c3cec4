package httpd

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
)

// registeredAnswer tells an agent how it stands.
type registeredAnswer struct {
	Agent          string   `json:"agent" doc:"Its name in the tool matrix: the subject of its token."`
	Tools          []string `json:"tools"`
	LeaseSeconds   float64  `json:"lease_seconds" doc:"Work without a sign of life for so long is handed out again."`
	SilenceSeconds float64  `json:"silence_seconds" doc:"Work that nobody took or gave a sign of for so long has failed; an agent that asks for no work for so long is out of the catalogue."`
}

type takeBody struct {
	WaitMS int `json:"wait_ms,omitempty" minimum:"0" maximum:"30000" doc:"How long to wait for work."`
}

type workRowsQuery struct {
	After int64 `json:"after,omitempty" minimum:"0" doc:"Go on after this row number."`
	Limit int   `json:"limit,omitempty" minimum:"1" maximum:"5000" doc:"1000 where absent."`
}

// registerAgent makes an agent and its tools known.
func (s *Server) registerAgent(w http.ResponseWriter, r *http.Request) error {
	in, err := body[agency.Registration](s, r)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	if err := s.Agency.Register(actor.ID, in); err != nil {
		return err
	}
	limits := s.Agency.Limits()
	answer := registeredAnswer{Agent: actor.ID, Tools: []string{}, LeaseSeconds: limits.Lease.Seconds(), SilenceSeconds: limits.Silence.Seconds()}
	for _, o := range in.Tools {
		answer.Tools = append(answer.Tools, o.Tool)
	}
	if err := s.Trail.Record(r.Context(), olorin.AuditEntry{
		At: s.Clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceAgent, Action: "agent.registered", Detail: strings.Join(answer.Tools, " "),
	}); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, answer)
}

// leaveAgent takes an agent out of the catalogue.
func (s *Server) leaveAgent(w http.ResponseWriter, r *http.Request) error {
	s.Agency.Leave(actorOf(r).ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// takeWork hands out work, waiting for some.
func (s *Server) takeWork(w http.ResponseWriter, r *http.Request) error {
	in, err := body[takeBody](s, r)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(r.Context(), time.Duration(in.WaitMS)*time.Millisecond)
	defer done()
	go func() {
		select {
		case <-s.stopping:
			done()
		case <-ctx.Done():
		}
	}()
	work, err := s.Agency.Take(ctx, actorOf(r).ID)
	if err != nil {
		return err
	}
	if work == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return writeJSON(w, http.StatusOK, work)
}

// workRows reads rows of the accounts in question.
func (s *Server) workRows(w http.ResponseWriter, r *http.Request) error {
	q, err := query[workRowsQuery](s, r)
	if err != nil {
		return err
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	page, err := s.Agency.Rows(r.Context(), actorOf(r).ID, r.PathValue("lease"), q.After, q.Limit)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}

// noteWork takes a sign of life.
func (s *Server) noteWork(w http.ResponseWriter, r *http.Request) error {
	in, err := body[agency.WorkSign](s, r)
	if err != nil {
		return err
	}
	if err := s.Agency.Note(r.Context(), actorOf(r).ID, r.PathValue("lease"), in); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reportWork takes what the work came to. It may come twice.
func (s *Server) reportWork(w http.ResponseWriter, r *http.Request) error {
	in, err := body[agency.WorkReport](s, r)
	if err != nil {
		return err
	}
	if err := s.Agency.Report(r.Context(), actorOf(r).ID, r.PathValue("lease"), in); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
