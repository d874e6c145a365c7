//! The table `sde_marketing`.

use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{Engagement, MarketingCampaign, OriginatingChannel};

type Row<'e> = Payload<'e, MarketingCampaign>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.marketing_campaign.as_deref())
}

table! {
    "sde_marketing", "One row for each marketing campaign that brought the visitor.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "originating_channel" Text "" "Code of how the visitor came." => |row| row.payload.originating_channel.as_ref().map(OriginatingChannel::as_str).into(),
    "originating_channel_label" Text "" "How the visitor came, in words; null for a code that is not known." => |row| row.payload.originating_channel.as_ref().and_then(OriginatingChannel::label).into(),
    "affiliate" Text "" "The partner that sent the visitor." => |row| row.payload.affiliate.as_ref().into(),
    "campaign_id" Text "" "The brand's own id of the campaign." => |row| row.payload.campaign_id.as_ref().into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<MarketingCampaign>(&row.payload.raw, &ENVELOPE).into(),
}
