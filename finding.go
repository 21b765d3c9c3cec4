package olorin

import "slices"

// Severity grades a finding by its strength times its weight.
type Severity string

// The severities.
const (
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Finding is one thing that a check found, with the rows that show it.
type Finding struct {
	ID            string         `json:"id" doc:"Same data, check, version and key: same id, in every run."`
	Agent         string         `json:"agent"`
	Tool          string         `json:"tool"`
	ToolVersion   int            `json:"tool_version"`
	ToolSHA256    string         `json:"tool_sha256,omitempty" doc:"Of the check's file, where the check was added to this server; built-in checks are told by their version."`
	Group         string         `json:"group,omitempty" doc:"Checks of one group measure related things; their scores are damped together."`
	Severity      Severity       `json:"severity" enum:"low,medium,high,critical"`
	Title         string         `json:"title"`
	Sentence      string         `json:"sentence" doc:"What was found, with its numbers."`
	Baseline      string         `json:"baseline,omitempty" doc:"What it was measured against: own past, peers in the file, or a fixed threshold."`
	Key           string         `json:"key" doc:"The unit found: a user, a device, a pair of rows."`
	Strength      float64        `json:"strength" doc:"0..1"`
	Weight        float64        `json:"weight" doc:"0..1; how much the check counts at full strength."`
	Parts         []Part         `json:"parts,omitempty" doc:"In a case of several entities: those whose rows show it, and what it counts for each. Strength and weight are those of the one for which it counts most."`
	Entities      []EntityRef    `json:"entities" doc:"That occur on its rows, all of them looked at: of each type the most frequent, 200 at most; of transactions the first."`
	EntitiesTotal int            `json:"entities_total,omitempty" doc:"How many occur on its rows, transactions left out."`
	Numbers       map[string]any `json:"numbers,omitempty"`
	Evidence      []EvidenceRow  `json:"evidence" doc:"The first rows that show it."`
	EvidenceRows  []int64        `json:"evidence_rows" doc:"Numbers of the rows that show it, 1 = first row after the header; the first 1,000. The CSV file of the evidence has all."`
	EvidenceTotal int            `json:"evidence_total"`
	FoundAt       Time           `json:"found_at"`
}

// Part is what a finding counts for one entity of the case.
type Part struct {
	Type     EntityType `json:"type"`
	Value    string     `json:"value"`
	Strength float64    `json:"strength"`
	Weight   float64    `json:"weight"`
}

// EntityRef names an entity.
type EntityRef struct {
	Type  EntityType `json:"type"`
	Value string     `json:"value"`
}

// EvidenceRow is one row of the data set, by its number and its canonical columns.
type EvidenceRow struct {
	Row    int64          `json:"row"`
	Fields map[string]any `json:"fields"`
}

// RiskLevel is the band of a risk score.
type RiskLevel string

// LevelOf returns the band of a score 0..100: low below 40, medium below 60, high below 80, then critical.
func LevelOf(score float64) RiskLevel {
	switch {
	case score < 40:
		return "low"
	case score < 60:
		return "medium"
	case score < 80:
		return "high"
	}
	return "critical"
}

// Results is what the run found. Findings come in while it runs; the rest is set at assessment.
type Results struct {
	RiskScore       *float64          `json:"risk_score" doc:"0..100; an uncalibrated score, not a probability. Null until assessed."`
	RiskLevel       RiskLevel         `json:"risk_level,omitempty"`
	ScoreInterval   *ScoreInterval    `json:"score_interval"`
	Domains         []DomainScore     `json:"domains"`
	Findings        []Finding         `json:"findings"`
	NotAssessed     []NotAssessedTool `json:"not_assessed"`
	Contributions   []Contribution    `json:"contributions" doc:"What each check adds to the score, in order; they sum to it."`
	Timeline        []TimelineEntry   `json:"timeline"`
	Cited           *Cited            `json:"cited,omitempty" doc:"What the rows that the findings cite come to; absent until assessed."`
	Graph           Graph             `json:"graph"`
	Recommendations []string          `json:"recommendations"`
	Summary         string            `json:"summary"`
	Dataset         *DatasetStamp     `json:"dataset"`
	Entities        []EntityPresence  `json:"entities" doc:"How often each investigated entity occurs in the file."`
	Weights         int64             `json:"weights,omitempty" doc:"Version of the accepted weights; absent: those that the checks came with."`
	Checks          []CheckStamp      `json:"checks" doc:"The checks of the run, their versions and weights in force."`
	Lists           []ListHit         `json:"lists" doc:"What of the rows in scope stands on lists of known good, bad or notes."`
	ListSources     []ListStamp       `json:"list_sources,omitempty" doc:"The lists with anything that occurs in the file, which the checks asked: where each came from, and how old it was."`
	Decision        *Decision         `json:"decision" doc:"What is to be done: lists decide first, then the score. Null until assessed."`
	Counterfactual  *Counterfactual   `json:"counterfactual" doc:"The fewest findings without which the score is below the threshold; null where it is below already."`
	Digest          string            `json:"digest,omitempty" doc:"Hash of the findings; same data and check versions give the same digest."`
	Partial         bool              `json:"partial,omitempty" doc:"Not every check came to an end: the time was over, it failed, or its agent was gone."`
}

func newResults() *Results {
	return &Results{
		Domains: []DomainScore{}, NotAssessed: []NotAssessedTool{}, Contributions: []Contribution{}, Timeline: []TimelineEntry{},
		Graph: Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}, Recommendations: []string{},
		Entities: []EntityPresence{}, Checks: []CheckStamp{}, Lists: []ListHit{},
	}
}

