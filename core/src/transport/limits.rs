//! What keeps a process from hammering the service: concurrency and the quota for repeats, each per account and service.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use url::Url;

use super::http::InjectedNames;
use crate::config::Config;
use crate::engine::PerProcess;
use crate::environment::Environment;

/// Tokens in a full quota.
const FULL: f64 = 50.0;
/// What a repeat after a failure costs, and after throttling, which costs less and waits longer.
const FAILURE_COST: f64 = 5.0;
const THROTTLE_COST: f64 = 1.0;
/// What a success refunds.
const REFUND: f64 = 0.5;

/// So many requests about chats go at once beside the polls, as a share of those: with the usual 40 it makes 64
/// connections at most, also where thousands send a line at the same time.
const BESIDE_POLLS: (usize, usize) = (3, 5);

/// What makes two clients reach another account's service: the account, and where its services are looked up.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Whose {
    account: String,
    sandbox: Option<Url>,
    names: Option<InjectedNames>,
}

/// The limits of the accounts that clients of this process are at work for.
static ACCOUNTS: PerProcess<Mutex<HashMap<Whose, Weak<Account>>>> = PerProcess::root();

/// What all clients of one account share.
#[derive(Debug, Default)]
struct Account {
    history: Arc<Gate>,
    tokens: Mutex<HashMap<&'static str, f64>>,
}

impl Account {
    fn of(whose: Whose) -> Arc<Self> {
        let accounts = ACCOUNTS.get_or_init(Mutex::default);
        let mut accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(&whose).and_then(Weak::upgrade) {
            return account;
        }
        accounts.retain(|_, account| account.strong_count() > 0);
        let account = Arc::new(Self::default());
        accounts.insert(whose, Arc::downgrade(&account));
        account
    }
}

/// The limits that one client heeds: its account's, and how many history requests it has in flight itself.
#[derive(Debug)]
pub(crate) struct Limits {
    account: Arc<Account>,
    own: Arc<Own>,
    /// Places for requests about chats beside the polls, whose connections are the client's own.
    chats: Semaphore,
}

impl Limits {
    /// Those of the client's account; of its own where it has none.
    pub(crate) fn of(config: &Config, environment: &Environment) -> Self {
        let account = config.account_id.clone().map_or_else(Arc::default, |account| {
            let sandbox = config.sandbox.as_ref().map(|sandbox| sandbox.domain.clone());
            Account::of(Whose { account, sandbox, names: environment.names.clone().map(InjectedNames) })
        });
        account.history.widen(config.history_concurrency);
        let own = Arc::new(Own { most: config.history_concurrency, inside: AtomicUsize::new(0) });
        let chats = Semaphore::new((config.polling.concurrency * BESIDE_POLLS.0).div_ceil(BESIDE_POLLS.1));
        Self { account, own, chats }
    }

    /// A place among the requests about chats in flight. Polls have places of their own, which their scheduler gives.
    pub(crate) async fn chat_place(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.chats.acquire().await.ok()
    }

    /// A place among the history requests in flight.
    pub(crate) async fn history_place(&self) -> Place {
        self.account.history.enter(&self.own).await
    }

    /// The history service has answered a request, or throttled it: fewer requests go at once, and after a while of
    /// peace one more.
    pub(crate) fn adapt_history(&self, throttled: bool) {
        self.account.history.adapt(throttled);
    }

    /// Takes the price of a repeat; false where the quota of `service` is used up. First attempts are always free.
    pub(crate) fn pay(&self, service: &'static str, throttled: bool) -> bool {
        let price = if throttled { THROTTLE_COST } else { FAILURE_COST };
        let mut tokens = self.account.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let left = tokens.entry(service).or_insert(FULL);
        let paid = *left >= price;
        if paid {
            *left -= price;
        }
        paid
    }

    /// A success refunds a little.
    pub(crate) fn refund(&self, service: &'static str) {
        let mut tokens = self.account.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let left = tokens.entry(service).or_insert(FULL);
        *left = (*left + REFUND).min(FULL);
    }
}

/// So many answers in a row let one request more go at once.
const PEACE: usize = 20;

/// Admits requests: at most so many at once of all clients, half of it after each throttling, slowly more again; and of each
/// client at most so many as it allows itself, so that one with many leaves places to one with few.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<Admission>,
    changed: Notify,
}

#[derive(Debug)]
struct Admission {
    /// What the client with the most allows itself.
    most: usize,
    /// What the service has shown to bear.
    allowed: usize,
    inside: usize,
    /// Answers since the last throttling or growth.
    answers: usize,
}

impl Default for Admission {
    fn default() -> Self {
        Self { most: 0, allowed: usize::MAX, inside: 0, answers: 0 }
    }
}

/// One client's requests behind the gate, counted under the gate's lock.
#[derive(Debug)]
struct Own {
    most: usize,
    inside: AtomicUsize,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Admission> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client comes that allows itself so many.
    fn widen(&self, most: usize) {
        let mut state = self.lock();
        state.most = state.most.max(most);
    }

