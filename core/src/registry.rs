//! What the interface consists of, beyond what UniFFI's metadata says: retry classes and wire values.
//!
//! The entries are made by `#[operation]` and `#[model]` under the feature `uniffi`; `bindings/codegen` reads them.

use crate::RetryClass;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The object it belongs to.
    pub face: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// Whether and when it may be repeated.
    pub retry: RetryClass,
    /// Whether it waits for what somebody else does: only the caller's own limit on time applies then.
    pub waits: bool,
}

impl std::fmt::Display for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.face, self.name)
    }
}

/// One open enumeration.
#[derive(Debug, Clone, Copy)]
pub struct Enumeration {
    /// Its name.
    pub name: &'static str,
    /// Its variants and their values on the wire.
    pub values: &'static [(&'static str, &'static str)],
}

#[cfg(feature = "uniffi")]
mod collected {
    use super::{Enumeration, Operation};

    inventory::collect!(Operation);
    inventory::collect!(Enumeration);

    /// Every operation, by face and name.
    pub fn operations() -> Vec<&'static Operation> {
        let mut operations: Vec<_> = inventory::iter::<Operation>.into_iter().collect();
        operations.sort_by_key(|operation| (operation.face, operation.name));
        operations
    }

    /// Every open enumeration, by name.
    pub fn enumerations() -> Vec<&'static Enumeration> {
        let mut enumerations: Vec<_> = inventory::iter::<Enumeration>.into_iter().collect();
        enumerations.sort_by_key(|enumeration| enumeration.name);
        enumerations
    }
}

#[cfg(feature = "uniffi")]
pub use collected::{enumerations, operations};
