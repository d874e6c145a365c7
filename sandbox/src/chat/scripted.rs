//! Agents who answer by script, so that a newcomer's first chat gets an answer.

use super::engine::{self, End};
use super::queue;
use super::{Chat, Line, Seat, State};
use crate::identity::{Agent, SCRIPTED_AGENTS};
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
    let greeting = format!("Hello, I am {}. How can I help?", agent.nickname);
    engine::agent_line(world, position, Line::agent(agent, &greeting));
}

/// The visitor wrote: the agent starts to type.
pub fn hear(world: &mut World, position: usize, text: &str) {
    world.chats[position].agent_typing = true;
    let due = world.now + world.switches.number(Switch::AgentAnswerMs);
    world.timers.set(due, Due::ScriptedAnswer { chat: position, text: text.to_owned() });
}

/// The answer is typed.
pub fn answer(world: &mut World, position: usize, text: &str) {
    let chat = &world.chats[position];
    let Some(seat) = chat.seat.filter(|seat| seat.scripted && chat.state == State::Chatting) else { return };
    if text.trim().eq_ignore_ascii_case("bye") {
        engine::agent_line(world, position, Line::agent(seat.agent, "Goodbye, and have a nice day!"));
        engine::end(world, position, End::Agent);
        return;
    }
    let advice = ADVICE[(chat.visitor_lines + ADVICE.len() - 1) % ADVICE.len()];
    let line = format!("You said: {text} - {advice}");
    engine::agent_line(world, position, Line::agent(seat.agent, &line));
}
