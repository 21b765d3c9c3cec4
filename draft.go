package olorin

import (
	"context"
	"encoding/json"
	"fmt"
)

// maxEmpty is how many changes the log of an empty draft may have: it may have been named, put away and brought back.
const maxEmpty = 100

// Discard forgets a draft in which nothing was ever entered but a name and the data set that it began with. Anything else is CodeNotEmpty: it is put away instead.
func (d *Desk) Discard(ctx context.Context, actor Actor, id string, cond Condition) error {
	inv, err := d.store.Investigation(ctx, id)
	if err == nil {
		err = actor.May(ToChange, inv.Access(), id)
	}
	if err != nil {
		return err
	}
	if why := cond.mismatch(inv); why != "" {
		return &Error{Code: CodeStale, Current: current(inv), Message: why + "; nothing was removed"}
	}
	lines, err := d.store.Events(ctx, id, 0, maxEmpty+1)
	if err != nil {
		return err
	}
	empty := len(lines) <= maxEmpty
	for _, l := range lines {
		var e Event
		if err := json.Unmarshal(l.JSON, &e); err != nil {
			return Errorf(CodeCorrupt, "the log of investigation %q cannot be read: %w", id, err)
		}
		empty = empty && entersNothing(e.Body)
	}
	if !empty {
		return &Error{Code: CodeNotEmpty, Current: &inv, Message: "something was entered in this investigation, so it is not thrown away; put it in the archive instead"}
	}
	now := d.clock()
	err = d.store.Remove(ctx, Expired{ID: id, UserID: inv.UserID, Name: inv.Name, Version: inv.Version}, AuditEntry{
		At: now, Actor: actor, Origin: actor.Origin, Source: actor.source(), Action: Discarded, InvestigationID: id, VersionBefore: inv.Version, VersionAfter: inv.Version,
		Detail: fmt.Sprintf("%q, an empty draft", inv.Name),
	})
	if err == nil {
		d.feed.Forget(id)
	}
	return err
}

// entersNothing tells whether an event of a log carries nothing that a person entered, but for a name or the data set that a draft began with.
func entersNothing(b Body) bool {
	switch b := b.(type) {
	case InvestigationCreated:
		b.Settings.Dataset = "" // it is chosen for whoever has one alone
		return b.Lineage == (Lineage{}) && b.Settings.normal().diff(DefaultSettings().normal()) == nil
	case SettingsChanged:
		return b.Settings == nil
	case Archived, Unarchived:
		return true
	}
	return false
}
