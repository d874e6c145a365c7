//! One ordered stream a chat: no gap, no repeat, over faults; how it ends.

use std::sync::mpsc::channel;
use std::time::Duration;

use lpchat::{ChatEvent, ChatEventType, ChatState, Client, EventStream, LineSource, TypingState};

use crate::service::{Fault, Service};
use crate::support::{name, seconds};

/// Everything the stream gives until it ends or `wait` passes without an event, in short.
fn read(service: &Service, client: &Client, stream: &EventStream, wait: Duration) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        match service.wait(client, stream.next_events_call(None, Some(wait), None)) {
            Ok(None) => all.push("end".to_owned()),
            Ok(Some(batch)) if batch.events.is_empty() => {}
            Ok(Some(batch)) => {
                all.extend(batch.events.iter().map(short));
                continue;
            }
            Err(error) => all.push(error.code().name().to_owned()),
        }
        return all;
    }
}

fn short(event: &ChatEvent) -> String {
    let rest = event.text.as_ref().map(|text| text.as_str()).or(event.state.as_ref().map(ChatState::as_str)).unwrap_or("");
    let typing = event.typing.as_ref().map_or("", TypingState::as_str);
    let marks = [(event.is_repeated, "*"), (event.is_after_gap, "^")].map(|(is, mark)| if is { mark } else { "" }).concat();
    let text = format!("{}{marks} {} {rest}{typing}", event.id, event.r#type.as_str());
    text.trim().to_owned()
}

#[test]
fn events_come_in_order_and_once() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    assert_eq!(read(&service, &client, &stream, seconds(1)), ["0 state waiting", "1 state chatting"]);
    service.world().chat("H1K1").line("agent", "one");
    service.world().chat("H1K1").line("visitor", "two");
    assert_eq!(read(&service, &client, &stream, seconds(6)), ["2 line one", "3 line two"]);
    assert_eq!(read(&service, &client, &stream, seconds(6)), Vec::<String>::new());
    assert_eq!(chat.state(), Some(ChatState::Chatting));
    service.world().chat("H1K1").enter("ended");
    assert_eq!(read(&service, &client, &stream, seconds(60)), ["4 state ended", "end"]);
    assert_eq!(read(&service, &client, &stream, seconds(60)), ["end"]);
    let polls = service.polls("H1K1").len();
    service.elapse(&client, seconds(30));
    assert_eq!((service.polls("H1K1").len(), client.metrics().live_chats), (polls, 0), "an ended chat is left alone");
}

#[test]
fn all_handles_of_a_chat_share_one_position() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let again = client.visitor().chat("H1K1".into()).unwrap();
    let (one, two) = (chat.events().unwrap(), again.events().unwrap());
    let take = |stream: &EventStream| service.wait(&client, stream.next_events_call(Some(1), None, None)).unwrap().unwrap();
    assert_eq!(
        (short(&take(&one).events[0]), short(&take(&two).events[0])),
        ("0 state waiting".into(), "1 state chatting".into())
    );
    assert_eq!(client.metrics().live_chats, 1);
}

#[test]
fn events_can_be_taken_one_by_one() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    assert_eq!(stream.ready_event().unwrap(), None, "nothing was asked for yet");
    let first = service.wait(&client, stream.next_event_call(None, None)).unwrap().unwrap();
    let rest: Vec<String> = std::iter::from_fn(|| stream.ready_event().unwrap()).map(|event| short(&event)).collect();
    assert_eq!((short(&first).as_str(), rest), ("0 state waiting", vec!["1 state chatting".to_owned()]));
    let none = service.wait(&client, stream.next_event_call(Some(seconds(3)), None)).unwrap_err();
    assert_eq!(none.code().name(), "NothingCame");
    service.world().chat("H1K1").enter("ended");
    let ended = service.wait(&client, stream.next_event_call(None, None)).unwrap().unwrap();
    assert_eq!(short(&ended), "2 state ended");
    assert_eq!(service.wait(&client, stream.next_event_call(None, None)).unwrap(), None);
    assert_eq!(stream.ready_event().unwrap(), None);
}

#[test]
fn faults_neither_lose_nor_repeat_events() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let faults =
        [Fault::Reset, Fault::Truncated, Fault::Status(500), Fault::Garbage, Fault::None, Fault::Status(503), Fault::Status(404)];
    let mut expected = vec!["0 state waiting".to_owned(), "1 state chatting".to_owned()];
    let stream = chat.events().unwrap();
    let mut got = Vec::new();
    for round in 0..12 {
        let id = service.world().chat("H1K1").line("agent", format!("line {round}"));
        expected.push(format!("{id} line line {round}"));
        // At most two in a row: the stream stays healthy.
        service.world().faults("H1K1", [faults[round % 7], faults[(round * 2 + 1) % 6]]);
        got.extend(read(&service, &client, &stream, seconds(7)));
    }
    assert_eq!(got, expected);
}

