# What there is to type. `make run` is all that a fresh clone needs.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
export PATH := $(PATH):$(HOME)/.cargo/bin

BUILT := $(or $(CARGO_TARGET_DIR),target)
WEB := kds-web
PAGES := $(WEB)/dist/index.html
MODULES := $(WEB)/node_modules/.package-lock.json
# All that can change the pages; tests cannot.
WEB_SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.test.*' -print)

# nextest runs each test in a process of its own and says less; without it cargo's own runner does.
NEXTEST := $(shell PATH="$(PATH)" cargo nextest --version >/dev/null 2>&1 && echo yes)
ifeq ($(NEXTEST),yes)
RUST_TESTS := cargo nextest run --workspace --status-level slow --final-status-level flaky
else
RUST_TESTS := cargo test --workspace
endif

.DEFAULT_GOAL := help
SEEDS ?= 1..21

.PHONY: help run test faults check web release e2e clean need need-test

help: ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: need web ## build and start a server with a demo restaurant: make run ARGS="--listen 0.0.0.0:8080"
	cargo build --release --bin comanda
	exec $(BUILT)/release/comanda serve --demo $(ARGS)

test: need-test web ## everything that can fail: pages, types, style, lints, all tests
	cargo fmt --all --check
	cd $(WEB) && npm run types && npm run lint
	cargo clippy --workspace --all-targets -- -D warnings
	$(RUST_TESTS) --no-run
	cd $(WEB) && npm test
	$(RUST_TESTS)
	cd $(WEB) && COMANDA_BIN="$(abspath $(BUILT))/debug/comanda" npm run e2e

faults: need-test web ## many nodes and 300 people, everything that can break: SEEDS=1..21 (40 minutes) or SEEDS=7
	COMANDA_FAULTS=long COMANDA_SEEDS="$(SEEDS)" cargo test --release --test crash -- nodes:: cross:: stalled:: wires:: --test-threads 1 --nocapture

check: need $(MODULES) ## style, lints and types, without the tests
	cargo fmt --all --check
	cd $(WEB) && npm run types && npm run lint
	cargo clippy --workspace --all-targets -- -D warnings

web: $(PAGES) ## build the pages that go into the server, if they changed

release: need web ## build what is shipped: smaller and faster, slow to build
	cargo build --profile dist --locked --bin comanda
	@echo "$(BUILT)/dist/comanda"

e2e: need-test web ## drive real pages in a real browser against a real server
	cargo build --bin comanda
	cd $(WEB) && COMANDA_BIN="$(abspath $(BUILT))/debug/comanda" npm run e2e

clean: ## remove what was built and fetched; data/ stays
	cargo clean
	rm -rf $(WEB)/node_modules
	find $(WEB)/dist -mindepth 1 ! -name .gitignore -delete

need:
	@.ci/need run

need-test:
	@.ci/need test

$(PAGES): $(MODULES) $(WEB_SOURCES)
	cd $(WEB) && npm run build
	touch $@

# npm writes this file at the end of an installation.
$(MODULES): $(WEB)/package-lock.json | need
	cd $(WEB) && npm ci --no-audit --no-fund
	touch $@
