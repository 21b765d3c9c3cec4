package main

import (
	"fmt"

	"github.com/olorin-dev/olorin"
)

type checkCommand struct {
	JSON bool `help:"Print JSON."`
}

// checkFault is something wrong in the database.
type checkFault struct {
	InvestigationID string `json:"investigation_id,omitempty"`
	Fault           string `json:"fault"`
}

// Run checks the file and every log. Opening has already compared the schema.
func (c *checkCommand) Run(s *session) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	faults := []checkFault{}
	if err := h.store.QuickCheck(s.ctx); err != nil {
		faults = append(faults, checkFault{Fault: err.Error()})
	}
	checked := 0
	err = h.store.CheckLogs(s.ctx, func(id string, fault error) error {
		checked++
		if fault != nil {
			faults = append(faults, checkFault{id, fault.Error()})
		}
		return nil
	})
	if err != nil {
		return err
	}
	verdict, err := h.verifyAudit(s)
	if err != nil {
		return err
	}
	if verdict.Fault != "" {
		faults = append(faults, checkFault{Fault: "audit trail: " + verdict.Fault})
	}
	orphans, err := h.orphans(s)
	if err != nil {
		return err
	}
	for _, path := range orphans {
		faults = append(faults, checkFault{Fault: path + " holds a data set that the database does not know: it was deleted, or belongs to another database; remove the directory if nobody needs it"})
	}
	if c.JSON {
		err = s.printJSON(map[string]any{"audit_entries": verdict.Entries, "investigations": checked, "faults": faults})
	} else {
		for _, f := range faults {
			fmt.Fprintln(s.out, f.InvestigationID, f.Fault)
		}
		_, err = fmt.Fprintf(s.out, "%s checked, %s\n", olorin.Counted(checked, "investigation"), olorin.Counted(len(faults), "fault"))
	}
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%s found", olorin.Counted(len(faults), "fault"))
	}
	return err
}

// orphans are the directories of data sets that the database does not know. That they are not removed unasked is on purpose: a server that is pointed
// at another database by mistake must not delete what the right one holds.
func (h *house) orphans(s *session) ([]string, error) {
	directories, err := h.engine.Directories()
	var paths []string
	for _, d := range directories {
		switch _, err := h.store.Dataset(s.ctx, d.ID); olorin.CodeOf(err) {
		case olorin.CodeNotFound:
			paths = append(paths, d.Path)
		}
	}
	return paths, err
}
