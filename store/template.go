package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/olorin-dev/olorin"
)

var _ olorin.Templates = (*DB)(nil)

const templateColumns = `id, document, sum, usage_count, last_used_at FROM templates `

// Template is of olorin.Templates.
func (db *DB) Template(ctx context.Context, id string) (olorin.Template, error) {
	t, err := readTemplate(func(dest ...any) error {
		return db.reader.row(ctx, dest, `SELECT `+templateColumns+`WHERE id = $1`, id)
	})
	if err != nil && olorin.CodeOf(err) == "" {
		err = missing(err, "template", id)
	}
	return t, err
}

// readTemplate reads a template out of a row of templateColumns.
func readTemplate(scan func(...any) error) (t olorin.Template, err error) {
	t.UsageCount, t.LastUsedAt, err = decodeTemplate(scan, &t)
	return t, err
}

// readTemplateRow is readTemplate of what a list tells; what the template sets is passed over.
func readTemplateRow(scan func(...any) error) (t olorin.TemplateRow, err error) {
	t.UsageCount, t.LastUsedAt, err = decodeTemplate(scan, &t)
	return t, err
}

// decodeTemplate reads the document of a template, and its uses, which are not in it.
func decodeTemplate(scan func(...any) error, into any) (uses int64, lastUsed *olorin.Time, err error) {
	var (
		id       string
		document []byte
		sum      int64
		at       *int64
	)
	if err := scan(&id, &document, &sum, &uses, &at); err != nil {
		return 0, nil, err
	}
	if sum != sumOf(id, document) {
		return 0, nil, damaged("template", id)
	}
	if err := json.Unmarshal(document, into); err != nil {
		return 0, nil, olorin.Errorf(olorin.CodeCorrupt, "a template cannot be read; see olorin check: %w", err)
	}
	return uses, instant(at), nil
}

// Templates is of olorin.Templates; the list is in no order.
func (db *DB) Templates(ctx context.Context, userID string, all, deleted bool) ([]olorin.TemplateRow, error) {
	list := []olorin.TemplateRow{}
	visit := func(scan func(...any) error) (bool, error) {
		t, err := readTemplateRow(scan)
		list = append(list, t)
		return true, err
	}
	var err error
	switch {
	case deleted:
		err = db.reader.each(ctx, visit, `SELECT `+templateColumns+`WHERE user_id = $1 AND deleted_at IS NOT NULL`, userID)
	case all:
		err = db.reader.each(ctx, visit, `SELECT `+templateColumns+`WHERE deleted_at IS NULL`)
	default:
		err = db.reader.each(ctx, visit, `
			SELECT `+templateColumns+`WHERE deleted_at IS NULL AND user_id = $1
			UNION ALL SELECT `+templateColumns+`WHERE deleted_at IS NULL AND scope = 'org' AND user_id <> $1`, userID)
	}
	if err != nil {
		return nil, translate("list the templates", err)
	}
	return list, nil
}

// TemplateVersions is of olorin.Templates.
func (db *DB) TemplateVersions(ctx context.Context, id string) ([]olorin.TemplateVersion, error) {
	list := []olorin.TemplateVersion{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			v        olorin.TemplateVersion
			at, sum  int64
			document []byte
		)
		if err := scan(&v.Version, &at, &v.By, &document, &sum); err != nil {
			return false, err
		}
		if sum != sumOf(id, v.Version, document) {
			return false, damaged(fmt.Sprintf("version %d of template", v.Version), id)
		}
		v.At = olorin.FromMicro(at)
		if err := json.Unmarshal(document, &v.Template); err != nil {
			return false, olorin.Errorf(olorin.CodeCorrupt, "version %d of template %q cannot be read; see olorin check: %w", v.Version, id, err)
		}
		list = append(list, v)
		return true, nil
	}, `SELECT version, at, by_user, document, sum FROM template_versions WHERE template_id = $1 ORDER BY version DESC`, id)
	if err != nil {
		return nil, translate("list the versions of template "+id, err)
	}
	return list, nil
}

