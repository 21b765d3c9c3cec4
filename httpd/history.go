package httpd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

type historyQuery struct {
	Status      []olorin.Status     `json:"status,omitempty" enum:"draft,running,paused,completed,error,cancelled" maxItems:"6"`
	RiskLevel   []olorin.RiskLevel  `json:"risk_level,omitempty" enum:"low,medium,high,critical" maxItems:"4"`
	RiskMin     *float64            `json:"risk_min,omitempty" minimum:"0" maximum:"100"`
	RiskMax     *float64            `json:"risk_max,omitempty" minimum:"0" maximum:"100"`
	From        *olorin.Time        `json:"from,omitempty" doc:"Changed at or after."`
	To          *olorin.Time        `json:"to,omitempty" doc:"Changed before."`
	EntityTypes []olorin.EntityType `json:"entity_type,omitempty" enum:"user_id,email,ip_address,device_id,phone_number,card_number,account_id,merchant_id,transaction_id" maxItems:"9"`
	Text        string              `json:"q,omitempty" maxLength:"200" doc:"Words that name, entities or findings (title, check, entities, sentence) must hold."`
	IDs         []string            `json:"ids,omitempty" maxItems:"200" doc:"Of these alone."`
	Owners      []string            `json:"owner,omitempty" maxItems:"50" doc:"Ids of users. Of those whose investigations one may see."`
	Whose       olorin.Whose        `json:"whose,omitempty" enum:"mine,assigned,shared" default:"mine" doc:"One's own (an auditor's are everybody's), those that one is asked to review, or those that colleagues share with the organisation."`
	Archived    bool                `json:"archived,omitempty" doc:"Those that were put away, in place of the others."`
	Sort        string              `json:"sort,omitempty" enum:"updated_at,-updated_at,created_at,-created_at,started_at,-started_at,finished_at,-finished_at,name,-name,status,-status,risk_score,-risk_score,entity_count,-entity_count,duration_ms,-duration_ms" default:"-updated_at"`
	Page        int                 `json:"page,omitempty" minimum:"1" maximum:"1000000" default:"1"`
	Cursor      string              `json:"cursor,omitempty" maxLength:"2000" doc:"next_cursor of a page before; goes on from there whatever page says."`
	Limit       int                 `json:"limit,omitempty" minimum:"1" maximum:"100" default:"20"`
}

// history lists investigations. Who asks again and again sends the tag of the last answer and reads nothing where nothing changed.
func (s *Server) history(w http.ResponseWriter, r *http.Request) error {
	q, err := query[historyQuery](s, r)
	asked, err := q.read(err)
	if err != nil {
		return err
	}
	page, err := s.Desk.History(r.Context(), actorOf(r), asked)
	if err != nil {
		return err
	}
	if page.Items == nil {
		page.Items = []olorin.HistoryItem{}
	}
	return writeTagged(w, r, page)
}

// read joins what was wrong with each parameter to what is wrong with them together.
func (q historyQuery) read(err error) (olorin.HistoryQuery, error) {
	var all []olorin.Fault
	if e, ok := asError(err); ok {
		all = e.Faults
	} else if err != nil {
		return olorin.HistoryQuery{}, err
	}
	if q.RiskMin != nil && q.RiskMax != nil && *q.RiskMin > *q.RiskMax {
		all = append(all, olorin.Fault{Pointer: "/query/risk_max", Code: "out_of_order", Detail: "risk_max is below risk_min"})
	}
	if q.From != nil && q.To != nil && !q.From.Before(q.To.Time) {
		all = append(all, olorin.Fault{Pointer: "/query/to", Code: "out_of_order", Detail: "to is not after from"})
	}
	if len(all) > 0 {
		return olorin.HistoryQuery{}, olorin.Invalid("the query was refused", all...)
	}
	if q.Sort == "" {
		q.Sort = "-updated_at"
	}
	return olorin.HistoryQuery{
		Status: q.Status, RiskLevel: q.RiskLevel, RiskMin: q.RiskMin, RiskMax: q.RiskMax, From: q.From, To: q.To, EntityTypes: q.EntityTypes,
		Text: q.Text, IDs: q.IDs, Whose: q.Whose, Owners: q.Owners, Archived: q.Archived, Sort: q.Sort, Page: max(q.Page, 1), Cursor: q.Cursor, Limit: orDefault(q.Limit, 20),
	}, nil
}

// writeTagged answers 200 with a tag of the body, or 304 where the client holds just that body.
func writeTagged(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	hash := fnv.New64a()
	_, _ = hash.Write(b)
	tag := fmt.Sprintf(`"%016x"`, hash.Sum64())
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if slices.ContainsFunc(strings.Split(r.Header.Get("If-None-Match"), ","), func(held string) bool { return strings.TrimPrefix(strings.TrimSpace(held), "W/") == tag }) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, json.RawMessage(b))
}

