package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

type datasetCommand struct {
	Import datasetImport `cmd:"" help:"Import an events file."`
	List   datasetList   `cmd:"" help:"List the events files of a user."`
	Forget datasetForget `cmd:"" help:"Forget what a user said of the columns of a data set's file: the next file with the same header is read as it is recognised."`
}

// defaultUser owns what is made on the command line where no user is named.
const defaultUser = "analyst"

type datasetImport struct {
	Files         []string          `arg:"" name:"file" help:"CSV, JSON Lines or Parquet, also packed by gzip. Each becomes a data set."`
	Name          string            `help:"What to call it; the file's name where absent. For one file."`
	Map           map[string]string `help:"Read a canonical column from this column of the file; may be repeated." placeholder:"CANONICAL=COLUMN"`
	Outcome       map[string]string `help:"What a word of the column of outcomes means: approved, declined or neither; may be repeated." placeholder:"WORD=MEANING"`
	Kind          map[string]string `help:"What a kind of event is: login, refund, incoming (money that comes in) or other; may be repeated." placeholder:"WORD=MEANING"`
	Join          []string          `help:"Join this file, such as one of customers, to the events by a key; may be repeated. For one file." placeholder:"FILE"`
	On            []string          `help:"Key of the file to join: its column in the events, and in the joined file where it is called otherwise there. One for each --join." placeholder:"COLUMN[=COLUMN]"`
	Unmatched     bool              `help:"Join also where events meet no row of the joined file; they stay, without its columns."`
	SkipMalformed bool              `help:"Set rows aside that cannot be read, instead of refusing the file."`
	User          string            `help:"Whose it is." default:"${default_user}"`
	JSON          bool              `help:"Print the data set as JSON."`
}

