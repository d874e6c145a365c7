//! Every way in which sending a line can fail, and what becomes of the line.

use std::time::Duration;

use lpchat::{CallOptions, Client, ClientOptions, LineReceipt, VisitorChat, WhenWaiting};

use crate::service::{Fault, Post, Service};
use crate::support::{name, seconds, until};

const ID: &str = "H1K1";

fn start() -> (Service, Client, VisitorChat) {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    (service, client, chat)
}

fn send(service: &Service, client: &Client, chat: &VisitorChat, text: &str, resend: bool) -> lpchat::Result<LineReceipt> {
    service.wait(client, chat.send_call(text.into(), Some(resend), None, None))
}

/// What became of it in a word, and what stands at the service.
fn outcome(service: &Service, sent: lpchat::Result<LineReceipt>) -> (String, Vec<String>) {
    let word = match &sent {
        Ok(receipt) => {
            let marks = [(receipt.is_read_back, " read back"), (receipt.is_resent, " resent")];
            let event = receipt.event_id.as_ref().map_or("?", |id| id.as_str());
            event.to_owned() + &marks.map(|(is, mark)| if is { mark } else { "" }).concat()
        }
        Err(error) => error.code().name().to_owned(),
    };
    (word, service.world().chat(ID).lines("visitor"))
}

fn after(posts: &[Post], text: &str, resend: bool) -> (String, Vec<String>) {
    let (service, client, chat) = start();
    service.world().chat(ID).posts.extend(posts.iter().copied());
    let sent = send(&service, &client, &chat, text, resend);
    outcome(&service, sent)
}

const LOST: Post = Post { happens: false, then: Fault::Reset };
const DONE_AND_LOST: Post = Post { happens: true, then: Fault::Reset };

#[test]
fn a_page_that_is_not_the_services_acknowledges_nothing() {
    let posts = [Post { happens: false, then: Fault::Garbage }];
    assert_eq!(after(&posts, "hi", false), ("OutcomeUnknown".into(), vec![]));
    assert_eq!(after(&posts, "hi", true), ("2 resent".into(), vec!["hi".to_owned()]));
}

#[test]
fn a_chat_that_is_hidden_for_a_moment_is_ended_all_the_same() {
    let refused = |status| Post { happens: false, then: Fault::Status(status) };
    for (posts, expected) in [
        (vec![refused(404)], ("ok", "ended")),
        (vec![refused(404), refused(404)], ("ChatGone", "chatting")),
        (vec![refused(400)], ("Rejected", "chatting")),
        (vec![DONE_AND_LOST, refused(400)], ("ok", "ended")),
    ] {
        let (service, client, chat) = start();
        service.world().chat(ID).posts.extend(posts);
        let outcome = name(service.wait(&client, chat.end_call(None)));
        assert_eq!((outcome.as_str(), service.world().chat(ID).state), expected);
    }
}

#[test]
fn a_line_is_acknowledged_or_found() {
    let one = |text: &str| vec![text.to_owned()];
    assert_eq!(after(&[], "hi", false), ("2".into(), one("hi")));
    for then in [Fault::Reset, Fault::Status(500), Fault::Status(503), Fault::Truncated, Fault::Garbage] {
        for resend in [false, true] {
            let posts = [Post { happens: true, then }];
            assert_eq!(after(&posts, "hi & <you>", resend), ("2 read back".into(), one("hi & <you>")), "{then:?} {resend}");
        }
    }
}

#[test]
fn a_line_that_does_not_turn_up_is_unknown_or_sent_again() {
    for then in [Fault::Reset, Fault::Status(500), Fault::Status(503)] {
        let posts = [Post { happens: false, then }];
        assert_eq!(after(&posts, "hi", false), ("OutcomeUnknown".into(), vec![]), "{then:?}");
        assert_eq!(after(&posts, "hi", true), ("2 resent".into(), vec!["hi".to_owned()]), "{then:?}");
    }
    assert_eq!(after(&[LOST, DONE_AND_LOST], "hi", true), ("2 read back resent".into(), vec!["hi".to_owned()]));
    assert_eq!(after(&[LOST; 9], "hi", true), ("OutcomeUnknown".into(), vec![]), "not for ever");
}

