# chantal needs Swift 6.2 or later, and Debian's packages that `.ci/packages` installs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

SWIFT ?= swift
PREFIX ?= /usr/local
PROGRAM := .build/release/chantal
BANDERSNATCH := .build/bandersnatch
FORMATTED := Package.swift Sources Tests $(wildcard Benchmarks)

# The standard library is linked in: chantal starts a third faster, and runs where no Swift is.
RELEASE := -c release --static-swift-stdlib --product chantal

.PHONY: help build test check-format demo bench format install clean deps deps-test deps-bench

help: ## Shows this list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: deps ## Builds the program: .build/release/chantal.
	$(SWIFT) build $(RELEASE)

test: deps-test check-format ## Installs what the tests need, checks the format, builds, tests.
	$(SWIFT) build --build-tests
	SWIFT='$(SWIFT)' .ci/test $(if $(FILTER),--filter '$(FILTER)')

check-format:
	$(SWIFT) format lint --strict --recursive --parallel $(FORMATTED)

demo: deps-test build ## Mirrors a small repository of each kind from end to end, and lets apt-get, dnf and pip read them.
	Fixtures/demo/run $(PROGRAM)

bench: deps-bench build ## Measures against curl, apt-mirror, debmirror, aptly and bandersnatch.
	Benchmarks/run $(PROGRAM)

format: ## Formats all Swift files.
	$(SWIFT) format --in-place --recursive --parallel $(FORMATTED)

install: ## Installs a built chantal below PREFIX, with completions.
	install -D -s -m 0755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/chantal
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(PROGRAM) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/chantal
	$(PROGRAM) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_chantal
	$(PROGRAM) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/chantal.fish

clean: ## Removes what was built.
	rm -rf .build .demo

deps:
	@.ci/packages build

deps-test:
	@.ci/packages build test

deps-bench:
	@.ci/packages build test bench
	@command -v bandersnatch $(BANDERSNATCH)/bin/bandersnatch >/dev/null || \
		{ python3 -m venv $(BANDERSNATCH) && $(BANDERSNATCH)/bin/pip install --quiet bandersnatch; }