// Run imports files, each whole or not at all, and prints what they were taken for.
func (c *datasetImport) Run(s *session) error {
	switch {
	case len(c.Files) > 1 && (c.Name != "" || len(c.Join) > 0):
		return usage{errors.New("--name and --join are for one file")}
	case len(c.Join) != len(c.On):
		return usage{fmt.Errorf("each --join needs its --on: there are %d and %d", len(c.Join), len(c.On))}
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	var made []olorin.Dataset
	for _, file := range c.Files {
		d, err := c.take(s, h, file, c.Name, c.Map, c.words())
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		made = append(made, d)
	}
	for i, file := range c.Join {
		if made[0], err = c.join(s, h, made[0], file, c.On[i]); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	if c.JSON && len(made) == 1 {
		return s.printJSON(made[0])
	} else if c.JSON {
		return s.printJSON(map[string]any{"items": made})
	}
	for _, d := range made {
		printDataset(s, d)
	}
	return nil
}

// words are what was said that values mean.
func (c *datasetImport) words() olorin.Words {
	words := olorin.Words{}
	if len(c.Outcome) > 0 {
		words["status"] = c.Outcome
	}
	if len(c.Kind) > 0 {
		words["event_type"] = c.Kind
	}
	return words
}

// take imports one file.
func (c *datasetImport) take(s *session, h *house, file, name string, mapping map[string]string, words olorin.Words) (olorin.Dataset, error) {
	if err := words.Check(); err != nil {
		return olorin.Dataset{}, usage{err}
	}
	f, err := os.Open(file)
	if err != nil {
		return olorin.Dataset{}, usage{err}
	}
	defer f.Close()
	if name == "" {
		name = filepath.Base(file)
	}
	return h.importFile(s.ctx, f, data.ImportOptions{UserID: c.User, Name: name, Filename: filepath.Base(file), Mapping: mapping, Words: words, SkipMalformed: c.SkipMalformed})
}

// join imports a second file and joins it to the events. The files that were joined stay data sets of their own.
func (c *datasetImport) join(s *session, h *house, events olorin.Dataset, file, key string) (d olorin.Dataset, err error) {
	other, err := c.take(s, h, file, "", nil, nil)
	if err != nil {
		return d, err
	}
	j := data.Joining{Left: events, Right: other}
	var renamed bool
	if j.On, j.With, renamed = strings.Cut(key, "="); !renamed {
		j.With = j.On
	}
	m, err := h.engine.Match(s.ctx, j)
	if err != nil {
		return d, err
	}
	s.log.Info("join", "rows", m.Rows, "matched", m.Matched, "unmatched", m.Unmatched, "without_key", m.NoKey, "rows_of_the_other_file", m.OtherRows, "unused", m.Unused+m.OtherNoKey, "repeated_keys", m.Repeated)
	if lost := m.Unmatched + m.NoKey; lost > 0 && m.Repeated == 0 && m.Matched > 0 && !c.Unmatched {
		return d, fmt.Errorf("%d of %d events meet no row of it (%d of these have no key; others are, for example, %s). Join them all the same with --unmatched: they stay, without its columns. Both files are data sets by now",
			lost, m.Rows, m.NoKey, strings.Join(m.UnmatchedKeys, ", "))
	}
	said, err := h.store.Mappings(s.ctx, c.User)
	if err != nil {
		return d, err
	}
	d, err = h.engine.Join(s.ctx, j, data.JoinOptions{ID: newID(), UserID: c.User, Name: events.Name + " with " + other.Filename, Remembered: said, Now: h.clock()})
	if err != nil {
		return d, err
	}
	return d, h.keep(s.ctx, d, administrator(), "dataset.joined")
}

func printDataset(s *session, d olorin.Dataset) {
	fmt.Fprintf(s.out, "%s\n%d rows, %d set aside, sha256 %s\n", d.ID, d.Rows, d.RejectedRows, d.SHA256)
	if e := d.Encoding; e != nil {
		fmt.Fprintf(s.out, "read as %s, which it does not say itself (confidence %.2f, by words such as %s); if they are wrong, save the file as UTF-8 and import it again\n", e.Name, e.Confidence, strings.Join(e.Examples, ", "))
	}
	for _, part := range d.Parts {
		fmt.Fprintf(s.out, "  of %s, %d rows, sha256 %s", part.Filename, part.Rows, part.SHA256)
		if part.On != "" {
			fmt.Fprintf(s.out, ": %s = %s, %d events met a row, %d did not, %d rows are in no event", part.On, part.With, part.Matched, part.Unmatched, part.Unused)
		}
		fmt.Fprintln(s.out)
	}
	for _, column := range d.Columns {
		as := column.Canonical
		switch {
		case column.Label:
			as = "(label: set apart, no check reads it)"
		case as == "":
			as = "–"
		case d.Remembered != nil && d.Remembered.Columns[as] == column.Source:
			as += "  (from your earlier correction of " + d.Remembered.Filename + ")"
		}
		fmt.Fprintf(s.out, "  %-28s %s\n", column.Source, as)
		for _, word := range column.Words { // most kinds of events are nothing special
			if word.Meaning == "other" && !word.Said {
				continue
			}
			fmt.Fprintf(s.out, "    %-26s %s\n", word.Value, word.Meaning)
		}
	}
}

// importFile reads a file into the data directory and notes it in the store; where the latter fails, nothing of it is kept.
func (h *house) importFile(ctx context.Context, r io.Reader, o data.ImportOptions) (olorin.Dataset, error) {
	o.ID, o.Now = newID(), h.clock()
	said, err := h.store.Mappings(ctx, o.UserID)
	if err != nil {
		return olorin.Dataset{}, err
	}
	o.Remembered = said
	d, err := h.engine.Import(ctx, r, o)
	if err != nil {
		return olorin.Dataset{}, err
	}
	actor := administrator()
	if o.Origin == olorin.OriginWatched {
		actor = olorin.Actor{Kind: olorin.KindSystem, ID: "watch", Origin: "watched directory"}
	}
	if len(o.Mapping)+len(o.Words) > 0 {
		m := olorin.MappingOf(said, d.Shape()).With(o.Mapping, o.Words, d, o.Now)
		err = h.store.PutMapping(ctx, m, olorin.AuditEntry{
			At: o.Now, Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: "mapping.remembered", Detail: m.Shape + " " + d.ID,
		})
		if err != nil {
			return olorin.Dataset{}, errors.Join(err, h.engine.Tidy(ctx, d.ID, h.store.Dataset))
		}
	}
	return d, h.keep(ctx, d, actor, "dataset.imported")
}

// keep notes a data set in the store; where that fails, nothing of it is kept.
func (h *house) keep(ctx context.Context, d olorin.Dataset, actor olorin.Actor, action string) error {
	err := h.store.PutDataset(ctx, d, olorin.AuditEntry{
		At: h.clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: action, Detail: d.ID + " " + d.SHA256,
	})
	if err != nil {
		return errors.Join(err, h.engine.Tidy(ctx, d.ID, h.store.Dataset))
	}
	return nil
}

type datasetForget struct {
	Dataset string `arg:"" help:"Its id or name."`
	User    string `help:"Whose." default:"${default_user}"`
}

// Run forgets what was said of files with the header of a data set.
func (c *datasetForget) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	d, err := h.dataset(s.ctx, c.User, c.Dataset)
	if err != nil {
		return err
	}
	actor := administrator()
	return h.store.DeleteMapping(s.ctx, c.User, d.Shape(), olorin.AuditEntry{
		At: h.clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: "mapping.forgotten", Detail: d.Shape(),
	})
}

type datasetList struct {
	User string `help:"Whose." default:"${default_user}"`
	JSON bool   `help:"Print JSON."`
}

// Run lists the data sets of a user.
func (c *datasetList) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	all, err := h.store.Datasets(s.ctx, c.User)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(map[string]any{"items": all})
	}
	for _, d := range all {
		fmt.Fprintf(s.out, "%s  %s  %d rows\n", d.ID, d.Name, d.Rows)
	}
	return nil
}

// dataset finds a data set by its id or, where only one has it, its name.
func (h *house) dataset(ctx context.Context, user, named string) (olorin.Dataset, error) {
	d, err := h.store.Dataset(ctx, named)
	if err == nil || olorin.CodeOf(err) != olorin.CodeNotFound {
		return d, err
	}
	all, err := h.store.Datasets(ctx, user)
	if err != nil {
		return olorin.Dataset{}, err
	}
	var hits []olorin.Dataset
	for _, d := range all {
		if strings.EqualFold(d.Name, named) {
			hits = append(hits, d)
		}
	}
	switch len(hits) {
	case 0:
		return olorin.Dataset{}, olorin.NotFound("data set", named)
	case 1:
		return hits[0], nil
	}
	return olorin.Dataset{}, fmt.Errorf("%d data sets are called %q; name one by its id (olorin dataset list)", len(hits), named)
}
