package olorin

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
	"time"
)

// Desk is the one door: whoever changes an investigation does it by Change, whoever follows one by Updates.
// Access, the state machine, audit and wake-up happen here, once.
type Desk struct {
	store     Store
	feed      Feed
	clock     Clock
	options   DeskOptions
	turns     [64]chan struct{} // by hash of the id: who lost a race waits its turn; see Change
	mu        sync.Mutex        // protects accessed
	accessed  map[string]Time   // last looked at, not yet written
	preflight Preflight
}

// DeskOptions are the bounds a desk works in.
type DeskOptions struct {
	Cadence  Cadence
	StateTTL time.Duration // an unfinished investigation untouched for longer is stale
	// Retention is how long a finished investigation is kept after it was archived; 0 is for ever.
	Retention time.Duration
	// Weights tells which version of the accepted weights is in force; nil: there are none.
	Weights  func(ctx context.Context) (int64, error)
	MaxState int // bytes of a person's part of the state; 0 is without bound
	// Seal is what card numbers are kept under; nil: those of one mask are not told apart.
	Seal CardSeal
}

// NewDesk joins a store and a feed.
func NewDesk(store Store, feed Feed, clock Clock, preflight Preflight, o DeskOptions) *Desk {
	d := &Desk{store: store, feed: feed, clock: clock, options: o, accessed: map[string]Time{}, preflight: preflight}
	for i := range d.turns {
		d.turns[i] = make(chan struct{}, 1)
	}
	return d
}

// Condition narrows when a change may be written.
type Condition struct {
	// IfMatch is the version the writer has seen; where it is not the newest the change is refused with CodeStale. 0: there must be none
	// yet; below: no version at all will do. Nil: no matter.
	IfMatch *int64
	// Written is when the version of IfMatch was, where it was only held in memory: a crash may have lost it, and another have its number.
	Written *Time
	// Lease must still be held.
	Lease *Lease
	// Right is what the actor must have; ToChange where it is not set.
	Right Right
}

// Changed is what came of a change.
type Changed struct {
	Investigation Investigation
	Events        []Event // empty: there was nothing to do
	Created       bool
	Durable       int64     // the version up to which the log is durable; below the investigation's where the change is held in memory
	Conflict      *Conflict // a save overwrote what its writer had not seen
}

// maxTries bounds how often a change decides again after another came first. Each loss means that another change was written.
const maxTries = 100

// Change asks the command what happens to an investigation and writes it: one transaction, durable when Change returns.
// Where another change came first, the command decides again on what that one left, unless IfMatch forbids.
func (d *Desk) Change(ctx context.Context, actor Actor, id string, command Command, cond Condition) (Changed, error) {
	var err error
	for try := range maxTries {
		var changed Changed
		changed, err = d.change(ctx, actor, id, command, cond)
		if CodeOf(err) != CodeConflict {
			return changed, err
		}
		if try > 0 {
			continue
		}
		// Those who lost a race in this process go one by one from here, instead of losing to one another again and again.
		// This is only for speed: what keeps versions apart is the store's compare-and-swap.
		hash := fnv.New32a()
		_, _ = hash.Write([]byte(id))
		turn := d.turns[hash.Sum32()%uint32(len(d.turns))]
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return Changed{}, Errorf(CodeUnavailable, "the change was not written: %w", ctx.Err())
		}
	}
	return Changed{}, Errorf(CodeUnavailable, "investigation %q changes faster than this change could be written; try again: %w", id, err)
}

func (d *Desk) change(ctx context.Context, actor Actor, id string, command Command, cond Condition) (Changed, error) {
	before, err := d.store.Investigation(ctx, id)
	switch {
	case CodeOf(err) == CodeNotFound:
		before = Investigation{ID: id}
		err = actor.MayWrite()
	case err == nil:
		err = actor.May(cond.Right, before.Access(), id)
	}
	if err != nil {
		return Changed{}, err
	}
	if why := cond.mismatch(before); why != "" {
		return Changed{}, &Error{Code: CodeStale, Current: current(before), Message: why + "; nothing was written"}
	}
	bodies, err := command(before)
	if err != nil {
		return Changed{}, err
	}
	if len(bodies) == 0 && before.Version == 0 {
		return Changed{}, NotFound("investigation", id)
	}
	if len(bodies) == 0 {
		return Changed{Investigation: before, Durable: before.Durable}, nil
	}
	change, err := d.decided(actor, before, bodies)
	if err != nil {
		return Changed{}, err
	}
	change.Lease = cond.Lease
	durable, err := d.store.Append(ctx, change)
	if err != nil {
		if before.Version == 0 && CodeOf(err) == CodeExists {
			err = Errorf(CodeConflict, "investigation %q was created meanwhile: %w", id, err)
		}
		return Changed{}, err
	}
	head := HeadOf(change.After)
	head.Durable = durable
	lines := slices.Clone(change.Lines) // a change that is held is written later from its own
	for i := range lines {
		lines[i].Held = lines[i].Seq > durable
	}
	d.feed.Grew(head, lines)
	changed := Changed{Investigation: change.After, Events: change.Events, Created: before.Version == 0, Durable: durable}
	for _, b := range bodies {
		if c, ok := b.(ConflictDetected); ok {
			changed.Conflict = &c.Conflict
		}
	}
	return changed, nil
}

