//! CPU and memory of this process, from `/proc`.

use std::time::Instant;

/// Clock ticks a second in `/proc`, fixed on Linux.
const TICKS: f64 = 100.0;
const PAGE: u64 = 4096;

/// CPU seconds of this process so far.
pub fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

/// Resident bytes.
pub fn memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0) * PAGE
}

/// Open descriptors that are sockets.
pub fn sockets() -> usize {
    let folder = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    folder.filter(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))).count()
}

pub fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").into_iter().flatten().count()
}

/// What was spent between two moments.
pub struct Span {
    begun: Instant,
    cpu: f64,
}

impl Span {
    pub fn begin() -> Self {
        Self { begun: Instant::now(), cpu: cpu() }
    }

    pub fn report(&self, what: &str, requests: u64, events: u64, bytes_a_chat: u64) {
        let (wall, cpu) = (self.begun.elapsed().as_secs_f64(), cpu() - self.cpu);
        let line = serde_json::json!({
            "what": what, "requests": requests, "events": events,
            "requests_a_second": (requests as f64 / wall).round(),
            "cpu_us_a_request": (cpu * 1e6 / requests as f64 * 10.0).round() / 10.0,
            "cores": (cpu / wall * 1000.0).round() / 1000.0,
            "bytes_a_chat": bytes_a_chat, "sockets": sockets(), "threads": threads(),
        });
        println!("{line}");
    }
}
