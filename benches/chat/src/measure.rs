//! CPU and memory of this process, from `/proc`, and how a result is reported.

use std::time::Instant;

use serde_json::{Value, json};

/// Clock ticks a second in `/proc`, fixed on Linux.
const TICKS: f64 = 100.0;

/// CPU seconds of this process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

/// A size in KiB from what the system knows of this process, such as `VmRSS`.
pub fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Open descriptors that are sockets.
fn sockets() -> usize {
    let folder = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    folder.filter(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))).count()
}

/// What was spent since a moment.
pub struct Span {
    begun: Instant,
    cpu: f64,
}

impl Span {
    pub fn begin() -> Self {
        Self { begun: Instant::now(), cpu: cpu() }
    }

    /// Prints what one of `units` has taken, as the benchmarks' driver reads it; `more` are figures of their own.
    pub fn report(&self, units: u64, check: &str, more: Value) {
        let (wall, cpu) = (self.begun.elapsed().as_secs_f64(), cpu() - self.cpu);
        let mut line = json!({
            "seconds": wall / units as f64, "cpu": cpu / units as f64, "check": check, "peak_kib": status_kib("VmHWM"),
            "cores": cpu / wall, "sockets": sockets(),
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        println!("{line}");
    }
}
