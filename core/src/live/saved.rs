//! A chat as a document, to be resumed by another process.
//!
//! The document holds no credential of the account, but whoever has it can read and write the chat.

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::Side;
use super::ledger::Ledger;
use crate::error::{Code, LpchatError, Result};

const KIND: &str = "lpchat-chat";
/// Raised when an older lpchat would misread the document.
const VERSION: u32 = 1;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    kind: String,
    version: u32,
    pub(crate) account_id: String,
    side: SavedSide,
    pub(crate) chat_id: String,
    /// Where the chat lives, where the service named a host of its own.
    pub(crate) origin: Option<String>,
    /// The first event that was not processed.
    pub(super) cursor: i64,
    pub(super) ledger: Ledger,
    /// Over all that stands before it.
    #[serde(default)]
    checksum: String,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SavedSide {
    Visitor,
    Agent,
}

impl From<Side> for SavedSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Visitor => Self::Visitor,
            Side::Agent => Self::Agent,
        }
    }
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
    version: Option<u32>,
}

fn unusable(reason: &str) -> LpchatError {
    LpchatError::new(Code::UnusableDocument).with_message(format!("The saved chat cannot be resumed: {reason}."))
}

impl Saved {
    pub(super) fn new(side: Side, account_id: &str, chat_id: &str, origin: Option<String>, cursor: i64, ledger: Ledger) -> Self {
        Self {
            kind: KIND.to_owned(),
            version: VERSION,
            account_id: account_id.to_owned(),
            side: side.into(),
            chat_id: chat_id.to_owned(),
            origin,
            cursor,
            ledger,
            checksum: String::new(),
        }
    }

    pub(super) fn to_text(&self) -> String {
        let whole = Self { checksum: self.sum(), ..self.clone() };
        serde_json::to_string(&whole).expect("a tree of texts")
    }

    fn sum(&self) -> String {
        let plain = Self { checksum: String::new(), ..self.clone() };
        let digest = Sha1::digest(serde_json::to_vec(&plain).expect("a tree of texts"));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads a document of `side` and `account`.
    pub(crate) fn read(text: &str, side: Side, account: &str) -> Result<Self> {
        let head: Head = serde_json::from_str(text)
            .map_err(|error| unusable(&format!("the text is damaged near line {}, column {}", error.line(), error.column())))?;
        if head.kind.as_deref() != Some(KIND) {
            return Err(unusable("the text is not what `save` gave"));
        }
        if head.version != Some(VERSION) {
            let version = head.version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
            return Err(unusable(&format!("it has {version}, and this lpchat reads version {VERSION}")));
        }
        let saved: Self = serde_json::from_str(text).map_err(|_| unusable("the text is damaged"))?;
        if saved.checksum != saved.sum() {
            return Err(unusable("the text was changed or damaged since it was saved"));
        }
        if saved.side != side.into() {
            return Err(unusable("it is a chat of the other side: visitors' chats and agents' chats are not the same"));
        }
        if saved.account_id != account {
            return Err(unusable(&format!("it belongs to the account {:?}, the client to {account:?}", saved.account_id)));
        }
        if saved.chat_id.is_empty() || saved.cursor < 0 {
            return Err(unusable("the text is damaged"));
        }
        Ok(saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        Saved::new(Side::Visitor, "1", "H1K1", Some("https://va.liveperson.net/".to_owned()), 7, Ledger::default())
    }

    #[test]
    fn a_document_comes_back() {
        let read = Saved::read(&saved().to_text(), Side::Visitor, "1").unwrap();
        assert_eq!((read.chat_id.as_str(), read.cursor, read.origin), ("H1K1", 7, Some("https://va.liveperson.net/".to_owned())));
    }

    #[test]
    fn what_is_not_ours_or_damaged_is_refused_with_the_reason() {
        let text = saved().to_text();
        let reason = |text: &str, side, account| Saved::read(text, side, account).err().unwrap().to_string();
        let of = |text: &str| reason(text, Side::Visitor, "1");
        assert!(of("").contains("damaged near line 1"));
        assert!(of(&text[..text.len() - 9]).contains("damaged near"));
        assert!(of("{}").contains("not what `save` gave"));
        assert!(of(&text.replace("\"version\":1", "\"version\":2")).contains("version 2"));
        assert!(of(&text.replace("\"cursor\":7", "\"cursor\":8")).contains("changed or damaged"));
        assert!(reason(&text, Side::Agent, "1").contains("other side"));
        assert!(reason(&text, Side::Visitor, "2").contains("the account \"1\""));
        // No single byte can be changed unnoticed.
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            assert!(Saved::read(&changed, Side::Visitor, "1").is_err(), "{at}: {changed}");
        }
    }
}
