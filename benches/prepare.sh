#!/usr/bin/env bash
# Puts what is measured into target/bench: the wheel of dist/, the tarball of dist/, the C library, the C contestants.
#
#     benches/prepare.sh PYTHON FROM
#
# PYTHON  the interpreter that runs the Python contestants; the peers are installed for it
# FROM    the folder that cargo built the C library and the sandbox into, such as target/release
set -eu
cd "$(dirname "$0")/.."
python=$1 from=$2
bench=$PWD/target/bench
rm -rf "$bench"
mkdir -p "$bench/node" "$bench/bin"

"$python" -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
"$python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --target "$bench/python" dist/*.whl
npm install --loglevel=error --ignore-scripts --no-audit --no-fund --prefix "$bench/node" "$PWD"/dist/*.tgz
cp benches/contestants/*.mjs "$bench/node"
cp "$from/lpchat-sandbox" "$bench/bin"

bindings/c/install.sh "" "$bench/prefix" "$from" >/dev/null
flags=$(PKG_CONFIG_PATH=$bench/prefix/lib/pkgconfig pkg-config --cflags --libs lpchat)
for name in call_lpchat idle_lpchat; do
  # shellcheck disable=SC2086 # the flags are words
  cc -O2 "benches/contestants/$name.c" -o "$bench/bin/$name" $flags "-Wl,-rpath,$bench/prefix/lib"
done
if pkg-config --exists libcurl; then
  # shellcheck disable=SC2046
  cc -O2 benches/contestants/call_libcurl.c -o "$bench/bin/call_libcurl" $(pkg-config --cflags --libs libcurl)
fi
