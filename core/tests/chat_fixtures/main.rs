//! The payloads of the visitor, agent and login documents: requests are produced member for member, answers decode to
//! the values they state, and nothing of them is lost.
//!
//! Runs over the project's own payloads, and over the documents' examples where `LPCHAT_DOCUMENT_EXAMPLES` names them.

mod agent;
mod documents;
mod given;
mod login;
#[path = "../server/mod.rs"]
mod server;
mod visitor;
