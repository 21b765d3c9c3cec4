package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/joho/godotenv"

	"github.com/olorin-dev/olorin"
)

// Config is everything that the environment decides. It is read and validated whole, once, by loadConfig.
type Config struct {
	DatabaseURL  string
	Env          string // dev, staging or production
	Addr         string // host:port; port 0 is any
	DataDir      string
	ChecksDir    string
	SecureCookie bool
	ClockOffset  time.Duration
	Proxies      []netip.Prefix
	LogLevel     slog.Level

	PoolSize, MaxOverflow int
	PoolTimeout           time.Duration
	Echo                  bool
	RetryAttempts         int
	RetryDelay            time.Duration
	StatementTimeout      time.Duration

	PollFastMS, PollNormalMS, PollSlowMS int
	PollIdleAfter                        time.Duration
	PollRate                             int
	Streams                              int
	PollMaxRetries                       int
	PollBackoff                          int
	PollMaxBackoffMS                     int

	StateTTL          time.Duration
	StateMaxKB        int
	TemplateMax       int
	HistoryMaxAgeDays int

	JWTSecret, JWTPublicKeyFile, JWTJWKSURL, JWTIssuer, JWTAudience string
	AccessTTL, SessionTTL                                           time.Duration

	AddressDBs          []string
	WatchDir, WatchUser string
	WatchEvery          time.Duration

	UploadMaxMB    int
	EngineMemoryMB int
	EngineThreads  int
	QueryTimeout   time.Duration
	ImportMaxRows  int
	ImportTimeout  time.Duration
	RunSlots       int
	RunAgents      int
	RunLease       time.Duration
	RunTools       int
	RunMemoryMB    int
	RunLimit       time.Duration
	AgentLease     time.Duration
	AgentSilence   time.Duration
	AgentWork      time.Duration
	WriteQueue     int
	MemoryMaxMB    int
	AuditKeyFile   string

	BackupEveryHours, BackupKeep int

	Polling, Streaming, Templates, StateRecovery, AuditLogging, SQLitePersistence bool

	origin map[string]string // where each value came from, by variable name
	used   map[string]string // the text in force
}

// setting is one line of the configuration table.
type setting struct {
	name    string
	aliases []string
	initial string // the default, as it would stand in the environment
	bounds  string
	meaning string
	secret  bool
	set     func(c *Config, text string) error
}

