//! `lpchat history verify`.

use lpchat::wire::Presenter;
use lpchat::{Client, Family};

use super::arguments::VerifyArguments;
use super::directory;
use crate::failure::Failure;
use crate::notice::Progress;
use crate::output::Output;
use crate::text::{counted, visible};

pub fn run(client: &Client, arguments: &VerifyArguments, output: &mut Output) -> Result<(), Failure> {
    let progress = Progress::new();
    progress.show("Verifying…");
    let report = client.history().verify(directory(&arguments.directory)?);
    progress.clear();
    let report = report?;
    if arguments.json { output.json(&Presenter::of(&report).0) } else { output.line(&visible(&report.summary)) }?;
    if report.is_complete {
        return Ok(());
    }
    let count = i64::try_from(report.differences.len()).unwrap_or(i64::MAX);
    Err(Failure::Own {
        family: Family::Incomplete,
        message: format!("The export is not what it should be: {}.", counted(count, "difference")),
        hint: "`lpchat history export` with --restart reads the range again, and mends files.",
    })
}
