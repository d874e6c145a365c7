//! `lpchat history search`.

use lpchat::{Client, Engagement, Family, Search, SearchPage, Text};

use super::arguments::SearchArguments;
use crate::failure::Failure;
use crate::notice::{Progress, say};
use crate::output::Output;
use crate::table::{Column, Table};
use crate::text::{counted, visible_line};

pub fn run(client: &Client, arguments: SearchArguments, output: &mut Output) -> Result<(), Failure> {
    let (count, json) = (arguments.count, arguments.json);
    let (history, query) = (client.history(), arguments.into_query());
    if count {
        return super::count(&history, query, json, output);
    }
    Listing::new(output, json).run(&history.search(query)?)
}

/// Where engagements go.
enum Sink {
    Json,
    /// The table, once the first page has told its widths.
    Table(Option<Table>),
}

/// A longer token fits no command line; beginning anew is easier.
const LONGEST_TOKEN: usize = 4_096;

/// A search that broke off can go on.
fn say_how_to_go_on(search: &Search) {
    let begun = search.report().records > 0;
    if let Some(token) = search.resume_token().filter(|token| begun && token.len() <= LONGEST_TOKEN) {
        say(&format!("to go on from here: the same command with --resume-token {token}"));
    }
}

/// What is worth telling at the end.
#[derive(Debug, Default)]
struct Report {
    shown: i64,
    unreadable: i64,
    cut: i64,
    from_a_part: bool,
    /// Parts of the range from which engagements are missing.
    gaps: i64,
}

/// Shows what a search finds.
pub struct Listing<'a> {
    output: &'a mut Output,
    progress: Progress,
    sink: Sink,
    report: Report,
}

impl<'a> Listing<'a> {
    pub fn new(output: &'a mut Output, json: bool) -> Self {
        let sink = if json { Sink::Json } else { Sink::Table(None) };
        Self { output, progress: Progress::new(), sink, report: Report::default() }
    }

    fn run(mut self, search: &Search) -> Result<(), Failure> {
        self.show(search, |_| {})?;
        self.progress.finish(&counted(self.report.shown, "engagement"));
        self.tell()
    }

    /// Shows all that a search finds, of each page what `choose` leaves of it.
    pub fn show(&mut self, search: &Search, mut choose: impl FnMut(&mut SearchPage)) -> Result<(), Failure> {
        self.progress.show("Searching…");
        for page in search.pages() {
            self.progress.clear();
            let mut page = page.inspect_err(|_| say_how_to_go_on(search))?;
            choose(&mut page);
            self.take(&page)?;
            self.output.flush()?;
            self.progress.show(&format!("{} engagements…", self.report.shown));
        }
        self.progress.clear();
        self.report.gaps = amount(search.report().gaps.len());
        Ok(())
    }

    fn take(&mut self, page: &SearchPage) -> Result<(), Failure> {
        self.report.shown += amount(page.records.len());
        self.report.unreadable += amount(page.failures.len());
        self.report.cut += amount(page.records.iter().filter(|record| record.info.is_partial == Some(true)).count());
        self.report.from_a_part |= page.is_partial_result;
        for failure in &page.failures {
            say(&format!("warning: a record cannot be read: {} at {}", failure.message, failure.path));
        }
        match &mut self.sink {
            Sink::Json => {
                page.records.iter().try_for_each(|record| self.output.json(record.raw.as_str()))?;
                page.failures.iter().try_for_each(|failure| self.output.json(failure.raw.as_str()))
            }
            Sink::Table(table) => {
                let rows: Vec<Vec<String>> = page.records.iter().map(row).collect();
                if let Some(table) = table {
                    return table.write_rows(&rows, self.output);
                }
                table.insert(Table::fitting(columns(), &rows, self.output.width())).write(&rows, self.output)
            }
        }
    }

    /// Incomplete results are never silent.
    pub fn tell(&self) -> Result<(), Failure> {
        let report = &self.report;
        if report.shown + report.unreadable == 0 {
            say("No engagement matches.");
        }
        if report.from_a_part {
            say("warning: the service answered from a part of its data: engagements are missing");
        }
        if report.gaps > 0 && !report.from_a_part {
            say(&format!("warning: engagements are missing from {}", counted(report.gaps, "part of the range")));
        }
        if report.cut > 0 {
            let cut = counted(report.cut, "engagement");
            say(&format!("warning: {cut} cut short by the service (isPartial); whole by --engagement-id"));
        }
        if report.unreadable > 0 && matches!(self.sink, Sink::Table(_)) {
            return Err(Failure::Own {
                family: Family::Decode,
                message: format!("{} not in the table, because unreadable.", counted(report.unreadable, "engagement")),
                hint: "With --json they are printed as the service sent them.",
            });
        }
        Ok(())
    }
}

fn amount(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn columns() -> Vec<Column> {
    vec![
        Column::left("START (UTC)"),
        Column::right("DURATION"),
        Column::right("WAIT"),
        Column::cut("SKILL"),
        Column::cut("AGENT"),
        Column::cut("VISITOR"),
        Column::right("LINES"),
    ]
}

fn row(engagement: &Engagement) -> Vec<String> {
    let info = &engagement.info;
    let text =
        |text: Option<&Text>| text.filter(|text| !text.is_empty()).map_or_else(|| "-".to_owned(), |text| visible_line(text));
    let time = |seconds: Option<i64>| seconds.map_or_else(|| "-".to_owned(), clock);
    let waited = info.requested_time.zip(info.start_time).map(|(asked, start)| (start.as_millis() - asked.as_millis()) / 1000);
    // "2026-03-01T09:30:00.000Z" without the T and what follows the seconds.
    let start =
        info.start_time.map_or_else(|| "-".to_owned(), |start| start.to_string().replace('T', " ").chars().take(19).collect());
    vec![
        start,
        time(info.duration_seconds),
        time(waited),
        text(info.skill_name.as_ref()),
        text(engagement.agent_name.as_ref()),
        text(info.visitor_name.as_ref().or(info.visitor_id.as_ref())),
        engagement.transcript.lines.len().to_string(),
    ]
}

/// Seconds as `4:05` or `1:04:05`.
fn clock(seconds: i64) -> String {
    let (sign, seconds) = if seconds < 0 { ("-", seconds.unsigned_abs()) } else { ("", seconds.unsigned_abs()) };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{sign}{hours}:{minutes:02}:{seconds:02}") } else { format!("{sign}{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn durations_read_like_a_clock() {
        assert_eq!(
            [0, 5, 65, 3599, 3600, 90_061, -5].map(clock),
            ["0:00", "0:05", "1:05", "59:59", "1:00:00", "25:01:01", "-0:05"]
        );
    }
}
