//! What goes to standard error: notices and progress.

use std::io::{IsTerminal, Write};

use crate::output::{CLEAR_LINE, terminal_width};
use crate::prompt;
use crate::text::{in_rows, visible_line};

/// Writes a notice. Nobody may be there to read it: that is no error.
pub fn say(text: &str) {
    if prompt::above(&visible_line(text)).is_some() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    let line = visible_line(text);
    let _ = match stderr.is_terminal() {
        true => writeln!(stderr, "{CLEAR_LINE}{}", in_rows(&line, terminal_width())),
        false => writeln!(stderr, "{line}"),
    };
}

/// Whether standard output feeds another program: what that one writes would run into our progress.
#[cfg(unix)]
fn feeds_a_pipe() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let stdout = std::io::stdout().as_fd().try_clone_to_owned().map(std::fs::File::from);
    stdout.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn feeds_a_pipe() -> bool {
    false
}

/// One line that is written over and over, on terminals only.
#[derive(Debug)]
pub struct Progress {
    enabled: bool,
}

impl Progress {
    pub fn new() -> Self {
        Self { enabled: std::io::stderr().is_terminal() && !feeds_a_pipe() }
    }

    /// Whether anybody sees it.
    pub fn is_shown(&self) -> bool {
        self.enabled
    }

    pub fn show(&self, text: &str) {
        self.write(&format!("{CLEAR_LINE}{text}"));
    }

    pub fn clear(&self) {
        self.write(CLEAR_LINE);
    }

    /// Says how it ended, where progress was shown.
    pub fn finish(&self, text: &str) {
        self.write(&format!("{CLEAR_LINE}{text}\n"));
    }

    fn write(&self, text: &str) {
        if self.enabled {
            let mut stderr = std::io::stderr().lock();
            let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        }
    }
}
