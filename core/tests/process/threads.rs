//! No thread before the first call, one worker after it. Run in a process of its own by the first test.

use std::process::Command;

use crate::support::{Server, client, information, options};

fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.map(|name| name.trim().to_owned()).filter(|name| name.starts_with("lpchat")).collect()
}

const MARK: &str = "LPCHAT_TEST_FRESH_PROCESS";

#[test]
fn no_thread_before_the_first_call_and_one_worker_after_it() {
    let _alone = crate::alone();
    let this = std::env::current_exe().unwrap();
    let name = "threads::in_a_fresh_process";
    let output = Command::new(this).args([name, "--exact", "--nocapture"]).env(MARK, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn in_a_fresh_process() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let server = Server::start(|_| information());
    let (client, _) = client(options(&server));
    let chat = client.visitor().chat("H1".into()).unwrap();
    assert!(threads().is_empty(), "{:?}", threads());
    // Refused before it begins, and still without a thread.
    let wrong = lpchat::CallOptions { retries: Some(-1), ..Default::default() };
    assert!(chat.retrieve_information_with(Some(wrong)).is_err());
    assert!(threads().is_empty(), "{:?}", threads());
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| chat.retrieve_information().unwrap());
        }
    });
    assert_eq!(threads(), ["lpchat"], "loopback addresses need no look-up thread");
}
