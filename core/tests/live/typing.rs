//! Who is typing is told once for each change.

use std::time::Duration;

use lpchat::TypingState::{NotTyping, Typing};
use lpchat::{Client, TypingState, VisitorChat};

use crate::service::{Fault, Post, Service};

const ID: &str = "H1K1";

fn tell(service: &Service, client: &Client, chat: &VisitorChat, state: TypingState) -> bool {
    service.wait(client, chat.set_visitor_typing_call(state, None)).is_ok()
}

fn told(service: &Service) -> Vec<String> {
    std::mem::take(&mut service.world().chat(ID).typing)
}

#[test]
fn the_same_state_makes_no_request_for_a_while() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    for state in [Typing, Typing, Typing, NotTyping, NotTyping, Typing] {
        assert!(tell(&service, &client, &chat, state));
    }
    assert_eq!(told(&service), ["typing", "not-typing", "typing"]);
    let other = client.visitor().chat(ID.into()).unwrap();
    assert!(tell(&service, &client, &other, Typing));
    assert_eq!(told(&service).len(), 0, "two handles are one chat");
    service.elapse(&client, Duration::from_secs(6));
    assert!(tell(&service, &client, &chat, Typing));
    assert_eq!(told(&service), ["typing"], "the service may have forgotten it");
}

#[test]
fn what_may_have_changed_it_lets_it_be_told_again() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    assert!(tell(&service, &client, &chat, Typing));
    service.wait(&client, chat.send_call("hi".into(), None, None, None)).unwrap();
    assert!(tell(&service, &client, &chat, Typing));
    service.wait(&client, chat.add_line_call("hi".into(), None)).unwrap();
    assert!(tell(&service, &client, &chat, Typing));
    assert_eq!(told(&service).len(), 3, "a line ends the typing");
    service.world().chat(ID).posts.push_back(Post { happens: true, then: Fault::Status(400) });
    assert!(!tell(&service, &client, &chat, NotTyping));
    assert!(tell(&service, &client, &chat, NotTyping));
    assert!(tell(&service, &client, &chat, Typing));
    assert_eq!(told(&service).len(), 3, "what failed was not told");
}

#[test]
fn the_state_that_was_told_last_is_the_one_that_stands() {
    let service = Service::start();
    let client = service.client();
    let chat = service.chatting(&client, ID);
    let calls: Vec<_> = [Typing, NotTyping, Typing, NotTyping].map(|state| chat.set_visitor_typing_call(state, None)).into();
    for call in calls {
        service.wait(&client, call).unwrap();
    }
    assert_eq!(told(&service), ["typing", "not-typing", "typing", "not-typing"], "in the order of the calls");
}
