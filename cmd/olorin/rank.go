package main

import (
	"fmt"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// ranking is what is ranked, and by what.
type ranking struct {
	Dataset string `required:"" help:"Id or name of the data set." placeholder:"D"`
	By      string `required:"" help:"Column that names the entities, such as user_id or transaction_id." placeholder:"COLUMN"`
	scoring
	User string `help:"Whose data set, where it is named." default:"${default_user}"`
	JSON bool   `help:"Print JSON."`
}

// rank ranks the entities of the file, highest risk first.
func (r ranking) rank(s *session, use func(*house, olorin.Dataset, agents.Ranking) error) error {
	if err := s.installChecks(); err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	d, err := h.dataset(s.ctx, r.User, r.Dataset)
	if err != nil {
		return err
	}
	settings := olorin.DefaultSettings()
	if err := r.scoring.into(&settings); err != nil {
		return err
	}
	weights, err := h.store.Weights(s.ctx, 0)
	if err != nil {
		return err
	}
	ranked, err := agents.Rank(s.ctx, h.engine, d, r.By, settings, weights)
	if err != nil {
		return err
	}
	return use(h, d, ranked)
}

// scoring is what is asked, and how what is found adds up.
type scoring struct {
	Tool        []string           `help:"Only these tools, such as GEO-01; may be repeated." placeholder:"TOOL"`
	Score       string             `enum:"noisy_or,weighted_sum,any_critical" default:"noisy_or" help:"How findings add up to the score: ${enum}."`
	AgentWeight map[string]float64 `help:"What the findings of an agent count in the score, 0 to 1; may be repeated." placeholder:"AGENT=WEIGHT"`
}

// into puts the flags into settings.
func (c scoring) into(settings *olorin.Settings) (err error) {
	settings.Scoring = olorin.Scoring{Form: olorin.ScoreForm(c.Score), AgentWeights: c.AgentWeight}
	settings.ToolMatrix, err = toolMatrix(c.Tool)
	return err
}

type rankCommand struct {
	ranking
	Limit int `default:"100" help:"How many to print; 0 is all."`
}

// Run ranks the entities of a file.
func (c *rankCommand) Run(s *session) error {
	if c.Limit < 0 {
		return usage{fmt.Errorf("--limit %d is negative", c.Limit)}
	}
	return c.rank(s, func(_ *house, _ olorin.Dataset, ranked agents.Ranking) error {
		if c.Limit > 0 && len(ranked.Items) > c.Limit {
			ranked.Items = ranked.Items[:c.Limit]
		}
		if c.JSON {
			return s.printJSON(ranked)
		}
		for _, item := range ranked.Items {
			fmt.Fprintf(s.out, "%6.1f  %s", item.RiskScore, item.Entity)
			for _, check := range item.Checks {
				fmt.Fprintf(s.out, "  %s", check.Tool)
			}
			for _, list := range item.Lists {
				fmt.Fprintf(s.out, "  (%s: %s)", list.Kind, list.Name)
			}
			fmt.Fprintln(s.out)
		}
		return nil
	})
}

type evaluateCommand struct {
	ranking
	Label string `required:"" help:"Column of the file with the known outcome." placeholder:"COLUMN"`
}

// Run measures the ranking against labels, which are read only after it stands.
func (c *evaluateCommand) Run(s *session) error {
	return c.rank(s, func(h *house, d olorin.Dataset, ranked agents.Ranking) error {
		labels, err := h.engine.Labels(s.ctx, d, c.Label)
		if err != nil {
			return err
		}
		e := agents.Evaluate(ranked.Items, labels)
		if c.JSON {
			return s.printJSON(e)
		}
		areas := "AUC –"
		if e.AUC != nil {
			areas = fmt.Sprintf("AUC %.3f, average precision %.3f", *e.AUC, *e.AveragePrecision)
		}
		fmt.Fprintf(s.out, "n %d, positives %d, %s, P@20 %.3f, P@50 %.3f\nat %.1f: precision %.3f, recall %.3f\n",
			e.N, e.Positives, areas, e.PrecisionAt["20"], e.PrecisionAt["50"], e.Threshold, e.Precision, e.Recall)
		for _, check := range e.PerCheck {
			fmt.Fprintf(s.out, "  %s  flagged %d, precision %.3f, recall %.3f\n", check.Tool, check.Flagged, check.Precision, check.Recall)
		}
		return nil
	})
}

// toolMatrix switches on just the named tools; none is every tool.
func toolMatrix(names []string) ([]olorin.ToolChoice, error) {
	matrix := []olorin.ToolChoice{}
	for _, name := range names {
		tool, ok := agents.Find(name)
		if !ok {
			return nil, usage{fmt.Errorf("--tool %q is not in the catalogue", name)}
		}
		matrix = append(matrix, olorin.ToolChoice{Agent: tool.Agent, Tool: tool.ID, Enabled: true})
	}
	return matrix, nil
}
