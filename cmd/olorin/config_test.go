package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the documents that are made from the code")

func TestConfigurationIsDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Configuration\n\nFrom the environment, and from an optional `.env` in the working directory, which the environment overrides. It is read in one place and\nvalidated whole: every fault is told at once, and nothing starts (exit 2). An unknown name with one of our prefixes is a fault too.\n`olorin config` prints what is in force and where it came from.\n\nMade from `cmd/olorin/config.go` by `go test ./cmd/olorin -run TestConfigurationIsDocumented -update`.\n\n| name | default | bounds | meaning |\n|---|---|---|---|\n")
	for _, s := range settings {
		name := "`" + s.name + "`"
		for _, alias := range s.aliases {
			name += " (also `" + alias + "`)"
		}
		initial := s.initial
		if initial == "" {
			initial = "–"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, initial, s.bounds, s.meaning)
	}
	const path = "../../docs/configuration.md"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != b.String() {
		t.Fatalf("%s is not what the code says (%v); run with -update", path, err)
	}
}

func TestDefaultsAreWithinTheirBounds(t *testing.T) {
	c, err := parseConfig(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.PollFastMS != 500 || c.PoolTimeout != 30*time.Second || c.StateTTL != 7*24*time.Hour || !c.Polling || c.Addr != "127.0.0.1:8090" {
		t.Fatalf("defaults: %+v", c)
	}
}

func TestEveryFaultIsToldAtOnce(t *testing.T) {
	_, err := parseConfig(map[string]string{
		"DB_POOL_SIZE": "21", "WIZARD_POLLING_FAST_INTERVAL_MS": "fast", "OLORIN_ENV": "prod", "OLORIN_ADDR": "8090", "WIZARD_POLING_RATE_PER_SECOND": "3",
		"FEATURE_WIZARD_TEMPLATES_ENABLED": "maybe", "OLORIN_JWT_SECRET": "tooshortbutsecret", "DATABASE_URL": "mysql://x", "PATH": "/bin", "OLORIN_JWT_JWKS_URL": "keys",
		"OLORIN_TRUSTED_PROXIES": "10.0.0.1, proxy.example", "OLORIN_LOG_LEVEL": "loud",
	}, map[string]string{"DB_MAX_OVERFLOW": "-1"})
	if err == nil {
		t.Fatal("rubbish was accepted")
	}
	for _, want := range []string{
		`DB_POOL_SIZE="21" is out of bounds; it must be 1..20`, `WIZARD_POLLING_FAST_INTERVAL_MS="fast" is not a whole number; it must be 100..1000`,
		`OLORIN_ENV="prod" is not one of dev, staging, production`, `OLORIN_ADDR="8090" is not host:port`, `has "proxy.example", which is neither an address nor a network`, `OLORIN_LOG_LEVEL="loud" is not one of debug`,
		`did you mean WIZARD_POLLING_RATE_PER_SECOND?`,
		`FEATURE_WIZARD_TEMPLATES_ENABLED="maybe"`, `OLORIN_JWT_SECRET=(its value is not shown) has 17 bytes`, `DATABASE_URL=`, `DB_MAX_OVERFLOW="-1"`, "OLORIN_JWT_JWKS_URL",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not told: %s", want)
		}
	}
	for _, never := range []string{"tooshortbutsecret", "mysql://x", "PATH"} {
		if strings.Contains(err.Error(), never) {
			t.Errorf("told, and should not be: %s", never)
		}
	}
}

func TestTheEnvironmentOverridesTheFileAndANameItsAlias(t *testing.T) {
	c, err := parseConfig(map[string]string{"SQLALCHEMY_POOL_SIZE": "7", "DB_MAX_OVERFLOW": "3"}, map[string]string{"DB_POOL_SIZE": "9", "DB_MAX_OVERFLOW": "4", "DB_POOL_TIMEOUT": "11"})
	if err != nil {
		t.Fatal(err)
	}
	if c.PoolSize != 7 || c.MaxOverflow != 3 || c.PoolTimeout != 11*time.Second {
		t.Fatalf("pool %d, overflow %d, timeout %s; want 7, 3, 11s", c.PoolSize, c.MaxOverflow, c.PoolTimeout)
	}
	if from := c.origin["DB_POOL_TIMEOUT"]; from != ".env" {
		t.Errorf("DB_POOL_TIMEOUT came from %q", from)
	}
}

func TestProductionRefusesGeneratedSecretsAndPlainCookies(t *testing.T) {
	_, err := parseConfig(map[string]string{"OLORIN_ENV": "production", "OLORIN_CLOCK_OFFSET_SECONDS": "1"}, nil)
	for _, name := range []string{"OLORIN_JWT_SECRET", "OLORIN_SECURE_COOKIES", "OLORIN_CLOCK_OFFSET_SECONDS"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("production does not refuse %s: %v", name, err)
		}
	}
	if _, err := parseConfig(map[string]string{"OLORIN_ENV": "production", "OLORIN_JWT_SECRET": strings.Repeat("x", 32), "OLORIN_SECURE_COOKIES": "true"}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	c, err := parseConfig(map[string]string{"OLORIN_JWT_SECRET": strings.Repeat("s", 40)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprint(c.table()); strings.Contains(shown, "ssss") {
		t.Fatalf("the table shows the secret: %s", shown)
	}
}
