//! The tables `sde_cart_products`, `sde_purchase_products` and `sde_viewed_products`: the same columns.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown;
use super::{Event, events};
use crate::history::{Engagement, EngagementAttribute, Product};
use crate::wire::Text;

pub(super) struct Row<'e> {
    engagement: &'e Engagement,
    at: Event<'e>,
    ordinal: usize,
    product: &'e Product,
    currency: Option<&'e Text>,
}

/// Where an event has its products, and in which currency.
type Products = for<'e> fn(&'e EngagementAttribute) -> Option<(&'e Vec<Product>, Option<&'e Text>)>;

fn rows(engagement: &Engagement, products: Products) -> impl Iterator<Item = Row<'_>> {
    events(engagement).filter_map(move |at| Some((at, products(at.event)?))).flat_map(move |(at, (products, currency))| {
        let products = products.iter().enumerate();
        products.map(move |(ordinal, product)| Row { engagement, at, ordinal, product, currency })
    })
}

macro_rules! product_table {
    ($name:literal, $meaning:literal) => {
        table! {
            $name, $meaning, rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "product_ordinal" Integer "" "Place of the product in the event, from 0." => |row| count(row.ordinal).into(),
    "quantity" Integer "" "How many of it." => |row| row.product.quantity.into(),
    "name" Text "" "Name of the product." => |row| row.product.name.as_ref().into(),
    "category" Text "" "Category of the product." => |row| row.product.category.as_ref().into(),
    "sku" Text "" "The shop's own id of the product." => |row| row.product.sku.as_ref().into(),
    "price" Amount "" "Price of one." => |row| amount(row.product.price.as_ref()),
    "price_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.product.price.as_ref()),
    "currency" Text "" "Currency of the price, an ISO code." => |row| row.currency.into(),
    "status_in_stock" Text "" "Whether it is in stock, in the shop's words; viewed products only." => |row| row.product.status_in_stock.as_ref().into(),
    "quantity_in_stock" Integer "" "How many are in stock; viewed products only." => |row| row.product.quantity_in_stock.into(),
    "raw" Json "" "Members of the product that no column knows." => |row| unknown::<Product>(&row.product.raw).into(),
        }
    };
}

pub(super) mod carts {
    use super::*;

    fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
        super::rows(engagement, |event| event.cart_status.as_deref().map(|cart| (&cart.products, cart.currency.as_ref())))
    }

    product_table!("sde_cart_products", "One row for each product of each state of a shopping cart.");
}

pub(super) mod purchases {
    use super::*;

    fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
        super::rows(engagement, |event| {
            let purchase = event.purchase.as_ref()?;
            let cart = purchase.cart.as_ref()?;
            // Some senders give the currency in the cart, others beside it.
            Some((&cart.products, cart.currency.as_ref().or(purchase.currency.as_ref())))
        })
    }

    product_table!("sde_purchase_products", "One row for each product of each purchase.");
}

pub(super) mod viewed {
    use super::*;

    fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
        super::rows(engagement, |event| {
            event.viewed_product.as_deref().map(|viewed| (&viewed.products, viewed.currency.as_ref()))
        })
    }

    product_table!("sde_viewed_products", "One row for each product that the visitor looked at.");
}
