package agents

import (
	"cmp"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
)

// Bounds of what the graph shows; the findings hold the rest.
const (
	maxNodes    = 100
	maxEdges    = 300
	maxEdgeRows = 20
)

// node is an entity of a graph with the evidence rows that it stands in.
type node struct {
	olorin.GraphNode
	rows map[int64]bool
}

// tie is a pair of nodes, in the order of their ids.
type tie struct{ a, b string }

// ties are the entities of some findings and the evidence rows that pairs of them share.
type ties struct {
	nodes map[string]*node
	rows  map[tie]map[int64]bool
}

func nodeID(kind olorin.EntityType, value string) string { return string(kind) + ":" + value }

// graph links the investigated entities and those that share evidence rows with them. Rows' own ids are left out unless
// they are investigated; where there are too many entities, those with the most findings stay.
func graph(findings []olorin.Finding, rows []olorin.EvidenceRow, investigated []olorin.Entity) olorin.Graph {
	t := ties{map[string]*node{}, map[tie]map[int64]bool{}}
	for _, e := range investigated {
		k := nodeID(e.Type, e.Value)
		t.nodes[k] = &node{olorin.GraphNode{ID: k, Type: e.Type, Value: e.Value, Primary: true}, map[int64]bool{}}
	}
	met := map[int64][]string{}
	for _, row := range rows {
		here := t.meet(row)
		t.join(here, row)
		met[row.Row] = here
	}
	for _, f := range findings {
		seen := map[string]bool{}
		count := func(row int64) {
			for _, k := range met[row] {
				if !seen[k] {
					seen[k] = true
					t.nodes[k].Findings++
				}
			}
		}
		for _, row := range f.EvidenceRows {
			count(row)
		}
		for _, row := range f.Evidence {
			count(row.Row)
		}
	}
	return t.strongest()
}

// meet notes the entities of a row, and gives them.
func (t *ties) meet(row olorin.EvidenceRow) (here []string) {
	for _, kind := range olorin.EntityTypes {
		value, _ := row.Fields[string(kind)].(string)
		k := nodeID(kind, value)
		if value == "" || kind == "transaction_id" && t.nodes[k] == nil {
			continue
		}
		if t.nodes[k] == nil {
			t.nodes[k] = &node{olorin.GraphNode{ID: k, Type: kind, Value: value}, map[int64]bool{}}
		}
		t.nodes[k].rows[row.Row] = true
		here = append(here, k)
	}
	return here
}

// join ties the entities of a row to its account, or to the first of them where it has none.
func (t *ties) join(here []string, row olorin.EvidenceRow) {
	if len(here) == 0 {
		return
	}
	centre := here[0]
	for _, kind := range accountTypes {
		if value, _ := row.Fields[string(kind)].(string); value != "" {
			centre = nodeID(kind, value)
			break
		}
	}
	for _, k := range here {
		if k == centre {
			continue
		}
		pair := tie{min(centre, k), max(centre, k)}
		if t.rows[pair] == nil {
			t.rows[pair] = map[int64]bool{}
		}
		t.rows[pair][row.Row] = true
	}
}

// strongest gives as many nodes and edges as are shown: what is investigated, then what most findings speak of.
func (t *ties) strongest() olorin.Graph {
	g := olorin.Graph{Nodes: []olorin.GraphNode{}, Edges: []olorin.GraphEdge{}}
	all := make([]*node, 0, len(t.nodes))
	for _, n := range t.nodes {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *node) int {
		if a.Primary != b.Primary {
			if a.Primary {
				return -1
			}
			return 1
		}
		return cmp.Or(b.Findings-a.Findings, len(b.rows)-len(a.rows), strings.Compare(a.ID, b.ID))
	})
	kept := map[string]bool{}
	for _, n := range all[:min(len(all), maxNodes)] {
		g.Nodes = append(g.Nodes, n.GraphNode)
		kept[n.ID] = true
	}
	for pair, rows := range t.rows {
		if !kept[pair.a] || !kept[pair.b] {
			continue
		}
		edge := olorin.GraphEdge{Source: pair.a, Target: pair.b, Count: len(rows)}
		for row := range rows {
			edge.Rows = append(edge.Rows, row)
		}
		slices.Sort(edge.Rows)
		edge.Rows = edge.Rows[:min(len(edge.Rows), maxEdgeRows)]
		g.Edges = append(g.Edges, edge)
	}
	slices.SortFunc(g.Edges, func(a, b olorin.GraphEdge) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Source, b.Source), strings.Compare(a.Target, b.Target))
	})
	g.Edges = g.Edges[:min(len(g.Edges), maxEdges)]
	return g
}
