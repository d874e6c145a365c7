//! The table `sde_service`.

use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{Engagement, ServiceActivity, ServiceActivityStatus};

type Row<'e> = Payload<'e, ServiceActivity>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.service_activity.as_deref())
}

table! {
    "sde_service", "One row for each service activity.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "service_id" Text "" "Id of the service." => |row| row.payload.service_id.as_ref().into(),
    "topic" Text "" "What it is about." => |row| row.payload.topic.as_ref().into(),
    "category" Text "" "Category." => |row| row.payload.category.as_ref().into(),
    "status" Text "" "Code of its state." => |row| row.payload.status.as_ref().map(ServiceActivityStatus::as_str).into(),
    "status_label" Text "" "Its state, in words; null for a code that is not known." => |row| row.payload.status.as_ref().and_then(ServiceActivityStatus::label).into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<ServiceActivity>(&row.payload.raw, &ENVELOPE).into(),
}
