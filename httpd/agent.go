package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

// Catalogue lists the agents. With a data set it tells which tools its columns allow; nil is without.
type Catalogue interface {
	Agents(d *olorin.Dataset) []Agent
}

// Agent is a field of checks.
type Agent struct {
	Agent       string `json:"agent"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Tools       []Tool `json:"tools"`
}

// Tool is one check.
type Tool struct {
	Tool        string     `json:"tool"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Needs       [][]string `json:"needs" doc:"Of each group at least one column."`
	Params      []Param    `json:"params"`
	Assessable  bool       `json:"assessable" doc:"The data set has the columns; true where none is named."`
	Reason      string     `json:"reason,omitempty" doc:"Why not."`
}

// Param is a number that a check takes.
type Param struct {
	Name      string  `json:"name"`
	Title     string  `json:"title"`
	Default   float64 `json:"default"`
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Unit      string  `json:"unit"`
	Reference string  `json:"reference" doc:"Where the default comes from."`
}

type agentsQuery struct {
	Dataset string `json:"dataset,omitempty" maxLength:"64" doc:"Id of the data set to be investigated."`
}

type agentsAnswer struct {
	Agents []Agent `json:"agents"`
}

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
	return writeJSON(w, http.StatusOK, agentsAnswer{s.Catalogue.Agents(d)})
}
