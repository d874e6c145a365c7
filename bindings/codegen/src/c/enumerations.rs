//! Open enumerations: constants, and a text for what this version does not know.

use std::fmt::Write as _;

use super::function::docs;
use super::names::{constant, enumeration as type_name};
use crate::interface::{Enumeration, Interface};
use crate::output::NOTICE;

pub fn render(interface: &Interface) -> String {
    let mut out = format!(
        "//! Open enumerations.\n//!\n//! {NOTICE}\n\nuse lpchat::Result;\n\nuse crate::boundary::refused;\nuse crate::input::FromC;\nuse crate::record::Scalar;\nuse crate::text::CText;\n\n"
    );
    for enumeration in &interface.enumerations {
        declare(&mut out, enumeration);
        convert(&mut out, enumeration);
    }
    out
}

fn declare(out: &mut String, enumeration: &Enumeration) {
    let constant = |variant: &str| constant(&enumeration.name, variant);
    write!(
        out,
        "{}#[repr(i32)]\n#[derive(Debug, Clone, Copy)]\npub enum {} {{\n/// Absent, or asked of NULL.\n{} = -1,\n/// A value that this version does not know; its text tells.\n{} = 0,\n",
        docs(&enumeration.docs),
        type_name(&enumeration.name),
        constant("Absent"),
        constant("Other"),
    )
    .unwrap();
    for (index, variant) in enumeration.variants.iter().enumerate() {
        writeln!(out, "{}{} = {},", docs(&variant.docs), constant(&variant.name), index + 1).unwrap();
    }
    out.push_str("}\n\n");
}

fn convert(out: &mut String, enumeration: &Enumeration) {
    let (core, c) = (format!("lpchat::{}", enumeration.name), type_name(&enumeration.name));
    let constant = |variant: &str| constant(&enumeration.name, variant);
    let each = |line: &dyn Fn(usize, &str, &str) -> String| -> String {
        enumeration.variants.iter().enumerate().map(|(index, variant)| line(index + 1, &variant.name, &variant.value)).collect()
    };
    write!(
        out,
        "impl Scalar for {core} {{\ntype C = {c};\nconst ABSENT: {c} = {c}::{};\n\nfn c(&self) -> {c} {{\nmatch self {{\n{}Self::Other {{ .. }} => {c}::{},\n}}\n}}\n}}\n\n",
        constant("Absent"),
        each(&|_, name, _| format!("Self::{name} => {c}::{},\n", constant(name))),
        constant("Other"),
    )
    .unwrap();
    write!(
        out,
        "impl CText for {core} {{\nfn c(&self) -> (*const std::ffi::c_char, usize) {{\nmatch self {{\n{}Self::Other {{ text }} => text.c(),\n}}\n}}\n}}\n\n",
        each(&|_, name, value| format!("Self::{name} => c{value:?}.c(),\n")),
    )
    .unwrap();
    write!(
        out,
        "impl FromC<i32> for {core} {{\nfn from_c(parameter: &str, given: i32) -> Result<Self> {{\nmatch given {{\n{}other => Err(refused(parameter, format_args!(\"is {{other}}: it is one of {}_…, and not _OTHER\"))),\n}}\n}}\n}}\n\n",
        each(&|number, name, _| format!("{number} => Ok(Self::{name}),\n")),
        super::names::shouty(&format!("Lpchat{}", enumeration.name)),
    )
    .unwrap();
    write!(
        out,
        "impl FromC<*const std::ffi::c_char> for {core} {{\nfn from_c(parameter: &str, given: *const std::ffi::c_char) -> Result<Self> {{\ncrate::text::needed(parameter, given).map(|text| Self::from(text.as_str()))\n}}\n}}\n\n"
    )
    .unwrap();
}
