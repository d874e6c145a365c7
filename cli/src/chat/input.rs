//! Lines from standard input, read on a thread of their own.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, sync_channel};

use crate::prompt;

/// Lines read ahead of the chat at most.
const READ_AHEAD: usize = 64;
const END: &str = "/end";

#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    Line(String),
    /// Nothing more will come.
    End,
}

impl Input {
    /// What comes in. The thread ends with the input, or with the process.
    pub fn read() -> Receiver<Self> {
        let (sender, receiver) = sync_channel(READ_AHEAD);
        std::thread::spawn(move || {
            for input in inputs(std::io::stdin().lock()) {
                if sender.send(input).is_err() {
                    return;
                }
            }
        });
        receiver
    }

    /// What a person types at a terminal, below what is written meanwhile; as [`Self::read`] where that cannot be.
    pub fn typed() -> Receiver<Self> {
        let (sender, receiver) = sync_channel(READ_AHEAD);
        let hand_over = move |line: Option<String>| {
            let input = line.map_or(Some(Self::End), |line| Self::of(&line));
            let ended = input == Some(Self::End);
            input.is_none_or(|input| sender.send(input).is_ok()) && !ended
        };
        if prompt::begin(hand_over) { receiver } else { Self::read() }
    }

    /// What a line means; nothing where there is nothing in it.
    fn of(line: &str) -> Option<Self> {
        match line.trim_end() {
            "" => None,
            END => Some(Self::End),
            line => Some(Self::Line(line.to_owned())),
        }
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
        assert_eq!(read(b"one\n/end\ntwo\n"), [line("one"), Input::End]);
        assert_eq!(read(b"\xff\n"), [line("\u{fffd}"), Input::End]);
    }
}
