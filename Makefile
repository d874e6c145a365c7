# Every command of the project. Targets are a line or two of the ecosystem's own tools; `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
DEBUG := $(CURDIR)/target/debug
STAMPS := target/stamps
# Where the C library is installed for tests, examples and benchmarks.
C_PREFIX := $(CURDIR)/target/c-prefix
C_FLAGS = $$(PKG_CONFIG_PATH=$(C_PREFIX)/lib/pkgconfig pkg-config --cflags --libs lpchat) -Wl,-rpath,$(C_PREFIX)/lib
DEMO := $(CURDIR)/target/demo
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= lib

# Every test and example finds the emulator here.
export LPCHAT_SANDBOX := $(DEBUG)/lpchat-sandbox

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | sort -t '|' -k 1,1 | column -t -s '|'

# --- what a machine needs ---------------------------------------------------------------------------------------------

.PHONY: doctor setup-system
doctor: ## say what this machine lacks
	@scripts/doctor.sh
setup-system: ## install the Debian packages that the tests need
	@scripts/setup-system.sh

$(STAMPS)/venv: requirements-dev.txt
	python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/spark: $(STAMPS)/venv requirements-spark.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@touch $@

$(STAMPS)/npm: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

# --- building ---------------------------------------------------------------------------------------------------------

.PHONY: sandbox python node c install uniffi generate generate-check
sandbox: ## build the emulator
	cargo build --quiet -p lpchat-sandbox
python: $(STAMPS)/venv ## build the Python package into .venv
	@mkdir -p target && VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet >target/maturin.log 2>&1 || { cat target/maturin.log; exit 1; }
node: $(STAMPS)/npm ## build the Node package in place
	node bindings/node/build.mjs
c: ## build the C library and install it into target/c-prefix
	cargo build --quiet -p lpchat-c
	bindings/c/install.sh "" $(C_PREFIX) $(DEBUG)
install: ## install the C library and its C++ header: DESTDIR= PREFIX= LIBDIR=
	cargo build --release -p lpchat-c
	bindings/c/install.sh "$(DESTDIR)" "$(PREFIX)" target/release "$(LIBDIR)"
uniffi: ## build the library behind Kotlin, Swift and Ruby
	cargo build --quiet -p lpchat-uniffi
# Maven quiet but for the lines of its test runner.
JVM := mvn --quiet --batch-mode -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info --file tests/jvm/reactor.xml
# The classes of the jar, of the tests with the conformance runner, and of the quickstart.
$(STAMPS)/jvm: $(shell find .mvn bindings/uniffi/pom.xml bindings/uniffi/kotlin* tests/jvm tests/conformance/runners/kotlin examples/jvm examples/quickstart/Quickstart.kt -type f)
	$(JVM) test-compile
	@mkdir -p $(STAMPS) && touch $@
generate: ## render every language's interface from the core
	cargo build --quiet -p lpchat-uniffi -p lpchat-codegen
	$(DEBUG)/lpchat-codegen $(DEBUG)/liblpchat_uniffi.so .
generate-check: ## fail where a generated file is out of date
	cargo build --quiet -p lpchat-uniffi -p lpchat-codegen
	$(DEBUG)/lpchat-codegen --check $(DEBUG)/liblpchat_uniffi.so .

.PHONY: cli wheel pack
cli: ## build the command line
	cargo build --quiet -p lpchat-cli

BINARIES := bindings/python/python/lpchat/bin
# $(call build-wheel,debug or release,folder,flags): with the executables inside, which are put in place for that long.
define build-wheel
	rm -rf $(BINARIES) && install -D -t $(BINARIES) target/$(1)/lpchat-sandbox target/$(1)/lpchat
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin build --quiet $(3) --out $(2)
	rm -r $(BINARIES)
endef
# $(call build-tarball,folder,flags)
define build-tarball
	node bindings/node/build.mjs --sandbox $(2)
	mkdir -p $(1) && npm pack --silent --pack-destination $(1)
	rm bindings/node/lpchat-sandbox
endef

