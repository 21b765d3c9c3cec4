SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

CHROMIUM := /usr/bin/chromium
WEB_SOURCES := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/vite.config.ts web/tsconfig.json web/postcss.config.cjs
LINTER := go tool -modfile=tools/go.mod
# Races are looked for; how unsafe pointers are made, which SQLite as it was translated to Go does all the time, is not checked.
RACE := -race -gcflags=all=-d=checkptr=0
section = @printf '\n\033[1m== %s\033[0m\n' '$(1)'

.PHONY: help run build test check bench format lint lint-go lint-web test-go test-web test-e2e needs chromium strace postgres proxies clean

help: ## tell what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: build ## build, set up database and sample data, serve at the printed address
	@export DATABASE_URL="$${DATABASE_URL:-sqlite:///olorin.db}" OLORIN_DATA_DIR="$${OLORIN_DATA_DIR:-./var/data}"; \
	mkdir -p "$$OLORIN_DATA_DIR"; \
	bin/olorin migrate up; \
	bin/olorin demo; \
	exec bin/olorin serve

build: needs web/dist/index.html ## the program with its pages in it: bin/olorin
	$(call section,go build)
	go build -o bin/olorin ./cmd/olorin

test: build lint test-go test-web test-e2e ## everything that must hold: linters, Go with -race, web, browser against the program
	$(call section,all passed)

check: needs postgres ## the quick part of test, while working: go vet, Go tests, web types and tests
	go vet ./...
	go test ./...
	@$(MAKE) web/node_modules/.stamp
	cd web && npm run typecheck && npm test

# -mod=mod: the sums of the peers' module follow what the rooms import.
bench: build postgres chromium bench/pages/node_modules/.stamp e2e/node_modules/.stamp ## measure; one table for each thing, as told in docs/performance.md
	$(call section,benchmarks)
	@{ uname -srm; nproc; uptime; \
	go test -run '^$$' -bench . -timeout 30m ./bench && \
	go test -run '^$$' -bench History -benchtime 1x -timeout 20m ./store && \
	go test -run '^$$' -bench RunsAtOnce -benchtime 1x -timeout 10m ./runner && \
	go test -run '^$$' -bench Case -benchtime 1x -timeout 10m ./runner/agents && \
	cd bench/peer && export GOFLAGS=-mod=mod && \
	go test -run '^$$' -bench Saves -benchtime 5000x -timeout 10m . && \
	go test -run '^$$' -bench Followers -benchtime 40x -timeout 10m . && \
	go test -run '^$$' -bench 'Polls|Idle|Growth' -benchtime 1x -timeout 10m . && \
	uptime; } 2>&1 | go run ./bench/table
	cd bench/pages && npm run -s measure
	cd e2e && npm run -s bench

format: needs web/node_modules/.stamp ## let gofumpt and biome format what is not formatted
	$(LINTER) gofumpt -w $$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './var/*')
	cd web && npm run format

lint: lint-go lint-web ## go vet, gofumpt, staticcheck, deadcode; biome, tsc, knip

lint-go: needs
	$(call section,go vet)
	go vet ./...
	$(call section,gofumpt: files that are not formatted)
	@files=$$($(LINTER) gofumpt -l $$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './var/*')); \
	if [ -n "$$files" ]; then echo "$$files"; echo 'format them: $(LINTER) gofumpt -w FILE' >&2; exit 1; fi
	$(call section,staticcheck)
	$(LINTER) staticcheck ./...
	$(call section,deadcode: functions that nothing reaches)
	@dead=$$($(LINTER) deadcode -test ./...); if [ -n "$$dead" ]; then echo "$$dead"; exit 1; fi

lint-web: web/node_modules/.stamp e2e/node_modules/.stamp
	$(call section,biome)
	cd web && npm run lint
	$(call section,tsc)
	cd web && npm run typecheck
	cd e2e && npm run typecheck
	$(call section,knip)
	cd web && npm run knip

test-go: needs strace postgres proxies e2e/node_modules/.stamp
	$(call section,go test -race)
	go test $(RACE) -timeout 30m -p 3 -parallel 4 ./store ./cmd/olorin ./runner/... ./... # the longest first, so that none is left alone at the end; three for two processors, since much of it waits

test-web: web/node_modules/.stamp
	$(call section,vitest)
	cd web && npm test

test-e2e: build chromium e2e/node_modules/.stamp
	$(call section,browser against bin/olorin)
	cd e2e && npm test

clean: ## remove what was built, not what was entered
	rm -rf bin web/dist/assets web/dist/index.html web/node_modules e2e/node_modules bench/pages/node_modules e2e/test-results e2e/playwright-report

%/node_modules/.stamp: %/package.json %/package-lock.json
	$(call section,npm ci in $*)
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.stamp $(WEB_SOURCES)
	$(call section,vite build)
	cd web && npx vite build
	@touch $@

# What must be on the machine, told all at once.
needs:
	@missing=(); \
	command -v go >/dev/null || missing+=('Go 1.26 (go)'); \
	if ! command -v cc >/dev/null; then missing+=('a C compiler (apt-get install build-essential)'); \
	elif ! echo 'int main(void) { return 0; }' | cc -x c - -lstdc++ -o /dev/null 2>/dev/null; then \
		missing+=('the C++ library for linking (apt-get install g++)'); fi; \
	command -v npm >/dev/null || missing+=('npm'); \
	if ! command -v node >/dev/null; then missing+=('Node 20.19 or newer (node)'); \
	elif ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then \
		missing+=("Node 20.19 or newer (found $$(node --version))"); fi; \
	if [ $${#missing[@]} -gt 0 ]; then echo 'This machine lacks:' >&2; printf '  - %s\n' "$${missing[@]}" >&2; exit 1; fi

# The fault tests have system calls fail with it.
strace:
	@command -v strace >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\n== installing strace\n'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace >/dev/null; \
	else echo 'The fault tests need strace. As root: apt-get install strace' >&2; exit 1; fi

# The tests follow a case through them.
proxies:
	@for p in nginx haproxy; do command -v $$p >/dev/null || [ -x /usr/sbin/$$p ] || missing=1; done; [ -z "$${missing:-}" ] && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\n== installing nginx-light and haproxy\n'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light haproxy >/dev/null; \
	else echo 'The tests behind proxies need nginx and haproxy. As root: apt-get install nginx-light haproxy' >&2; exit 1; fi

# The tests start servers of their own from this package, as a user without rights, in temporary directories.
postgres:
	@compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\n== installing postgresql\n'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	else echo 'The tests need PostgreSQL 14 or newer. As root: apt-get install postgresql' >&2; exit 1; fi

# The browser tests use Debian's Chromium, since no other build of it can be had everywhere.
chromium:
	@if [ -x $(CHROMIUM) ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		printf '\n== installing chromium\n'; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null && [ -x $(CHROMIUM) ]; \
	else \
		echo 'The browser tests need Chromium at $(CHROMIUM). As root: apt-get install chromium fonts-dejavu-core' >&2; exit 1; \
	fi
