//! Engagement History.

use std::sync::Arc;

use crate::client::Core;

/// Engagement history of the account.
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
