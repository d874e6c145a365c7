//! Exports: on a disk that fails at every operation, of an account that changes meanwhile, in folders that are not ours.

mod account;
mod crashes;
mod disk;
mod folders;
#[path = "../server/mod.rs"]
mod server;
mod updates;
