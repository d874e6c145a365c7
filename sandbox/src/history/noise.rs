//! What goes wrong while somebody pages: docs/protocol/engagement-history-api.md, "Paging hazards" and "Three degrees of
//! incompleteness". Drawn from the seed, request by request.

use serde_json::{Value, json};

use super::query::Query;
use super::row::Row;
use super::select::{Found, Horizon};
use crate::random::Random;
use crate::switches::Switch;
use crate::times::MINUTE;
use crate::world::World;

/// Ids of records that appear late begin here, out of reach of all others.
const FIRST_LATE_SESSION: u64 = 8_000_000_000;

/// What goes wrong with one request.
#[derive(Debug, Default)]
pub struct Noise {
    /// This many records, counted from the end of the page, come from shards that failed.
    lost: usize,
    /// The count is higher by one than it should be.
    drifts: bool,
    /// The page begins one record too early, as after a record was inserted in front of it.
    shifts: bool,
    /// A record that appears now, inside the range that is asked for.
    late: Option<Value>,
}

impl Noise {
    pub fn draw(world: &mut World, query: &Query, horizon: &Horizon) -> Self {
        let percents =
            [Switch::PartialPercent, Switch::CountDriftPercent, Switch::ShiftedPagePercent, Switch::LateRecordsPercent]
                .map(|switch| world.switches.number(switch) as u32);
        if percents == [0; 4] {
            return Self::default();
        }
        let (number, mut random) = world.issue("history noise");
        let happens = |percent: u32| random.chance(u64::from(percent) * 10);
        let [partial, drifts, shifts, late] = percents.map(happens);
        let lost = if partial { 1 + random.below(3) as usize } else { 0 };
        let late = query.filter.start.filter(|_| late).and_then(|(from, to)| {
            let (from, to) = (from.max(horizon.started_since), to.min(horizon.enriched_by - MINUTE));
            (from <= to).then(|| late_record(&world.identity.account, number, from, to, &mut random))
        });
        Self { lost, drifts, shifts, late }
    }

    /// The record that appears before the search.
    pub fn late(&self) -> Option<(Row, String)> {
        let record = self.late.as_ref()?;
        Some((Row::of_json(record).ok()?, record.to_string()))
    }

    pub fn shift(&self, query: &mut Query) {
        query.offset -= i64::from(self.shifts && query.offset > 0);
    }

    /// Spoils a page; true when some shards failed.
    pub fn spoil(&self, found: &mut Found) -> bool {
        let kept = found.records.len().saturating_sub(self.lost);
        found.count += i64::from(self.drifts) - (found.records.len() - kept) as i64;
        found.records.truncate(kept);
        self.lost > 0
    }
}

fn late_record(account: &str, number: u64, from: i64, to: i64, random: &mut Random) -> Value {
    let start = from + random.below((to - from + 1) as u64) as i64;
    json!({ "info": {
        "engagementId": format!("{account}{}", FIRST_LATE_SESSION + number), "accountId": account, "engagementSet": 0,
        "engagementSequence": 0, "startTimeL": start, "endTimeL": start + MINUTE, "duration": 60, "skillId": -1, "ended": true,
        "isPartial": false, "chatDataEnriched": true,
    } })
}
