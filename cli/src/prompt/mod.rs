//! A line that a person types, kept below everything that is written meanwhile, with a row for what passes above it.
//!
//! A terminal by itself would let both run into each other. So its own line editing is off, this module does the same
//! (erase, word erase, kill, end of file), and whoever writes a line hands it to [`above`].

mod keys;

use std::io::{IsTerminal, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::output::{CLEAR_LINE, Style, is_dumb, is_styled, terminal_width};
use crate::text::in_rows;
use keys::{Key, Keys, Special};

/// Goes up a row and clears it.
const CLEAR_ROW_ABOVE: &str = "\x1b[A\x1b[K";

/// What is being typed; none while nobody types, or where a terminal cannot do this.
static TYPED: Mutex<Option<Typed>> = Mutex::new(None);

struct Typed {
    text: String,
    prompt: String,
    /// What passes, such as that the other side is typing.
    status: Option<String>,
    /// The status stands on the row above.
    status_shown: bool,
    /// How the terminal was.
    mode: mode::Mode,
}

/// What comes of pressing a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    Line(String),
    /// The line is this now.
    Changed(String),
    End,
}

fn typed() -> MutexGuard<'static, Option<Typed>> {
    TYPED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A terminal whose own line editing is off.
pub struct Terminal {
    special: Special,
}

impl Terminal {
    /// None where this is no terminal on all sides, or a dumb one.
    pub fn open() -> Option<Self> {
        let terminals = [std::io::stdin().is_terminal(), std::io::stdout().is_terminal(), std::io::stderr().is_terminal()];
        if is_dumb() || terminals.contains(&false) {
            return None;
        }
        let (mode, special) = mode::Mode::of_keys()?;
        *typed() = Some(Typed { text: String::new(), prompt: "> ".to_owned(), status: None, status_shown: false, mode });
        Some(Self { special })
    }

    /// Begins to read keys, and hands what comes of them to `take` until that wants no more.
    pub fn begin(self, take: impl FnMut(Entry) -> bool + Send + 'static) {
        std::thread::spawn(move || read(&mut Keys::new(self.special), take));
    }
}

/// Gives the terminal back as it was.
pub fn end() {
    if let Some(mut typed) = typed().take() {
        let _ = write(&typed.cleared());
        typed.mode.restore();
    }
}

/// Writes a line above what is being typed; none where nothing is.
pub fn above(text: &str) -> Option<std::io::Result<()>> {
    typed().as_mut().map(|typed| {
        let cleared = typed.cleared();
        write(&format!("{cleared}{}\n{}", in_rows(text, terminal_width()), typed.shown()))
    })
}

/// Shows on the row above the keys what passes, or nothing any more.
pub fn set_status(status: Option<String>) {
    change(|typed| std::mem::replace(&mut typed.status, status.clone()) != status);
}

/// What stands before the text.
pub fn set_prompt(prompt: &str) {
    change(|typed| std::mem::replace(&mut typed.prompt, prompt.to_owned()) != prompt);
}

/// Shows anew what `work` says it has changed.
fn change(work: impl FnOnce(&mut Typed) -> bool) {
    if let Some(typed) = typed().as_mut()
        && work(typed)
    {
        let cleared = typed.cleared();
        let _ = write(&format!("{cleared}{}", typed.shown()));
    }
}

fn write(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn read(keys: &mut Keys, mut take: impl FnMut(Entry) -> bool) {
    let mut stdin = std::io::stdin().lock();
    let mut byte = [0];
    loop {
        let entry = match stdin.read(&mut byte) {
            Ok(1) => keys.feed(byte[0]).and_then(|key| typed().as_mut()?.press(key)),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => None,
            // The terminal is gone.
            _ => Some(Entry::End),
        };
        if entry.is_some_and(|entry| !take(entry)) {
            return;
        }
    }
}

impl Typed {
    /// Does what the key means, and shows it.
    fn press(&mut self, key: Key) -> Option<Entry> {
        let entry = edit(&mut self.text, key);
        // What cannot be shown was typed all the same.
        let _ = match &entry {
            Some(Entry::Line(line)) => {
                let typed = format!("{}{}{line}\n", self.cleared(), self.prompt);
                write(&format!("{typed}{}", self.shown()))
            }
            _ => write(&format!("{CLEAR_LINE}{}", shown(&self.prompt, &self.text, terminal_width()))),
        };
        entry
    }

    /// What clears the rows that are shown.
    fn cleared(&mut self) -> String {
        let above = if std::mem::take(&mut self.status_shown) { CLEAR_ROW_ABOVE } else { "" };
        format!("{CLEAR_LINE}{above}")
    }

    /// The status, if there is one, and the line below it.
    fn shown(&mut self) -> String {
        let line = shown(&self.prompt, &self.text, terminal_width());
        let Some(status) = &self.status else { return line };
        self.status_shown = true;
        format!("{}\n{line}", Style::Dim.apply(&begin_of(status, terminal_width().saturating_sub(1)), is_styled()))
    }
}

/// As much of the text as fits.
fn begin_of(text: &str, room: usize) -> String {
    let mut end = text.len();
    while text[..end].width() > room {
        end = text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
    }
    text[..end].to_owned()
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
    Some(Entry::Changed(text.clone()))
}

/// The prompt and the end of the text, on one row.
fn shown(prompt: &str, text: &str, width: usize) -> String {
    let room = width.saturating_sub(prompt.width() + 1);
    let mut start = 0;
    while text[start..].width() > room {
        start += text[start..].chars().next().map_or(1, char::len_utf8);
    }
    format!("{prompt}{}", &text[start..])
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
        let nothing = |text: &str| (text.to_owned(), Some(Entry::Changed(text.to_owned())));
        assert_eq!(type_and("ab", Key::Text('c')), nothing("abc"));
        assert_eq!(type_and("", Key::Erase), nothing("ab"));
        assert_eq!(type_and(" e\u{301}", Key::Erase), nothing("ab "), "a letter goes with its accent");
        assert_eq!(type_and("two words  ", Key::EraseWord), nothing("ab two "));
        assert_eq!(type_and("", Key::End), ("ab two ".to_owned(), None), "Ctrl-D ends an empty line only");
        assert_eq!(type_and("", Key::Enter), (String::new(), Some(Entry::Line("ab two ".to_owned()))));
        assert_eq!(type_and("x", Key::Kill), nothing(""));
        assert_eq!(type_and("", Key::Erase), nothing(""));
        assert_eq!(type_and("", Key::End), (String::new(), Some(Entry::End)));
    }

    #[test]
    fn a_long_line_shows_its_end() {
        assert_eq!(shown("> ", "short", 20), "> short");
        assert_eq!(shown("> ", "abcdefghij", 8), "> fghij");
        assert_eq!(shown("[2] ", "销售销售销售", 10), "[2] 销售", "wide characters are not cut in half");
        assert_eq!(begin_of("a销售", 4), "a销");
    }
}