#[test]
fn the_outcome_is_unknown_only_after_the_quiet_time() {
    let (service, client, chat) = start();
    service.world().chat(ID).posts.extend([LOST]);
    let begun = service.clock.time();
    assert_eq!(name(send(&service, &client, &chat, "hi", false)), "OutcomeUnknown");
    let took = service.clock.time() - begun;
    assert!(took >= seconds(10) && took < seconds(15), "{took:?}");
    // A late original is found within it.
    service.world().chat(ID).posts.extend([LOST]);
    let call = chat.send_call("late".into(), None, None, None);
    until("posted", || service.world().posts == 2);
    service.elapse(&client, seconds(6));
    service.world().chat(ID).line("visitor", "late");
    assert_eq!(service.wait(&client, call).unwrap().event_id.unwrap(), "2");
}

#[test]
fn digits_that_do_not_match_are_never_sent_again() {
    assert_eq!(after(&[LOST], "4711", true), ("OutcomeUnknown".into(), vec![]));
    assert_eq!(after(&[DONE_AND_LOST], "0042", true), ("2 read back".into(), vec!["42".to_owned()]));
}

#[test]
fn two_equal_lines_stay_two() {
    let (service, client, chat) = start();
    for (place, then) in [(2, Fault::Reset), (3, Fault::None), (4, Fault::Status(500)), (5, Fault::Reset)] {
        service.world().chat(ID).posts.push_back(Post { happens: true, then });
        let sent = send(&service, &client, &chat, "again", true).unwrap();
        assert_eq!(sent.event_id.unwrap(), place.to_string().as_str());
    }
    assert_eq!(service.world().chat(ID).lines("visitor").len(), 4);
    // The next one is lost for good, although four of its kind are there.
    service.world().chat(ID).posts.push_back(LOST);
    assert_eq!(name(send(&service, &client, &chat, "again", false)), "OutcomeUnknown");
    // One that may be the lost one is no proof; two are.
    service.world().chat(ID).posts.push_back(LOST);
    let call = chat.send_call("again".into(), Some(true), None, None);
    until("posted", || service.world().posts == 6);
    service.world().chat(ID).line("visitor", "again");
    assert_eq!(name(service.wait(&client, call)), "OutcomeUnknown");
    assert_eq!(service.world().chat(ID).lines("visitor").len(), 5, "and it is not sent again");
}

#[test]
fn lines_whose_events_nobody_names_are_told_apart_too() {
    let (service, client, chat) = start();
    service.world().chat(ID).names_event = false;
    let posts = [(true, Fault::None), (false, Fault::Reset), (true, Fault::Reset)];
    let sent: Vec<String> = posts
        .into_iter()
        .map(|(happens, then)| {
            service.world().chat(ID).posts.push_back(Post { happens, then });
            outcome(&service, send(&service, &client, &chat, "same", true)).0
        })
        .collect();
    assert_eq!(sent, ["?", "? resent", "4 read back"]);
    assert_eq!(service.world().chat(ID).lines("visitor").len(), 3);
}

#[test]
fn lines_of_an_earlier_life_are_not_taken_for_new_ones() {
    let (service, client, chat) = start();
    service.world().chat(ID).line("visitor", "hello");
    service.world().chat(ID).posts.push_back(LOST);
    assert_eq!(name(send(&service, &client, &chat, "hello", false)), "OutcomeUnknown");
}

#[test]
fn a_chat_is_read_once_before_its_first_line() {
    let service = Service::start();
    let client = service.client();
    // With so many, the first poll of another one comes later.
    let others: Vec<VisitorChat> = (0..32).map(|number| service.chatting(&client, &format!("H2K{number}"))).collect();
    others.iter().for_each(|other| drop(other.events().unwrap().next_events(None, Some(Duration::from_millis(1)))));
    service.lives(&client, 32);
    let chat = service.chatting(&client, ID);
    for expected in ["2", "3", "4"] {
        assert_eq!(chat.send("again".into(), None, None).unwrap().event_id.unwrap(), expected);
    }
    assert_eq!(service.polls(ID).len(), 1, "time stands still: no poll was due");
    // What was known at the start, and what was sent since, is enough to find the next one.
    service.world().chat(ID).posts.push_back(DONE_AND_LOST);
    assert_eq!(outcome(&service, send(&service, &client, &chat, "again", false)).0, "5 read back");
}

