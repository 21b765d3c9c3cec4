package olorin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// AuditEntry is one row of the audit trail, written in the transaction of what it tells.
type AuditEntry struct {
	Number          int64        `json:"number"`
	At              Time         `json:"at"`
	Actor           Actor        `json:"actor"`
	Origin          string       `json:"origin,omitempty" doc:"Where the actor came from, such as a remote address."`
	Source          Source       `json:"source"`
	Action          string       `json:"action" doc:"Types of the events, or the act, such as login."`
	InvestigationID string       `json:"investigation_id,omitempty"`
	VersionBefore   int64        `json:"version_before"`
	VersionAfter    int64        `json:"version_after"`
	Detail          string       `json:"detail,omitempty"`
	Diff            []Difference `json:"diff" doc:"What the change made of the state: each value before and after."`
	Text            string       `json:"text" doc:"The same to be read by people."`
}

// AuditPage is a page of the audit trail.
type AuditPage struct {
	Items      []AuditEntry `json:"items"`
	NextCursor int64        `json:"next_cursor"`
	HasMore    bool         `json:"has_more"`
}

// AuditQuery selects entries of the whole trail. Empty fields do not narrow.
type AuditQuery struct {
	Cursor   int64 // the number of the entry to go on after; 0: from the first, or the last where Newest
	Limit    int   // 1..1000
	Newest   bool  // last to first
	ActorID  string
	Action   string // a word that the action holds
	From, To *Time  // [from, to)
}

// Trail keeps what the audit trail tells beside changes of investigations.
type Trail interface {
	// Record writes an entry that stands for itself, such as a login.
	Record(ctx context.Context, entry AuditEntry) error
	// AuditTrail lists the whole trail, first to last, or last to first.
	AuditTrail(ctx context.Context, q AuditQuery) (AuditPage, error)
}

// audited lists the parts of a state that an audit entry compares, by path. Who edited what and when follows from the entries themselves.
func audited(inv Investigation) []struct {
	path  string
	value any
} {
	p := inv.Progress
	type part = struct {
		path  string
		value any
	}
	return []part{
		{"user_id", inv.UserID},
		{"name", inv.Name},
		{"wizard_step", inv.Step},
		{"status", inv.Status},
		{"archived_at", inv.ArchivedAt},
		{"settings.dataset", inv.Settings.Dataset},
		{"settings.entities", inv.Settings.Entities},
		{"settings.time_range", inv.Settings.TimeRange},
		{"settings.tool_matrix", inv.Settings.ToolMatrix},
		{"settings.correlation_mode", inv.Settings.CorrelationMode},
		{"settings.execution_mode", inv.Settings.ExecutionMode},
		{"settings.risk_threshold", inv.Settings.RiskThreshold},
		{"settings.scoring.form", inv.Settings.Scoring.form()},
		{"settings.scoring.agent_weights", inv.Settings.Scoring.AgentWeights},
		{"progress.percent", p.Percent},
		{"progress.phase", p.Phase},
		{"progress.phases", p.Phases},
		{"progress.agents", p.Agents},
		{"progress.tools", p.Tools},
		{"progress.findings", p.Findings},
		{"progress.log_lines", p.LogLines},
		{"progress.eta_seconds", p.ETASeconds},
		{"progress.last_activity_at", p.LastActivityAt},
		{"results", inv.Results},
		{"reviews", inv.Reviews},
		{"assignee", inv.Assignee},
		{"shared", inv.Shared},
		{"error", inv.Error},
		{"started_at", inv.StartedAt},
		{"finished_at", inv.FinishedAt},
		{"lineage", inv.Lineage},
	}
}