// exportHistory answers the list as a CSV file, in its order. That it was taken is told in the audit trail before it is handed out.
func (s *Server) exportHistory(w http.ResponseWriter, r *http.Request) error {
	q, err := query[historyQuery](s, r)
	asked, err := q.read(err)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	// Page by page, what is changed meanwhile would be listed twice, or not at all.
	asked.Page, asked.Cursor, asked.Limit = 1, "", olorin.LongestList
	page, err := s.Desk.History(r.Context(), actor, asked)
	if err != nil {
		return err
	}
	if page.Total > olorin.LongestList {
		return olorin.Invalid("the list was not exported", olorin.Fault{
			Pointer: "/query", Code: "too_many", Detail: fmt.Sprintf("more than %d investigations fit, more than one file holds: narrow the filters", olorin.LongestList),
		})
	}
	var file bytes.Buffer
	rows := csv.NewWriter(&file)
	_ = rows.Write(exportColumns) // a buffer takes everything
	for _, item := range page.Items {
		_ = rows.Write(exportRow(item))
	}
	rows.Flush()
	now := s.Clock()
	if err := s.Trail.Record(r.Context(), olorin.AuditEntry{
		At: now, Actor: actor, Origin: actor.Origin, Source: olorin.SourceUser, Action: "history.exported", Detail: fmt.Sprintf("%d investigations as CSV: %s", len(page.Items), olorin.Clip(r.URL.RawQuery, 500)),
	}); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="investigations-`+now.UTC().Format("2006-01-02")+`.csv"`)
	h.Set("Content-Length", strconv.Itoa(file.Len()))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(file.Bytes()) // the client may have gone
	return nil
}

var exportColumns = []string{
	"investigation_id", "name", "status", "partial", "risk_score", "risk_level", "entity_count", "entity_types", "created_at", "started_at", "finished_at", "duration_ms", "updated_at", "archived_at", "kept_until",
}

func exportRow(item olorin.HistoryItem) []string {
	instant := func(t *olorin.Time) string {
		if t == nil {
			return ""
		}
		return t.String()
	}
	score, level, duration := "", "", ""
	if item.RiskScore != nil {
		score = strconv.FormatFloat(*item.RiskScore, 'f', -1, 64)
	}
	if item.RiskLevel != nil {
		level = string(*item.RiskLevel)
	}
	if item.DurationMS != nil {
		duration = strconv.FormatInt(*item.DurationMS, 10)
	}
	types := make([]string, len(item.EntityTypes))
	for i, t := range item.EntityTypes {
		types[i] = string(t)
	}
	return []string{
		report.Defused(item.ID), report.Defused(item.Name), string(item.Status), string(item.Partial), score, level, strconv.Itoa(item.EntityCount), strings.Join(types, " "),
		item.CreatedAt.String(), instant(item.StartedAt), instant(item.FinishedAt), duration, item.UpdatedAt.String(), instant(item.ArchivedAt), instant(item.KeptUntil),
	}
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
	w.Header().Set("ETag", heldETag(inv.Version, inv.Durable, inv.UpdatedAt))
	e := historyEntry{HistoryItem: inv.Item(), Settings: inv.Settings, Results: inv.Results, Error: inv.Error, Lineage: inv.Lineage}
	e.KeptUntil = s.Desk.KeptUntil(inv)
	return writeJSON(w, http.StatusOK, e)
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
		cond, err := s.conditionOf(r, id)
		if err != nil {
			return err
		}
		changed, err := s.Desk.Archive(r.Context(), actorOf(r), id, away, cond)
		if err != nil {
			return err
		}
		return writeState(w, changed)
	}
}

// discard throws an empty draft away.
func (s *Server) discard(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	if err := s.Desk.Discard(r.Context(), actorOf(r), id, cond); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

type archiveBody struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"200" doc:"The investigations."`
}

// archiveAnswer tells for each investigation what became of it; those that were refused do not keep the others from it.
type archiveAnswer struct {
	Archived []string         `json:"archived" doc:"Put away, or brought back."`
	Refused  []archiveRefusal `json:"refused"`
}

type archiveRefusal struct {
	ID     string      `json:"investigation_id"`
	Code   olorin.Code `json:"code"`
	Detail string      `json:"detail"`
}

// archiveMany puts several away, or brings them back.
func (s *Server) archiveMany(away bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		in, err := body[archiveBody](s, r)
		if err != nil {
			return err
		}
		answer := archiveAnswer{Archived: []string{}, Refused: []archiveRefusal{}}
		told := map[string]bool{}
		for _, id := range in.IDs {
			if told[id] {
				continue
			}
			told[id] = true
			var err error = olorin.NotFound("investigation", olorin.Clip(id, 64))
			if validID(id) {
				_, err = s.Desk.Archive(r.Context(), actorOf(r), id, away, olorin.Condition{})
			}
			if e, ok := asError(err); ok && statuses[e.Code].status < http.StatusInternalServerError {
				answer.Refused = append(answer.Refused, archiveRefusal{ID: olorin.Clip(id, 64), Code: e.Code, Detail: e.Message})
				continue
			}
			if err != nil {
				return err
			}
			answer.Archived = append(answer.Archived, id)
		}
		return writeJSON(w, http.StatusOK, answer)
	}
}
