//! The executable: reads the command line, prints the configuration, serves until it is told to stop.
#![forbid(unsafe_code)]

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use lpchat_sandbox::options::Options;
use lpchat_sandbox::{start, switches};
use tokio::sync::oneshot;

/// Enough for requests of tests and for a search beside them.
const WORKERS: usize = 2;

/// How long work under way may take after the end was asked for.
const GRACE: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    let options = Options::parse();
    if options.list_switches {
        return print(&switches::listing());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    let code = runtime.block_on(run(&options));
    runtime.shutdown_timeout(GRACE);
    code
}

async fn run(options: &Options) -> ExitCode {
    let config = match start(options).await {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    if print(&format!("{config}\n")) == ExitCode::FAILURE {
        return ExitCode::FAILURE;
    }
    if std::io::stdin().is_terminal() {
        note("lpchat-sandbox is running. Press Ctrl-C to stop it.");
    }
    let stdin_closed = stdin_closed(options.ignore_stdin);
    tokio::select! {
        () = stdin_closed => {}
        () = asked_to_stop() => {}
    }
    ExitCode::SUCCESS
}

/// Waits for the end of standard input, on a thread of its own that need not end with the process.
async fn stdin_closed(ignore: bool) {
    if ignore || std::io::stdin().is_terminal() {
        return std::future::pending().await;
    }
    let (closed, end) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while std::io::stdin().read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
        let _ = closed.send(());
    });
    let _ = end.await;
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Standard output carries the configuration line, which programs read, and nothing else.
fn print(text: &str) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn note(text: &str) {
    // Nobody may be reading; that is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn fail(text: &str) -> ExitCode {
    note(&format!("lpchat-sandbox: {text}"));
    ExitCode::from(2)
}
