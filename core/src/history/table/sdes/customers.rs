//! The table `sde_customer_info`.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Payload, payloads};
use crate::history::{AttributeDate, CustomerInformation, Engagement};

/// A date whose parts are all there, in ISO form.
fn date(date: &AttributeDate) -> Option<String> {
    Some(format!("{:04}-{:02}-{:02}", date.year?, date.month?, date.day?))
}

type Row<'e> = Payload<'e, CustomerInformation>;

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.customer_information.as_deref())
}

table! {
    "sde_customer_info", "One row for each time the site told what it knows of the customer.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "customer_id" Text "" "The brand's own id of the customer." => |row| row.payload.customer_id.as_ref().into(),
    "customer_status" Text "" "Status of the customer." => |row| row.payload.customer_status.as_ref().into(),
    "customer_type" Text "" "Type of the customer." => |row| row.payload.customer_type.as_ref().into(),
    "balance" Amount "" "Balance of the customer's account." => |row| amount(row.payload.balance.as_ref()),
    "balance_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.payload.balance.as_ref()),
    "currency" Text "" "Currency of the balance, an ISO code." => |row| row.payload.currency.as_ref().into(),
    "social_id" Text "" "Id in a social network." => |row| row.payload.social_id.as_ref().into(),
    "imei" Text "" "Number of the mobile device." => |row| row.payload.imei.as_ref().into(),
    "user_name" Text "" "The customer's user name." => |row| row.payload.user_name.as_ref().into(),
    "account_name" Text "" "Name of the customer's account." => |row| row.payload.account_name.as_ref().into(),
    "role" Text "" "Role of the customer." => |row| row.payload.role.as_ref().into(),
    "company_branch" Text "" "Branch of the company." => |row| row.payload.company_branch.as_ref().into(),
    "company_size" Integer "people" "How many people the company has." => |row| row.payload.company_size.into(),
    "store_number" Text "" "Number of the store." => |row| row.payload.store_number.as_ref().into(),
    "store_zip_code" Text "" "Zip code of the store." => |row| row.payload.store_zip_code.as_ref().into(),
    "last_payment_date" Text "" "When the customer last paid, `YYYY-MM-DD`." => |row| row.payload.last_payment_date.as_ref().and_then(date).into(),
    "registration_date" Text "" "When the customer registered, `YYYY-MM-DD`." => |row| row.payload.registration_date.as_ref().and_then(date).into(),
    "login_status" Integer "" "Whether the customer is logged in, as a code." => |row| row.payload.login_status.into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<CustomerInformation>(&row.payload.raw, &ENVELOPE).into(),
}
