package agents_test

import (
	"testing"

	"github.com/olorin-dev/olorin/data"
)

// The program of the tests is also the engine that they start.
func TestMain(m *testing.M) {
	data.BecomeEngine()
	m.Run()
}
