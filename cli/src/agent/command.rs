//! What an agent can do, as lines with a slash and as JSON objects.

use serde_json::{Map, Value};

use crate::talk::command::{Given, no_argument, on_or_off, unknown};

pub const HELP: &str = "\
/accept [COUNT]                 takes the chat that rings longest, or so many
/chats                          lists the chats that are open
/switch N                       makes chat N the current one, to which lines go
/say N TEXT                     writes to chat N, whichever is current
/transfer skill NAME [-- NOTE]  hands the current chat to a skill, with a note to the next agent
/transfer agent NAME [-- NOTE]  hands it to an agent, by nickname or login name
/end [N]                        ends the current chat, or chat N
/info [N]                       shows what is known of it
/typing on|off                  says that you are typing, or not; keys say it by themselves
/away [REASON]                  takes no more chats, for a reason that the account has set up
/back                           takes chats again
/quit [end]                     logs out; open chats go back to the queue, or are ended
/help                           shows this
//text                          sends a line that begins with a slash";

/// Where a chat is handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Skill(String),
    Agent(String),
}

/// `chat` is none for the current one.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Say { chat: Option<u32>, text: String },
    Accept(u32),
    Chats,
    Switch(u32),
    Transfer { chat: Option<u32>, target: Target, note: Option<String> },
    End(Option<u32>),
    Info(Option<u32>),
    Typing { chat: Option<u32>, typing: bool },
    Away(Option<String>),
    Back,
    Quit { end: bool },
    Help,
}

impl Command {
    /// Reads a line of a person, or of a program where `json`.
    pub fn read(line: &str, json: bool) -> Result<Self, String> {
        if json && line.starts_with('{') {
            return Members::of(line)?.command();
        }
        let (name, argument) = match Given::read(line) {
            Given::Text(text) => return Ok(Self::Say { chat: None, text: text.to_owned() }),
            Given::Command(name, argument) => (name, argument),
        };
        let alone = |command: Self| no_argument(name, argument).map(|()| command);
        let text = (!argument.is_empty()).then(|| argument.to_owned());
        match name {
            "accept" if argument.is_empty() => Ok(Self::Accept(1)),
            "accept" => number(name, argument).map(Self::Accept),
            "chats" => alone(Self::Chats),
            "switch" => number(name, argument).map(Self::Switch),
            "say" => say(argument),
            "transfer" => transfer(argument),
            "end" => text.map(|text| number(name, &text)).transpose().map(Self::End),
            "info" => text.map(|text| number(name, &text)).transpose().map(Self::Info),
            "typing" => on_or_off(name, argument).map(|typing| Self::Typing { chat: None, typing }),
            "away" => Ok(Self::Away(text)),
            "back" => alone(Self::Back),
            "quit" if argument == "end" => Ok(Self::Quit { end: true }),
            "quit" if argument.is_empty() => Ok(Self::Quit { end: false }),
            "quit" => Err("/quit takes `end`, or nothing.".to_owned()),
            "help" => alone(Self::Help),
            _ => Err(unknown(name)),
        }
    }
}

fn number(name: &str, text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("/{name} takes a number from 1 on, and not {text:?}."))
}

fn say(argument: &str) -> Result<Command, String> {
    match argument.split_once(char::is_whitespace) {
        Some((chat, text)) => Ok(Command::Say { chat: Some(number("say", chat)?), text: text.trim().to_owned() }),
        None => Err("/say takes the number of a chat and a text.".to_owned()),
    }
}

fn transfer(argument: &str) -> Result<Command, String> {
    let usage = || "/transfer takes `skill NAME` or `agent NAME`, and a note behind ` -- ` where you like.".to_owned();
    let (kind, rest) = argument.split_once(char::is_whitespace).ok_or_else(usage)?;
    let (name, note) = rest.split_once(" -- ").map_or((rest, None), |(name, note)| (name, Some(note.trim().to_owned())));
    let name = name.trim().to_owned();
    let target = match kind {
        "skill" => Target::Skill(name),
        "agent" => Target::Agent(name),
        _ => return Err(usage()),
    };
    Ok(Command::Transfer { chat: None, target, note })
}

/// The members of a command as a JSON object. Those that nobody has asked for are mistakes.
struct Members(Map<String, Value>);

