//! One command: its fields, and how values come out of them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use lpchat::{CallOptions, Decimal, Json, Secret, Text, Timestamp};

/// A line of the driver, taken apart.
#[derive(Debug, Default)]
pub struct Command {
    pub operation: String,
    pub target: String,
    pub keep: Option<String>,
    pub arguments: Fields,
    options: Fields,
}

/// Arguments by their path, without the letter of their type.
#[derive(Debug, Default)]
pub struct Fields(BTreeMap<String, String>);

impl Command {
    pub fn parse(line: &str) -> Self {
        let mut parts = line.split('\t').map(unescape);
        let mut command = Self { operation: parts.next().expect("an operation"), ..Self::default() };
        for part in parts {
            let (key, value) = part.split_once('=').expect("a field has a value");
            match key {
                "@" => command.target = value.to_owned(),
                ">" => command.keep = Some(value.to_owned()),
                _ => {
                    let value = value.split_once(':').expect("a value has a type").1.to_owned();
                    let (fields, key) = match key.strip_prefix('?') {
                        Some(key) => (&mut command.options, key),
                        None => (&mut command.arguments, key),
                    };
                    fields.0.insert(key.to_owned(), value);
                }
            }
        }
        command
    }

    /// The options of the call.
    pub fn options(&self) -> Option<CallOptions> {
        let CallOptions { timeout, retries, headers } = CallOptions {
            timeout: read(&self.options, "timeout"),
            retries: read(&self.options, "retries"),
            headers: read(&self.options, "headers"),
        };
        Some(CallOptions { timeout, retries, headers })
    }
}

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        out.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    out
}

/// What can be read from fields.
pub trait FromFields: Sized {
    /// The value at `path`; `None` where no field speaks of it.
    fn from_fields(fields: &Fields, path: &str) -> Option<Self>;
}

/// The value at `path`, or the type's absence.
pub fn read<T: Absent>(fields: &Fields, path: &str) -> T {
    T::read(fields, path)
}

/// What may stand for an absent value.
pub trait Absent: Sized {
    fn read(fields: &Fields, path: &str) -> Self;
}

impl<T: FromFields> Absent for Option<T> {
    fn read(fields: &Fields, path: &str) -> Self {
        T::from_fields(fields, path)
    }
}

impl<T: FromFields> Absent for Vec<T> {
    fn read(fields: &Fields, path: &str) -> Self {
        (0..).map_while(|index| T::from_fields(fields, &format!("{path}.{index}"))).collect()
    }
}

impl Absent for HashMap<String, String> {
    fn read(fields: &Fields, path: &str) -> Self {
        let inner =
            |(key, value): (&String, &String)| Some((key.strip_prefix(path)?.strip_prefix('.')?.to_owned(), value.clone()));
        fields.0.iter().filter_map(inner).collect()
    }
}

/// Declares types that are always there: the driver sends them, or their default stands.
#[macro_export]
macro_rules! always_there {
    ($($ty:ty),*) => {$(
        impl $crate::fields::Absent for $ty {
            fn read(fields: &$crate::fields::Fields, path: &str) -> Self {
                <Self as $crate::fields::FromFields>::from_fields(fields, path).unwrap_or_else(|| panic!("the driver leaves {path} out"))
            }
        }
    )*};
}

macro_rules! scalar {
    ($($ty:ty: $make:expr),*) => {$(
        impl FromFields for $ty {
            fn from_fields(fields: &Fields, path: &str) -> Option<Self> {
                let make: fn(&str) -> Self = $make;
                fields.0.get(path).map(|text| make(text))
            }
        }
    )*};
}

scalar! {
    Text: |text| text.into(),
    Secret: |text| text.into(),
    Json: |text| text.to_owned().into(),
    Decimal: |text| text.into(),
    Timestamp: |text| Timestamp::from_millis(text.parse().expect("milliseconds")),
    Duration: |text| Duration::from_secs_f64(text.parse::<f64>().expect("milliseconds") / 1000.0),
    i32: |text| text.parse().expect("a whole number"),
    i64: |text| text.parse().expect("a whole number"),
    f64: |text| text.parse().expect("a number")
}

always_there!(Text, Secret, Json, Timestamp, Duration, i32, i64, f64);

impl FromFields for bool {
    fn from_fields(fields: &Fields, path: &str) -> Option<Self> {
        fields.0.get(path).map(|text| text == "true")
    }
}

impl Absent for bool {
    fn read(fields: &Fields, path: &str) -> Self {
        Self::from_fields(fields, path).unwrap_or(false)
    }
}

impl Fields {
    /// Whether any field lies below `path`.
    pub fn speaks_of(&self, path: &str) -> bool {
        self.0.keys().any(|key| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
    }
}
