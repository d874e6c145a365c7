//! The generated history: a pure function of seed, base date, account and number of records.

pub mod json;
pub mod plan;
pub mod record;
pub mod sdes;
pub mod texts;
pub mod transcript;
