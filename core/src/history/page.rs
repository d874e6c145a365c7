//! One page of a search.

use lpchat_macros::model;

use super::History;
use super::model::Engagement;
use crate::error::{Code, LpchatError, Result};
use crate::wire::chat::Link;
use crate::wire::{Decode, DecodeError, DecodeResult, Json, Reader, Text};

/// A record of a page that cannot be read, beside those that can.
#[model(by_hand)]
pub struct RecordFailure {
    /// Which record of the page it is, from 0.
    pub index: i64,
    /// Where in the page the trouble lies, such as `$.interactionHistoryRecords[3].info.duration`.
    pub path: Text,
    /// What was expected there and what was found.
    pub message: Text,
}

/// One page of a search.
///
/// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
#[model(by_hand)]
pub struct SearchPage {
    /// The records that could be read.
    pub records: Vec<Engagement>,
    /// The records that could not be read, with their JSON text in `raw`.
    pub failures: Vec<RecordFailure>,
    /// How many records match the whole search, as the service counts: it rounds the time range to ten minutes, so
    /// that records just outside are counted too. Where a search reads several windows: how many match in the window of
    /// this page. Absent where the service does not say.
    pub count: Option<i64>,
    /// Index of the page's first record within the search, or within the window, as asked.
    pub offset: i64,
    /// How many records the page was to hold at most, as asked.
    pub limit: i64,
    /// Whether the service answered from a part of its data: records are missing and `count` is too low.
    pub is_partial_result: bool,
    /// How many parts the service's data has; sent by some generations of the service only.
    pub total_shards: Option<i64>,
    /// How many of those parts failed.
    pub failed_shards: Option<i64>,
    /// Links to this page, the next, the previous and the last. Do not follow them: they name foreign hosts, and lack
    /// the filters. lpchat counts for itself.
    pub links: Vec<Link>,
    /// Whether records follow this page, by the service's own link, else by its count. Of a page of a search: whether it
    /// goes on.
    pub has_next: bool,
    /// How many records were taken out of `records` because they started outside the range that was searched. Only
    /// `Search.next_page` does so.
    pub records_outside_range: i64,
    /// How many records were taken out of `records` because an earlier page had them. Only `Search.next_page` does so.
    pub repeated_records: i64,
    /// How many records were taken out of `records` because they had not changed. Only a search of `tail` does so.
    pub unchanged_records: i64,
}

#[model(internal)]
struct Metadata {
    count: Option<i64>,
    #[wire("self")]
    this: Option<Link>,
    next: Option<Link>,
    prev: Option<Link>,
    last: Option<Link>,
    #[wire("shardsStatusResult")]
    shards: Option<Shards>,
}

#[model(internal)]
struct Shards {
    #[wire("partialResult")]
    is_partial: Option<bool>,
    #[wire("totalShards")]
    total: Option<i64>,
    #[wire("failureShards")]
    failed: Option<i64>,
}

/// Smaller records are rare: so much room is made for a page's records at once that it seldom has to grow.
const USUAL_RECORD_BYTES: usize = 8 << 10;

const RECORDS: &str = "interactionHistoryRecords";

impl SearchPage {
    /// The page that an answer without a body stands for.
    pub(super) fn without_body() -> Self {
        Self::at(Json::from(Text::from("null")))
    }

    fn at(raw: Json) -> Self {
        Self {
            records: Vec::new(),
            failures: Vec::new(),
            count: None,
            offset: 0,
            limit: 0,
            is_partial_result: false,
            total_shards: None,
            failed_shards: None,
            links: Vec::new(),
            has_next: false,
            records_outside_range: 0,
            repeated_records: 0,
            unchanged_records: 0,
            raw,
        }
    }

    /// Whether it stands for an answer without a body.
    pub(super) fn is_without_body(&self) -> bool {
        self.raw.as_str() == "null"
    }

    /// Notes what was asked for.
    pub(super) fn asked(mut self, offset: i64, limit: i64) -> Self {
        self.offset = offset;
        self.limit = limit;
        self.has_next |= self.count.is_some_and(|count| offset + self.len() < count) && self.len() > 0;
        self
    }

    /// How many records the service put on the page.
    pub(super) fn len(&self) -> i64 {
        let held = self.records.len() + self.failures.len();
        i64::try_from(held).unwrap_or(i64::MAX) + self.records_outside_range + self.repeated_records
    }

    /// The error of the first record that cannot be read, where there is no place to hand the others out beside it.
    pub(super) fn refuse_failures(&self) -> Result<()> {
        let Some(failure) = self.failures.first() else { return Ok(()) };
        Err(LpchatError::new(Code::UnexpectedShape)
            .with_message(format!("A record cannot be read: {} at {}.", failure.message, failure.path))
            .with_hint("`retrieve_page` gives the record's JSON text beside the error."))
    }

    fn take_metadata(&mut self, metadata: Metadata) {
        self.count = metadata.count;
        self.has_next = metadata.next.is_some();
        for (link, relation) in
            [(metadata.this, "self"), (metadata.next, "next"), (metadata.prev, "prev"), (metadata.last, "last")]
        {
            self.links.extend(link.map(|link| Link { relation: link.relation.or_else(|| Some(relation.into())), ..link }));
        }
        if let Some(shards) = metadata.shards {
            self.is_partial_result = shards.is_partial == Some(true) || shards.failed.is_some_and(|failed| failed > 0);
            self.total_shards = shards.total;
            self.failed_shards = shards.failed;
        }
    }

    fn take_records(&mut self, reader: &mut Reader<'_>) -> DecodeResult<()> {
        let mut index = 0;
        self.records.reserve_exact(reader.bytes_left() / USUAL_RECORD_BYTES);
        reader.items(|reader| {
            match reader.recover()? {
                Ok(record) => self.records.push(record),
                Err((error, raw)) => {
                    let error = error.in_item(index).in_member(RECORDS);
                    self.failures.push(RecordFailure {
                        index: i64::try_from(index).unwrap_or(i64::MAX),
                        path: error.path().into(),
                        message: error.reason().into(),
                        raw,
                    });
                }
            }
            index += 1;
            Ok(())
        })
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl History {
    /// A page that was kept as JSON text: an answer of the service, or the `raw` of a page. Nothing is asked of the service.
    ///
    /// The text does not tell what was asked for, so that `offset` and `limit` are 0.
    ///
    /// Source: `docs/protocol/engagement-history-api.md`, "Response envelope and paging".
    pub fn decode_page(&self, json: Text) -> Result<SearchPage> {
        let mut reader = Reader::of(&json);
        let page = SearchPage::decode(&mut reader).and_then(|page| reader.finish().map(|()| page));
        page.map_err(|error| error.of("The page", &json))
    }
}

impl Decode for SearchPage {
    const CONTAINER: bool = true;

    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        let start = reader.start_of_value()?;
        let mut page = Self::at(Json::default());
        let mut is_page = false;
        reader.object_members(|reader, name| {
            is_page |= matches!(name, "_metadata" | RECORDS);
            match name {
                "_metadata" => {
                    if let Some(metadata) = reader.member::<Option<Metadata>>("_metadata")? {
                        page.take_metadata(metadata);
                    }
                    Ok(())
                }
                RECORDS => page.take_records(reader).map_err(|error| error.in_member(RECORDS)),
                _ => reader.skip(),
            }
        })?;
        if !is_page {
            // An error document inside a successful answer must not pass for an empty page.
            return Err(DecodeError::new(format!("the object has neither `_metadata` nor `{RECORDS}`, so it is no page")));
        }
        page.raw = reader.raw_since(start);
        Ok(page)
    }
}
