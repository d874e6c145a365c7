//! The table `sde_errors`.

use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{Engagement, VisitorError};

type Row<'e> = Payload<'e, VisitorError>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.visitor_error.as_deref())
}

table! {
    "sde_errors", "One row for each error that the visitor met.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "context_id" Text "" "Where it happened." => |row| row.payload.context_id.as_ref().into(),
    "message" Text "" "The message." => |row| row.payload.message.as_ref().into(),
    "code" Text "" "The brand's own code of the error." => |row| row.payload.code.as_ref().into(),
    "level" Integer "" "How severe it is." => |row| row.payload.level.into(),
    "is_resolved" Boolean "" "Whether it was resolved." => |row| row.payload.is_resolved.into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<VisitorError>(&row.payload.raw, &ENVELOPE).into(),
}
