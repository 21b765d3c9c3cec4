package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/olorin-dev/olorin"
)

type investigateCommand struct {
	Dataset string   `required:"" help:"Id or name of the data set." placeholder:"D"`
	Entity  []string `required:"" help:"What to investigate; may be repeated." placeholder:"TYPE:VALUE" sep:"none"`
	Name    string   `help:"What to call it."`
	Mode    string   `enum:"OR,AND" default:"OR" help:"How entities are taken together: ${enum}."`
	Range   string   `enum:"last_7d,last_30d,last_90d,last_365d,all" default:"all" help:"Time range, counted back from the newest event: ${enum}."`
	scoring
	Threshold float64 `default:"60" help:"Risk threshold, 0 to 100."`
	Priority  string  `enum:"low,normal,high" default:"normal" help:"How urgent, among runs that wait: ${enum}."`
	User      string  `help:"Who investigates." default:"${default_user}"`
	JSON      bool    `help:"Print the whole state as JSON."`
}

// Run makes an investigation, carries it through in this process and prints what it found. Interrupted, it stays in the store and a
// server carries it on.
func (c *investigateCommand) Run(s *session) error {
	if err := s.installChecks(); err != nil {
		return err
	}
	settings, err := c.settings()
	if err != nil {
		return err
	}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	d, err := h.dataset(s.ctx, c.User, c.Dataset)
	if err != nil {
		return err
	}
	settings.Dataset = d.ID
	actor := olorin.Actor{Kind: olorin.KindUser, ID: c.User, Role: olorin.RoleAnalyst, Origin: "command line"}
	readiness, err := h.desk.WouldStart(s.ctx, c.User, settings)
	if err != nil {
		return err
	}
	if !readiness.Ready {
		return olorin.Invalid("the investigation cannot start, and was not made", readiness.Faults...)
	}
	name := c.Name
	if name == "" {
		var entities []string
		for _, e := range settings.Entities {
			value := olorin.CardSeal(h.engine.SealCard).Kept(e)
			if value != e.Value {
				value, _, _ = strings.Cut(value, "~") // the seal of a card is for machines
			}
			entities = append(entities, e.Type.Word()+" "+value)
		}
		name = strings.Join(entities, ", ")
	}
	id := newID()
	if _, err := h.desk.Change(s.ctx, actor, id, olorin.Create(c.User, name, settings, olorin.Lineage{}), olorin.Condition{}); err != nil {
		return err
	}
	if _, err := h.desk.StartWith(s.ctx, actor, id, olorin.Priority(strings.TrimPrefix(c.Priority, "normal")), olorin.Condition{}); err != nil {
		return err
	}
	inv, err := s.carry(h, actor, id)
	if err != nil {
		return err
	}
	if c.JSON {
		err = s.printJSON(inv)
	} else {
		c.print(s, inv)
	}
	if err == nil && inv.Status != olorin.Completed {
		err = fmt.Errorf("the investigation %s ended as %s", id, inv.Status)
	}
	return err
}

// settings reads the flags.
func (c *investigateCommand) settings() (olorin.Settings, error) {
	settings := olorin.DefaultSettings()
	settings.CorrelationMode = olorin.CorrelationMode(c.Mode)
	settings.TimeRange.Preset = olorin.RangePreset(c.Range)
	settings.RiskThreshold = c.Threshold
	for _, e := range c.Entity {
		kind, value, ok := strings.Cut(e, ":")
		if !ok || !slices.Contains(olorin.EntityTypes, olorin.EntityType(kind)) {
			return settings, usage{fmt.Errorf("--entity %q is not TYPE:VALUE with one of the types %v", e, olorin.EntityTypes)}
		}
		settings.Entities = append(settings.Entities, olorin.Entity{Type: olorin.EntityType(kind), Value: value})
	}
	err := c.scoring.into(&settings)
	return settings, err
}

// carry runs an investigation in this process, telling the log on stderr, until this one has ended.
func (s *session) carry(h *house, actor olorin.Actor, id string) (olorin.Investigation, error) {
	ctx, stop := context.WithCancel(s.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.newRunner(h, id).Run(ctx)
	}()
	defer func() { stop(); <-done }()
	cursor := int64(0)
	for {
		grown, unwatch := h.hub.Watch(id)
		page, err := h.desk.Logs(s.ctx, actor, id, olorin.LogQuery{Cursor: cursor, Limit: 500})
		if err != nil {
			unwatch()
			return olorin.Investigation{}, err
		}
		for _, line := range page.Items {
			s.log.Info(line.Message, "level", line.Level, "line", line.Line, "agent", line.Agent, "tool", line.Tool)
		}
		cursor = page.NextCursor
		inv, err := h.desk.View(s.ctx, actor, id)
		if err != nil || inv.Status.Terminal() && !page.HasMore {
			unwatch()
			return inv, err
		}
		select {
		case <-grown:
		case <-time.After(time.Second): // a server may be the one that carries it
		case <-s.ctx.Done():
			unwatch()
			return inv, s.ctx.Err()
		}
		unwatch()
	}
}

// print writes the results for people.
func (c *investigateCommand) print(s *session, inv olorin.Investigation) {
	fmt.Fprintf(s.out, "%s  %s\n", inv.ID, inv.Status)
	r := inv.Results
	if r == nil || r.RiskScore == nil {
		return
	}
	fmt.Fprintf(s.out, "risk %.1f (%s), an uncalibrated score, not a probability\n%s\n", *r.RiskScore, r.RiskLevel, r.Summary)
	for _, f := range r.Findings {
		fmt.Fprintf(s.out, "- [%s] %s: %s\n", f.Severity, f.Tool, f.Sentence)
	}
	for _, n := range r.NotAssessed {
		fmt.Fprintf(s.out, "  not assessed %s: %s\n", n.Tool, n.Reason)
	}
}