impl Members {
    fn of(line: &str) -> Result<Self, String> {
        match serde_json::from_str(line) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err("A command is a JSON object.".to_owned()),
            Err(error) => Err(format!("This is no JSON object: {error}.")),
        }
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(other) => Err(format!("The member {name:?} is a text with something in it, and not {other}.")),
        }
    }

    fn needed(&mut self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("The member {name:?} is missing."))
    }

    fn number(&mut self, name: &str) -> Result<Option<u32>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
                number.map(Some).ok_or_else(|| format!("The member {name:?} is a number from 1 on, and not {value}."))
            }
        }
    }

    fn flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(format!("The member {name:?} is true or false, and not {other}.")),
        }
    }

    fn target(&mut self) -> Result<Target, String> {
        match (self.text("skill")?, self.text("agent")?) {
            (Some(skill), None) => Ok(Target::Skill(skill)),
            (None, Some(agent)) => Ok(Target::Agent(agent)),
            _ => Err("A transfer has the member \"skill\" or the member \"agent\".".to_owned()),
        }
    }

    fn command(mut self) -> Result<Command, String> {
        let name = self.needed("command")?;
        let chat = self.number("chat")?;
        let command = match name.as_str() {
            "say" => Command::Say { chat, text: self.needed("text")? },
            "accept" => Command::Accept(self.number("count")?.unwrap_or(1)),
            "chats" => Command::Chats,
            "switch" => Command::Switch(chat.ok_or("The member \"chat\" is missing.")?),
            "transfer" => Command::Transfer { chat, target: self.target()?, note: self.text("note")? },
            "end" => Command::End(chat),
            "info" => Command::Info(chat),
            "typing" => Command::Typing { chat, typing: self.flag("typing")?.ok_or("The member \"typing\" is missing.")? },
            "away" => Command::Away(self.text("reason")?),
            "back" => Command::Back,
            "quit" => Command::Quit { end: self.flag("end")?.unwrap_or(false) },
            "help" => Command::Help,
            _ => return Err(format!("There is no command {name:?}.")),
        };
        match self.0.keys().next() {
            Some(member) => Err(format!("The command {name:?} has no member {member:?}.")),
            None => Ok(command),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        Command::read(line, true)
    }

    #[test]
    fn slashes_and_objects_say_the_same() {
        let transfer =
            |chat| Command::Transfer { chat, target: Target::Skill("Lost and Found".to_owned()), note: Some("a bag".to_owned()) };
        assert_eq!(read("/transfer skill Lost and Found -- a bag"), Ok(transfer(None)));
        assert_eq!(read(r#"{"command":"transfer","chat":2,"skill":"Lost and Found","note":"a bag"}"#), Ok(transfer(Some(2))));
        assert_eq!(read("/say 2 hello there"), Ok(Command::Say { chat: Some(2), text: "hello there".to_owned() }));
        assert_eq!(read("/say 2 hello there"), read(r#"{"command":"say","chat":2,"text":"hello there"}"#));
        assert_eq!(read("/accept"), read(r#"{"command":"accept"}"#));
        assert_eq!(read("/accept 3"), read(r#"{"command":"accept","count":3}"#));
        assert_eq!(read("/quit end"), read(r#"{"command":"quit","end":true}"#));
        assert_eq!(read("/typing on"), read(r#"{"command":"typing","typing":true}"#));
        assert_eq!(read("/end 1"), Ok(Command::End(Some(1))));
        let text = r#"{"command":"back"}"#;
        assert_eq!(
            Command::read(text, false),
            Ok(Command::Say { chat: None, text: text.to_owned() }),
            "people write what they like"
        );
    }

    #[test]
    fn wrong_commands_say_why() {
        for (line, reason) in [
            ("/frobnicate", "no command /frobnicate"),
            ("/switch", "a number from 1 on"),
            ("/switch 0", "a number from 1 on"),
            ("/say hello", "number of a chat and a text"),
            ("/say x hello", "a number from 1 on"),
            ("/transfer Billing", "`skill NAME` or `agent NAME`"),
            ("/transfer queue Billing", "`skill NAME` or `agent NAME`"),
            ("/chats all", "takes nothing behind it"),
            ("/quit now", "takes `end`, or nothing"),
            ("{", "no JSON object"),
            (r#"{"chat":1}"#, "\"command\" is missing"),
            (r#"{"command":"dance"}"#, "no command \"dance\""),
            (r#"{"command":"say","chat":"1","text":"x"}"#, "\"chat\" is a number"),
            (r#"{"command":"say","text":""}"#, "\"text\" is a text"),
            (r#"{"command":"say","text":"x","txet":"y"}"#, "has no member \"txet\""),
            (r#"{"command":"transfer","skill":"a","agent":"b"}"#, "\"skill\" or the member \"agent\""),
            (r#"{"command":"typing"}"#, "\"typing\" is missing"),
        ] {
            let refused = read(line);
            assert!(refused.as_ref().is_err_and(|error| error.contains(reason)), "{line}: {refused:?}");
        }
    }
}
