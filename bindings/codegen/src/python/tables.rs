//! `_tables.py`: what a search result has of each table.

use std::fmt::Write as _;

use super::modules::docstring;
use crate::output::NOTICE;

pub fn module() -> String {
    let tables = lpchat::table_meanings();
    let names: String = tables.iter().map(|(name, _)| format!("    {name:?},\n")).collect();
    let mut out = format!(
        "\"\"\"The tables of a search result, by name. `docs/tables.md` lists their columns.\n\n{NOTICE}\n\"\"\"\n\nfrom __future__ import annotations\n\n# Importing `typing` would take longer than all of this.\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    from collections.abc import Awaitable\n    from typing import Literal, TypeAlias\n\n    from lpchat._native import EngagementTable\n\n    TableName: TypeAlias = Literal[\n"
    );
    tables.iter().for_each(|(name, _)| writeln!(out, "        {name:?},").unwrap());
    write!(out, "    ]\n\nTABLE_NAMES: tuple[TableName, ...] = (\n{names})\n\"\"\"The names of all tables.\"\"\"\n").unwrap();
    for (class, given, docs) in [
        ("Tables", "EngagementTable", "Each table as an attribute; the first one collects the result."),
        ("AsyncTables", "Awaitable[EngagementTable]", "Each table as an attribute that is awaited."),
    ] {
        let keep = "*, keep_placeholders: bool = False";
        write!(
            out,
            "\n\nclass {class}:\n    \"\"\"{docs}\"\"\"\n\n    def table(self, name: TableName = \"engagements\", {keep}) -> {given}:\n        raise NotImplementedError\n"
        )
        .unwrap();
        for (name, meaning) in &tables {
            let docs = docstring(&format!("The table `{name}`. {meaning}"), 8);
            write!(out, "\n    @property\n    def {name}(self) -> {given}:\n{docs}        return self.table({name:?})\n")
                .unwrap();
        }
    }
    out
}
