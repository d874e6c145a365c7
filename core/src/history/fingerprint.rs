//! By what a record is known again.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::model::Engagement;
use super::page::{RecordFailure, SearchPage};

/// A fingerprint of a record's key. The texts themselves would keep every page in memory.
pub(super) type Fingerprint = u128;

fn digest(value: impl Hash) -> Fingerprint {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, &value).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// The fingerprint of a record's key; of its text, where it has no id to be known by.
///
/// Source of the key: `docs/protocol/engagement-history-api.md`, "`info`".
pub(super) fn of_record(record: &Engagement) -> Fingerprint {
    if record.engagement_id.is_empty() {
        return digest(record.raw.as_str());
    }
    let info = &record.info;
    digest((&record.account_id, &record.engagement_id, info.engagement_set, info.engagement_sequence))
}

/// The fingerprint of a record that cannot be read: of its text.
pub(super) fn of_failure(failure: &RecordFailure) -> Fingerprint {
    digest(failure.raw.as_str())
}

/// The fingerprints of everything on a page.
pub(super) fn of_page(page: &SearchPage) -> impl Iterator<Item = Fingerprint> {
    page.records.iter().map(of_record).chain(page.failures.iter().map(of_failure))
}

/// A digest of a text, to tell whether it is the same.
pub(super) fn of_text(text: &str) -> Fingerprint {
    digest(text)
}
