//! Engagement History: queries, models, pages, tables.
//!
//! Source: `docs/protocol/engagement-history-api.md`.

mod awaited;
mod export;
mod filter;
mod fingerprint;
mod model;
mod page;
mod pass;
mod plan;
mod progress;
mod query;
mod read;
mod redaction;
mod report;
mod resume;
mod retrieve;
mod search;
#[cfg(feature = "arrow")]
mod table;
mod tail;
mod window;

use std::sync::Arc;

use crate::client_core::Core;
pub use export::{ExportDifference, ExportFormat, ExportProgress, ExportReport, ExportRun, VerificationReport};
pub use model::*;
pub use page::{RecordFailure, SearchPage};
pub use query::{KeywordArea, LineContentType, SearchQuery};
pub use redaction::{Redaction, redaction_markdown};
pub use report::{HistoryReport, WindowReport};
pub use search::Search;
#[cfg(feature = "arrow-ipc")]
pub use table::ipc_stream;
#[cfg(feature = "arrow")]
pub use table::{Batches, TableBuilder, table_meanings, table_names, table_of_records, table_schema, tables_markdown};
pub use window::SearchWindow;

/// Engagement history of the account: chats that have ended, under the time they started. A transcript appears within
/// minutes after the end, everything else within two hours; after 13 months the service deletes it all.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct History {
    core: Arc<Core>,
}

impl History {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        Self { core: Arc::clone(core) }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }
}
