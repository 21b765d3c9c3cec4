package olorin

import (
	"context"
	"fmt"
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

// TemplateRow is what a list tells of a template.
type TemplateRow struct {
	ID          string   `json:"template_id"`
	UserID      string   `json:"user_id" doc:"The owner; empty for a built-in one."`
	Scope       Scope    `json:"scope" enum:"private,org"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Tags        []string `json:"tags"`
	BuiltIn     bool     `json:"built_in" doc:"Comes with the program and cannot be changed."`
	Version     int64    `json:"version"`
	EntityCount int      `json:"entity_count"`
	UsageCount  int64    `json:"usage_count"`
	LastUsedAt  *Time    `json:"last_used_at"`
	CreatedAt   Time     `json:"created_at"`
	UpdatedAt   Time     `json:"updated_at"`
	DeletedAt   *Time    `json:"deleted_at"`
}

// Template is settings to start from, with places that are asked for when it is loaded.
type Template struct {
	TemplateRow
	Settings     Settings      `json:"settings"`
	Placeholders []Placeholder `json:"placeholders"`
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
	Templates(ctx context.Context, userID string, all, deleted bool) ([]TemplateRow, error)
	// TemplateVersions lists what a template was, newest first.
	TemplateVersions(ctx context.Context, id string) ([]TemplateVersion, error)
	// PutTemplate writes a new version of a template, its first where Version is 1: CodeConflict where the version before it is not the
	// newest, CodeNameTaken where its owner has another one of that name (Existing is its id), CodeTemplateLimit where it would be the owner's (limit+1)th.
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

// Faults returns everything that is wrong with a save; pointers are those of the request's body.
func (s TemplateSave) Faults() []Fault {
	var faults []Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, Fault{pointer, code, fmt.Sprintf(format, args...)})
	}
	switch n := len([]rune(s.Name)); {
	case strings.TrimSpace(s.Name) == "":
		add("/name", "required", "give the template a name")
	case n > maxName:
		add("/name", "too_long", "the name has %d characters; at most %d are kept", n, maxName)
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
