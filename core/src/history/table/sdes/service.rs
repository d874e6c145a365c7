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
    "status" Text "" "Code of its state: 0 complete, 1 in progress, 2 approved, 3 cancelled, …" => |row| row.payload.status.as_ref().map(ServiceActivityStatus::as_str).into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<ServiceActivity>(&row.payload.raw, &ENVELOPE).into(),
}
