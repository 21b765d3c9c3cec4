package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/runner"
	"github.com/olorin-dev/olorin/store"
)

// house holds the rooms that a command opened.
type house struct {
	store   *store.DB
	dataDir string
	engine  *data.Engine
	hub     *live.Hub
	desk    *olorin.Desk
	clock   olorin.Clock
	agency  *agency.Agency // nil but in a server: external agents come in by HTTP

	auditKey auditKey
}

// open opens the database and the data directory and joins the rooms. server takes the database for a long-lived process.
func (s *session) open(server bool) (*house, error) {
	c := s.config
	if c.DatabaseURL == "" {
		return nil, usage{errors.New("DATABASE_URL is not set; set it to, for example, sqlite:///olorin.db")}
	}
	clock := olorin.Clock(func() olorin.Time { return olorin.At(time.Now().Add(c.ClockOffset)) })
	hub := live.NewHub(clock, live.DefaultLimits)
	key, err := s.auditKey()
	if err != nil {
		return nil, err
	}
	o := store.Options{
		Signer: key.signer, Server: server, Readers: c.PoolSize + c.MaxOverflow, Idle: c.PoolSize, PoolWait: c.PoolTimeout, StatementTimeout: c.StatementTimeout, Queue: c.WriteQueue,
	}
	if c.Echo {
		o.Echo = s.log
	}
	if server {
		o.MemoryBytes, o.Log, o.Settled, o.Dropped = int64(c.MemoryMaxMB)<<20, s.log, hub.Settled, hub.Forget
	}
	if server {
		if err := s.putHeadsBack(c.DatabaseURL); err != nil {
			return nil, err
		}
	}
	db, err := store.Open(s.ctx, c.DatabaseURL, o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("data directory %s (OLORIN_DATA_DIR): %w", c.DataDir, err), db.Close())
	}
	engine, err := data.Open(c.DataDir, data.Limits{
		MemoryMB: c.EngineMemoryMB, Threads: c.EngineThreads, Statement: c.QueryTimeout, MaxBytes: int64(c.UploadMaxMB) << 20, MaxRows: int64(c.ImportMaxRows), Import: c.ImportTimeout, AddressDBs: c.AddressDBs,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("data directory %s (OLORIN_DATA_DIR): %w", c.DataDir, err), db.Close())
	}
	var outside *agency.Agency
	if server {
		outside = agency.New(agency.Limits{Lease: c.AgentLease, Silence: c.AgentSilence}, clock)
	}
	desk := olorin.NewDesk(db, hub, clock, runner.Preflight(db, engine, outside), olorin.DeskOptions{
		Cadence:  olorin.Cadence{FastMS: c.PollFastMS, NormalMS: c.PollNormalMS, SlowMS: c.PollSlowMS, IdleAfter: c.PollIdleAfter},
		Weights:  func(ctx context.Context) (int64, error) { w, err := db.Weights(ctx, 0); return w.Version, err },
		StateTTL: c.StateTTL, MaxState: c.StateMaxKB << 10, Retention: time.Duration(c.HistoryMaxAgeDays) * 24 * time.Hour,
		Seal: engine.SealCard,
	})
	return &house{store: db, dataDir: c.DataDir, engine: engine, hub: hub, desk: desk, clock: clock, agency: outside, auditKey: key}, nil
}

func (h *house) close() error { return h.store.Close() }

// newRunner makes a runner that shares the house, for one investigation or, where only is "", for all.
func (s *session) newRunner(h *house, only string) *runner.Runner {
	o := runner.DefaultOptions("olorin-" + newID())
	o.Only = only
	c := s.config
	o.Slots, o.Agents, o.Lease, o.Limit = c.RunSlots, c.RunAgents, c.RunLease, c.RunLimit
	o.Tools, o.MemoryMB, o.CaseMB, o.Outside = c.RunTools, c.RunMemoryMB, c.EngineMemoryMB, c.AgentWork
	o.Agency, o.Balance = h.agency, h.store
	return runner.New(h.desk, h.store, h.store, h.engine, h.hub, h.clock, s.log, o)
}

// newID makes a UUIDv7.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// jwtSecret returns the secret that signs tokens: the configured one, else, outside production, one that is made once and kept in
// the data directory. It is nil where only foreign keys are trusted.
func (s *session) jwtSecret() ([]byte, error) {
	c := s.config
	switch {
	case c.JWTSecret != "":
		return []byte(c.JWTSecret), nil
	case c.Env == "production":
		return nil, nil
	}
	path := filepath.Join(c.DataDir, "jwt.key")
	kept, err := os.ReadFile(path)
	if err == nil && len(strings.TrimSpace(string(kept))) >= 32 {
		return []byte(strings.TrimSpace(string(kept))), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("secret that signs tokens: %w", err)
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	secret := hex.EncodeToString(random)
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, err
	}
	// Two processes may start at once: the first to create the file decides, the other reads it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		kept, err := os.ReadFile(path)
		if err != nil || len(kept) < 32 {
			return nil, fmt.Errorf("secret that signs tokens: %s is not readable or too short; delete it and start again: %w", path, err)
		}
		return []byte(strings.TrimSpace(string(kept))), nil
	}
	if err != nil {
		return nil, fmt.Errorf("secret that signs tokens: %w", err)
	}
	if _, err := f.WriteString(secret + "\n"); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return []byte(secret), f.Close()
}
