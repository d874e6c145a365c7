//! Who is polled when: pace, keep-alive, spread, throttling, stalls, and when polling stops.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lpchat::environment::{Environment, Randomness};
use lpchat::{Client, ClientOptions};
use serde_json::json;

use crate::service::{Fault, Service};
use crate::support::{Reply, Server, environment, seconds, until, with_credentials};

fn gaps(polls: &[u128]) -> Vec<u128> {
    polls.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn two_seconds_while_lines_flow_five_when_quiet() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    let waiting = stream.next_events_call(None, None, None);
    service.lives(&client, 1);
    service.elapse(&client, seconds(40));
    let quiet = gaps(&service.polls("H1K1"));
    assert_eq!(quiet[..6], [2000, 2000, 2000, 2000, 2000, 2500], "{quiet:?}");
    assert_eq!(quiet.last(), Some(&5000), "{quiet:?}");
    assert!(quiet.is_sorted(), "{quiet:?}");
    let before = service.polls("H1K1").len();
    for _ in 0..8 {
        service.world().chat("H1K1").line("agent", "x");
        service.elapse(&client, seconds(2));
    }
    let busy = gaps(&service.polls("H1K1")[before..]);
    assert!(busy.len() >= 4 && busy.iter().all(|gap| *gap == 2000), "{busy:?}");
    drop(waiting);
}

#[test]
fn a_poll_that_is_late_by_a_tick_of_the_clock_keeps_its_cadence() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let waiting = chat.events().unwrap().next_events_call(None, None, None);
    service.lives(&client, 1);
    let begun = service.polls("H1K1")[0];
    // On time, then late by a tick, then by so much that the next one is reckoned anew.
    for step in [2000, 2004, 1996, 2050, 1950, 50] {
        service.clock.advance(Duration::from_millis(step));
        service.settle(&client);
    }
    let polls: Vec<u128> = service.polls("H1K1").iter().map(|at| at - begun).collect();
    assert_eq!(polls, [0, 2000, 4004, 6000, 8050, 10_050]);
    drop(waiting);
}

#[test]
fn never_later_than_six_tenths_of_the_chats_own_limit() {
    for (timeout, longest) in [(1, 600), (5, 3000), (40, 5000), (3600, 5000)] {
        let service = Service::start();
        let client = service.client();
        let chat = service.chatting(&client, "H1K1");
        service.world().chat("H1K1").timeout = timeout;
        let stream = chat.events().unwrap();
        let waiting = stream.next_events_call(None, None, None);
        service.lives(&client, 1);
        service.elapse(&client, seconds(30));
        let gaps = gaps(&service.polls("H1K1"));
        assert_eq!(gaps.iter().max(), Some(&longest), "{timeout}: {gaps:?}");
        drop(waiting);
    }
}

#[test]
fn failed_polls_repeat_at_poll_pace() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    drop(service.wait(&client, stream.next_events_call(None, None, None)));
    service.world().faults("H1K1", [Fault::Status(500); 20]);
    service.elapse(&client, seconds(30));
    let gaps = gaps(&service.polls("H1K1"));
    assert!(gaps.len() >= 14 && gaps.iter().all(|gap| *gap == 2000), "{gaps:?}");
    assert!(service.clock.pauses().is_empty(), "none of the vendor's pauses");
}

/// Numbers spread over the whole range.
struct Spread(std::sync::atomic::AtomicU64);

impl Randomness for Spread {
    fn next(&self) -> u64 {
        self.0.fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed)
    }
}

fn spread_client(service: &Service) -> Client {
    let own = with_credentials(&service.server, &json!({ "app_key": "key-of-the-application" }));
    let environment = Environment { randomness: Arc::new(Spread(1.into())), ..environment(&service.clock) };
    Client::with_environment(ClientOptions { quiet_poll_interval: Some(seconds(2)), ..own }, environment).unwrap()
}

