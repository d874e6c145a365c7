//! Lines that begin with a slash.

/// A line as it was given.
#[derive(Debug, PartialEq, Eq)]
pub enum Given<'a> {
    /// Text for the other side.
    Text(&'a str),
    /// The name of a command, and what follows it.
    Command(&'a str, &'a str),
}

impl<'a> Given<'a> {
    /// A slash begins a command, two of them a text with one.
    pub fn read(line: &'a str) -> Self {
        let Some(rest) = line.strip_prefix('/') else { return Given::Text(line) };
        if rest.starts_with('/') {
            return Given::Text(rest);
        }
        let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        Given::Command(name, argument.trim())
    }
}

/// Whether the text at the keys is the begin of a message, and no command.
pub fn is_message(text: &str) -> bool {
    !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("//"))
}

/// What a command without argument says to one.
pub fn no_argument(name: &str, argument: &str) -> Result<(), String> {
    if argument.is_empty() { Ok(()) } else { Err(format!("/{name} takes nothing behind it, and {argument:?} stands there.")) }
}

/// Reads `on` or `off`.
pub fn on_or_off(name: &str, argument: &str) -> Result<bool, String> {
    match argument {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("/{name} takes `on` or `off`.")),
    }
}

/// There is no such command.
pub fn unknown(name: &str) -> String {
    format!("There is no command /{name}: /help lists them. To send it as a line, begin it with two slashes.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_begins_a_command_and_two_a_text() {
        assert_eq!(Given::read("hello /end"), Given::Text("hello /end"));
        assert_eq!(Given::read("//etc/hosts"), Given::Text("/etc/hosts"));
        assert_eq!(Given::read("/transcript  a@b.example "), Given::Command("transcript", "a@b.example"));
        assert_eq!(Given::read("/end"), Given::Command("end", ""));
        assert_eq!(["/end", " ", "//x", "x"].map(is_message), [false, false, true, true]);
    }
}
