//! Who gets a chat: ringing, accepting, requeueing (docs/protocol/agent-chat-api.md, "State machines").

use super::engine::{self, End};
use super::{Chat, Ring, Seat, Segment, State, System};
use crate::identity::Agent;
use crate::switches::Switch;
use crate::timers::Due;
use crate::times::SECOND;
use crate::world::{AgentSession, World};

const REQUEUED: &str = "You have been returned to the queue. An agent will be with you shortly.";

/// Looks for somebody for a waiting chat: first an agent who logged in through the API and is Online, else a scripted one.
pub fn route(world: &mut World, position: usize) {
    let chat = &world.chats[position];
    if chat.state != State::Waiting || chat.ring.is_some() {
        return;
    }
    if let Some(session) = online_session(world, chat) {
        ring(world, position, session);
    } else if !chat.scripted_due && super::scripted::agent_for(world, chat).is_some() {
        let due = world.now + world.switches.number(Switch::AgentAcceptMs);
        world.chats[position].scripted_due = true;
        world.timers.set(due, Due::ScriptedAccept { chat: position });
    }
}

/// The agent session with the fewest chats that this one may ring at.
fn online_session(world: &World, chat: &Chat) -> Option<String> {
    world
        .sessions
        .values()
        .filter(|session| can_ring(chat, session) && !chat.missed_by.contains(&session.id))
        .filter(|session| fits(chat, session.user) && free_slots(world, session.user) != Some(0))
        .min_by_key(|session| load(world, session.user))
        .map(|session| session.id.clone())
}

/// Online agents get chats from the queue, occupied ones only chats transferred to them.
fn can_ring(chat: &Chat, session: &AgentSession) -> bool {
    let transferred_here = !chat.segments.is_empty() && chat.wanted_agent.is_some_and(|wanted| wanted.id == session.user.id);
    session.availability == "Online" || (session.availability == "Occupied" && transferred_here)
}

/// Chats that an agent has or that ring there.
fn load(world: &World, agent: &Agent) -> usize {
    let sessions = world.sessions.values().filter(|session| session.user.id == agent.id);
    let rings: usize = sessions.map(|session| world.roster.rings_at(&session.id)).sum();
    world.roster.serves(agent) + rings
}

/// The switch that limits an agent's chats.
pub fn limit(agent: &Agent) -> Switch {
    if agent.is_scripted() { Switch::ScriptedMaxChats } else { Switch::AgentMaxChats }
}

/// How many more chats an agent can have; none stands for no limit.
pub fn free_slots(world: &World, agent: &Agent) -> Option<usize> {
    let limit = usize::try_from(world.switches.number(limit(agent))).ok()?;
    Some(limit.saturating_sub(load(world, agent)))
}

/// The agent has the skill, and is the one asked for if one was.
pub fn fits(chat: &Chat, agent: &Agent) -> bool {
    chat.wanted_agent.map_or_else(|| agent.has_skill(chat.skill), |wanted| wanted.id == agent.id)
}

fn ring(world: &mut World, position: usize, session: String) {
    let (number, _) = world.issue("ring");
    world.roster.ring(&mut world.chats[position], position, Ring { session, number });
    let due = world.now + world.switches.number(Switch::RingTimeoutS) * SECOND;
    world.timers.set(due, Due::RingTimeout { chat: position, ring: number });
}

/// Nobody accepted in time: the agent becomes Away, the chat goes on looking for somebody.
pub fn ring_timed_out(world: &mut World, position: usize, number: u64) {
    let chat = &mut world.chats[position];
    if chat.ring.as_ref().is_none_or(|ring| ring.number != number) {
        return;
    }
    let Some(ring) = world.roster.stop_ringing(chat, position) else { return };
    chat.missed_by.push(ring.session.clone());
    if !chat.segments.is_empty() {
        // The agent whom it was transferred to did not take it: anybody may.
        chat.wanted_agent = None;
    }
    set_availability(world, &ring.session, "Away", None);
    route(world, position);
}

/// Sets an agent session's availability and moves chats accordingly.
pub fn set_availability(world: &mut World, id: &str, availability: &str, reason: Option<String>) {
    let now = world.now;
    let Some(session) = world.sessions.get_mut(id) else { return };
    availability.clone_into(&mut session.availability);
    session.reason = reason;
    session.since = now;
    if availability == "Online" {
        for position in world.roster.waiting() {
            world.chats[position].missed_by.retain(|missed| missed != id);
        }
    } else {
        withdraw_rings(world, id);
    }
    route_all(world);
}

fn withdraw_rings(world: &mut World, id: &str) {
    for position in world.roster.ringing(id) {
        world.roster.stop_ringing(&mut world.chats[position], position);
    }
}