// settings is the table: what may be set, by which name, within which bounds. docs/configuration.md is made from it.
var settings = []setting{
	{"DATABASE_URL", nil, "", "`sqlite:///relative`, `sqlite:////absolute`, `postgres://user:password@host:port/name`, `memory:` (tests)", "where state lives; required by every command that needs state", true, databaseURL},
	{"OLORIN_ENV", nil, "dev", "dev, staging, production", "production refuses demo users, generated secrets and cookies over plain http", false, oneOf(func(c *Config) *string { return &c.Env }, "dev", "staging", "production")},
	{"OLORIN_ADDR", nil, "127.0.0.1:8090", "host:port, port 0 is any", "where to listen; the bound address is printed as one line", false, hostPort(func(c *Config) *string { return &c.Addr })},
	{"OLORIN_DATA_DIR", nil, "./data", "a directory that can be written", "data sets, generated secrets, backups", false, text(func(c *Config) *string { return &c.DataDir })},
	{"OLORIN_CHECKS_DIR", nil, "", "a directory", "checks of your own, one `.sql` file each; `olorin checks lint` tells what is wrong with one", false, directory(func(c *Config) *string { return &c.ChecksDir })},
	{"OLORIN_SECURE_COOKIES", nil, "false", "true, false", "mark cookies Secure also where TLS ends at a proxy; required in production", false, truth(func(c *Config) *bool { return &c.SecureCookie })},
	{"OLORIN_TRUSTED_PROXIES", nil, "", "addresses and networks, separated by commas, such as `127.0.0.1,10.0.0.0/8`", "proxies whose X-Forwarded-For and X-Forwarded-Proto say where a request comes from; nobody else's count", false, networks},
	{"OLORIN_LOG_LEVEL", nil, "info", "debug, info, warn, error", "what the log tells at the least; info has every write and refusal, debug every request", false, logLevel},

	{"OLORIN_CLOCK_OFFSET_SECONDS", nil, "0", "0..31536000 seconds", "how far ahead of the machine's clock the server's is, to try out what happens after days; refused in production", false, span(func(c *Config) *time.Duration { return &c.ClockOffset }, time.Second, 0, 31536000)},

	{"DB_POOL_SIZE", []string{"SQLALCHEMY_POOL_SIZE"}, "5", "1..20", "reads of the database at once", false, number(func(c *Config) *int { return &c.PoolSize }, 1, 20)},
	{"DB_MAX_OVERFLOW", []string{"SQLALCHEMY_MAX_OVERFLOW"}, "10", "0..50", "further reads at once under load", false, number(func(c *Config) *int { return &c.MaxOverflow }, 0, 50)},
	{"DB_POOL_TIMEOUT", []string{"SQLALCHEMY_POOL_TIMEOUT"}, "30", "10..60 seconds", "longest wait for a connection", false, span(func(c *Config) *time.Duration { return &c.PoolTimeout }, time.Second, 10, 60)},
	{"DB_ECHO", []string{"SQLALCHEMY_ECHO"}, "false", "true, false", "log statements, never values", false, truth(func(c *Config) *bool { return &c.Echo })},
	{"DB_CONNECTION_RETRY_ATTEMPTS", nil, "3", "1..10", "tries to open the database at the start", false, number(func(c *Config) *int { return &c.RetryAttempts }, 1, 10)},
	{"DB_CONNECTION_RETRY_DELAY_MS", nil, "1000", "100..5000 ms", "first wait between these tries; it doubles", false, span(func(c *Config) *time.Duration { return &c.RetryDelay }, time.Millisecond, 100, 5000)},
	{"DB_STATEMENT_TIMEOUT_MS", nil, "30000", "1000..60000 ms", "longest a read of the database may take; on PostgreSQL any statement", false, span(func(c *Config) *time.Duration { return &c.StatementTimeout }, time.Millisecond, 1000, 60000)},

	{"WIZARD_POLLING_FAST_INTERVAL_MS", nil, "500", "100..1000 ms", "pace while a run is active or something just happened", false, number(func(c *Config) *int { return &c.PollFastMS }, 100, 1000)},
	{"WIZARD_POLLING_NORMAL_INTERVAL_MS", nil, "2000", "1000..5000 ms", "pace at rest", false, number(func(c *Config) *int { return &c.PollNormalMS }, 1000, 5000)},
	{"WIZARD_POLLING_SLOW_INTERVAL_MS", nil, "5000", "3000..10000 ms", "pace when over or idle", false, number(func(c *Config) *int { return &c.PollSlowMS }, 3000, 10000)},
	{"WIZARD_POLLING_IDLE_AFTER_SECONDS", nil, "300", "10..3600 seconds", "from normal to slow", false, span(func(c *Config) *time.Duration { return &c.PollIdleAfter }, time.Second, 10, 3600)},
	{"WIZARD_POLLING_RATE_PER_SECOND", nil, "10", "1..1000", "polls per second and user", false, number(func(c *Config) *int { return &c.PollRate }, 1, 1000)},
	{"OLORIN_STREAMS_PER_USER", nil, "20", "1..100000", "event streams and WebSockets that a user may have open at once", false, number(func(c *Config) *int { return &c.Streams }, 1, 100000)},
	{"WIZARD_POLLING_MAX_RETRIES", nil, "3", "1..10", "failures in a row before the page says that the connection is lost", false, number(func(c *Config) *int { return &c.PollMaxRetries }, 1, 10)},
	{"WIZARD_POLLING_BACKOFF_MULTIPLIER", nil, "2", "2..5", "growth of the wait between failures", false, number(func(c *Config) *int { return &c.PollBackoff }, 2, 5)},
	{"WIZARD_POLLING_MAX_BACKOFF_MS", nil, "30000", "10000..60000 ms", "longest wait between failures", false, number(func(c *Config) *int { return &c.PollMaxBackoffMS }, 10000, 60000)},

	{"WIZARD_STATE_CACHE_TTL_SECONDS", nil, "604800", "3600..2592000 seconds", "an unfinished investigation untouched for longer is stale", false, span(func(c *Config) *time.Duration { return &c.StateTTL }, time.Second, 3600, 2592000)},
	{"WIZARD_STATE_MAX_SIZE_KB", nil, "500", "16..10240 KB", "largest name and settings of an investigation; the body of a save may carry the results back beside them", false, number(func(c *Config) *int { return &c.StateMaxKB }, 16, 10240)},
	{"WIZARD_TEMPLATE_MAX_COUNT_PER_USER", nil, "50", "1..1000", "templates a user may keep", false, number(func(c *Config) *int { return &c.TemplateMax }, 1, 1000)},
	{"WIZARD_HISTORY_MAX_AGE_DAYS", nil, "90", "1..3650 days", "retention of finished, archived investigations", false, number(func(c *Config) *int { return &c.HistoryMaxAgeDays }, 1, 3650)},

	{"OLORIN_AUDIT_KEY_FILE", nil, "", "a file", "the secret key that signs the heads of the audit trail; made in the data directory (audit.key) where absent", false, readable(func(c *Config) *string { return &c.AuditKeyFile })},
	{"OLORIN_JWT_SECRET", nil, "", "≥ 32 bytes", "signs tokens (HS256); outside production generated into the data directory where absent", true, secret},
	{"OLORIN_JWT_PUBLIC_KEY_FILE", nil, "", "a PEM file", "accepts tokens signed by this key (RS256, ES256, EdDSA)", false, readable(func(c *Config) *string { return &c.JWTPublicKeyFile })},
	{"OLORIN_JWT_JWKS_URL", nil, "", "http(s) URL", "accepts tokens signed by the keys published there", false, httpURL(func(c *Config) *string { return &c.JWTJWKSURL })},
	{"OLORIN_JWT_ISSUER", nil, "", "", "required `iss` of tokens", false, text(func(c *Config) *string { return &c.JWTIssuer })},
	{"OLORIN_JWT_AUDIENCE", nil, "", "", "required `aud` of tokens", false, text(func(c *Config) *string { return &c.JWTAudience })},
	{"OLORIN_ACCESS_TTL_SECONDS", nil, "900", "60..86400 seconds", "life of the token that a login gives", false, span(func(c *Config) *time.Duration { return &c.AccessTTL }, time.Second, 60, 86400)},
	{"OLORIN_SESSION_TTL_HOURS", nil, "168", "1..2160 hours", "how long a login can be refreshed, counted from the login", false, span(func(c *Config) *time.Duration { return &c.SessionTTL }, time.Hour, 1, 2160)},

	{"OLORIN_MMDB_FILES", nil, "", "files in MaxMind's format, divided by commas", "databases of IP addresses: imports work out the city, the network (ASN) and the country of addresses where the file does not tell them", false, files(func(c *Config) *[]string { return &c.AddressDBs })},
	{"OLORIN_WATCH_DIR", nil, "", "a directory", "events files that appear there are imported; they are moved to its `imported` or `refused`", false, directory(func(c *Config) *string { return &c.WatchDir })},
	{"OLORIN_WATCH_USER", nil, "analyst", "a user", "who owns what comes by the watched directory", false, text(func(c *Config) *string { return &c.WatchUser })},
	{"OLORIN_WATCH_SECONDS", nil, "10", "1..3600 seconds", "how often to look there; a file is taken when two looks find it alike", false, span(func(c *Config) *time.Duration { return &c.WatchEvery }, time.Second, 1, 3600)},
	{"OLORIN_UPLOAD_MAX_MB", nil, "2048", "1..1048576 MB", "largest events file", false, number(func(c *Config) *int { return &c.UploadMaxMB }, 1, 1<<20)},
	{"OLORIN_IMPORT_MAX_ROWS", nil, "20000000", "1..1000000000", "most rows of an events file", false, number(func(c *Config) *int { return &c.ImportMaxRows }, 1, 1_000_000_000)},
	{"OLORIN_IMPORT_TIMEOUT_SECONDS", nil, "600", "1..86400 seconds", "longest that a data set may be in the making, by import, join or a new mapping; waiting for what is still being sent is not counted", false, span(func(c *Config) *time.Duration { return &c.ImportTimeout }, time.Second, 1, 86400)},
	{"OLORIN_ENGINE_MEMORY_MB", nil, "1024", "64..1048576 MB", "memory of the analysis engine, for each import and each run", false, number(func(c *Config) *int { return &c.EngineMemoryMB }, 64, 1<<20)},
	{"OLORIN_ENGINE_THREADS", nil, "2", "1..256", "threads of the analysis engine, for each import and each run", false, number(func(c *Config) *int { return &c.EngineThreads }, 1, 256)},
	{"OLORIN_QUERY_TIMEOUT_SECONDS", nil, "120", "1..86400 seconds", "longest a check may take; past it, the check is not assessed", false, span(func(c *Config) *time.Duration { return &c.QueryTimeout }, time.Second, 1, 86400)},
	{"OLORIN_RUN_SLOTS", nil, "4", "1..64", "runs taken up at once; a free one goes to the user who has the fewest under way", false, number(func(c *Config) *int { return &c.RunSlots }, 1, 64)},
	{"OLORIN_RUN_AGENTS", nil, "2", "1..16", "agents of a run side by side", false, number(func(c *Config) *int { return &c.RunAgents }, 1, 16)},
	{"OLORIN_RUN_TOOLS", nil, "2", "1..256", "checks at work at once, over all runs, which share them evenly", false, number(func(c *Config) *int { return &c.RunTools }, 1, 256)},
	{"OLORIN_RUN_MEMORY_MB", nil, "2048", "64..1048576 MB", "memory that all runs share; each takes OLORIN_ENGINE_MEMORY_MB of it while it works, and waits where there is less", false, number(func(c *Config) *int { return &c.RunMemoryMB }, 64, 1<<20)},
	{"OLORIN_RUN_TIME_LIMIT_SECONDS", nil, "1800", "1..604800 seconds", "longest a run is worked at, pauses and the time in which no server carried it left out; then it ends with partial results that tell what was not reached", false, span(func(c *Config) *time.Duration { return &c.RunLimit }, time.Second, 1, 604800)},
	{"OLORIN_AGENT_LEASE_SECONDS", nil, "30", "1..3600 seconds", "work of an external agent without a sign of life for so long is handed out again", false, span(func(c *Config) *time.Duration { return &c.AgentLease }, time.Second, 1, 3600)},
	{"OLORIN_AGENT_TIMEOUT_SECONDS", nil, "120", "1..86400 seconds", "work that no external agent took or gave a sign of for so long fails its tool with agent_timeout; the run goes on", false, span(func(c *Config) *time.Duration { return &c.AgentSilence }, time.Second, 1, 86400)},
	{"OLORIN_AGENT_WORK_SECONDS", nil, "600", "1..86400 seconds", "longest an external agent may work at one tool of a run, however many signs of life it gives; then the tool fails with agent_timeout and the run goes on", false, span(func(c *Config) *time.Duration { return &c.AgentWork }, time.Second, 1, 86400)},
	{"OLORIN_RUN_LEASE_MS", nil, "6000", "1000..60000 ms", "how long after a crash another takes a run over", false, span(func(c *Config) *time.Duration { return &c.RunLease }, time.Millisecond, 1000, 60000)},
	{"OLORIN_BACKUP_EVERY_HOURS", nil, "24", "0..720 hours", "how often the server backs the database up into the data directory and rehearses the restore; 0 is never", false, number(func(c *Config) *int { return &c.BackupEveryHours }, 0, 720)},
	{"OLORIN_BACKUP_KEEP", nil, "7", "1..365", "scheduled backups that are kept", false, number(func(c *Config) *int { return &c.BackupKeep }, 1, 365)},
	{"OLORIN_MEMORY_MAX_MB", nil, "64", "0..4096", "changes held in memory while the database cannot be written; past it the answer is 503, and 0 holds nothing", false, number(func(c *Config) *int { return &c.MemoryMaxMB }, 0, 4096)},
	{"OLORIN_WRITE_QUEUE", nil, "4096", "64..65536", "changes that may wait to be written; past it the answer is 503", false, number(func(c *Config) *int { return &c.WriteQueue }, 64, 65536)},

	{"FEATURE_WIZARD_POLLING_ENABLED", nil, "true", "true, false", "off: polling answers 404 `feature_disabled`", false, truth(func(c *Config) *bool { return &c.Polling })},
	{"FEATURE_WIZARD_STREAMS_ENABLED", nil, "true", "true, false", "off: event streams and WebSockets answer 404 `feature_disabled`, and pages poll", false, truth(func(c *Config) *bool { return &c.Streaming })},
	{"FEATURE_WIZARD_TEMPLATES_ENABLED", nil, "true", "true, false", "off: templates answer 404 `feature_disabled`", false, truth(func(c *Config) *bool { return &c.Templates })},
	{"FEATURE_WIZARD_STATE_RECOVERY", nil, "true", "true, false", "off: the browser keeps no copy of what was typed", false, truth(func(c *Config) *bool { return &c.StateRecovery })},
	{"FEATURE_WIZARD_AUDIT_LOGGING", nil, "true", "true, false", "off: the audit trail is written but not shown", false, truth(func(c *Config) *bool { return &c.AuditLogging })},
	{"FEATURE_WIZARD_SQLITE_PERSISTENCE", nil, "true", "true, false", "off: state lives in memory and is gone with the process", false, truth(func(c *Config) *bool { return &c.SQLitePersistence })},
}

