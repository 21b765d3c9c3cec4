package data

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/olorin-dev/olorin"
)

func TestFilesAreImportedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &Engine{builds: make(chan struct{}, buildsAtOnce)}
		var ends []func()
		for range buildsAtOnce {
			end, err := e.buildTurn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, end)
		}
		if _, err := e.buildTurn(t.Context()); olorin.CodeOf(err) != olorin.CodeUnavailable {
			t.Errorf("one too many gets %v", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.buildTurn(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("one that is gone gets %v", err)
		}
		waited := make(chan error)
		go func() {
			_, err := e.buildTurn(t.Context())
			waited <- err
		}()
		synctest.Wait()
		ends[0]()
		if err := <-waited; err != nil {
			t.Errorf("the next in turn gets %v", err)
		}
	})
}

func TestImportsEndInTime(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", plainFile)
	e.lim.Import = time.Nanosecond
	for what, begin := range map[string]func() error{
		"import": func() error {
			_, err := e.Import(t.Context(), strings.NewReader(plainFile), ImportOptions{ID: "late"})
			return err
		},
		"mapping": func() error {
			_, err := e.Remap(t.Context(), d, nil, nil)
			return err
		},
	} {
		if err := begin(); olorin.CodeOf(err) != olorin.CodeImportTimeout || !strings.Contains(err.Error(), "OLORIN_IMPORT_TIMEOUT_SECONDS") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := e.home("late"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("something was kept: %v", err)
	}
}
