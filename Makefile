# detour: thin targets over the go tool. `make help` lists them.

GO ?= go
# Go cross-compiles without further tools. cgo is needed for the race detector only: the program is built without it, as
# releases are, which makes it static and saves the C library's pages.
LINT_VERSION := v2.15.0
BIN := bin

.DEFAULT_GOAL := help

## help: list the targets
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | sort | awk -F': ' '{printf "  make %-10s %s\n", $$1, $$2}'

## build: build bin/detour
.PHONY: build
build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='-s -w' -o $(BIN)/detour ./cmd/detour

## man: write the manual pages to bin/man, one for each command and topic
.PHONY: man
man:
	@sh .ci/dist/man $(BIN)/man

## dist: build a release's files for all systems into dist/: archives, packages, SHA256SUMS, SBOM
.PHONY: dist
dist:
	@sh .ci/dist/build

## demo: run detour on a simulated network
.PHONY: demo
demo:
	$(GO) run ./cmd/detour demo

## deps: install the Debian packages that the tests use (root)
.PHONY: deps
deps:
	@sh .ci/deps

## test: run all tests with the race detector, and list those that were skipped
.PHONY: test
test: deps
	@sh .ci/test

## wine: run the tests of what differs on Windows under Wine
.PHONY: wine
wine: deps
	@sh .ci/wine/run $$(cat .ci/wine/packages)

## lab: run the tests on network namespaces with a real browser (root)
.PHONY: lab
lab: deps
	$(GO) test -count=1 -v -run 'TestLab' ./cmd/detour

## full: run all tests whole, every fault of the lab with real browsers, load, a soak, a million flows, fuzzing (two to three hours; root)
.PHONY: full
full:
	@sh .ci/full

## bench: measure the hot paths and the whole program under load, and fail where a bound is exceeded
.PHONY: bench
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) test -count=1 -v -timeout 30m -run 'TestLoad|TestAllocations' ./internal/loadtest -load

## fuzz: run every fuzz target for ten seconds
.PHONY: fuzz
fuzz:
	@sh .ci/fuzz 10s

## lint: run golangci-lint, which is first built into bin/ (about four minutes)
.PHONY: lint
lint: $(BIN)/golangci-lint
	$(BIN)/golangci-lint run ./...

$(BIN)/golangci-lint:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

## golden: rewrite the golden files and generated pages; read the diff before you commit
.PHONY: golden
golden:
	$(GO) test ./ui ./ui/detail ./internal/account ./internal/archtest ./internal/compare ./internal/diagnose ./internal/filter ./internal/flow ./internal/licences ./internal/loadtest ./internal/otlp/otlptest ./internal/report ./ui/web ./cmd/detour -run '[Gg]olden|Docs' -update

## cross: check that everything builds for macOS and Windows
.PHONY: cross
cross:
	GOOS=darwin CGO_ENABLED=0 $(GO) vet ./...
	GOOS=windows CGO_ENABLED=0 $(GO) vet ./...
