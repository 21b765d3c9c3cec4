package httpd

import (
	"net/http"
	"slices"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// agentAnswer is an agent of the catalogue.
type agentAnswer struct {
	Agent       string       `json:"agent"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	External    bool         `json:"external,omitempty" doc:"A program outside of this server; a run asks it only where its tools are chosen by name."`
	Tools       []toolAnswer `json:"tools"`
}

// toolAnswer is one check.
type toolAnswer struct {
	Tool        string         `json:"tool"`
	Version     int            `json:"version"`
	Source      string         `json:"source" enum:"built-in,own" doc:"own: added to this server as a file."`
	SHA256      string         `json:"sha256" doc:"Of the check's file."`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Group       string         `json:"group" doc:"Checks of one group measure related things and are damped together."`
	Unit        string         `json:"unit" enum:"row,pair,entity,file" doc:"What one finding is about."`
	Weight      float64        `json:"weight" doc:"0..1; what it counts at full strength."`
	Baseline    string         `json:"baseline" doc:"What it measures against: own past, peers in the file, a fixed limit."`
	Reference   string         `json:"reference,omitempty"`
	Needs       [][]string     `json:"needs" doc:"Of each group at least one column."`
	Params      []agents.Param `json:"params"`
	Assessable  bool           `json:"assessable" doc:"The data set has the columns; true where none is named."`
	Reason      string         `json:"reason,omitempty" doc:"Why not."`
}

type agentsQuery struct {
	Dataset string `json:"dataset,omitempty" maxLength:"64" doc:"Id of the data set to be investigated."`
}

type agentsAnswer struct {
	Agents  []agentAnswer     `json:"agents"`
	Columns []canonicalColumn `json:"columns" doc:"What the columns that tools need are called by people."`
}

// agents lists the catalogue; with a data set, it tells which tools its columns allow.
func (s *Server) agents(w http.ResponseWriter, r *http.Request) error {
	q, err := query[agentsQuery](s, r)
	if err != nil {
		return err
	}
	var d *olorin.Dataset
	if q.Dataset != "" {
		found, err := s.find(r, q.Dataset)
		if err != nil {
			return err
		}
		d = &found
	}
	answer := agentsAnswer{Agents: []agentAnswer{}, Columns: canonicalColumns()}
	for _, a := range append(slices.Clip(agents.Catalogue()), s.Agency.Catalogue()...) {
		shown := agentAnswer{Agent: a.ID, Title: a.Title, Description: a.Description, Tools: make([]toolAnswer, len(a.Tools))}
		shown.External = len(a.Tools) > 0 && a.Tools[0].Outside
		for i, t := range a.Tools {
			shown.Tools[i] = toolOf(t, d)
		}
		answer.Agents = append(answer.Agents, shown)
	}
	return writeJSON(w, http.StatusOK, answer)
}

func toolOf(t *agents.Tool, d *olorin.Dataset) toolAnswer {
	shown := toolAnswer{
		Tool: t.ID, Version: t.Version, Source: "built-in", SHA256: t.SHA256, Title: t.Title, Description: t.Description, Group: t.Group, Unit: t.Unit, Weight: t.Weight,
		Baseline: t.Baseline, Reference: t.Reference, Needs: t.Needs, Params: t.Params, Assessable: true,
	}
	if t.Own {
		shown.Source = "own"
	}
	if shown.Needs == nil {
		shown.Needs = [][]string{}
	}
	if shown.Params == nil {
		shown.Params = []agents.Param{}
	}
	if d == nil {
		return shown
	}
	code, reason, _ := t.Obstacle(*d)
	shown.Assessable, shown.Reason = code == "", reason
	return shown
}
