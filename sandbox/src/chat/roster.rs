//! Who waits, who rings where, who is served by whom: so that nothing has to look through all chats.

use std::collections::{BTreeSet, HashMap};

use super::{Chat, Ring};
use crate::identity::Agent;
use crate::times::SECOND;

/// When a chat entered the queue, and its position in the list of chats.
type Place = (i64, usize);

#[derive(Debug, Default)]
pub struct Roster {
    waiting: BTreeSet<Place>,
    /// By agent session.
    ringing: HashMap<String, BTreeSet<Place>>,
    /// By agent id.
    served: HashMap<i64, BTreeSet<usize>>,
    /// How many times an agent left a chat, and how long they had been in it altogether, in milliseconds.
    services: (i64, i64),
}

impl Roster {
    pub fn enter_queue(&mut self, chat: &Chat, position: usize) {
        self.waiting.insert((chat.queued, position));
    }

    pub fn ring(&mut self, chat: &mut Chat, position: usize, ring: Ring) {
        self.ringing.entry(ring.session.clone()).or_default().insert((chat.queued, position));
        chat.ring = Some(ring);
    }

    /// Ends a chat's ringing, if it rings.
    pub fn stop_ringing(&mut self, chat: &mut Chat, position: usize) -> Option<Ring> {
        let ring = chat.ring.take()?;
        if let Some(places) = self.ringing.get_mut(&ring.session) {
            places.remove(&(chat.queued, position));
            if places.is_empty() {
                self.ringing.remove(&ring.session);
            }
        }
        Some(ring)
    }

    pub fn take_seat(&mut self, agent: &Agent, position: usize) {
        self.served.entry(agent.id).or_default().insert(position);
    }

    /// Takes a chat from wherever it stands: queue, ring or seat.
    pub fn leave(&mut self, chat: &mut Chat, position: usize, now: i64) {
        self.stop_ringing(chat, position);
        self.waiting.remove(&(chat.queued, position));
        let served = chat.seat.and_then(|seat| self.served.get_mut(&seat.agent.id));
        if served.is_some_and(|served| served.remove(&position)) {
            let begun = chat.segments.last().map_or(now, |segment| segment.started);
            self.services = (self.services.0 + 1, self.services.1 + now - begun);
        }
    }

    /// How long an agent has been in a chat on average, in seconds; none before the first has left one.
    pub fn mean_service_s(&self) -> Option<i64> {
        let (count, ms) = self.services;
        (count > 0).then(|| ms / count / SECOND)
    }

    /// Waiting chats, longest waiting first.
    pub fn waiting(&self) -> impl Iterator<Item = usize> {
        self.waiting.iter().map(|(_, position)| *position)
    }

    /// The chats that ring at a session, longest waiting first.
    pub fn ringing(&self, session: &str) -> Vec<usize> {
        self.ringing.get(session).into_iter().flatten().map(|(_, position)| *position).collect()
    }

    pub fn rings_at(&self, session: &str) -> usize {
        self.ringing.get(session).map_or(0, BTreeSet::len)
    }

    /// The chats that an agent serves, in the order in which they were started.
    pub fn served(&self, agent: &Agent) -> Vec<usize> {
        self.served.get(&agent.id).into_iter().flatten().copied().collect()
    }

    pub fn serves(&self, agent: &Agent) -> usize {
        self.served.get(&agent.id).map_or(0, BTreeSet::len)
    }
}
