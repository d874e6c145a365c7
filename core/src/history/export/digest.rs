//! Digests, by which a part is known to be whole.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The digest of bytes that come one after the other.
#[derive(Debug, Default, Clone)]
pub(super) struct Digester(Sha256);

impl Digester {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// In hexadecimal digits, as `sha256sum` prints it.
    pub(super) fn finish(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
            text
        })
    }
}

pub(super) fn digest_of(bytes: &[u8]) -> String {
    let mut digester = Digester::default();
    digester.take(bytes);
    digester.finish()
}
