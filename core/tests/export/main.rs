//! Exports: on a disk that fails at every operation, of an account that changes meanwhile, in folders that are not ours.

mod account;
mod crashes;
mod disk;
mod folders;
#[path = "../support/history.rs"]
mod history;
mod model;
mod naive;
#[path = "../support/random.rs"]
mod random;
#[path = "../support/sandbox.rs"]
mod sandbox;
#[path = "../server/mod.rs"]
mod server;
mod updates;
