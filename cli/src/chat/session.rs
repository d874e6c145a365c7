//! One chat from its start, or from where it was left, to its end.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use lpchat::{ChatEvent, ChatEventBatch, ChatInformation, ChatState, Family, LineReceipt, LpchatError, VisitorChat};
use serde_json::{Map, Value, json};

use super::command::{Command, HELP};
use super::kept::Kept;
use crate::failure::{Failure, message, say_error};
use crate::interrupt::farewell;
use crate::notice::say;
use crate::output::{Output, Style};
use crate::prompt;
use crate::talk::conversation::{Conversation, News, PARTING};
use crate::talk::input::Input;
use crate::talk::outbox::not_sent;
use crate::talk::view::{self, Side};
use crate::talk::{brief, next};
use crate::text::visible_line;

/// How the chat is held.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    pub quiet: Duration,
    pub agent_timeout: Option<Duration>,
    /// A person types: the end of the input is the end of the chat.
    pub live: bool,
    pub json: bool,
}

/// What a session waits for.
#[derive(Debug)]
pub enum Message {
    Input(Input),
    News(News),
    /// What became of the line that another process was sending, where there was one.
    Resolved(Result<Option<LineReceipt>, LpchatError>),
}

/// How it went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ended,
    /// It goes on without us.
    Left,
}

pub struct Session<'a> {
    pub conversation: Conversation<VisitorChat>,
    output: &'a mut Output,
    manners: Manners,
    inbox: Receiver<Message>,
    kept: &'a mut Kept,
    input_ended: bool,
    /// The chat is to be ended as soon as all lines are sent.
    ending: bool,
    /// A person waits so long for that at most.
    parts_by: Option<Instant>,
    /// A command was not understood: a script has a mistake.
    misunderstood: bool,
    left: bool,
}

impl<'a> Session<'a> {
    pub fn new(
        conversation: Conversation<VisitorChat>,
        output: &'a mut Output,
        manners: Manners,
        inbox: Receiver<Message>,
        kept: &'a mut Kept,
    ) -> Self {
        Self {
            conversation,
            output,
            manners,
            inbox,
            kept,
            input_ended: false,
            ending: false,
            parts_by: None,
            misunderstood: false,
            left: false,
        }
    }

    /// Holds the chat until either side ends it, or this one leaves.
    pub fn run(&mut self) -> Result<Outcome, Failure> {
        let outcome = self.hold();
        prompt::set_status(None);
        let unsent = self.conversation.outbox.unsent();
        if outcome.is_err() && unsent > 0 {
            say(&format!("warning: {}", not_sent(unsent)));
        }
        outcome.and_then(|()| self.conversation.outbox.tell())?;
        if self.misunderstood && !self.manners.live && !self.manners.json {
            return Err(Failure::Usage("Not every line of the input was understood.".to_owned()));
        }
        Ok(if self.left { Outcome::Left } else { Outcome::Ended })
    }

    fn hold(&mut self) -> Result<(), Failure> {
        loop {
            self.conversation.tick();
            self.refuse_to_wait_for_ever()?;
            if self.is_done() {
                return self.end();
            }
            match self.wait() {
                Some(message) => self.take(message)?,
                None => continue,
            }
            if self.conversation.is_over() || self.left {
                return Ok(());
            }
        }
    }

