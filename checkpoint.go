package olorin

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Checkpoint is a place in the log that the state can be brought back to. Seq is the event that made it.
type Checkpoint struct {
	Seq   int64  `json:"seq"`
	At    Time   `json:"at"`
	Label string `json:"label"`
	By    Actor  `json:"by"`
	Phase Phase  `json:"phase,omitempty" doc:"The phase that had just ended, where the run made it."`
}

// CheckpointPage lists checkpoints, newest first.
type CheckpointPage struct {
	Items []Checkpoint `json:"items"`
}

type (
	// CheckpointCreated marks a place in the log. The state there is the fold up to this event.
	CheckpointCreated struct {
		Label string `json:"label"`
		Phase Phase  `json:"phase,omitempty"`
	}
	// CheckpointRestored brings the state back to a checkpoint. The log goes on; nothing in it is undone.
	CheckpointRestored struct {
		Checkpoint int64     `json:"checkpoint"`
		Label      string    `json:"label"`
		Name       string    `json:"name"`
		Step       Step      `json:"wizard_step"`
		Status     Status    `json:"status"`
		Settings   Settings  `json:"settings"`
		Progress   Progress  `json:"progress"`
		Results    *Results  `json:"results"`
		Error      *RunError `json:"error"`
		StartedAt  *Time     `json:"started_at"`
		FinishedAt *Time     `json:"finished_at"`
	}
)

func (CheckpointCreated) EventType() string  { return "checkpoint.created" }
func (CheckpointRestored) EventType() string { return "checkpoint.restored" }

func (CheckpointCreated) apply(*Investigation, Event) {}

func (b CheckpointRestored) apply(inv *Investigation, e Event) {
	inv.Name, inv.Status, inv.Settings, inv.Progress, inv.Results = b.Name, b.Status, b.Settings, b.Progress, b.Results
	inv.Error, inv.StartedAt, inv.FinishedAt = b.Error, b.StartedAt, b.FinishedAt
	edit := Edit{e.Seq, e.Actor.ID, e.At}
	inv.Edits["name"] = edit
	for _, field := range settingsFields {
		inv.Edits["settings."+field] = edit
	}
	if inv.Step != b.Step {
		StepChanged{b.Step}.apply(inv, e)
	}
}

// maxLabel bounds the label of a checkpoint, in characters.
const maxLabel = 200

// MarkCheckpoint makes a checkpoint with a person's label.
func MarkCheckpoint(label string) Command {
	return func(Investigation) ([]Body, error) {
		switch label = strings.TrimSpace(label); {
		case label == "":
			return nil, Invalid("the checkpoint was not made", Fault{"/label", "required", "give the checkpoint a label"})
		case len([]rune(label)) > maxLabel:
			return nil, Invalid("the checkpoint was not made", Fault{"/label", "too_long", fmt.Sprintf("the label has more than %d characters", maxLabel)})
		}
		return []Body{CheckpointCreated{Label: label}}, nil
	}
}

// Restore brings an investigation that is not under way back to its state at a checkpoint. A run that was under way there is
// paused after it: it goes on from there only when somebody resumes it.
func Restore(c Checkpoint, state Investigation) Command {
	return func(inv Investigation) ([]Body, error) {
		if inv.Status == Running {
			return nil, &Error{
				Code: CodeIllegalTransition, Current: &inv, Legal: inv.Status.Legal(),
				Message: "a running investigation cannot be brought back to a checkpoint; pause or cancel it first",
			}
		}
		b := CheckpointRestored{
			Checkpoint: c.Seq, Label: c.Label, Name: state.Name, Step: state.Step, Status: state.Status, Settings: state.Settings,
			Progress: state.clone().Progress, Results: state.Results, Error: state.Error, StartedAt: state.StartedAt, FinishedAt: state.FinishedAt,
		}
		if b.Status == Running {
			b.Status = Paused
			b.Progress.reopen()
		}
		return []Body{b}, nil
	}
}

// Difference is one value that two states do not share. Path names it, such as "settings.risk_threshold".
type Difference struct {
	Path string          `json:"path"`
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}

// ReadableDifference is a difference with its text.
type ReadableDifference struct {
	Difference
	Text string `json:"text" doc:"The same to be read by people."`
	What string `json:"what" doc:"What the path names is called."`
	Was  string `json:"was" doc:"The value before, in words; empty: none."`
	Is   string `json:"is" doc:"The value after, in words."`
}

// Changes is what differs between two versions of an investigation.
type Changes struct {
	InvestigationID string               `json:"investigation_id"`
	From            int64                `json:"from"`
	To              int64                `json:"to"`
	Items           []ReadableDifference `json:"items"`
}

