//! A terminal: `script` makes it, and `vt100` says what is on its screen.

use std::io::Write;
use std::num::NonZero;
use std::process::{ChildStdin, Command, Stdio};

use crate::support::{Ran, Running, Sandbox, lpchat, until_or};

/// What commands show as soon as they take keys.
pub const CHAT_HINT: &str = "Type a line and press Enter";
pub const AGENT_HINT: &str = "Chats ring here";

pub const DIM: &str = "\u{1b}[2m";
pub const AGENT: &str = "\u{1b}[1;36m";
pub const SPEECH: &str = "\u{1b}[36m";

const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(70).unwrap();

pub fn config(sandbox: &Sandbox) -> String {
    format!("--sandbox-config '{}'", sandbox.config)
}

/// `lpchat` at a terminal.
pub struct Terminal {
    keyboard: ChildStdin,
    running: Running,
}

impl Terminal {
    /// Runs `lpchat` with these arguments, which a shell reads.
    pub fn start(arguments: &str, variables: &[(&str, &str)]) -> Self {
        // With a trap Ctrl-C reaches `lpchat`, and the shell goes on with what comes after it.
        let line = format!("trap : INT; stty cols {COLUMNS} rows {ROWS}; {} {arguments}", env!("CARGO_BIN_EXE_lpchat"));
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env_remove("NO_COLOR").env("TERM", "xterm").env("SHELL", "/bin/sh");
        // What keeps the configuration of the machine out, as in `support::lpchat`.
        command.envs(lpchat(&[]).get_envs().filter_map(|(name, value)| Some((name, value?)))).envs(variables.iter().copied());
        let mut running = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()));
        Self { keyboard: running.stdin(), running }
    }

    /// A visitor, who takes keys already.
    pub fn visitor(sandbox: &Sandbox, more: &str) -> Self {
        let terminal = Self::start(&format!("{} chat --poll-ms 50 {more}", config(sandbox)), &[]);
        terminal.shows(CHAT_HINT);
        terminal
    }

    /// An agent who is online and takes keys already.
    pub fn agent(sandbox: &Sandbox, more: &str) -> Self {
        let terminal = Self::start(&format!("{} agent --poll-ms 50 {more}", config(sandbox)), &[]);
        terminal.shows(AGENT_HINT);
        terminal.shows("you are online");
        terminal
    }

    pub fn press(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
    }

    /// Types a line and presses Enter.
    pub fn enter(&mut self, line: &str) {
        self.press(format!("{line}\r").as_bytes());
    }

    /// Waits until this has been written.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.running.shows(text);
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        let mut screen = vt100::Parser::new(ROWS, COLUMNS, 0);
        screen.process(&self.running.so_far());
        screen.screen().contents()
    }

    /// Waits until this stands on the screen.
    #[track_caller]
    pub fn displays(&self, text: &str) {
        until_or(text, || self.screen().contains(text).then_some(()), || self.screen());
    }

    /// Waits until this stands on the screen no more.
    #[track_caller]
    pub fn loses(&self, text: &str) {
        until_or(&format!("no {text}"), || (!self.screen().contains(text)).then_some(()), || self.screen());
    }

    pub fn finish(self) -> Ran {
        let ran = self.running.wait();
        drop(self.keyboard);
        ran
    }
}
