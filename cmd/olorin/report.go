package main

import (
	"bytes"
	"io"
	"os"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

type reportCommand struct {
	ID     string `arg:"" help:"The investigation."`
	Format string `enum:"json,csv,pdf,html" default:"json" help:"One of ${enum}."`
	Out    string `help:"The file to write; stdout where absent." placeholder:"FILE" short:"o"`
}

// Run writes the report of an investigation. That it was taken is told in the audit trail before it is handed out.
func (c *reportCommand) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	actor := administrator()
	inv, err := h.desk.View(s.ctx, actor, c.ID)
	if err != nil {
		return err
	}
	file, err := report.File(s.ctx, h.store, inv)
	if err != nil {
		return err
	}
	made, err := report.Make(inv, file, report.Made{At: h.clock(), By: actor.ID, Olorin: version})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	format := report.Format(c.Format)
	if err := made.Write(&out, format); err != nil {
		return err
	}
	if err := h.store.Record(s.ctx, report.Exported(made, format, actor, olorin.SourceSystem)); err != nil {
		return err
	}
	if c.Out == "" {
		_, err = io.Copy(s.out, &out)
		return err
	}
	return os.WriteFile(c.Out, out.Bytes(), 0o600)
}