    fn try_enter(&self, own: &Own) -> bool {
        let mut state = self.lock();
        let enters = state.inside < state.allowed.min(state.most) && own.inside.load(Ordering::Relaxed) < own.most;
        state.inside += usize::from(enters);
        own.inside.fetch_add(usize::from(enters), Ordering::Relaxed);
        enters
    }

    async fn enter(self: &Arc<Self>, own: &Arc<Own>) -> Place {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Registered before looking, so that no change is missed in between.
            changed.as_mut().enable();
            if self.try_enter(own) {
                return Place(Arc::clone(self), Arc::clone(own));
            }
            changed.await;
        }
    }

    fn adapt(&self, throttled: bool) {
        let mut state = self.lock();
        if throttled {
            state.allowed = (state.allowed.min(state.most) / 2).max(1);
            state.answers = 0;
            return;
        }
        state.answers += 1;
        if state.allowed < state.most && state.answers >= PEACE {
            state.allowed += 1;
            state.answers = 0;
            drop(state);
            self.changed.notify_waiters();
        }
    }
}

/// A request's place behind the gate; leaving it lets the next one in.
#[derive(Debug)]
pub(crate) struct Place(Arc<Gate>, Arc<Own>);

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.inside -= 1;
        self.1.inside.fetch_sub(1, Ordering::Relaxed);
        drop(state);
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_halves_what_goes_at_once_and_peace_restores_it() {
        let gate = Gate::default();
        gate.widen(8);
        let allowed = || gate.lock().allowed;
        for expected in [4, 2, 1, 1] {
            gate.adapt(true);
            assert_eq!(allowed(), expected);
        }
        for _ in 0..PEACE - 1 {
            gate.adapt(false);
        }
        assert_eq!(allowed(), 1, "slowly");
        for _ in 0..20 * PEACE {
            gate.adapt(false);
        }
        assert_eq!(allowed(), 8, "and no further than the option says");
    }

    fn own(gate: &Gate, most: usize) -> Arc<Own> {
        gate.widen(most);
        Arc::new(Own { most, inside: AtomicUsize::new(0) })
    }

    async fn waits(place: &mut std::pin::Pin<Box<impl Future<Output = Place>>>) -> bool {
        tokio::select! {
            biased;
            _ = place => false,
            () = tokio::task::yield_now() => true,
        }
    }

    #[tokio::test]
    async fn whoever_finds_the_gate_full_waits_for_a_place() {
        let gate = Arc::new(Gate::default());
        let (one, two) = (own(&gate, 2), own(&gate, 2));
        let (first, _second) = (gate.enter(&one).await, gate.enter(&two).await);
        let mut third = Box::pin(gate.enter(&two));
        assert!(waits(&mut third).await);
        drop(first);
        drop(third.await);
    }

    #[tokio::test]
    async fn a_client_with_few_has_its_places_beside_one_with_many() {
        let gate = Arc::new(Gate::default());
        let (many, few) = (own(&gate, 8), own(&gate, 1));
        let mut busy = Vec::new();
        for _ in 0..7 {
            busy.push(gate.enter(&many).await);
        }
        let place = gate.enter(&few).await;
        let mut second = Box::pin(gate.enter(&few));
        busy.pop();
        assert!(waits(&mut second).await, "it allows itself one");
        drop(place);
        drop(second.await);
    }

    fn whose(account: &str, sandbox: &str) -> Whose {
        Whose { account: account.to_owned(), sandbox: Url::parse(sandbox).ok(), names: None }
    }

    #[test]
    fn clients_of_one_account_share_and_others_do_not() {
        let one = Account::of(whose("a1", "http://127.0.0.1:1"));
        assert!(Arc::ptr_eq(&one, &Account::of(whose("a1", "http://127.0.0.1:1"))));
        assert!(!Arc::ptr_eq(&one, &Account::of(whose("a2", "http://127.0.0.1:1"))));
        assert!(!Arc::ptr_eq(&one, &Account::of(whose("a1", "http://127.0.0.1:2"))), "another sandbox");
        let (held, whose_is_gone) = (Arc::downgrade(&one), whose("a1", "http://127.0.0.1:1"));
        drop(one);
        assert!(held.upgrade().is_none(), "nobody needs it");
        drop(Account::of(whose("a3", "http://127.0.0.1:1")));
        assert!(!ACCOUNTS.get().unwrap().lock().unwrap().contains_key(&whose_is_gone), "nor is its place kept");
    }

    #[test]
    fn the_quota_stops_repeats_and_successes_refill_it() {
        let own = Arc::new(Own { most: 2, inside: AtomicUsize::new(0) });
        let limits = Limits { account: Arc::default(), own, chats: Semaphore::new(1) };
        let repeats = (0..100).filter(|_| limits.pay("engHistDomain", false)).count();
        assert_eq!(repeats, 10);
        assert!(!limits.pay("engHistDomain", false));
        assert!(limits.pay("agentVep", false), "each service has its own");
        for _ in 0..10 {
            limits.refund("engHistDomain");
        }
        assert!(limits.pay("engHistDomain", false));
    }
}
