//! `#[model]` on enums: open enumerations.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::wire::{Wire, by_text};

pub fn expand(input: DeriveInput) -> syn::Result<TokenStream> {
    let DeriveInput { attrs, vis, ident, data, .. } = input;
    let Data::Enum(data) = data else { unreachable!("only enums come here") };
    let mut declarations = Vec::new();
    let mut names = Vec::new();
    let mut texts = Vec::new();
    let mut known = Vec::new();
    for mut variant in data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(&variant.ident, "a variant of an open enumeration holds nothing"));
        }
        let wire = Wire::take(&mut variant.attrs)?;
        let text = wire.name_for(&variant.ident);
        let name = &variant.ident;
        known.extend(std::iter::once(&text).chain(&wire.aliases).map(|text| (text.clone(), quote!(Some(Self::#name)))));
        names.push(name.clone());
        texts.push(text);
        declarations.push(variant);
    }
    let name = ident.to_string();
    let variants = names.iter().map(ToString::to_string);
    let known = by_text(&known, &quote!(None));
    Ok(quote! {
        #(#attrs)*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
        #vis enum #ident {
            #(#declarations,)*
            /// A value that this version does not know.
            Other {
                /// The value as the service sent it.
                text: crate::wire::Text,
            },
        }
        impl #ident {
            /// The value as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#names => #texts,)*
                    Self::Other { text } => text,
                }
            }

            /// The value that stands on the wire as this text, if this version knows it.
            fn known(text: &[u8]) -> Option<Self> {
                #known
            }
        }
        /// A value that is not known yet: a document sets it while it is read, a request that leaves it so is refused.
        impl Default for #ident {
            fn default() -> Self {
                Self::Other { text: crate::wire::Text::default() }
            }
        }
        impl From<crate::wire::Text> for #ident {
            fn from(text: crate::wire::Text) -> Self {
                Self::known(text.as_bytes()).unwrap_or(Self::Other { text })
            }
        }
        impl From<&str> for #ident {
            fn from(text: &str) -> Self {
                Self::from(crate::wire::Text::from(text))
            }
        }
        impl std::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
        impl crate::wire::Decode for #ident {
            fn decode(reader: &mut crate::wire::Reader<'_>) -> crate::wire::DecodeResult<Self> {
                reader.enumerated(Self::known)
            }
        }
        impl crate::wire::Encode for #ident {
            fn encode(&self) -> Option<serde_json::Value> {
                Some(self.as_str().into())
            }
        }
        impl crate::wire::Present for #ident {
            fn present(&self, presenter: &mut crate::wire::Presenter) {
                presenter.text(self.as_str());
            }
        }
        #[cfg(feature = "uniffi")]
        inventory::submit! {
            crate::registry::Enumeration { name: #name, values: &[#((#variants, #texts)),*] }
        }
    })
}
