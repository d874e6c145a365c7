#!/bin/sh
# Starts the Kotlin runner, which `mvn -f tests/jvm/reactor.xml test-compile` builds together with the tests.
set -eu
target=$(cd "$(dirname "$0")/../../../../target" && pwd)
exec java -XX:TieredStopAtLevel=1 -Djna.library.path="$target/debug" \
  -cp "$target/jvm/tests/test-classes:$(cat "$target/jvm/tests/classpath")" lpchat.conformance.RunnerKt
