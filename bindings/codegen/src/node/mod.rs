//! Node: the dispatch table of the addon, and the TypeScript classes, interfaces and errors.

mod errors;
mod glue;
mod models;
mod objects;
mod text;
mod types;

use anyhow::{Result, ensure};

use crate::interface::{Interface, Method, Type, innermost};
use crate::output::{NOTICE, Output};

const SOURCES: &str = "bindings/node/ts/generated";

pub fn render(interface: &Interface) -> Result<Vec<Output>> {
    check(interface)?;
    let names = text::Names::of(interface);
    Ok(vec![
        Output::rust("bindings/node/src/generated.rs", glue::dispatch(interface).trim_start())?,
        Output::new(format!("{SOURCES}/enumerations.ts"), models::enumerations(interface, &names)),
        Output::new(format!("{SOURCES}/inputs.ts"), models::inputs(interface, &names)),
        Output::new(format!("{SOURCES}/models.ts"), models::models(interface, &names)),
        Output::new(format!("{SOURCES}/objects.ts"), objects::objects(interface, &names)),
        Output::new(format!("{SOURCES}/tables.ts"), tables()),
        Output::new(format!("{SOURCES}/errors.ts"), errors::errors(interface, &names)),
        Output::new(format!("{SOURCES}/error_tables.ts"), errors::tables()),
        Output::new("bindings/node/index.mjs", module(interface)),
    ])
}

/// Names beside the interface's own.
const HAND_WRITTEN: [&str; 4] = ["Sandbox", "setLogger", "TABLE_NAMES", "version"];

/// `tables.ts`
fn tables() -> String {
    let tables = lpchat::table_meanings();
    let names: String = tables.iter().map(|(name, meaning)| format!("  /** {meaning} */\n  '{name}',\n")).collect();
    format!(
        "// {NOTICE}\n\n/** The names of all tables of a search; `docs/tables.md` lists their columns. */\nexport const TABLE_NAMES = [\n{names}] as const;\n\n/** The name of a table of a search. */\nexport type TableName = (typeof TABLE_NAMES)[number];\n"
    )
}

/// `index.mjs`: the same implementation for `import` as for `require`, so that there is one of every class. It calls `require`
/// itself: importing from CommonJS, Node would search every file for its exports first, which takes longer than loading it.
fn module(interface: &Interface) -> String {
    let mut names: Vec<String> = HAND_WRITTEN.map(str::to_owned).into();
    names.extend(["ErrorCode".to_owned(), "LpchatError".to_owned()]);
    names.extend(lpchat::Family::ALL.iter().map(|family| format!("Lpchat{}Error", family.name())));
    names.extend(interface.enumerations.iter().map(|item| item.name.clone()));
    names.extend(interface.records.iter().filter(|record| models::is_given(record)).map(|record| record.name.clone()));
    names.extend(interface.objects.iter().map(|object| object.name.clone()));
    names.sort_by_key(|name| name.to_lowercase());
    let names: String = names.iter().map(|name| format!("  {name},\n")).collect();
    format!(
        "// {NOTICE}\n\nimport {{ createRequire }} from 'node:module';\n\nexport const {{\n{names}}} = createRequire(import.meta.url)('./dist/index.js');\n"
    )
}

/// Refuses what TypeScript could not tell apart.
fn check(interface: &Interface) -> Result<()> {
    let taken: Vec<&str> = interface.record("CallOptions").fields.iter().map(|field| &*field.name).chain(["signal"]).collect();
    for object in &interface.objects {
        for method in &object.methods {
            for field in method.parameters.iter().filter(|field| field.optional) {
                ensure!(
                    method.is_operation(),
                    "{}.{}: only operations have optional parameters, which Node takes beside the call's options",
                    object.name,
                    method.name
                );
                ensure!(
                    !taken.contains(&&*field.name),
                    "{}.{}: the parameter {} has the name of an option of every call",
                    object.name,
                    method.name,
                    field.name
                );
            }
        }
    }
    Ok(())
}

/// The parameters by position, and those that stand by name among the options.
fn parameters(method: &Method) -> (Vec<&crate::interface::Field>, Vec<&crate::interface::Field>) {
    method.parameters.iter().partition(|field| !field.optional)
}

/// Whether a record can be left out altogether.
fn may_be_absent(interface: &Interface, ty: &Type) -> bool {
    matches!(ty, Type::Record(name) if interface.record(name).fields.iter().all(|field| field.optional))
}

/// The object that a type consists of, if it does.
fn object_in(ty: &Type) -> Option<&str> {
    match innermost(ty) {
        Type::Object(name) => Some(name),
        _ => None,
    }
}
