//! A model of chats: random scripts of visitors and agents, with faults at random points, against a sandbox. Afterwards the
//! sandbox's own record and what both sides saw must agree: lines that were taken stand there once and in order, unknown
//! ones at most once, refused ones never; no stream has gaps or repeats; every chat has ended or was reported lost.
//!
//! `LPCHAT_SEEDS` says how many seeds are tried, `LPCHAT_FIRST_SEED` which one is the first, `LPCHAT_SEED` which one alone
//! (then `LPCHAT_SEEDS` times). A seed decides who does what and which requests fail; how the two sides interleave it leaves
//! to the machine. A seed that fails is printed with its script.

mod check;
mod desk;
mod party;
mod play;
mod record;
mod script;

#[path = "../support/random.rs"]
mod random;
#[path = "../support/sandbox.rs"]
mod sandbox;

use std::sync::Arc;

use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;

use desk::Desk;
use sandbox::Sandbox;
use script::Script;

const DEFAULT_SEEDS: u64 = 200;
/// So many seeds are under way at the same time.
const AT_ONCE: usize = 40;
/// So many seeds share a sandbox, whose fault plans are looked through with each request.
const A_SANDBOX: u64 = 100;

/// A sandbox and those who accept chats in it, made when the first seed needs them and gone with the last.
#[derive(Default)]
struct World(OnceCell<(Arc<Sandbox>, Desk)>);

impl World {
    async fn sandbox(&self) -> Arc<Sandbox> {
        let open = async || {
            let arguments = ["--engagements", "1", "--switch", "scripted_agent=off"];
            let sandbox = Arc::new(Sandbox::start(&arguments));
            let desk = Desk::open(&sandbox).await;
            (sandbox, desk)
        };
        Arc::clone(&self.0.get_or_init(open).await.0)
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

#[test]
fn both_sides_and_the_service_agree() {
    let only = number("LPCHAT_SEED");
    let seeds = number("LPCHAT_SEEDS").unwrap_or(if only.is_some() { 1 } else { DEFAULT_SEEDS });
    let first = number("LPCHAT_FIRST_SEED").unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let failures = runtime.block_on(async {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let (mut running, mut failures, mut world) = (JoinSet::new(), Vec::new(), Arc::new(World::default()));
        for turn in 0..seeds {
            if turn % A_SANDBOX == 0 {
                world = Arc::default();
            }
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            while let Some(ended) = running.try_join_next() {
                failures.extend(ended.unwrap());
            }
            let (world, seed) = (Arc::clone(&world), only.unwrap_or(first + turn));
            running.spawn(async move {
                let _place = place;
                one(&world, seed, turn).await
            });
        }
        drop(world);
        failures.extend(running.join_all().await.into_iter().flatten());
        failures
    });
    assert!(failures.is_empty(), "{} of {seeds} seeds failed\n{}", failures.len(), failures.join("\n"));
}

/// Runs one seed; gives the description of its failure.
async fn one(world: &World, seed: u64, turn: u64) -> Option<String> {
    let sandbox = world.sandbox().await;
    let played = tokio::spawn(async move {
        let script = Script::of(seed);
        play::play(sandbox, &script, &format!("{turn}-{seed}")).await
    });
    let complaints = match played.await {
        Ok(complaints) => complaints,
        Err(panic) => vec![panic.to_string()],
    };
    let script = Script::of(seed);
    let again = format!("LPCHAT_SEED={seed} cargo test -p lpchat --test chat_model");
    (!complaints.is_empty()).then(|| format!("seed {seed} ({again}):\n{}\n{script:#?}", complaints.join("\n")))
}
