# detour: thin targets over the go tool. `make help` lists them.

GO ?= go
# Compilers for other systems are part of Go; cgo is needed for the race detector alone.
LINT_VERSION := v2.15.0
BIN := bin

.DEFAULT_GOAL := help

## help: what there is to make
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | sort | awk -F': ' '{printf "  make %-10s %s\n", $$1, $$2}'

## build: the program, as bin/detour
.PHONY: build
build:
	$(GO) build -trimpath -o $(BIN)/detour ./cmd/detour

## man: the manual, a page for each command and topic, in bin/man
.PHONY: man
man:
	$(GO) test ./cmd/detour -count=1 -run TestManual -man $(CURDIR)/$(BIN)/man

## demo: the story on a network inside the process
.PHONY: demo
demo:
	$(GO) run ./cmd/detour demo

## deps: the system packages that the tests use, where apt and root are at hand
.PHONY: deps
deps:
	@sh .ci/deps

## test: everything, with the race detector; says what it skipped and why
.PHONY: test
test: deps
	@sh .ci/test

## lab: the story on real network namespaces with a real browser (root)
.PHONY: lab
lab: deps
	$(GO) test -count=1 -v -run 'TestLab' ./cmd/detour

## bench: the hot paths, and the whole program under load, with its bounds
.PHONY: bench
bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...
	$(GO) test -count=1 -v -run TestLoad ./cmd/detour -load

## fuzz: every fuzz target for ten seconds
.PHONY: fuzz
fuzz:
	@sh .ci/fuzz 10s

## lint: golangci-lint, built once into bin/ (about four minutes)
.PHONY: lint
lint: $(BIN)/golangci-lint
	$(BIN)/golangci-lint run ./...

$(BIN)/golangci-lint:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

## golden: rewrite the golden files; read the diff before you commit it
.PHONY: golden
golden:
	$(GO) test ./ui ./internal/compare ./internal/diagnose ./internal/filter ./internal/report ./cmd/detour -run '[Gg]olden|Docs' -update

## cross: does it build for the other systems?
.PHONY: cross
cross:
	GOOS=darwin CGO_ENABLED=0 $(GO) vet ./...
	GOOS=windows CGO_ENABLED=0 $(GO) vet ./...
