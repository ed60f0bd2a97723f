# ingress2gw: what developers run. `make` alone prints this help.
SHELL       := /bin/bash
GO          ?= go
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS     := -s -w -X main.version=$(VERSION)
PACKAGES    := ./...
CORPUS      ?=
FUZZTIME    ?= 30s
TESTFLAGS   ?=
TESTS       := unit envtest images browser conformance-test conformance admission conformance-cluster operator-e2e demo

.DEFAULT_GOAL := help
.PHONY: help build test tests unit golden generate verify lint fmt fuzz bench corpus dist clean

## help: what each target is for
help:
	@grep -hE '^## [a-z-]+:' $(MAKEFILE_LIST) | sed 's/^## //' | awk '{n=$$1; sub(/:$$/,"",n); sub(/^[^ ]+ /,""); printf "  %-18s %s\n", n, $$0}'

## build: the command line tool and the operator, into bin/
build:
	CGO_ENABLED=0 $(GO) build -ldflags '$(LDFLAGS)' -o bin/ ./cmd/...

## test: everything that must pass: unit tests, golden cases, tests on a real API server, the HTML report in a browser, conformance on real istiod and Envoy
test: $(TESTS)

# For .ci/run, which shows them one by one.
tests:
	@echo $(TESTS)

## unit: unit tests, golden cases and checks of the layout
unit:
	$(GO) vet $(PACKAGES)
	$(GO) test $(TESTFLAGS) $(PACKAGES)

## golden: rewrite the expected outputs of testdata and README.md; read the difference before you commit it
golden:
	$(GO) test ./internal/golden -update
	$(GO) test ./internal/cli -run "README|Pages|Reports|Lines" -update
	cd test && $(GO) test ./chart -update

## generate: rewrite what is generated from code (docs, finding pages, embedded schemas)
generate:
	$(GO) generate $(PACKAGES)

## verify: generated files, formatting and module files are up to date
verify: generate fmt
	$(GO) mod tidy
	git diff --exit-code

## fmt: format the code
fmt:
	gofmt -w $$(git ls-files '*.go')

## lint: run the linters (built from go.tool.mod)
lint:
	$(GO) tool -modfile=go.tool.mod golangci-lint run $(PACKAGES)

## fuzz: fuzz every parser for FUZZTIME each
fuzz:
	@set -e; for p in $$($(GO) list $(PACKAGES)); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz' || true); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$p; done; done

## bench: speed and memory as ratios against a baseline of the same run
bench:
	CGO_ENABLED=0 $(GO) test -run '^$$' -bench . -benchtime 3x -timeout 60m ./internal/bench ./internal/load

## corpus: convert a folder of other people's Ingresses (CORPUS=dir): no crash, counts add up, output valid
corpus:
	@test -n "$(CORPUS)" || { echo 'usage: make corpus CORPUS=DIR'; exit 2; }
	CORPUS='$(abspath $(CORPUS))' $(GO) test -count=1 -v ./internal/corpus

## dist: what a release consists of, into dist/: an archive for each platform (PLATFORMS=linux/amd64,... for some), sums, krew manifest
dist:
	$(GO) run ./internal/dist/cmd -version '$(VERSION)' -out dist -platforms '$(PLATFORMS)'

## clean: remove what was built
clean:
	rm -rf bin build dist

include test/conformance.mk
include test/bench.mk
include test/browser.mk
include test/demo.mk
include test/migration.mk
include test/images.mk
