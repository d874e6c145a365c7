//! The table `sde_purchases`.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{Engagement, Purchase};

type Row<'e> = Payload<'e, Purchase>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.purchase.as_deref())
}

table! {
    "sde_purchases", "One row for each purchase; its products are in `sde_purchase_products`.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "total" Amount "" "What was paid." => |row| amount(row.payload.total.as_ref()),
    "total_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.payload.total.as_ref()),
    "currency" Text "" "Currency of what was paid, an ISO code." => |row| row.payload.currency.as_ref().into(),
    "order_id" Text "" "Id of the order." => |row| row.payload.order_id.as_ref().into(),
    "cart_total" Amount "" "Value of the cart." => |row| amount(row.payload.cart.as_ref().and_then(|cart| cart.total.as_ref())),
    "cart_total_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.payload.cart.as_ref().and_then(|cart| cart.total.as_ref())),
    "cart_currency" Text "" "Currency of the cart, where it is given there." => |row| row.payload.cart.as_ref().and_then(|cart| cart.currency.as_ref()).into(),
    "cart_item_count" Integer "" "How many items the cart has." => |row| row.payload.cart.as_ref().and_then(|cart| cart.item_count).into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<Purchase>(&row.payload.raw, &ENVELOPE).into(),
}
