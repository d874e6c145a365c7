//! HTTP: requests, answers, faults, the journal and the server.

pub mod body;
pub mod faults;
pub mod journal;
pub mod mutate;
pub mod reply;
pub mod request;
pub mod server;
