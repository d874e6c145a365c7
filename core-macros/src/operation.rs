//! `#[operation]` on `async fn`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{FnArg, Ident, ItemFn, Pat, ReturnType, Token, Type};

use crate::model::container;
use crate::wire::docs;

/// `retry = safe | idempotent | effect`, `waits` where it waits for what somebody else does, and `in_place` where it sends
/// nothing itself, so that whoever waits for it does so without a thread of ours.
struct Arguments {
    retry: Ident,
    waits: bool,
    in_place: bool,
    gives_back: Option<Ident>,
    takes: Option<Ident>,
}

impl syn::parse::Parse for Arguments {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Err(syn::Error::new(
                Span::call_site(),
                "say how it may be repeated: #[operation(retry = safe | idempotent | effect)]",
            ));
        }
        let key: Ident = input.parse()?;
        if key != "retry" {
            return Err(syn::Error::new(key.span(), "an operation takes `retry = …`"));
        }
        input.parse::<Token![=]>()?;
        let retry: Ident = input.parse()?;
        let retry = match retry.to_string().as_str() {
            "safe" => Ident::new("Safe", retry.span()),
            "idempotent" => Ident::new("Idempotent", retry.span()),
            "effect" => Ident::new("Effect", retry.span()),
            other => {
                return Err(syn::Error::new(retry.span(), format!("a retry class is safe, idempotent or effect, not `{other}`")));
            }
        };
        let mut arguments = Self { retry, waits: false, in_place: false, gives_back: None, takes: None };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "waits" => arguments.waits = true,
                "in_place" => arguments.in_place = true,
                "gives_back" => {
                    input.parse::<Token![=]>()?;
                    arguments.gives_back = Some(input.parse()?);
                }
                "takes" => {
                    input.parse::<Token![=]>()?;
                    arguments.takes = Some(input.parse()?);
                }
                _ => {
                    let known = "beside `retry` an operation takes `waits`, `in_place`, `gives_back = …` and `takes = …`";
                    return Err(syn::Error::new(word.span(), known));
                }
            }
        }
        Ok(arguments)
    }
}

/// The parts of the declared function.
struct Declared {
    face: Type,
    names: Vec<Ident>,
    types: Vec<Type>,
    result: Type,
}

pub fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let Arguments { retry, waits, in_place, gives_back, takes } = syn::parse2(arguments)?;
    let function: ItemFn = syn::parse2(item)?;
    let Declared { face, names, types, result } = declared(&function, usize::from(takes.is_some()))?;
    let name = &function.sig.ident;
    let docs = docs(&function.attrs);
    let (call, with, twin) = (format_ident!("{name}_call"), format_ident!("{name}_with"), format_ident!("{name}_async"));
    let (plain_name, twin_name) = (name.to_string(), twin.to_string());
    let face_name = quote!(#face).to_string();
    let optional = names.iter().zip(&types).filter(|(_, ty)| container(ty).as_deref() == Some("Option")).map(|(name, _)| name);
    let defaults: Vec<TokenStream> = optional.map(|name| quote!(#name = None,)).collect();
    let export = quote!(default(#(#defaults)* options = None));
    let taken = takes.as_ref().map(|_| quote!(taken,));
    let start = if in_place { quote!(start_in_place) } else { quote!(start) };
    // What was taken is kept with the call until its value was received or given back.
    let keep = match (&gives_back, &takes) {
        (None, _) => TokenStream::new(),
        (Some(_), None) => quote!(let owner = self.clone();),
        (Some(_), Some(_)) => quote!(let (owner, _kept) = (self.clone(), taken.clone());),
    };
    let hold = (gives_back.is_some() && takes.is_some()).then(|| quote!(let _kept = &_kept;));
    let take = takes.map(|function| quote!(let taken = #function(self);));
    let give_back = gives_back.map(|function| quote!(.or_give_back(move |value| { #hold #function(&owner, value) })));
    let blocking = quote! {
        #(#docs)*
        pub fn #with(&self, #(#names: #types,)* options: Option<crate::CallOptions>) -> #result {
            self.#call(#(#names,)* options).wait()
        }
    };
    let awaitable = quote! {
        #(#docs)*
        pub async fn #twin(&self, #(#names: #types,)* options: Option<crate::CallOptions>) -> #result {
            self.#call(#(#names,)* options).await
        }
    };
    Ok(quote! {
        #function

        impl #face {
            #(#docs)*
            pub fn #name(&self, #(#names: #types),*) -> #result {
                self.#with(#(#names,)* None)
            }

            /// The call in flight behind the method of this name, for bindings.
            #[doc(hidden)]
            pub fn #call(&self, #(#names: #types,)* options: Option<crate::CallOptions>) -> crate::Call<<#result as crate::call::Outcome>::Value> {
                const OPERATION: crate::registry::Operation = crate::registry::Operation {
                    face: #face_name,
                    name: #plain_name,
                    retry: crate::RetryClass::#retry,
                    waits: #waits,
                };
                let this = self.clone();
                #take
                #keep
                crate::transport::#start(self.core(), OPERATION, options, move |context| async move {
                    #name(&this, &context, #taken #(#names),*).await
                })#give_back
            }
        }

        #[cfg(not(feature = "uniffi"))]
        impl #face { #blocking #awaitable }

        // `uniffi::export` reads its helper attributes before `cfg_attr` would be resolved: hence a second form.
        #[cfg(feature = "uniffi")]
        #[uniffi::export]
        impl #face {
            #[uniffi::method(name = #plain_name, #export)]
            #blocking
            #[uniffi::method(name = #twin_name, #export)]
            #awaitable
        }

        #[cfg(feature = "uniffi")]
        inventory::submit! {
            crate::registry::Operation {
                face: #face_name,
                name: #plain_name,
                retry: crate::RetryClass::#retry,
                waits: #waits,
            }
        }
    })
}

/// The function's own parameters come behind the object, the context and what is taken when the call is made.
fn declared(function: &ItemFn, taken: usize) -> syn::Result<Declared> {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(syn::Error::new_spanned(signature.fn_token, "an operation is an `async fn`"));
    }
    let mut inputs = signature.inputs.iter();
    let (Some(FnArg::Typed(first)), Some(FnArg::Typed(_))) = (inputs.next(), inputs.next()) else {
        return Err(syn::Error::new_spanned(
            &signature.ident,
            "an operation takes its object, the context, then its own parameters",
        ));
    };
    let Type::Reference(face) = &*first.ty else {
        return Err(syn::Error::new_spanned(&first.ty, "the object of an operation comes by reference"));
    };
    let mut names = Vec::new();
    let mut types = Vec::new();
    for input in inputs.skip(taken) {
        let FnArg::Typed(input) = input else { continue };
        let Pat::Ident(pattern) = &*input.pat else {
            return Err(syn::Error::new_spanned(&input.pat, "a parameter of an operation is a plain name"));
        };
        names.push(pattern.ident.clone());
        types.push((*input.ty).clone());
    }
    let ReturnType::Type(_, result) = &signature.output else {
        return Err(syn::Error::new_spanned(&signature.ident, "an operation returns `Result<…>`"));
    };
    Ok(Declared { face: (*face.elem).clone(), names, types, result: (**result).clone() })
}
