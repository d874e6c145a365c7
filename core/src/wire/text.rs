//! Text that shares the answer it came in.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

/// One answer's text. Every [`Text`] decoded from it is a slice of it.
pub struct Buffer {
    text: Box<str>,
    /// A second copy in which a slice can be ended by a NUL, made when the first C getter asks. The byte that becomes
    /// NUL is the closing quote (or the comma) behind the slice, which belongs to no text.
    terminated: OnceLock<Box<[AtomicU8]>>,
}

impl Buffer {
    /// Wraps a text. Answers are limited to far less than the 4 GiB that a slice can address.
    pub fn new(text: String) -> Arc<Self> {
        debug_assert!(u32::try_from(text.len()).is_ok(), "answers are limited to far less than 4 GiB");
        Arc::new(Self { text: text.into_boxed_str(), terminated: OnceLock::new() })
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn terminated(&self) -> &[AtomicU8] {
        self.terminated.get_or_init(|| {
            let mut bytes = Vec::with_capacity(self.text.len() + 1);
            // Without the end among them they are copied as a block and not one by one.
            bytes.extend(self.text.bytes().map(AtomicU8::new));
            bytes.push(AtomicU8::new(0));
            bytes.into_boxed_slice()
        })
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Buffer({} bytes)", self.text.len())
    }
}

/// A string that shares the answer it was decoded from; cloning it copies no text.
///
/// It dereferences to `str` and compares, orders and hashes as one.
#[derive(Clone)]
pub struct Text {
    buffer: Arc<Buffer>,
    start: u32,
    len: u32,
}

static EMPTY: LazyLock<Arc<Buffer>> = LazyLock::new(|| Buffer::new(String::new()));

impl Text {
    /// The slice `start..end` of `buffer`; both must be character boundaries.
    pub(crate) fn slice(buffer: &Arc<Buffer>, start: usize, end: usize) -> Self {
        let at = |index| u32::try_from(index).expect("answers are limited to far less than 4 GiB");
        Self { buffer: Arc::clone(buffer), start: at(start), len: at(end - start) }
    }

    /// The text as `str`.
    pub fn as_str(&self) -> &str {
        &self.buffer.text[self.start as usize..(self.start + self.len) as usize]
    }

    /// The answer this text was decoded from, and where in it the text stands, in bytes.
    pub fn source(&self) -> (&Arc<Buffer>, std::ops::Range<usize>) {
        (&self.buffer, self.start as usize..(self.start + self.len) as usize)
    }

    /// The bytes of the text and a NUL behind them, for C. They stay where they are as long as any text of the same
    /// answer lives. Not for [`Json`](super::Json), whose slices overlap.
    pub fn with_nul(&self) -> &[AtomicU8] {
        let end = (self.start + self.len) as usize;
        let bytes = self.buffer.terminated();
        if bytes[end].load(Ordering::Relaxed) != 0 {
            bytes[end].store(0, Ordering::Relaxed);
        }
        &bytes[self.start as usize..=end]
    }
}

impl Default for Text {
    fn default() -> Self {
        Self { buffer: Arc::clone(&EMPTY), start: 0, len: 0 }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let len = text.len();
        let buffer = Buffer::new(text);
        Self::slice(&buffer, 0, len)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(feature = "uniffi")]
uniffi::custom_type!(Text, String, { lower: |text| text.into(), try_lift: |text| Ok(text.into()) });

#[cfg(test)]
mod tests {
    use super::*;

    fn c_string(text: &Text) -> Vec<u8> {
        text.with_nul().iter().map(|byte| byte.load(Ordering::Relaxed)).collect()
    }

    #[test]
    fn slices_share_their_answer_and_end_in_nul_for_c() {
        let buffer = Buffer::new(r#"{"a":"one","b":12}"#.to_owned());
        let one = Text::slice(&buffer, 6, 9);
        let twelve = Text::slice(&buffer, 15, 17);
        assert_eq!((one.as_str(), twelve.as_str()), ("one", "12"));
        assert_eq!(c_string(&one), b"one\0");
        assert_eq!(c_string(&twelve), b"12\0");
        assert_eq!(c_string(&one), b"one\0", "a neighbour's end does not reach into it");
        assert_eq!(buffer.as_str(), r#"{"a":"one","b":12}"#, "the answer itself is untouched");
        assert_eq!(c_string(&Text::default()), b"\0");
    }
}
