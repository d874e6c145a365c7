//! The way of a request: deadline → retry → (limiter → sign → send → bounded read) → decode.

mod context;
mod http;
mod limits;
pub(crate) mod links;
mod path;
mod pipeline;
mod refusal;
mod request;
mod retry;
mod roots;

pub(crate) use context::{Context, start, start_in_place, start_part};
pub(crate) use http::Pool;
pub(crate) use limits::Limits;
pub(crate) use path::Path;
pub(crate) use pipeline::Sending;
pub(crate) use request::{Access, Answer, Renewal, Renewed, Request, Service};
pub use retry::RetryClass;
pub(crate) use retry::RetryTable;
pub(crate) use roots::Roots;