#[test]
fn refusals_are_refusals() {
    let (service, client, chat) = start();
    service.world().chat(ID).posts.push_back(Post { happens: false, then: Fault::Status(403) });
    assert_eq!(name(send(&service, &client, &chat, "hi", true)), "Forbidden");
    assert_eq!(name(send(&service, &client, &chat, "", true)), "InvalidArgument");
    let strange = WhenWaiting::from("perhaps");
    assert_eq!(name(chat.send("hi".into(), None, Some(strange))), "InvalidArgument");
    service.world().chat(ID).posts.push_back(Post { happens: false, then: Fault::Status(429) });
    assert_eq!(send(&service, &client, &chat, "hi", false).unwrap().event_id.unwrap(), "2", "throttled, then taken");
    service.world().chat(ID).enter("ended");
    service.elapse(&client, seconds(6));
    let posts = service.world().posts;
    assert_eq!(name(send(&service, &client, &chat, "hi", true)), "ChatEnded");
    assert_eq!(service.world().posts, posts, "known without asking");
}

#[test]
fn while_waiting_lines_are_refused_or_queue_up() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chat(&client, ID);
    assert_eq!(name(send(&service, &client, &chat, "early", false)), "NotChatting");
    service.elapse(&client, seconds(3));
    let posts = service.world().posts;
    assert!(!service.wait(&client, chat.wait_until_accepted_call(Some(seconds(1)), None)).unwrap());
    let sent = chat.send("early".into(), None, None);
    assert_eq!((name(sent), service.world().posts), ("NotChatting".into(), posts), "refused without a request");
    let calls: Vec<_> =
        (0..3).map(|number| chat.send_call(format!("line {number}").into(), None, Some(WhenWaiting::Queue), None)).collect();
    service.elapse(&client, seconds(10));
    assert!(service.world().chat(ID).lines("visitor").is_empty());
    service.world().chat(ID).enter("chatting");
    for call in calls {
        assert!(service.wait(&client, call).is_ok());
    }
    assert_eq!(service.world().chat(ID).lines("visitor"), ["line 0", "line 1", "line 2"], "in the order of the calls");
}

#[test]
fn one_line_at_a_time_and_events_flow_meanwhile() {
    let (service, client, chat) = start();
    let stream = chat.events().unwrap();
    service.world().chat(ID).posts.push_back(LOST);
    let first = chat.send_call("first".into(), Some(true), None, None);
    until("posted", || service.world().posts == 1);
    let second = chat.send_call("second".into(), None, None, None);
    service.elapse(&client, seconds(5));
    assert_eq!(service.world().posts, 1, "the second waits for the first");
    service.world().chat(ID).line("agent", "hello?");
    let mut got = Vec::new();
    while !got.contains(&"hello?".to_owned()) {
        let batch = service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap();
        got.extend(batch.events.iter().filter_map(|event| event.text.as_ref().map(|text| text.to_string())));
    }
    assert!(service.wait(&client, first).unwrap().is_resent);
    assert!(service.wait(&client, second).is_ok());
    assert_eq!(service.world().chat(ID).lines("visitor"), ["first", "second"]);
}

#[test]
fn a_call_that_is_broken_off_leaves_the_chat_usable() {
    let (service, client, chat) = start();
    service.world().chat(ID).posts.push_back(Post { happens: true, then: Fault::Silence });
    let call = chat.send_call("one".into(), None, None, None);
    until("posted", || service.world().posts == 1);
    drop(call);
    assert!(send(&service, &client, &chat, "two", false).is_ok());
    // While its outcome is being found out, its own time may end.
    service.world().chat(ID).posts.push_back(LOST);
    let limited = CallOptions { timeout: Some(seconds(5)), ..Default::default() };
    let call = chat.send_call("three".into(), None, None, Some(limited));
    assert_eq!(name(service.wait(&client, call)), "OutcomeUnknown");
    assert!(send(&service, &client, &chat, "four", false).is_ok());
    assert_eq!(service.world().chat(ID).lines("visitor"), ["one", "two", "four"]);
}

#[test]
fn the_quiet_time_is_an_option() {
    let service = Service::start();
    let client = service.client_with(ClientOptions { line_quiet_time: Some(Duration::ZERO), ..Default::default() });
    let chat = service.chatting(&client, ID);
    service.world().chat(ID).posts.push_back(LOST);
    let begun = service.clock.time();
    assert_eq!(name(send(&service, &client, &chat, "hi", false)), "OutcomeUnknown");
    assert!(service.clock.time() - begun < seconds(2));
}

#[test]
fn leaving_ends_the_chat_unless_it_is_kept() {
    let (service, client, chat) = start();
    chat.keep(true);
    chat.leave().unwrap();
    assert_eq!(service.world().chat(ID).state, "chatting");
    chat.keep(false);
    chat.leave().unwrap();
    assert_eq!(service.world().chat(ID).state, "ended");
    chat.leave().unwrap();
    drop(client);
}
