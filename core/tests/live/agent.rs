//! The agent's side: rings, a session that keeps itself alive and rebuilds itself, and chats that go on in the new one.

use std::time::Duration;

use lpchat::{AgentSession, AvailabilityState, Client, ClientOptions, Code};

use crate::service::{Fault, Post, Service};
use crate::support::{name, seconds};

fn start() -> (Service, Client, AgentSession) {
    let service = Service::start();
    let client = service.client();
    let session = client.agent().start_session().unwrap();
    session.set_availability(AvailabilityState::Online, None).unwrap();
    (service, client, session)
}

fn ring(service: &Service, client: &Client, session: &AgentSession, wait: u64) -> Option<Duration> {
    service.wait(client, session.next_ring_call(Some(seconds(wait)), None)).unwrap().map(|ring| ring.time_left)
}

#[test]
fn rings_are_told_once_with_the_time_that_is_left_at_most() {
    let (service, client, session) = start();
    assert_eq!(ring(&service, &client, &session, 5), None);
    service.world().desk.ringing = 1;
    let left = ring(&service, &client, &session, 5).unwrap();
    assert!(left > seconds(19) && left <= seconds(20), "{left:?}");
    assert_eq!(ring(&service, &client, &session, 5), None, "told once");
    service.world().desk.ringing = 3;
    assert!(ring(&service, &client, &session, 5).is_some() && ring(&service, &client, &session, 5).is_some());
    assert_eq!(ring(&service, &client, &session, 5), None);
    // Seen and not asked about: its time runs.
    service.world().desk.ringing = 0;
    service.elapse(&client, seconds(3));
    service.world().desk.ringing = 1;
    service.elapse(&client, seconds(9));
    let left = ring(&service, &client, &session, 5).unwrap();
    assert!(left <= seconds(13), "{left:?}");
}

#[test]
fn a_session_keeps_itself_and_its_login_alive() {
    let (service, client, session) = start();
    let waiting = session.next_ring_call(None, None);
    service.pass(&client, seconds(1000), seconds(1), || false);
    let world = service.world();
    let polls = world.desk.asked.iter().filter(|asked| asked.ends_with("incomingRequests")).count();
    assert!((450..=520).contains(&polls), "{polls}");
    assert_eq!((world.desk.refreshes, world.desk.bearer, world.desk.session), (4, 1, 1), "every four minutes, and no new login");
    drop(world);
    assert!(waiting.wait_for(Duration::ZERO).is_none());
    drop((waiting, session));
    service.elapse(&client, seconds(5));
    let asked = service.world().desk.asked.len();
    service.elapse(&client, seconds(30));
    assert_eq!(service.world().desk.asked.len(), asked, "a session that nobody holds is not polled");
}

#[test]
fn a_session_that_ended_is_rebuilt_and_what_is_safe_is_asked_again() {
    for login_too in [true, false] {
        let (service, _client, session) = start();
        let end = || if login_too { service.world().desk.end_login() } else { service.world().desk.end_session() };
        let before = session.id();
        end();
        assert!(session.retrieve_availability().is_ok(), "{login_too}");
        assert_ne!(session.id(), before);
        let log = service.world().desk.availability.clone();
        assert_eq!(log, ["Online", "Online", "read"], "the availability as it was set last");
        // Something else is left to the caller, in the session that is there then.
        end();
        let refused = session.accept_chat();
        if login_too {
            let error = refused.unwrap_err();
            assert!(error.code() == Code::SessionExpired && error.details().retryable, "{error}");
            assert!(error.to_string().contains("nothing was done"), "{error}");
        }
        assert!(session.retrieve_incoming_requests().is_ok());
    }
}

#[test]
fn many_calls_that_notice_rebuild_it_once() {
    let (service, client, session) = start();
    service.world().desk.end_login();
    let calls: Vec<_> = (0..20).map(|_| session.retrieve_availability_call(None)).collect();
    for call in calls {
        assert!(service.wait(&client, call).is_ok());
    }
    let world = service.world();
    assert_eq!((world.desk.session, world.desk.bearer), (1002, 1002), "one login and one session more");
}

#[test]
fn chats_go_on_in_the_rebuilt_session() {
    let (service, client, session) = start();
    service.world().chat("H1K1").enter("chatting");
    let chat = session.chat("H1K1".into()).unwrap();
    let stream = chat.events().unwrap();
    assert_eq!(service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap().events.len(), 2);
    for end_login in [true, false] {
        if end_login {
            service.world().desk.end_login()
        } else {
            service.world().desk.end_session()
        }
        let id = service.world().chat("H1K1").line("visitor", "still there?");
        let batch = service.wait(&client, stream.next_events_call(None, None, None)).unwrap().unwrap();
        assert_eq!(batch.events.iter().map(|event| event.id.to_string()).collect::<Vec<_>>(), [id.to_string()]);
    }
    assert!(service.world().desk.asked.iter().any(|asked| asked.ends_with("incomingRequests")), "a live chat keeps its session");
    let sent = service.wait(&client, chat.send_call("yes".into(), None, None, None)).unwrap();
    assert_eq!(sent.event_id.unwrap(), "4");
    service.world().chat("H1K1").posts.push_back(Post { happens: true, then: Fault::Reset });
    assert!(service.wait(&client, chat.send_call("yes".into(), Some(true), None, None)).unwrap().is_read_back);
    assert_eq!(service.world().chat("H1K1").lines("agent"), ["yes", "yes"]);
}

#[test]
fn a_session_that_cannot_be_rebuilt_says_so() {
    let (service, client, session) = start();
    service.world().desk.logins_refused = true;
    service.world().desk.end_login();
    assert_eq!(name(session.retrieve_availability()), "LoginFailed");
    assert_eq!(name(service.wait(&client, session.next_ring_call(None, None))), "LoginFailed");
    // A ready-made bearer cannot be replaced.
    service.world().desk.logins_refused = false;
    let bearer = format!("bearer-{}", service.world().desk.bearer);
    let options = ClientOptions { bearer: Some(bearer.as_str().into()), ..Default::default() };
    let given = service.client_with(options).agent().start_session().unwrap();
    service.world().desk.end_login();
    assert_eq!(name(given.retrieve_availability()), "SessionExpired");
}

#[test]
fn an_agents_chat_is_saved_and_resumed() {
    let (service, client, session) = start();
    service.world().chat("H1K1").enter("chatting");
    let chat = session.chat("H1K1".into()).unwrap();
    let document = chat.save().unwrap();
    assert_eq!(name(client.visitor().resume(document.clone())), "UnusableDocument");
    let other = service.client();
    let session = other.agent().start_session().unwrap();
    let resumed = session.resume(document).unwrap();
    let batch = service.wait(&other, resumed.events().unwrap().next_events_call(None, None, None)).unwrap().unwrap();
    assert!(batch.events.len() == 2 && batch.events.iter().all(|event| event.is_repeated));
}

#[test]
fn whoever_leaves_is_away_and_asks_no_more() {
    let (service, client, session) = start();
    assert_eq!(ring(&service, &client, &session, 5), None);
    session.leave().unwrap();
    assert_eq!(service.world().desk.availability, ["Online", "Away"]);
    service.elapse(&client, seconds(3));
    let asked = service.world().desk.asked.len();
    service.elapse(&client, seconds(30));
    assert_eq!(service.world().desk.asked.len(), asked);
    service.world().desk.end_session();
    assert!(session.leave().is_ok(), "it has ended already");
}
