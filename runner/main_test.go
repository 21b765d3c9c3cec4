package runner_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/olorin-dev/olorin/data"
)

// scratch is a directory for what tests share.
var scratch string

// The program of the tests is also the engine that they start.
func TestMain(m *testing.M) {
	data.BecomeEngine()
	dir, err := os.MkdirTemp("", "olorin-runner-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}
