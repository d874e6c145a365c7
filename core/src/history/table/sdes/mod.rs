//! The tables about engagement attributes (SDEs): one of all events, and one of each kind.

mod carts;
mod customers;
mod errors;
mod leads;
mod marketing;
mod persons;
mod products;
mod purchases;
mod searches;
mod service;

use super::derived::count;
use super::{Table, table};
use crate::history::{AttributeKind, Engagement, EngagementAttribute};

/// One event, and where in its record it stands.
#[derive(Clone, Copy)]
pub(super) struct Event<'e> {
    pub(super) engagement: &'e Engagement,
    ordinal: usize,
    event: &'e EngagementAttribute,
}

fn events(engagement: &Engagement) -> impl Iterator<Item = Event<'_>> {
    engagement.sdes.iter().enumerate().map(move |(ordinal, event)| Event { engagement, ordinal, event })
}

/// A row of a kind's table: the event and its payload.
pub(super) struct Payload<'e, T> {
    pub(super) engagement: &'e Engagement,
    at: Event<'e>,
    payload: &'e T,
}

/// The events of one kind.
fn payloads<'e, T: 'e>(
    engagement: &'e Engagement,
    payload: fn(&'e EngagementAttribute) -> Option<&'e T>,
) -> impl Iterator<Item = Payload<'e, T>> {
    events(engagement).filter_map(move |at| Some(Payload { engagement, at, payload: payload(at.event)? }))
}

/// Members that every payload holds, and that have columns.
const ENVELOPE: [&str; 3] = ["serverTimeStamp", "originalTimeStamp", "isAuthenticated"];

type Row<'e> = Event<'e>;

table! {
    "sdes", "One row for each engagement attribute (SDE) of any kind.", events;
    "event_ordinal" Integer "" "Place of the event in the record, from 0." => |row| count(row.ordinal).into(),
    "kind" Text "" "Kind of the attribute, such as `PURCHASE`." => |row| AttributeKind::as_str(&row.event.kind).into(),
    "server_time" Time "" "When the service processed it." => |row| row.event.server_time.into(),
    "original_time" Time "" "When it was created; either time may be the later one." => |row| row.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.event.is_authenticated.into(),
    "problem" Text "" "Why the payload cannot be read, and where in it." => |row| row.event.problem.as_ref().into(),
    "raw" Json "" "The whole event as it was sent." => |row| row.event.raw.as_str().into(),
}

pub(super) const TABLES: [Table; 12] = [
    carts::TABLE,
    products::carts::TABLE,
    purchases::TABLE,
    products::purchases::TABLE,
    products::viewed::TABLE,
    customers::TABLE,
    persons::TABLE,
    leads::TABLE,
    marketing::TABLE,
    service::TABLE,
    errors::TABLE,
    searches::TABLE,
];
