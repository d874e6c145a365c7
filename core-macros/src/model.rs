//! `#[model]` on structs.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Field, Fields, GenericArgument, Ident, LitInt, LitStr, PathArguments, Token, Type};

use crate::enumeration;
use crate::wire::{Wire, by_text};

#[derive(PartialEq)]
enum Role {
    Answer(Answer),
    /// A document whose decoding is written by hand.
    ByHand,
    /// A document of ours alone: decoded, and part of no interface.
    Internal,
    Request,
    Options,
    Plain,
}

/// How a document of the service is decoded.
#[derive(PartialEq, Default)]
struct Answer {
    /// The inner object whose members are read as the document's own.
    unwrap: Option<String>,
    /// `complete` is called when everything is read, to fill what is not on the wire.
    complete: bool,
    /// Absence means the empty document.
    empty: bool,
    /// How many of them a list is likely to hold.
    usually: Option<LitInt>,
}

impl Role {
    /// Whether the document keeps its source.
    fn has_raw(&self) -> bool {
        matches!(self, Self::Answer(_) | Self::ByHand)
    }

    /// Whether a user makes values of it, and so wants defaults.
    fn is_input(&self) -> bool {
        matches!(self, Self::Request | Self::Options)
    }
}

struct Arguments(Role);

impl syn::parse::Parse for Arguments {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let mut answer = Answer::default();
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "internal" => return Ok(Self(Role::Internal)),
                "request" => return Ok(Self(Role::Request)),
                "options" => return Ok(Self(Role::Options)),
                "plain" => return Ok(Self(Role::Plain)),
                "by_hand" => return Ok(Self(Role::ByHand)),
                "complete" => answer.complete = true,
                "empty" => answer.empty = true,
                "usually" => {
                    input.parse::<Token![=]>()?;
                    answer.usually = Some(input.parse()?);
                }
                "unwrap" => {
                    input.parse::<Token![=]>()?;
                    answer.unwrap = Some(input.parse::<LitStr>()?.value());
                }
                other => {
                    return Err(syn::Error::new(
                        word.span(),
                        format!(
                            "a model is `internal`, `request`, `options`, `plain`, `by_hand`, or has any of `unwrap`, \
                             `complete`, `empty` and `usually`, not `{other}`"
                        ),
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self(Role::Answer(answer)))
    }
}

/// One field with what the wire calls it.
struct Member {
    field: Field,
    ident: Ident,
    wire: Wire,
}

pub fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let Arguments(role) = syn::parse2(arguments)?;
    let input: DeriveInput = syn::parse2(item)?;
    match &input.data {
        Data::Enum(_) => enumeration::expand(input),
        Data::Struct(_) => expand_struct(input, &role),
        Data::Union(_) => Err(syn::Error::new_spanned(&input.ident, "a model is a struct or an enum")),
    }
}

