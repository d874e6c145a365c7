//! The version, and the table of codes and families.

use std::fmt::Write as _;

use super::function::docs;
use super::names::shouty;
use crate::output::NOTICE;

/// Major, minor and patch of a version.
pub fn version_parts() -> [i32; 3] {
    let mut parts = lpchat::VERSION.split(['.', '-']).map(|part| part.parse().expect("a version consists of numbers"));
    std::array::from_fn(|_| parts.next().expect("a version has three numbers"))
}

pub fn version_number() -> i32 {
    let [major, minor, patch] = version_parts();
    major * 1_000_000 + minor * 1000 + patch
}

pub fn render() -> String {
    let mut out = format!(
        "//! The version, and the table of codes.\n//!\n//! {NOTICE}\n\n#![allow(dead_code, reason = \"the constants are for the header\")]\n\nuse std::ffi::CStr;\n\nuse lpchat::{{Code, Family}};\n\n"
    );
    writeln!(out, "pub(crate) const VERSION: &CStr = c\"{}\";", lpchat::VERSION).unwrap();
    writeln!(out, "pub(crate) const VERSION_NUMBER: i32 = {};\n", version_number()).unwrap();
    for family in lpchat::Family::ALL {
        out.push_str(&docs(&format!("Family: {}", family.meaning().trim())));
        writeln!(out, "pub const LPCHAT_FAMILY_{}: i32 = {};", shouty(family.name()), *family as i32).unwrap();
    }
    for code in lpchat::Code::ALL {
        let hint = if code.hint().is_empty() { String::new() } else { format!(" {}", code.hint()) };
        out.push_str(&docs(&format!("{}{hint} Family: {}.", code.meaning(), code.family().name())));
        writeln!(out, "pub const LPCHAT_{}: i32 = {};", shouty(code.name()), *code as i32).unwrap();
    }
    out.push_str("\n/// The name of a code.\npub(crate) fn name(code: Code) -> &'static CStr {\nmatch code {\n");
    for code in lpchat::Code::ALL {
        writeln!(out, "Code::{0} => c\"{0}\",", code.name()).unwrap();
    }
    out.push_str(
        "}\n}\n\n/// The name of a family.\npub(crate) fn family_name(family: Family) -> &'static CStr {\nmatch family {\n",
    );
    for family in lpchat::Family::ALL {
        writeln!(out, "Family::{0} => c\"{0}\",", family.name()).unwrap();
    }
    out.push_str("}\n}\n");
    out
}
