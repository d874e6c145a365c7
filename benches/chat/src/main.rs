//! What polling many chats costs: `bench-chat server` answers with canned documents and measures when each chat asks;
//! `bench-chat lpchat ORIGIN CHATS SECONDS INTERVAL_MS` and `bench-chat bare …` poll it, through lpchat and through a bare
//! reqwest with serde. Each prints one JSON line with requests, events, CPU and memory of its own process.

#![allow(clippy::print_stdout, reason = "a program that prints its measurements")]

mod bare;
mod measure;
mod server;
mod through_lpchat;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    match (arguments.first().map(String::as_str), number(2), number(3), number(4)) {
        (Some("server"), ..) => server::run(number(1).unwrap_or(1)),
        (Some("lpchat"), Some(chats), Some(seconds), Some(interval)) => {
            through_lpchat::run(&arguments[1], chats, seconds, interval)
        }
        (Some("bare"), Some(chats), Some(seconds), Some(interval)) => bare::run(&arguments[1], chats, seconds, interval),
        _ => {
            println!("usage: bench-chat server [EVENTS_A_POLL] | lpchat|bare ORIGIN CHATS SECONDS INTERVAL_MS");
            std::process::exit(2);
        }
    }
}
