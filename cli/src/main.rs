//! `lpchat`: chats, engagement history, domains, credentials and the sandbox on the command line.
//!
//! Data goes to standard output, everything else to standard error; exit codes are the numbers of the error families.

#![forbid(unsafe_code)]

mod agent;
mod arguments;
mod auth_check;
mod chat;
mod connection;
mod domains;
mod failure;
mod history;
mod interrupt;
mod lens;
mod log;
mod notice;
mod output;
mod prompt;
mod sandbox;
mod table;
mod talk;
mod talk_arguments;
mod text;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, AuthCommand, Command, GlobalOptions};
use connection::Connection;
use failure::Failure;
use interrupt::Interrupts;
use output::Output;

fn main() -> ExitCode {
    let Arguments { global, command } = Arguments::parse();
    let outcome = match command {
        Command::Sandbox { options } => global.refuse_connection().and_then(|()| sandbox::run(&options)),
        command => run(global, command).map(|()| ExitCode::SUCCESS),
    };
    log::drain();
    outcome.unwrap_or_else(|failure| failure.report())
}

/// Runs a command that needs a client.
fn run(global: GlobalOptions, command: Command) -> Result<(), Failure> {
    let interrupts = Interrupts::install()?;
    log::start(global.verbose);
    let mut output = Output::standard();
    let connection = Connection::new(global)?;
    let outcome = match command {
        Command::Sandbox { .. } => unreachable!("needs no client"),
        Command::Domains(arguments) => domains::run(&connection, &arguments, &mut output),
        Command::Auth { command: AuthCommand::Check(arguments) } => auth_check::run(&connection, &arguments, &mut output),
        Command::History { command } => history::run(&connection, command, &mut output, &interrupts),
        Command::Agent(arguments) => agent::run(&connection, &arguments, &mut output, &interrupts),
        Command::Chat(arguments) => chat::run(&connection, *arguments, &mut output, &interrupts),
    };
    outcome.and_then(|()| output.flush())
}
