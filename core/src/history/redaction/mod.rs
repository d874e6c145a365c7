//! Taking visitors out of what a search hands out, before anything of it is decoded.
//!
//! An answer is written anew with what may stay, and only that is read: models, their raw JSON, tables and errors know
//! nothing else. `rules` says what may stay; what it does not name goes.

mod rewrite;
mod rules;

use hmac::{Hmac, KeyInit, Mac};
use lpchat_macros::model;
use sha2::Sha256;

use crate::error::{LpchatError, Result};
use crate::secret::Secret;
pub(super) use rewrite::redacted;
pub use rules::redaction_markdown;

/// A shorter key can be found out by trying.
const SHORTEST_KEY: usize = 16;
/// Its digest tells keys apart; so many digits of it do.
const KEY_CHECK: &str = "lpchat redaction";
const KEY_DIGITS: usize = 16;

/// What a search hands out of visitors and of what people wrote. Everything is taken out at the door, so that objects, their
/// raw JSON, tables and exports never had it. `docs/redaction.md` lists every member.
///
/// Members that this version does not know are left out, whatever they hold. The key of a record stays: who has access to
/// the account can look a chat up by it.
#[model(options)]
pub struct Redaction {
    /// A secret of at least 16 bytes. With it, what tells who a visitor is becomes a digest (HMAC-SHA-256, in hexadecimal): the
    /// same value gives the same digest wherever it stands, so that tables still join, and nobody without the key can tell
    /// which value it was. Keep it as you keep the data, and use it again for the next export. Without it such members are
    /// left out.
    pub hash_key: Option<Secret>,
    /// Whether what people wrote stays as it is: the lines of the chat, answers to surveys, notes, searches. It may name
    /// anybody. Otherwise it is left out.
    pub keep_texts: bool,
}

impl Redaction {
    pub(super) fn check(&self) -> Result<()> {
        match &self.hash_key {
            Some(key) if key.expose().len() < SHORTEST_KEY => {
                let rule = format!(
                    "a key of fewer than {SHORTEST_KEY} bytes can be found out by trying: take random ones, or leave it out to drop \
                     what it would hash"
                );
                Err(LpchatError::argument("redact.hash_key", "…", &rule))
            }
            _ => Ok(()),
        }
    }

    /// What it does, and by which key, told by a digest: records that were redacted otherwise do not go with these.
    pub(super) fn in_words(&self) -> String {
        let key = Redactor::new(self).digest(KEY_CHECK);
        let identities = key.map_or_else(|| "left out".to_owned(), |key| format!("digests by the key {}", &key[..KEY_DIGITS]));
        let texts = if self.keep_texts { "kept" } else { "left out" };
        format!("identities {identities}, texts {texts}")
    }
}

/// A redaction at work.
#[derive(Debug)]
struct Redactor {
    hash: Option<Hmac<Sha256>>,
    keep_texts: bool,
}

impl Redactor {
    fn new(redaction: &Redaction) -> Self {
        let key = redaction.hash_key.as_ref();
        let hash = key.map(|key| Hmac::new_from_slice(key.expose().as_bytes()).expect("HMAC takes keys of any length"));
        Self { hash, keep_texts: redaction.keep_texts }
    }

    /// What stands for a value that tells who somebody is.
    fn digest(&self, text: &str) -> Option<String> {
        let mut hash = self.hash.clone()?;
        hash.update(text.as_bytes());
        Some(hash.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests;
