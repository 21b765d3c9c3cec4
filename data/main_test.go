package data

import (
	"os"
	"testing"
)

// The program of the tests is also the engine that they start.
func TestMain(m *testing.M) {
	BecomeEngine()
	if len(os.Args) == 3 && os.Args[1] == orphanServer {
		beOrphanServer(os.Args[2])
	}
	m.Run()
}
