// Package agents holds the built-in agents and their tools: what each asks of an events file and what its answers mean.
//
// A tool is one check, a SQL file below checks/<agent>/ whose header says what it needs (see ParseCheck). The query
// reads three relations, none of which holds a label:
//
//	events  every row of the file up to the end of the time range, in canonical columns, with in_scope: the row matches the investigated entities and the range
//	own     those of every account that occurs among the rows in scope, also from before the range
//	cohort  own and a sample of other accounts, with mine (an own row) and peer (a row of the sample): whole accounts, drawn by a hash
//
// and returns, one row a finding, key (VARCHAR, unique), strength (DOUBLE, 0..1], rows (BIGINT[], the evidence, by time)
// and whatever columns its sentence names. A check finds things wherever they are; Tool.Run keeps what touches the case.
package agents

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

//go:embed checks
var files embed.FS

// disposableDomains is the list of the project disposable-email-domains (CC0 1.0), one domain a line, of 2026-10.
//
//go:embed disposable_domains.txt
var disposableDomains string

// countries has a middle and a reach for every country, one a line: two-letter code, three-letter code, name, latitude, longitude, km.
// tools/countries.mjs makes it of Natural Earth 1:50m (public domain) and ISO 3166-1.
//
//go:embed countries.csv
var countries string

// Agent is a group of tools that look at one side of a case.
type Agent struct {
	ID          string
	Title       string
	Description string
	Tools       []*Tool // by id
}

// Tool is a check in the hands of an agent.
type Tool struct {
	*Check
	Agent   string
	Outside bool // the tool of an external agent: it is asked by way of the agency, never by Run
}

// Catalogue returns the built-in agents in the order in which they are shown. It is read once; callers must not change it.
func Catalogue() []Agent { return catalogue }

var catalogue = mustLoad()

// ownAgent has the user's checks that name no other agent. It is in the catalogue only where it has any.
const ownAgent = "own"

func builtInAgents() []Agent {
	return []Agent{
		{ID: "device", Title: "Device", Description: "Devices and sessions: shared, many, new, or driven by a program."},
		{ID: "location", Title: "Location", Description: "Places: impossible travel, new countries, countries that disagree."},
		{ID: "network", Title: "Network", Description: "IP addresses: shared by accounts, changing, hosted, or guessing passwords."},
		{ID: "behaviour", Title: "Behaviour", Description: "Speed, amounts and habits, against the account's own past and against its peers."},
		{ID: "payment", Title: "Payment", Description: "Amounts and money flows: structuring, pass-through, probing, duplicates."},
		{ID: "identity", Title: "Identity", Description: "E-mail addresses, sign-ups and personal data."},
		{ID: "link", Title: "Links", Description: "What ties accounts to one another."},
	}
}

func agentIDs() []string {
	ids := []string{ownAgent}
	for _, a := range builtInAgents() {
		ids = append(ids, a.ID)
	}
	return ids
}

func mustLoad() []Agent {
	agents := builtInAgents()
	for i := range agents {
		a := &agents[i]
		entries, err := fs.ReadDir(files, path.Join("checks", a.ID))
		if err != nil {
			panic(fmt.Sprintf("read the checks of agent %s: %v", a.ID, err))
		}
		for _, e := range entries {
			name := path.Join("checks", a.ID, e.Name())
			text, err := files.ReadFile(name)
			if err != nil {
				panic(fmt.Sprintf("read %s: %v", name, err))
			}
			c, err := ParseCheck(string(text))
			if err != nil {
				panic(fmt.Sprintf("%s: %v", name, err))
			}
			a.Tools = append(a.Tools, &Tool{Check: c, Agent: a.ID})
		}
		slices.SortFunc(a.Tools, func(x, y *Tool) int { return strings.Compare(x.ID, y.ID) })
	}
	return agents
}

// Find returns the tool of an id such as "GEO-01".
func Find(id string) (*Tool, bool) {
	for _, a := range catalogue {
		for _, t := range a.Tools {
			if t.ID == id {
				return t, true
			}
		}
	}
	return nil, false
}

// Choice is a tool that a run will use, with the parameters given for it.
type Choice struct {
	Tool   *Tool
	Params map[string]float64
}

