//! Tables of a search, as Arrow IPC streams.

use lpchat::wire::Presenter;
use lpchat::{Result, SearchPage};

use crate::generated::Handle;
use crate::input::invalid;
use crate::invoke::{Invocation, Started};
use crate::outcome::Payload;

/// What the TypeScript layer calls it; no method of the interface has this name.
pub const METHOD: &str = "next_tables";

/// Begins to read the next page, and gives it as tables: an Arrow IPC stream for each of their names, beside what could not
/// be read. Nothing, where there is no further page.
pub fn start(handle: &Handle, _method: &str, mut invocation: Invocation) -> Result<Started> {
    let Handle::Search(search) = handle else { return Err(invalid("Only a search has tables.")) };
    let names: Vec<String> = invocation.positional(0, "tables")?;
    let keep_placeholders: bool = invocation.positional(1, "keepPlaceholders")?;
    // Before anything is read.
    names.iter().try_for_each(|name| lpchat::table_schema(name).map(drop))?;
    let call = search.next_page_call(invocation.options()?);
    Ok(Started::with(call, move |page: Option<SearchPage>| {
        let Some(page) = page else { return Ok(Payload::nothing()) };
        let table = |name: &String| lpchat::table_of_records(name, &page.records, keep_placeholders);
        let streams = names.iter().map(|name| table(name).map(|batch| lpchat::ipc_stream(&batch)));
        Ok(Payload::bytes(Presenter::of(&page.failures).0, streams.collect::<Result<_>>()?))
    }))
}