// AuditDiff lists what a change made of a state. Only parts that differ are encoded, so that its cost is that of the change.
func AuditDiff(before, after Investigation) ([]Difference, error) {
	out := []Difference{}
	was := audited(before)
	for i, now := range audited(after) {
		if reflect.DeepEqual(was[i].value, now.value) {
			continue
		}
		a, err := generic(was[i].value)
		if err != nil {
			return nil, err
		}
		b, err := generic(now.value)
		if err != nil {
			return nil, err
		}
		if err := differences(now.path, a, b, &out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Rebuild returns the audited parts of a state, as nested JSON, from the entries of its trail in order, up to a version. The trail alone
// is enough: it works also when the investigation is gone.
func Rebuild(entries []AuditEntry, version int64) (map[string]any, error) {
	state := map[string]any{}
	for _, part := range audited(Investigation{}) {
		value, err := generic(part.value)
		if err != nil {
			return nil, err
		}
		if err := put(state, strings.Split(part.path, "."), value); err != nil {
			return nil, err
		}
	}
	reached := int64(0)
	for _, e := range entries {
		if e.VersionAfter > version {
			break
		}
		for _, d := range e.Diff {
			var value any
			if len(d.To) > 0 {
				decoder := json.NewDecoder(strings.NewReader(string(d.To)))
				decoder.UseNumber()
				if err := decoder.Decode(&value); err != nil {
					return nil, fmt.Errorf("audit entry %d, %s: %w", e.Number, d.Path, err)
				}
			}
			if err := put(state, strings.Split(d.Path, "."), value); err != nil {
				return nil, fmt.Errorf("audit entry %d, %s: %w", e.Number, d.Path, err)
			}
		}
		reached = max(reached, e.VersionAfter)
	}
	if reached != version {
		return nil, NotFound("version in the audit trail:", strconv.FormatInt(version, 10))
	}
	return state, nil
}

// put sets a value in nested maps and lists by its path.
func put(into any, path []string, value any) error {
	name := pathUnescaper.Replace(path[0])
	switch node := into.(type) {
	case map[string]any:
		if len(path) == 1 {
			node[name] = value
			return nil
		}
		if _, ok := node[name]; !ok {
			node[name] = map[string]any{}
		}
		return put(node[name], path[1:], value)
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i >= len(node) {
			return fmt.Errorf("there is no element %q", name)
		}
		if len(path) == 1 {
			node[i] = value
			return nil
		}
		return put(node[i], path[1:], value)
	}
	return errors.New("the path leads through a value that has no parts")
}

// Readable returns the entry with its text.
func (e AuditEntry) Readable() AuditEntry {
	if e.Diff == nil {
		e.Diff = []Difference{}
	}
	act := ""
	if !strings.HasPrefix(e.Action, InvestigationCreated{}.EventType()) {
		if i := slices.IndexFunc(e.Diff, func(d Difference) bool { return d.Path == "status" }); i >= 0 {
			act = statusText(e.Diff[i])
		}
	}
	var parts []string
	more := 0
	for _, d := range e.Diff {
		text := d.text()
		switch {
		case text == "" || act != "" && (d.Path == "status" || d.Path == "wizard_step"):
		case len(parts) == 8:
			more++
		default:
			parts = append(parts, text)
		}
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	if act == "" {
		act = actionText(e.Action)
	}
	told := []string{}
	for _, text := range []string{act, e.Detail, strings.Join(parts, "; ")} {
		if text != "" {
			told = append(told, text)
		}
	}
	if len(told) == 0 {
		told = append(told, "went on with the run")
	}
	e.Text = strings.Join(told, ": ")
	return e
}

// actionText is an action in words: those of its types, each once; nothing for those that what changed tells of.
func actionText(action string) string {
	var told []string
	for word := range strings.FieldsSeq(action) {
		word, _, _ = strings.Cut(word, "*")
		if text, ok := actions[word]; ok {
			word = text
		}
		if word == "" {
			continue
		}
		if !slices.Contains(told, word) {
			told = append(told, word)
		}
	}
	return strings.Join(told, ", ")
}

// actions are the words for what an entry tells, where the action itself is not readable enough.
var actions = map[string]string{
	"investigation.created": "created", "settings.changed": "changed", "step.changed": "", "status.changed": "", "phase.changed": "", "agent.changed": "",
	"tool.changed": "", "progress.changed": "", "log.appended": "", "finding.added": "", "results.changed": "",
	"investigation.archived": "archived", "investigation.unarchived": "brought back from the archive", "checkpoint.created": "made a checkpoint",
	"checkpoint.restored": "went back to a checkpoint", "login": "logged in", "logout": "logged out", "login.refused": "login refused",
	"conflict.detected": "overwrote a change that its writer had not seen", "session.refreshed": "renewed the session", "session.expired": "session expired",
	"session.reuse": "session ended, since an old secret of it was used", "audit.exported": "exported the audit trail", "history.exported": "exported a list of investigations",
	"report.exported": "exported a report", "dataset.imported": "imported a data set", "dataset.deleted": "deleted a data set", "backup.made": "made a backup",
	"backup.restored": "restored a backup", "server.started": "server started", "server.stopped": "server stopped", "schema.migrated": "schema migrated",
	"hold.ended": "writes were held in memory and are durable now", "retention.removed": "removed after its retention",
	"evidence.exported": "exported evidence", "user.put": "set a user", "user.add": "added a user", "user.change": "changed a user",
	"agent.registered": "registered an external agent", "profile.changed": "changed preferences", "dataset.mapped": "said what columns mean",
	"mapping.remembered": "kept a mapping of columns", "mapping.forgotten": "forgot a mapping of columns", "database.salvaged": "salvaged a damaged database",
	"template.salvaged": "salvaged a template", "repair.rebuilt": "rebuilt a state from its log",
	"weights.accepted": "accepted weights of checks", "list.imported": "imported a list", "list.deleted": "deleted a list",
	"user.disabled": "locked a user out", "user.enabled": "let a user in again",
	Discarded: "threw an empty draft away", "dataset.joined": "joined two data sets", "dataset.known": "found a file that is a data set already",
	"dataset.refused": "refused a file", "template.created": "made a template", "template.changed": "changed a template",
	"template.deleted": "deleted a template", "template.undeleted": "brought a template back", "template.restored": "brought a version of a template back",
	"template.used": "used a template",
}

// Audit returns the audit trail of an investigation to somebody who may see it. Auditors and admins get it also after its removal, and with
// it the trails of those that had its id before.
func (d *Desk) Audit(ctx context.Context, actor Actor, id string, cursor int64, limit int) (AuditPage, error) {
	if err := d.mayAudit(ctx, actor, id); err != nil {
		return AuditPage{}, err
	}
	if !actor.MayAudit() {
		begin, err := d.store.AuditBegin(ctx, id)
		if err != nil {
			return AuditPage{}, err
		}
		cursor = max(cursor, begin)
	}
	return d.store.Audit(ctx, id, cursor, limit)
}

// AuditState returns what the audit trail of an investigation adds up to at a version. It needs nothing but the trail, and works also
// where the investigation was removed; then only auditors and admins may ask.
func (d *Desk) AuditState(ctx context.Context, actor Actor, id string, version int64) (map[string]any, error) {
	if err := d.mayAudit(ctx, actor, id); err != nil {
		return nil, err
	}
	cursor, err := d.store.AuditBegin(ctx, id)
	if err != nil {
		return nil, err
	}
	for entries := []AuditEntry(nil); ; {
		page, err := d.store.Audit(ctx, id, cursor, 1000)
		if err != nil {
			return nil, err
		}
		entries, cursor = append(entries, page.Items...), page.NextCursor
		if !page.HasMore || len(page.Items) > 0 && page.Items[len(page.Items)-1].VersionAfter >= version {
			return Rebuild(entries, version)
		}
	}
}

func (d *Desk) mayAudit(ctx context.Context, actor Actor, id string) error {
	head, err := d.Head(ctx, actor, id)
	switch {
	case CodeOf(err) == CodeNotFound && actor.MayAudit():
		return nil
	case err == nil && !actor.MayAuditOf(head.Access()):
		return Errorf(CodeForbidden, "the audit trail of investigation %q is for its owner and for auditors", id)
	}
	return err
}
