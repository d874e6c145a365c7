//! Resume tokens: what is still to be read of a search.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::filter::Checked;
use super::fingerprint::{Fingerprint, of_text};
use super::progress::Pending;
use super::window::{Window, windows};
use crate::error::{LpchatError, Result};
use crate::wire::Timestamp;

/// Names the format. Another one is another prefix.
const PREFIX: &str = "lpchat-search-1.";

/// What is still to be read. It holds no credential and nothing that a visitor wrote: times, and digests of keys.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Token {
    account: String,
    /// A digest of the filters.
    filters: String,
    start: i64,
    end: i64,
    /// Windows of which something was handed out.
    begun: Vec<Standing>,
    /// Where the part begins that nothing was read of.
    rest: Option<i64>,
}

/// A window of which some records were handed out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Standing {
    start: i64,
    end: i64,
    /// The fingerprints of those records, as bytes in base 64.
    handed: String,
}

impl Standing {
    pub(super) fn of<'a>(window: &Window, handed: impl IntoIterator<Item = &'a Fingerprint>) -> Self {
        let bytes: Vec<u8> = handed.into_iter().flat_map(|print| print.to_le_bytes()).collect();
        Self { start: window.start.as_millis(), end: window.end.as_millis(), handed: BASE64.encode(bytes) }
    }

    fn pending(&self) -> Option<Pending> {
        let bytes = BASE64.decode(&self.handed).ok()?;
        let (prints, rest) = bytes.as_chunks();
        let handed: HashSet<Fingerprint> = prints.iter().map(|bytes| Fingerprint::from_le_bytes(*bytes)).collect();
        let window = Window::new(Timestamp::from_millis(self.start), Timestamp::from_millis(self.end));
        rest.is_empty().then(|| Pending::begun(window, handed))
    }
}

fn checksum(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    format!("{:016x}", hasher.finish())
}

fn filters(query: &Checked) -> String {
    let mut body = query.body.clone();
    body.as_object_mut().map(|members| members.remove("start"));
    format!("{:032x}", of_text(&body.to_string()))
}

fn refused(rule: &str) -> LpchatError {
    LpchatError::argument("resume_token", "…", rule)
}

impl Token {
    pub(super) fn new(account: &str, query: &Checked, begun: Vec<Standing>, rest: Option<Timestamp>) -> Self {
        Self {
            account: account.to_owned(),
            filters: filters(query),
            start: query.range.0.as_millis(),
            end: query.range.1.as_millis(),
            begun,
            rest: rest.map(Timestamp::as_millis),
        }
    }

    pub(super) fn write(&self) -> String {
        let json = serde_json::to_string(self).expect("a tree of texts and numbers");
        let payload = BASE64.encode(json);
        format!("{PREFIX}{payload}.{}", checksum(&payload))
    }

    pub(super) fn read(text: &str) -> Result<Self> {
        let Some(rest) = text.trim().strip_prefix(PREFIX) else {
            return Err(refused("it is no resume token of this version's searches"));
        };
        let damaged = || refused("it is damaged: hand it in whole, as the search gave it");
        let (payload, sum) = rest.split_once('.').ok_or_else(damaged)?;
        if checksum(payload) != sum {
            return Err(damaged());
        }
        let json = BASE64.decode(payload).map_err(|_| damaged())?;
        serde_json::from_slice(&json).map_err(|_| damaged())
    }

    /// The range of the search that it belongs to.
    pub(super) fn range(&self) -> (Timestamp, Timestamp) {
        (Timestamp::from_millis(self.start), Timestamp::from_millis(self.end))
    }

    /// The windows that are still to be read, for the search that it belongs to.
    pub(super) fn pending(&self, account: &str, query: &Checked, now: Timestamp) -> Result<Vec<Pending>> {
        if self.account != account {
            return Err(refused("it belongs to a search of another account"));
        }
        if self.filters != filters(query) || self.range() != query.range || query.is_single {
            return Err(refused("it belongs to a search with another range or other filters: repeat them as they were"));
        }
        let damaged = || refused("it is damaged: hand it in whole, as the search gave it");
        let begun: Option<Vec<Pending>> = self.begun.iter().map(Standing::pending).collect();
        let mut pending = begun.ok_or_else(damaged)?;
        if let Some(rest) = self.rest {
            let rest = Checked { range: (Timestamp::from_millis(rest), query.range.1), ..query.clone() };
            pending.extend(windows(&rest, now).into_iter().map(Pending::fresh));
        }
        Ok(pending)
    }
}
