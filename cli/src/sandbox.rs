//! The executable `lpchat-sandbox`: found, run in our place, or kept for one command.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use crate::failure::Failure;
use crate::notice::say;

const NAME: &str = "lpchat-sandbox";
const VARIABLE: &str = "LPCHAT_SANDBOX";

/// Where the executable is: the variable, beside this executable, the search path.
fn find() -> Result<PathBuf, Failure> {
    if let Some(named) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        let path = PathBuf::from(named);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Failure::configuration(
                format!("{VARIABLE} names {}, where there is no file.", path.display()),
                "Correct the variable, or unset it to look beside `lpchat` and on PATH.",
            ))
        };
    }
    let file = format!("{NAME}{}", env::consts::EXE_SUFFIX);
    let beside = env::current_exe().ok().and_then(|own| Some(own.parent()?.to_path_buf()));
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates = beside.into_iter().chain(env::split_paths(&path)).map(|folder| folder.join(&file));
    candidates.into_iter().find(|candidate| candidate.is_file()).ok_or_else(|| {
        Failure::configuration(
            format!("The executable `{NAME}` is neither beside `lpchat` nor on PATH."),
            "Build it with `cargo build -p lpchat-sandbox`, or name it in the variable LPCHAT_SANDBOX.",
        )
    })
}

fn not_run(path: &Path, error: &std::io::Error) -> Failure {
    Failure::configuration(format!("{} cannot be run: {error}.", path.display()), "")
}

/// Tells a person at a terminal what the line is for that the sandbox prints.
fn explain(options: &[OsString]) {
    if options.is_empty() && std::io::stdout().is_terminal() {
        say(
            "The line below is the sandbox's configuration. Keep it with `lpchat sandbox > sandbox.json`, and hand it to any command \
             in another terminal:",
        );
        say("lpchat --sandbox-config @sandbox.json chat --skill Sales");
    }
}

/// Runs the sandbox in place of this process: input, output, signals and exit code are its own.
#[cfg(unix)]
pub fn run(options: &[OsString]) -> Result<ExitCode, Failure> {
    use std::os::unix::process::CommandExt;
    let path = find()?;
    explain(options);
    let error = Command::new(&path).args(options).exec();
    Err(not_run(&path, &error))
}

/// Runs the sandbox until it ends; Ctrl-C reaches it as well as us.
#[cfg(not(unix))]
pub fn run(options: &[OsString]) -> Result<ExitCode, Failure> {
    crate::interrupt::Interrupts::install()?;
    let path = find()?;
    explain(options);
    let status = Command::new(&path).args(options).status().map_err(|error| not_run(&path, &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A sandbox for the duration of one command. It ends with this value; should this process be killed, it ends because
/// its standard input closes.
#[derive(Debug)]
pub struct PrivateSandbox {
    process: Child,
    config: String,
}

impl PrivateSandbox {
    pub fn start() -> Result<Self, Failure> {
        let path = find()?;
        let mut command = Command::new(&path);
        command.args([OsStr::new("--port"), OsStr::new("0")]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // A terminal sends Ctrl-C to a whole group, and we need the sandbox to end the chat.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().map_err(|error| not_run(&path, &error))?;
        let mut config = String::new();
        if let Some(stdout) = process.stdout.take() {
            // A sandbox that does not come up says why on standard error, which is ours.
            let _ = BufReader::new(stdout).read_line(&mut config);
        }
        let sandbox = Self { process, config: config.trim().to_owned() };
        if sandbox.config.is_empty() {
            return Err(Failure::configuration(format!("{} ended before it was ready.", path.display()), ""));
        }
        Ok(sandbox)
    }

    /// The configuration line.
    pub fn config(&self) -> &str {
        &self.config
    }
}

impl Drop for PrivateSandbox {
    fn drop(&mut self) {
        // It holds nothing that would be worth a farewell; it may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
