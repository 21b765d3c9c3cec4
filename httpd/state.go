package httpd

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/olorin-dev/olorin"
)

// saveBody is what a save may carry: a person's part, and whatever else a GET gives. The latter belongs to the server; carried
// back unchanged it is fine, so that a state that was read can be edited and sent back as it is.
type saveBody struct {
	Name        *string        `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Step        *olorin.Step   `json:"wizard_step,omitempty" enum:"settings,progress,results"`
	Settings    *settingsInput `json:"settings,omitempty"`
	BaseVersion *int64         `json:"base_version,omitempty" minimum:"0" doc:"The version that the writer had seen. Absent: version, where given."`
	Version     *int64         `json:"version,omitempty" minimum:"0" doc:"Server-owned: the version that the carried state is of."`

	ID           any `json:"investigation_id,omitempty" doc:"Server-owned."`
	UserID       any `json:"user_id,omitempty" doc:"Server-owned."`
	StepHistory  any `json:"step_history,omitempty" doc:"Server-owned."`
	Status       any `json:"status,omitempty" doc:"Server-owned; changed by the acts."`
	ArchivedAt   any `json:"archived_at,omitempty" doc:"Server-owned."`
	Progress     any `json:"progress,omitempty" doc:"Server-owned."`
	Results      any `json:"results,omitempty" doc:"Server-owned."`
	Error        any `json:"error,omitempty" doc:"Server-owned."`
	CreatedAt    any `json:"created_at,omitempty" doc:"Server-owned."`
	UpdatedAt    any `json:"updated_at,omitempty" doc:"Server-owned."`
	StartedAt    any `json:"started_at,omitempty" doc:"Server-owned."`
	FinishedAt   any `json:"finished_at,omitempty" doc:"Server-owned."`
	Lineage      any `json:"lineage,omitempty" doc:"Server-owned."`
	Priority     any `json:"priority,omitempty" doc:"Server-owned; set by start."`
	Weights      any `json:"weights,omitempty" doc:"Server-owned; set by start."`
	Edits        any `json:"edits,omitempty" doc:"Server-owned."`
	Reviews      any `json:"reviews,omitempty" doc:"Server-owned; changed by verdicts and notes."`
	Assignee     any `json:"assignee,omitempty" doc:"Server-owned; changed by sharing."`
	Shared       any `json:"shared,omitempty" doc:"Server-owned; changed by sharing."`
	LastAccessed any `json:"last_accessed,omitempty" doc:"Told at reading, no part of a version: not compared."`
	Stale        any `json:"stale,omitempty" doc:"Told at reading, no part of a version: not compared."`
	Durability   any `json:"durability,omitempty" doc:"Of an answer to a save: not compared."`
	Conflict     any `json:"conflict,omitempty" doc:"Of an answer to a save: not compared."`
}

// serverOwned are the members that a save may carry but not change.
var serverOwned = []string{
	"investigation_id", "user_id", "step_history", "status", "archived_at", "progress", "results", "error",
	"created_at", "updated_at", "started_at", "finished_at", "lineage", "priority", "weights", "edits", "reviews", "assignee", "shared",
}

// state answers the whole state.
func (s *Server) state(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	known, err := entityTags(r, "If-None-Match", true)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	inv, err := s.Desk.View(r.Context(), actor, id)
	if err != nil {
		return err
	}
	tag := heldETag(inv.Version, inv.Durable, inv.UpdatedAt)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if known.given && known.hasText(tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return writeJSON(w, http.StatusOK, inv)
}

// save writes a person's save.
func (s *Server) save(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	in, err := readBody[saveBody](s, r)
	if err != nil {
		return err
	}
	if size := authored(in.tree); size > s.options.StateMaxKB<<10 {
		return olorin.Errorf(olorin.CodeTooLarge, "name and settings take %d bytes; at most %d are kept (WIZARD_STATE_MAX_SIZE_KB)", size, s.options.StateMaxKB<<10)
	}
	actor := actorOf(r)
	if !validID(id) {
		in.faults = append(in.faults, olorin.Fault{Pointer: "/path/id", Code: "invalid", Detail: "an id has 1 to 64 letters, digits, - and _, and is not history or templates"})
		return olorin.Invalid("the save was refused and nothing was written", in.faults...)
	}
	save := olorin.Save{Name: in.value.Name, Step: in.value.Step, Base: in.value.BaseVersion}
	if save.Base == nil {
		save.Base = in.value.Version
	}
	if in.value.Settings != nil {
		save.Settings = &in.value.Settings.Settings
	}
	owned, version, err := s.ownedFaults(r, actor, id, in)
	if err != nil {
		return err
	}
	cond, condErr := condition(r, version)
	if _, ok := asError(condErr); condErr != nil && !ok {
		return condErr
	}
	all := in.with(save.Decide(olorin.Investigation{Status: olorin.Draft}))
	if e, ok := asError(condErr); ok {
		all = faults(all, e.Faults)
	}
	if len(all) > 0 {
		return olorin.Invalid("the save was refused and nothing was written", faults(all, owned)...)
	}
	if len(owned) > 0 {
		return &olorin.Error{Code: olorin.CodeServerOwned, Message: "the save changes what belongs to the server; nothing was written", Faults: owned}
	}
	changed, err := s.Desk.Save(r.Context(), actor, id, save, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// authored is the size in bytes of a person's part of a body.
func authored(tree map[string]any) int {
	b, err := json.Marshal(map[string]any{"name": tree["name"], "settings": tree["settings"]})
	if err != nil {
		return 0
	}
	return len(b)
}

// never is a version that no investigation has.
const never = -1

// condition reads If-Match and If-None-Match of a write to an investigation at version current, 0 where there is none.
func condition(r *http.Request, current int64) (olorin.Condition, error) {
	var cond olorin.Condition
	match, err := entityTags(r, "If-Match", false)
	none, err2 := entityTags(r, "If-None-Match", true)
	if e, ok := asError(err); ok {
		if e2, ok := asError(err2); ok {
			return cond, olorin.Invalid("the headers were refused", faults(e.Faults, e2.Faults)...)
		}
		return cond, e
	}
	if err2 != nil {
		return cond, err2
	}
	version := func(v int64) olorin.Condition { return olorin.Condition{IfMatch: &v} }
	switch {
	case none.given && none.any: // only where there is none yet
		return version(0), nil
	case !match.given:
		return cond, nil
	case match.any && current == 0, len(match.versions) == 0 && !match.any:
		return version(never), nil
	case match.any:
		return cond, nil
	}
	meant := match.versions[max(0, match.place(current))]
	return olorin.Condition{IfMatch: &meant.version, Written: meant.written}, nil
}

// ownedFaults compares the server's part that a save carries with the state that it was read from. It also returns the version as it
// stands, 0 where the id is new or belongs to somebody who is not told of it.
func (s *Server) ownedFaults(r *http.Request, actor olorin.Actor, id string, in decoded[saveBody]) ([]olorin.Fault, int64, error) {
	carried := slices.DeleteFunc(slices.Clone(serverOwned), func(name string) bool { _, ok := in.tree[name]; return !ok })
	if len(carried) == 0 && in.value.Version == nil {
		head, err := s.Desk.Head(r.Context(), actor, id)
		if olorin.CodeOf(err) == olorin.CodeNotFound {
			return nil, 0, nil
		}
		return nil, head.Version, err
	}
	current, err := s.Desk.View(r.Context(), actor, id)
	fresh := olorin.CodeOf(err) == olorin.CodeNotFound
	if err != nil && !fresh {
		return nil, 0, err
	}
	seen := current
	if fresh {
		if seen, err = blank(actor, id); err != nil {
			return nil, 0, err
		}
	}
	var found []olorin.Fault
	if v := in.value.Version; v != nil && *v > current.Version && !(fresh && *v == 0) {
		found = append(found, olorin.Fault{Pointer: "/version", Code: string(olorin.CodeServerOwned), Detail: fmt.Sprintf("the state is at version %d; there is no %d yet", current.Version, *v)})
	} else if v != nil && *v < current.Version && *v > 0 && len(carried) > 0 {
		if seen, err = s.Desk.StateAt(r.Context(), actor, id, *v); err != nil {
			return nil, 0, err
		}
	}
	if len(carried) == 0 {
		return found, current.Version, nil
	}
	was, err := treeOf(*told(seen))
	if err != nil {
		return nil, 0, err
	}
	for _, name := range carried {
		differences(in.tree[name], was[name], "/"+name, &found)
	}
	return found, current.Version, nil
}

// blank is what a new draft adds up to before anything was saved.
func blank(actor olorin.Actor, id string) (olorin.Investigation, error) {
	inv := olorin.Investigation{ID: id}
	bodies, err := olorin.Create(actor.ID, "New", olorin.DefaultSettings(), olorin.Lineage{})(inv)
	if err != nil {
		return inv, err
	}
	return olorin.Fold(id, []olorin.Event{{Seq: 1, Actor: actor, Body: bodies[0]}})
}

func treeOf(inv olorin.Investigation) (map[string]any, error) {
	text, err := json.Marshal(inv)
	if err != nil {
		return nil, err
	}
	p, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	tree, _ := p.tree.(map[string]any)
	return tree, nil
}

// maxDifferences bounds how many changed places are named; beyond it more of the same says nothing new.
const maxDifferences = 50

// differences names the places where a carried part is not what the server has. Absent and null are the same, numbers are compared
// by value and times as instants, as other languages write them differently.
func differences(given, has any, at string, found *[]olorin.Fault) {
	if len(*found) >= maxDifferences {
		return
	}
	switch has := has.(type) {
	case map[string]any:
		if given, ok := given.(map[string]any); ok {
			names := maps.Clone(has)
			maps.Copy(names, given)
			for _, name := range slices.Sorted(maps.Keys(names)) {
				differences(given[name], has[name], at+"/"+olorin.PointerTo(name), found)
			}
			return
		}
	case []any:
		if given, ok := given.([]any); ok && len(given) == len(has) {
			for i := range has {
				differences(given[i], has[i], fmt.Sprintf("%s/%d", at, i), found)
			}
			return
		}
	default:
		if same(given, has) {
			return
		}
	}
	*found = append(*found, olorin.Fault{Pointer: at, Code: string(olorin.CodeServerOwned), Detail: "it belongs to the server; leave it out or send it back as it was read"})
}

func same(a, b any) bool {
	if x, ok := a.(json.Number); ok {
		y, ok := b.(json.Number)
		if x == y {
			return ok
		}
		fx, errX := x.Float64()
		fy, errY := y.Float64()
		return ok && errX == nil && errY == nil && fx == fy
	}
	if x, ok := a.(string); ok {
		y, ok := b.(string)
		if !ok || x == y {
			return ok
		}
		tx, errX := time.Parse(time.RFC3339Nano, x)
		ty, errY := time.Parse(time.RFC3339Nano, y)
		return errX == nil && errY == nil && tx.Equal(ty)
	}
	switch a.(type) {
	case map[string]any, []any:
		return false
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}
