//! Who is polled when. One task a client, however many chats; no task and no timer a chat.
//!
//! Polls keep a fixed cadence from start to start. They are spread, not aligned: a chat that comes when many live gets
//! its first poll at a random point of the interval. At most `poll_concurrency` polls are in flight, so that thousands
//! of chats share so many connections. A chat whose last poll was slow is polled within a share of these places, and
//! a slow poll gives its place up when others wait for it: a stalled chat delays nobody else.
//!
//! A service that throttles one poll is left alone by all chats of the client for a while, then they spread anew.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

use super::options::Polling;
use crate::bells::{Bells, Ring};
use crate::call::CatchPanic;
use crate::client_core::Core;
use crate::engine::Engine;
use crate::environment::{Environment, Waiting};
use crate::error::Result;
use crate::observe::{LogLevel, count, log};
use crate::transport::Service;

/// A poll in flight.
pub(crate) type Job = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// What a poll came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    /// From the start of this poll to the start of the next; none where this was the last.
    pub(crate) next: Option<Duration>,
    /// The service throttles, and for how long where it says so.
    pub(crate) throttled: Option<Option<Duration>>,
}

/// Something that is polled.
pub(crate) trait Polled: Send + Sync {
    /// The poll that is due; none where there is nothing to ask any more. It must not keep its object alive.
    fn begin(self: Arc<Self>) -> Option<(Counted, Job)>;

    /// It is on the list from now on.
    fn begun(&self);

    /// Wakes those who wait for what its polls bring.
    fn ring(&self);

    /// The service that it asks.
    fn service(&self) -> Service;

    /// Counts how often it was put on the list: only the newest entry is valid.
    fn ticket(&self) -> Arc<AtomicU64>;
}

impl Ring for Weak<dyn Polled> {
    fn ring(self) {
        if let Some(polled) = self.upgrade() {
            polled.ring();
        }
    }
}

/// Counts a poll as in flight until what it came to was taken note of, or it was broken off.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Core>);

impl Counted {
    pub(crate) fn new(core: &Arc<Core>) -> Self {
        count(&core.counters.polls_in_flight, 1);
        Self(Arc::clone(core))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        count(&self.0.counters.polls_in_flight, -1);
        count(&self.0.counters.polls, 1);
    }
}

/// So many chats may begin at once without being spread: they fit into the places for polls.
const UNSPREAD: usize = 32;
/// A poll is slow when it takes longer.
const SLOW_AFTER: Duration = Duration::from_secs(1);
/// The share of places for chats whose last poll was slow: three eighths.
const SLOW_PLACES: (usize, usize) = (3, 8);
/// Where more than this share of the last polls was slow, the service is, and not some chats.
const MOSTLY: f64 = 0.5;
const RECENT_POLLS: f64 = 30.0;
/// The pause of all chats after throttling doubles up to this, which the usual idle limit of a chat survives.
const LONGEST_THROTTLE: Duration = Duration::from_secs(15);
/// So long a pause is granted where the service asks for it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(30);
/// Timers are late by a millisecond as a rule, and by some more where much is due.
const MOST_LATENESS: Duration = Duration::from_millis(10);
const JITTER: f64 = 0.2;

enum Command {
    /// Poll it for the first time, some time within the interval.
    Begin(Weak<dyn Polled>),
    /// Poll it now.
    Hasten(Weak<dyn Polled>),
    Stop,
}

/// The list of polls of one client.
#[derive(Debug)]
pub(crate) struct Scheduler {
    commands: UnboundedSender<Command>,
}

impl Scheduler {
    pub(crate) fn start(environment: &Environment, polling: Polling, bells: Arc<Bells<Weak<dyn Polled>>>) -> Result<Self> {
        let (commands, receiver) = unbounded_channel();
        let task = Task {
            environment: environment.clone(),
            polling,
            commands: receiver,
            due: BinaryHeap::new(),
            held: VecDeque::new(),
            done: Arc::default(),
            in_flight: Vec::new(),
            ended: Vec::new(),
            bells,
            throttles: HashMap::new(),
            number: 0,
            slowness: 0.0,
        };
        Engine::current()?.handle().spawn(task.run());
        Ok(Self { commands })
    }

    /// Polls it from now on, for as long as somebody holds it.
    pub(crate) fn begin(&self, polled: Weak<dyn Polled>) {
        self.tell(Command::Begin(polled));
    }

    /// Polls it now.
    pub(crate) fn hasten(&self, polled: Weak<dyn Polled>) {
        self.tell(Command::Hasten(polled));
    }

    /// Ends all polling.
    pub(crate) fn stop(&self) {
        self.tell(Command::Stop);
    }

    fn tell(&self, command: Command) {
        // After the end there is nothing to poll.
        let _ = self.commands.send(command);
    }
}

