//! A search through lpchat, and with a bare reqwest and serde: eight fields and the texts of all lines are read.

use std::collections::VecDeque;

use lpchat::{Client, ClientOptions, Engagement, SearchQuery, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::bare::client;
use crate::http::ACCOUNT;
use crate::measure::Span;

/// So many milliseconds apart records start, from the first on.
const STEP: u64 = 256_000;
const START: u64 = 1_777_593_600_000;
const PAGE: u64 = 100;
const CONCURRENCY: usize = 8;

/// What the program has read.
#[derive(Default)]
struct User {
    seen: usize,
    bytes: usize,
}

impl User {
    fn read(&mut self, fields: [bool; 8], texts: impl Iterator<Item = usize>) {
        self.seen += fields.into_iter().filter(|is_there| *is_there).count();
        self.bytes += texts.sum::<usize>();
    }

    fn report(&self, span: &Span) {
        span.report(1, &format!("{}/{}", self.seen, self.bytes), json!({}));
    }
}

pub fn through_lpchat(line: &str, records: u64) {
    let options = ClientOptions { sandbox: Some(line.to_owned().into()), ..ClientOptions::default() };
    let client = Client::new(options).expect("sound options");
    let time = |millis: u64| Some(Timestamp::from_millis(millis.cast_signed()));
    let query = |end: u64| SearchQuery { start: time(START), end: time(end), page_size: Some(100), ..SearchQuery::default() };
    client.history().count(query(START + STEP)).expect("a count");
    let (span, mut user) = (Span::begin(), User::default());
    let search = client.history().search(query(START + records * STEP)).expect("a sound query");
    for page in search.pages() {
        page.expect("a page").records.iter().for_each(|record| read(&mut user, record));
    }
    user.report(&span);
}

fn read(user: &mut User, record: &Engagement) {
    let info = &record.info;
    let fields = [
        info.engagement_id.is_some(),
        info.start_time.is_some(),
        info.end_time.is_some(),
        info.duration_seconds.is_some(),
        info.skill_name.is_some(),
        info.agent_nickname.is_some(),
        info.visitor_id.is_some(),
        info.end_reason.is_some(),
    ];
    user.read(fields, record.transcript.lines.iter().map(|line| line.text.as_deref().map_or(0, str::len)));
}

#[derive(Deserialize)]
struct Page {
    #[serde(rename = "interactionHistoryRecords")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    info: Info,
    transcript: Transcript,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    engagement_id: String,
    #[serde(rename = "startTimeL")]
    start_time: Option<i64>,
    #[serde(rename = "endTimeL")]
    end_time: Option<i64>,
    duration: Option<i64>,
    skill_name: Option<String>,
    agent_nick_name: Option<String>,
    visitor_id: Option<String>,
    end_reason: Option<String>,
}

#[derive(Deserialize)]
struct Transcript {
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    text: Option<String>,
}

pub fn through_reqwest(line: &str, records: u64) {
    let (client, origin) = client(line);
    let url = format!("{origin}/interaction_history/api/account/{ACCOUNT}/interactions/search");
    let filter = json!({ "start": { "from": START, "to": START + records * STEP - 1 } }).to_string();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (span, mut user) = (Span::begin(), User::default());
        let mut offsets = (0..records).step_by(PAGE as usize);
        let ask = |offset: u64| {
            let request = client
                .post(format!("{url}?offset={offset}&limit={PAGE}&sort=start:asc,engagementId:asc&source=bench"))
                .header("authorization", "Bearer bearer")
                .header("content-type", "application/json")
                .body(filter.clone());
            tokio::spawn(async move { request.send().await?.bytes().await })
        };
        let mut flying: VecDeque<_> = offsets.by_ref().take(CONCURRENCY).map(ask).collect();
        while let Some(page) = flying.pop_front() {
            let body = page.await.expect("a task").expect("a page");
            let page: Page = serde_json::from_slice(&body).expect("a document");
            page.records.iter().for_each(|record| read_typed(&mut user, record));
            flying.extend(offsets.next().map(ask));
        }
        user.report(&span);
    });
    std::process::exit(0);
}

fn read_typed(user: &mut User, record: &Record) {
    let info = &record.info;
    let fields = [
        !info.engagement_id.is_empty(),
        info.start_time.is_some(),
        info.end_time.is_some(),
        info.duration.is_some(),
        info.skill_name.is_some(),
        info.agent_nick_name.is_some(),
        info.visitor_id.is_some(),
        info.end_reason.is_some(),
    ];
    user.read(fields, record.transcript.lines.iter().map(|line| line.text.as_deref().map_or(0, str::len)));
}
