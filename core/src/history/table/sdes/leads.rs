//! The table `sde_leads`.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{Engagement, Lead};

type Row<'e> = Payload<'e, Lead>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.lead.as_deref())
}

table! {
    "sde_leads", "One row for each lead.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "lead_id" Text "" "Id of the lead." => |row| row.payload.lead_id.as_ref().into(),
    "topic" Text "" "What it is about." => |row| row.payload.topic.as_ref().into(),
    "value" Amount "" "Value of the lead." => |row| amount(row.payload.value.as_ref()),
    "value_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.payload.value.as_ref()),
    "currency" Text "" "Currency of the value, an ISO code." => |row| row.payload.currency.as_ref().into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<Lead>(&row.payload.raw, &ENVELOPE).into(),
}
