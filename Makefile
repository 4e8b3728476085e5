# The few things one does here. The first target is the default.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory

DATA    ?= ./data
ADDR    ?= 127.0.0.1:8080
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

LINT := go tool -modfile=.ci/lint.mod golangci-lint
# Where npm notes what it installed; its age says whether that is what
# package-lock.json pins.
ENGINE := node_modules/.package-lock.json

.PHONY: run
run: deps build ## start the service with the demonstration programme
	@exec bin/mentorpulse serve --demo --data "$(DATA)" --addr "$(ADDR)"

.PHONY: build
build: ## build bin/mentorpulse
	@echo "Building bin/mentorpulse $(VERSION)"
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/mentorpulse ./cmd/mentorpulse

.PHONY: test
test: deps tools lint ## lint, and run all tests with the race detector
	@echo "Running all tests with the race detector"
	@go test -race -p 2 -timeout 20m ./...

.PHONY: lint
lint: ## check the code; LINT_FLAGS=--fix corrects what it can
	@echo "Checking the code (the first time builds the linter, about two minutes)"
	@$(LINT) run $(LINT_FLAGS) ./...

.PHONY: bench
bench: deps build ## measure the speed, QUICK=1 in a minute; writes bench.json
	@bin/mentorpulse bench

.PHONY: fuzz
fuzz: deps ## look for inputs that break the code, a minute each
	@for package in $$(go list ./...); do \
		for name in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
			echo "Fuzzing $$name in $$package"; \
			go test -run '^$$' -fuzz "^$$name$$" -fuzztime 1m "$$package"; \
		done; \
	done

.PHONY: pictures
pictures: deps build ## make the README's pictures of the workbook anew
	@docs/pictures

.PHONY: deps
deps: $(ENGINE) ## install the embedded ClickHouse engine

# --no-save leaves package-lock.json as it is and checks what comes against its
# hashes. A library that fails the check counts as optional and is left out
# without an error, so what was installed is looked at afterwards.
$(ENGINE): package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing, which brings the engine: apt-get install npm" >&2; exit 1; }
	@echo "Installing the embedded ClickHouse engine (npm, about 560 MB)"
	@npm install --no-save --no-audit --no-fund --loglevel=error
	@ls node_modules/@chdb/*/libchdb.so >/dev/null 2>&1 || { \
		rm -f $@; \
		echo "npm installed no engine for this platform, or not the one that package-lock.json pins" >&2; \
		exit 1; }
	@touch $@

# The race detector needs a C compiler, the tests of the pages a browser.
.PHONY: tools
tools:
	@missing=""; \
	command -v gcc >/dev/null || command -v clang >/dev/null || missing="gcc libc6-dev"; \
	command -v chromium >/dev/null || missing="$$missing chromium fonts-dejavu-core"; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "The tests need more programs; install them: sudo apt-get install $$missing" >&2; exit 1; \
	fi; \
	echo "Installing what the tests need: $$missing"; \
	apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null

.PHONY: help
help: ## list these targets
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