// prefixes are the beginnings of names that are ours: an unknown name with one of them is a mistake worth telling.
var prefixes = []string{"OLORIN_", "WIZARD_", "FEATURE_WIZARD_", "DB_", "SQLALCHEMY_"}

// loadConfig reads the environment over an optional .env in dir and validates all of it: the error names every fault.
func loadConfig(dir string) (Config, error) {
	file, err := godotenv.Read(filepath.Join(dir, ".env"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Config{}, fmt.Errorf(".env cannot be read: %w", err)
	}
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return parseConfig(env, file)
}

// parseConfig takes each value from env, else from file, else its default.
func parseConfig(env, file map[string]string) (Config, error) {
	c := Config{origin: map[string]string{}, used: map[string]string{}}
	var faults []error
	for _, s := range settings {
		name, value, origin := s.lookup(env, file)
		c.origin[s.name], c.used[s.name] = origin, value
		if value == "" {
			continue
		}
		if err := s.set(&c, value); err != nil {
			shown := strconv.Quote(value)
			if s.secret {
				shown = "(its value is not shown)"
			}
			faults = append(faults, fmt.Errorf("%s=%s %w", name, shown, err))
		}
	}
	faults = append(faults, unknownNames(env, "the environment")...)
	faults = append(faults, unknownNames(file, ".env")...)
	if c.Env == "production" {
		if c.JWTSecret == "" && c.JWTPublicKeyFile == "" && c.JWTJWKSURL == "" {
			faults = append(faults, errors.New("OLORIN_JWT_SECRET is not set: production generates no secret; set one of at least 32 bytes, a public key file or a JWKS URL"))
		}
		if c.ClockOffset != 0 {
			faults = append(faults, fmt.Errorf("OLORIN_CLOCK_OFFSET_SECONDS=%q is refused in production: logs and the audit trail would tell wrong times", c.used["OLORIN_CLOCK_OFFSET_SECONDS"]))
		}
		if !c.SecureCookie {
			faults = append(faults, errors.New("OLORIN_SECURE_COOKIES=\"false\" is refused in production: session cookies must not travel over plain http"))
		}
	}
	if !c.SQLitePersistence {
		c.DatabaseURL, c.origin["DATABASE_URL"] = "memory:", "FEATURE_WIZARD_SQLITE_PERSISTENCE"
	}
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	return c, nil
}

// lookup finds a setting's text, the name it was given by and where. A name wins over its aliases, the environment over the file.
func (s setting) lookup(env, file map[string]string) (name, value, origin string) {
	for _, source := range []struct {
		values map[string]string
		origin string
	}{{env, "environment"}, {file, ".env"}} {
		for _, name := range append([]string{s.name}, s.aliases...) {
			if value := source.values[name]; value != "" {
				return name, value, source.origin
			}
		}
	}
	return s.name, s.initial, "default"
}

// forClients are names that programs read which talk to a server, such as external agents started from the same shell.
var forClients = []string{"OLORIN_URL", "OLORIN_TOKEN"}

// unknownNames tells of names that look like ours and are not.
func unknownNames(values map[string]string, where string) []error {
	var known []string
	for _, s := range settings {
		known = append(append(known, s.name), s.aliases...)
	}
	var faults []error
	for name := range values {
		ours := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		if !ours || slices.Contains(known, name) || slices.Contains(forClients, name) {
			continue
		}
		nearest := slices.MinFunc(known, func(a, b string) int {
			return cmp.Or(cmp.Compare(olorin.Distance(name, a), olorin.Distance(name, b)), cmp.Compare(a, b))
		})
		faults = append(faults, fmt.Errorf("%s in %s is not a setting; did you mean %s?", name, where, nearest))
	}
	slices.SortFunc(faults, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return faults
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		*field(c) = s
		return nil
	}
}

func truth(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, s string) error {
		v, err := strconv.ParseBool(strings.ToLower(s))
		if err != nil {
			return errors.New("is not a truth value; use true or false")
		}
		*field(c) = v
		return nil
	}
}

