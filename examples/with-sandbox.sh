#!/bin/bash
# Runs a program against a sandbox of its own, which ends with it:
#
#     examples/with-sandbox.sh COMMAND…
#
# `{}` in COMMAND stands for the line of configuration that the sandbox prints. LPCHAT_SANDBOX names the sandbox's
# executable; without it, what `make sandbox` built.
set -u

[ $# -ge 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
program=${LPCHAT_SANDBOX:-$(dirname "$0")/../target/debug/lpchat-sandbox}
[ -x "$program" ] || { echo "with-sandbox.sh: there is no $program: run make sandbox" >&2; exit 2; }

coproc sandbox { exec "$program" --seed 7; }
# They are gone from the variables as soon as the sandbox has ended.
sandbox_process=$sandbox_PID sandbox_input=${sandbox[1]}
read -r line <&"${sandbox[0]}" || exit 2

arguments=()
for argument in "$@"; do
    [ "$argument" = "{}" ] && argument=$line
    arguments+=("$argument")
done
"${arguments[@]}"
status=$?

# The end of its input ends the sandbox.
exec {sandbox_input}>&-
wait "$sandbox_process" || { echo "with-sandbox.sh: the sandbox ended with $?" >&2; exit 1; }
exit "$status"
