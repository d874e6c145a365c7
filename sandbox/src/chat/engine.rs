//! The life of a chat: docs/protocol/visitor-chat-api.md, "State machine".

use super::queue;
use super::{Chat, ChatRequest, Content, Line, Source, State, System, scripted};
use crate::random::Random;
use crate::switches::Switch;
use crate::timers::Due;
use crate::times::SECOND;
use crate::world::World;

/// First number after the `K` of a chat id; the samples are in this range.
const FIRST_K: i64 = 8_388_608;

/// docs/protocol/visitor-chat-api.md, "Start chat": `rtSessionId = K - 2^23 + 2^32` in every published sample.
const RT_SESSION_OFFSET: i64 = (1 << 32) - (1 << 23);

const WELCOME: &str = "Thank you for choosing to chat with us.  An agent will be with you shortly.";
const BUSY: &str = "All our agents are busy at the moment. Please try again later.";
const GOODBYE: &str = "Thank you for chatting with us.";
const DISCONNECTED: &str = "The chat was disconnected.";

/// Why a chat ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Visitor,
    Agent,
    Idle,
    NobodyCame,
    AgentLost,
    /// To another account.
    Transferred,
}

impl End {
    /// docs/protocol/engagement-history-api.md, "End reason".
    fn history_code(self) -> i64 {
        match self {
            Self::Visitor => 210,
            Self::Agent | Self::Transferred => 201,
            Self::Idle | Self::NobodyCame => 205,
            Self::AgentLost => 202,
        }
    }
}

/// Starts a chat and puts it in the queue; gives its position.
pub fn start(world: &mut World, request: ChatRequest) -> usize {
    let (number, mut random) = world.issue("chat");
    let now = world.now;
    let chat = new_chat(world, request, number as i64, &mut random);
    let (timeout, max_wait) = (chat.timeout_s, chat.request.max_wait_s);
    let position = world.insert_chat(chat);
    let chat = &mut world.chats[position];
    chat.set_state(now, State::Waiting);
    chat.system(now, System::Routing, WELCOME);
    world.roster.enter_queue(chat, position);
    world.timers.set(now + timeout * SECOND, Due::ChatIdle { chat: position });
    if let Some(seconds) = max_wait
        && world.switches.is(Switch::MaxWaitElapsed, "end")
    {
        world.timers.set(now + seconds * SECOND, Due::MaxWait { chat: position });
    }
    queue::route(world, position);
    let chat = &mut world.chats[position];
    if world.switches.is_on(Switch::BusyLine) && chat.ring.is_none() && !chat.scripted_due {
        chat.system(now, System::AgentsBusy, BUSY);
    }
    position
}

fn new_chat(world: &World, request: ChatRequest, number: i64, random: &mut Random) -> Chat {
    let k = FIRST_K + 200 + number;
    let now = world.now;
    Chat {
        key: format!("H{}-{}K{k}", 1_000_000_000_000_000_000 + random.below(8_000_000_000_000_000_000), random.hex(32)),
        rt_session_id: k + RT_SESSION_OFFSET,
        state: State::Waiting,
        gone: false,
        events: Vec::new(),
        visible: Vec::new(),
        skill: request.skill,
        wanted_agent: request.agent,
        seat: None,
        ring: None,
        missed_by: Vec::new(),
        scripted_due: false,
        requested: now,
        queued: now,
        queue_reason: 0,
        ended: None,
        last_update: now,
        timeout_s: request.timeout_s.unwrap_or_else(|| world.switches.number(Switch::ChatTimeoutS)),
        visitor_id: request.visitor_id.unwrap_or_else(|| random.between(1_210_000_000_000_000, 1_219_999_999_999_999)),
        visitor_name: None,
        visitor_typing: false,
        agent_typing: false,
        visitor_lines: 0,
        segments: Vec::new(),
        exit_answers: Vec::new(),
        agent_answers: Vec::new(),
        transcripts: Vec::new(),
        request,
    }
}

/// A visitor's request renews the idle limit.
pub fn touch(world: &mut World, position: usize) {
    world.chats[position].last_update = world.now;
}

/// The moment at which a chat times out, or at which an ended one disappears.
fn idle_due(world: &World, position: usize) -> i64 {
    let chat = &world.chats[position];
    match chat.ended {
        None => chat.last_update + chat.timeout_s * SECOND,
        Some(ended) => ended.max(chat.last_update) + world.switches.number(Switch::EndedLifetimeS) * SECOND,
    }
}

/// The idle timer: looks whether the limit is really reached, and sets itself again if not.
pub fn idle(world: &mut World, position: usize) {
    if world.chats[position].gone {
        return;
    }
    if idle_due(world, position) > world.now {
        set_idle_timer(world, position);
    } else if world.chats[position].ended.is_some() {
        world.chats[position].gone = true;
    } else {
        end(world, position, End::Idle);
    }
}

fn set_idle_timer(world: &mut World, position: usize) {
    let due = idle_due(world, position);
    world.timers.set(due, Due::ChatIdle { chat: position });
}

pub fn max_wait_elapsed(world: &mut World, position: usize) {
    if world.chats[position].state == State::Waiting {
        end(world, position, End::NobodyCame);
    }
}

/// Ends a chat; gives the position of the `ended` event.
pub fn end(world: &mut World, position: usize, why: End) -> usize {
    let now = world.now;
    let left = queue::holder(world, position);
    let chat = &mut world.chats[position];
    match why {
        End::Visitor | End::Transferred => {}
        End::Agent => chat.system(now, System::AgentEnded, GOODBYE),
        End::Idle | End::AgentLost => chat.system(now, System::Disconnected, DISCONNECTED),
        End::NobodyCame => chat.system(now, System::AgentsBusy, BUSY),
    }
    let event = chat.set_state(now, State::Ended);
    chat.ended = Some(now);
    world.roster.leave(chat, position, now);
    chat.visitor_typing = false;
    chat.agent_typing = false;
    queue::close_segment(chat, now, why.history_code());
    set_idle_timer(world, position);
    crate::history::live::schedule(world, position);
    if let Some(agent) = left {
        queue::room_freed(world, agent);
    }
    event
}

/// A line of the visitor, which must be in `chatting`; gives its position.
pub fn visitor_line(world: &mut World, position: usize, text: &str) -> usize {
    let now = world.now;
    let acknowledge = world.switches.is_on(Switch::LineStatusEvents);
    let chat = &mut world.chats[position];
    let line = Line::visitor(chat.visitor_display_name(), text);
    let event = chat.add(now, Content::Line(line));
    chat.visitor_lines += 1;
    chat.visitor_typing = false;
    if acknowledge {
        let line = chat.visible.len() - 1;
        chat.add(now, Content::LineStatus { line });
    }
    if chat.seat.is_some_and(|seat| seat.scripted) {
        scripted::hear(world, position, text);
    }
    event
}

/// A line of an agent; gives its position.
pub fn agent_line(world: &mut World, position: usize, line: Line) -> usize {
    debug_assert_eq!(line.source, Source::Agent);
    let now = world.now;
    let chat = &mut world.chats[position];
    chat.agent_typing = false;
    chat.add(now, Content::Line(line))
}
