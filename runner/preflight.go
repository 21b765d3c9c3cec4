package runner

import (
	"context"
	"fmt"
	"slices"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// Preflight returns what keeps settings from starting that only the data set and the catalogue of tools can tell:
// a data set that the owner does not have, entities of a kind that the file has no column for, tools and parameters that do not exist.
func Preflight(datasets olorin.Datasets) olorin.Preflight {
	return func(ctx context.Context, owner string, s olorin.Settings) ([]olorin.Fault, error) {
		faults := agents.MatrixFaults("/settings/tool_matrix", s.ToolMatrix)
		if s.Dataset == "" {
			return faults, nil
		}
		d, err := datasets.Dataset(ctx, s.Dataset)
		if olorin.CodeOf(err) == olorin.CodeNotFound || err == nil && d.UserID != owner {
			return append(faults, olorin.Fault{Pointer: "/settings/dataset", Code: "unknown", Detail: fmt.Sprintf("there is no data set %q; choose one of yours", s.Dataset)}), nil
		}
		if err != nil {
			return nil, err
		}
		for i, e := range s.Entities {
			columns := data.EntityColumns(e.Type)
			if slices.Contains(olorin.EntityTypes, e.Type) && !slices.ContainsFunc(columns, d.Has) {
				faults = append(faults, olorin.Fault{
					Pointer: fmt.Sprintf("/settings/entities/%d/type", i), Code: "no_column",
					Detail: fmt.Sprintf("the data set %q has no column %s, so nothing of this kind can be found in it", d.Name, columns[0]),
				})
			}
		}
		return faults, nil
	}
}
