package agents

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/olorin-dev/olorin"
)

func TestRegulatoryViewNamesChecksThatExist(t *testing.T) {
	for _, f := range factors {
		for _, id := range f.checks {
			if _, ok := Find(id); !ok {
				t.Errorf("article %s names %s, which there is not", f.article, id)
			}
		}
	}
}

func TestBuiltInTemplatesNameToolsThatExistAndCanBeFilled(t *testing.T) {
	known := map[string]bool{}
	for _, a := range Catalogue() {
		for _, tool := range a.Tools {
			known[tool.ID] = true
		}
	}
	for i, b := range templates {
		for _, tool := range b.tools {
			if !known[tool] {
				t.Errorf("template %s names tool %s, which there is not", b.id, tool)
			}
		}
		made := Templates()[i]
		values := map[string]json.RawMessage{"dataset": json.RawMessage(`"d1"`)}
		for _, e := range b.entities {
			value := map[olorin.EntityType]string{"email": "ana@example.com", "card_number": "434505******9116"}[e.Type]
			if value == "" {
				value = "x1"
			}
			values[string(e.Type)] = json.RawMessage(fmt.Sprintf("%q", value))
		}
		s, err := made.Fill(values, nil, nil)
		if err != nil {
			t.Errorf("template %s: %v", b.id, err)
			continue
		}
		if faults := append(s.Ready(), MatrixFaults("", s.ToolMatrix, nil)...); len(faults) > 0 {
			t.Errorf("template %s, filled, cannot be started: %v", b.id, faults)
		}
		on := 0
		for _, c := range s.ToolMatrix {
			if c.Enabled {
				on++
			}
		}
		if on != len(b.tools) || len(s.ToolMatrix) != len(known) {
			t.Errorf("template %s switches %d of %d tools on, want %d of %d", b.id, on, len(s.ToolMatrix), len(b.tools), len(known))
		}
	}
}
