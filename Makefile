# Two commands for a newcomer, on Debian 12 with Swift:
#   make demo    the chat page in the browser, the daemon polling it
#   make test    everything that is checked
# Both install what is missing (Debian packages, and a Python environment under .cache for the
# servers and clients of the tests) and say what and why. The second time takes seconds.

SHELL := /bin/bash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
FLAGS := --explicit-target-dependency-import-check error
SWIFT_BUILD := swift build $(FLAGS)
VENV := .cache/venv
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)

# What the binary is built with.
APT_BUILD := libcurl4-openssl-dev libsqlite3-dev pkg-config
# What the tests run: TLS certificates, a browser, Chinese glyphs, systemd's checkers, Python; disks
# of their own (mount, e2fsprogs), faults of system calls (strace), limits (util-linux).
APT_TEST := openssl chromium fonts-noto-cjk fonts-noto-color-emoji systemd python3 python3-venv \
  ca-certificates mount e2fsprogs strace util-linux

# Years of faults in the daemon's life, see CONTRIBUTING.md. FAULTS, DAYS, STEPS and TELL run one
# world alone.
YEARS ?= 100
SEED ?= 1

.PHONY: help demo test crash simulate build setup setup-build setup-test lint house release install check-unit powercut fuzz bench sanitize clean

help:
	@sed -n '2,6p' Makefile | sed 's/^# \{0,1\}//'

demo: setup-build
	@echo "Building crewbell (the first time some minutes, then seconds) …"
	@$(SWIFT_BUILD) --product crewbell
	@"$$(swift build --show-bin-path)/crewbell" demo $(DEMO)

build: setup-build
	$(SWIFT_BUILD)

# Installs only what is missing, and says why.
define install_missing
	@missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  echo "Installing for $(2):" $$missing; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

setup: setup-build setup-test

setup-build:
	@command -v swift >/dev/null || { echo "Swift 6.3 is missing: https://www.swift.org/install/linux/"; exit 1; }
	$(call install_missing,$(APT_BUILD),the build (libcurl, SQLite))

setup-test: setup-build $(VENV)/.done
	$(call install_missing,$(APT_TEST),the tests (certificates, browser, unit checks))

