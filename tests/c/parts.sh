# The parts of run.sh.

exported() { nm -D --defined-only "$library/liblpchat.so.0" | awk '{print $3}' | sort; }

part_library() {
    local name
    exported > "$work/exported"
    # What rustc lists for the linker's own use would show here.
    try "only lpchat_ functions leave the shared library" bash -c "! grep -v '^lpchat_' '$work/exported'"
    nm -g --defined-only "$library/liblpchat.a" 2> /dev/null | awk 'NF == 3 {print $3}' | sort > "$work/static"
    try "only lpchat_ functions leave the static library" diff "$work/exported" "$work/static"
    try "the soname is liblpchat.so.0" bash -c "readelf -d '$library/liblpchat.so.0' | grep -q 'soname: \[liblpchat.so.0\]'"
    try "the library stays when it is closed" bash -c "readelf -d '$library/liblpchat.so.0' | grep -q NODELETE"
    # Every declaration, the typedef of the callback aside, is a function of the library, and the other way round.
    grep -oE '\blpchat_[a-z0-9_]+\(' "$prefix/include/lpchat.h" | tr -d '(' | sort -u > "$work/named"
    try "header and library name the same functions" bash -c "comm -13 '$work/named' '$work/exported' | grep . && exit 1; exit 0"
    for name in $(cat "$work/exported"); do
        case $name in
        # They take no pointer.
        *_new | lpchat_version | lpchat_version_number | lpchat_code_name | lpchat_code_family | lpchat_code_retryable | lpchat_family_name) ;;
        *) grep -qw "$name" "$here/generated/nulls.c" "$here/test_nulls.c" || echo "$name" ;;
        esac
    done > "$work/untested"
    try "NULL is handed to every function" bash -c "! grep . '$work/untested'"
    # The conformance runner, which is generated, calls what a case names.
    while read -r name operation; do
        grep -qw "$name" "$here"/test_*.c || grep -qF "\"call\": \"$operation\"" "$root"/tests/conformance/cases/*.json || echo "$name"
    done < "$here/generated/operations.txt" > "$work/untested"
    try "every operation is called by a test or a conformance case" bash -c "! grep . '$work/untested'"
    try "unsafe code is where it is meant to be" unsafe_code
}

# `unsafe` blocks are for a handful of helpers; their number may fall, not rise.
unsafe_code() {
    local found
    found=$(cd "$root/bindings/c/src" && grep -rnE '\bunsafe (\{|impl|fn)' --include=*.rs . | sed 's/:.*//' | sort | uniq -c | awk '{print $2 "=" $1}' | tr '\n' ' ')
    echo "found: $found"
    [ "$found" = "./fork.rs=1 ./input.rs=1 ./log.rs=1 ./record.rs=3 ./text.rs=2 " ]
}

part_headers() {
    local compiler standard
    printf '#include <lpchat.h>\n#include <lpchat.h>\nint main(void) { return lpchat_version() == NULL; }\n' > "$work/alone.c"
    printf '#include <lpchat.hpp>\n#include <lpchat.hpp>\nint other();\nint main() { return other(); }\n' > "$work/alone.cpp"
    printf '#include <lpchat.hpp>\nint other() { return lpchat::version().empty(); }\n' > "$work/other.cpp"
    for compiler in gcc clang; do
        command -v $compiler > /dev/null || continue
        for standard in c99 c11 c17; do
            try "lpchat.h alone, $compiler $standard" $compiler -std=$standard $warnings $flags "$work/alone.c" $libs -o "$work/alone"
        done
        for standard in c++11 c++14 c++17 c++20; do
            try "lpchat.h alone, $compiler $standard" $compiler -x c++ -std=$standard $warnings $flags "$work/alone.c" -x none $libs -o "$work/alone"
        done
    done
    for compiler in g++ clang++; do
        command -v $compiler > /dev/null || continue
        for standard in c++17 c++20; do
            try "lpchat.hpp in two files, $compiler $standard" $compiler -std=$standard $warnings -Wshadow $flags "$work/alone.cpp" "$work/other.cpp" $libs -o "$work/alone"
        done
        try "both run" "$work/alone"
    done
}

# build OUTPUT FLAGS… SOURCE
build_c() { local out=$1 && shift && gcc -std=c99 -D_GNU_SOURCE -O1 -g $warnings $flags -I"$here" "$@" "$here/harness.c" "$here/tiny_server.c" -o "$out" $libs -lpthread; }
build_cpp() {
    local out=$1 && shift
    gcc -std=c99 -D_GNU_SOURCE -O1 -g $warnings $flags -c "$here/harness.c" -o "$out.harness.o" &&
        gcc -std=c99 -D_GNU_SOURCE -O1 -g $warnings $flags -c "$here/tiny_server.c" -o "$out.tiny.o" &&
        g++ -std=c++17 -O1 -g $warnings $flags -I"$here" "$@" "$out.harness.o" "$out.tiny.o" -o "$out" $libs -lpthread
}

part_tests() {
    local source name extra
    for source in "$here"/test_*.c; do
        name=$(basename "$source" .c) extra=
        [ "$name" = test_nulls ] && extra="-Wno-overlength-strings $here/generated/nulls.c"
        try "build $name.c" build_c "$work/$name" "$source" $extra && run_tests "$name" "$work/$name"
    done
    for source in "$root"/tests/cpp/test_*.cpp; do
        name=$(basename "$source" .cpp)
        try "build $name.cpp" build_cpp "$work/$name" "$source" && run_tests "$name.cpp" "$work/$name"
    done
}

# The processes are left out: what exits with calls in flight leaks by design.
part_sanitizers() {
    local source name extra sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
    for source in "$here"/test_{operations,handles,inputs,nulls,calls,errors,tables}.c "$root"/tests/cpp/test_{language,operations,live}.cpp; do
        name=$(basename "$source") extra=
        [ "$name" = test_nulls.c ] && extra="$here/generated/nulls.c"
        case $name in
        *.c) try "build $name with sanitizers" build_c "$work/sanitized" $sanitize "$source" $extra ;;
        *) try "build $name with sanitizers" build_cpp "$work/sanitized" $sanitize "$source" ;;
        esac
        try "the sanitizers are in $name" bash -c "nm '$work/sanitized' | grep -q __asan_init && nm '$work/sanitized' | grep -q __ubsan_handle"
        run_tests "$name, sanitized" "$work/sanitized"
    done
    # Proof that they would speak: a program that reads behind an array.
    printf 'int main(int argc, char **argv) { int a[2] = {0}; (void)argv; return a[argc + 1]; }\n' > "$work/wrong.c"
    gcc $sanitize "$work/wrong.c" -o "$work/wrong"
    try "the sanitizers find a mistake" bash -c "! '$work/wrong'"
}

part_examples() {
    . "$here/examples.sh"
}