func number(field func(*Config) *int, low, high int) func(*Config, string) error {
	return func(c *Config, s string) error {
		v, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("is not a whole number; it must be %d..%d", low, high)
		}
		if v < low || v > high {
			return fmt.Errorf("is out of bounds; it must be %d..%d", low, high)
		}
		*field(c) = v
		return nil
	}
}

func span(field func(*Config) *time.Duration, unit time.Duration, low, high int) func(*Config, string) error {
	return func(c *Config, s string) error {
		n := 0
		if err := number(func(*Config) *int { return &n }, low, high)(c, s); err != nil {
			return err
		}
		*field(c) = time.Duration(n) * unit
		return nil
	}
}

func oneOf(field func(*Config) *string, words ...string) func(*Config, string) error {
	return func(c *Config, s string) error {
		if !slices.Contains(words, s) {
			return fmt.Errorf("is not one of %s", strings.Join(words, ", "))
		}
		*field(c) = s
		return nil
	}
}

func hostPort(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		_, port, err := net.SplitHostPort(s)
		if err != nil {
			return errors.New("is not host:port, such as 127.0.0.1:8090")
		}
		if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			return errors.New("has no port of 0..65535")
		}
		*field(c) = s
		return nil
	}
}

func networks(c *Config, s string) error {
	for text := range strings.SplitSeq(s, ",") {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return fmt.Errorf("has %q, which is neither an address nor a network such as 10.0.0.0/8", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		c.Proxies = append(c.Proxies, p)
	}
	return nil
}

func logLevel(c *Config, s string) error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[s]
	if !ok {
		return errors.New("is not one of debug, info, warn, error")
	}
	c.LogLevel = level
	return nil
}

