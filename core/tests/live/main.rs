//! Chats that live, over real HTTP and in virtual time.

mod agent;
mod cadence;
mod events;
mod history;
mod resume;
mod service;
mod typing;
mod writes;

#[path = "../support/random.rs"]
mod random;
#[path = "../support/mod.rs"]
mod support;
