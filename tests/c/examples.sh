# The example programs and the README's, built as a user would and run against a sandbox.

mkfifo "$work/stdin"
"$LPCHAT_SANDBOX" --seed 7 < "$work/stdin" > "$work/configuration" &
sandbox=$!
exec 9> "$work/stdin"
for _ in $(seq 100); do [ -s "$work/configuration" ] && break || sleep 0.1; done
configuration=$(head -n 1 "$work/configuration")

# What a program must have said.
says() { # LOG TEXT…
    local log=$1 text
    shift
    for text in "$@"; do grep -qF -- "$text" "$log" || { echo "\"$text\" is missing in:"; cat "$log"; return 1; }; done
}

run_example() { # NAME PROGRAM
    "$2" "$configuration" > "$work/out" 2>&1
    count "$1 runs" $? "$work/out"
    try "$1 says what it should" says "$work/out" "is logged in" "resources  self" "My order is 4711." "visitor: Where is my parcel?" \
        "agent: It is on its way." "state chatting" "is ended" "transcript 12345678" "engagements in the last 30 days"
}

check_memory() { # NAME PROGRAM
    command -v valgrind > /dev/null || { echo "valgrind is not installed; see make setup-system"; return 1; }
    valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect \
        --error-exitcode=99 "$1" "$configuration"
}

for pair in "c-legacy legacy" "cpp modern"; do
    set -- $pair
    cp -r "$root/examples/$1" "$work/$1-make"
    try "examples/$1 with make and pkg-config" make -s -C "$work/$1-make" clean "$2"
    run_example "examples/$1" "$work/$1-make/$2"
    try "examples/$1 with CMake" bash -c "cmake -S '$root/examples/$1' -B '$work/$1-cmake' -DCMAKE_PREFIX_PATH='$prefix' && cmake --build '$work/$1-cmake'"
    run_example "examples/$1 with CMake" "$work/$1-cmake/$2"
    try "examples/$1 in valgrind: no leak, no invalid access" check_memory "$work/$1-make/$2"
done
try "examples/c-legacy, static" gcc -std=c99 -D_POSIX_C_SOURCE=200809L -O2 $warnings "$root/examples/c-legacy/legacy.c" $flags \
    "$library/liblpchat.a" $(pkg-config --static --libs-only-l lpchat | sed 's/-llpchat//') -o "$work/static-legacy"
LD_LIBRARY_PATH= run_example "examples/c-legacy, static" "$work/static-legacy"

# Every program on the README's page, and its length.
awk -v folder="$work" '/^<!-- test: /{name=$3} /^```$/{name="" ; inside=0} inside{print > folder "/" name} /^```c/{inside = name != ""}' "$root/bindings/c/README.md"
for name in quickstart.c quickstart.cpp history.cpp; do
    case $name in
    *.c) try "README's $name" gcc -std=c99 $warnings "$work/$name" $flags $libs -o "$work/snippet" ;;
    *) try "README's $name" g++ -std=c++17 $warnings "$work/$name" $flags $libs -o "$work/snippet" ;;
    esac
    try "README's $name runs" "$work/snippet" "$configuration"
    try "README's $name has at most 12 lines of code" bash -c "[ \$(grep -cvE '^#|^$|^[{}]|^int main' '$work/$name') -le 12 ]"
done

exec 9>&-
wait "$sandbox"
count "the sandbox ends" $?