fn expand_struct(input: DeriveInput, role: &Role) -> syn::Result<TokenStream> {
    let members = members(&input)?;
    let DeriveInput { attrs, vis, ident, .. } = &input;
    let fields = members.iter().map(|member| declare(member, role));
    let raw = role.has_raw().then(|| {
        quote! {
            /// The JSON text of this document as the service sent it, members unknown to this version included.
            pub raw: crate::wire::Json,
        }
    });
    let default = role.is_input().then(|| quote!(#[derive(Default)]));
    let foreign = (*role != Role::Internal).then(|| quote!(#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]));
    let behaviour = match role {
        Role::Answer(answer) => decode(ident, &members, answer, true),
        Role::Internal => decode(ident, &members, &Answer::default(), false),
        Role::Request => encode(ident, &members),
        Role::Options | Role::Plain | Role::ByHand => TokenStream::new(),
    };
    let present = (role.has_raw() || *role == Role::Plain).then(|| present(ident, &members, role));
    Ok(quote! {
        #(#attrs)*
        #[derive(Debug, Clone, PartialEq)]
        #default
        #foreign
        #vis struct #ident {
            #(#fields)*
            #raw
        }
        #behaviour
        #present
    })
}

fn members(input: &DeriveInput) -> syn::Result<Vec<Member>> {
    let Data::Struct(data) = &input.data else { unreachable!("only structs come here") };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new_spanned(&input.ident, "a model has named fields"));
    };
    let mut members = Vec::new();
    for field in &fields.named {
        let mut field = field.clone();
        let wire = Wire::take(&mut field.attrs)?;
        let ident = field.ident.clone().expect("named");
        members.push(Member { field, ident, wire });
    }
    Ok(members)
}

/// The field as it stands in the struct; what a user hands in gets UniFFI's defaults.
fn declare(member: &Member, role: &Role) -> TokenStream {
    let field = &member.field;
    let default = match (role.is_input(), container(&field.ty).as_deref()) {
        (true, Some("Option")) => quote!(#[cfg_attr(feature = "uniffi", uniffi(default = None))]),
        (true, Some("Vec")) => quote!(#[cfg_attr(feature = "uniffi", uniffi(default = []))]),
        (true, Some("HashMap")) => quote!(#[cfg_attr(feature = "uniffi", uniffi(default))]),
        (true, None) if is_bool(&field.ty) => quote!(#[cfg_attr(feature = "uniffi", uniffi(default = false))]),
        _ => TokenStream::new(),
    };
    quote!(#default #field,)
}

fn decode(ident: &Ident, members: &[Member], answer: &Answer, raw: bool) -> TokenStream {
    let wired: Vec<&Member> = members.iter().filter(|member| !member.wire.skip).collect();
    let slots = wired.iter().map(|member| {
        let (name, ty) = (&member.ident, &member.field.ty);
        let text = member.wire.text.as_ref().map(|_| text_slot(name)).map(|text| quote!(#text: Option<crate::wire::Twin>,));
        if may_be_absent(member) { quote!(#name: #ty, #text) } else { quote!(#name: Option<#ty>, #text) }
    });
    let mut numbers: Vec<(String, usize)> = Vec::new();
    let mut reads = Vec::new();
    for (index, member) in wired.iter().enumerate() {
        let name = member.wire.name_for(&member.ident);
        let aliases = &member.wire.aliases;
        let number = index * 2 + 1;
        let text_number = number + 1;
        let slot = &member.ident;
        let filled = |value: TokenStream| if may_be_absent(member) { value } else { quote!(Some(#value)) };
        numbers.extend(std::iter::once(&name).chain(aliases).map(|name| (name.clone(), number)));
        reads.push(match &member.wire.item {
            Some(item) => {
                let value = filled(quote!(reader.contained(#name, #item)?));
                quote!(#number => self.#slot = #value,)
            }
            None if member.wire.lenient && may_be_absent(member) => {
                quote!(#number => self.#slot = reader.lenient()?.unwrap_or_default(),)
            }
            None if member.wire.lenient => quote!(#number => self.#slot = reader.lenient()?,),
            None => {
                let value = filled(quote!(reader.member(#name)?));
                quote!(#number => self.#slot = #value,)
            }
        });
        if let Some(text) = &member.wire.text {
            numbers.push((text.clone(), text_number));
            let slot = text_slot(slot);
            reads.push(quote! {
                #text_number => self.#slot = Some(reader.twin().map_err(|error| error.in_member(#text))?),
            });
        }
    }
    if let Some(name) = &answer.unwrap {
        let number = members.len() * 2 + 1;
        numbers.push((name.clone(), number));
        reads.push(quote!(#number => reader.inner(#name, |reader| self.read(reader).map(drop))?,));
    }
    let find = by_text(&numbers.iter().map(|(name, number)| (name.clone(), quote!(#number))).collect::<Vec<_>>(), &quote!(0));
    let names = numbers.iter().map(|(name, _)| name);
    let start = raw.then(|| quote!(let start = reader.start_of_value()?;));
    let raw = raw.then(|| quote!(raw: reader.raw_since(start).with_all_known(all_known)));
    let all_known = if raw.is_some() { quote!(all_known) } else { quote!(_) };
    let finish = members.iter().map(|member| {
        let name = &member.ident;
        let wire_name = member.wire.name_for(name);
        if member.wire.skip {
            quote!(#name: Default::default(),)
        } else if member.wire.text.is_some() {
            let text = text_slot(name);
            quote!(#name: slots.#name.or_else(|| reader.time_of(&slots.#text?)),)
        } else if may_be_absent(member) {
            quote!(#name: slots.#name,)
        } else {
            quote!(#name: crate::wire::finish(slots.#name, #wire_name)?,)
        }
    });
    let complete = answer.complete.then(|| quote!(value.complete();));
    let usually = answer.usually.iter().map(|number| quote!(const USUAL_NUMBER: usize = #number;));
    let usually = quote!(#(#usually)*);
    let mutable = answer.complete.then(|| quote!(mut));
    let absent = answer.empty.then(|| {
        quote! {
            fn absent() -> Option<Self> {
                crate::wire::empty().ok()
            }
        }
    });
    let take_absent = answer.empty.then(|| {
        quote! {
            if reader.take_null()? || reader.take_empty_string()? {
                return crate::wire::empty();
            }
        }
    });
    quote! {
        impl crate::wire::Decode for #ident {
            const CONTAINER: bool = true;
            #usually
            const MEMBERS: &'static [&'static str] = &[#(#names),*];

            #absent

            fn decode(reader: &mut crate::wire::Reader<'_>) -> crate::wire::DecodeResult<Self> {
                #[derive(Default)]
                struct Slots { #(#slots)* }
                impl Slots {
                    fn find(text: &[u8]) -> usize { #find }
                    fn read(&mut self, reader: &mut crate::wire::Reader<'_>) -> crate::wire::DecodeResult<bool> {
                        reader.members(Self::find, |reader, number| {
                            match number { #(#reads)* _ => reader.skip()? }
                            Ok(())
                        })
                    }
                }
                #take_absent
                #start
                let mut slots = Slots::default();
                let #all_known = slots.read(reader)?;
                let #mutable value = Self { #(#finish)* #raw };
                #complete
                Ok(value)
            }
        }
    }
}

/// Whether its type alone says what its absence means: nothing, or no items.
fn may_be_absent(member: &Member) -> bool {
    matches!(container(&member.field.ty).as_deref(), Some("Option" | "Vec"))
}

/// Where the text twin of a time is kept until it is known whether there is an epoch twin.
fn text_slot(field: &Ident) -> Ident {
    format_ident!("{field}_text")
}

fn encode(ident: &Ident, members: &[Member]) -> TokenStream {
    let puts = members.iter().filter(|member| !member.wire.skip).map(|member| {
        let field = &member.ident;
        let name = member.wire.name_for(field);
        match &member.wire.item {
            Some(item) => quote!(crate::wire::put_contained(&mut members, #name, #item, &self.#field);),
            None => quote!(crate::wire::put(&mut members, #name, &self.#field);),
        }
    });
    quote! {
        impl crate::wire::Encode for #ident {
            fn encode(&self) -> Option<serde_json::Value> {
                let mut members = serde_json::Map::new();
                #(#puts)*
                Some(serde_json::Value::Object(members))
            }
        }
    }
}

/// The document in the interface's own words (camel case, times in milliseconds), and how documents cross to Node.
fn present(ident: &Ident, members: &[Member], role: &Role) -> TokenStream {
    let writes = members.iter().map(|member| {
        let field = &member.ident;
        let name = crate::wire::camel_case(&field.to_string());
        quote!(members.member(#name, &self.#field);)
    });
    let raw = role.has_raw().then(|| quote!(members.raw(&self.raw);));
    quote! {
        impl crate::wire::Present for #ident {
            fn present(&self, presenter: &mut crate::wire::Presenter) {
                presenter.document(self);
            }

            fn present_item(&self, presenter: &mut crate::wire::Presenter) {
                let mut members = presenter.members();
                #(#writes)*
                #raw
                members.end();
            }
        }
    }
}

/// `Option<T>` → `Option`, `Vec<T>` → `Vec`, else nothing.
pub fn container(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if matches!(arguments.args.first(), Some(GenericArgument::Type(_))) => {
            Some(format_ident!("{}", last.ident).to_string())
        }
        _ => None,
    }
}

fn is_bool(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("bool"))
}