    fn wait(&self) -> Option<Message> {
        let due = [self.conversation.due(), self.agent_due(), self.quiet_due(), self.parts_by].into_iter().flatten().min();
        next(&self.inbox, due)
    }

    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            // What follows the end of the input, such as a line behind `/end`, belongs to nobody.
            Message::Input(_) if self.input_ended => Ok(()),
            Message::Input(Input::Typing(typing)) => {
                self.conversation.pressed(typing);
                Ok(())
            }
            Message::Input(Input::End) => {
                self.end_input();
                Ok(())
            }
            Message::Input(Input::Line(line)) => self.obey(&line),
            Message::News(News::Sent(outcome)) => {
                self.conversation.sent(&outcome);
                Ok(())
            }
            Message::News(News::Events(batch)) => self.take_events(batch),
            Message::Resolved(Ok(None)) => Ok(()),
            Message::Resolved(Ok(Some(_))) => self.note("The line that was being sent has arrived."),
            Message::Resolved(Err(error)) => self.complain(&error),
        }
    }

    fn take_events(&mut self, batch: Result<Option<ChatEventBatch>, LpchatError>) -> Result<(), Failure> {
        let Some(batch) = batch? else {
            self.conversation.enter(ChatState::Ended);
            return Ok(());
        };
        for event in &batch.events {
            self.show(event)?;
        }
        self.conversation.listen();
        self.conversation.pump();
        Ok(())
    }

    fn show(&mut self, event: &ChatEvent) -> Result<(), Failure> {
        let typed_here = self.conversation.take_in(event) && self.manners.live;
        if let Some(typing) = Side::Visitor.typing(event) {
            prompt::set_status(typing.then(|| "· the agent is typing…".to_owned()));
        }
        if self.manners.json {
            self.output.json(&view::json(event))?;
        } else {
            view::say_reachability(event);
            if let Some(line) = Side::Visitor.line(event, self.output).filter(|_| !typed_here) {
                self.output.line(&line)?;
            }
        }
        self.output.flush()
    }

    /// Does what a line says.
    fn obey(&mut self, line: &str) -> Result<(), Failure> {
        self.conversation.pressed(false);
        match Command::read(line) {
            Ok(Command::Say(text)) => self.say(text),
            Ok(Command::End) => {
                self.ending = true;
                self.end_input();
            }
            Ok(Command::Save(file)) => return self.save(file),
            Ok(Command::Transcript(address)) => {
                return match self.conversation.chat.request_transcript_with(address.as_str().into(), None, brief()) {
                    Ok(()) => self.note(&format!("The transcript goes to {address}.")),
                    Err(error) => self.complain(&error),
                };
            }
            Ok(Command::Typing(typing)) => self.conversation.tell_typing(typing),
            Ok(Command::Info) => {
                return match self.conversation.chat.retrieve_information_with(brief()) {
                    Ok(information) => self.tell(&information),
                    Err(error) => self.complain(&error),
                };
            }
            Ok(Command::Help) => return HELP.lines().try_for_each(|line| self.note(line)),
            Err(reason) => return self.refuse(line, &reason),
        }
        Ok(())
    }

    fn end_input(&mut self) {
        self.input_ended = true;
        self.parts_by = self.manners.live.then(|| Instant::now() + PARTING);
    }

    fn say(&mut self, text: String) {
        self.conversation.outbox.push(text);
        if self.conversation.is_chatting() {
            self.conversation.pump();
        } else if self.manners.live && !self.manners.json {
            say("(sent as soon as an agent is here)");
        }
    }

    /// Leaves the chat to whoever resumes it.
    fn save(&mut self, file: Option<String>) -> Result<(), Failure> {
        let unsent = self.conversation.outbox.unsent();
        match self.kept.save(&self.conversation.chat, file) {
            Ok(_) if unsent > 0 => self.refuse("/save", "Lines wait to be sent, and would be lost. Wait, or /end."),
            Ok(_) => {
                self.left = true;
                Ok(())
            }
            Err(Failure::Usage(reason)) => self.refuse("/save", &reason),
            Err(Failure::Call(error)) => self.complain(&error),
            Err(failure) => Err(failure),
        }
    }

    /// Says something that is no event.
    fn note(&mut self, text: &str) -> Result<(), Failure> {
        if self.manners.json {
            self.output.json(&json!({ "@type": "note", "text": text }).to_string())?;
            return self.output.flush();
        }
        say_dimmed(self.output, text)
    }

    /// A command failed, and the chat goes on.
    fn complain(&mut self, error: &LpchatError) -> Result<(), Failure> {
        if self.manners.json {
            self.output.json(&error_json(error.code().name(), &message(error)))?;
            return self.output.flush();
        }
        say_error(error);
        Ok(())
    }

    /// A line was not understood.
    fn refuse(&mut self, line: &str, reason: &str) -> Result<(), Failure> {
        self.misunderstood = true;
        if self.manners.json {
            self.output
                .json(&json!({ "@type": "error", "code": "WrongCommand", "message": reason, "input": line }).to_string())?;
            return self.output.flush();
        }
        say(&format!("error: {reason}"));
        Ok(())
    }

    fn tell(&mut self, information: &ChatInformation) -> Result<(), Failure> {
        if self.manners.json {
            let mut document = Map::from_iter([("@type".to_owned(), "info".into())]);
            document.extend(view::information(information).map(|(name, value)| (name.to_owned(), value.into())));
            self.output.json(&Value::Object(document).to_string())?;
            return self.output.flush();
        }
        view::information(information).try_for_each(|(name, value)| say_dimmed(self.output, &format!("{name}: {value}")))
    }

    /// Whether it is on us to end the chat: a person who says so waits for lines that are on their way, and briefly; a script
    /// until everything is said, and answered unless it says so.
    fn is_done(&self) -> bool {
        let over = |moment: Option<Instant>| moment.is_some_and(|moment| moment <= Instant::now());
        if self.manners.live {
            return self.input_ended && (self.conversation.has_said_all() || over(self.parts_by));
        }
        let said = self.ending && self.conversation.outbox.is_empty();
        said || over(self.quiet_due())
    }

    /// Until when answers are waited for, once everything is said.
    fn quiet_due(&self) -> Option<Instant> {
        let said = self.input_ended && self.conversation.outbox.is_empty() && self.conversation.is_chatting();
        said.then(|| self.conversation.last_line.max(self.conversation.state_since) + self.manners.quiet)
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.conversation.chat.end_with(Some(farewell()))?;
        self.conversation.enter(ChatState::Ended);
        // Events that are here already, then those since the last look; the documents stay readable for a while.
        while let Ok(message) = self.inbox.try_recv() {
            if let Message::News(News::Events(Ok(Some(batch)))) = message {
                batch.events.iter().try_for_each(|event| self.show(event))?;
            } else if let Message::News(News::Sent(outcome)) = message {
                self.conversation.sent(&outcome);
            }
        }
        let from = (self.conversation.cursor > 0).then_some(self.conversation.cursor);
        let events = self.conversation.chat.retrieve_events_with(from, Some(farewell()))?;
        events.events.iter().try_for_each(|event| self.show(event))
    }

    fn agent_due(&self) -> Option<Instant> {
        let limit = self.manners.agent_timeout.filter(|_| self.conversation.state == ChatState::Waiting);
        limit.map(|limit| self.conversation.state_since + limit)
    }

    fn refuse_to_wait_for_ever(&self) -> Result<(), Failure> {
        if self.agent_due().is_some_and(|due| due <= Instant::now()) {
            return Err(Failure::Own {
                family: Family::Timeout,
                message: format!("No agent came within {} s.", self.conversation.state_since.elapsed().as_secs()),
                hint: "Raise --agent-timeout, or leave it out to wait for ever.",
            });
        }
        Ok(())
    }
}

fn say_dimmed(output: &mut Output, text: &str) -> Result<(), Failure> {
    let line = output.styled(Style::Dim, &format!("· {}", visible_line(text)));
    output.line(&line)?;
    output.flush()
}

fn error_json(code: &str, message: &str) -> String {
    json!({ "@type": "error", "code": code, "message": message }).to_string()
}