#[test]
fn the_polls_of_many_chats_are_spread_over_the_interval() {
    let service = Service::start();
    let client = spread_client(&service);
    let ids: Vec<String> = (0..1000).map(|number| format!("H{number}K{number}")).collect();
    let streams: Vec<_> = ids.iter().map(|id| service.chatting(&client, id).events().unwrap()).collect();
    let calls: Vec<_> = streams.iter().map(|stream| stream.next_events_call(None, None, None)).collect();
    service.lives(&client, streams.len() as i64);
    service.elapse(&client, seconds(6));
    assert_eq!(client.metrics().live_chats, 1000);
    let mut tenths: HashMap<u128, usize> = HashMap::new();
    let mut by_chat: HashMap<String, Vec<u128>> = HashMap::new();
    for poll in &service.world().polls {
        if poll.at >= seconds(2) && poll.at < seconds(4) {
            *tenths.entry(poll.at.as_millis() / 200).or_default() += 1;
        }
        by_chat.entry(poll.chat.clone()).or_default().push(poll.at.as_millis());
    }
    assert!(tenths.len() == 10 && tenths.values().all(|polls| (60..=180).contains(polls)), "{tenths:?}");
    assert!(by_chat.values().all(|polls| gaps(polls).iter().all(|gap| *gap == 2000)), "a fixed cadence");
    assert!(service.server.connections() <= 64, "{} connections", service.server.connections());
    drop(calls);
}

#[test]
fn polls_without_a_pause_open_no_crowd_of_connections() {
    let server = Server::start(|_| Reply::json(&json!({ "chat": { "events": {}, "info": { "state": "chatting" } } })));
    let own = with_credentials(&server, &json!({ "app_key": "key-of-the-application" }));
    let pause = Some(Duration::from_millis(10));
    let client = Client::new(ClientOptions { poll_interval: pause, quiet_poll_interval: pause, ..own }).unwrap();
    let streams: Vec<_> =
        (0..300).map(|number| client.visitor().chat(format!("H{number}K{number}").into()).unwrap().events().unwrap()).collect();
    let calls: Vec<_> = streams.iter().map(|stream| stream.next_events_call(None, None, None)).collect();
    until("all are polled many times", || client.metrics().polls > 2000);
    // The usual places, and a few for those that were opened while another one came back.
    assert!(server.most_open() <= 48, "{} connections", server.most_open());
    drop(calls);
}

