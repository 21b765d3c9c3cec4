package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type historyQuery struct {
	Status      []olorin.Status     `json:"status,omitempty" enum:"draft,running,paused,completed,error,cancelled" maxItems:"6"`
	RiskLevel   []olorin.RiskLevel  `json:"risk_level,omitempty" enum:"low,medium,high,critical" maxItems:"4"`
	RiskMin     *float64            `json:"risk_min,omitempty" minimum:"0" maximum:"100"`
	RiskMax     *float64            `json:"risk_max,omitempty" minimum:"0" maximum:"100"`
	From        *olorin.Time        `json:"from,omitempty" doc:"Changed at or after."`
	To          *olorin.Time        `json:"to,omitempty" doc:"Changed before."`
	EntityTypes []olorin.EntityType `json:"entity_type,omitempty" enum:"user_id,email,ip_address,device_id,phone_number,card_number,account_id,merchant_id,transaction_id" maxItems:"9"`
	Text        string              `json:"q,omitempty" maxLength:"200" doc:"Words that name, entities or findings must hold."`
	Archived    bool                `json:"archived,omitempty" doc:"Those that were put away, in place of the others."`
	Sort        string              `json:"sort,omitempty" enum:"updated_at,-updated_at,created_at,-created_at,started_at,-started_at,finished_at,-finished_at,name,-name,status,-status,risk_score,-risk_score,entity_count,-entity_count,duration_ms,-duration_ms" default:"-updated_at"`
	Page        int                 `json:"page,omitempty" minimum:"1" maximum:"1000000" default:"1"`
	Cursor      string              `json:"cursor,omitempty" maxLength:"500" doc:"next_cursor of a page before; goes on from there whatever page says."`
	Limit       int                 `json:"limit,omitempty" minimum:"1" maximum:"100" default:"20"`
}

// history lists investigations.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	q, err := query[historyQuery](s, r)
	var all []olorin.Fault
	if e, ok := asError(err); ok {
		all = e.Faults
	} else if err != nil {
		return err
	}
	if q.RiskMin != nil && q.RiskMax != nil && *q.RiskMin > *q.RiskMax {
		all = append(all, olorin.Fault{Pointer: "/query/risk_max", Code: "out_of_order", Detail: "risk_max is below risk_min"})
	}
	if q.From != nil && q.To != nil && !q.From.Before(q.To.Time) {
		all = append(all, olorin.Fault{Pointer: "/query/to", Code: "out_of_order", Detail: "to is not after from"})
	}
	if len(all) > 0 {
		return olorin.Invalid("the query was refused", all...)
	}
	if q.Sort == "" {
		q.Sort = "-updated_at"
	}
	page, err := s.Desk.History(r.Context(), actorOf(r), olorin.HistoryQuery{
		Status: q.Status, RiskLevel: q.RiskLevel, RiskMin: q.RiskMin, RiskMax: q.RiskMax, From: q.From, To: q.To, EntityTypes: q.EntityTypes,
		Text: q.Text, Archived: q.Archived, Sort: q.Sort, Page: max(q.Page, 1), Cursor: q.Cursor, Limit: orDefault(q.Limit, 20),
	})
	if err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []olorin.HistoryItem{}
	}
	return writeJSON(w, http.StatusOK, page)
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// historyEntry is an item of the list with what it rests on and found.
type historyEntry struct {
	olorin.HistoryItem
	UserID   string           `json:"user_id"`
	Settings olorin.Settings  `json:"settings"`
	Results  *olorin.Results  `json:"results"`
	Error    *olorin.RunError `json:"error"`
	Lineage  olorin.Lineage   `json:"lineage"`
}

func (s *Server) historyEntry(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	inv, err := s.Desk.View(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(inv.Version))
	return writeJSON(w, http.StatusOK, entryOf(inv, s.Clock()))
}

func entryOf(inv olorin.Investigation, now olorin.Time) historyEntry {
	e := historyEntry{
		HistoryItem: olorin.HistoryItem{
			ID: inv.ID, Name: inv.Name, Status: inv.Status, Step: inv.Step, EntityCount: len(inv.Settings.Entities), EntityTypes: []olorin.EntityType{},
			Percent: inv.Progress.Percent, CreatedAt: inv.CreatedAt, StartedAt: inv.StartedAt, FinishedAt: inv.FinishedAt, UpdatedAt: inv.UpdatedAt,
			DurationMS: inv.Duration(now), ArchivedAt: inv.ArchivedAt, Version: inv.Version,
		},
		UserID: inv.UserID, Settings: inv.Settings, Results: inv.Results, Error: inv.Error, Lineage: inv.Lineage,
	}
	for _, t := range olorin.EntityTypes {
		for _, entity := range inv.Settings.Entities {
			if entity.Type == t {
				e.EntityTypes = append(e.EntityTypes, t)
				break
			}
		}
	}
	if inv.Results != nil {
		e.RiskScore = inv.Results.RiskScore
		if level := inv.Results.RiskLevel; level != "" {
			e.RiskLevel = &level
		}
	}
	return e
}

// archive puts away, or brings back.
func (s *Server) archive(away bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		if _, err := body[noBody](s, r); err != nil {
			return err
		}
		changed, err := s.Desk.Archive(r.Context(), actorOf(r), id, away)
		if err != nil {
			return err
		}
		return writeState(w, changed)
	}
}

type archiveBody struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"200" doc:"The investigations to put away."`
}

// archiveAnswer tells for each investigation what became of it; those that could not be put away do not keep the others from it.
type archiveAnswer struct {
	Archived []string         `json:"archived"`
	Refused  []archiveRefusal `json:"refused"`
}

type archiveRefusal struct {
	ID     string      `json:"investigation_id"`
	Code   olorin.Code `json:"code"`
	Detail string      `json:"detail"`
}

func (s *Server) archiveMany(w http.ResponseWriter, r *http.Request) error {
	in, err := body[archiveBody](s, r)
	if err != nil {
		return err
	}
	answer := archiveAnswer{Archived: []string{}, Refused: []archiveRefusal{}}
	for _, id := range in.IDs {
		var err error = olorin.NotFound("investigation", clip(id, 64))
		if validID(id) {
			_, err = s.Desk.Archive(r.Context(), actorOf(r), id, true)
		}
		if e, ok := asError(err); ok && statuses[e.Code].status < http.StatusInternalServerError {
			answer.Refused = append(answer.Refused, archiveRefusal{ID: clip(id, 64), Code: e.Code, Detail: e.Message})
			continue
		}
		if err != nil {
			return err
		}
		answer.Archived = append(answer.Archived, id)
	}
	return writeJSON(w, http.StatusOK, answer)
}
