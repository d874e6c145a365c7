//! The table `sde_carts`.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{CartStatus, Engagement};

type Row<'e> = Payload<'e, CartStatus>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.cart_status.as_deref())
}

table! {
    "sde_carts", "One row for each state of a shopping cart; its products are in `sde_cart_products`.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "total" Amount "" "Value of the cart." => |row| amount(row.payload.total.as_ref()),
    "total_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.payload.total.as_ref()),
    "currency" Text "" "Currency of the amounts, an ISO code." => |row| row.payload.currency.as_ref().into(),
    "item_count" Integer "" "How many items are in it." => |row| row.payload.item_count.into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<CartStatus>(&row.payload.raw, &ENVELOPE).into(),
}