// PutTemplate is of olorin.Templates.
func (db *DB) PutTemplate(ctx context.Context, tpl olorin.Template, by string, limit int, audit olorin.AuditEntry) error {
	document, err := json.Marshal(tpl)
	if err != nil {
		return err
	}
	reservation := reserved(ctx)
	return db.writer.write(ctx, "templates of "+tpl.UserID, "write template "+tpl.ID, func(t *tx) error {
		if tpl.DeletedAt == nil {
			if err := t.templateRoom(tpl, limit); err != nil {
				return err
			}
		}
		n, err := t.affect(`
			INSERT INTO templates (id, user_id, scope, name_key, version, usage_count, last_used_at, deleted_at, document, sum)
			VALUES ($1, $2, $3, $4, $5, 0, NULL, $6, $7, $8)
			ON CONFLICT (id) DO UPDATE SET scope = excluded.scope, name_key = excluded.name_key, version = excluded.version,
				deleted_at = excluded.deleted_at, document = excluded.document, sum = excluded.sum
			WHERE templates.version = excluded.version - 1`,
			tpl.ID, tpl.UserID, string(tpl.Scope), templateKey(tpl.Name), tpl.Version, micros(tpl.DeletedAt), string(document), sumOf(tpl.ID, document))
		if err != nil {
			return err
		}
		if n == 0 {
			return olorin.Errorf(olorin.CodeConflict, "template %q was changed meanwhile; nothing was written", tpl.ID)
		}
		if err := t.exec(`INSERT INTO template_versions (template_id, version, at, by_user, document, sum) VALUES ($1, $2, $3, $4, $5, $6)`,
			tpl.ID, tpl.Version, tpl.UpdatedAt.UnixMicro(), by, string(document), sumOf(tpl.ID, tpl.Version, document)); err != nil {
			return err
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.acted(reservation, Acted{Noun: "template", ID: tpl.ID, Version: tpl.Version})
	})
}

// templateKey is what a template's name is compared by: in any case of letters, and however its accents are composed.
func templateKey(name string) string { return norm.NFC.String(nameKey(name)) }

// templateRoom refuses a name that another template of the owner has, and a template too many.
func (t *tx) templateRoom(tpl olorin.Template, limit int) error {
	var existing string
	key := templateKey(tpl.Name)
	err := t.row([]any{&existing}, `SELECT id FROM templates WHERE user_id = $1 AND name_key IN ($2, $3) AND id <> $4 AND deleted_at IS NULL LIMIT 1`,
		tpl.UserID, key, norm.NFD.String(key), tpl.ID) // keys of before names were composed may be decomposed
	if err == nil {
		taken := olorin.Errorf(olorin.CodeNameTaken, "there is a template called %q already; choose another name, or overwrite it", tpl.Name)
		taken.Existing = existing
		return taken
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var owned int
	if err := t.row([]any{&owned}, `SELECT COUNT(*) FROM templates WHERE user_id = $1 AND id <> $2 AND deleted_at IS NULL`, tpl.UserID, tpl.ID); err != nil {
		return err
	}
	if owned >= limit {
		return olorin.Errorf(olorin.CodeTemplateLimit, "%s has %d templates, as many as are allowed (WIZARD_TEMPLATE_MAX_COUNT_PER_USER); delete one first", tpl.UserID, owned)
	}
	return nil
}

// UseTemplate is of olorin.Templates.
func (db *DB) UseTemplate(ctx context.Context, id string, at olorin.Time, audit olorin.AuditEntry) error {
	reservation := reserved(ctx)
	return db.writer.write(ctx, "template "+id, "count a use of template "+id, func(t *tx) error {
		n, err := t.affect(`UPDATE templates SET usage_count = usage_count + 1, last_used_at = $1 WHERE id = $2 AND deleted_at IS NULL`, at.UnixMicro(), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return olorin.NotFound("template", id)
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.acted(reservation, Acted{Noun: "template use", ID: id})
	})
}

// UseBuiltIn counts a use of a template that comes with the program.
func (db *DB) UseBuiltIn(ctx context.Context, id string, at olorin.Time, audit olorin.AuditEntry) error {
	reservation := reserved(ctx)
	return db.writer.write(ctx, "template "+id, "count a use of template "+id, func(t *tx) error {
		if err := t.exec(`
			INSERT INTO built_in_uses (template_id, usage_count, last_used_at) VALUES ($1, 1, $2)
			ON CONFLICT (template_id) DO UPDATE SET usage_count = built_in_uses.usage_count + 1, last_used_at = excluded.last_used_at`, id, at.UnixMicro()); err != nil {
			return err
		}
		if err := t.audit(audit); err != nil {
			return err
		}
		return t.acted(reservation, Acted{Noun: "template use", ID: id})
	})
}

// BuiltInUses tells how often templates that come with the program were used, by id.
func (db *DB) BuiltInUses(ctx context.Context) (map[string]olorin.TemplateUse, error) {
	uses := map[string]olorin.TemplateUse{}
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			id        string
			n, usedAt int64
		)
		err := scan(&id, &n, &usedAt)
		uses[id] = olorin.TemplateUse{Count: n, Last: olorin.FromMicro(usedAt)}
		return true, err
	}, `SELECT template_id, usage_count, last_used_at FROM built_in_uses`)
	if err != nil {
		return nil, translate("count the uses of templates", err)
	}
	return uses, nil
}
