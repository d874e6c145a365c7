//! The core's log records on standard error.

use std::time::Duration;

use lpchat::observe::{LogLevel, drain_log, queue_log};

use crate::notice::say;

/// How often queued records are written.
const DRAIN_EVERY: Duration = Duration::from_millis(50);

/// Writes records from now on: warnings, with one `-v` information, with two everything.
pub fn start(verbose: u8) {
    let level = match verbose {
        0 => LogLevel::Warning,
        1 => LogLevel::Info,
        _ => LogLevel::Debug,
    };
    queue_log(Some(level));
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(DRAIN_EVERY);
            drain();
        }
    });
}

/// Writes what is queued.
pub fn drain() {
    for record in drain_log() {
        let level = match record.level {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
        };
        say(&format!("{level}: {}", record.message));
    }
}
