//! What a visitor can do besides writing.

use crate::talk::command::{Given, no_argument, on_or_off, unknown};

pub const HELP: &str = "\
/end                 ends the chat; so do Ctrl-D and Ctrl-C
/save [FILE]         leaves without ending; `lpchat chat --resume FILE` goes on
/transcript ADDRESS  has the transcript sent by e-mail
/typing on|off       says that you are typing, or not; keys say it by themselves
/info                shows what is known of the chat
/help                shows this
//text               sends a line that begins with a slash";

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Say(String),
    End,
    Save(Option<String>),
    Transcript(String),
    Typing(bool),
    Info,
    Help,
}

impl Command {
    pub fn read(line: &str) -> Result<Self, String> {
        let (name, argument) = match Given::read(line) {
            Given::Text(text) => return Ok(Self::Say(text.to_owned())),
            Given::Command(name, argument) => (name, argument),
        };
        let alone = |command: Self| no_argument(name, argument).map(|()| command);
        match name {
            "end" => alone(Self::End),
            "info" => alone(Self::Info),
            "help" => alone(Self::Help),
            "save" => Ok(Self::Save((!argument.is_empty()).then(|| argument.to_owned()))),
            "typing" => on_or_off(name, argument).map(Self::Typing),
            "transcript" if argument.is_empty() => Err("/transcript takes the e-mail address to send it to.".to_owned()),
            "transcript" => Ok(Self::Transcript(argument.to_owned())),
            _ => Err(unknown(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_and_wrong_ones_say_why() {
        assert_eq!(Command::read("//end"), Ok(Command::Say("/end".to_owned())));
        assert_eq!(Command::read("/save"), Ok(Command::Save(None)));
        assert_eq!(Command::read("/save my chat.json"), Ok(Command::Save(Some("my chat.json".to_owned()))));
        assert_eq!(Command::read("/typing on"), Ok(Command::Typing(true)));
        for (line, reason) in [
            ("/quit", "There is no command /quit"),
            ("/end now", "/end takes nothing behind it"),
            ("/transcript", "e-mail address"),
            ("/typing", "`on` or `off`"),
        ] {
            assert!(Command::read(line).unwrap_err().contains(reason), "{line}");
        }
    }
}