// mismatch says why an investigation, at version 0 where there is none yet, is not as the condition wants it.
func (c Condition) mismatch(inv Investigation) string {
	if c.IfMatch == nil {
		return ""
	}
	switch version, meant := inv.Version, *c.IfMatch; {
	case version == meant && c.Written != nil && !c.Written.Equal(inv.UpdatedAt.Time):
		return fmt.Sprintf("the version %d that you read was held in memory and has been lost, and another change has its number", version)
	case version == meant:
		return ""
	case version == 0:
		return "there is no such investigation yet, and the change was meant for one that exists"
	case meant == 0:
		return fmt.Sprintf("the investigation exists already, at version %d, and the change was meant for a new one", version)
	case meant < 0:
		return fmt.Sprintf("the investigation is at version %d, and what the change was meant for is no version of it that could match (a weak tag never does)", version)
	default:
		return fmt.Sprintf("the investigation is at version %d, not at %d: somebody changed it since you read it", version, meant)
	}
}

// current is the state to answer a refusal with, nil where there is none yet.
func current(inv Investigation) *Investigation {
	if inv.Version == 0 {
		return nil
	}
	return &inv
}

// decided turns bodies into the unit of writing.
func (d *Desk) decided(actor Actor, before Investigation, bodies []Body) (Change, error) {
	now := d.clock()
	if now.Before(before.UpdatedAt.Time) {
		now = before.UpdatedAt // the machine's clock went back; a log's times never do
	}
	c := Change{Before: before, Events: make([]Event, len(bodies)), Lines: make([]Line, len(bodies))}
	after := before.clone()
	types := make([]string, len(bodies))
	for i, b := range bodies {
		b = d.options.Seal.keepIn(b)
		e := Event{Seq: before.Version + int64(i) + 1, At: now, Actor: actor, Source: actor.source(), Body: b}
		applyTo(&after, e)
		line, err := e.Encode()
		if err != nil {
			return Change{}, err
		}
		c.Events[i], c.Lines[i], types[i] = e, line, line.Type
	}
	if before.Version > 0 && after.Status != before.Status {
		c.Run = runAfter(after.Status)
	}
	if size := after.authored(); actor.Kind == KindUser && d.options.MaxState > 0 && size > d.options.MaxState {
		return Change{}, Errorf(CodeTooLarge, "name and settings take %d bytes; at most %d are kept (WIZARD_STATE_MAX_SIZE_KB)", size, d.options.MaxState)
	}
	kept := after
	kept.LastAccessed, kept.Stale = Time{}, false // told at reading, no part of what the log adds up to
	snapshot, err := json.Marshal(kept)
	if err != nil {
		return Change{}, fmt.Errorf("encode investigation %q: %w", after.ID, err)
	}
	c.After, c.Snapshot = after, snapshot
	diff, err := AuditDiff(before, after)
	if err != nil {
		return Change{}, fmt.Errorf("compare investigation %q before and after: %w", after.ID, err)
	}
	c.Audit = AuditEntry{
		Diff: diff, At: now, Actor: actor, Origin: actor.Origin, Source: actor.source(), Action: runs(types), InvestigationID: after.ID,
		VersionBefore: before.Version, VersionAfter: after.Version,
	}
	return c, nil
}

// authored is the size in bytes of what a person wrote.
func (inv Investigation) authored() int {
	b, err := json.Marshal(inv.Settings)
	if err != nil {
		return 0
	}
	return len(b) + len(inv.Name)
}

// runs joins words, with a count where one repeats: "tool.changed log.appended*3".
func runs(words []string) string {
	var b strings.Builder
	for i := 0; i < len(words); {
		n := 1
		for i+n < len(words) && words[i+n] == words[i] {
			n++
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[i])
		if n > 1 {
			fmt.Fprintf(&b, "*%d", n)
		}
		i += n
	}
	return b.String()
}

// Act does one of the acts that people may do on an investigation that exists.
func (d *Desk) Act(ctx context.Context, actor Actor, id string, act Act, cond Condition) (Changed, error) {
	command := map[Act]Command{ActPause: Pause, ActResume: Resume, ActCancel: Cancel, ActRetry: Retry}[act]
	switch {
	case act == ActStart:
		return d.Start(ctx, actor, id, cond)
	case command == nil:
		return Changed{}, Errorf(CodeInvalid, "there is no act %q", act)
	}
	return d.Change(ctx, actor, id, existing(command), cond)
}

