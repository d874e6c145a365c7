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

pip() { "$python" -m pip "$@" --quiet --disable-pip-version-check; }
pip install -r requirements-bench.txt
pip install --no-index --no-deps --target "$bench/python" dist/*.whl
npm install --loglevel=error --ignore-scripts --no-audit --no-fund --prefix "$bench/node" "$PWD"/dist/*.tgz undici@7
cp benches/contestants/*.mjs "$bench/node"
cp "$from/lpchat-sandbox" "$from/bench-chat" "$bench/bin"

bindings/c/install.sh "" "$bench/prefix" "$from" >/dev/null
# compile NAME FLAG…: a contestant in C.
compile() { cc -O2 "benches/contestants/$1.c" -o "$bench/bin/$1" "${@:2}"; }
read -ra flags < <(PKG_CONFIG_PATH=$bench/prefix/lib/pkgconfig pkg-config --cflags --libs lpchat)
for name in call_lpchat chat_lpchat decode_lpchat events_lpchat idle_lpchat search_lpchat; do
  compile "$name" "${flags[@]}" "-Wl,-rpath,$bench/prefix/lib"
done
pkg-config --exists libcurl || exit 0
read -ra flags < <(pkg-config --cflags --libs libcurl)
compile call_libcurl "${flags[@]}"
# Debian 12 packages no yyjson; its two files come with the Python package of that name.
pip download --no-deps --no-binary :all: --dest "$bench" yyjson==4.0.6
mkdir "$bench/yyjson"
tar -xzf "$bench"/yyjson-*.tar.gz -C "$bench/yyjson" --strip-components 2 --wildcards '*/yyjson/yyjson.[ch]'
cc -O3 -c "$bench/yyjson/yyjson.c" -o "$bench/yyjson/yyjson.o"
for name in chat_libcurl decode_yyjson search_libcurl; do
  compile "$name" -I"$bench/yyjson" "$bench/yyjson/yyjson.o" "${flags[@]}"
done
