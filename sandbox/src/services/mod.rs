//! The services around the chats: directory, login, tokens, signatures.

pub mod authorization;
pub mod domain;
pub mod engagement;
pub mod login;
pub mod oauth1;
pub mod oauth2;
