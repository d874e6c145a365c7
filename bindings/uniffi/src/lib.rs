//! The shared library that UniFFI's Kotlin, Swift and Ruby load, and whose metadata `bindings/codegen` reads.
//!
//! There is nothing to write here: the interface is declared once, in the core.

lpchat::uniffi_reexport_scaffolding!();