func databaseURL(c *Config, s string) error {
	switch {
	case s == "memory:", strings.HasPrefix(s, "sqlite:///") && len(s) > len("sqlite:///"), strings.HasPrefix(s, "postgres://"), strings.HasPrefix(s, "postgresql://"):
		c.DatabaseURL = s
		return nil
	}
	return errors.New("is not a database; use sqlite:///relative/path.db, sqlite:////absolute/path.db, postgres://user:password@host:port/name, or memory: for tests")
}

func secret(c *Config, s string) error {
	if len(s) < 32 {
		return fmt.Errorf("has %d bytes; it must have at least 32", len(s))
	}
	c.JWTSecret = s
	return nil
}

func readable(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		f, err := os.Open(s)
		if err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		*field(c) = s
		return f.Close()
	}
}

func files(field func(*Config) *[]string) func(*Config, string) error {
	return func(c *Config, s string) error {
		var faults []error
		for path := range strings.SplitSeq(s, ",") {
			if path = strings.TrimSpace(path); path == "" {
				continue
			}
			f, err := os.Open(path)
			if err != nil {
				faults = append(faults, fmt.Errorf("cannot be read: %w", err))
				continue
			}
			*field(c) = append(*field(c), path)
			faults = append(faults, f.Close())
		}
		return errors.Join(faults...)
	}
}

func directory(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		info, err := os.Stat(s)
		if err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		if !info.IsDir() {
			return errors.New("is not a directory")
		}
		*field(c) = s
		return nil
	}
}

func httpURL(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return errors.New("is not an http or https URL")
		}
		*field(c) = s
		return nil
	}
}

// inForce is one line of what `olorin config` prints.
type inForce struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	From  string `json:"from"`
}

// withoutPassword shows an address without what is secret in it.
func withoutPassword(address string) string {
	if strings.HasPrefix(address, "sqlite:") || address == "memory:" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "********"
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// table lists what is in force and where it came from, secrets masked.
func (c Config) table() []inForce {
	lines := make([]inForce, len(settings))
	for i, s := range settings {
		value := c.used[s.name]
		if s.name == "DATABASE_URL" {
			value = c.DatabaseURL
			value = withoutPassword(value)
		} else if s.secret && value != "" {
			value = "********"
		}
		lines[i] = inForce{s.name, value, c.origin[s.name]}
	}
	return lines
}
