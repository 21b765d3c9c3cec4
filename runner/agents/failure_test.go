package agents_test

import (
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// The engine's words may quote the file: neither people nor the server's log are told them then.
func TestAFailedCheckIsToldInWords(t *testing.T) {
	engine := openEngine(t)
	d := importText(t, engine, "odd", "user_id,event_time,amount,email\nu1,2026-01-01T00:00:00Z,10,secret@example.com\nu1,2026-01-01T00:01:00Z,12,secret@example.com\n")
	c, err := engine.OpenCase(t.Context(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: "u1"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tool, _ := agents.Find("VEL-01")
	for query, want := range map[string][2]string{
		"SELECT email::INTEGER FROM events":                {"a value of the file", "left out"},
		"SELECT nothing FROM events":                       {"the engine does not take its query", "nothing"},
		"SELECT error('it says ' || email) FROM events":    {"", "left out"},
		"SELECT repeat(email, 100000000) FROM events":      {"", ""},
		"SELECT 1 / 0 FROM events WHERE no such syntax at": {"the engine does not take its query", ""},
	} {
		err := c.Query(t.Context(), query, nil, func(map[string]any) error { return nil })
		if err == nil {
			t.Errorf("%s: no error", query)
			continue
		}
		told, said := tool.Failed(err)
		if !strings.Contains(told, want[0]) || !strings.Contains(said, want[1]) || strings.Contains(told+said, "secret@") || strings.Contains(told, "Error") {
			t.Errorf("%s: told %q, logged %q; want %q", query, told, said, want)
		}
	}
}
