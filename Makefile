# Runs things; `make` alone lists them. Everything works from a fresh clone and from any directory (make -C).
# Steps announce themselves and say how long they took. Times are for two cores, the first time.

ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Output goes where this file says, whatever the caller's environment holds.
unexport CARGO_TARGET_DIR CARGO_BUILD_TARGET
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

TARGET := $(ROOT)/target
FUZZ_SECONDS ?= 600
STEP := $(ROOT)/.ci/step
WASM := $(ROOT)/.ci/wasm-cargo
PACKS := $(shell find $(ROOT)/benchmarks/packs -name pack.toml -o -name '*.jsonl')

# Warnings of 1.95 are errors; what a newer compiler dislikes as well is only shown.
DENY := $(if $(findstring rustc 1.95.,$(shell rustc --version 2>/dev/null)),-D warnings,)

.PHONY: help setup build demo test lint soak bench clean adapters site setup-build setup-test bins-dev test-adapters encoder

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(ROOT)/Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: ## find or install every tool that build, demo and test need
	@$(ROOT)/.ci/setup test

build: ## release programs, pages and example adapters (about 12 minutes, then seconds)
	@echo "Building Assay. The first time takes about 12 minutes on two cores, after that seconds."
	@$(MAKE) -f $(ROOT)/Makefile setup-build
	@$(MAKE) -f $(ROOT)/Makefile site GLUE_PROFILE=release GLUE_DIR=release
	@$(STEP) "server and enclave, release build (8 min the first time)" \
	  cargo build --manifest-path $(ROOT)/Cargo.toml --locked --release --workspace --bins
	@$(MAKE) -f $(ROOT)/Makefile adapters ENCODER=$(TARGET)/release/assay-enclave

demo: build ## build, run six systems on sealed forms, reveal the first, serve the result (ARGS="--reset" starts over)
	@cd $(ROOT) && ASSAY_COMPONENTS=$(COMPONENTS) exec $(TARGET)/release/assay demo $(ARGS)

test: ## set up, build, lint and run every test (about 20 minutes, then 3)
	@$(MAKE) -f $(ROOT)/Makefile setup-test
	@$(MAKE) -f $(ROOT)/Makefile site
	@$(MAKE) -f $(ROOT)/Makefile bins-dev
	@$(MAKE) -f $(ROOT)/Makefile adapters ENCODER=$(TARGET)/debug/assay-enclave
	@$(MAKE) -f $(ROOT)/Makefile lint
	@$(MAKE) -f $(ROOT)/Makefile test-adapters
	@ASSAY_COMPONENTS=$(COMPONENTS) ASSAY_BIN_DIR=$(TARGET)/debug \
	  $(STEP) "tests of the workspace (5 min)" $(ROOT)/.ci/workspace-tests
	@$(STEP) "fuzz targets, instrumented build (2 min the first time)" $(ROOT)/.ci/fuzz build
	@$(STEP) "fuzz smoke (14 targets, 5 s each)" $(ROOT)/.ci/fuzz run 5

soak: ## look longer for inputs that break a parser (FUZZ_SECONDS=600 for each of 14 targets)
	@$(MAKE) -f $(ROOT)/Makefile setup-test
	@$(STEP) "fuzz targets, instrumented build (2 min the first time)" $(ROOT)/.ci/fuzz build
	@$(STEP) "fuzzing, $(FUZZ_SECONDS) s for each target" $(ROOT)/.ci/fuzz run $(FUZZ_SECONDS)

lint: $(TARGET)/toolchain.env ## formatting, clippy and documentation, warnings denied
	@$(STEP) "formatting" cargo fmt --manifest-path $(ROOT)/Cargo.toml --all --check
	@for adapter in $(ADAPTERS); do \
	  $(STEP) "formatting, $$adapter" cargo fmt --manifest-path $(ADAPTERS_DIR)/$$adapter/Cargo.toml --check; done
	@$(STEP) "clippy, workspace (3 min)" \
	  cargo clippy --manifest-path $(ROOT)/Cargo.toml --locked --workspace --all-targets -- $(DENY)
	@for side in ssr hydrate; do \
	  $(STEP) "clippy, frontend as $$side" cargo clippy --manifest-path $(ROOT)/Cargo.toml --locked \
	    -p assay-frontend --no-default-features --features $$side --lib -- $(DENY); done
	@$(STEP) "clippy, verifier for browsers (1 min)" $(WASM) lint --manifest-path $(ROOT)/Cargo.toml --locked \
	  -p assay-evidence -p assay-verify-wasm --lib --target-dir $(TARGET)/wasm -- $(DENY)
	@for adapter in $(ADAPTERS); do \
	  $(STEP) "clippy, $$adapter" cargo clippy --manifest-path $(ADAPTERS_DIR)/$$adapter/Cargo.toml --locked \
	    --target-dir $(TARGET)/adapters --all-targets -- $(DENY); done
	@$(STEP) "clippy, fuzz targets (1 min the first time)" $(ROOT)/.ci/fuzz lint $(DENY)
	@RUSTDOCFLAGS="$(DENY)" $(STEP) "documentation (1 min)" \
	  cargo doc --manifest-path $(ROOT)/Cargo.toml --locked --workspace --no-deps

