//! Standard output: whole lines, styled on terminals.

use std::io::{BufWriter, IsTerminal, Stdout, Write};

use crate::failure::Failure;
use crate::prompt;
use crate::text::json_line;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Heading,
    Dim,
    /// Who writes on the other side.
    Speaker,
    /// What that one writes.
    Speech,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Heading => "1",
            Self::Dim => "2",
            Self::Speaker => "1;36",
            Self::Speech => "36",
        }
    }

    /// The text in this style, where styles are wanted.
    pub fn apply(self, text: &str, styled: bool) -> String {
        if styled { format!("\x1b[{}m{text}\x1b[0m", self.code()) } else { text.to_owned() }
    }
}

/// Width of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;
/// Returns to the begin of the line and clears it.
pub const CLEAR_LINE: &str = "\r\x1b[K";

pub fn terminal_width() -> usize {
    terminal_size::terminal_size().map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0))
}

/// Whether the terminal obeys no escape sequences.
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// Whether standard output is a terminal where styles are wanted.
pub fn is_styled() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !refused && !is_dumb()
}

#[derive(Debug)]
pub struct Output {
    writer: BufWriter<Stdout>,
    styled: bool,
    width: Option<usize>,
}

impl Output {
    pub fn standard() -> Self {
        let stdout = std::io::stdout();
        let width = stdout.is_terminal().then(terminal_width);
        Self { writer: BufWriter::new(stdout), styled: is_styled(), width }
    }

    /// Width of the terminal; none where there is none.
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// The text in a style, where styles are wanted.
    pub fn styled(&self, style: Style, text: &str) -> String {
        style.apply(text, self.styled)
    }

    /// Writes a line, above one that is being typed. Foreign text in it has been made visible before.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        match prompt::above(text) {
            Some(written) => Ok(written?),
            None => Ok(writeln!(self.writer, "{text}")?),
        }
    }

    /// Writes a JSON document as one line.
    pub fn json(&mut self, json: &str) -> Result<(), Failure> {
        self.line(&json_line(json))
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}