/// Looks for somebody for every chat that waits.
pub fn route_all(world: &mut World) {
    for position in world.roster.waiting().collect::<Vec<_>>() {
        route(world, position);
    }
}

/// The agent whose slot a chat takes: who serves it, or at whom it rings.
pub fn holder(world: &World, position: usize) -> Option<&'static Agent> {
    let chat = &world.chats[position];
    let rings_at = || chat.ring.as_ref().and_then(|ring| world.sessions.get(&ring.session)).map(|session| session.user);
    chat.seat.map(|seat| seat.agent).or_else(rings_at)
}

/// An agent has one chat less: where the number of chats is limited, the first of those that wait for this agent move up.
pub fn room_freed(world: &mut World, agent: &Agent) {
    let Some(free) = free_slots(world, agent) else { return };
    let waits_for_this = |position: &usize| {
        let chat = &world.chats[*position];
        chat.ring.is_none() && !chat.scripted_due && fits(chat, agent)
    };
    let next: Vec<usize> = world.roster.waiting().filter(waits_for_this).take(free).collect();
    for position in next {
        route(world, position);
    }
}

/// An agent takes a waiting chat.
pub fn accept(world: &mut World, position: usize, seat: Seat) {
    let now = world.now;
    let chat = &mut world.chats[position];
    world.roster.leave(chat, position, now);
    world.roster.take_seat(seat.agent, position);
    chat.scripted_due = false;
    if chat.segments.is_empty() {
        for text in chat.request.pre_chat_lines.clone() {
            chat.system(now, System::PreChatLine, &text);
        }
    }
    chat.seat = Some(seat);
    chat.segments.push(Segment {
        agent: seat.agent,
        skill: chat.skill,
        requested: chat.queued,
        started: now,
        start_reason: chat.queue_reason,
        end: None,
        first_event: if chat.segments.is_empty() { 0 } else { chat.events.len() },
    });
    chat.set_state(now, State::Chatting);
    chat.system(now, System::Accepted, &format!("You are now chatting with {}.", seat.agent.nickname));
}

/// Closes what the present agent did of a chat, for the history.
pub fn close_segment(chat: &mut Chat, now: i64, end_reason: i64) {
    let events = chat.events.len();
    if let Some(segment) = chat.segments.last_mut().filter(|segment| segment.end.is_none()) {
        segment.end = Some((now, end_reason, events));
    }
}

/// Why a chat goes back into the queue: system message, end and start reason of the history.
#[derive(Debug, Clone, Copy)]
pub struct Requeue {
    pub message: System,
    pub end_reason: i64,
    pub start_reason: i64,
}

/// Puts a chat back into the queue and looks for the next agent.
pub fn requeue(world: &mut World, position: usize, why: Requeue, text: &str) {
    let now = world.now;
    let chat = &mut world.chats[position];
    close_segment(chat, now, why.end_reason);
    world.roster.leave(chat, position, now);
    let left = chat.seat.take();
    chat.agent_typing = false;
    chat.missed_by.clear();
    chat.queued = now;
    chat.queue_reason = why.start_reason;
    chat.system(now, why.message, text);
    chat.set_state(now, State::Waiting);
    world.roster.enter_queue(chat, position);
    route(world, position);
    if let Some(seat) = left {
        room_freed(world, seat.agent);
    }
}

/// An agent session ends: its rings go on, its chats go back to the queue unless the agent has another session.
pub fn close_session(world: &mut World, id: &str) {
    let Some(session) = world.sessions.remove(id) else { return };
    withdraw_rings(world, id);
    let elsewhere = world.sessions.values().any(|other| other.user.id == session.user.id);
    if !elsewhere {
        for position in world.roster.waiting() {
            world.chats[position].wanted_agent.take_if(|wanted| wanted.id == session.user.id);
        }
        for position in world.roster.served(session.user) {
            world.chats[position].wanted_agent.take_if(|wanted| wanted.id == session.user.id);
            lose_agent(world, position);
        }
    }
    route_all(world);
}

/// docs/protocol/agent-chat-api.md, "Ending a session": back to the queue, or disconnected when no suitable agent exists.
fn lose_agent(world: &mut World, position: usize) {
    let chat = &world.chats[position];
    let somebody = online_session(world, chat).is_some() || super::scripted::agent_for(world, chat).is_some();
    if somebody {
        let why = Requeue { message: System::Requeued, end_reason: 202, start_reason: 3 };
        requeue(world, position, why, REQUEUED);
    } else {
        engine::end(world, position, End::AgentLost);
    }
}