// Choose returns the tools that a tool matrix switches on, in the catalogue's order, then those of external agents. An empty matrix
// chooses every built-in tool with its defaults; an external one sees data only where somebody chose it. One that is not there any more is
// chosen by its bare name, so that the run tells of it.
func Choose(matrix []olorin.ToolChoice, external []Agent) []Choice {
	var chosen []Choice
	for _, a := range catalogue {
		for _, t := range a.Tools {
			i := slices.IndexFunc(matrix, func(c olorin.ToolChoice) bool { return c.Agent == a.ID && c.Tool == t.ID })
			switch {
			case len(matrix) == 0:
				chosen = append(chosen, Choice{Tool: t})
			case i >= 0 && matrix[i].Enabled:
				chosen = append(chosen, Choice{Tool: t, Params: matrix[i].Params})
			}
		}
	}
	var outside []Choice
	for _, c := range matrix {
		if c.Enabled && !slices.ContainsFunc(catalogue, func(a Agent) bool { return a.ID == c.Agent }) {
			t := External(c.Agent, Offer{Tool: c.Tool, Title: c.Tool})
			if a := slices.IndexFunc(external, func(a Agent) bool { return a.ID == c.Agent }); a >= 0 {
				if n := slices.IndexFunc(external[a].Tools, func(t *Tool) bool { return t.ID == c.Tool }); n >= 0 {
					t = external[a].Tools[n]
				}
			}
			outside = append(outside, Choice{Tool: t, Params: c.Params})
		}
	}
	slices.SortStableFunc(outside, func(a, b Choice) int { return strings.Compare(a.Tool.Agent, b.Tool.Agent) })
	return append(chosen, outside...)
}

// ScoringFaults tells of agents that are given a weight and are not there. Pointers start with base, such as "/settings/scoring".
func ScoringFaults(base string, s olorin.Scoring, external []Agent) []olorin.Fault {
	var faults []olorin.Fault
	for _, id := range slices.Sorted(maps.Keys(s.AgentWeights)) {
		if !slices.ContainsFunc(append(slices.Clip(catalogue), external...), func(a Agent) bool { return a.ID == id }) {
			faults = append(faults, olorin.Fault{Pointer: base + "/agent_weights/" + id, Code: "unknown_agent", Detail: fmt.Sprintf("there is no agent %q to count by a weight", id)})
		}
	}
	return faults
}

// Values returns the parameters in force: those chosen, else the defaults.
func (c Choice) Values() map[string]float64 { return c.Tool.values(c.Params) }

// MatrixFaults returns everything that is wrong with a tool matrix: unknown agents and tools that are switched on, tools named twice,
// unknown parameters and values out of bounds. Pointers start with base, such as "/settings/tool_matrix".
func MatrixFaults(base string, matrix []olorin.ToolChoice, external []Agent) []olorin.Fault {
	all := append(slices.Clip(catalogue), external...)
	var faults []olorin.Fault
	seen := map[string]bool{}
	for i, choice := range matrix {
		at := base + "/" + strconv.Itoa(i)
		a := slices.IndexFunc(all, func(a Agent) bool { return a.ID == choice.Agent })
		if a < 0 {
			if !choice.Enabled {
				continue // of a program outside that is not connected: it is not asked
			}
			faults = append(faults, olorin.Fault{Pointer: at + "/agent", Code: "unknown_agent", Detail: fmt.Sprintf("there is no agent %q", choice.Agent)})
			continue
		}
		t := slices.IndexFunc(all[a].Tools, func(t *Tool) bool { return t.ID == choice.Tool })
		if t < 0 {
			if !choice.Enabled {
				continue
			}
			faults = append(faults, olorin.Fault{Pointer: at + "/tool", Code: "unknown_tool", Detail: fmt.Sprintf("agent %s has no tool %q", choice.Agent, choice.Tool)})
			continue
		}
		if seen[choice.Tool] {
			faults = append(faults, olorin.Fault{Pointer: at + "/tool", Code: "duplicate", Detail: fmt.Sprintf("%s is chosen twice", choice.Tool)})
		}
		seen[choice.Tool] = true
		faults = append(faults, all[a].Tools[t].faults(at+"/params", choice.Params)...)
	}
	return faults
}