# Real servers and independent clients for the tests, at pinned versions, in a folder of ours.
$(VENV)/.done: Tests/requirements.txt
	$(call install_missing,python3 python3-venv,the tests' Python environment)
	@echo "Installing for the tests: a Matrix server and clients from PyPI into $(VENV) …"
	@mkdir -p .cache && python3 -m venv $(VENV)
	@$(VENV)/bin/pip install -q --disable-pip-version-check -r Tests/requirements.txt
	@touch $@

# The binary that is installed: release, with Swift's own libraries inside. Whatever else is built
# for release is built the same way: with other flags each would build everything anew.
BINARY ?= .build/release/crewbell
STATIC := -c release --static-swift-stdlib

release: setup-build
	$(SWIFT_BUILD) $(STATIC) --product crewbell

# Below DESTDIR, which is empty for this machine. A config that is there is kept; `sudo make
# install` does not build, so that no file of the build belongs to root.
install:
	@test -x $(BINARY) || { echo "$(BINARY) is missing: run \`make release\` first"; exit 1; }
	install -D -m 0755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/crewbell
	install -d -m 0755 $(DESTDIR)/etc/systemd/system
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|' systemd/crewbell.service \
	  > $(DESTDIR)/etc/systemd/system/crewbell.service
	chmod 0644 $(DESTDIR)/etc/systemd/system/crewbell.service
	install -D -m 0644 systemd/crewbell.sysusers $(DESTDIR)/etc/sysusers.d/crewbell.conf
	install -D -m 0644 systemd/crewbell.tmpfiles $(DESTDIR)/etc/tmpfiles.d/crewbell.conf
	install -d -m 0755 $(DESTDIR)/etc/crewbell $(DESTDIR)/etc/crewbell/languages
	install -d -m 0700 $(DESTDIR)/etc/crewbell/secrets
	test -e $(DESTDIR)/etc/crewbell/crewbell.yaml || \
	  install -m 0640 config/crewbell.yaml $(DESTDIR)/etc/crewbell/crewbell.yaml
ifeq ($(DESTDIR),)
	systemd-sysusers crewbell.conf
	systemd-tmpfiles --create crewbell.conf
	if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
	@echo "Next: an account in /etc/crewbell/crewbell.yaml, its token in /etc/crewbell/secrets/,"
	@echo "then: systemctl enable --now crewbell"
endif

# Walls, style, made pages, languages, links and the unit. UPDATE=1 writes the pages.
house:
	swift test $(FLAGS) --filter HouseTests

# The unit as systemd sees it: its exposure (at most 1.5 of 10), and no word about any line.
check-unit:
	@set -o pipefail; systemd-analyze security --offline=true --threshold=15 --no-pager systemd/crewbell.service | tail -n 2
	@dir=$$(mktemp -d); trap 'rm -rf $$dir' EXIT; \
	sed 's|/usr/local/bin/crewbell|/bin/true|' systemd/crewbell.service > $$dir/crewbell.service; \
	said=$$(systemd-analyze verify --man=no $$dir/crewbell.service 2>&1); \
	if [ -n "$$said" ]; then echo "$$said"; exit 1; fi; echo "systemd has nothing to say about the unit"

lint:
	swift format lint --strict --parallel --recursive Sources Tests Fuzz/Sources Fuzz/Package.swift \
	  Benchmarks/Sources Benchmarks/Package.swift Package.swift

# All at once, a thousand tests stand in one line for as many threads as there are cores, and a test
# that waits for an answer waits for minutes until the line has passed.
test: setup
	@echo "Building with tests (the first time some minutes) …"
	@$(SWIFT_BUILD) --build-tests
	@$(MAKE) --no-print-directory lint
	@swift test --skip-build $(FLAGS) --experimental-maximum-parallelization-width 40 $(TEST)
	@$(MAKE) --no-print-directory simulate

simulate: setup-build
	@echo "Building the simulator in release (the first time some minutes) …"
	@$(SWIFT_BUILD) $(STATIC) --product simulator
	@YEARS=$(YEARS) PLATFORM=$(PLATFORM) WEEKS=$(WEEKS) SEED=$(SEED) DAYS=$(DAYS) STEPS=$(STEPS) \
	  FAULTS=$(FAULTS) TELL=$(TELL) \
	  "$$(swift build -c release --show-bin-path)/simulator"

# The power goes CYCLES times amid the work of the daemon, and of the ledger alone. Needs root.
powercut: CYCLES ?= 200
powercut: setup
	$(SWIFT_BUILD) --build-tests
	POWERCUT_CYCLES=$(CYCLES) swift test --skip-build $(FLAGS) --filter PowerCutTests

# Fuzzing with libFuzzer: a minute for each target, or as told: `make fuzz SECONDS=600 FUZZ=dates`.
# Without FUZZ it is every target that there is, each platform among them. The words that it tries
# first are those that stand in the sources of the readers.
# What it learns stays in .cache/fuzz; what is worth keeping is copied into Fuzz/Corpus by hand.
SECONDS ?= 60
FUZZER := Fuzz/.build/release/fuzz

fuzz: setup-build
	@echo "Building the fuzzer (the first time some minutes) …"
	@cd Fuzz && swift build -c release -Xswiftc -sanitize=fuzzer
	@mkdir -p .cache/fuzz && grep -ohrE '"[A-Za-z_.-]{2,40}"' Sources/Platforms Sources/Daemon/Config*.swift \
	  | sort -u > .cache/fuzz/words
	@for target in $(if $(FUZZ),$(FUZZ),$$($(FUZZER) targets)); do \
	  mkdir -p .cache/fuzz/$$target .cache/fuzz/found; \
	  FUZZ=$$target $(FUZZER) seeds .cache/fuzz/$$target || exit 1; \
	  echo "Fuzzing $$target for $(SECONDS) s …"; \
	  SWIFT_BACKTRACE=enable=no FUZZ=$$target $(FUZZER) -max_total_time=$(SECONDS) -timeout=5 -rss_limit_mb=1024 \
	    -max_len=8192 -dict=.cache/fuzz/words -artifact_prefix=.cache/fuzz/found/$$target- \
	    .cache/fuzz/$$target Fuzz/Corpus/$$target > .cache/fuzz/$$target.log 2>&1 || { \
	      tail -n 40 .cache/fuzz/$$target.log; \
	      echo "To repeat it: SWIFT_BACKTRACE=enable=no FUZZ=$$target $(FUZZER) $$(ls -t .cache/fuzz/found/$$target-* | head -n 1)"; \
	      exit 1; }; \
	  grep "^fuzz $$target:" .cache/fuzz/$$target.log || tail -n 3 .cache/fuzz/$$target.log; \
	done

# The installed binary, killed CYCLES times in all: half of them on the sandbox, half on a real
# homeserver, and at every named point. The figures are the lines that begin with "crash:".
crash: CYCLES ?= 1000
crash: setup release
	@$(SWIFT_BUILD) --build-tests
	@CYCLES=$(CYCLES) CREWBELL_BINARY=$(abspath $(BINARY)) swift test --skip-build $(FLAGS) \
	  --filter 'CrashTests|CrashPointTests|MatrixProgramTests'

# Every figure of docs/performance.md, each a ratio made in one run: `make bench BENCH=due` for some.
# The daemon and the simulator are built beside the benchmarks, so that all is compiled once.
BENCHES := Benchmarks/.build/release

bench: setup
	@echo "Building for release (the first time some minutes) …"
	@# A plan made before does not see what files were added to a package beside this one.
	@rm -f Benchmarks/.build/release.yaml
	@for product in crewbell bench simulator; do \
	  swift build $(STATIC) --package-path Benchmarks --product $$product || exit 1; \
	done
	@$(VENV)/bin/python Benchmarks/run.py --binary $(abspath $(BENCHES)/crewbell) \
	  --bench $(abspath $(BENCHES)/bench) --simulator $(abspath $(BENCHES)/simulator) $(BENCH)

# Data races and bad memory: the unit, contract and simulation tests under each sanitizer, built in
# folders of their own, each target in a process of its own: `make sanitize SANITIZE=thread
# SANITIZED=CurlTests` for some. Tests/sanitizers/mutex.c says what the thread sanitizer has to be
# told. A target that has no tests, for its name is wrong, is no clean one.
SANITIZED ?= CrewTests PlatformsTests LedgerTests CurlTests DaemonTests SimulationTests
SANITIZE ?= thread address

.build-thread/mutex.so: Tests/sanitizers/mutex.c
	@mkdir -p $(@D)
	clang -shared -fPIC -O1 -Wall -Wextra -Werror -o $@ $< -ldl

# The leak checker is off: the process ends amid work by design, and Swift's runtime keeps what it
# has made for types. GiveBackTests counts pages of the program, which a sanitizer maps for itself.
sanitize: setup .build-thread/mutex.so
	@set -o pipefail; for kind in $(SANITIZE); do \
	  unset LD_PRELOAD; \
	  echo "Building for the $$kind sanitizer (the first time some minutes) …"; \
	  swift build $(FLAGS) --sanitize $$kind --scratch-path .build-$$kind --build-tests || exit 1; \
	  if [ $$kind = thread ]; then export LD_PRELOAD=$(CURDIR)/.build-thread/mutex.so; fi; \
	  for tests in $(SANITIZED); do \
	    echo "$$tests under the $$kind sanitizer …"; \
	    SANITIZER=$$kind TSAN_OPTIONS=halt_on_error=1 ASAN_OPTIONS=detect_leaks=0 \
	    SWIFT_BACKTRACE=enable=no swift test $(FLAGS) --sanitize $$kind --scratch-path .build-$$kind \
	      --skip-build --filter "^$$tests\." --skip GiveBackTests 2>&1 \
	      | tee .build-$$kind/$$tests.log || exit 1; \
	    if grep -q 'Test run with 0 tests' .build-$$kind/$$tests.log; then \
	      echo "There are no tests in $$tests."; exit 1; fi; \
	  done; \
	done

clean:
	rm -rf .build .build-thread .build-address .cache Fuzz/.build Benchmarks/.build
