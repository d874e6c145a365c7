//! The table `sde_searches`.

use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Event, payloads};
use crate::history::{Engagement, SearchContent};
use crate::wire::Text;

pub(super) struct Row<'e> {
    engagement: &'e Engagement,
    at: Event<'e>,
    ordinal: usize,
    payload: &'e SearchContent,
    keyword: &'e Text,
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.search_content.as_deref()).flat_map(move |row| {
        let keywords = row.payload.keywords.iter().enumerate();
        keywords.map(move |(ordinal, keyword)| Row { engagement, at: row.at, ordinal, payload: row.payload, keyword })
    })
}

table! {
    "sde_searches", "One row for each keyword that the visitor searched for on the site.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "keyword_ordinal" Integer "" "Place of the keyword in the event, from 0." => |row| count(row.ordinal).into(),
    "keyword" Text "" "The keyword." => |row| row.keyword.into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<SearchContent>(&row.payload.raw, &ENVELOPE).into(),
}
