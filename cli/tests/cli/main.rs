//! The command line against a real sandbox, whose executable the variable `LPCHAT_SANDBOX` names.

// They send signals, look into `/proc` and need a terminal.
#![cfg(target_os = "linux")]

mod agent;
mod auth_check;
mod chat;
mod domains;
mod exit_codes;
mod export;
mod history;
mod pty;
#[path = "../../../core/tests/support/random.rs"]
mod random;
mod resume;
mod sandbox;
mod secrets;
mod support;
mod tail;
mod terminal;
