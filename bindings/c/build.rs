//! Gives the shared library what cargo gives none: its name, and a stay for life.
//!
//! Nothing has to be said about symbols: rustc hides all but the `lpchat_` functions, and a version script of our own
//! could not take out what rustc's names. `tests/c` looks at what leaves the library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,liblpchat.so.0");
        // The engine's thread runs code of the library as long as the process lives: `dlclose` must not unmap it.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // A package with settings of its own in the profile loses the profile's `strip`.
        if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
            println!("cargo:rustc-cdylib-link-arg=-Wl,--strip-all");
        }
    }
}
