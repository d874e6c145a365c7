//! What comes in from the keys or from a pipe, read on a thread of its own.

use std::io::BufRead;

use super::command::is_message;
use crate::prompt::{self, Entry};

#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    Line(String),
    /// The line at the keys has changed, and is the begin of a message or is not.
    Typing(bool),
    /// Nothing more will come.
    End,
}

impl Input {
    /// Hands over what comes in, until `take` wants no more. The thread ends with the input, or with the process.
    pub fn read(mut take: impl FnMut(Self) -> bool + Send + 'static) {
        std::thread::spawn(move || {
            for input in inputs(std::io::stdin().lock()) {
                if !take(input) {
                    return;
                }
            }
        });
    }

    /// Hands over what a person types at a terminal, below what is written meanwhile; as [`Self::read`] where that cannot be.
    pub fn typed(mut take: impl FnMut(Self) -> bool + Send + 'static) {
        let Some(terminal) = prompt::Terminal::open() else { return Self::read(take) };
        terminal.begin(move |entry| match entry {
            Entry::Line(line) => Self::of(&line).is_none_or(&mut take),
            Entry::Changed(text) => take(Self::Typing(is_message(&text))),
            Entry::End => {
                take(Self::End);
                false
            }
        });
    }

    /// What a line holds; nothing where it is empty.
    fn of(line: &str) -> Option<Self> {
        let line = line.trim_end();
        (!line.is_empty()).then(|| Self::Line(line.to_owned()))
    }
}

/// Lines with something in them, then the end.
fn inputs(mut source: impl BufRead) -> impl Iterator<Item = Input> {
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            let mut bytes = Vec::new();
            let count = source.read_until(b'\n', &mut bytes).unwrap_or(0);
            let input = if count == 0 { Some(Input::End) } else { Input::of(&String::from_utf8_lossy(&bytes)) };
            ended = input == Some(Input::End);
            if input.is_some() {
                return input;
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_until_the_end() {
        let read = |text: &[u8]| inputs(text).collect::<Vec<_>>();
        let line = |text: &str| Input::Line(text.to_owned());
        assert_eq!(read(b"one\r\n\n  two \nthree"), [line("one"), line("  two"), line("three"), Input::End]);
        assert_eq!(read(b"one\n/end\ntwo\n"), [line("one"), line("/end"), line("two"), Input::End]);
        assert_eq!(read(b"\xff\n"), [line("\u{fffd}"), Input::End]);
    }
}
