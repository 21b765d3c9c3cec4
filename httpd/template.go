package httpd

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/olorin-dev/olorin"
)

type templatesQuery struct {
	Text    string       `json:"q,omitempty" maxLength:"200" doc:"Words that name, description or tags must hold."`
	Tag     string       `json:"tag,omitempty" maxLength:"40"`
	Scope   olorin.Scope `json:"scope,omitempty" enum:"private,org"`
	Mine    bool         `json:"mine,omitempty" doc:"One's own alone."`
	Deleted bool         `json:"deleted,omitempty" doc:"One's own that were deleted, in place of the others."`
	Page    int          `json:"page,omitempty" minimum:"1" maximum:"10000" default:"1"`
	Size    int          `json:"page_size,omitempty" minimum:"1" maximum:"200" default:"50" doc:"How many a page has."`
	Limit   int          `json:"limit,omitempty" minimum:"1" maximum:"200" doc:"The same as page_size, as the history calls it."`
	Sort    string       `json:"sort,omitempty" enum:"name,-name,updated_at,-updated_at,created_at,-created_at,last_used_at,-last_used_at,usage_count,-usage_count,entity_count,-entity_count" default:"name"`
}

type templatesAnswer struct {
	Items      []olorin.TemplateRow `json:"items" doc:"Without what each sets and asks for: that is in the template itself."`
	Page       int                  `json:"page"`
	Total      int                  `json:"total" doc:"How many there are on all pages."`
	TotalPages int                  `json:"total_pages"`
	Tags       []string             `json:"tags" doc:"Of all templates that the user may load."`
	Owned      int                  `json:"owned" doc:"How many the user has."`
	Limit      int                  `json:"limit" doc:"How many a user may have."`
}

type templateBody struct {
	Name         string               `json:"name" minLength:"1" maxLength:"200"`
	Description  string               `json:"description,omitempty" maxLength:"2000"`
	Tags         []string             `json:"tags,omitempty" maxItems:"20"`
	Scope        olorin.Scope         `json:"scope,omitempty" enum:"private,org" default:"private"`
	Settings     *settingsInput       `json:"settings" required:"true"`
	Placeholders []olorin.Placeholder `json:"placeholders,omitempty" maxItems:"20" doc:"Places in the settings that are asked for at load."`
}

type addTemplateQuery struct {
	OnConflict string `json:"on_conflict,omitempty" enum:"overwrite" doc:"overwrite: a template of one's own that has the name gets a new version."`
}

type applyBody struct {
	Values    map[string]json.RawMessage `json:"values,omitempty" doc:"A value for each placeholder, by its name."`
	Overrides *olorin.SettingsPatch      `json:"overrides,omitempty" doc:"Members of settings that are put in place of the template's."`
	Preview   bool                       `json:"preview,omitempty" doc:"Only answer the settings: no use is counted."`
}

type applyAnswer struct {
	TemplateID string          `json:"template_id"`
	Version    int64           `json:"version"`
	UsageCount int64           `json:"usage_count"`
	Settings   olorin.Settings `json:"settings"`
}

type restoreTemplateBody struct {
	Name string `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"What it is called then; absent: as it was called."`
}

type templateVersionsAnswer struct {
	Items []olorin.TemplateVersion `json:"items"`
}

// templates lists the templates that the user may see.
func (s *Server) templates(w http.ResponseWriter, r *http.Request) error {
	q, err := query[templatesQuery](s, r)
	if err != nil {
		return err
	}
	list, err := s.Shelf.Templates(r.Context(), actorOf(r), olorin.TemplateQuery{Text: q.Text, Tag: q.Tag, Scope: q.Scope, Mine: q.Mine, Deleted: q.Deleted, Sort: q.Sort})
	if err != nil {
		return err
	}
	page, size, total := cmp.Or(q.Page, 1), cmp.Or(q.Size, q.Limit, 50), len(list.Items)
	first := min((page-1)*size, total)
	return writeJSON(w, http.StatusOK, templatesAnswer{
		Items: list.Items[first:min(first+size, total)], Page: page, Total: total, TotalPages: (total + size - 1) / size,
		Tags: list.Tags, Owned: list.Owned, Limit: s.options.TemplateMax,
	})
}

