//! What a column is: the one list of each table makes its schema, its arrays and its documentation.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::ArrayRef;
#[cfg(feature = "parquet")]
use arrow_array::builder::ArrayBuilder;
use arrow_array::builder::{
    BooleanBuilder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::wire::{Decimal, Timestamp};

/// What a column holds, and what in it stands for "none".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text; empty is none.
    Text,
    /// Text; empty and `NA` are none.
    Name,
    /// An id as text; empty, `NA` and -1 are none.
    Id,
    /// JSON text.
    Json,
    /// A whole number.
    Integer,
    /// A code as a whole number; -1 is none.
    Code,
    /// A number.
    Number,
    /// An amount: a decimal number with four places, 18 digits in all.
    Amount,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
}

/// Digits of an amount, and how many of them are places.
const AMOUNT_DIGITS: u8 = 18;
const AMOUNT_PLACES: i8 = 4;

impl Kind {
    fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Name | Self::Id | Self::Json => DataType::Utf8,
            Self::Integer | Self::Code => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::Amount => DataType::Decimal128(AMOUNT_DIGITS, AMOUNT_PLACES),
            Self::Boolean => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text | Self::Name => "text",
            Self::Id => "id (text)",
            Self::Json => "JSON (text)",
            Self::Integer | Self::Code => "integer",
            Self::Number => "number",
            Self::Amount => "decimal(18, 4)",
            Self::Boolean => "boolean",
            Self::Time => "timestamp",
        }
    }

    fn is_none(self, text: &str) -> bool {
        match text.as_bytes() {
            b"" => true,
            b"NA" => matches!(self, Self::Name | Self::Id),
            b"-1" => self == Self::Id,
            _ => false,
        }
    }
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    /// In ten-thousandths.
    Amount(i64),
    Boolean(bool),
    Time(Timestamp),
}

/// An amount, where it fits into the column exactly.
pub(super) fn amount(amount: Option<&Decimal>) -> Cell<'_> {
    amount.and_then(|amount| ten_thousandths(amount.as_str())).map_or(Cell::Null, Cell::Amount)
}

/// The text of an amount that does not.
pub(super) fn amount_text(amount: Option<&Decimal>) -> Cell<'_> {
    amount.map(Decimal::as_str).filter(|text| ten_thousandths(text).is_none()).into()
}

/// Reads a decimal number, never by way of a binary one.
fn ten_thousandths(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |rest| (true, rest));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let places = places.trim_end_matches('0');
    let only_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let most_places = usize::from(AMOUNT_PLACES.unsigned_abs());
    if digits.trim_matches('.').is_empty() || !only_digits(whole) || !only_digits(places) || places.len() > most_places {
        return None;
    }
    let number = format!("{whole}{places:0<most_places$}");
    let number = number.trim_start_matches('0');
    if number.len() > usize::from(AMOUNT_DIGITS) {
        return None;
    }
    let number: i64 = if number.is_empty() { 0 } else { number.parse().ok()? };
    Some(if negative { -number } else { number })
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a crate::wire::Text> for Cell<'a> {
    fn from(text: &'a crate::wire::Text) -> Self {
        text.as_str().into()
    }
}

macro_rules! cell {
    ($($from:ty => $variant:ident),*) => {$(
        impl From<$from> for Cell<'_> {
            fn from(value: $from) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}
cell!(i64 => Integer, f64 => Number, bool => Boolean, Timestamp => Time);

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A column of a table whose rows `F` reads.
pub(super) struct Column<F> {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Unit of the values; empty where they have none.
    pub(super) unit: &'static str,
    pub(super) meaning: &'static str,
    pub(super) value: F,
}

impl<F> Column<F> {
    pub(super) const fn new(name: &'static str, kind: Kind, unit: &'static str, meaning: &'static str, value: F) -> Self {
        Self { name, kind, unit, meaning, value }
    }

    pub(super) fn field(&self) -> Field {
        Field::new(self.name, self.kind.data_type(), true)
    }
}

/// The section of `docs/tables.md` about one table.
pub(super) fn markdown<F>(name: &str, meaning: &str, columns: &[Column<F>]) -> String {
    let mut text = format!("## `{name}`\n\n{meaning}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n");
    for column in columns {
        text.push_str(&format!("| `{}` | {} | {} | {} |\n", column.name, column.kind.words(), column.unit, column.meaning));
    }
    text
}

/// Collects the values of one column.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    kind: Kind,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Amount(Decimal128Builder),
    Boolean(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
}

impl ColumnBuilder {
    pub(super) fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text | Kind::Name | Kind::Id | Kind::Json => Values::Text(StringBuilder::new()),
            Kind::Integer | Kind::Code => Values::Integer(Int64Builder::new()),
            Kind::Number => Values::Number(Float64Builder::new()),
            Kind::Amount => Values::Amount(Decimal128Builder::new().with_data_type(kind.data_type())),
            Kind::Boolean => Values::Boolean(BooleanBuilder::new()),
            Kind::Time => Values::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
        };
        Self { kind, values }
    }

    /// Adds one value; what stands for "none" becomes null.
    pub(super) fn append(&mut self, cell: Cell<'_>, keep_placeholders: bool) {
        let kind = self.kind;
        match (&mut self.values, cell) {
            (Values::Text(values), Cell::Text(text)) => {
                values.append_option(Some(&*text).filter(|text| keep_placeholders || !kind.is_none(text)));
            }
            (Values::Integer(values), Cell::Integer(number)) => {
                let none = kind == Kind::Code && number == -1 && !keep_placeholders;
                values.append_option((!none).then_some(number));
            }
            (Values::Number(values), Cell::Number(number)) => values.append_value(number),
            (Values::Amount(values), Cell::Amount(number)) => values.append_value(number.into()),
            (Values::Boolean(values), Cell::Boolean(value)) => values.append_value(value),
            (Values::Time(values), Cell::Time(time)) => values.append_value(time.as_millis()),
            (values, cell) => {
                debug_assert_eq!(cell, Cell::Null, "a column's values are of its kind");
                values.append_null();
            }
        }
    }

    #[cfg(feature = "parquet")]
    pub(super) fn rows(&self) -> usize {
        let builder: &dyn ArrayBuilder = match &self.values {
            Values::Text(values) => values,
            Values::Integer(values) => values,
            Values::Number(values) => values,
            Values::Amount(values) => values,
            Values::Boolean(values) => values,
            Values::Time(values) => values,
        };
        builder.len()
    }

    /// How many bytes of text were added.
    pub(super) fn text_bytes(&self) -> usize {
        if let Values::Text(values) = &self.values { values.values_slice().len() } else { 0 }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match &mut self.values {
            Values::Text(values) => Arc::new(values.finish()),
            Values::Integer(values) => Arc::new(values.finish()),
            Values::Number(values) => Arc::new(values.finish()),
            Values::Amount(values) => Arc::new(values.finish()),
            Values::Boolean(values) => Arc::new(values.finish()),
            Values::Time(values) => Arc::new(values.finish()),
        }
    }
}

impl Values {
    fn append_null(&mut self) {
        match self {
            Self::Text(values) => values.append_null(),
            Self::Integer(values) => values.append_null(),
            Self::Number(values) => values.append_null(),
            Self::Amount(values) => values.append_null(),
            Self::Boolean(values) => values.append_null(),
            Self::Time(values) => values.append_null(),
        }
    }
}