#[test]
fn a_burst_of_failures_is_an_event_and_so_is_its_end() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    service.world().faults("H1K1", [Fault::Status(500); 6]);
    let batch = service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap();
    assert_eq!(batch.events.iter().map(short).collect::<Vec<_>>(), ["degraded"]);
    service.world().chat("H1K1").line("agent", "back");
    assert_eq!(read(&service, &client, &stream, seconds(12)), ["recovered", "2 line back"]);
    service.world().faults("H1K1", [Fault::Status(500); 2]);
    assert_eq!(read(&service, &client, &stream, seconds(12)), Vec::<String>::new(), "two failures are none");
}

#[test]
fn a_gap_is_read_again_before_anything_beyond_it() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    {
        let mut world = service.world();
        let chat = world.chat("H1K1");
        chat.lines_of_agent(4);
        chat.hidden = vec![3];
    }
    // Before the gap at once; beyond it not before it has been read again.
    let batch = service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap();
    assert_eq!(batch.events.iter().map(short).collect::<Vec<_>>(), ["2 line 0"]);
    service.world().chat("H1K1").hidden.clear();
    assert_eq!(read(&service, &client, &stream, seconds(6)), ["3 line 1", "4 line 2", "5 line 3"]);
    // Ids that never come: agents' own lines, of which the visitor sees nothing.
    {
        let mut world = service.world();
        let chat = world.chat("H1K1");
        chat.lines_of_agent(4);
        chat.hidden = vec![6, 8, 9];
    }
    assert_eq!(read(&service, &client, &stream, seconds(12)), ["7^ line 1"]);
    service.world().chat("H1K1").line("agent", "more");
    assert_eq!(read(&service, &client, &stream, seconds(12)), ["10 line more"], "the gap at the end was believed too");
}

#[test]
fn typing_coalesces() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    for state in ["typing", "not-typing", "typing"] {
        service.world().chat("H1K1").agent_typing = state;
        service.elapse(&client, seconds(6));
    }
    let batch = service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap();
    let [event] = &batch.events[..] else { panic!("{batch:?}") };
    assert_eq!(
        (&event.r#type, event.typing.clone(), event.source.clone()),
        (&ChatEventType::Typing, Some(TypingState::Typing), Some(LineSource::Agent))
    );
    assert!(event.id.is_empty() && event.number().is_none());
}

#[test]
fn a_chat_that_is_not_found_twice_is_over() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    service.world().faults(
        "H1K1",
        [Fault::Status(404), Fault::None, Fault::Status(404), Fault::Status(500), Fault::None, Fault::Status(404)],
    );
    assert_eq!(read(&service, &client, &stream, seconds(20)), Vec::<String>::new(), "a flicker is none");
    service.world().faults("H1K1", [Fault::Status(404); 2]);
    assert_eq!(read(&service, &client, &stream, seconds(20)), ["end"]);
    let never = client.visitor().chat("H2K2".into()).unwrap().events().unwrap();
    assert_eq!(read(&service, &client, &never, seconds(20)), ["ChatGone"], "a chat that never was is a mistake");
}

#[test]
fn a_chat_without_an_answer_for_twice_its_limit_is_lost() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    service.elapse(&client, seconds(5));
    service.world().all_reads = Some(Fault::Status(500));
    let begun = service.clock.time();
    assert_eq!(read(&service, &client, &stream, seconds(70)), ["degraded"]);
    assert!(service.clock.time() - begun < seconds(80));
    assert_eq!(read(&service, &client, &stream, seconds(70)), ["ChatLost"]);
    let took = service.clock.time() - begun;
    assert!(took >= seconds(74) && took <= seconds(90), "{took:?}");
    assert_eq!(read(&service, &client, &stream, seconds(70)), ["ChatLost"]);
    assert_eq!(client.metrics().live_chats, 0);
}

#[test]
fn a_lasting_refusal_ends_the_stream() {
    let service = Service::start();
    let client = service.client();
    let stream = service.chatting(&client, "H1K1").events().unwrap();
    service.world().all_reads = Some(Fault::Status(401));
    assert_eq!(read(&service, &client, &stream, seconds(70)), ["Unauthorized"]);
    assert_eq!(service.polls("H1K1").len(), 3);
}

#[test]
fn waiting_knows_no_limit_but_the_callers() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chat(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    let call = stream.next_events_call(None, None, None);
    service.elapse(&client, seconds(400));
    assert!(call.wait_for(Duration::ZERO).is_none(), "no deadline of 120 s");
    let limited = lpchat::CallOptions { timeout: Some(seconds(3)), ..Default::default() };
    assert_eq!(name(service.wait(&client, stream.next_events_call(None, None, Some(limited)))), "DeadlineExceeded");
    let accepted = chat.wait_until_accepted_call(None, None);
    assert!(!service.wait(&client, chat.wait_until_accepted_call(Some(seconds(3)), None)).unwrap());
    service.world().chat("H1K1").enter("chatting");
    assert!(service.wait(&client, accepted).unwrap());
    assert_eq!(service.wait(&client, call).unwrap().unwrap().events.len(), 1);
    service.world().chat("H1K1").enter("ended");
    service.elapse(&client, seconds(6));
    assert_eq!(name(service.wait(&client, chat.wait_until_accepted_call(None, None))), "ChatEnded");
}

