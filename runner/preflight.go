package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// Preflight tells of settings what only the data set and the catalogue of tools can tell: a data set that the owner does not have,
// entities of a kind that the file has no column for or that do not occur in it, a time range in which nothing happened, tools and
// parameters that do not exist. What occurs nowhere keeps a run from starting only where nothing would be left to look at.
func Preflight(datasets olorin.Datasets, engine *data.Engine, outside *agency.Agency) olorin.Preflight {
	return func(ctx context.Context, owner string, s olorin.Settings) (olorin.Readiness, error) {
		r := olorin.Readiness{Faults: agents.MatrixFaults("/settings/tool_matrix", s.ToolMatrix, outside.Catalogue()), Warnings: []olorin.Fault{}, Entities: []olorin.EntityPresence{}}
		r.Faults = append(r.Faults, agents.ScoringFaults("/settings/scoring", s.Scoring, outside.Catalogue())...)
		if s.Dataset == "" {
			return r, nil
		}
		d, err := datasets.Dataset(ctx, s.Dataset)
		if olorin.CodeOf(err) == olorin.CodeNotFound || err == nil && d.UserID != owner {
			r.Faults = append(r.Faults, olorin.Fault{Pointer: "/settings/dataset", Code: "unknown", Detail: "the data set that was chosen is gone, or is not yours; choose one of yours"})
			return r, nil
		}
		if err != nil {
			return r, err
		}
		for i, e := range s.Entities {
			columns := data.EntityColumns(e.Type)
			if slices.Contains(olorin.EntityTypes, e.Type) && !slices.ContainsFunc(columns, d.Has) {
				r.Faults = append(r.Faults, olorin.Fault{
					Pointer: fmt.Sprintf("/settings/entities/%d/type", i), Code: "no_column",
					Detail: fmt.Sprintf("the data set %q has no column for %s, so nothing of this kind can be found in it", d.Name, data.Called(columns[0])),
				})
			}
		}
		if len(r.Faults) > 0 || len(s.Ready()) > 0 {
			return r, nil // what is to be counted is not known yet
		}
		err = present(ctx, engine, d, s, &r)
		e, ok := errors.AsType[*olorin.Error](err)
		switch {
		case err == nil:
		case ok && e.Code == olorin.CodeInvalid:
			r.Faults = append(r.Faults, e.Faults...)
		case ctx.Err() != nil:
			return r, err
		default: // the run will say what is wrong with the file, and can be retried when it is back
			r.Warnings = append(r.Warnings, olorin.Fault{Pointer: "/settings/dataset", Code: "unreadable", Detail: fmt.Sprintf("the data set %q cannot be read at the moment, so nothing was counted", d.Name)})
		}
		return r, nil
	}
}

// present counts, and tells what of the settings occurs nowhere.
func present(ctx context.Context, engine *data.Engine, d olorin.Dataset, s olorin.Settings, r *olorin.Readiness) error {
	c, err := engine.OpenCase(ctx, d, data.SelectionOf(s, d))
	if err != nil {
		return err
	}
	r.RowsInScope, r.Entities = c.Counts().InScope, c.Presence()
	if err := c.Close(); err != nil {
		return err
	}
	absent := 0
	for i, e := range r.Entities {
		if e.Rows > 0 {
			continue
		}
		absent++
		fault := olorin.Fault{
			Pointer: fmt.Sprintf("/settings/entities/%d/value", i), Code: "not_in_file",
			Detail: fmt.Sprintf("%s %s does not occur in the data set %q; see that it is written as the file writes it", e.Type.Word(), e.Value, d.Name),
		}
		if r.RowsInScope == 0 {
			r.Faults = append(r.Faults, fault)
		} else {
			r.Warnings = append(r.Warnings, fault)
		}
	}
	if r.RowsInScope == 0 && absent == 0 {
		r.Faults = append(r.Faults, nothingInScope(s))
	}
	return nil
}

// nothingInScope tells why a case of entities that all occur in the file has no row.
func nothingInScope(s olorin.Settings) olorin.Fault {
	if s.CorrelationMode == olorin.And && len(s.Entities) > 1 {
		return olorin.Fault{Pointer: "/settings/correlation_mode", Code: "no_rows", Detail: "each entity occurs in the file, but no row within the time range has one of every type (AND); take them together by OR, or widen the time range"}
	}
	return olorin.Fault{Pointer: "/settings/time_range", Code: "no_rows", Detail: "the entities occur in the file, but not within the time range; widen it"}
}
