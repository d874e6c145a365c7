//! Ctrl-C, and the signals that end a process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lpchat::{CallOptions, Family};

use crate::failure::Failure;
use crate::log;
use crate::notice::Progress;
use crate::prompt;

/// What shells report for a process that Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// How long ending the chat may take: nobody waits longer after Ctrl-C.
const FAREWELL: Duration = Duration::from_secs(5);

/// What is to be done before Ctrl-C ends the process.
type Farewell = Box<dyn FnOnce() + Send>;

#[derive(Clone, Default)]
pub struct Interrupts {
    interrupted: Arc<AtomicBool>,
    farewell: Arc<Mutex<Option<Farewell>>>,
}

impl Interrupts {
    /// From now on Ctrl-C says farewell, where there is somebody to say it to, and then ends the process, whatever its other
    /// threads do.
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
        let farewell = self.farewell.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(farewell) = farewell {
            farewell();
        }
        log::drain();
        Progress::new().clear();
        prompt::end();
        std::process::exit(INTERRUPTED);
    }

    /// What Ctrl-C is to do first.
    pub fn set_farewell(&self, farewell: impl FnOnce() + Send + 'static) {
        *self.farewell.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(farewell));
    }

    /// Nothing is to be done any more.
    pub fn forget_farewell(&self) {
        *self.farewell.lock().unwrap_or_else(PoisonError::into_inner) = None;
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
