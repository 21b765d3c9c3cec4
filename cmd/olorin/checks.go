package main

import (
	"fmt"
	"strings"

	"github.com/olorin-dev/olorin/runner/agents"
)

type checksCommand struct {
	List checksList `cmd:"" help:"List the checks: those built in, and those in OLORIN_CHECKS_DIR, also where something is wrong with them."`
	Lint checksLint `cmd:"" help:"Tell everything that is wrong with files of checks."`
}

type checksList struct {
	JSON bool `help:"Print JSON."`
}

// listedCheck is one line of the list.
type listedCheck struct {
	Tool    string   `json:"tool"`
	Version int      `json:"version"`
	Agent   string   `json:"agent"`
	Title   string   `json:"title"`
	Source  string   `json:"source"` // built-in, own or broken
	Path    string   `json:"path,omitempty"`
	SHA256  string   `json:"sha256,omitempty"`
	Faults  []string `json:"faults,omitempty"`
}

// Run lists the catalogue as the server would have it.
func (c *checksList) Run(s *session) error {
	own, err := s.ownChecks()
	if err != nil {
		return err
	}
	defer agents.Install(own)()
	list := []listedCheck{}
	for _, choice := range agents.Choose(nil, nil) {
		t := choice.Tool
		line := listedCheck{Tool: t.ID, Version: t.Version, Agent: t.Agent, Title: t.Title, Source: "built-in", SHA256: t.SHA256}
		for _, o := range own {
			if o.Tool == t {
				line.Source, line.Path = "own", o.Path
			}
		}
		list = append(list, line)
	}
	for _, o := range own {
		if o.Tool == nil {
			list = append(list, listedCheck{Source: "broken", Path: o.Path, Faults: o.Faults})
		}
	}
	if c.JSON {
		return s.printJSON(map[string]any{"checks": list})
	}
	for _, l := range list {
		switch l.Source {
		case "broken":
			fmt.Fprintf(s.out, "broken  %s\n        %s\n", l.Path, strings.Join(l.Faults, "\n        "))
		case "own":
			fmt.Fprintf(s.out, "%s  %-9s version %d  %s  (%s, sha256 %.12s…)\n", l.Tool, l.Agent, l.Version, l.Title, l.Path, l.SHA256)
		default:
			fmt.Fprintf(s.out, "%s  %-9s version %d  %s\n", l.Tool, l.Agent, l.Version, l.Title)
		}
	}
	return nil
}

type checksLint struct {
	Files []string `arg:"" name:"file" help:"SQL files with a header." type:"existingfile"`
	JSON  bool     `help:"Print JSON."`
}

// Run lints files; it fails where one has a fault.
func (c *checksLint) Run(s *session) error {
	checks, err := agents.LintFiles(s.ctx, c.Files)
	if err != nil {
		return err
	}
	broken := 0
	for _, o := range checks {
		if len(o.Faults) > 0 {
			broken++
		}
	}
	if c.JSON {
		err = s.printJSON(map[string]any{"files": checks})
	} else {
		for _, o := range checks {
			if o.Tool != nil {
				fmt.Fprintf(s.out, "%s: %s version %d of agent %s can be used\n", o.Path, o.Tool.ID, o.Tool.Version, o.Tool.Agent)
			}
			for _, fault := range o.Faults {
				fmt.Fprintf(s.out, "%s: %s\n", o.Path, fault)
			}
		}
	}
	if err == nil && broken > 0 {
		err = fmt.Errorf("%d of %d files cannot be used", broken, len(checks))
	}
	return err
}

// ownChecks reads the directory of the user's checks.
func (s *session) ownChecks() ([]agents.OwnCheck, error) {
	if s.config.ChecksDir == "" {
		return nil, nil
	}
	return agents.ReadOwn(s.ctx, s.config.ChecksDir)
}

// installChecks puts the user's checks into the catalogue. A broken one is told and left out: it hurts itself alone.
func (s *session) installChecks() error {
	own, err := s.ownChecks()
	if err != nil {
		return err
	}
	for _, o := range own {
		if o.Tool != nil {
			s.log.Info("a check was added", "check", o.Tool.ID, "version", o.Tool.Version, "sha256", o.Tool.SHA256, "path", o.Path)
		} else {
			s.log.Error("a check cannot be used and is left out", "path", o.Path, "faults", o.Faults)
		}
	}
	agents.Install(own)
	return nil
}
