//! `lpchat chat`: a visitor in the terminal.

mod command;
mod kept;
mod request;
mod session;

use std::io::IsTerminal;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use lpchat::{Client, VisitorChat};

use crate::arguments::ChatArguments;
use crate::connection::Connection;
use crate::failure::{Failure, message};
use crate::interrupt::{Interrupts, farewell};
use crate::notice::say;
use crate::output::Output;
use crate::prompt;
use crate::talk::conversation::Conversation;
use crate::talk::input::Input;
use crate::talk::{brief, set_pace};

pub use command::HELP;
use kept::Kept;
use session::{Manners, Message, Outcome, Session};

pub fn run(
    connection: &Connection,
    arguments: ChatArguments,
    output: &mut Output,
    interrupts: &Interrupts,
) -> Result<(), Failure> {
    let poll = arguments.poll_ms.map(|millis| Duration::from_millis(millis.into()));
    connection.with_client_of(
        |options| set_pace(options, poll),
        |client| {
            let chat = match &arguments.resume {
                Some(file) => kept::resume(client, file)?,
                None => request::start(client, &arguments)?,
            };
            let ending = chat.clone();
            interrupts.set_farewell(move || end_at_once(&ending));
            let mut kept = Kept::default();
            let outcome = hold(&chat, &arguments, output, &mut kept);
            // Ctrl-C has taken the chat, and closing the client would abort its farewell.
            interrupts.wait_if_interrupted();
            prompt::end();
            interrupts.forget_farewell();
            part(connection, client, &chat, &arguments, &kept, outcome.as_ref().ok().copied());
            outcome.map(|_| ())
        },
    )
}

fn hold(chat: &VisitorChat, arguments: &ChatArguments, output: &mut Output, kept: &mut Kept) -> Result<Outcome, Failure> {
    if let Some(file) = arguments.keep.as_ref().or(arguments.resume.as_ref()) {
        kept.begin(chat, file)?;
    }
    let manners = Manners {
        quiet: Duration::from_millis(arguments.quiet_ms.into()),
        agent_timeout: arguments.agent_timeout,
        live: std::io::stdin().is_terminal(),
        json: arguments.json,
    };
    let (post, inbox) = channel();
    let news = post.clone();
    let mut conversation = Conversation::begin(chat.clone(), move |what| drop(news.send(Message::News(what))))?;
    if arguments.resume.is_some() {
        // The event that tells it may be one of those that were processed before.
        if let Some(state) = chat.retrieve_information()?.state {
            conversation.enter(state);
        }
        resolve_pending_line(chat, &post);
    }
    let take = move |what| post.send(Message::Input(what)).is_ok();
    if manners.live && !manners.json {
        Input::typed(take)
    } else {
        Input::read(take)
    }
    // Only now: who reads it types at once.
    if manners.live && !manners.json {
        say("Type a line and press Enter; /help lists what else you can do.");
    }
    Session::new(conversation, output, manners, inbox, kept).run()
}

/// What became of the line that the other process was sending?
fn resolve_pending_line(chat: &VisitorChat, post: &Sender<Message>) {
    let post = post.clone();
    chat.resolve_pending_line_call(None, None).on_complete(move |outcome| {
        let _ = post.send(Message::Resolved(outcome));
    });
}

/// What Ctrl-C does with the chat.
fn end_at_once(chat: &VisitorChat) {
    say("Ending the chat…");
    if let Err(error) = chat.end_with(Some(farewell())) {
        say(&format!("The chat could not be ended and will expire by itself: {}", error.code().name()));
    }
}

/// Says what is to be known afterwards. `outcome` is none where the chat failed.
fn part(
    connection: &Connection,
    client: &Client,
    chat: &VisitorChat,
    arguments: &ChatArguments,
    kept: &Kept,
    outcome: Option<Outcome>,
) {
    match outcome {
        Some(Outcome::Left) => {
            let file = kept.file().unwrap_or_default();
            say(&format!("The chat goes on without you, until its idle limit: lpchat chat --resume {file}"));
            return;
        }
        Some(Outcome::Ended) => kept.remove(),
        None => {
            // The error says what matters. A chat that cannot be ended either expires by itself.
            let _ = chat.end_with(Some(farewell()));
        }
    }
    if let Some(address) = &arguments.transcript {
        match chat.request_transcript_with(address.as_str().into(), None, brief()) {
            Ok(()) => say(&format!("The transcript goes to {address}.")),
            Err(error) => say(&format!("warning: no transcript is sent: {}", message(&error))),
        }
    }
    if !connection.is_private() {
        say_where_to_find_it(client, chat);
    }
}

/// The transcript goes to engagement history, under an id that is known now only.
fn say_where_to_find_it(client: &Client, chat: &VisitorChat) {
    if client.account_id().is_some()
        && let Ok(id) = chat.engagement_id_with(Some(farewell()))
    {
        say(&format!("The transcript, in some minutes: lpchat history search --engagement-id {id}"));
    }
}
