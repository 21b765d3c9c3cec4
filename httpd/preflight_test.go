package httpd

import (
	"context"

	"github.com/olorin-dev/olorin"
)

func preflight(olorin.Datasets) olorin.Preflight {
	return func(context.Context, string, olorin.Settings) ([]olorin.Fault, error) { return nil, nil }
}
