#!/bin/sh
# Installs lpchat for C and C++:
#
#     bindings/c/install.sh DESTDIR PREFIX FROM [LIBDIR]
#
# DESTDIR  where the tree is staged; "" installs in place
# PREFIX   where it will live, such as /usr/local
# FROM     the folder that cargo built into: target/release after `cargo build --release -p lpchat-c`
# LIBDIR   the libraries' folder below PREFIX; lib when absent, lib/x86_64-linux-gnu on Debian
set -eu

[ $# -ge 3 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
destdir=$1 prefix=$2 from=$3 libdir=${4:-lib}
here=$(cd "$(dirname "$0")" && pwd)
case $prefix in /*) ;; *) echo "install.sh: PREFIX is $prefix: it must begin with /" >&2; exit 2 ;; esac

version=$(sed -n 's/^#define LPCHAT_VERSION "\(.*\)"$/\1/p' "$here/include/lpchat.h")
lib=$destdir$prefix/$libdir
include=$destdir$prefix/include
cmake=$lib/cmake/lpchat
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# How far the folders of the packages' files lie below the prefix: both find it from where they are, so that the tree can
# be moved.
up() { printf '%s' "$1" | sed 's,[^/][^/]*,..,g'; }
fill() {
    sed -e "s,@VERSION@,$version,g" -e "s,@LIBDIR@,$libdir,g" -e "s,@UP_FROM_PC@,$(up "$libdir/pkgconfig"),g" \
        -e "s,@UP_FROM_CMAKE@,$(up "$libdir/cmake/lpchat"),g" "$here/$1"
}

mkdir -p "$include" "$lib/pkgconfig" "$cmake"

# The shared library under its own name, and the name that -llpchat looks for.
install -m 755 "$from/liblpchat_c.so" "$lib/liblpchat.so.$version"
ln -sf "liblpchat.so.$version" "$lib/liblpchat.so.0"
ln -sf liblpchat.so.0 "$lib/liblpchat.so"

# The static library as one object in which only lpchat_ is visible: two Rust libraries in one program would otherwise
# meet each other's symbols. The bitcode that Rust's standard library carries is of no use in it.
ld -r --whole-archive "$from/liblpchat_c.a" -o "$scratch/all.o"
objcopy --wildcard --keep-global-symbol='lpchat_*' --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd \
    "$scratch/all.o" "$scratch/lpchat.o"
rm -f "$lib/liblpchat.a"
ar rcsD "$lib/liblpchat.a" "$scratch/lpchat.o"
chmod 644 "$lib/liblpchat.a"

install -m 644 "$here/include/lpchat.h" "$here/include/lpchat.hpp" "$include/"
fill lpchat.pc.in > "$lib/pkgconfig/lpchat.pc"
fill lpchatConfig.cmake.in > "$cmake/lpchatConfig.cmake"
fill lpchatConfigVersion.cmake.in > "$cmake/lpchatConfigVersion.cmake"
echo "lpchat $version is installed in $destdir$prefix"
