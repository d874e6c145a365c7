//! `lpchat history`.

mod arguments;
mod export;
mod filters;
mod search;
mod tail;
mod verify;

use lpchat::{History, SearchQuery};

pub use arguments::HistoryCommand;

use crate::connection::Connection;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::output::Output;

pub fn run(
    connection: &Connection,
    command: HistoryCommand,
    output: &mut Output,
    interrupts: &Interrupts,
) -> Result<(), Failure> {
    connection.with_client(|client| match command {
        HistoryCommand::Search(arguments) => search::run(client, *arguments, output),
        HistoryCommand::Count(arguments) => {
            let json = arguments.json;
            count(&client.history(), arguments.into_query(), json, output)
        }
        HistoryCommand::Export(arguments) => export::run(client, *arguments, output, interrupts),
        HistoryCommand::Verify(arguments) => verify::run(client, &arguments, output),
        HistoryCommand::Tail(arguments) => tail::run(client, *arguments, output),
    })
}

fn count(history: &History, query: SearchQuery, json: bool, output: &mut Output) -> Result<(), Failure> {
    let count = history.count(query)?;
    output.line(&if json { serde_json::json!({ "count": count }).to_string() } else { count.to_string() })
}

/// A folder as the library takes it: a text.
fn directory(path: &std::path::Path) -> Result<lpchat::Text, Failure> {
    path.to_str().map(Into::into).ok_or_else(|| Failure::Usage(format!("the name of the folder {path:?} is not UTF-8")))
}
