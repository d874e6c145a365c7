//! What is still to be read, for whoever goes on: the search itself or, by a resume token, another one.

use super::Progress;
use crate::history::fingerprint::Fingerprint;
use crate::history::page::SearchPage;
use crate::history::resume::{Standing, Token};
use crate::history::window::Window;
use crate::wire::Timestamp;

/// What is still to be read: windows of which some records were handed out, and where the part begins that nothing was
/// read of.
#[derive(Debug, Clone, Default)]
pub(super) struct Standings {
    begun: Vec<(Window, Vec<Fingerprint>)>,
    rest: Option<Timestamp>,
}

impl Progress {
    /// Takes a page back that nobody took: it is handed out again.
    pub(in crate::history) fn give_back(&mut self, page: SearchPage) {
        self.given_back = Some(page);
    }

    /// The page that was given back, if there is one.
    pub(in crate::history) fn take_given_back(&mut self) -> Option<SearchPage> {
        self.given_back.take()
    }

    pub(super) fn is_resumable(&self) -> bool {
        !self.query.is_single && self.query.changed_since.is_none()
    }

    pub(in crate::history) fn resume_token(&self, account: &str) -> Option<String> {
        if !self.is_resumable() {
            return None;
        }
        match &self.given_back {
            Some(_) => self.resume_token_before_page(account),
            None => self.token(account, &self.standings()),
        }
    }

    pub(in crate::history) fn resume_token_before_page(&self, account: &str) -> Option<String> {
        let standings = self.is_resumable().then(|| self.before.clone().unwrap_or_else(|| self.standings()))?;
        self.token(account, &standings)
    }

    fn token(&self, account: &str, standings: &Standings) -> Option<String> {
        let nothing_left = standings.begun.is_empty() && standings.rest.is_none();
        let begun = standings.begun.iter().map(|(window, handed)| Standing::of(window, handed)).collect();
        (!nothing_left).then(|| Token::new(account, &self.query, begun, standings.rest).write())
    }

    pub(super) fn standings(&self) -> Standings {
        let mut begun = Vec::new();
        let current = self.current.as_ref();
        match (&self.group, current) {
            // Only all windows by skill together show whether anything is missing: they are begun anew.
            (Some(group), current) => {
                let handed = group.handed.iter().chain(current.into_iter().flat_map(|reading| &reading.handed));
                begun.push((group.whole.clone(), handed.copied().collect()));
            }
            (None, Some(reading)) => begun.push((reading.window.clone(), reading.handed.iter().copied().collect())),
            (None, None) => {}
        }
        let pending = self.pending.iter().filter(|pending| pending.window.skill.is_none());
        let (fresh, others): (Vec<_>, Vec<_>) = pending.chain(&self.gaps).partition(|pending| pending.is_fresh);
        begun.extend(others.iter().map(|each| (each.window.clone(), each.handed.iter().copied().collect())));
        // What nothing was read of is one range, up to the end.
        Standings { begun, rest: fresh.first().map(|pending| pending.window.start) }
    }
}
