//! `lpchat history tail`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use lpchat::{Client, Engagement, SearchPage, SearchQuery, Timestamp};

use super::arguments::TailArguments;
use super::search::Listing;
use crate::failure::Failure;
use crate::notice::say;
use crate::output::Output;

const USUAL_INTERVAL: Duration = Duration::from_secs(60);

pub fn run(client: &Client, arguments: TailArguments, output: &mut Output) -> Result<(), Failure> {
    let (follow, json) = (arguments.follow, arguments.json);
    let interval = arguments.interval.unwrap_or(USUAL_INTERVAL);
    let since = match arguments.since {
        Some(since) => since,
        None if follow => SystemTime::now().into(),
        None => return Err(Failure::Usage("say --since when to look, or --follow what comes from now on".to_owned())),
    };
    let query = arguments.into_query();
    let mut listing = Listing::new(output, json);
    let mut tail = Tail { client, query, since, shown: HashMap::new() };
    loop {
        tail.pass(&mut listing)?;
        if !follow {
            listing.tell()?;
            say(&format!("to go on from here: the same command with --since {}", tail.since));
            return Ok(());
        }
        std::thread::sleep(interval);
    }
}

struct Tail<'a> {
    client: &'a Client,
    query: SearchQuery,
    since: Timestamp,
    /// What the last pass gave, by key, with a digest of its text: it comes again while it may still be added to.
    shown: HashMap<u64, u64>,
}

impl Tail<'_> {
    fn pass(&mut self, listing: &mut Listing<'_>) -> Result<(), Failure> {
        let search = self.client.history().tail(self.since, self.query.clone())?;
        let mut seen = HashMap::new();
        listing.show(&search, |page| self.choose(page, &mut seen))?;
        self.since = search.watermark().unwrap_or(self.since);
        self.shown = seen;
        Ok(())
    }

    /// Leaves what the last pass has not given, or not in this form.
    fn choose(&self, page: &mut SearchPage, seen: &mut HashMap<u64, u64>) {
        page.records.retain(|record| {
            let (key, text) = (digest(key(record)), digest(record.raw.as_str()));
            seen.insert(key, text);
            self.shown.get(&key) != Some(&text)
        });
        page.failures.retain(|failure| {
            let text = digest(failure.raw.as_str());
            seen.insert(text, text);
            !self.shown.contains_key(&text)
        });
    }
}

fn key(record: &Engagement) -> impl Hash {
    let info = &record.info;
    (record.account_id.to_string(), record.engagement_id.to_string(), info.engagement_set, info.engagement_sequence)
}

fn digest(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
