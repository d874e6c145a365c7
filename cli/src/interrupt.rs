//! Ctrl-C, and the signals that end a process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lpchat::{CallOptions, Family, VisitorChat};

use crate::failure::Failure;
use crate::log;
use crate::notice::{Progress, say};
use crate::prompt;

/// What shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// How long ending the chat may take: nobody waits longer after Ctrl-C.
const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Default)]
pub struct Interrupts {
    interrupted: Arc<AtomicBool>,
    chat: Arc<Mutex<Option<VisitorChat>>>,
}

impl Interrupts {
    /// From now on Ctrl-C ends the chat, if there is one, and then the process, whatever its other threads do.
    pub fn install() -> Result<Self, Failure> {
        let interrupts = Self::default();
        let handler = interrupts.clone();
        ctrlc::set_handler(move || handler.leave()).map_err(|error| Failure::Own {
            family: Family::Internal,
            message: format!("Ctrl-C cannot be caught: {error}"),
            hint: "",
        })?;
        Ok(interrupts)
    }

    fn leave(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        let chat = self.chat.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(chat) = chat {
            say("Ending the chat…");
            let outcome = chat.end_with(Some(farewell()));
            if let Err(error) = outcome {
                say(&format!("The chat could not be ended and will expire by itself: {}", error.code().name()));
            }
        }
        log::drain();
        Progress::new().clear();
        prompt::end();
        std::process::exit(INTERRUPTED);
    }

    /// The chat to end on Ctrl-C.
    pub fn set_chat(&self, chat: Option<VisitorChat>) {
        *self.chat.lock().unwrap_or_else(PoisonError::into_inner) = chat;
    }

    /// Leaves what comes to Ctrl-C, where that came first.
    pub fn wait_if_interrupted(&self) {
        while self.interrupted.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }
}

/// Options of a call on the way out.
pub fn farewell() -> CallOptions {
    CallOptions { timeout: Some(FAREWELL), retries: Some(0), ..CallOptions::default() }
}