// Compare lists, by path, what differs between two states of an investigation. Times, counts of events and who edited what are not compared.
func Compare(from, to Investigation) ([]Difference, error) {
	a, err := compared(from)
	if err != nil {
		return nil, err
	}
	b, err := compared(to)
	if err != nil {
		return nil, err
	}
	out := []Difference{}
	if err := differences("", a, b, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// compared is what Compare looks at.
func compared(inv Investigation) (any, error) {
	return generic(struct {
		Name     string    `json:"name"`
		Step     Step      `json:"wizard_step"`
		Status   Status    `json:"status"`
		Settings Settings  `json:"settings"`
		Progress Progress  `json:"progress"`
		Results  *Results  `json:"results"`
		Error    *RunError `json:"error"`
	}{inv.Name, inv.Step, inv.Status, inv.Settings, inv.Progress, inv.Results, inv.Error})
}

// generic is a value as generic JSON, with numbers as they are written.
func generic(value any) (any, error) {
	b, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var v any
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	return v, d.Decode(&v)
}

// A dot in a name is written ~1 in a path, and a ~ is ~0.
var pathEscaper, pathUnescaper = strings.NewReplacer("~", "~0", ".", "~1"), strings.NewReplacer("~1", ".", "~0", "~")

func differences(path string, a, b any, out *[]Difference) error {
	if reflect.DeepEqual(a, b) {
		return nil
	}
	under := func(key string) string {
		key = pathEscaper.Replace(key)
		if path == "" {
			return key
		}
		return path + "." + key
	}
	if x, ok := a.(map[string]any); ok {
		if y, ok := b.(map[string]any); ok {
			keys := slices.Sorted(maps.Keys(x))
			for key := range y {
				if _, both := x[key]; !both {
					keys = append(keys, key)
				}
			}
			slices.Sort(keys)
			for _, key := range keys {
				if err := differences(under(key), x[key], y[key], out); err != nil {
					return err
				}
			}
			return nil
		}
	}
	if x, ok := a.([]any); ok {
		if y, ok := b.([]any); ok && len(x) == len(y) {
			for i := range x {
				if err := differences(under(strconv.Itoa(i)), x[i], y[i], out); err != nil {
					return err
				}
			}
			return nil
		}
	}
	d, err := whole(path, a, b)
	*out = append(*out, d...)
	return err
}

// whole is the difference of two values as one.
func whole(path string, a, b any) ([]Difference, error) {
	from, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	to, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	return []Difference{{path, from, to}}, nil
}

// StateAt returns what the first events up to version add up to.
func (d *Desk) StateAt(ctx context.Context, actor Actor, id string, version int64) (Investigation, error) {
	if _, err := d.Head(ctx, actor, id); err != nil {
		return Investigation{}, err
	}
	inv := Investigation{ID: id}
	for inv.Version < version {
		lines, err := d.store.Events(ctx, id, inv.Version, int(min(version-inv.Version, maxLines)))
		if err != nil {
			return Investigation{}, err
		}
		if len(lines) == 0 {
			return Investigation{}, NotFound("version of investigation "+id+",", fmt.Sprint(version))
		}
		for _, l := range lines {
			var e Event
			if err := json.Unmarshal(l.JSON, &e); err != nil {
				return Investigation{}, Errorf(CodeCorrupt, "the log of investigation %q cannot be read: %w", id, err)
			}
			if inv, err = Apply(inv, e); err != nil {
				return Investigation{}, Errorf(CodeCorrupt, "the log of investigation %q cannot be read: %w", id, err)
			}
		}
	}
	return inv, nil
}

// Checkpoints lists the checkpoints of an investigation, newest first, to somebody who may see it.
func (d *Desk) Checkpoints(ctx context.Context, actor Actor, id string) (CheckpointPage, error) {
	if _, err := d.Head(ctx, actor, id); err != nil {
		return CheckpointPage{}, err
	}
	lines, err := d.store.EventsOfType(ctx, id, CheckpointCreated{}.EventType())
	if err != nil {
		return CheckpointPage{}, err
	}
	page := CheckpointPage{Items: make([]Checkpoint, 0, len(lines))}
	for _, l := range slices.Backward(lines) {
		var e Event
		if err := json.Unmarshal(l.JSON, &e); err != nil {
			return CheckpointPage{}, Errorf(CodeCorrupt, "the log of investigation %q cannot be read: %w", id, err)
		}
		if b, ok := e.Body.(CheckpointCreated); ok {
			page.Items = append(page.Items, Checkpoint{Seq: e.Seq, At: e.At, Label: b.Label, By: e.Actor, Phase: b.Phase})
		}
	}
	return page, nil
}

// Changes tells what the events after one version, up to another, made of the state; to 0 is the newest. Versions of checkpoints are their
// numbers.
func (d *Desk) Changes(ctx context.Context, actor Actor, id string, from, to int64) (Changes, error) {
	newest, err := d.View(ctx, actor, id)
	if err != nil {
		return Changes{}, err
	}
	state := func(version int64) (Investigation, error) {
		if version == newest.Version {
			return newest, nil
		}
		return d.StateAt(ctx, actor, id, version)
	}
	if to == 0 {
		to = newest.Version
	}
	before, err := state(from)
	if err != nil {
		return Changes{}, err
	}
	after, err := state(to)
	if err != nil {
		return Changes{}, err
	}
	found, err := Compare(before, after)
	if err != nil {
		return Changes{}, err
	}
	c := Changes{InvestigationID: id, From: from, To: to, Items: []ReadableDifference{}}
	for _, f := range found {
		if r := f.readable(); r.Text != "" {
			c.Items = append(c.Items, r)
		}
	}
	return c, nil
}

// Mark makes a checkpoint with a label.
func (d *Desk) Mark(ctx context.Context, actor Actor, id, label string, cond Condition) (Changed, error) {
	return d.Change(ctx, actor, id, existing(MarkCheckpoint(label)), cond)
}

// Restore brings an investigation back to its state at a checkpoint, by events that say so.
func (d *Desk) Restore(ctx context.Context, actor Actor, id string, seq int64, cond Condition) (Changed, error) {
	page, err := d.Checkpoints(ctx, actor, id)
	if err != nil {
		return Changed{}, err
	}
	i := slices.IndexFunc(page.Items, func(c Checkpoint) bool { return c.Seq == seq })
	if i < 0 {
		return Changed{}, NotFound("checkpoint of investigation "+id+",", fmt.Sprint(seq))
	}
	state, err := d.StateAt(ctx, actor, id, seq)
	if err != nil {
		return Changed{}, err
	}
	return d.Change(ctx, actor, id, existing(Restore(page.Items[i], state)), cond)
}