// existing refuses to begin a log by anything but its creation.
func existing(command Command) Command {
	return func(inv Investigation) ([]Body, error) {
		if inv.Version == 0 {
			return nil, NotFound("investigation", inv.ID)
		}
		return command(inv)
	}
}

// Save writes a person's save, and creates the draft where the id is new.
func (d *Desk) Save(ctx context.Context, actor Actor, id string, s Save, cond Condition) (Changed, error) {
	if s.Settings != nil { // before they are compared with what is kept
		settings := *s.Settings
		settings.Entities = d.options.Seal.keep(settings.Entities)
		s.Settings = &settings
	}
	return d.Change(ctx, actor, id, func(inv Investigation) ([]Body, error) {
		if inv.Version > 0 {
			return s.Decide(inv)
		}
		name, settings := "Untitled investigation", DefaultSettings()
		if s.Name != nil {
			name = *s.Name
		}
		if s.Settings != nil {
			settings = *s.Settings
		}
		bodies, err := Create(actor.ID, name, settings, Lineage{})(inv)
		if err == nil && s.Step != nil && *s.Step != StepSettings {
			bodies = append(bodies, StepChanged{*s.Step})
		}
		return bodies, err
	}, cond)
}

// Archive puts away, or brings back.
func (d *Desk) Archive(ctx context.Context, actor Actor, id string, away bool, cond Condition) (Changed, error) {
	command := Unarchive
	if away {
		command = Archive
	}
	return d.Change(ctx, actor, id, existing(command), cond)
}

// View returns the whole state to somebody who may see it, and remembers that it was looked at.
func (d *Desk) View(ctx context.Context, actor Actor, id string) (Investigation, error) {
	inv, err := d.store.Investigation(ctx, id)
	if err != nil {
		return Investigation{}, err
	}
	if err := actor.May(ToView, inv.Access(), id); err != nil {
		return Investigation{}, err
	}
	if inv.Results != nil {
		inv.Results = inv.Results.Whole()
	}
	now := d.clock()
	inv.Stale = !inv.Status.Terminal() && d.options.StateTTL > 0 && now.Sub(inv.UpdatedAt.Time) > d.options.StateTTL
	d.mu.Lock()
	defer d.mu.Unlock()
	if seen, ok := d.accessed[id]; ok {
		inv.LastAccessed = seen
	}
	if inv.LastAccessed.IsZero() {
		inv.LastAccessed = now
	}
	d.accessed[id] = now
	return inv, nil
}

// FlushAccess writes the times of last access that View remembered. A failed write is tried again at the next flush.
func (d *Desk) FlushAccess(ctx context.Context) error {
	d.mu.Lock()
	accessed := d.accessed
	d.accessed = map[string]Time{}
	d.mu.Unlock()
	var failed error
	for id, at := range accessed {
		if err := d.store.Touch(ctx, id, at); err != nil && CodeOf(err) != CodeNotFound { // one that was removed needs none
			failed = err
			d.mu.Lock()
			if _, newer := d.accessed[id]; !newer {
				d.accessed[id] = at
			}
			d.mu.Unlock()
		}
	}
	return failed
}

// Head returns the head of an investigation to somebody who may see it.
func (d *Desk) Head(ctx context.Context, actor Actor, id string) (Head, error) {
	head, fresh := d.feed.Head(id)
	if !fresh {
		var err error
		if head, err = d.refresh(ctx, head, id); err != nil {
			return Head{}, err
		}
	}
	return head, actor.May(ToView, head.Access(), id)
}

// Refresh has the feed know what other processes have written to an investigation.
func (d *Desk) Refresh(ctx context.Context, id string) error {
	known, _ := d.feed.Head(id)
	_, err := d.refresh(ctx, known, id)
	return err
}

// refresh reads the head, and where it has moved the lines since the known one: once, for all followers.
func (d *Desk) refresh(ctx context.Context, known Head, id string) (Head, error) {
	head, err := d.store.Head(ctx, id)
	if err != nil {
		return Head{}, err
	}
	if grown := head.Version - known.Version; known.Version > 0 && known.SameLog(head) && grown > 0 && grown <= maxLines {
		lines, err := d.store.Events(ctx, id, known.Version, int(grown))
		if err != nil {
			return Head{}, err
		}
		if int64(len(lines)) == grown {
			d.feed.Grew(head, lines)
		}
	}
	d.feed.Keep(head)
	return head, nil
}

// Logs returns log lines to somebody who may see them.
func (d *Desk) Logs(ctx context.Context, actor Actor, id string, q LogQuery) (LogPage, error) {
	if _, err := d.Head(ctx, actor, id); err != nil {
		return LogPage{}, err
	}
	return d.store.Logs(ctx, id, q)
}
