//! The table `sde_personal_info`.

use super::super::column::{amount, amount_text};
use super::super::derived::count;
use super::super::table;
use super::super::unknown::unknown_beside;
use super::{ENVELOPE, Event, payloads};
use crate::history::{ContactAddress, CustomerAge, Engagement, PersonalContact, PersonalInformation};

pub(super) struct Row<'e> {
    engagement: &'e Engagement,
    at: Event<'e>,
    payload: &'e PersonalInformation,
    ordinal: usize,
    contact: Option<&'e PersonalContact>,
}

impl<'e> Row<'e> {
    fn age(&self) -> Option<&'e CustomerAge> {
        self.payload.age.as_ref()
    }

    fn address(&self) -> Option<&'e ContactAddress> {
        self.contact?.address.as_ref()
    }
}

/// A person without contacts has a row too.
fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    payloads(engagement, |event| event.personal_information.as_deref()).flat_map(move |row| {
        let (at, payload) = (row.at, row.payload);
        let rows = payload.contacts.len().max(1);
        (0..rows).map(move |ordinal| Row { engagement, at, payload, ordinal, contact: payload.contacts.get(ordinal) })
    })
}

table! {
    "sde_personal_info", "One row for each contact of each time the site told who the visitor is.", rows;
    "event_ordinal" Integer "" "Place of the event in the record, from 0: joins `sdes`." => |row| count(row.at.ordinal).into(),
    "server_time" Time "" "When the service processed it." => |row| row.at.event.server_time.into(),
    "original_time" Time "" "When it was created." => |row| row.at.event.original_time.into(),
    "is_authenticated" Boolean "" "Whether it came over an authenticated channel." => |row| row.at.event.is_authenticated.into(),
    "name" Text "" "First name." => |row| row.payload.name.as_ref().into(),
    "surname" Text "" "Surname." => |row| row.payload.surname.as_ref().into(),
    "gender" Text "" "Gender, such as `MALE`." => |row| row.payload.gender.as_ref().into(),
    "company" Text "" "Company." => |row| row.payload.company.as_ref().into(),
    "language" Text "" "Language." => |row| row.payload.language.as_ref().into(),
    "age_years" Amount "years" "Age." => |row| amount(row.age().and_then(|age| age.years.as_ref())),
    "age_years_text" Text "" "The same as it was sent, where it does not fit into the number." => |row| amount_text(row.age().and_then(|age| age.years.as_ref())),
    "year_of_birth" Integer "" "Year of birth." => |row| row.age().and_then(|age| age.year_of_birth).into(),
    "month_of_birth" Integer "" "Month of birth, 1 to 12." => |row| row.age().and_then(|age| age.month_of_birth).into(),
    "day_of_birth" Integer "" "Day of the month of birth." => |row| row.age().and_then(|age| age.day_of_birth).into(),
    "contact_ordinal" Integer "" "Place of the contact in the event, from 0." => |row| count(row.ordinal).into(),
    "email" Text "" "Mail address." => |row| row.contact.and_then(|contact| contact.email.as_ref()).into(),
    "phone" Text "" "Telephone number." => |row| row.contact.and_then(|contact| contact.phone.as_ref()).into(),
    "country" Text "" "Country of the postal address." => |row| row.address().and_then(|address| address.country.as_ref()).into(),
    "region" Text "" "Region of the postal address." => |row| row.address().and_then(|address| address.region.as_ref()).into(),
    "zip_code" Text "" "Zip code of the postal address." => |row| row.address().and_then(|address| address.zip_code.as_ref()).into(),
    "raw" Json "" "Members of the payload that no column knows." => |row| unknown_beside::<PersonalInformation>(&row.payload.raw, &ENVELOPE).into(),
}