// Whole has a list without items where none is kept, such as one that a release before did not know.
func (r Results) Whole() *Results {
	r.Domains, r.Findings, r.NotAssessed, r.Contributions = listed(r.Domains), listed(r.Findings), listed(r.NotAssessed), listed(r.Contributions)
	r.Timeline, r.Graph.Nodes, r.Graph.Edges, r.Recommendations = listed(r.Timeline), listed(r.Graph.Nodes), listed(r.Graph.Edges), listed(r.Recommendations)
	r.Entities, r.Checks, r.Lists = listed(r.Entities), listed(r.Checks), listed(r.Lists)
	return &r
}

func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Uncited lists which of the rows no finding, no moment and no link of the results names.
func (r Results) Uncited(rows []int64) []int64 {
	left := map[int64]bool{}
	for _, row := range rows {
		left[row] = true
	}
	cite := func(rows []int64) {
		for _, row := range rows {
			delete(left, row)
		}
	}
	for _, f := range r.Findings {
		cite(f.EvidenceRows)
		for _, e := range f.Evidence {
			delete(left, e.Row)
		}
	}
	for _, e := range r.Graph.Edges {
		cite(e.Rows)
	}
	for _, e := range r.Timeline {
		delete(left, e.Row)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row int64) bool { return !left[row] })
}

// ScoreInterval bounds the score: Low counts only what was assessed, High adds what the checks that were not assessed could change.
type ScoreInterval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// DomainScore is the risk that one agent sees. Risk is 0..100, null where no tool could assess; Coverage is the share 0..1 of its tools that assessed.
type DomainScore struct {
	Agent    string   `json:"agent"`
	Risk     *float64 `json:"risk"`
	Coverage float64  `json:"coverage"`
	Assessed int      `json:"assessed"`
	Tools    int      `json:"tools"`
}

