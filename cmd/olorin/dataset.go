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
}

// defaultUser owns what is made on the command line where no user is named.
const defaultUser = "analyst"

type datasetImport struct {
	File          string            `arg:"" help:"CSV, JSON Lines or Parquet, also packed by gzip."`
	Name          string            `help:"What to call it; the file's name where absent."`
	Map           map[string]string `help:"Read a canonical column from this column of the file; may be repeated." placeholder:"CANONICAL=COLUMN"`
	SkipMalformed bool              `help:"Set rows aside that cannot be read, instead of refusing the file."`
	User          string            `help:"Whose it is." default:"${default_user}"`
	JSON          bool              `help:"Print the data set as JSON."`
}

// Run imports a file and prints what it was taken for.
func (c *datasetImport) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	f, err := os.Open(c.File)
	if err != nil {
		return usage{err}
	}
	defer f.Close()
	name := c.Name
	if name == "" {
		name = filepath.Base(c.File)
	}
	d, err := h.importFile(s.ctx, f, data.ImportOptions{
		UserID: c.User, Name: name, Filename: filepath.Base(c.File), Mapping: c.Map, SkipMalformed: c.SkipMalformed,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(d)
	}
	fmt.Fprintf(s.out, "%s\n%d rows, %d set aside, sha256 %s\n", d.ID, d.Rows, d.RejectedRows, d.SHA256)
	for _, column := range d.Columns {
		as := column.Canonical
		switch {
		case column.Label:
			as = "(label: set apart, no check reads it)"
		case as == "":
			as = "–"
		}
		fmt.Fprintf(s.out, "  %-28s %s\n", column.Source, as)
	}
	return nil
}

// importFile reads a file into the data directory and notes it in the store; where the latter fails, nothing of it is kept.
func (h *house) importFile(ctx context.Context, r io.Reader, o data.ImportOptions) (olorin.Dataset, error) {
	o.ID, o.Now = newID(), h.clock()
	d, err := h.engine.Import(ctx, r, o)
	if err != nil {
		return olorin.Dataset{}, err
	}
	actor := administrator()
	err = h.store.PutDataset(ctx, d, olorin.AuditEntry{
		At: o.Now, Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: "dataset.imported", Detail: d.ID + " " + d.SHA256,
	})
	if err != nil {
		return olorin.Dataset{}, errors.Join(err, h.engine.Tidy(ctx, d.ID, h.store.Dataset))
	}
	return d, nil
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
