package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/httpd"
	"github.com/olorin-dev/olorin/runner/agents"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/web"
)

type serveCommand struct{}

const (
	// drain is how long requests under way may take when the server stops.
	drain = 10 * time.Second
	// unheard is for how long a client may leave unacknowledged what it was sent. One that follows is sent something every ten seconds.
	unheard = 20 * time.Second
	// accessFlush is how often times of last access are written.
	accessFlush = 30 * time.Second
)

// Run serves until it is told to stop: then it takes no more requests, ends long polls, puts runs down and gives their leases back.
func (serveCommand) Run(s *session) (err error) {
	if err := s.installChecks(); err != nil {
		return err
	}
	h, err := s.openPatiently()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	keys, err := s.keys(h.clock)
	if err != nil {
		return err
	}
	if !keys.CanSign() {
		s.log.Warn("no OLORIN_JWT_SECRET: tokens of others are accepted, nobody can log in here")
	}
	listener, err := listen(s.ctx, s.config.Addr, unheard)
	if err != nil {
		return fmt.Errorf("OLORIN_ADDR: %w", err)
	}
	checkLater, err := h.store.CheckFile(s.ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("the server does not start on a damaged database: restore a backup (olorin restore), or salvage what can be read (olorin repair --salvage): %w", err), listener.Close())
	}
	copies := s.newBackups(h)
	door := httpd.New(s.parts(h, keys, copies), s.httpOptions())
	server := &http.Server{
		Handler: door, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: httpd.SendTime, WriteTimeout: httpd.AnswerTime, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // what it tells is of clients that broke off
	}
	work, stop := context.WithCancel(context.WithoutCancel(s.ctx))
	var behind sync.WaitGroup
	behind.Go(func() { s.newRunner(h, "").Run(work) })
	behind.Go(func() { door.Run(work) })
	behind.Go(func() { s.flushAccess(work, h.desk) })
	behind.Go(func() { s.keepHeads(work, h) })
	behind.Go(func() { s.retire(work, h) })
	behind.Go(func() { s.watch(work, h) })
	behind.Go(func() { copies.run(work) })
	if checkLater != nil {
		behind.Go(func() {
			began := time.Now()
			switch err := checkLater(work); {
			case err == nil:
				s.log.Info("the database file was looked through and is whole", "took", time.Since(began))
			case work.Err() == nil:
				s.log.Error("the database file was looked through and is not whole: nothing is written any more; restore a backup (olorin restore), or salvage what can be read (olorin repair --salvage)", "error", err)
			}
		})
	}
	s.record(h, "server.started", "version "+version)

	fmt.Fprintf(s.out, "listening on http://%s\n", listener.Addr())
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-s.ctx.Done():
		s.log.Info("stopping")
	}
	door.Stop()
	draining, done := context.WithTimeout(context.WithoutCancel(s.ctx), drain)
	defer done()
	if late := server.Shutdown(draining); late != nil {
		s.log.Warn("requests under way were cut off", "error", late)
		_ = server.Close()
	}
	stop()
	behind.Wait()
	s.record(h, "server.stopped", "version "+version)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, h.desk.FlushAccess(draining))
}

// openPatiently opens the house, trying again while the database cannot be reached. What trying cannot change, such as a schema that does not match, is final.
func (s *session) openPatiently() (*house, error) {
	wait := s.config.RetryDelay
	for try := 1; ; try++ {
		h, err := s.open(true)
		if err == nil || store.Lasting(err) || try == s.config.RetryAttempts {
			return h, err
		}
		s.log.Warn("cannot open the database; trying again", "try", try, "of", s.config.RetryAttempts, "in", wait, "error", err)
		select {
		case <-s.ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
		wait *= 2
	}
}

func (s *session) flushAccess(ctx context.Context, desk *olorin.Desk) {
	tick := time.NewTicker(accessFlush)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := desk.FlushAccess(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("times of last access not written; trying again", "error", err)
			}
		}
	}
}

// parts are the rooms that the door leads to.
func (s *session) parts(h *house, keys *httpd.Keys, copies *backups) httpd.Parts {
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(gauges(h)...)
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return httpd.Parts{
		Desk: h.desk, Shelf: olorin.NewShelf(h.store, agents.Templates(), h.clock, s.config.TemplateMax, newID, h.engine.SealCard), Hub: h.hub, Users: h.store, Profiles: h.store, Trail: h.store, Datasets: h.store, Mappings: h.store, Engine: h.engine, Agency: h.agency, Precedents: h.store, Balance: h.store, Requests: h.store, Keys: keys,
		Refused: func(user string) ([]olorin.RefusedFile, error) {
			return refusedFiles(s.config.WatchDir, user == s.config.WatchUser)
		},
		Ready: s.ready(h), Pages: web.Files(), Metrics: metrics,
		Admin: httpd.Admin{Status: func(ctx context.Context) (httpd.AdminStatus, error) { return s.adminStatus(ctx, h, copies) }, Backup: copies.Make}, Log: s.log, Clock: h.clock,
	}
}

func (s *session) httpOptions() httpd.Options {
	c := s.config
	return httpd.Options{
		Version: version, Env: c.Env, SecureCookies: c.SecureCookie, TrustedProxies: c.Proxies, AccessTTL: c.AccessTTL, SessionTTL: c.SessionTTL,
		Polling: httpd.PollingConfig{
			FastMS: c.PollFastMS, NormalMS: c.PollNormalMS, SlowMS: c.PollSlowMS,
			MaxRetries: c.PollMaxRetries, BackoffMultiplier: float64(c.PollBackoff), MaxBackoffMS: c.PollMaxBackoffMS,
		},
		PollRate: c.PollRate, Streams: c.Streams, StateMaxKB: c.StateMaxKB, TemplateMax: c.TemplateMax, UploadMaxBytes: int64(c.UploadMaxMB) << 20,
		Features: httpd.Features{Polling: c.Polling, Streams: c.Streaming, Templates: c.Templates, StateRecovery: c.StateRecovery, AuditLogging: c.AuditLogging},
	}
}

// gauges show what the rooms hold.
func gauges(h *house) []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "olorin", Name: name, Help: help}, value)
	}
	return []prometheus.Collector{
		gauge("live_topics", "Investigations whose head is held in memory.", func() float64 { n, _, _ := h.hub.Stats(); return float64(n) }),
		gauge("live_watchers", "Requests and runs that wait for growth.", func() float64 { _, n, _ := h.hub.Stats(); return float64(n) }),
		gauge("live_tail_bytes", "Encoded events held in memory.", func() float64 { _, _, n := h.hub.Stats(); return float64(n) }),
		gauge("store_held_changes", "Changes held in memory because the database cannot be written.", func() float64 { return float64(h.store.Holding().Changes) }),
		gauge("store_held_bytes", "Bytes of the changes held in memory.", func() float64 { return float64(h.store.Holding().Bytes) }),
		gauge("store_hold_seconds", "Time spent holding changes in memory since the start.", func() float64 { return h.store.Holding().Seconds }),
		gauge("store_replayed", "Changes written after they were held in memory, since the start.", func() float64 { return float64(h.store.Holding().Replayed) }),
		gauge("store_dropped", "Held changes that the database refused and that are lost, since the start.", func() float64 { return float64(h.store.Holding().Dropped) }),
		gauge("store_queue", "Changes that wait to be written.", func() float64 { return float64(h.store.Stats().Queued) }),
		gauge("store_commits", "Transactions committed since the start.", func() float64 { return float64(h.store.Stats().Batches) }),
		gauge("store_changes", "Changes written since the start.", func() float64 { return float64(h.store.Stats().Changes) }),
	}
}
