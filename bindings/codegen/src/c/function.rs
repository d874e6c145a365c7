//! One function of the C interface, before it becomes Rust source.

use std::fmt::Write as _;

use super::names;
use crate::words::wrapped;

/// What a parameter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A handle that is used.
    Handle(String),
    /// A document or a request that is read.
    Borrowed(String),
    /// A request that is changed, or something that is freed.
    Owned(String),
    /// The options of a call; NULL allowed.
    Options,
    Text,
    I64,
    I32,
    F64,
    Size,
    /// Elements of a list that lie one after another.
    Elements(Box<Kind>),
    /// Receives a pointer.
    Receives(String),
    /// Receives a number, of this type of Rust.
    ReceivesScalar(String),
}

impl Kind {
    pub fn is_pointer(&self) -> bool {
        !matches!(self, Self::I64 | Self::I32 | Self::F64 | Self::Size)
    }

    /// The type in Rust.
    pub fn rust(&self) -> String {
        match self {
            Self::Handle(ty) | Self::Borrowed(ty) => format!("*const {ty}"),
            Self::Owned(ty) => format!("*mut {ty}"),
            Self::Options => "*const lpchat_call_options".to_owned(),
            Self::Text => "*const c_char".to_owned(),
            Self::I64 => "i64".to_owned(),
            Self::I32 => "i32".to_owned(),
            Self::F64 => "f64".to_owned(),
            Self::Size => "usize".to_owned(),
            Self::Elements(kind) => format!("*const {}", kind.rust()),
            Self::Receives(ty) => format!("Option<&mut MaybeUninit<*mut {ty}>>"),
            Self::ReceivesScalar(ty) => format!("Option<&mut MaybeUninit<{ty}>>"),
        }
    }
}

#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    /// Whether NULL means something.
    pub optional: bool,
}

#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    pub docs: String,
    pub parameters: Vec<Parameter>,
    /// The type in Rust, if it returns something.
    pub returns: Option<String>,
    /// What it does, in Rust.
    pub body: String,
}

impl Function {
    pub fn new(name: impl Into<String>, docs: impl Into<String>) -> Self {
        Self { name: name.into(), docs: docs.into(), parameters: Vec::new(), returns: None, body: String::new() }
    }

    pub fn takes(mut self, name: impl Into<String>, kind: Kind) -> Self {
        self.parameters.push(Parameter { name: name.into(), kind, optional: false });
        self
    }

    /// The last parameter may be NULL.
    pub fn or_null(mut self, optional: bool) -> Self {
        if let Some(parameter) = self.parameters.last_mut() {
            parameter.optional = optional;
        }
        self
    }

    pub fn returns(mut self, ty: impl Into<String>) -> Self {
        self.returns = Some(ty.into());
        self
    }

    pub fn does(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// The function as Rust source.
    pub fn write(&self, out: &mut String) {
        out.push_str(&docs(&self.docs));
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|parameter| format!("{}: {}", names::argument(&parameter.name), parameter.kind.rust()))
            .collect();
        let returns = self.returns.as_ref().map_or(String::new(), |ty| format!(" -> {ty}"));
        writeln!(
            out,
            "#[unsafe(no_mangle)]\npub extern \"C\" fn {}({}){returns} {{\n{}\n}}\n",
            self.name,
            parameters.join(", "),
            self.body
        )
        .unwrap();
    }
}

/// Rust doc comments. They end up in a C comment, which must not end early.
pub fn docs(text: &str) -> String {
    let line = |line: String| format!("///{}{}\n", if line.is_empty() { "" } else { " " }, line.replace("*/", "* /"));
    wrapped(text, WIDTH).into_iter().map(line).collect()
}

/// The widest line of a comment.
const WIDTH: usize = 116;
