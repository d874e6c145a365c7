//! The server of the benchmarks, and its two Rust contestants.
//!
//! `bench-chat serve EVENTS [STALLED_EVERY [RECORDS FILE [FAILS_EVERY]]]` answers every poll of a chat with so many new events, and searches
//! with pages of records made of those in the file, every so many of which fail. Its first line of output is what a sandbox's is.
//!
//! `bench-chat lpchat|reqwest saturated CHATS EVENTS`, `… sends CHATS LINES`, `… paced CHATS SECONDS INTERVAL_MS` and
//! `… search RECORDS` ask the server whose line is in `SANDBOX_LINE`, through lpchat and through a bare reqwest with serde, and
//! print what the driver reads.
//!
//! `bench-chat DECODER decode FILE` decodes pages made of the file's records, with `lpchat`, `serde_json-value`, `serde_json` or
//! `sonic-rs`.

#![allow(clippy::print_stdout, reason = "a program that prints its measurements")]

mod bare;
mod chat_service;
mod decoding;
mod history_service;
mod http;
mod measure;
mod searches;
mod through_lpchat;
mod user;
mod work;

use std::path::Path;
use std::time::Duration;

use work::Work;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize| arguments.get(at).map_or("", String::as_str);
    let number = |at: usize| word(at).parse::<u64>().ok();
    if word(1) == "decode" && decoding::run(word(0), Path::new(word(2))) {
        return;
    }
    let line = std::env::var("SANDBOX_LINE").unwrap_or_default();
    let work = match (word(1), number(2), number(3), number(4)) {
        ("saturated", Some(chats), Some(events), None) => Some(Work::Saturated { chats, events }),
        ("sends", Some(chats), Some(lines), None) => Some(Work::Sends { chats, lines }),
        ("paced", Some(chats), Some(seconds), Some(interval)) => {
            Some(Work::Paced { chats, time: Duration::from_secs(seconds), interval: Duration::from_millis(interval) })
        }
        _ => None,
    };
    match (word(0), work) {
        ("lpchat", None) if word(1) == "search" => searches::through_lpchat(&line, number(2).unwrap_or(0)),
        ("reqwest", None) if word(1) == "search" => searches::through_reqwest(&line, number(2).unwrap_or(0)),
        ("serve", None) => {
            let chats = chat_service::Chats::new(number(1).unwrap_or(1), number(2).unwrap_or(0));
            http::run(
                chats,
                number(3).map(|records| history_service::History::new(Path::new(word(4)), records, number(5).unwrap_or(0))),
            );
        }
        ("lpchat", Some(work)) => through_lpchat::run(&line, work),
        ("reqwest", Some(work)) => bare::run(&line, work),
        _ => {
            println!("usage: bench-chat serve EVENTS [STALLED_EVERY [RECORDS FILE [FAILS_EVERY]]]");
            println!("       bench-chat lpchat|serde_json-value|serde_json|sonic-rs decode FILE");
            println!(
                "       bench-chat lpchat|reqwest saturated CHATS EVENTS | sends CHATS LINES | paced CHATS SECONDS INTERVAL_MS | search RECORDS"
            );
            std::process::exit(2);
        }
    }
}
