package olorin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Scope says who may see a template.
type Scope string

// The scopes: its owner alone, or everybody who may log in.
const (
	ScopePrivate Scope = "private"
	ScopeOrg     Scope = "org"
)

// Template is settings to start from, with places that are asked for when it is loaded.
type Template struct {
	ID           string        `json:"template_id"`
	UserID       string        `json:"user_id" doc:"The owner; empty for a built-in one."`
	Scope        Scope         `json:"scope" enum:"private,org"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Tags         []string      `json:"tags"`
	Settings     Settings      `json:"settings"`
	Placeholders []Placeholder `json:"placeholders"`
	BuiltIn      bool          `json:"built_in" doc:"Comes with the program and cannot be changed."`
	Version      int64         `json:"version"`
	EntityCount  int           `json:"entity_count"`
	UsageCount   int64         `json:"usage_count"`
	LastUsedAt   *Time         `json:"last_used_at"`
	CreatedAt    Time          `json:"created_at"`
	UpdatedAt    Time          `json:"updated_at"`
	DeletedAt    *Time         `json:"deleted_at"`
}

// Placeholder is a place in the settings of a template that is asked for when it is loaded.
type Placeholder struct {
	Name    string `json:"name" pattern:"^[a-z][a-z0-9_]{0,39}$" doc:"Key of its value in apply."`
	Label   string `json:"label" minLength:"1" maxLength:"200" doc:"What the form asks, such as: the user to investigate."`
	Pointer string `json:"pointer" doc:"The place in the settings: /dataset, /time_range, /risk_threshold, or /entities/N/value."`
}

// TemplateVersion is a template as it was saved once.
type TemplateVersion struct {
	Version int64        `json:"version"`
	At      Time         `json:"at"`
	By      string       `json:"by"`
	Changed []Difference `json:"changed" doc:"What differs from the version before."`
	Template
}

// TemplateQuery selects templates. Empty fields do not narrow.
type TemplateQuery struct {
	Text    string // words that name, description or tags must hold, without regard to case
	Tag     string
	Scope   Scope
	Mine    bool
	Deleted bool   // those that were deleted, in place of the others; only one's own
	Sort    string // one of TemplateSorts; a leading "-" is descending
}

// TemplateSorts are the fields that templates may be sorted by.
var TemplateSorts = []string{"name", "updated_at", "created_at", "last_used_at", "usage_count", "entity_count"}

// Bounds of a template.
const (
	maxTemplateName        = 200
	maxTemplateDescription = 2000
	maxTags                = 20
	maxTag                 = 40
)

// TemplateSave is what a person writes of a template.
type TemplateSave struct {
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Tags         []string      `json:"tags"`
	Scope        Scope         `json:"scope"`
	Settings     Settings      `json:"settings"`
	Placeholders []Placeholder `json:"placeholders"`
}

// Templates keeps templates.
type Templates interface {
	// Template returns a template, also one that was deleted.
	Template(ctx context.Context, id string) (Template, error)
	// Templates lists those that the user owns and those of the organisation; deleted ones only of the user, and only where asked for.
	// all lists everybody's.
	Templates(ctx context.Context, userID string, all, deleted bool) ([]Template, error)
	// TemplateVersions lists what a template was, newest first.
	TemplateVersions(ctx context.Context, id string) ([]TemplateVersion, error)
	// PutTemplate writes a new version of a template, its first where Version is 1: CodeConflict where the version before it is not the
	// newest, CodeNameTaken where its owner has another one of that name, CodeTemplateLimit where it would be the owner's (limit+1)th.
	PutTemplate(ctx context.Context, t Template, by string, limit int, audit AuditEntry) error
	// UseTemplate counts a use. It is no new version.
	UseTemplate(ctx context.Context, id string, at Time, audit AuditEntry) error
	// UseBuiltIn counts a use of a template that the store does not have, since it comes with the program.
	UseBuiltIn(ctx context.Context, id string, at Time, audit AuditEntry) error
	// BuiltInUses tells how often those were used, by everybody, by id.
	BuiltInUses(ctx context.Context) (map[string]TemplateUse, error)
}

// TemplateUse is how often a template was used, and when last.
type TemplateUse struct {
	Count int64
	Last  Time
}

// Shelf is the one door to templates, as Desk is to investigations.
type Shelf struct {
	store   Templates
	builtIn []Template
	clock   Clock
	limit   int
	newID   func() string
	seal    CardSeal
}

// NewShelf returns the door to the templates in a store and the built-in ones; limit is how many a user may have, newID makes ids, seal is
// what card numbers are kept under.
func NewShelf(store Templates, builtIn []Template, clock Clock, limit int, newID func() string, seal CardSeal) *Shelf {
	return &Shelf{store, builtIn, clock, limit, newID, seal}
}

// Faults returns everything that is wrong with a save; pointers are those of the request's body.
func (s TemplateSave) Faults() []Fault {
	var faults []Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, Fault{pointer, code, fmt.Sprintf(format, args...)})
	}
	switch n := len([]rune(s.Name)); {
	case strings.TrimSpace(s.Name) == "":
		add("/name", "required", "give the template a name")
	case n > maxTemplateName:
		add("/name", "too_long", "the name has %d characters; at most %d are kept", n, maxTemplateName)
	case strings.ContainsFunc(s.Name, unicode.IsControl):
		add("/name", "invalid", "the name has line breaks or control characters in it")
	}
	if n := len([]rune(s.Description)); n > maxTemplateDescription {
		add("/description", "too_long", "the description has %d characters; at most %d are kept", n, maxTemplateDescription)
	}
	if len(s.Tags) > maxTags {
		add("/tags", "too_many", "%d tags are given; at most %d are kept", len(s.Tags), maxTags)
	}
	for i, tag := range s.Tags {
		if n := len([]rune(tag)); n == 0 || n > maxTag || tag != strings.TrimSpace(tag) || strings.Contains(tag, ",") {
			add(fmt.Sprintf("/tags/%d", i), "invalid", "a tag has 1 to %d characters, no comma, and no space at its ends", maxTag)
		}
	}
	if s.Scope != ScopePrivate && s.Scope != ScopeOrg {
		add("/scope", "unknown", "%q is not a scope; use private or org", s.Scope)
	}
	faults = append(faults, s.Settings.Shape()...)
	names, places := map[string]bool{}, map[string]bool{}
	for i, p := range s.Placeholders {
		at := fmt.Sprintf("/placeholders/%d", i)
		if !placeholderName.MatchString(p.Name) {
			add(at+"/name", "invalid", "a placeholder is called by a small letter, then small letters, digits and _, at most 40 in all")
		}
		if names[p.Name] {
			add(at+"/name", "duplicate", "another placeholder is called %s", p.Name)
		}
		if strings.TrimSpace(p.Label) == "" {
			add(at+"/label", "required", "say what is asked for")
		}
		if _, why := place(&s.Settings, p.Pointer); why != "" {
			add(at+"/pointer", "unknown", "%s", why)
		}
		if places[p.Pointer] {
			add(at+"/pointer", "duplicate", "another placeholder stands there")
		}
		names[p.Name], places[p.Pointer] = true, true
	}
	return faults
}

var (
	placeholderName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	entityPointer   = regexp.MustCompile(`^/entities/(0|[1-9][0-9]?)/value$`)
)

// place returns what a placeholder at a pointer fills, or why there is no such place.
func place(s *Settings, pointer string) (into any, why string) {
	switch m := entityPointer.FindStringSubmatch(pointer); {
	case pointer == "/dataset":
		return &s.Dataset, ""
	case pointer == "/time_range":
		return &s.TimeRange, ""
	case pointer == "/risk_threshold":
		return &s.RiskThreshold, ""
	case m != nil:
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(s.Entities) {
			return &s.Entities[i].Value, ""
		}
		return nil, fmt.Sprintf("there is no entity %s in the settings", m[1])
	}
	return nil, "a placeholder stands at /dataset, /time_range, /risk_threshold or /entities/N/value"
}

// fit puts a JSON value into the place of a placeholder, as strictly as a save reads it, and returns why it cannot be there, or "".
func fit(into any, value json.RawMessage) string {
	switch into := into.(type) {
	case *string:
		if json.Unmarshal(value, into) != nil {
			return "give a text"
		}
		if n := len([]rune(*into)); n > maxEntityValue {
			return fmt.Sprintf("it has %d characters; at most %d are taken", n, maxEntityValue)
		}
	case *float64:
		if json.Unmarshal(value, into) != nil {
			return "give a number"
		}
	case *TimeRange:
		var members map[string]json.RawMessage
		*into = TimeRange{}
		if json.Unmarshal(value, &members) != nil {
			return `give a time range, such as {"preset": "last_30d"}, or {"start": …, "end": …}`
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if name != "preset" && name != "start" && name != "end" {
				return fmt.Sprintf("%q is nothing that a time range has; it has preset, or start and end", Clip(name, 40))
			}
		}
		if json.Unmarshal(value, into) != nil {
			return "the preset is a word, start and end are times such as 2026-01-31T00:00:00Z"
		}
	}
	return ""
}

// Fill returns the settings of the template with values, by placeholder, in their places, and then overrides in place of what the
// template says. Every placeholder must be given whose place is not overridden. Card numbers are masked under the seal.
func (t Template) Fill(values map[string]json.RawMessage, overrides *SettingsPatch, seal CardSeal) (Settings, error) {
	s := t.Settings
	s.Entities, s.ToolMatrix = slices.Clone(s.Entities), slices.Clone(s.ToolMatrix)
	overridden := overrides.fields()
	var faults []Fault
	add := func(pointer, code, detail string) {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Pointer == pointer }) {
			faults = append(faults, Fault{pointer, code, detail})
		}
	}
	known, asked := map[string]bool{}, map[string]string{} // asked is where in the body a place of the settings comes from
	for _, p := range t.Placeholders {
		known[p.Name] = true
		at := "/values/" + p.Name
		value, ok := values[p.Name]
		field, _, _ := strings.Cut(p.Pointer[1:], "/")
		if slices.Contains(overridden, "settings."+field) {
			continue
		}
		asked["/settings"+p.Pointer] = at
		if !ok || string(value) == "null" {
			add(at, "required", "the template asks for: "+p.Label)
			continue
		}
		into, why := place(&s, p.Pointer)
		if why == "" {
			why = fit(into, value)
		}
		if m := entityPointer.FindStringSubmatch(p.Pointer); m != nil && why == "" {
			i, _ := strconv.Atoi(m[1])
			s.Entities[i].Value = seal.Kept(s.Entities[i])
			why = s.Entities[i].wrong()
		}
		if why != "" {
			add(at, "invalid", why)
		}
	}
	for name := range values {
		if !known[name] {
			add("/values/"+PointerTo(name), "unknown", "the template has no placeholder of this name")
		}
	}
	if overrides != nil {
		overrides.put(&s)
	}
	s = s.normal()
	s.Entities = seal.keep(s.Entities)
	for _, f := range s.Shape() {
		for place, at := range asked {
			if rest, ok := strings.CutPrefix(f.Pointer, place); ok {
				f.Pointer = at + rest
			}
		}
		add(f.Pointer, f.Code, f.Detail)
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
		return Settings{}, Invalid("the template cannot be loaded", faults...)
	}
	return s, nil
}

// Over returns the template's settings for the case of other settings: what the template is about stays its own (checks and their
// parameters, modes, threshold, and the time range unless it asks for one); whom and what the case is about is the case's.
func (t Template) Over(of Settings) Settings {
	s := t.Settings
	s.Dataset, s.Entities = of.Dataset, slices.Clone(of.Entities)
	if slices.ContainsFunc(t.Placeholders, func(p Placeholder) bool { return p.Pointer == "/time_range" }) {
		s.TimeRange = of.TimeRange
	}
	if slices.ContainsFunc(t.Placeholders, func(p Placeholder) bool { return p.Pointer == "/risk_threshold" }) {
		s.RiskThreshold = of.RiskThreshold
	}
	return s
}

// seenBy tells whether the actor may know of the template. One that was deleted is known to those who may bring it back.
func (t Template) seenBy(a Actor) bool {
	return t.BuiltIn || t.Scope == ScopeOrg && (t.DeletedAt == nil || a.leads()) || a.sees(t.UserID)
}

// mayChange refuses with CodeNotFound what the actor may not see, with CodeForbidden what it may only see.
func (t Template) mayChange(a Actor) error {
	switch {
	case !t.seenBy(a):
		return NotFound("template", t.ID)
	case t.BuiltIn:
		return Errorf(CodeForbidden, "the built-in template %q cannot be changed; duplicate it and change the copy", t.Name)
	case a.MayWrite() != nil:
		return a.MayWrite()
	case a.ID != t.UserID && !a.leads():
		return Errorf(CodeForbidden, "the template %q is %s's; its owner, a lead or an admin may change it, and you may duplicate it", t.Name, t.UserID)
	}
	return nil
}

// Template returns a template to somebody who may see it.
func (s *Shelf) Template(ctx context.Context, actor Actor, id string) (Template, error) {
	if slices.ContainsFunc(s.builtIn, func(t Template) bool { return t.ID == id }) {
		all, err := s.builtIns(ctx)
		if err != nil {
			return Template{}, err
		}
		return all[slices.IndexFunc(all, func(t Template) bool { return t.ID == id })], nil
	}
	t, err := s.store.Template(ctx, id)
	if err == nil && !t.seenBy(actor) {
		err = NotFound("template", id)
	}
	if err != nil {
		return Template{}, err
	}
	return t, nil
}

// standing returns a template that was not deleted.
func (s *Shelf) standing(ctx context.Context, actor Actor, id string) (Template, error) {
	t, err := s.Template(ctx, actor, id)
	if err == nil && t.DeletedAt != nil {
		err = NotFound("template", id)
	}
	return t, err
}

// TemplateList is what a query selects, with what is told of all that the actor may see.
type TemplateList struct {
	Items []Template
	Tags  []string // of all of them
	Owned int      // how many are the actor's own
}

// Templates lists the templates that the actor may see, built-in ones included.
func (s *Shelf) Templates(ctx context.Context, actor Actor, q TemplateQuery) (TemplateList, error) {
	stored, err := s.store.Templates(ctx, actor.ID, actor.Role == RoleAuditor, q.Deleted)
	if err != nil {
		return TemplateList{}, err
	}
	found := []Template{}
	if !q.Deleted {
		if found, err = s.builtIns(ctx); err != nil {
			return TemplateList{}, err
		}
	}
	found = append(found, stored...)
	list, tags := TemplateList{}, map[string]bool{}
	for _, t := range found {
		if t.UserID == actor.ID && t.DeletedAt == nil {
			list.Owned++
		}
		for _, tag := range t.Tags {
			tags[tag] = true
		}
	}
	list.Tags = slices.AppendSeq([]string{}, maps.Keys(tags))
	slices.Sort(list.Tags)
	found = slices.DeleteFunc(found, func(t Template) bool { return !q.selects(t, actor.ID) })
	field, descending := strings.CutPrefix(q.Sort, "-")
	slices.SortStableFunc(found, func(a, b Template) int {
		n := a.before(b, field)
		if descending {
			n = -n
		}
		if n == 0 {
			n = strings.Compare(a.ID, b.ID)
		}
		return n
	})
	list.Items = found
	return list, nil
}

// builtIns are the built-in templates with how often they were used.
func (s *Shelf) builtIns(ctx context.Context) ([]Template, error) {
	uses, err := s.store.BuiltInUses(ctx)
	all := slices.Clone(s.builtIn)
	for i := range all {
		if use, ok := uses[all[i].ID]; ok {
			all[i].UsageCount, all[i].LastUsedAt = use.Count, &use.Last
		}
	}
	return all, err
}

// selects tells whether a template is one of those asked for.
func (q TemplateQuery) selects(t Template, userID string) bool {
	if q.Mine && t.UserID != userID || q.Scope != "" && t.Scope != q.Scope || q.Tag != "" && !slices.Contains(t.Tags, q.Tag) {
		return false
	}
	text := strings.ToLower(t.Name + "\n" + t.Description + "\n" + strings.Join(t.Tags, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(q.Text)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// before orders templates by one of TemplateSorts.
func (t Template) before(b Template, field string) int {
	instant := func(t *Time) int64 {
		if t == nil {
			return 0
		}
		return t.UnixMicro()
	}
	switch field {
	case "updated_at":
		return t.UpdatedAt.Compare(b.UpdatedAt.Time)
	case "created_at":
		return t.CreatedAt.Compare(b.CreatedAt.Time)
	case "last_used_at":
		return int(min(1, max(-1, instant(t.LastUsedAt)-instant(b.LastUsedAt))))
	case "usage_count":
		return int(t.UsageCount - b.UsageCount)
	case "entity_count":
		return t.EntityCount - b.EntityCount
	}
	return strings.Compare(strings.ToLower(t.Name), strings.ToLower(b.Name))
}

// Add makes a template of the actor's. Where its owner has one of that name already the error is CodeNameTaken, or, with
// overwrite, that one gets a new version.
func (s *Shelf) Add(ctx context.Context, actor Actor, save TemplateSave, overwrite bool) (Template, error) {
	if err := actor.MayWrite(); err != nil {
		return Template{}, err
	}
	t, err := s.write(ctx, actor, Template{ID: s.newID(), UserID: actor.ID}, save, "template.created")
	if e, taken := nameTaken(err); taken && overwrite {
		existing, err := s.mine(ctx, actor, e.Existing, nil)
		if err != nil {
			return Template{}, err
		}
		return s.write(ctx, actor, existing, save, "template.changed")
	}
	return t, err
}

// Save writes a new version of a template; ifMatch, where not nil, must be the newest version, else the error is CodeStale.
func (s *Shelf) Save(ctx context.Context, actor Actor, id string, save TemplateSave, ifMatch *int64) (Template, error) {
	t, err := s.mine(ctx, actor, id, ifMatch)
	if err != nil {
		return Template{}, err
	}
	return s.write(ctx, actor, t, save, "template.changed")
}

// Delete puts a template away; Undelete brings it back.
func (s *Shelf) Delete(ctx context.Context, actor Actor, id string, ifMatch *int64) error {
	t, err := s.mine(ctx, actor, id, ifMatch)
	if err != nil {
		return err
	}
	now := s.clock()
	t.DeletedAt = &now
	_, err = s.put(ctx, actor, t, "template.deleted")
	return err
}

// Undelete brings a deleted template back, under another name where its own was taken meanwhile.
func (s *Shelf) Undelete(ctx context.Context, actor Actor, id string) (Template, error) {
	t, err := s.store.Template(ctx, id)
	if err == nil {
		err = t.mayChange(actor)
	}
	if err != nil || t.DeletedAt == nil {
		return t, err
	}
	t.DeletedAt = nil
	back, err := s.put(ctx, actor, t, "template.undeleted")
	if e, taken := nameTaken(err); taken {
		t.Name = e.Suggested
		back, err = s.put(ctx, actor, t, "template.undeleted")
	}
	return back, err
}

// Versions lists what a template was, newest first, to somebody who may see it.
func (s *Shelf) Versions(ctx context.Context, actor Actor, id string) ([]TemplateVersion, error) {
	t, err := s.standing(ctx, actor, id)
	if err != nil || t.BuiltIn {
		return []TemplateVersion{}, err
	}
	versions, err := s.versions(ctx, actor, t)
	if err != nil {
		return nil, err
	}
	for i := range versions {
		versions[i].Changed = []Difference{}
		if i+1 < len(versions) {
			if versions[i].Changed, err = compareTemplates(versions[i+1].Template, versions[i].Template); err != nil {
				return nil, err
			}
		}
	}
	return versions, nil
}

// versions reads the versions that the actor may know: what a template was before it was shared stays its owner's.
func (s *Shelf) versions(ctx context.Context, actor Actor, t Template) ([]TemplateVersion, error) {
	versions, err := s.store.TemplateVersions(ctx, t.ID)
	if actor.sees(t.UserID) {
		return versions, err
	}
	return slices.DeleteFunc(versions, func(v TemplateVersion) bool { return v.Scope != ScopeOrg }), err
}

// compareTemplates lists what a person changed from one version to another.
func compareTemplates(from, to Template) ([]Difference, error) {
	a, err := generic(from.saved())
	if err != nil {
		return nil, err
	}
	b, err := generic(to.saved())
	if err != nil {
		return nil, err
	}
	out := []Difference{}
	err = differences("", a, b, &out)
	return out, err
}

// saved is what a person wrote of the template.
func (t Template) saved() TemplateSave {
	return TemplateSave{t.Name, t.Description, t.Tags, t.Scope, t.Settings, t.Placeholders}
}

// RestoreVersion makes an old version the newest one again, called name where that is given; ifMatch is that of Save.
func (s *Shelf) RestoreVersion(ctx context.Context, actor Actor, id string, version int64, name string, ifMatch *int64) (Template, error) {
	t, err := s.mine(ctx, actor, id, ifMatch)
	if err != nil {
		return Template{}, err
	}
	versions, err := s.versions(ctx, actor, t)
	if err != nil {
		return Template{}, err
	}
	i := slices.IndexFunc(versions, func(v TemplateVersion) bool { return v.Version == version })
	if i < 0 {
		return Template{}, NotFound("version of template "+id+",", fmt.Sprint(version))
	}
	save := versions[i].saved()
	save.Name = cmp.Or(name, save.Name)
	return s.write(ctx, actor, t, save, "template.restored")
}

// Duplicate makes a private copy of a template that the actor may see, under a free name.
func (s *Shelf) Duplicate(ctx context.Context, actor Actor, id string) (Template, error) {
	t, err := s.standing(ctx, actor, id)
	if err != nil {
		return Template{}, err
	}
	save := t.saved()
	save.Name, save.Scope = clipRunes("Copy of "+t.Name, maxTemplateName), ScopePrivate
	copied, err := s.Add(ctx, actor, save, false)
	if e, taken := nameTaken(err); taken {
		save.Name = e.Suggested
		copied, err = s.Add(ctx, actor, save, false)
	}
	return copied, err
}

// Fill returns the settings of a template to start from; see Template.Fill.
func (s *Shelf) Fill(ctx context.Context, actor Actor, id string, values map[string]json.RawMessage, overrides *SettingsPatch) (Settings, Template, error) {
	t, err := s.standing(ctx, actor, id)
	if err != nil {
		return Settings{}, t, err
	}
	settings, err := t.Fill(values, overrides, s.seal)
	return settings, t, err
}

// Use fills a template and counts the use.
func (s *Shelf) Use(ctx context.Context, actor Actor, id string, values map[string]json.RawMessage, overrides *SettingsPatch) (Settings, Template, error) {
	settings, t, err := s.Fill(ctx, actor, id, values, overrides)
	if err != nil {
		return settings, t, err
	}
	count, now := s.store.UseTemplate, s.clock()
	if t.BuiltIn {
		count = s.store.UseBuiltIn
	}
	if err := count(ctx, id, now, s.entry(actor, t, "template.used", now)); err != nil {
		return Settings{}, t, err
	}
	t.UsageCount++
	t.LastUsedAt = &now
	return settings, t, nil
}

// mine returns a template that the actor may change, at the version that is expected.
func (s *Shelf) mine(ctx context.Context, actor Actor, id string, ifMatch *int64) (Template, error) {
	t, err := s.standing(ctx, actor, id)
	if err == nil {
		err = t.mayChange(actor)
	}
	if err == nil && ifMatch != nil && *ifMatch != t.Version {
		err = &Error{Code: CodeStale, CurrentTemplate: &t, Message: fmt.Sprintf("the template is at version %d, not at %d: somebody changed it since you read it; nothing was written", t.Version, *ifMatch)}
	}
	return t, err
}

// write makes the next version of a template out of what a person saved.
func (s *Shelf) write(ctx context.Context, actor Actor, t Template, save TemplateSave, action string) (Template, error) {
	if faults := save.Faults(); len(faults) > 0 {
		return Template{}, Invalid("the template was refused and nothing was written", faults...)
	}
	t.Name, t.Description, t.Scope = strings.TrimSpace(save.Name), save.Description, save.Scope
	t.Tags = slices.Compact(slices.Sorted(slices.Values(save.Tags)))
	t.Settings, t.Placeholders = save.Settings.normal(), save.Placeholders
	t.Settings.Entities = s.seal.keep(t.Settings.Entities)
	if t.Tags == nil {
		t.Tags = []string{}
	}
	if t.Placeholders == nil {
		t.Placeholders = []Placeholder{}
	}
	t.EntityCount = len(t.Settings.Entities)
	return s.put(ctx, actor, t, action)
}

// put writes the next version, and says which name is free where the template's is taken.
func (s *Shelf) put(ctx context.Context, actor Actor, t Template, action string) (Template, error) {
	now := s.clock()
	t.Version++
	t.UpdatedAt = now
	if t.Version == 1 {
		t.CreatedAt = now
	}
	err := s.store.PutTemplate(ctx, t, actor.ID, s.limit, s.entry(actor, t, action, now))
	e, isTaken := nameTaken(err)
	if !isTaken {
		return t, err
	}
	owned, listErr := s.store.Templates(ctx, t.UserID, false, false)
	if listErr != nil {
		return Template{}, listErr
	}
	taken := map[string]bool{}
	for _, o := range owned {
		if o.UserID == t.UserID {
			taken[strings.ToLower(o.Name)] = true
		}
	}
	return Template{}, &Error{Code: CodeNameTaken, Message: e.Message, Existing: e.Existing, Suggested: freeName(t.Name, taken)}
}

// nameTaken tells whether an error says that a name is taken.
func nameTaken(err error) (*Error, bool) {
	e, ok := errors.AsType[*Error](err)
	return e, ok && e.Code == CodeNameTaken
}

// freeName returns the name with the first number behind it that nobody has: "Stolen cards (2)".
func freeName(name string, taken map[string]bool) string {
	if m := numbered.FindStringIndex(name); m != nil {
		name = name[:m[0]]
	}
	for n := 2; ; n++ {
		tail := fmt.Sprintf(" (%d)", n)
		free := clipRunes(name, maxTemplateName-len(tail)) + tail
		if !taken[strings.ToLower(free)] {
			return free
		}
	}
}

var numbered = regexp.MustCompile(` \([0-9]+\)$`)

// clipRunes returns at most n characters of a text.
func clipRunes(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

func (s *Shelf) entry(actor Actor, t Template, action string, at Time) AuditEntry {
	return AuditEntry{
		At: at, Actor: actor, Origin: actor.Origin, Source: actor.source(), Action: action,
		Detail: fmt.Sprintf("template %s %q, version %d", t.ID, t.Name, t.Version),
	}
}
