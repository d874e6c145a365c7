//! The queue by skill: several agents with slots, and what availability, slots and waiting time say about them.

mod common;

use common::Sandbox;
use serde_json::{Value, json};

fn sandbox(switches: &[&str]) -> Sandbox {
    let mut options = vec!["--engagements", "10"];
    options.extend(switches.iter().flat_map(|switch| ["--switch", switch]));
    Sandbox::frozen(&options)
}

fn states(sandbox: &Sandbox, chats: &[String]) -> Vec<String> {
    let state = |chat: &String| {
        let info = sandbox.visitor("GET", &format!("{chat}/info"), &Value::Null).expect(200).json();
        info["info"]["state"].as_str().unwrap().to_owned()
    };
    chats.iter().map(state).collect()
}

fn end(sandbox: &Sandbox, chat: &str) {
    let end = json!({"event": {"@type": "state", "state": "ended"}});
    sandbox.visitor("POST", &format!("{chat}/events"), &end).expect(201);
}

fn read(sandbox: &Sandbox, path: &str) -> Value {
    sandbox.visitor("GET", &sandbox.account(path), &Value::Null).expect(200).json()
}

#[test]
fn scripted_agents_have_slots_and_chats_move_up_by_skill() {
    let sandbox = sandbox(&["scripted_max_chats=1"]);
    // Two agents have the skill Returns, one of them no other chat but these.
    let start = |skill: &str| sandbox.start_chat(&json!({"skill": skill, "interactionTimeout": 3600}));
    let returns: Vec<String> = (0..6).map(|_| start("Returns")).collect();
    sandbox.advance(800);
    let agents = states(&sandbox, &returns).iter().filter(|state| *state == "chatting").count();
    assert!((2..6).contains(&agents), "{agents}");
    let served = "chatting ".repeat(agents) + &"waiting ".repeat(6 - agents);
    assert_eq!(states(&sandbox, &returns).join(" ") + " ", served, "first come, first served");
    // Another skill's chats do not wait behind these.
    let sales = start("Sales");
    sandbox.advance(800);
    assert_eq!(states(&sandbox, &[sales]), ["chatting"]);
    end(&sandbox, &returns[0]);
    sandbox.advance(800);
    let after = states(&sandbox, &returns);
    assert_eq!((after[agents].as_str(), after[agents + 1..].iter().any(|state| state == "chatting")), ("chatting", false));
    // More room is used at once.
    sandbox.switch("scripted_max_chats", "-1");
    sandbox.advance(800);
    assert_eq!(states(&sandbox, &returns[1..]), ["chatting"; 5]);
}

#[test]
fn rings_go_to_the_agent_with_the_fewest_chats() {
    let sandbox = sandbox(&["agent_max_chats=2"]);
    let agents = ["agent@example.com", "agent2@example.com"].map(|user| sandbox.agent(user, "Online"));
    let chats: Vec<String> = (0..5).map(|_| sandbox.start_chat(&json!({"skill": "Human", "interactionTimeout": 3600}))).collect();
    for (bearer, session) in &agents {
        assert_eq!(sandbox.ringing(bearer, session), "2");
        sandbox.accept(bearer, session);
        sandbox.accept(bearer, session);
    }
    assert_eq!(states(&sandbox, &chats), ["chatting", "chatting", "chatting", "chatting", "waiting"]);
    let slots = |path: &str| read(&sandbox, path)["availableSlots"].clone();
    assert_eq!(slots("/chat/availableSlots?skill=Human"), 0);
    end(&sandbox, &chats[1]);
    let ringing: Vec<String> = agents.iter().map(|(bearer, session)| sandbox.ringing(bearer, session)).collect();
    assert_eq!(ringing, ["0", "1"], "the slot of the second agent became free");
    // A ringing chat that ends frees its slot too.
    end(&sandbox, &chats[4]);
    assert_eq!(slots("/chat/availableSlots?skill=Human"), 1);
}

#[test]
fn availability_and_wait_heed_slots_and_queue() {
    let sandbox = sandbox(&["agent_max_chats=1", "scripted_agent=off"]);
    let ask = || {
        let available = |query: &str| read(&sandbox, &format!("/chat/availability?skill=Human{query}"))["availability"].clone();
        let wait = read(&sandbox, "/chat/estimatedWaitTime?skill=Human")["estimatedWaitTime"].clone();
        (available(""), available("&maxWaitTime=0"), available("&maxWaitTime=60"), wait)
    };
    assert_eq!(ask(), (json!(false), json!(false), json!(false), json!(-1)));
    let (bearer, session) = sandbox.agent("agent@example.com", "Online");
    assert_eq!(ask(), (json!(true), json!(true), json!(true), json!(0)));
    let first = sandbox.start_chat(&json!({"skill": "Human"}));
    // Nothing is known yet about how long a chat takes.
    assert_eq!(ask(), (json!(true), json!(false), json!(true), json!(-2)));
    sandbox.accept(&bearer, &session);
    sandbox.advance(30_000);
    end(&sandbox, &first);
    sandbox.start_chat(&json!({"skill": "Human"}));
    sandbox.accept(&bearer, &session);
    assert_eq!(ask(), (json!(true), json!(false), json!(true), json!(30)));
    let waiting: Vec<String> = (0..2).map(|_| sandbox.start_chat(&json!({"skill": "Human"}))).collect();
    sandbox.start_chat(&json!({"skill": "Sales"}));
    assert_eq!(ask(), (json!(true), json!(false), json!(false), json!(90)));
    end(&sandbox, &waiting[0]);
    assert_eq!(ask().3, 60);
}
