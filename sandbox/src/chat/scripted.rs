//! Agents who answer by script, so that a newcomer's first chat gets an answer.

use std::sync::Arc;

use super::engine::{self, End};
use super::{Chat, Content, Line, Seat, State, queue, transfer};
use crate::identity::{Agent, SCRIPTED_AGENTS};
use crate::script::{Step, Steps};
use crate::switches::Switch;
use crate::timers::Due;
use crate::world::World;

const ADVICE: [&str; 5] = [
    "Let me check that for you.",
    "Could you tell me your order number?",
    "You can find that under My account, Settings.",
    "That is done. Is there anything else I can help with?",
    "Our opening hours are Monday to Friday, 9 to 18.",
];

/// So many agents may have had a chat before scripts stop to transfer it.
const MOST_AGENTS: usize = 100;

/// Steps that an agent is about to do in a chat.
#[derive(Debug)]
pub struct Run {
    chat: usize,
    /// How many agents had served the chat then: the steps end with the agent who began them.
    service: usize,
    steps: Steps,
    next: usize,
    /// The visitor's line that they answer.
    heard: String,
}

/// The scripted agent for a chat, if one has its skill and a free slot. Skill `Human` has none.
pub fn agent_for(world: &World, chat: &Chat) -> Option<&'static Agent> {
    if !world.switches.is_on(Switch::ScriptedAgent) {
        return None;
    }
    let able: Vec<&'static Agent> =
        SCRIPTED_AGENTS.iter().filter(|agent| queue::fits(chat, agent) && queue::free_slots(world, agent) != Some(0)).collect();
    let turn = chat.rt_session_id as usize + chat.segments.len();
    (!able.is_empty()).then(|| able[turn % able.len()])
}

/// The time to accept has come, unless the chat rings somewhere or is taken meanwhile.
pub fn accept(world: &mut World, position: usize) {
    let chat = &mut world.chats[position];
    if !std::mem::take(&mut chat.scripted_due) || chat.state != State::Waiting || chat.ring.is_some() {
        return;
    }
    let Some(agent) = agent_for(world, &world.chats[position]) else { return };
    queue::accept(world, position, Seat { agent, scripted: true });
    let greeting = match &world.script {
        Some(script) => Arc::clone(&script.greeting),
        None => Steps::from([Step::Answer("Hello, I am {agent}. How can I help?".to_owned())]),
    };
    begin(world, position, greeting, "");
}

/// The visitor wrote: the agent does what the script says, or what agents do without one.
pub fn hear(world: &mut World, position: usize, text: &str) {
    let steps = match &world.script {
        Some(script) => script.steps_for(text, world.chats[position].skill),
        None => {
            let typing = Step::Type(world.switches.number(Switch::AgentAnswerMs));
            Some(if text.trim().eq_ignore_ascii_case("bye") {
                Steps::from([typing, Step::Answer("Goodbye, and have a nice day!".to_owned()), Step::End])
            } else {
                Steps::from([typing, Step::Advice])
            })
        }
    };
    if let Some(steps) = steps {
        begin(world, position, steps, text);
    }
}

/// Lets whoever serves a chat do some steps.
pub fn begin(world: &mut World, position: usize, steps: Steps, heard: &str) {
    let service = world.chats[position].segments.len();
    proceed(world, Run { chat: position, service, steps, next: 0, heard: heard.to_owned() });
}

/// Does what is left up to the next pause. Nothing is done any more once the agent or the chat is gone.
pub fn proceed(world: &mut World, mut run: Run) {
    if let Some(Step::Type(_)) = run.next.checked_sub(1).and_then(|last| run.steps.get(last)) {
        world.chats[run.chat].agent_typing = false;
    }
    while let Some(step) = run.steps.get(run.next).cloned() {
        let chat = &world.chats[run.chat];
        let here = chat.state == State::Chatting && chat.segments.len() == run.service;
        let Some(seat) = chat.seat.filter(|_| here) else { return };
        run.next += 1;
        if let Step::Wait(ms) | Step::Type(ms) = step {
            world.chats[run.chat].agent_typing = matches!(step, Step::Type(_));
            return world.timers.set(world.now + ms, Due::ScriptStep(run));
        }
        act(world, &run, seat.agent, step);
    }
}

/// A step that takes no time.
fn act(world: &mut World, run: &Run, agent: &'static Agent, step: Step) {
    let position = run.chat;
    match step {
        Step::Wait(_) | Step::Type(_) => {}
        Step::Answer(text) => {
            let text = filled(&text, &world.chats[position], agent, &run.heard);
            engine::agent_line(world, position, Line::agent(agent, &text));
        }
        Step::Advice => {
            let advice = ADVICE[(world.chats[position].visitor_lines + ADVICE.len() - 1) % ADVICE.len()];
            let text = format!("You said: {} - {advice}", run.heard);
            engine::agent_line(world, position, Line::agent(agent, &text));
        }
        Step::Content { json, text } => {
            let line = Line { text_type: "rich-content".to_owned(), json: Some(json), ..Line::agent(agent, &text) };
            engine::agent_line(world, position, line);
        }
        Step::Transfer { target, note } => {
            if let Some(note) = note {
                engine::agent_line(world, position, Line { only_to_rep: true, ..Line::agent(agent, &note) });
            }
            // A script whose agents hand a chat to each other at once would never come to an end.
            if run.service < MOST_AGENTS {
                transfer::hand_over(world, position, target);
            }
        }
        Step::TransferAccount(remote) => transfer::to_account(world, position, remote),
        Step::Event(event) => {
            let now = world.now;
            world.chats[position].add(now, Content::Other(event));
        }
        Step::End => {
            engine::end(world, position, End::Agent);
        }
    }
}

/// A text with its places filled. Braces around anything else stay as they are.
fn filled(text: &str, chat: &Chat, agent: &Agent, heard: &str) -> String {
    // What the visitor wrote comes last, so that nothing in it is filled.
    text.replace("{agent}", agent.nickname)
        .replace("{skill}", chat.skill.map_or("", |skill| skill.name))
        .replace("{visitor}", chat.visitor_display_name())
        .replace("{text}", heard)
}