/// One entry of the list, ordered by when it is due, then by when it came.
struct Entry {
    due: Duration,
    number: u64,
    ticket: u64,
    slow: bool,
    polled: Weak<dyn Polled>,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

struct InFlight {
    number: u64,
    started: Duration,
    /// From when the next one is reckoned.
    cadence: Duration,
    slow: bool,
    /// It was asked for again meanwhile.
    again: bool,
    service: &'static str,
    polled: Weak<dyn Polled>,
    handle: AbortHandle,
    _counted: Counted,
}

/// What a service's throttling means for all who ask it.
#[derive(Debug, Default, Clone, Copy)]
struct Throttle {
    until: Duration,
    step: u32,
}

/// Polls that have ended and were not looked at yet, by number. Only the first one wakes whoever looks at them.
#[derive(Debug, Default)]
struct Done {
    verdicts: Mutex<Vec<(u64, Verdict)>>,
    first: Notify,
}

impl Done {
    fn put(&self, number: u64, verdict: Verdict) {
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.push((number, verdict));
        if verdicts.len() == 1 {
            self.first.notify_one();
        }
    }

    fn take(&self) -> Vec<(u64, Verdict)> {
        std::mem::take(&mut *self.verdicts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Task {
    environment: Environment,
    polling: Polling,
    commands: UnboundedReceiver<Command>,
    due: BinaryHeap<Reverse<Entry>>,
    /// Slow ones that are due and wait for a place.
    held: VecDeque<Entry>,
    done: Arc<Done>,
    in_flight: Vec<InFlight>,
    /// Those whose poll has ended and whose users were not woken yet.
    ended: Vec<Weak<dyn Polled>>,
    bells: Arc<Bells<Weak<dyn Polled>>>,
    throttles: HashMap<&'static str, Throttle>,
    number: u64,
    /// The share of slow ones among the polls that ended lately.
    slowness: f64,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.in_flight.iter().for_each(|each| each.handle.abort());
    }
}

impl Task {
    async fn run(mut self) {
        let mut limit: Option<(Duration, Waiting)> = None;
        loop {
            let now = self.now();
            self.start_due(now);
            if self.bells.begin(&mut self.ended) {
                tokio::task::yield_now().await;
                self.bells.ring();
                continue;
            }
            // The same limit serves until an earlier time is wanted: one that comes too early does no harm.
            if let Some(wake) = self.wake(now).filter(|wake| limit.as_ref().is_none_or(|(at, _)| at > wake)) {
                limit = Some((wake, self.environment.clock.limit(wake.saturating_sub(now))));
            }
            let due = async {
                match &mut limit {
                    Some((_, waiting)) => waiting.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                command = self.commands.recv() => match command {
                    None | Some(Command::Stop) => return,
                    Some(command) => self.obey(command),
                },
                () = self.done.first.notified() => {
                    // Answers that came together are taken in together, and wake their users at once: the users' threads
                    // and this one take turns once and not for each of them. Nor does a poll open another connection
                    // while one that has done its work is on its way back to the pool.
                    if self.in_flight.len() > 1 {
                        tokio::task::yield_now().await;
                    }
                }
                () = due => limit = None,
            }
            for (number, verdict) in self.done.take() {
                self.finish(number, verdict);
            }
        }
    }

    fn now(&self) -> Duration {
        self.environment.clock.elapsed()
    }

    fn obey(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Begin(polled) => {
                let spread = self.due.len() + self.in_flight.len() >= UNSPREAD;
                let share = if spread { self.environment.fraction() } else { 0.0 };
                if let Some(polled) = polled.upgrade() {
                    polled.begun();
                }
                self.list(now + self.polling.busy.mul_f64(share), false, polled);
            }
            Command::Hasten(polled) => match self.in_flight.iter_mut().find(|each| Weak::ptr_eq(&each.polled, &polled)) {
                Some(in_flight) => in_flight.again = true,
                None => self.list(now, false, polled),
            },
            Command::Stop => {}
        }
    }

    fn list(&mut self, due: Duration, slow: bool, polled: Weak<dyn Polled>) {
        let Some(ticket) = polled.upgrade().map(|polled| polled.ticket().fetch_add(1, Ordering::Relaxed) + 1) else { return };
        self.number += 1;
        self.due.push(Reverse(Entry { due, number: self.number, ticket, slow, polled }));
    }

    /// Starts what is due, as far as there are places.
    fn start_due(&mut self, now: Duration) {
        while !self.held.is_empty()
            && self.slow_place()
            && let Some(entry) = self.held.pop_front()
        {
            self.start(entry, now);
        }
        while self.due.peek().is_some_and(|Reverse(entry)| entry.due <= now) {
            if self.in_flight.len() >= self.polling.concurrency && !self.evict(now) {
                return;
            }
            let Some(Reverse(entry)) = self.due.pop() else { return };
            if entry.slow && !self.slow_place() {
                self.held.push_back(entry);
            } else {
                self.start(entry, now);
            }
        }
    }

    /// A poll that starts no later than so is on time: the next one is reckoned from when it was due. Or else polls that once
    /// started together, late by a tick of the clock, would do so ever after, and more and more of them.
    fn lateness(&self) -> Duration {
        MOST_LATENESS.min(self.polling.busy / 10)
    }

    fn slow_place(&self) -> bool {
        if self.slowness > MOSTLY {
            // There is nobody to keep places free for.
            return self.in_flight.len() < self.polling.concurrency;
        }
        let most = (self.polling.concurrency * SLOW_PLACES.0 / SLOW_PLACES.1).max(1);
        self.in_flight.len() < self.polling.concurrency && self.in_flight.iter().filter(|each| each.slow).count() < most
    }

    /// Breaks off the oldest poll that has become slow; its chat will be polled as a slow one.
    fn evict(&mut self, now: Duration) -> bool {
        let stalled = |each: &InFlight| !each.slow && now.saturating_sub(each.started) >= SLOW_AFTER;
        let Some(at) = self.in_flight.iter().position(stalled) else { return false };
        let broken_off = self.in_flight.remove(at);
        broken_off.handle.abort();
        // Its answer may have come at the same moment.
        self.ended.push(Weak::clone(&broken_off.polled));
        self.list(now.max(broken_off.started + self.polling.busy), true, broken_off.polled);
        true
    }

    fn start(&mut self, entry: Entry, now: Duration) {
        let Some(polled) = entry.polled.upgrade() else { return };
        if polled.ticket().load(Ordering::Relaxed) != entry.ticket {
            return;
        }
        let service = polled.service().name();
        let until = self.throttles.get(service).map_or(Duration::ZERO, |throttle| throttle.until);
        if now < until {
            let spread = self.polling.busy.mul_f64(self.environment.fraction());
            return self.list(until + spread, entry.slow, entry.polled);
        }
        let Some((counted, job)) = polled.begin() else { return };
        let (number, busy) = (entry.number, self.polling.busy);
        let done = Arc::clone(&self.done);
        let task = tokio::spawn(async move {
            let verdict = CatchPanic::new(job).await.unwrap_or_else(|panic| {
                let error = crate::call::panicked(&*panic);
                log(LogLevel::Error, || format!("a poll panicked: {}", error.details().message));
                Verdict { next: Some(busy), throttled: None }
            });
            done.put(number, verdict);
        });
        let handle = task.abort_handle();
        let polled = entry.polled;
        self.in_flight.push(InFlight {
            number,
            started: now,
            cadence: if now.saturating_sub(entry.due) <= self.lateness() { entry.due } else { now },
            slow: entry.slow,
            again: false,
            service,
            polled,
            handle,
            _counted: counted,
        });
    }

    fn finish(&mut self, number: u64, verdict: Verdict) {
        // It may have been broken off at its end.
        let Some(at) = self.in_flight.iter().position(|each| each.number == number) else { return };
        let ended = self.in_flight.remove(at);
        let now = self.now();
        self.ended.push(Weak::clone(&ended.polled));
        self.note_throttle(&ended, verdict, now);
        let Some(next) = verdict.next else { return };
        let due = if ended.again { now } else { now.max(ended.cadence + next) };
        let slow = now.saturating_sub(ended.started) >= SLOW_AFTER;
        self.slowness += (f64::from(u8::from(slow)) - self.slowness) / RECENT_POLLS;
        self.list(due, slow, ended.polled);
    }

    fn note_throttle(&mut self, ended: &InFlight, verdict: Verdict, now: Duration) {
        let throttle = self.throttles.entry(ended.service).or_default();
        // Polls that were under way when the pause began tell nothing new.
        let anew = throttle.step == 0 || ended.started >= throttle.until;
        let Some(retry_after) = verdict.throttled else {
            if anew {
                throttle.step = 0;
            }
            return;
        };
        let asked = retry_after.unwrap_or(Duration::ZERO).min(LONGEST_RETRY_AFTER);
        if anew {
            let doubled = self.polling.throttle.saturating_mul(1 << throttle.step.min(8)).min(LONGEST_THROTTLE);
            let pause = doubled.mul_f64(1.0 + JITTER * self.environment.fraction()).max(asked);
            throttle.step = (throttle.step + 1).min(8);
            throttle.until = now + pause;
            log(LogLevel::Warning, || format!("is throttled by {}: no polls for {} ms", ended.service, pause.as_millis()));
        } else {
            throttle.until = throttle.until.max(now + asked);
        }
    }

    /// When there is something to do again, apart from what comes in.
    fn wake(&self, now: Duration) -> Option<Duration> {
        let due = self.due.peek().map(|Reverse(entry)| entry.due)?;
        if due > now {
            return Some(due);
        }
        // All places are taken: one becomes free, or turns out to be slow.
        self.in_flight.iter().filter(|each| !each.slow).map(|each| each.started + SLOW_AFTER).min()
    }
}
