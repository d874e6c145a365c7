#!/bin/bash
# Builds the C program and its C++17 twin as their users would, and runs each against a sandbox:
#
#     examples/c-legacy/demo.sh PREFIX FOLDER
#
# PREFIX is where lpchat was installed to; FOLDER receives the programs.
set -eu

[ $# = 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
examples=$(cd "$(dirname "$0")/.." && pwd)
prefix=$1 folder=$2
mkdir -p "$folder"
library=$(dirname "$(find "$prefix" -name liblpchat.so.0 | head -n 1)")
# An installation in one of the system's own places needs neither.
export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library

for pair in c-legacy/legacy cpp/modern; do
    example=${pair%/*} program=${pair#*/}
    echo "-- examples/$pair: with the compiler and pkg-config, and with CMake's find_package(lpchat)"
    make -s --no-print-directory -B -C "$examples/$example" OUTPUT="$folder/$program"
    cmake -S "$examples/$example" -B "$folder/$program-cmake" -DCMAKE_PREFIX_PATH="$prefix" > "$folder/$program-cmake.log" &&
        cmake --build "$folder/$program-cmake" >> "$folder/$program-cmake.log" || { cat "$folder/$program-cmake.log"; exit 1; }
    "$examples/with-sandbox.sh" "$folder/$program" {}
    "$examples/with-sandbox.sh" "$folder/$program-cmake/$program" {} > "$folder/$program-cmake.txt"
    echo "   (built by CMake it says as much: $(wc -l < "$folder/$program-cmake.txt") lines)"
done
