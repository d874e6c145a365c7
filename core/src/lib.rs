//! lpchat: an unofficial SDK for LivePerson's legacy Chat APIs (visitor and agent) and Engagement History API.
//!
//! | where | what |
//! | --- | --- |
//! | [`Client`] and its faces [`Visitor`], [`Agent`], [`History`] | every call |
//! | [`ClientOptions`], [`CallOptions`] | configuration |
//! | [`LpchatError`], [`Code`], [`Family`] | what can go wrong |
//! | [`Call`] | one call in flight: wait, await, cancel |
//! | [`model`] | the documents of the service |
//! | [`environment`] | clock, randomness, files and variables, to be replaced in tests |
//!
//! Every call has three forms: a blocking method, the same `_with` per-call options, and an awaitable `_async` twin that
//! any executor can poll.
//!
//! ```no_run
//! use lpchat::{Client, ClientOptions, ChatRequest};
//!
//! let client = Client::new(ClientOptions { account_id: Some("12345678".into()), app_key: Some("…".into()), ..Default::default() })?;
//! let chat = client.visitor().start_chat(ChatRequest { skill: Some("Sales".into()), ..Default::default() })?;
//! println!("{:?}", chat.retrieve_information()?.state);
//! # Ok::<(), lpchat::LpchatError>(())
//! ```

// The interface's metadata needs exported symbols; nothing that is shipped as the core has that feature on.
#![cfg_attr(not(feature = "uniffi"), forbid(unsafe_code))]

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("lpchat");

mod agent;
mod auth;
mod bells;
pub mod call;
mod callbacks;
mod client;
mod client_core;
mod config;
mod domain;
mod engine;
pub mod environment;
mod error;
mod history;
mod live;
pub mod observe;
pub mod registry;
mod secret;
mod single_flight;
mod transport;
mod visitor;
pub mod wire;

pub use agent::*;
pub use auth::authorization::UserTokens;
pub use auth::login::Login;
pub use call::{Call, Canceller};
pub use client::Client;
pub use config::{CallOptions, ClientOptions, OAuth2};
pub use domain::ServiceDomain;
pub use error::{Code, ErrorDetails, Family, LpchatError, Result};
pub use history::*;
pub use live::{ChatEventBatch, ChatsOnClose, EventStream, LineReceipt, SavedChat, WhenWaiting};
pub use observe::Metrics;
pub use secret::Secret;
pub use transport::RetryClass;
pub use visitor::*;
pub use wire::chat::{
    AccountTransferParameters, ChatEvent, ChatEventType, ChatEvents, ChatInformation, ChatResources, ChatState, LineSource,
    LineSubType, Link, TextType, TypingState,
};
pub use wire::slots::AvailableSlotsRequest;
pub use wire::survey::{
    Survey, SurveyAnswer, SurveyEntry, SurveyQuestion, SurveyQuestionType, SurveySubmission, SurveyValidationType,
};
pub use wire::{Decimal, Json, Text, Timestamp};

/// The version of lpchat.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
