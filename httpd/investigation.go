package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/olorin-dev/olorin"
)

// stateAnswer is the whole state after a change.
type stateAnswer struct {
	olorin.Investigation
	Durability olorin.Durability `json:"durability" enum:"durable,memory" doc:"durable: committed, and still there after a crash. memory: the database cannot be written; the change is held until it can."`
	Conflict   *olorin.Conflict  `json:"conflict,omitempty" doc:"The save overwrote a change that its writer had not seen."`
}

// noBody is a body without members; it may also be absent.
type noBody struct{}

// settingsInput is settings as a request gives them: whatever is absent takes its default.
type settingsInput struct{ olorin.Settings }

// UnmarshalJSON fills in the defaults.
func (s *settingsInput) UnmarshalJSON(b []byte) error {
	s.Settings = olorin.DefaultSettings()
	s.TimeRange = olorin.TimeRange{} // a given start must not meet the default's preset
	return json.Unmarshal(b, &s.Settings)
}

// TransformSchema makes every member optional.
func (s *settingsInput) TransformSchema(_ huma.Registry, schema *huma.Schema) *huma.Schema {
	schema.Required = nil
	schema.Description = "Members that are absent take their defaults."
	return schema
}

type createBody struct {
	Name       string         `json:"name" minLength:"1" maxLength:"200"`
	Settings   *settingsInput `json:"settings,omitempty"`
	TemplateID string         `json:"template_id,omitempty" maxLength:"64" doc:"Start from the settings of a template, as they are; where settings are given as well, such as those that apply answered, those count. It is kept as the lineage."`
}

type rerunBody struct {
	Name     string                `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"The name of the new investigation; absent: the old one's with a number behind it that is free."`
	Settings *olorin.SettingsPatch `json:"settings,omitempty" doc:"Members that are put in place of the old settings'; absent ones stay as they were."`
}

// create makes a draft.
func (s *Server) create(w http.ResponseWriter, r *http.Request) error {
	in, err := readBody[createBody](s, r)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	wanted := olorin.DefaultSettings()
	if id := in.value.TemplateID; id != "" {
		t, err := s.Shelf.Template(r.Context(), actor, id)
		switch {
		case olorin.CodeOf(err) == olorin.CodeNotFound || err == nil && t.DeletedAt != nil || !s.options.Features.Templates:
			in.faults = append(in.faults, olorin.Fault{Pointer: "/template_id", Code: "unknown", Detail: fmt.Sprintf("there is no template %s; leave template_id out, or choose another", quote(id))})
		case err != nil:
			return err
		}
		wanted = t.Settings
	}
	if in.value.Settings != nil {
		wanted = in.value.Settings.Settings
	}
	command := olorin.Create(actor.ID, in.value.Name, wanted, olorin.Lineage{TemplateID: in.value.TemplateID})
	if all := in.with(command(olorin.Investigation{})); len(all) > 0 {
		return olorin.Invalid("the investigation cannot be created", all...)
	}
	changed, err := s.Desk.Change(r.Context(), actor, newID(), command, olorin.Condition{})
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// with adds the faults of a command's refusal to those of the decoding.
func (d decoded[T]) with(_ []olorin.Body, err error) []olorin.Fault {
	if e, ok := asError(err); ok && e.Code == olorin.CodeInvalid {
		return faults(d.faults, e.Faults)
	}
	return d.faults
}

// rerun makes a new draft of the same settings, but for those that are given.
func (s *Server) rerun(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	in, err := readBody[rerunBody](s, r)
	if err != nil {
		return err
	}
	actor := actorOf(r)
	old, err := s.Desk.View(r.Context(), actor, id)
	if err != nil {
		return err
	}
	name := in.value.Name
	if name == "" {
		if name, err = s.Desk.RerunName(r.Context(), actor, old.Name); err != nil {
			return err
		}
	}
	command := olorin.Create(actor.ID, name, old.Settings.With(in.value.Settings), olorin.Lineage{RerunOf: id})
	if all := in.with(command(olorin.Investigation{})); len(all) > 0 {
		return olorin.Invalid("the rerun was refused", all...)
	}
	changed, err := s.Desk.Change(r.Context(), actor, newID(), command, olorin.Condition{})
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// newID makes an id that sorts by time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// told fills in what is told at reading where a change did not.
func told(inv olorin.Investigation) *olorin.Investigation {
	if inv.LastAccessed.IsZero() {
		inv.LastAccessed = inv.UpdatedAt
	}
	if inv.Results != nil {
		inv.Results = inv.Results.Whole()
	}
	return &inv
}

// writeState answers a change with the whole state.
func writeState(w http.ResponseWriter, c olorin.Changed) error {
	w.Header().Set("ETag", heldETag(c.Investigation.Version, c.Durable, c.Investigation.UpdatedAt))
	status := http.StatusOK
	if c.Created {
		status = http.StatusCreated
		w.Header().Set("Location", fmt.Sprintf("%s/wizard/%s/state", api, c.Investigation.ID))
	}
	if c.Durability() == olorin.Memory {
		status = http.StatusAccepted
	}
	return writeJSON(w, status, stateAnswer{Investigation: *told(c.Investigation), Durability: c.Durability(), Conflict: c.Conflict})
}
