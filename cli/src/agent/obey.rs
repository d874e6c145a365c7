//! What the commands do.

use lpchat::AvailabilityState;
use serde_json::{Map, Value, json};

use super::command::{Command, HELP, Target};
use super::desk::Desk;
use super::transfer::{Refusal, hand_over};
use crate::failure::Failure;
use crate::interrupt::farewell;
use crate::talk::brief;
use crate::talk::view;
use crate::text::counted;

impl Desk<'_> {
    pub(super) fn obey(&mut self, line: &str, command: Command) -> Result<(), Failure> {
        match command {
            Command::Accept(count) => self.accept(count),
            Command::Chats => self.list(),
            Command::Back => self.become_available(AvailabilityState::Online, None),
            Command::Away(reason) => self.become_available(AvailabilityState::Away, reason),
            Command::Quit { end } => {
                self.quit(end);
                Ok(())
            }
            Command::Help => HELP.lines().try_for_each(|row| self.report.note(row)),
            Command::Switch(number) => self.with_chat(line, Some(number), Self::switch),
            Command::Say { chat, text } => self.with_chat(line, chat, |desk, number| desk.say(number, text)),
            Command::Info(chat) => self.with_chat(line, chat, Self::inform),
            Command::Typing { chat, typing } => self.with_chat(line, chat, |desk, number| {
                desk.places[&number].conversation.tell_typing(typing);
                Ok(())
            }),
            Command::End(chat) => self.with_chat(line, chat, |desk, number| {
                desk.places.get_mut(&number).expect("a chat that is open").ending = true;
                Ok(())
            }),
            Command::Transfer { chat, target, note } => {
                self.with_chat(line, chat, |desk, number| desk.transfer(line, number, &target, note.as_deref()))
            }
        }
    }

    /// Does something with the chat of this number, or with the current one.
    fn with_chat(
        &mut self,
        line: &str,
        chat: Option<u32>,
        work: impl FnOnce(&mut Self, u32) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match chat.or(self.current) {
            Some(number) if self.places.contains_key(&number) => work(self, number),
            Some(number) => self.refuse(line, &format!("There is no chat {number}: /chats lists those that are open.")),
            None => self.refuse(line, "No chat is open: /accept takes one that rings."),
        }
    }

    fn say(&mut self, number: u32, text: String) -> Result<(), Failure> {
        let conversation = &mut self.places.get_mut(&number).expect("a chat that is open").conversation;
        conversation.pressed(false);
        conversation.outbox.push(text);
        conversation.pump();
        Ok(())
    }

    fn switch(&mut self, number: u32) -> Result<(), Failure> {
        if let Some(before) = self.current.and_then(|current| self.places.get_mut(&current)) {
            before.conversation.pressed(false);
        }
        self.current = Some(number);
        let said = format!("chat {number}: {}", self.places[&number].visitor);
        self.report.tell(&said, &json!({ "type": "switched", "chat": number }))
    }

    fn list(&mut self) -> Result<(), Failure> {
        let current = |number: &u32| self.current == Some(*number);
        let documents: Vec<Value> = self.places.iter().map(|(number, place)| place.document(*number, current(number))).collect();
        let rows: Vec<String> = self
            .places
            .iter()
            .map(|(number, place)| format!("{} {number}: {}", if current(number) { "→" } else { " " }, place.visitor))
            .collect();
        let said =
            if rows.is_empty() { "no chat is open".to_owned() } else { counted(i64::try_from(rows.len()).unwrap_or(0), "chat") };
        self.report.tell(&said, &json!({ "type": "chats", "chats": documents }))?;
        rows.iter().try_for_each(|row| self.report.note(row))
    }

    fn inform(&mut self, number: u32) -> Result<(), Failure> {
        let information = match self.places[&number].conversation.chat.retrieve_information_with(brief()) {
            Ok(information) => information,
            Err(error) => return self.report.complain(&error),
        };
        let mut document = Map::from_iter([("type".to_owned(), "info".into()), ("chat".to_owned(), number.into())]);
        document.extend(view::information(&information).map(|(name, value)| (name.to_owned(), value.into())));
        let rows: Vec<String> = view::information(&information).map(|(name, value)| format!("{name}: {value}")).collect();
        self.report.tell(&format!("chat {number}: {}", rows.join(", ")), &Value::Object(document))
    }

    fn transfer(&mut self, line: &str, number: u32, target: &Target, note: Option<&str>) -> Result<(), Failure> {
        let chat = &self.places[&number].conversation.chat;
        match hand_over(&self.session, chat, target, note) {
            Ok(name) => {
                self.report.note(&format!("chat {number} goes to {name}"))?;
                self.close(number, "transferred")
            }
            Err(Refusal::NoSuchTarget(reason)) => self.refuse(line, &reason),
            Err(Refusal::Failed(error)) => self.report.complain(&error),
        }
    }

    /// Ends a chat; what comes of it is among its events.
    pub(super) fn end(&mut self, number: u32) -> Result<(), Failure> {
        let Some(place) = self.places.get_mut(&number) else { return Ok(()) };
        place.ending = false;
        match place.conversation.chat.end_with(brief()) {
            Ok(()) => Ok(()),
            Err(error) => self.report.complain(&error),
        }
    }

    fn become_available(&mut self, state: AvailabilityState, reason: Option<String>) -> Result<(), Failure> {
        self.wanted = (state, reason);
        self.adjust()
    }

    /// Leaves the open chats as was asked for. The session is left by whoever made it.
    pub(super) fn part(&mut self) -> Result<(), Failure> {
        for (number, place) in std::mem::take(&mut self.places) {
            self.kept.forget(&place.conversation.chat.id());
            self.unsent += place.conversation.outbox.unsent();
            let why = if self.ends_all { "ended" } else { "handed back" };
            if self.ends_all
                && let Err(error) = place.conversation.chat.end_with(Some(farewell()))
            {
                self.report.complain(&error)?;
                continue;
            }
            let document = json!({ "type": "closed", "chat": number, "why": why, "unsent": place.conversation.outbox.unsent() });
            let said = if self.ends_all { "is ended" } else { "goes back to the queue" };
            self.report.tell(&format!("chat {number} {said}"), &document)?;
        }
        Ok(())
    }
}