#[test]
fn a_cancelled_call_takes_no_event_away() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    for round in 0..40 {
        let call = stream.next_events_call(None, None, None);
        let id = service.world().chat("H1K1").line("agent", "x");
        // Cancelled while waiting, or after the batch has come and before it was taken.
        if round % 2 == 0 {
            service.elapse(&client, seconds(5));
        }
        drop(call);
        assert_eq!(read(&service, &client, &stream, seconds(6)), [format!("{id} line x")], "round {round}");
    }
}

#[test]
fn nothing_is_dropped_when_nobody_reads() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let stream = chat.events().unwrap();
    read(&service, &client, &stream, seconds(1));
    service.world().chat("H1K1").lines_of_agent(1500);
    service.elapse(&client, seconds(20));
    let (all, information) = {
        let world = service.world();
        (world.polls.len(), world.polls.iter().filter(|poll| poll.information).count())
    };
    assert!(information >= 3, "{information} of {all}: the chat is kept alive without taking more in");
    let lines: Vec<String> = read(&service, &client, &stream, seconds(10));
    assert_eq!(lines.len(), 1500);
    assert!(lines.iter().enumerate().all(|(number, line)| *line == format!("{} line {number}", number + 2)));
}

#[test]
fn the_engagement_id_joins_account_and_session() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, "H1K1");
    let id = format!("{}4294967522", crate::support::ACCOUNT);
    assert_eq!(chat.engagement_id().unwrap(), id.as_str());
    assert_eq!(chat.engagement_id().unwrap(), id.as_str());
    assert_eq!(service.polls("H1K1").len(), 1, "asked once");
}

#[test]
fn a_wait_for_events_goes_on_in_slices_and_can_be_cancelled_from_outside() {
    let service = Service::start();
    let client = service.client();
    let stream = service.chatting(&client, "H1K1").events().unwrap();
    read(&service, &client, &stream, seconds(1));
    let call = stream.next_event_call(None, None);
    assert!(call.wait_for(Duration::from_millis(5)).is_none());
    service.world().chat("H1K1").lines_of_agent(1);
    service.elapse(&client, seconds(6));
    let event = call.wait_for(seconds(20)).expect("the line has come").unwrap().unwrap();
    assert_eq!(event.text.as_deref(), Some("0"));
    assert_eq!(name(call.wait()), "Internal", "an outcome is taken once");
    let call = stream.next_event_call(None, None);
    assert!(call.wait_for(Duration::ZERO).is_none());
    call.canceller().cancel();
    assert_eq!(name(call.wait()), "Cancelled");
}

#[test]
fn nobody_overtakes_events_that_may_come_back() {
    let service = Service::start();
    let client = service.client();
    let stream = service.chatting(&client, "H1K1").events().unwrap();
    read(&service, &client, &stream, seconds(1));
    service.world().chat("H1K1").lines_of_agent(3);
    let (sender, receiver) = channel();
    let call = stream.next_event_call(None, None);
    call.on_delivery(move |outcome, undelivered| sender.send((outcome, undelivered)).unwrap());
    service.elapse(&client, seconds(6));
    let (outcome, undelivered) = receiver.recv().unwrap();
    assert_eq!(outcome.unwrap().unwrap().text.as_deref(), Some("0"));
    assert_eq!(stream.ready_event().unwrap(), None, "what is on its way may come back");
    let next = stream.next_event_call(None, None);
    assert!(next.wait_for(Duration::from_millis(5)).is_none());
    // It was received by nobody.
    undelivered.unwrap()();
    let text = |event: Option<ChatEvent>| event.unwrap().text.unwrap().to_string();
    assert_eq!(text(next.wait().unwrap()), "0");
    // The second is received: its call may be held on to.
    let call = stream.next_event_call(None, None);
    assert_eq!(text(call.wait_for(seconds(1)).unwrap().unwrap()), "1");
    assert_eq!(text(stream.ready_event().unwrap()), "2");
}

#[test]
fn a_closed_client_wakes_those_who_wait() {
    let service = Service::start();
    let client = service.client();
    let stream = service.chat(&client, "H1K1").events().unwrap();
    let first = service.wait(&client, stream.next_event_call(None, None)).unwrap().unwrap();
    assert_eq!(first.id, "0", "the only one that there is");
    let call = stream.next_events_call(None, None, None);
    client.close(None).unwrap();
    assert_eq!(name(call.wait()), "ClientClosed");
    assert_eq!(name(client.visitor().chat("H1K1".into()).unwrap().events()), "ClientClosed");
}
