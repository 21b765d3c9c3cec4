package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

const (
	// readyFor is how long the outcome of a look stands: anybody may ask, and each look costs a connection and a file.
	readyFor = time.Second
	// readyWithin is how long a look may take.
	readyWithin = 5 * time.Second
)

// readiness tells whether the server can serve. However many ask at once, one looks.
type readiness struct {
	clock olorin.Clock
	look  func(context.Context) error

	mu     sync.Mutex // protects looked and err, and is held while one looks
	looked olorin.Time
	err    error
}

func (r *readiness) ask(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.looked.IsZero() || r.clock().Sub(r.looked.Time) >= readyFor {
		ctx, done := context.WithTimeout(context.WithoutCancel(ctx), readyWithin) // the outcome is for others, too
		defer done()
		r.err = r.look(ctx)
		r.looked = r.clock()
	}
	return r.err
}

// ready returns how to ask why the server cannot serve: nil where the schema is that of this version, and the data directory can be written.
func (s *session) ready(h *house) func(context.Context) error {
	r := &readiness{clock: h.clock, look: func(ctx context.Context) error {
		if s.config.DatabaseURL != "memory:" {
			if err := store.CheckSchema(ctx, s.config.DatabaseURL); err != nil {
				return err
			}
		}
		f, err := os.CreateTemp(s.config.DataDir, ".ready-*")
		if err != nil {
			return fmt.Errorf("data directory %s (OLORIN_DATA_DIR) cannot be written: %w", s.config.DataDir, err)
		}
		return errors.Join(f.Close(), os.Remove(f.Name()))
	}}
	return func(ctx context.Context) error {
		if err := h.store.Damaged(); err != nil {
			return err
		}
		if h.store.Holding().Active {
			return nil // it serves, from memory where it must; the answer says so
		}
		return r.ask(ctx)
	}
}
