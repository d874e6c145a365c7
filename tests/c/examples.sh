# The example programs and the README's, built as a user would and run against a sandbox.

with_sandbox=$root/examples/with-sandbox.sh

# What a program must have said.
says() { # LOG TEXT…
    local log=$1 text
    shift
    for text in "$@"; do grep -qF -- "$text" "$log" || { echo "\"$text\" is missing in:"; cat "$log"; return 1; }; done
}

run_example() { # NAME PROGRAM
    "$with_sandbox" "$2" {} > "$work/out" 2>&1
    count "$1 runs" $? "$work/out"
    try "$1 says what it should" says "$work/out" "is logged in" "resources  self" "My order is 4711." "visitor: Where is my parcel?" \
        "agent: It is on its way." "state chatting" "is ended" "transcript 12345678" "visitor  " "engagements in the last 30 days"
}

check_memory() { # PROGRAM
    command -v valgrind > /dev/null || { echo "valgrind is not installed; see make setup-system"; return 1; }
    "$with_sandbox" valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect \
        --error-exitcode=99 "$1" {}
}

# A test program, which starts its own sandbox.
check_test_memory() { # PROGRAM
    command -v valgrind > /dev/null || { echo "valgrind is not installed; see make setup-system"; return 1; }
    valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect --error-exitcode=99 "$1"
}

# The check finds a page that is read and never freed.
finds_a_leak() {
    sed 's/^\( *\)lpchat_search_page_free(page);/\1(void)page;/' "$root/examples/c-legacy/legacy.c" > "$work/leaking.c"
    ! cmp -s "$work/leaking.c" "$root/examples/c-legacy/legacy.c" &&
        gcc -std=c99 -D_POSIX_C_SOURCE=200809L -g "$work/leaking.c" $flags $libs -o "$work/leaking" &&
        ! check_memory "$work/leaking" > "$work/leaks" 2>&1 && says "$work/leaks" "definitely lost"
}

for pair in "c-legacy legacy" "cpp modern"; do
    set -- $pair
    try "examples/$1 with make and pkg-config" make -s -C "$root/examples/$1" OUTPUT="$work/$2"
    run_example "examples/$1" "$work/$2"
    try "examples/$1 with CMake" bash -c "cmake -S '$root/examples/$1' -B '$work/$1-cmake' -DCMAKE_PREFIX_PATH='$prefix' && cmake --build '$work/$1-cmake'"
    run_example "examples/$1 with CMake" "$work/$1-cmake/$2"
    try "examples/$1 in valgrind: no leak, no invalid access" check_memory "$work/$2"
done
try "valgrind finds a leak" finds_a_leak
try "build test_tables.c" build_c "$work/test_tables" "$here/test_tables.c"
try "Arrow streams in valgrind: no leak, no invalid access" check_test_memory "$work/test_tables"
try "examples/c-legacy, static" gcc -std=c99 -D_POSIX_C_SOURCE=200809L -O2 $warnings "$root/examples/c-legacy/legacy.c" $flags \
    "$library/liblpchat.a" $(pkg-config --static --libs-only-l lpchat | sed 's/-llpchat//') -o "$work/static-legacy"
LD_LIBRARY_PATH= run_example "examples/c-legacy, static" "$work/static-legacy"

# Every program on the README's page.
awk -v folder="$work" '/^```c/{name = $1 == "```c" ? ++programs ".c" : ++programs ".cpp"; next} /^```/{name = ""} name != ""{print > folder "/readme-" name}' \
    "$root/bindings/c/README.md"
for program in "$work"/readme-*.c "$work"/readme-*.cpp; do
    name="README's $(basename "$program")"
    case $program in
    *.c) try "$name" gcc -std=c99 $warnings "$program" $flags $libs -o "$work/snippet" ;;
    *) try "$name" g++ -std=c++17 $warnings "$program" $flags $libs -o "$work/snippet" ;;
    esac
    try "$name runs" "$with_sandbox" "$work/snippet" {}
done