#[test]
fn many_lines_at_once_leave_few_by_few() {
    let (now, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let server = Server::start(move |asked| {
        seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        now.fetch_sub(1, Ordering::SeqCst);
        let chat = json!({ "events": {}, "info": { "state": "chatting" } });
        if asked.method == "POST" { Reply::status(201) } else { Reply::json(&json!({ "chat": chat, "events": {} })) }
    });
    let client = Client::new(with_credentials(&server, &json!({ "app_key": "key-of-the-application" }))).unwrap();
    let chats: Vec<_> = (0..400).map(|number| client.visitor().chat(format!("H{number}K{number}").into()).unwrap()).collect();
    let calls: Vec<_> = chats.iter().map(|chat| chat.send_call("hello".into(), None, None, None)).collect();
    for call in calls {
        call.wait().unwrap();
    }
    // 40 polls and 24 others.
    let most = most.load(Ordering::SeqCst);
    assert!(most <= 64, "{most} requests at the same time");
}

#[test]
fn all_chats_of_the_client_back_off_together() {
    let service = Service::start();
    let client = spread_client(&service);
    let streams: Vec<_> =
        (0..20).map(|number| service.chatting(&client, &format!("H{number}K{number}")).events().unwrap()).collect();
    let calls: Vec<_> = streams.iter().map(|stream| stream.next_events_call(None, None, None)).collect();
    service.lives(&client, streams.len() as i64);
    service.elapse(&client, seconds(7));
    service.world().faults("", [Fault::RetryAfter(429, 9)]);
    service.pass(&client, seconds(5), Duration::from_millis(100), || client.metrics().throttles == 1);
    let (throttled, before) = (service.clock.time(), service.world().polls.len());
    service.elapse(&client, Duration::from_millis(8800));
    let after = service.world().polls.len();
    assert!(after - before <= 1, "{} polls during the pause", after - before);
    service.elapse(&client, seconds(3));
    let later: Vec<u128> = service.world().polls[after..].iter().map(|poll| (poll.at - throttled).as_millis()).collect();
    assert!(later.len() >= 20 && later.iter().all(|at| *at >= 8900), "{later:?}");
    let apart: std::collections::HashSet<u128> = later.iter().map(|at| at / 200).collect();
    assert!(apart.len() >= 6, "they spread anew: {later:?}");
    // Without a word from the service the pauses double.
    service.world().all_reads = Some(Fault::Status(429));
    let begun = service.world().polls.len();
    service.elapse(&client, seconds(30));
    let asked = service.world().polls.len() - begun;
    assert!((4..=60).contains(&asked), "{asked} polls while all were throttled");
    service.world().all_reads = None;
    drop(calls);
}

#[test]
fn where_all_chats_are_slow_no_place_stays_empty() {
    let service = Service::start();
    let options = ClientOptions { poll_concurrency: Some(8), ..ClientOptions::default() };
    let client = service.client_with(options);
    let ids: Vec<String> = (0..24).map(|number| format!("H{number}K{number}")).collect();
    let streams: Vec<_> = ids.iter().map(|id| service.chatting(&client, id).events().unwrap()).collect();
    ids.iter().for_each(|id| service.world().chat(id).timeout = 3600);
    let calls: Vec<_> = streams.iter().map(|stream| stream.next_events_call(None, None, None)).collect();
    service.lives(&client, streams.len() as i64);
    service.elapse(&client, seconds(3));
    service.world().all_reads = Some(Fault::Silence);
    let step = Duration::from_millis(500);
    service.pass(&client, seconds(100), step, || false);
    let before = service.world().polls.len();
    service.pass(&client, seconds(30), step, || false);
    let polls = service.world().polls.len() - before;
    // Each of the eight places is taken for 10 s.
    assert!(polls >= 20, "{polls} polls in 30 s");
    drop(calls);
}

#[test]
fn a_stalled_chat_delays_no_other() {
    let service = Service::start();
    let client = service.client_with(ClientOptions {
        poll_concurrency: Some(8),
        quiet_poll_interval: Some(seconds(2)),
        ..ClientOptions::default()
    });
    let ids: Vec<String> = (0..40).map(|number| format!("H{number}K{number}")).collect();
    let streams: Vec<_> = ids.iter().map(|id| service.chatting(&client, id).events().unwrap()).collect();
    let calls: Vec<_> = streams.iter().map(|stream| stream.next_events_call(None, None, None)).collect();
    service.lives(&client, streams.len() as i64);
    service.elapse(&client, seconds(4));
    // As many stall for good as there are places.
    let (stalled, healthy) = ids.split_at(8);
    for id in stalled {
        service.world().faults(id, [Fault::Silence; 100]);
    }
    let begun = service.clock.time();
    service.elapse(&client, seconds(30));
    for id in healthy {
        // At first the stalled ones hold all places, until they turn out to be slow.
        let all: Vec<u128> = service.polls(id).into_iter().filter(|at| *at + 4000 > begun.as_millis()).collect();
        let worst = gaps(&all).into_iter().max().unwrap_or(u128::MAX);
        assert!(worst <= 4500, "{id}: {:?}", gaps(&all));
        let polls: Vec<u128> = service.polls(id).into_iter().filter(|at| *at > (begun + seconds(4)).as_millis()).collect();
        let worst = gaps(&polls).into_iter().max().unwrap_or(u128::MAX);
        assert!(worst <= 2500, "{id}: {:?}", gaps(&polls));
    }
    let tried: Vec<usize> =
        stalled.iter().map(|id| service.polls(id).iter().filter(|at| **at > (begun + seconds(4)).as_millis()).count()).collect();
    assert!(tried.iter().sum::<usize>() >= 6, "{tried:?}");
    drop(calls);
}

#[test]
fn a_chat_that_nobody_holds_is_not_polled() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    drop(chat);
    drop(service.wait(&client, stream.next_events_call(None, None, None)));
    service.elapse(&client, seconds(5));
    assert!(service.polls("H1K1").len() >= 3, "a stream holds its chat");
    drop(stream);
    let polls = service.polls("H1K1").len();
    service.elapse(&client, seconds(30));
    assert_eq!((service.polls("H1K1").len(), client.metrics().live_chats), (polls, 0));
}

#[test]
fn an_unused_chat_is_not_polled() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let _stream = chat.events().unwrap();
    service.elapse(&client, seconds(10));
    assert_eq!((service.polls("H1K1").len(), chat.state()), (0, None));
}
