package main

import (
	"fmt"
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
	if c.JSON {
		err = s.printJSON(map[string]any{"audit_entries": verdict.Entries, "investigations": checked, "faults": faults})
	} else {
		for _, f := range faults {
			fmt.Fprintln(s.out, f.InvestigationID, f.Fault)
		}
		_, err = fmt.Fprintf(s.out, "%s checked, %s\n", counted(checked, "investigation"), counted(len(faults), "fault"))
	}
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%s found", counted(len(faults), "fault"))
	}
	return err
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprint(n, " ", noun, "s")
}
