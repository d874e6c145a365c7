//! A line that a person types, kept below everything that is written meanwhile.
//!
//! A terminal by itself would let both run into each other. So its own line editing is off, this module does the same
//! (erase, word erase, kill, end of file), and whoever writes a line hands it to [`above`].

mod keys;

use std::io::{IsTerminal, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::output::{CLEAR_LINE, is_dumb, terminal_width};
use keys::{Key, Keys};

const PROMPT: &str = "> ";

/// What is being typed; none while nobody types, or where a terminal cannot do this.
static TYPED: Mutex<Option<Typed>> = Mutex::new(None);

struct Typed {
    text: String,
    /// How the terminal was.
    mode: mode::Mode,
}

/// What comes of pressing a key.
#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Line(String),
    End,
}

fn typed() -> MutexGuard<'static, Option<Typed>> {
    TYPED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to read keys, and hands lines to `take` until that wants no more; none is the end of them. False where this is no
/// terminal on all sides, or a dumb one.
pub fn begin(take: impl FnMut(Option<String>) -> bool + Send + 'static) -> bool {
    let terminals = [std::io::stdin().is_terminal(), std::io::stdout().is_terminal(), std::io::stderr().is_terminal()];
    if is_dumb() || terminals.contains(&false) {
        return false;
    }
    let Some((mode, special)) = mode::Mode::of_keys() else { return false };
    *typed() = Some(Typed { text: String::new(), mode });
    std::thread::spawn(move || read(&mut Keys::new(special), take));
    true
}

/// Gives the terminal back as it was.
pub fn end() {
    if let Some(typed) = typed().take() {
        let _ = write(CLEAR_LINE);
        typed.mode.restore();
    }
}

/// Writes a line above what is being typed; none where nothing is.
pub fn above(text: &str) -> Option<std::io::Result<()>> {
    typed().as_ref().map(|typed| write(&format!("{CLEAR_LINE}{text}\n{}", typed.shown())))
}

fn write(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn read(keys: &mut Keys, mut take: impl FnMut(Option<String>) -> bool) {
    let mut stdin = std::io::stdin().lock();
    let mut byte = [0];
    loop {
        let entry = match stdin.read(&mut byte) {
            Ok(1) => keys.feed(byte[0]).and_then(|key| typed().as_mut()?.press(key)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => None,
            // The terminal is gone.
            _ => Some(Entry::End),
        };
        let wanted = match entry {
            None => true,
            Some(Entry::Line(line)) => take(Some(line)),
            Some(Entry::End) => take(None),
        };
        if !wanted {
            return;
        }
    }
}

impl Typed {
    /// Does what the key means, and shows it.
    fn press(&mut self, key: Key) -> Option<Entry> {
        let entry = edit(&mut self.text, key);
        let line = match &entry {
            Some(Entry::Line(line)) => format!("{CLEAR_LINE}{PROMPT}{line}\n"),
            _ => CLEAR_LINE.to_owned(),
        };
        // What cannot be shown was typed all the same.
        let _ = write(&format!("{line}{}", self.shown()));
        entry
    }

    fn shown(&self) -> String {
        shown(&self.text, terminal_width())
    }
}

/// What the key does to the text.
fn edit(text: &mut String, key: Key) -> Option<Entry> {
    match key {
        Key::Text(character) => text.push(character),
        // With what combines with it.
        Key::Erase => while text.pop().is_some_and(|last| last.width() == Some(0)) {},
        Key::EraseWord => {
            let kept = text.trim_end();
            text.truncate(kept.rfind(char::is_whitespace).map_or(0, |space| space + 1));
        }
        Key::Kill => text.clear(),
        Key::Enter => return Some(Entry::Line(std::mem::take(text))),
        Key::End => return text.is_empty().then_some(Entry::End),
    }
    None
}

/// The prompt and the end of the text, on one row.
fn shown(text: &str, width: usize) -> String {
    let room = width.saturating_sub(PROMPT.len() + 1);
    let mut start = 0;
    while text[start..].width() > room {
        start += text[start..].chars().next().map_or(1, char::len_utf8);
    }
    format!("{PROMPT}{}", &text[start..])
}

#[cfg(unix)]
mod mode {
    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    use super::keys::Special;

    /// How a terminal was before its own line editing was switched off.
    pub struct Mode(Termios);

    impl Mode {
        /// Has every key handed over as it is pressed; none where that cannot be. Gives what the terminal calls its keys.
        pub fn of_keys() -> Option<(Self, Special)> {
            let before = tcgetattr(std::io::stdin()).ok()?;
            let code = |index| before.special_codes[index];
            let special = Special {
                erase: code(SpecialCodeIndex::VERASE),
                erase_word: code(SpecialCodeIndex::VWERASE),
                kill: code(SpecialCodeIndex::VKILL),
                end: code(SpecialCodeIndex::VEOF),
            };
            let mut mode = before.clone();
            mode.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::IEXTEN);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
            // Who is stopped leaves the terminal as it is, and the chat unattended.
            mode.special_codes[SpecialCodeIndex::VSUSP] = 0;
            tcsetattr(std::io::stdin(), OptionalActions::Now, &mode).ok()?;
            Some((Self(before), special))
        }

        pub fn restore(&self) {
            // Nobody is left to tell.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
        }
    }
}

#[cfg(not(unix))]
mod mode {
    use super::keys::Special;

    /// The terminal keeps its own line editing.
    pub struct Mode;

    impl Mode {
        pub fn of_keys() -> Option<(Self, Special)> {
            None
        }

        pub fn restore(&self) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_is_what_terminals_do() {
        let mut text = String::new();
        let mut type_and = |typed: &str, key: Key| {
            text.push_str(typed);
            let entry = edit(&mut text, key);
            (text.clone(), entry)
        };
        let nothing = |text: &str| (text.to_owned(), None);
        assert_eq!(type_and("ab", Key::Text('c')), nothing("abc"));
        assert_eq!(type_and("", Key::Erase), nothing("ab"));
        assert_eq!(type_and(" e\u{301}", Key::Erase), nothing("ab "), "a letter goes with its accent");
        assert_eq!(type_and("two words  ", Key::EraseWord), nothing("ab two "));
        assert_eq!(type_and("", Key::End), nothing("ab two "), "Ctrl-D ends an empty line only");
        assert_eq!(type_and("", Key::Enter), (String::new(), Some(Entry::Line("ab two ".to_owned()))));
        assert_eq!(type_and("x", Key::Kill), nothing(""));
        assert_eq!(type_and("", Key::Erase), nothing(""));
        assert_eq!(type_and("", Key::End), (String::new(), Some(Entry::End)));
    }

    #[test]
    fn a_long_line_shows_its_end() {
        assert_eq!(shown("short", 20), "> short");
        assert_eq!(shown("abcdefghij", 8), "> fghij");
        assert_eq!(shown("销售销售销售", 8), "> 销售", "wide characters are not cut in half");
    }
}
