//! Virtual time: pauses pass at once and are recorded, limits fire only when their time comes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lpchat::Timestamp;
use lpchat::environment::{Clock, Waiting};
use tokio::sync::watch;

pub struct VirtualClock {
    now: watch::Sender<Duration>,
    held: watch::Sender<bool>,
    pauses: Mutex<Vec<Duration>>,
    limits: Mutex<HashMap<Duration, usize>>,
    /// When the limits that somebody still waits for will fire.
    pending: Arc<Mutex<Vec<(usize, Duration)>>>,
    looks: AtomicUsize,
}

/// Where the wall clock stands at first.
pub const START_MILLIS: i64 = 1_790_000_000_000;

impl VirtualClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            now: watch::Sender::new(Duration::ZERO),
            held: watch::Sender::new(false),
            pauses: Mutex::default(),
            limits: Mutex::default(),
            pending: Arc::default(),
            looks: AtomicUsize::new(0),
        })
    }

    /// The pauses begun so far, in milliseconds.
    pub fn pauses(&self) -> Vec<u128> {
        self.pauses.lock().unwrap().iter().map(Duration::as_millis).collect()
    }

    pub fn forget_pauses(&self) {
        self.pauses.lock().unwrap().clear();
    }

    pub fn advance(&self, by: Duration) {
        self.now.send_modify(|now| *now += by);
    }

    /// Where the clock stands.
    pub fn time(&self) -> Duration {
        *self.now.borrow()
    }

    /// Whether everybody whose time has come has noticed.
    pub fn is_caught_up(&self) -> bool {
        let now = self.time();
        self.pending.lock().unwrap().iter().all(|(_, end)| *end > now)
    }

    /// From now on pauses do not end, or end again.
    pub fn hold_pauses(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// How many times somebody has looked at the clock.
    pub fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }

    /// How many limits of this length have been set so far.
    pub fn limits_of(&self, duration: Duration) -> usize {
        self.limits.lock().unwrap().get(&duration).copied().unwrap_or(0)
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        let millis = START_MILLIS + i64::try_from(self.now.borrow().as_millis()).unwrap();
        Timestamp::from_millis(millis)
    }

    fn elapsed(&self) -> Duration {
        self.looks.fetch_add(1, Ordering::SeqCst);
        *self.now.borrow()
    }

    fn pause(&self, duration: Duration) -> Waiting {
        self.pauses.lock().unwrap().push(duration);
        let (mut held, now) = (self.held.subscribe(), self.now.clone());
        Box::pin(async move {
            let _ = held.wait_for(|held| !held).await;
            now.send_modify(|now| *now += duration);
        })
    }

    fn limit(&self, duration: Duration) -> Waiting {
        *self.limits.lock().unwrap().entry(duration).or_default() += 1;
        let end = *self.now.borrow() + duration;
        let mut now = self.now.subscribe();
        let noted = Pending::new(&self.pending, end);
        Box::pin(async move {
            let _ = now.wait_for(|now| *now >= end).await;
            drop(noted);
        })
    }
}

/// A limit that somebody waits for.
struct Pending(Arc<Mutex<Vec<(usize, Duration)>>>, usize);

impl Pending {
    fn new(all: &Arc<Mutex<Vec<(usize, Duration)>>>, end: Duration) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        all.lock().unwrap().push((number, end));
        Self(Arc::clone(all), number)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.lock().unwrap().retain(|(number, _)| *number != self.1);
    }
}
