package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/data/demo"
)

type demoCommand struct {
	Rows int    `default:"${demo_rows}" help:"Rows of the sample."`
	Seed uint64 `default:"${demo_seed}" help:"Same seed, same bytes."`
	Out  string `help:"Only write the sample to this file; - is stdout." placeholder:"FILE"`
	JSON bool   `help:"Print JSON."`
}

// demoName is what the sample is called among the data sets.
const demoName = "Sample shop"

// Run makes the sample data and the demo user, each only where it is missing, and says how to log in.
func (c *demoCommand) Run(s *session) error {
	if c.Rows < demo.MinRows || c.Rows > demo.MaxRows {
		return usage{fmt.Errorf("--rows %d is out of bounds; it must be %d..%d", c.Rows, demo.MinRows, demo.MaxRows)}
	}
	if c.Out != "" {
		return c.write(s)
	}
	if s.config.Env == "production" {
		return usage{errors.New("demo users and data are refused in production (OLORIN_ENV)")}
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	password, err := h.demoUser(s)
	if err != nil {
		return err
	}
	all, err := h.store.Datasets(s.ctx, defaultUser)
	if err != nil {
		return err
	}
	var sample olorin.Dataset
	for _, d := range all {
		if d.Name == demoName {
			sample = d
		}
	}
	if sample.ID == "" {
		if sample, err = h.importSample(s, c.Seed, c.Rows); err != nil {
			return err
		}
	}
	if c.JSON {
		return s.printJSON(map[string]any{"user": defaultUser, "password": password, "dataset": sample.ID, "rows": sample.Rows, "sha256": sample.SHA256})
	}
	_, err = fmt.Fprintf(s.out, "demo user %s, password: %s\ndata set %q (%s): %d rows\n", defaultUser, password, demoName, sample.ID, sample.Rows)
	return err
}

// write makes the sample as a file.
func (c *demoCommand) write(s *session) error {
	if c.Out == "-" {
		_, err := demo.Write(s.out, c.Seed, c.Rows)
		return err
	}
	f, err := os.Create(c.Out)
	if err != nil {
		return usage{err}
	}
	if _, err := demo.Write(f, c.Seed, c.Rows); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// importSample streams the sample into the data directory as an upload would be.
func (h *house) importSample(s *session, seed uint64, rows int) (olorin.Dataset, error) {
	r, w := io.Pipe()
	go func() {
		_, err := demo.Write(w, seed, rows)
		w.CloseWithError(err)
	}()
	defer r.Close()
	return h.importFile(s.ctx, r, data.ImportOptions{UserID: defaultUser, Name: demoName, Filename: "sample-shop.csv"})
}

// demoUser returns the password of the demo user. It is kept in the data directory, readable by its owner alone, so that it can be
// told again; a user that exists keeps its password.
func (h *house) demoUser(s *session) (string, error) {
	path := filepath.Join(s.config.DataDir, "demo-password")
	kept, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("password of the demo user: %w", err)
	}
	password := strings.TrimSpace(string(kept))
	_, err = h.store.User(s.ctx, defaultUser)
	switch {
	case err == nil && password == "":
		return "(as you set it)", nil
	case err == nil:
		return password, nil
	case olorin.CodeOf(err) != olorin.CodeNotFound:
		return "", err
	}
	if password == "" {
		password = rand.Text()
		if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
			return "", fmt.Errorf("password of the demo user: %w", err)
		}
	}
	return password, h.putUser(s, olorin.User{ID: defaultUser, Name: defaultUser, Role: olorin.RoleAnalyst}, password)
}
