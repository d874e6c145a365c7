//! `lpchat agent`: an agent in the terminal.
//!
//! | file | what |
//! | --- | --- |
//! | `desk` | the work: rings, open chats, availability |
//! | `obey` | what the commands do |
//! | `command` | how commands are written |
//! | `transfer` | whom a chat is handed to |
//! | `bell` | what rings, and for how long |
//! | `kept` | where open chats are kept, so that another process goes on with them |
//! | `report` | what is said, to people and to programs |

mod bell;
mod command;
mod desk;
mod kept;
mod obey;
mod report;
mod transfer;

use std::io::IsTerminal;
use std::sync::mpsc::channel;
use std::time::Duration;

use lpchat::{AgentSession, AvailabilityState, Client, Family};
use serde_json::json;

use crate::arguments::AgentArguments;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::interrupt::{Interrupts, farewell};
use crate::notice::say;
use crate::output::Output;
use crate::prompt;
use crate::talk::input::Input;
use crate::talk::outbox::not_sent;
use crate::talk::{brief, set_pace};
use crate::talk_arguments::Availability;

pub use command::HELP;
use desk::{Desk, Manners, Message};
use kept::Kept;
use report::Report;

pub fn run(
    connection: &Connection,
    arguments: &AgentArguments,
    output: &mut Output,
    interrupts: &Interrupts,
) -> Result<(), Failure> {
    let poll = arguments.poll_ms.map(|millis| Duration::from_millis(millis.into()));
    connection.with_client_of(
        |options| {
            set_pace(options, poll);
            if let Some(username) = &arguments.username {
                options.username = Some(username.as_str().into());
            }
        },
        |client| {
            let kept = Kept::open(arguments.keep.as_deref())?;
            let session = client.agent().start_session()?;
            let (leaving, client_of_it, keeps) = (session.clone(), client.clone(), kept.is_used());
            interrupts.set_farewell(move || match keeps {
                true => leave_chats_open(&leaving),
                false => {
                    say("Logging out…");
                    leave(&client_of_it, &leaving);
                }
            });
            let outcome = work(&session, arguments, kept, output);
            interrupts.wait_if_interrupted();
            prompt::end();
            interrupts.forget_farewell();
            leave(client, &session);
            outcome
        },
    )
}

/// Goes away and logs out, which gives open chats back to the queue.
fn leave(client: &Client, session: &AgentSession) {
    // The logout says the same, and a session that cannot be left ends by itself.
    let _ = session.leave_with(Some(farewell()));
    // Not only the logout: what still polls would log in again.
    if let Err(error) = client.close_with(None, Some(farewell())) {
        say(&format!("The login could not be ended and will expire by itself: {}", error.code().name()));
    }
}

/// Takes no more chats. Those that are open stay with the agent, whose login goes on without this process.
fn leave_chats_open(session: &AgentSession) {
    say("Open chats stay with you for a while: the same command goes on with them.");
    // Who cannot be set away gets chats that ring in vain, once.
    let _ = session.leave_with(Some(farewell()));
}

fn work(session: &AgentSession, arguments: &AgentArguments, kept: Kept, output: &mut Output) -> Result<(), Failure> {
    let manners = Manners {
        accept_all: arguments.accept_all,
        most_chats: arguments.max_chats.and_then(|count| usize::try_from(count).ok()),
        live: std::io::stdin().is_terminal(),
        json: arguments.json,
    };
    let (live, at_keys) = (manners.live, manners.live && !manners.json);
    let mut report = Report::new(output, manners.json);
    let (post, inbox) = channel();
    let keys = post.clone();
    let take = move |what| keys.send(Message::Input(what)).is_ok();
    if at_keys {
        Input::typed(take)
    } else {
        Input::read(take)
    }
    introduce(session, &mut report)?;
    // Only now: who reads it types at once.
    if at_keys {
        say("Chats ring here: /accept takes one, /help lists what else there is.");
    }
    let wanted = (state(arguments.state), arguments.reason.clone());
    let mut desk = Desk::new(session.clone(), wanted, manners, kept, report, (post, inbox));
    desk.run()?;
    if desk.unsent > 0 {
        return Err(Failure::Own { family: Family::ChatState, message: not_sent(desk.unsent), hint: "" });
    }
    if desk.misunderstood && !live && !arguments.json {
        return Err(Failure::Usage("Not every line of the input was understood.".to_owned()));
    }
    Ok(())
}

fn state(given: Availability) -> AvailabilityState {
    match given {
        Availability::Online => AvailabilityState::Online,
        Availability::Occupied => AvailabilityState::Occupied,
        Availability::Away => AvailabilityState::Away,
    }
}

/// Says who has logged in, and what the account lets this agent do.
fn introduce(session: &AgentSession, report: &mut Report<'_>) -> Result<(), Failure> {
    let known = session.retrieve_information_with(brief())?;
    let skills: Vec<String> = known.skills.iter().map(|skill| skill.name.as_ref().unwrap_or(&skill.id).to_string()).collect();
    let (name, login) = (known.agent_name.as_deref(), known.login_name.as_deref());
    let most = match known.max_chats {
        Some(count) if count >= 0 => format!("; at most {count} chats at once"),
        _ => String::new(),
    };
    let said = format!(
        "you are {} ({}), skills: {}{most}",
        name.unwrap_or("an agent"),
        login.unwrap_or("no login name"),
        if skills.is_empty() { "none".to_owned() } else { skills.join(", ") },
    );
    let document = json!({ "type": "session", "agent": name, "login": login, "skills": skills, "max_chats": known.max_chats });
    report.tell(&said, &document)
}
