package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/olorin-dev/olorin"
)

type listCommand struct {
	Import listImport `cmd:"" help:"Import a list; one of the same name is replaced."`
	Show   listShow   `cmd:"" help:"Show the lists, where they came from and how old they are."`
	Delete listDelete `cmd:"" help:"Forget a list."`
}

type listImport struct {
	File    string `arg:"" help:"Text, one value a line; a note may follow after a comma."`
	Name    string `help:"What to call it; the file's name where absent."`
	Kind    string `help:"What it means to be on it: good and bad decide first in the score, vpn and bin are what checks ask, note is nothing more than that." enum:"good,bad,vpn,bin,note" required:""`
	Type    string `help:"Type of the entities on it, such as ip_address (also networks), email (also domains), user_id." required:""`
	Source  string `help:"Who made it, or where it was fetched." required:""`
	License string `help:"What allows its use."`
	Date    string `help:"As of when it is, such as 2026-01-31; now where absent."`
	JSON    bool   `help:"Print the list's particulars as JSON."`
}

// Run imports a list.
func (c *listImport) Run(s *session) error {
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
	now := h.clock()
	l := olorin.List{
		ID: newID(), Name: c.Name, Kind: olorin.ListKind(c.Kind), EntityType: olorin.EntityType(c.Type), Source: c.Source, License: c.License,
		SourceDate: now, ImportedAt: now, ImportedBy: administrator().ID, Filename: filepath.Base(c.File),
	}
	if l.Name == "" {
		l.Name = l.Filename
	}
	if c.Date != "" {
		date, err := time.Parse(time.DateOnly, c.Date)
		if err != nil {
			return usage{fmt.Errorf("--date %q is no date such as 2026-01-31", c.Date)}
		}
		l.SourceDate = olorin.At(date)
	}
	if faults := l.Faults(); len(faults) > 0 {
		return usage{olorin.Invalid("the list cannot be imported", faults...)}
	}
	l, err = h.engine.ImportList(s.ctx, f, l, func(read olorin.List) error { return s.noted(h, "list.imported", read.ID+" "+read.SHA256) })
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(l)
	}
	fmt.Fprintf(s.out, "%s\n%d values, %d of them networks; %d lines were no %s and were left out; sha256 %s\n", l.ID, l.Values, l.Ranges, l.Rejected, l.EntityType, l.SHA256)
	return nil
}

type listShow struct {
	JSON bool `help:"Print JSON."`
}

// Run shows the lists.
func (c *listShow) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	lists, err := h.engine.Lists()
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(map[string]any{"items": lists})
	}
	for _, l := range lists {
		age := fmt.Sprintf("%d days old", int(h.clock().Sub(l.SourceDate.Time).Hours()/24))
		if l.Stale(h.clock()) {
			age += ", which is too old to rely on"
		}
		fmt.Fprintf(s.out, "%s  %s  %s %s, %d values, from %s, %s\n", l.ID, l.Name, l.Kind, l.EntityType, l.Values, l.Source, age)
	}
	return nil
}

type listDelete struct {
	List string `arg:"" help:"Its id or name."`
}

// Run forgets a list.
func (c *listDelete) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	lists, err := h.engine.Lists()
	if err != nil {
		return err
	}
	for _, l := range lists {
		if l.ID == c.List || l.Name == c.List {
			return h.engine.DeleteList(l.ID, func() error { return s.noted(h, "list.deleted", l.ID) })
		}
	}
	return olorin.NotFound("list", c.List)
}