wheel: $(STAMPS)/venv ## an installable wheel in dist/, with the command line and the emulator inside
	cargo build --release -p lpchat-sandbox
	cargo build --release -p lpchat-cli
	rm -f dist/*.whl
	$(call build-wheel,release,dist,--release)
	$(BIN)/python tests/packaging/run.py wheel=$$(echo dist/*.whl)
pack: $(STAMPS)/venv $(STAMPS)/npm ## an npm tarball in dist/, with the emulator inside
	rm -f dist/*.tgz
	$(call build-tarball,dist,--release)
	$(BIN)/python tests/packaging/run.py tarball=$$(echo dist/*.tgz)

# --- tests ------------------------------------------------------------------------------------------------------------

.PHONY: test test-fixtures test-rust test-python test-spark test-node test-c test-jvm test-ruby test-conformance test-docs test-packaging test-generator
test: setup-system test-fixtures test-rust generate-check test-python test-spark test-node test-c test-jvm test-ruby test-conformance test-docs demo-tour test-packaging test-generator ## every test in every language

test-fixtures: ## the shapes of the test payloads
	python3 tests/fixtures/check_shapes.py $(LPCHAT_DOCUMENT_EXAMPLES)
# With the command line: one set of packages, so that what they share is compiled once.
RUST_SET := -p lpchat -p lpchat-macros -p lpchat-sandbox -p lpchat-cli --features lpchat/parquet
test-rust: sandbox ## core, macros, sandbox and command line
	cargo test --quiet $(RUST_SET)
test-python: sandbox python ## the Python package, its types and stubs
	$(BIN)/python -m pytest -q tests/python
	$(BIN)/python -m mypy -p lpchat
	$(BIN)/python -m mypy.stubtest lpchat --mypy-config-file pyproject.toml --allowlist tests/python/stubtest-allowlist.txt
	$(BIN)/ruff check bindings/python tests examples scripts
test-spark: sandbox python $(STAMPS)/spark ## the data source of Spark, and Spark beside Polars and DuckDB; needs a JDK
	$(BIN)/python -m pytest -q tests/spark
	$(BIN)/python examples/export/three_engines.py $(DEMO)/export
test-node: sandbox node ## the Node package and its types
	npx tsc --project tests/node/types
	node --test --test-reporter=spec tests/node/*.test.mjs | tail -n 40
test-jvm: sandbox uniffi $(STAMPS)/jvm ## Kotlin and Java
	$(JVM) -Pcompiled test
test-ruby: setup-system sandbox uniffi ## Ruby
	ruby tests/ruby/test.rb
test-c: setup-system sandbox c ## C and C++, with sanitizers and valgrind
	tests/c/run.sh $(C_PREFIX)
conformance-runners: sandbox python node c uniffi $(STAMPS)/jvm ## build the runners of every language
	cargo build --quiet -p lpchat-conformance
	install -D $(DEBUG)/rust-runner target/conformance/rust-runner
	tests/conformance/runners/build-c.sh $(C_PREFIX) target/conformance
test-conformance: conformance-runners ## the same cases in every language, and the matrix
	$(BIN)/python tests/conformance/run.py rust python-sync python-async node c cpp kotlin
test-docs: sandbox python node c uniffi $(STAMPS)/jvm ## the quickstarts of the README
	cargo build --quiet -p lpchat-quickstart
	@mkdir -p target/quickstart
	cc -std=c99 -Wall -Wextra -Werror examples/quickstart/quickstart.c -o target/quickstart/quickstart-c $(C_FLAGS)
	c++ -std=c++17 -Wall -Wextra -Werror examples/quickstart/quickstart.cpp -o target/quickstart/quickstart-cpp $(C_FLAGS)
	$(BIN)/python tests/docs/run.py "python=$(BIN)/python examples/quickstart/quickstart.py" \
		"rust=$(DEBUG)/quickstart {}" "js=node examples/quickstart/quickstart.mjs" \
		"c=target/quickstart/quickstart-c {}" "cpp=target/quickstart/quickstart-cpp {}" \
		"kotlin=java -Djna.library.path=$(DEBUG) -cp target/jvm/example/classes:$$(cat target/jvm/tests/classpath) QuickstartKt"
# The same packages as `make wheel` and `make pack` make, only of unoptimised libraries.
test-packaging: sandbox cli python node ## install the wheel and the tarball elsewhere, and use them
	rm -rf target/packaging
	$(call build-wheel,debug,target/packaging,--profile dev --compression-level 1)
	$(call build-tarball,target/packaging,)
	$(BIN)/python tests/packaging/run.py wheel=$$(echo target/packaging/*.whl) tarball=$$(echo target/packaging/*.tgz)
test-generator: ## prove that a new operation appears in every language
	python3 tests/generator/run.py

# The tests themselves say what these variables are; without them they run a sample of the same. On two free cores: chats 15
# minutes, those killed 12, soak 10, history 30, exports 45, the others 2 each.
LONG = LPCHAT_SANDBOX=$(CURDIR)/target/long/lpchat-sandbox cargo test --quiet --profile long $(RUST_SET)
.PHONY: test-long
test-long: setup-system sandbox python node ## what takes longer, two hours and more: many seeds, soak, fuzz
	cargo build --quiet --profile long -p lpchat-sandbox
	LPCHAT_SEEDS=1000 $(LONG) --test mutations
	LPCHAT_SEEDS=20000 $(LONG) --test chat_model
	LPCHAT_SEEDS=40 $(LONG) --test live -- a_hundred_chats
	LPCHAT_SOAK_SECONDS=600 $(LONG) --test chat_soak -- --nocapture
	LPCHAT_HISTORY_SEEDS=20000 $(LONG) --test history_model
	LPCHAT_EXPORT_SEEDS=20000 LPCHAT_CRASH_STEP=1 $(LONG) --test export
	LPCHAT_KILLS=200 $(LONG) --test cli export
	LPCHAT_SEEDS=60 LPCHAT_CYCLES=10000 LPCHAT_SOAK_SECONDS=300 \
		$(BIN)/python -m pytest -q tests/python/test_consistency.py tests/python/test_endurance.py
	LPCHAT_CYCLES=10000 node --test --test-reporter=spec tests/node/endurance.test.mjs

.PHONY: bench bench-prepare bench-long
bench-prepare: wheel pack
	scripts/setup-system.sh bench || echo "bench: without libcurl"
	cargo build --release -p lpchat-c
	cargo build --release -p lpchat-bench-chat
	benches/prepare.sh $(BIN)/python target/release
bench: bench-prepare ## side by side with what users would take instead; the tables go to benches/results.md
	$(BIN)/python benches/run.py --results benches/results.md
bench-long: bench-prepare ## the same, and how memory grows up to a million records, with a picture of it
	$(BIN)/python benches/run.py --long --results benches/results.md --plot benches/memory.svg

.PHONY: lint
lint: ## format and lints
	cargo fmt --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings

.PHONY: recording
recording: sandbox cli $(STAMPS)/venv ## the picture of a chat at two terminals that the README shows
	$(BIN)/python scripts/record-chat.py $(DEBUG) docs/chat.svg

# --- demo -------------------------------------------------------------------------------------------------------------

.PHONY: demo demo-notebook demo-node demo-c demo-tour
demo: demo-notebook demo-node demo-c demo-tour ## the programs of three users against the emulator

# $(call run-notebook,name): executed, with its pictures beside it.
define run-notebook
	@mkdir -p $(DEMO)
	LPCHAT_DEMO_OUTPUT=$(DEMO) $(BIN)/jupyter nbconvert --log-level=ERROR --to html --execute examples/notebook/$(1).ipynb --output-dir $(DEMO) 2> >(grep -v "Kernel is running over TCP" >&2)
	@ls -l $(DEMO)/$(1).html $(DEMO)/*.png
endef

demo-notebook: sandbox python ## the first part: a month of history in a notebook
	@echo; echo "== 1. A notebook: one month of engagement history"
	$(call run-notebook,one-month)

demo-node: sandbox node ## the second part: a Node backend under fifty visitors
	@echo; echo "== 2. A Node backend: 50 visitors at once"
	node examples/node-backend/drive.mjs

demo-c: setup-system sandbox c ## the third part: the C program and its C++ twin
	@echo; echo "== 3. A legacy C program and its C++17 twin: an agent takes a chat, then a transcript is read from history"
	examples/c-legacy/demo.sh $(C_PREFIX) $(DEMO)/c

demo-tour: sandbox python ## the last part: half a year in a notebook, from a report to a transcript
	@echo; echo "== 4. A notebook: half a year, and what a manager asks of it"
	$(call run-notebook,six-months)