func (s *Server) template(w http.ResponseWriter, r *http.Request) error {
	t, err := s.Shelf.Template(r.Context(), actorOf(r), r.PathValue("template_id"))
	if err == nil && t.DeletedAt != nil {
		err = olorin.NotFound("template", t.ID)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache") // and no 304: uses are counted without a new version
	return writeTemplate(w, http.StatusOK, t)
}

func (s *Server) addTemplate(w http.ResponseWriter, r *http.Request) error {
	q, err := query[addTemplateQuery](s, r)
	if err != nil {
		return err
	}
	save, err := s.templateSave(r)
	if err != nil {
		return err
	}
	t, err := s.Shelf.Add(r.Context(), actorOf(r), save, q.OnConflict == "overwrite")
	if err != nil {
		return err
	}
	status := http.StatusOK
	if t.Version == 1 {
		status = http.StatusCreated
	}
	return writeTemplate(w, status, t)
}

// templateSave reads what is to be written of a template, and tells everything that is wrong with it.
func (s *Server) templateSave(r *http.Request) (olorin.TemplateSave, error) {
	in, err := readBody[templateBody](s, r)
	if err != nil {
		return olorin.TemplateSave{}, err
	}
	b := in.value
	if b.Scope == "" {
		b.Scope = olorin.ScopePrivate
	}
	settings := olorin.DefaultSettings()
	if b.Settings != nil {
		settings = b.Settings.Settings
	}
	save := olorin.TemplateSave{Name: b.Name, Description: b.Description, Tags: b.Tags, Scope: b.Scope, Settings: settings, Placeholders: b.Placeholders}
	if all := faults(in.faults, save.Faults()); len(all) > 0 {
		return save, olorin.Invalid("the template was refused and nothing was written", all...)
	}
	return save, nil
}

func (s *Server) saveTemplate(w http.ResponseWriter, r *http.Request) error {
	save, err := s.templateSave(r)
	if err != nil {
		return err
	}
	match, err := s.templateMatch(r)
	if err != nil {
		return err
	}
	t, err := s.Shelf.Save(r.Context(), actorOf(r), r.PathValue("template_id"), save, match)
	if err != nil {
		return err
	}
	return writeTemplate(w, http.StatusOK, t)
}

func (s *Server) deleteTemplate(w http.ResponseWriter, r *http.Request) error {
	match, err := s.templateMatch(r)
	if err != nil {
		return err
	}
	if err := s.Shelf.Delete(r.Context(), actorOf(r), r.PathValue("template_id"), match); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// templateMatch reads If-Match of a write to a template, nil where it is not given.
func (s *Server) templateMatch(r *http.Request) (*int64, error) {
	if r.Header.Get("If-Match") == "" && r.Header.Get("If-None-Match") == "" {
		return nil, nil
	}
	t, err := s.Shelf.Template(r.Context(), actorOf(r), r.PathValue("template_id"))
	if err != nil {
		return nil, err
	}
	cond, err := condition(r, t.Version)
	return cond.IfMatch, err
}

func (s *Server) undeleteTemplate(w http.ResponseWriter, r *http.Request) error {
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	t, err := s.Shelf.Undelete(r.Context(), actorOf(r), r.PathValue("template_id"))
	if err != nil {
		return err
	}
	return writeTemplate(w, http.StatusOK, t)
}

func (s *Server) duplicateTemplate(w http.ResponseWriter, r *http.Request) error {
	if _, err := body[noBody](s, r); err != nil {
		return err
	}
	t, err := s.Shelf.Duplicate(r.Context(), actorOf(r), r.PathValue("template_id"))
	if err != nil {
		return err
	}
	return writeTemplate(w, http.StatusCreated, t)
}

func (s *Server) templateVersions(w http.ResponseWriter, r *http.Request) error {
	items, err := s.Shelf.Versions(r.Context(), actorOf(r), r.PathValue("template_id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, templateVersionsAnswer{items})
}

func (s *Server) restoreTemplate(w http.ResponseWriter, r *http.Request) error {
	in, err := body[restoreTemplateBody](s, r)
	if err != nil {
		return err
	}
	match, err := s.templateMatch(r)
	if err != nil {
		return err
	}
	id := r.PathValue("template_id")
	version, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil || version < 1 {
		return olorin.NotFound("version of template "+id+",", olorin.Clip(r.PathValue("version"), 32))
	}
	t, err := s.Shelf.RestoreVersion(r.Context(), actorOf(r), id, version, in.Name, match)
	if err != nil {
		return err
	}
	return writeTemplate(w, http.StatusOK, t)
}

// applyTemplate answers the settings of a template with its placeholders filled, and counts the use.
func (s *Server) applyTemplate(w http.ResponseWriter, r *http.Request) error {
	return s.filled(w, r, func(in applyBody) (olorin.Settings, olorin.Template, error) {
		take := s.Shelf.Use
		if in.Preview {
			take = s.Shelf.Fill
		}
		return take(r.Context(), actorOf(r), r.PathValue("template_id"), in.Values, in.Overrides)
	})
}

func (s *Server) filled(w http.ResponseWriter, r *http.Request, fill func(applyBody) (olorin.Settings, olorin.Template, error)) error {
	in, err := readBody[applyBody](s, r)
	if err != nil {
		return err
	}
	if len(in.faults) > 0 { // whatever else is wrong is told with them, and no use counted
		_, _, err := s.Shelf.Fill(r.Context(), actorOf(r), r.PathValue("template_id"), in.value.Values, in.value.Overrides)
		e, ok := asError(err)
		if err != nil && (!ok || e.Code != olorin.CodeInvalid) {
			return err
		}
		if ok {
			in.faults = faults(in.faults, e.Faults)
		}
		return olorin.Invalid("the template cannot be loaded", in.faults...)
	}
	settings, t, err := fill(in.value)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, applyAnswer{TemplateID: t.ID, Version: t.Version, UsageCount: t.UsageCount, Settings: settings})
}

func writeTemplate(w http.ResponseWriter, status int, t olorin.Template) error {
	w.Header().Set("ETag", etag(t.Version))
	if status == http.StatusCreated {
		w.Header().Set("Location", api+"/wizard/templates/"+t.ID)
	}
	return writeJSON(w, status, t)
}

// templating is a handler of the feature that can be switched off.
func (s *Server) templating(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !s.options.Features.Templates {
			return olorin.Errorf(olorin.CodeFeatureDisabled, "templates are switched off (FEATURE_WIZARD_TEMPLATES_ENABLED)")
		}
		return h(w, r)
	}
}
