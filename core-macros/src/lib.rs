//! `#[operation]` and `#[model]`: everything an endpoint of lpchat needs, said once.
//!
//! Both read one Rust item with its doc comments and expand to what every language needs of it; the crate `lpchat` is
//! their only user. What they expand to is described in `docs/architecture.md`, "One interface, declared once".

mod enumeration;
mod model;
mod operation;
mod wire;

use proc_macro::TokenStream;

/// Declares a type of the public interface.
///
/// * `#[model]` on a struct: a document of the service. It decodes tolerantly, keeps what it does not know in `raw`.
///   `#[model(unwrap = "lead")]` also reads the members of an inner object of that name; `#[model(complete)]` calls
///   `self.complete()` when everything is read, to fill the fields marked `skip`; `#[model(empty)]` takes the absence
///   of the document for an empty one; `#[model(usually = 32)]` says how many of them a list is likely to hold.
/// * `#[model(by_hand)]` on a struct: a document of the service whose `Decode` is written by hand.
/// * `#[model(internal)]` on a struct: a document that only we read; part of no interface.
/// * `#[model(request)]` on a struct: what a user hands in. It has defaults and encodes to the wire.
/// * `#[model(options)]` on a struct: what a user hands in for ourselves. It has defaults and is never on the wire.
/// * `#[model(plain)]` on a struct: data of our own, never on the wire.
/// * `#[model]` on an enum: an open enumeration; a variant `Other { text }` is added.
///
/// Fields and variants take `#[wire("name", alias = "…", text = "…", item = "…", skip, lenient)]`.
#[proc_macro_attribute]
pub fn model(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(model::expand(arguments.into(), item.into()))
}

/// Declares an operation: one `async fn` whose first parameter is the object it belongs to and whose second is the
/// context of the call.
///
/// `retry` is `safe`, `idempotent` or `effect` and has no default: an operation without a retry class does not compile.
/// `waits` marks one that waits for what somebody else does: the client's default limit on time does not apply to it.
/// `gives_back = function` names what takes a value back that nobody took, because its call was cancelled too late.
/// `takes = function` names what is taken in the moment of the call, in the order of calls; it is the third parameter. Where
/// the call also gives back, what was taken is cloned and kept until its value was received or given back.
#[proc_macro_attribute]
pub fn operation(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand(operation::expand(arguments.into(), item.into()))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
