//! Keys out of the bytes that a terminal sends.

/// The bytes that a terminal's user has chosen for editing.
#[derive(Debug, Clone, Copy)]
pub struct Special {
    pub erase: u8,
    pub erase_word: u8,
    pub kill: u8,
    pub end: u8,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Key {
    Text(char),
    Erase,
    EraseWord,
    Kill,
    Enter,
    End,
}

/// Where in a sequence of bytes the reader stands.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Plain,
    /// Behind an escape character.
    Escape,
    /// Within the sequence of an arrow or a function key.
    Sequence,
}

#[derive(Debug)]
pub struct Keys {
    special: Special,
    state: State,
    /// A character of several bytes that is not whole yet.
    partial: Vec<u8>,
}

const ESCAPE: u8 = 0x1b;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
/// The longest character in UTF-8.
const LONGEST: usize = 4;

impl Keys {
    pub fn new(special: Special) -> Self {
        Self { special, state: State::Plain, partial: Vec::new() }
    }

    /// The key that this byte completes.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        match self.state {
            State::Escape => {
                self.state = if matches!(byte, b'[' | b'O') { State::Sequence } else { State::Plain };
                None
            }
            State::Sequence => {
                if matches!(byte, 0x40..=0x7e) {
                    self.state = State::Plain;
                }
                None
            }
            State::Plain => self.plain(byte),
        }
    }

    fn plain(&mut self, byte: u8) -> Option<Key> {
        if byte == ESCAPE {
            self.state = State::Escape;
            return None;
        }
        if byte < 0x80 {
            self.partial.clear();
            return self.ascii(byte);
        }
        self.partial.push(byte);
        let whole = std::str::from_utf8(&self.partial).ok().and_then(|text| text.chars().next());
        if whole.is_some() || self.partial.len() >= LONGEST {
            self.partial.clear();
        }
        // Control characters of the second kind are no text either.
        whole.filter(|character| !character.is_control()).map(Key::Text)
    }

    fn ascii(&self, byte: u8) -> Option<Key> {
        let special = self.special;
        match byte {
            b'\n' | b'\r' => Some(Key::Enter),
            BACKSPACE | DELETE => Some(Key::Erase),
            // A key that is switched off has the code 0.
            0 => None,
            byte if byte == special.erase => Some(Key::Erase),
            byte if byte == special.erase_word => Some(Key::EraseWord),
            byte if byte == special.kill => Some(Key::Kill),
            byte if byte == special.end => Some(Key::End),
            b'\t' => Some(Key::Text(' ')),
            byte if byte.is_ascii_control() => None,
            byte => Some(Key::Text(char::from(byte))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::new(Special { erase: 0x7f, erase_word: 0x17, kill: 0x15, end: 0x04 });
        bytes.iter().filter_map(|byte| keys.feed(*byte)).collect()
    }

    #[test]
    fn bytes_become_keys() {
        assert_eq!(keys("aé销\t".as_bytes()), ['a', 'é', '销', ' '].map(Key::Text));
        assert_eq!(
            keys(b"\x7f\x08\x17\x15\x04\r\n"),
            [Key::Erase, Key::Erase, Key::EraseWord, Key::Kill, Key::End, Key::Enter, Key::Enter]
        );
    }

    #[test]
    fn what_is_no_text_is_passed_over() {
        assert_eq!(keys(b"\x1b[A\x1b[15~\x1bOPx\x00\x01"), [Key::Text('x')], "arrows and function keys");
        assert_eq!(keys(b"\xffa\xc3(\xe9\x94z"), ['a', '(', 'z'].map(Key::Text), "no UTF-8");
        assert_eq!(keys("\u{9b}31m".as_bytes()), ['3', '1', 'm'].map(Key::Text), "a control character of the second kind");
    }
}
