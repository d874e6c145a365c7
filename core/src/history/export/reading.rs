//! Reading the days of an export, each as a search of its own, the next ones ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use super::plan::DayPlan;
use crate::call::Call;
use crate::client_core::Core;
use crate::config::CallOptions;
use crate::error::Result;
use crate::history::filter::Checked;
use crate::history::progress::{Pending, Progress};
use crate::history::report::HistoryReport;
use crate::history::window::Window;
use crate::history::{Search, SearchPage};
use crate::wire::Timestamp;

/// What comes next of the days to be read.
pub(super) enum Piece {
    /// Some records of a day, and the instant from which more of it come.
    Page { plan: Arc<DayPlan>, page: SearchPage, more_from: Option<Timestamp> },
    /// A day is over.
    End { plan: Arc<DayPlan>, report: HistoryReport },
}

pub(super) struct Reading {
    core: Arc<Core>,
    query: Arc<Checked>,
    /// For each page; the export itself has no limit on time.
    options: CallOptions,
    days: VecDeque<DayPlan>,
    begun: VecDeque<DayReading>,
}

struct DayReading {
    plan: Arc<DayPlan>,
    search: Search,
    next: Call<Option<SearchPage>>,
}

impl Reading {
    pub(super) fn new(core: &Arc<Core>, query: &Arc<Checked>, options: &CallOptions, days: Vec<DayPlan>) -> Self {
        Self {
            core: Arc::clone(core),
            query: Arc::clone(query),
            options: CallOptions { timeout: None, ..options.clone() },
            days: days.into(),
            begun: VecDeque::new(),
        }
    }

    /// The next piece; nothing, when all days have been read.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>> {
        while self.begun.len() < self.core.config.history_concurrency
            && let Some(day) = self.days.pop_front()
        {
            let day = self.begin(day);
            self.begun.push_back(day);
        }
        let Some(day) = self.begun.front_mut() else { return Ok(None) };
        if let Some(page) = (&mut day.next).await? {
            let more_from = day.search.more_from();
            day.next = day.search.next_page_call(Some(self.options.clone()));
            return Ok(Some(Piece::Page { plan: Arc::clone(&day.plan), page, more_from }));
        }
        let report = day.search.report();
        let plan = Arc::clone(&day.plan);
        self.begun.pop_front();
        Ok(Some(Piece::End { plan, report }))
    }

    fn begin(&self, plan: DayPlan) -> DayReading {
        let config = &self.core.config;
        let windows = plan.spans.iter().map(|span| Pending::fresh(Window::new(span.start, span.end))).collect();
        let query = Arc::new(self.query.of_part(plan.spans.iter()));
        let progress = Progress::new(&query, config.history_concurrency, &config.history_reread_pauses, windows);
        let search = Search::new(&self.core, query, progress);
        let next = search.next_page_call(Some(self.options.clone()));
        DayReading { plan: Arc::new(plan), search, next }
    }
}