// NotAssessedTool tells what was not looked at, why, what that means, and which columns would settle it.
type NotAssessedTool struct {
	Tool     string   `json:"tool"`
	Agent    string   `json:"agent"`
	Title    string   `json:"title,omitempty"`
	Code     Why      `json:"code,omitempty" enum:"column_missing,no_rows,too_few_rows,no_list,no_baseline,too_large,coarse_times,no_values,parse_failures,out_of_time,tool_failed,agent_timeout,agent_says,not_reached"`
	Reason   string   `json:"reason"`
	Means    string   `json:"means,omitempty" doc:"What the results do not say because of it."`
	CouldAdd float64  `json:"could_add" doc:"Points that the score would rise by if the check fired at full strength."`
	BaseRate float64  `json:"base_rate" doc:"0..1; how strongly it, or where the file cannot tell, what the file can ask like it, fires at comparable accounts of the file, on average; 1 where it is too_large. The upper end of the score's interval is made with it."`
	Columns  []string `json:"columns,omitempty"`
}

// EntityPresence tells how many rows of the file are of an investigated entity, at any time.
type EntityPresence struct {
	Type      EntityType `json:"type"`
	Value     string     `json:"value"`
	Rows      int64      `json:"rows"`
	RiskScore *float64   `json:"risk_score,omitempty" doc:"In results: what the entity scores by itself. The score of the case is the highest of these."`
}

// CheckStamp says which check took part, in which version, and what it counted at full strength.
type CheckStamp struct {
	Tool    string  `json:"tool"`
	Agent   string  `json:"agent"`
	Title   string  `json:"title"`
	Version int     `json:"version"`
	Weight  float64 `json:"weight"`
	Outcome Outcome `json:"outcome,omitempty"`
	Blocks  bool    `json:"blocks,omitempty" doc:"It was promoted from review to block: who is found by it is to be blocked, whatever the score."`
}

// Counterfactual answers what the verdict hangs on: without Findings the score would be Score, below Threshold. Exact says that no
// smaller set does it; else it was found step by step, and none of it can be spared.
type Counterfactual struct {
	Threshold float64  `json:"threshold"`
	Findings  []string `json:"findings"`
	Score     float64  `json:"score"`
	Exact     bool     `json:"exact"`
}

// Contribution is the part of the score, in points, that one check accounts for.
type Contribution struct {
	Tool   string  `json:"tool"`
	Agent  string  `json:"agent"`
	Points float64 `json:"points"`
}

// TimelineEntry is one moment of the case.
type TimelineEntry struct {
	At        Time     `json:"at"`
	FindingID string   `json:"finding_id"`
	Title     string   `json:"title"`
	Severity  Severity `json:"severity"`
	Row       int64    `json:"row"`
}

// Graph links the entities that occur together in evidence.
type Graph struct {
	Nodes []GraphNode `json:"nodes"`
	Edges []GraphEdge `json:"edges"`
}

// GraphNode is an entity. Findings counts those whose evidence holds it.
type GraphNode struct {
	ID       string     `json:"id"`
	Type     EntityType `json:"type"`
	Value    string     `json:"value"`
	Primary  bool       `json:"primary,omitempty"`
	Findings int        `json:"findings"`
}

// GraphEdge joins two entities that share rows; Rows are the first of them, Count is how many there are.
type GraphEdge struct {
	Source string  `json:"source"`
	Target string  `json:"target"`
	Count  int     `json:"count"`
	Rows   []int64 `json:"rows"`
}

// DatasetStamp says which bytes were analysed.
type DatasetStamp struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	SHA256 string       `json:"sha256"`
	Rows   int64        `json:"rows"`
	Parts  []JoinedFile `json:"parts,omitempty" doc:"The files that were joined, where there are several."`

	Databases []AddressDatabase `json:"databases,omitempty" doc:"Of addresses, from which columns were worked out."`
	Columns   map[string]string `json:"columns,omitempty" doc:"The file's own name of each canonical column that was read from it."`
}

// Source is the file's own name of a canonical column, or "" where it has none: the column was worked out, or a release before did not
// keep the names.
func (s *DatasetStamp) Source(canonical string) string {
	if s == nil {
		return ""
	}
	return s.Columns[canonical]
}
