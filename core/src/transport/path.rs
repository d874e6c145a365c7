//! A path that is asked again and again, and the address that it has.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use url::{Position, Url};

use crate::error::{Code, LpchatError, Result};

/// An encoded path, from the first slash. Its copies share the address that was made of it.
#[derive(Debug, Clone)]
pub(crate) struct Path(Arc<Known>);

#[derive(Debug)]
struct Known {
    text: Box<str>,
    /// On the origin where it was asked first, which is nearly always the only one.
    address: OnceLock<Url>,
}

impl<T: Into<Box<str>>> From<T> for Path {
    fn from(text: T) -> Self {
        Self(Arc::new(Known { text: text.into(), address: OnceLock::new() }))
    }
}

impl Deref for Path {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.text
    }
}

impl Path {
    /// The address on `origin`.
    pub(super) fn on(&self, origin: &Url) -> Result<Url> {
        let lies_there = |address: &&Url| address[..Position::BeforePath] == origin[..Position::BeforePath];
        if let Some(address) = self.0.address.get().filter(lies_there) {
            return Ok(address.clone());
        }
        let mut address = origin.clone();
        address.set_query(None);
        address.set_path(self);
        // `.` and `..` are directions in an address however they are written, so an id cannot be one of them.
        if address.path() != &**self {
            return Err(
                LpchatError::new(Code::InvalidArgument).with_message("An id is `.` or `..`, which cannot stand in an address.")
            );
        }
        if !lies_there(&&address) {
            return Err(LpchatError::new(Code::Internal).with_message("A path led to another host."));
        }
        // Whoever was first stays.
        let _ = self.0.address.set(address.clone());
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_address_of_the_origin_that_is_asked() {
        let origin = |text: &str| Url::parse(text).unwrap();
        let path = Path::from("/api/chat/H1K%2F1.json");
        for host in ["https://one.example", "https://two.example", "https://one.example", "http://one.example"] {
            let address = path.clone().on(&origin(host)).unwrap();
            assert_eq!(address.as_str(), format!("{host}/api/chat/H1K%2F1.json"));
        }
    }

    #[test]
    fn directions_are_no_ids() {
        let origin = Url::parse("https://one.example").unwrap();
        for text in ["/api/chat/..", "/api/chat/./events", "/api/chat/%2e%2E"] {
            assert_eq!(Path::from(text).on(&origin).unwrap_err().code(), Code::InvalidArgument, "{text}");
        }
    }
}