bench: ## the figures of the README, release build
	@$(MAKE) -f $(ROOT)/Makefile build
	@ASSAY_COMPONENTS=$(COMPONENTS) ASSAY_BIN_DIR=$(TARGET)/release \
	  $(STEP) "benchmarks" cargo bench --manifest-path $(ROOT)/Cargo.toml --locked --workspace --bench '*'

clean: ## remove everything that was built, and the demo's station
	rm -rf $(TARGET) $(ROOT)/.assay

# Built with the features of the whole workspace, so that what it shares with the programs is built once.
GLUE_PROFILE ?= dev
GLUE_DIR ?= debug

BROWSER_MODULES := $(TARGET)/wasm/wasm32-unknown-unknown/wasm-release

site: $(TARGET)/toolchain.env ## the browser modules and their glue, into target/site
	@$(STEP) "browser module of the islands (2 min the first time)" $(WASM) build --manifest-path $(ROOT)/Cargo.toml --locked \
	  -p assay-frontend --lib --no-default-features --features hydrate --profile wasm-release --target-dir $(TARGET)/wasm
	@$(STEP) "browser module of the verifier (1 min the first time)" $(WASM) build --manifest-path $(ROOT)/Cargo.toml --locked \
	  -p assay-verify-wasm --lib --profile wasm-release --target-dir $(TARGET)/wasm
	@$(STEP) "glue generator (1 min the first time)" \
	  cargo build --manifest-path $(ROOT)/Cargo.toml --locked --workspace --bin assay-glue --profile $(GLUE_PROFILE)
	@$(STEP) "glue, compression and hashed names" $(TARGET)/$(GLUE_DIR)/assay-glue \
	  --islands $(BROWSER_MODULES)/assay_frontend.wasm --verifier $(BROWSER_MODULES)/assay_verify_wasm.wasm --out $(TARGET)/site

# Parts.

setup-build:
	@$(STEP) "tools for building" $(ROOT)/.ci/setup build

setup-test:
	@$(STEP) "tools for building and testing" $(ROOT)/.ci/setup test

$(TARGET)/toolchain.env:
	@$(STEP) "tools for building" $(ROOT)/.ci/setup build

bins-dev:
	@$(STEP) "programs, development build (6 min the first time)" \
	  cargo build --manifest-path $(ROOT)/Cargo.toml --locked --workspace --bins

# Adapters: a core module by cargo, then a component by `assay-enclave encode`. Sources and packs decide
# what is stale, so that the four table experts are not rebuilt one over the other each time.

ADAPTERS_DIR := $(ROOT)/enclave/adapters
ADAPTERS := seeded-guess always-declines table-expert
EXPERT_SHARES := 25 50 75 100
EXPERTS := $(EXPERT_SHARES:%=table-expert-%)
CORES := $(TARGET)/adapters/cores
COMPONENTS := $(TARGET)/adapters/components
WIT := $(wildcard $(ROOT)/enclave/wit/*.wit)
sources = $(shell find $(ADAPTERS_DIR)/$(1) -path '*/target' -prune -o -type f -name '*.rs' -print -o -name 'Cargo.*' -print)

# The enclave that encodes: the caller's choice, else the release build if there is one, else a development build.
ifeq ($(origin ENCODER),undefined)
ENCODER := $(or $(wildcard $(TARGET)/release/assay-enclave),$(TARGET)/debug/assay-enclave)
ifeq ($(ENCODER),$(TARGET)/debug/assay-enclave)
ENCODER_BUILD := encoder
endif
endif

adapters: $(TARGET)/toolchain.env $(COMPONENTS)/seeded-guess.wasm $(COMPONENTS)/always-declines.wasm $(EXPERTS:%=$(COMPONENTS)/%.wasm) ## the example adapters, into target/adapters/components

core = $(STEP) "adapter $(1)" $(WASM) build --manifest-path $(ADAPTERS_DIR)/$(2)/Cargo.toml --locked --release \
	  --target-dir $(TARGET)/adapters && mkdir -p $(CORES) && \
	cp $(TARGET)/adapters/wasm32-unknown-unknown/release/$(subst -,_,$(2)).wasm $(CORES)/$(1).wasm

$(CORES)/seeded-guess.wasm: $(call sources,seeded-guess) $(WIT) $(TARGET)/toolchain.env
	@$(call core,seeded-guess,seeded-guess)

$(CORES)/always-declines.wasm: $(call sources,always-declines) $(WIT) $(TARGET)/toolchain.env
	@$(call core,always-declines,always-declines)

$(CORES)/table-expert-%.wasm: $(call sources,table-expert) $(call sources,seeded-guess) $(WIT) $(PACKS) $(TARGET)/toolchain.env
	@EXPERT_KNOWS=$* $(call core,table-expert-$*,table-expert)

$(COMPONENTS)/%.wasm: $(CORES)/%.wasm | $(ENCODER_BUILD)
	@mkdir -p $(COMPONENTS) && $(ENCODER) encode $< $@

# The whole workspace is named so that dependencies are built once for this and for `make test`.
encoder:
	@$(STEP) "enclave, development build (4 min the first time)" \
	  cargo build --manifest-path $(ROOT)/Cargo.toml --locked --workspace --bin assay-enclave

test-adapters:
	@$(STEP) "tests of the table expert" cargo test --manifest-path $(ADAPTERS_DIR)/table-expert/Cargo.toml \
	  --locked --target-dir $(TARGET)/adapters -q

.SECONDARY:
.NOTPARALLEL:
