//! `lpchat chat`: a visitor in the terminal.

mod input;
mod session;
mod view;

use std::io::IsTerminal;
use std::time::Duration;

use lpchat::{ChatRequest, Client, VisitorChat};

use crate::arguments::ChatArguments;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::interrupt::{Interrupts, farewell};
use crate::notice::say;
use crate::output::Output;
use crate::prompt;

use input::Input;
use session::{Manners, Session};
use view::View;

/// Time between two looks at the chat: the vendor's recommendation, and what suits a machine of one's own.
const POLL: Duration = Duration::from_secs(2);
const POLL_SANDBOX: Duration = Duration::from_millis(500);

pub fn run(
    connection: &Connection,
    arguments: ChatArguments,
    output: &mut Output,
    interrupts: &Interrupts,
) -> Result<(), Failure> {
    let usual = if connection.is_sandbox() { POLL_SANDBOX } else { POLL };
    let manners = Manners {
        poll: arguments.poll_ms.map_or(usual, Duration::from_millis),
        quiet: Duration::from_millis(arguments.quiet_ms),
        agent_timeout: arguments.agent_timeout,
        live: std::io::stdin().is_terminal(),
    };
    let request = ChatRequest {
        skill: arguments.skill.map(Into::into),
        pre_chat_lines: arguments.pre_chat_lines.into_iter().map(Into::into).collect(),
        ..ChatRequest::default()
    };
    connection.with_client(|client| {
        let chat = client.visitor().start_chat(request)?;
        interrupts.set_chat(Some(chat.clone()));
        let view = View::new(output, arguments.json, !manners.live);
        let input = if manners.live && !arguments.json { Input::typed() } else { Input::read() };
        // Only now: who reads it types at once.
        if manners.live {
            say("Type a line and press Enter; /end or Ctrl-D ends the chat.");
        }
        let outcome = Session::new(&chat, view, manners, input).run();
        // Ctrl-C has taken the chat, and closing the client would abort its farewell.
        interrupts.wait_if_interrupted();
        prompt::end();
        interrupts.set_chat(None);
        if outcome.is_err() {
            // The error says what matters. A chat that cannot be ended either expires by itself.
            let _ = chat.end_with(Some(farewell()));
        }
        if !connection.is_private() {
            say_where_to_find_it(client, &chat);
        }
        outcome
    })
}

/// The transcript goes to engagement history, under an id that is known now only.
fn say_where_to_find_it(client: &Client, chat: &VisitorChat) {
    let information = chat.retrieve_information_with(Some(farewell()));
    let session = information.ok().and_then(|information| information.rt_session_id);
    if let (Some(session), Some(account)) = (session, client.account_id()) {
        say(&format!("The transcript, in some minutes: lpchat history search --engagement-id {account}{session}"));
    }
}
