package httpd

import (
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/olorin-dev/olorin"
)

type pollQuery struct {
	Cursor   *int64       `json:"cursor,omitempty" doc:"The seq up to which the client holds everything. Absent: from the first event on."`
	LastSeen *olorin.Time `json:"last_seen,omitempty" doc:"In place of cursor: everything from this time on."`
	Limit    int          `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"500"`
	WaitMS   int          `json:"wait_ms,omitempty" minimum:"0" maximum:"30000" doc:"Hold the request until something happens, so long at most."`

	Mode olorin.ViewMode `json:"mode,omitempty" enum:"viewing,editing" default:"viewing" doc:"What the others are told that the user does."`
}

// poll answers what is new since a cursor.
func (s *Server) poll(w http.ResponseWriter, r *http.Request) error {
	if !s.options.Features.Polling {
		return olorin.Errorf(olorin.CodeFeatureDisabled, "polling is switched off (FEATURE_WIZARD_POLLING_ENABLED)")
	}
	actor := actorOf(r)
	if err := s.limitPolls(w, actor.ID); err != nil {
		return err
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	q, err := query[pollQuery](s, r)
	if err != nil {
		return err
	}
	known, err := entityTags(r, "If-None-Match", true)
	if err != nil {
		return err
	}
	if q.Cursor != nil && q.LastSeen != nil {
		return olorin.Invalid("the query was refused", olorin.Fault{Pointer: "/query/last_seen", Code: "ambiguous", Detail: "give either cursor or last_seen, not both"})
	}
	since := int64(0)
	switch {
	case q.Cursor != nil:
		since = *q.Cursor
	case q.LastSeen != nil:
		if since, err = s.Desk.Since(r.Context(), actor, id, *q.LastSeen); err != nil {
			return err
		}
	}
	d, nothing, err := s.updates(r, actor, id, since, q, known)
	if err != nil {
		return err
	}
	if nothing && q.WaitMS > 0 {
		if d, nothing, err = s.wait(r, actor, id, since, q, known); err != nil {
			return err
		}
	}
	d.Pace = d.Under(s.lateness())
	s.Hub.Seen(id, actor.ID, q.Mode, stay(d.PollAfterMS))
	h, tag := w.Header(), heldETag(d.Version, d.Durable, d.Written)
	values := &visitOf(r).pace // this is the most frequent answer
	*values = [...]string{tag, "no-store", string(d.Mode), strconv.Itoa(d.PollAfterMS), d.Reason}
	h["Etag"], h["Cache-Control"] = values[0:1:1], values[1:2:2]
	h["X-Poll-Mode"], h["X-Poll-After-Ms"], h["X-Poll-Reason"] = values[2:3:3], values[3:4:4], values[4:5:5]
	if nothing && known.given && known.hasText(tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	maps.Copy(h, dataHeaders)
	d.Viewers = s.Hub.Viewers(id)
	return writeJSON(w, http.StatusOK, d)
}

// stay is how long somebody counts as looking who was told to come back after so many milliseconds.
func stay(afterMS int) time.Duration {
	return time.Second + 2*time.Duration(afterMS)*time.Millisecond
}

// updates asks once. nothing tells that the client knows it all: no event after its cursor or, where it gave none, a version that it names.
func (s *Server) updates(r *http.Request, actor olorin.Actor, id string, since int64, q pollQuery, known tags) (d olorin.Delta, nothing bool, err error) {
	if q.Cursor == nil && q.LastSeen == nil && known.given {
		head, err := s.Desk.Head(r.Context(), actor, id)
		if err != nil {
			return d, false, err
		}
		if known.has(head.Version) {
			d, err = s.Desk.Updates(r.Context(), actor, id, head.Version, 1)
			if err != nil || len(d.Events) == 0 && !d.Reset {
				return d, true, err
			}
		}
	}
	if d, err = s.allHeld(r, actor, id, since, q.Limit); err != nil {
		return d, false, err
	}
	if d.Durability == olorin.Memory && since == d.Durable && !d.HasMore && known.given && known.hasText(heldETag(d.Version, d.Durable, d.Written)) {
		return d, true, nil // held events are delivered once, although the cursor stays before them
	}
	return d, len(d.Events) == 0 && !d.Reset, nil
}

// allHeld asks for what is new and, where that reaches what is held in memory, for all of it: the cursor stays before it, so that no
// later poll could ask for the rest.
func (s *Server) allHeld(r *http.Request, actor olorin.Actor, id string, since int64, limit int) (olorin.Delta, error) {
	d, err := s.Desk.Updates(r.Context(), actor, id, since, limit)
	for err == nil && !d.HasMore && !d.Reset && d.Last < d.Version {
		var rest olorin.Delta
		rest, err = s.Desk.Updates(r.Context(), actor, id, d.Last, limit)
		if err != nil || rest.Reset { // what was held is gone
			return rest, err
		}
		if len(rest.Events) == 0 {
			break
		}
		d.Events, d.Last = append(d.Events, rest.Events...), rest.Last
	}
	return d, err
}

// wait asks until there is something, the time is over, the client has gone or the server stops. The channel is taken before each
// question, so that no growth is missed.
func (s *Server) wait(r *http.Request, actor olorin.Actor, id string, since int64, q pollQuery, known tags) (olorin.Delta, bool, error) {
	presence := s.Hub.Enter(id, actor.ID, q.Mode)
	defer presence.Leave()
	over := time.NewTimer(time.Duration(q.WaitMS) * time.Millisecond)
	defer over.Stop()
	for last := false; ; {
		news, _ := presence.Signals()
		d, nothing, err := s.updates(r, actor, id, since, q, known)
		if err != nil || !nothing || last {
			return d, nothing, err
		}
		select {
		case <-news:
		case <-over.C:
			last = true
		case <-s.stopping:
			last = true
		case <-r.Context().Done():
			err = r.Context().Err()
		}
		if err != nil {
			return d, false, err
		}
	}
}
