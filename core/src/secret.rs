//! Text that must not be seen.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::wire::{Decode, DecodeResult, Encode, Present, Presenter, Reader, Text};

/// A credential. It cannot be printed, compares in constant time and is wiped when the last copy goes.
#[derive(Clone, Default)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// The credential itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Arc::new(Zeroizing::new(text)))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.0.as_bytes(), other.0.as_bytes());
        one.len() == two.len() && one.iter().zip(two).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl Decode for Secret {
    fn decode(reader: &mut Reader<'_>) -> DecodeResult<Self> {
        Ok(Self::from(Text::decode(reader)?.as_str()))
    }
}

impl Encode for Secret {
    fn encode(&self) -> Option<serde_json::Value> {
        Some(self.expose().into())
    }
}

impl Present for Secret {
    fn present(&self, presenter: &mut Presenter) {
        presenter.text("…");
    }
}

#[cfg(feature = "uniffi")]
uniffi::custom_type!(Secret, String, { lower: |_secret| "…".to_owned(), try_lift: |text| Ok(text.into()) });
