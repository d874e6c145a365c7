#!/usr/bin/env bash
# Says what this machine lacks for building and testing lpchat. Ends with 1 where something is missing.
set -u
missing=0

# need NAME "how to get it" "command that prints a version" lowest-version
need() {
  local name=$1 cure=$2 command=$3 lowest=${4:-0}
  local version
  if ! version=$(bash -c "$command" 2>/dev/null | grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1) || [ -z "$version" ]; then
    printf '  %-14s missing: %s\n' "$name" "$cure"
    missing=1
  elif [ "$(printf '%s\n%s\n' "$lowest" "$version" | sort -V | head -n 1)" != "$lowest" ]; then
    printf '  %-14s %s is too old, %s or newer is needed: %s\n' "$name" "$version" "$lowest" "$cure"
    missing=1
  else
    printf '  %-14s %s\n' "$name" "$version"
  fi
}

echo "Toolchains:"
need rust "install Rust by rustup" "rustc --version" 1.89
need rustfmt "rustup component add rustfmt" "cargo fmt --version" 1.0
need clippy "rustup component add clippy" "cargo clippy --version" 0.1
need python "install Python 3.10 or newer with venv" "python3 --version" 3.10
need venv "Debian: python3-venv" "python3 -c 'import ensurepip; print(ensurepip.version())'"
need node "install Node.js 20 or newer" "node --version" 20.0
need npm "comes with Node.js" "npm --version" 9.0
need cc "Debian: build-essential" "cc --version" 8.0
need c++ "Debian: build-essential" "c++ --version" 8.0
need make "Debian: build-essential" "make --version" 4.0
need binutils "Debian: binutils" "objcopy --version" 2.30
need git "Debian: git" "git --version" 2.20
need script "Debian: bsdutils" "script --version"
# A first release calls itself `javac 21`, without a dot.
need java "install a JDK, 17 or newer" "javac -version 2>&1 | sed 's/$/.0/'" 17.0
need maven "Debian: maven" "mvn --version" 3.6
echo "Debian packages that the tests use (make setup-system):"
need cmake "make setup-system" "cmake --version" 3.16
need pkg-config "make setup-system" "pkg-config --version"
need valgrind "make setup-system" "valgrind --version"
need ruby "make setup-system" "ruby --version" 3.0
need ruby-ffi "make setup-system" "ruby -rffi -e 'puts FFI::VERSION'"
echo "For the benchmarks only (scripts/setup-system.sh bench):"
pkg-config --exists libcurl 2>/dev/null && need libcurl "" "pkg-config --modversion libcurl" || echo "  libcurl        not there: make bench leaves it out"
[ "$missing" = 0 ] && echo "Nothing is missing."
exit "$missing"
