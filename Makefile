# Yesterday's facade for people. Two commands do everything on a fresh machine:
#
#   make demo     tells the story in a throwaway PostgreSQL
#   make test     builds and tests everything
#
# Variables: SECONDS, ROUNDS, SEED (of make soak), PG_CONFIG (PostgreSQL to build for and install into), PREFIX, DESTDIR,
# TEST_PG_CONFIGS (the servers to test on), SWIFT_FLAGS.

PREFIX      ?= /usr/local
DESTDIR     ?=
SWIFT_FLAGS ?=
RELEASE      = -c release --static-swift-stdlib --product yesterday $(SWIFT_FLAGS)

export PG_CONFIG
ifeq ($(PG_CONFIG),)
unexport PG_CONFIG
endif
export DESTDIR TEST_PG_CONFIGS

.PHONY: help setup setup-build build install test soak coverage sanitize demo bench lint format clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo      see it work: a deployment, a regression, the rollback'
	@echo 'make test      build and test everything, on every PostgreSQL at hand'
	@echo 'make soak      random deployments and rollbacks, until Ctrl-C  [SECONDS=... ROUNDS=... SEED=...]'
	@echo 'make install   install the extension and the program  [PG_CONFIG=... PREFIX=/usr/local]'
	@echo 'make setup     install what building and testing needs, if it is missing'
	@echo 'make build     build the program and the extension'
	@echo 'make bench     measure capture, proof and rollback; see docs/performance.md'
	@echo 'make coverage  which lines of C and statements of SQL the tests run'
	@echo 'make sanitize  the tests, with every access of the C to memory watched'
	@echo 'make lint      check shell, SQL, Swift and the house rules'
	@echo 'make format    format the Swift sources'
	@echo 'make clean     remove what was built, and the private PostgreSQL copies'

setup:
	@scripts/setup

setup-build:
	@scripts/setup --build

build: setup-build
	swift build $(SWIFT_FLAGS)
	scripts/install-extension "$$(scripts/private-postgres "$$(scripts/default-pg-config)")"

install: setup-build
	scripts/install-extension "$$(scripts/default-pg-config)"
	swift build $(RELEASE)
	scripts/install-program "$$(swift build $(RELEASE) --show-bin-path)/yesterday" "$(DESTDIR)$(PREFIX)/bin"

test: setup build
	@scripts/test

coverage: setup
	@scripts/coverage

sanitize: setup
	@scripts/sanitize

soak: setup-build
	@scripts/soak $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED))

demo: build
	@PG_CONFIG="$$(scripts/private-postgres "$$(scripts/default-pg-config)")" .build/debug/yesterday demo

bench: setup-build
	@bench/run

lint: setup
	@scripts/lint

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests

clean:
	@scripts/clean
