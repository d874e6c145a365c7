#!/bin/bash
# Tests lpchat for C and C++ as it is installed:
#
#     tests/c/run.sh PREFIX [PART…]
#
# PREFIX is where bindings/c/install.sh installed to; LPCHAT_SANDBOX names the lpchat-sandbox executable. Parts: library
# headers tests sanitizers examples; all when none is named. Prints `ok` or `FAILED` for each test and ends with `N passed,
# M failed`. The conformance cases are run by tests/conformance/run.py.
set -u

[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
prefix=$(cd "$1" && pwd) || exit 2
shift
parts=${*:-library headers tests sanitizers examples}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LPCHAT_SANDBOX=${LPCHAT_SANDBOX:-$root/target/debug/lpchat-sandbox}
[ -x "$LPCHAT_SANDBOX" ] || { echo "run.sh: $LPCHAT_SANDBOX is no program; LPCHAT_SANDBOX names the sandbox" >&2; exit 2; }

library=$(dirname "$(find "$prefix" -name liblpchat.so.0 | head -n 1)")
export PKG_CONFIG_PATH=$library/pkgconfig LD_LIBRARY_PATH=$library
flags=$(pkg-config --cflags lpchat) libs=$(pkg-config --libs lpchat)
# Where these name bundles of certificates, each client would read them; the tests talk to loopback only.
unset SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS
warnings="-Wall -Wextra -Wpedantic -Werror"
passed=0 failed=0

count() { # NAME STATUS [LOG]
    if [ "$2" = 0 ]; then passed=$((passed + 1)) && echo "ok $1"; else
        failed=$((failed + 1)) && echo "FAILED $1" && [ -z "${3:-}" ] || tail -n 40 "$3" 2>/dev/null | sed 's/^/  /'
    fi
}

try() { # NAME COMMAND…
    local name=$1
    shift
    "$@" > "$work/log" 2>&1
    count "$name" $? "$work/log"
}

# Runs a test program, whose lines say what passed.
run_tests() { # NAME COMMAND…
    local name=$1 status
    shift
    # What they write to names of no folder stays among the temporary files.
    (cd "$work" && timeout 600 "$@") > "$work/log" 2>&1
    status=$?
    passed=$((passed + $(grep -c '^ok ' "$work/log")))
    failed=$((failed + $(grep -c '^FAILED ' "$work/log")))
    sed "s/^\(ok\|FAILED\) /\1 $name: /" "$work/log"
    # A crash leaves no line of its own.
    if [ "$status" != 0 ] && ! grep -q '^FAILED ' "$work/log"; then count "$name: ends with status $status" 1; fi
}

. "$here/parts.sh"
for part in $parts; do
    "part_$part" || { echo "run.sh: there is no part $part" >&2; exit 2; }
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
