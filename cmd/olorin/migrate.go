package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/olorin-dev/olorin/store"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply what is missing."`
	Status migrateStatus `cmd:"" help:"List the migrations and which are applied."`
}

type migrateUp struct{}

// Run brings the schema up to this version.
func (migrateUp) Run(s *session) error {
	url, err := s.databaseURL()
	if err != nil {
		return err
	}
	kept, err := store.Migrate(s.ctx, url)
	if err != nil {
		return err
	}
	if kept != "" {
		s.log.Info("the database as it was is kept", "file", kept)
		h, err := s.open(false)
		if err != nil {
			return err
		}
		s.record(h, "schema.migrated", "the database before it: "+filepath.Base(kept))
		if err := h.close(); err != nil {
			return err
		}
	}
	s.log.Info("the schema is up to date")
	return nil
}

type migrateStatus struct {
	JSON bool `help:"Print JSON."`
}

// Run lists the migrations.
func (c *migrateStatus) Run(s *session) error {
	url, err := s.databaseURL()
	if err != nil {
		return err
	}
	all, err := store.MigrationStatus(s.ctx, url)
	if err != nil {
		return err
	}
	if c.JSON {
		return s.printJSON(map[string]any{"items": all})
	}
	for _, m := range all {
		state := "pending"
		if m.Applied {
			state = "applied"
		}
		fmt.Fprintf(s.out, "%s  %s\n", state, m.Name)
	}
	return nil
}

func (s *session) databaseURL() (string, error) {
	if s.config.DatabaseURL == "" {
		return "", usage{errors.New("DATABASE_URL is not set; set it to, for example, sqlite:///olorin.db")}
	}
	return s.config.DatabaseURL, nil
}
