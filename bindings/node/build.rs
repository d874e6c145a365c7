//! Lets the addon leave Node's own symbols to the process that loads it.

fn main() {
    napi_build::setup();
    // A package with settings of its own in the profile loses the profile's `strip`.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release")
        && std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux")
    {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--strip-all");
    }
}
