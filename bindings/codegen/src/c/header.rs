//! `lpchat.h`: what cbindgen makes of the crate's sources.

use std::fs;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};
use cbindgen::{Builder, Config, DocumentationStyle, Language, LineEndingStyle, SortKey, Style};

use super::codes::{version_number, version_parts};
use super::names;
use crate::interface::Interface;
use crate::output::{NOTICE, Output};

/// The sources written by hand that have something for the header, in the header's order.
const BY_HAND: [&str; 8] = ["version", "boundary", "error", "text", "time", "log", "call", "table"];

/// Renders the header from the sources by hand below `root` and the generated ones.
pub fn render(interface: &Interface, root: &Utf8Path, generated: &[Output]) -> Result<String> {
    let mut builder = Builder::new().with_config(config(interface));
    for name in BY_HAND {
        builder = builder.with_src(root.join(super::CRATE).join(format!("{name}.rs")));
    }
    // cbindgen reads files; what is being generated need not be in its place yet.
    let folder = scratch()?;
    for output in generated {
        let path = folder.join(output.path.rsplit('/').next().context("a file has a name")?);
        fs::write(&path, &output.text).with_context(|| format!("writing {path}"))?;
        builder = builder.with_src(path);
    }
    let bindings = builder.generate().context("cbindgen refuses the sources of bindings/c");
    fs::remove_dir_all(&folder).with_context(|| format!("removing {folder}"))?;
    let mut header = Vec::new();
    bindings?.write(&mut header);
    let header = String::from_utf8(header).context("the header is text")?;
    Ok(header.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n")
}

fn scratch() -> Result<Utf8PathBuf> {
    let folder = std::env::temp_dir().join(format!("lpchat-codegen-{}", std::process::id()));
    let folder = Utf8PathBuf::from_path_buf(folder).ok().context("the folder for temporary files has a name in UTF-8")?;
    fs::create_dir_all(&folder).with_context(|| format!("creating {folder}"))?;
    Ok(folder)
}

fn config(interface: &Interface) -> Config {
    let [major, minor, patch] = version_parts();
    let mut config = Config {
        language: Language::C,
        cpp_compat: true,
        style: Style::Type,
        usize_is_size_t: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".to_owned(), "stdint.h".to_owned()],
        include_guard: Some("LPCHAT_H".to_owned()),
        header: Some(format!("/* lpchat {}. {NOTICE}\n\n{}*/", lpchat::VERSION, include_str!("conventions.txt"))),
        after_includes: Some(format!(
            "\n/** The version of this header. `lpchat_version()` is that of the library. */\n#define LPCHAT_VERSION \"{}\"\n#define LPCHAT_VERSION_MAJOR {major}\n#define LPCHAT_VERSION_MINOR {minor}\n#define LPCHAT_VERSION_PATCH {patch}\n/** major * 1000000 + minor * 1000 + patch */\n#define LPCHAT_VERSION_NUMBER {}\n\n{}\n{}",
            lpchat::VERSION,
            version_number(),
            include_str!("arrow.h").trim_end(),
            tables(),
        )),
        documentation_style: DocumentationStyle::Doxy,
        sort_by: SortKey::None,
        line_length: 120,
        tab_width: 4,
        line_endings: LineEndingStyle::LF,
        ..Config::default()
    };
    // The structure is Arrow's, which has no typedef for it.
    config.export.rename.insert("FFI_ArrowArrayStream".to_owned(), "struct ArrowArrayStream".to_owned());
    // Setters take numbers, so that a wrong one is no undefined behaviour; the constants must be there all the same.
    config.export.include = interface.enumerations.iter().map(|enumeration| names::enumeration(&enumeration.name)).collect();
    config.function.sort_by = Some(SortKey::None);
    config.constant.sort_by = Some(SortKey::None);
    config
}

/// A constant for the name of each table.
fn tables() -> String {
    let tables = lpchat::table_meanings();
    let constant =
        |(name, meaning): &(&str, &str)| format!("/** {meaning} */\n#define LPCHAT_TABLE_{} \"{name}\"\n", name.to_uppercase());
    format!("\n/* Names of tables; docs/tables.md lists their columns. */\n{}", tables.iter().map(constant).collect::<String>())
}
