#!/usr/bin/env bash
# Installs the Debian packages that the tests need, where it may; else says which command to run. With the argument `bench`
# also what the benchmarks' peers need.
set -eu
packages=(cmake pkg-config valgrind ruby ruby-ffi python3-venv)
[ "${1:-}" = bench ] && packages+=(libcurl4-openssl-dev)
lacking=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || lacking+=("$package")
done
# A tool that is there without its package will do.
present() { case $1 in cmake | pkg-config | valgrind | ruby) command -v "$1" >/dev/null ;; libcurl4-openssl-dev) pkg-config --exists libcurl ;; ruby-ffi) ruby -rffi -e '' 2>/dev/null ;; python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;; esac; }
needed=()
for package in "${lacking[@]}"; do present "$package" || needed+=("$package"); done
[ "${#needed[@]}" = 0 ] && exit 0
command="apt-get install -y --no-install-recommends ${needed[*]}"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "setup-system: $command"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive $command >/dev/null
else
  echo "These packages are missing: ${needed[*]}. Install them with: sudo $command" >&2
  exit 1
fi
