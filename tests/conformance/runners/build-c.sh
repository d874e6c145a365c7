#!/bin/sh
# Builds the conformance runners of C and C++ against an installed prefix:
#
#     tests/conformance/runners/build-c.sh PREFIX FOLDER
#
# FOLDER receives c-runner and cpp-runner, which find the library where PREFIX is.
set -eu

prefix=$1 folder=$2
here=$(cd "$(dirname "$0")" && pwd)
library=$(dirname "$(find "$prefix" -name lpchat.pc | head -n 1)")
flags=$(PKG_CONFIG_PATH=$library pkg-config --cflags --libs lpchat)
rpath=-Wl,-rpath,$(cd "$library/.." && pwd)
warnings="-Wall -Wextra -Wpedantic -Werror"

mkdir -p "$folder"
${CC:-cc} -std=c99 -O1 $warnings "$here"/c/*.c -o "$folder/c-runner" $flags "$rpath" -lm
${CXX:-c++} -std=c++17 -O1 $warnings "$here/cpp/runner.cpp" -o "$folder/cpp-runner" $flags "$rpath"
