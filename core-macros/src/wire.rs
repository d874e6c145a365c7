//! The attribute `#[wire(…)]` of fields and variants, and the naming rules behind its defaults.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitByteStr, LitStr, Token};

/// What `#[wire(…)]` says about one field or variant.
#[derive(Default)]
pub struct Wire {
    /// The member's name on the wire; the camel-cased field name when absent.
    pub name: Option<String>,
    /// Further names that mean the same.
    pub aliases: Vec<String>,
    /// The name of the text twin of an epoch member.
    pub text: Option<String>,
    /// The member that holds the list inside its container.
    pub item: Option<String>,
    /// Not on the wire.
    pub skip: bool,
    /// A value of another shape is passed over instead of failing the document.
    pub lenient: bool,
}

impl Wire {
    /// Takes the `#[wire]` attributes out of `attributes`.
    pub fn take(attributes: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut wire = Self::default();
        let mut kept = Vec::new();
        for attribute in attributes.drain(..) {
            if attribute.path().is_ident("wire") {
                wire = attribute.parse_args()?;
            } else {
                kept.push(attribute);
            }
        }
        *attributes = kept;
        Ok(wire)
    }

    /// The member's name for a field called `field`.
    pub fn name_for(&self, field: &Ident) -> String {
        self.name.clone().unwrap_or_else(|| camel_case(&field.to_string()))
    }
}

impl Parse for Wire {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut wire = Self::default();
        while !input.is_empty() {
            if input.peek(LitStr) {
                wire.name = Some(input.parse::<LitStr>()?.value());
            } else {
                wire.parse_named(input)?;
            }
            if input.is_empty() {
                break;
            }
            input.parse::<Token![,]>()?;
        }
        Ok(wire)
    }
}

impl Wire {
    fn parse_named(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let key: Ident = input.parse()?;
        if key == "skip" {
            self.skip = true;
            return Ok(());
        }
        if key == "lenient" {
            self.lenient = true;
            return Ok(());
        }
        input.parse::<Token![=]>()?;
        let value = input.parse::<LitStr>()?.value();
        match key.to_string().as_str() {
            "alias" => self.aliases.push(value),
            "text" => self.text = Some(value),
            "item" => self.item = Some(value),
            other => {
                return Err(syn::Error::new(
                    key.span(),
                    format!("`wire` knows alias, text, item, skip and lenient, not `{other}`"),
                ));
            }
        }
        Ok(())
    }
}

/// `chat_start_url` → `chatStartUrl`.
pub fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for character in name.trim_start_matches("r#").chars() {
        if character == '_' {
            upper = true;
        } else if upper {
            out.extend(character.to_uppercase());
            upper = false;
        } else {
            out.push(character);
        }
    }
    out
}

/// The doc comment of an item, one string a line.
pub fn docs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).collect()
}

/// What a text that is told by its bytes stands for, `otherwise` for any other one. Told apart by length first, so that few
/// texts are compared. The text is called `text`.
pub fn by_text(meanings: &[(String, TokenStream)], otherwise: &TokenStream) -> TokenStream {
    let mut lengths: BTreeMap<usize, Vec<TokenStream>> = BTreeMap::new();
    for (text, meaning) in meanings {
        let bytes = LitByteStr::new(text.as_bytes(), Span::call_site());
        lengths.entry(text.len()).or_default().push(quote!(if text == #bytes { #meaning } else));
    }
    let arms = lengths.iter().map(|(length, arms)| quote!(#length => #(#arms)* { #otherwise },));
    quote!(match text.len() { #(#arms)* _ => #otherwise })
}
