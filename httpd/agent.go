package httpd

import (
	"net/http"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// agentAnswer is an agent of the catalogue.
type agentAnswer struct {
	Agent       string       `json:"agent"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Tools       []toolAnswer `json:"tools"`
}

// toolAnswer is one check.
type toolAnswer struct {
	Tool        string         `json:"tool"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Needs       [][]string     `json:"needs" doc:"Of each group at least one column."`
	Params      []agents.Param `json:"params"`
	Assessable  bool           `json:"assessable" doc:"The data set has the columns; true where none is named."`
	Reason      string         `json:"reason,omitempty" doc:"Why not."`
}

type agentsQuery struct {
	Dataset string `json:"dataset,omitempty" maxLength:"64" doc:"Id of the data set to be investigated."`
}

type agentsAnswer struct {
	Agents []agentAnswer `json:"agents"`
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
	answer := agentsAnswer{Agents: []agentAnswer{}}
	for _, a := range agents.Catalogue() {
		shown := agentAnswer{Agent: a.ID, Title: a.Title, Description: a.Description, Tools: make([]toolAnswer, len(a.Tools))}
		for i, t := range a.Tools {
			shown.Tools[i] = toolOf(t, d)
		}
		answer.Agents = append(answer.Agents, shown)
	}
	return writeJSON(w, http.StatusOK, answer)
}

func toolOf(t *agents.Tool, d *olorin.Dataset) toolAnswer {
	shown := toolAnswer{Tool: t.ID, Title: t.Title, Description: t.Description, Needs: t.Needs, Params: t.Params, Assessable: true}
	if shown.Needs == nil {
		shown.Needs = [][]string{}
	}
	if shown.Params == nil {
		shown.Params = []agents.Param{}
	}
	if d == nil {
		return shown
	}
	ok, missing := t.Assessable(*d)
	if shown.Assessable = ok; !ok {
		shown.Reason = "the file has no column for " + strings.Join(missing, ", ")
	}
	return shown
}
