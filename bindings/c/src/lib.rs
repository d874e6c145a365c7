//! lpchat for C and C++.
//!
//! The functions are generated, in `generated/`; what they stand on is written here. All `unsafe` code is in the helpers
//! of `handle`, `input`, `log`, `output`, `record`, `text` and `fork`, which say why it is sound.
//!
//! | where | what |
//! | --- | --- |
//! | `boundary` | every function that can fail: panics and errors become codes |
//! | `handle` | clients, chats, sessions, searches and calls: slot numbers that recognise use after free |
//! | `record` | documents: pointers to the core's structs, read by getters |
//! | `input` | requests and options: made by setters |
//! | `output` | what functions write through pointers |
//! | `call` | waiting for a call, cancelling it |
//! | `table` | tables as Arrow streams |
//! | `error`, `log`, `text`, `time`, `version` | what their names say |
//! | `fork` | the locks of this library across a fork |

#![allow(non_camel_case_types, reason = "the names are C's")]

mod boundary;
mod call;
mod error;
#[cfg(unix)]
mod fork;
mod generated;
mod handle;
mod input;
mod log;
mod output;
mod record;
mod table;
mod text;
mod time;
mod version;
