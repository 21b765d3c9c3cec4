package olorin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
	Items []TemplateRow
	Tags  []string // of all of them
	Owned int      // how many are the actor's own
}

// Templates lists the templates that the actor may see, built-in ones included.
func (s *Shelf) Templates(ctx context.Context, actor Actor, q TemplateQuery) (TemplateList, error) {
	stored, err := s.store.Templates(ctx, actor.ID, actor.Role == RoleAuditor, q.Deleted)
	if err != nil {
		return TemplateList{}, err
	}
	found := []TemplateRow{}
	if !q.Deleted {
		builtIns, err := s.builtIns(ctx)
		if err != nil {
			return TemplateList{}, err
		}
		for _, t := range builtIns {
			found = append(found, t.TemplateRow)
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
	found = slices.DeleteFunc(found, func(t TemplateRow) bool { return !q.selects(t, actor.ID) })
	field, descending := strings.CutPrefix(q.Sort, "-")
	slices.SortStableFunc(found, func(a, b TemplateRow) int {
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
func (q TemplateQuery) selects(t TemplateRow, userID string) bool {
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
func (t TemplateRow) before(b TemplateRow, field string) int {
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
	t, err := s.write(ctx, actor, Template{TemplateRow: TemplateRow{ID: s.newID(), UserID: actor.ID}}, save, "template.created")
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
	save.Name, save.Scope = clipRunes("Copy of "+t.Name, maxName), ScopePrivate
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
	t.Name, t.Description, t.Scope = MaskCards(strings.TrimSpace(save.Name)), MaskCards(save.Description), save.Scope
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

func (s *Shelf) entry(actor Actor, t Template, action string, at Time) AuditEntry {
	return AuditEntry{
		At: at, Actor: actor, Origin: actor.Origin, Source: actor.source(), Action: action,
		Detail: fmt.Sprintf("template %s %q, version %d", t.ID, t.Name, t.Version),
	}
}
