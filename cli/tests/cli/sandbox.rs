use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Running, file, lpchat, run, run_with_input, sandbox_executable, until};

#[test]
fn the_sandbox_runs_with_its_own_options_and_streams() {
    for separator in [&["--"][..], &[]] {
        let arguments = [&["sandbox"], separator, &["--seed", "5", "--engagements", "1", "--account", "77"]].concat();
        let stdout = run_with_input(&mut lpchat(&arguments), "").success();
        let config: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((&config["seed"], &config["account_id"]), (&5.into(), &"77".into()), "it ended with its input: {config}");
    }
    let help = run(&mut lpchat(&["sandbox", "--", "--help"])).success();
    assert!(help.contains("--engagements"), "{help}");
}

#[test]
fn its_exit_code_is_passed_on() {
    let own = Command::new(sandbox_executable()).arg("--nonsense").output().unwrap();
    let ran = run(&mut lpchat(&["sandbox", "--", "--nonsense"]));
    assert_eq!((ran.code, ran.stderr.as_bytes()), (own.status.code(), &*own.stderr));
}

#[test]
fn ctrl_c_ends_both() {
    let mut process = lpchat(&["sandbox"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut config = String::new();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    stdout.read_line(&mut config).unwrap();
    let config: Value = serde_json::from_str(&config).unwrap();
    let address = config["domain_origin"].as_str().unwrap().replace("http://", "");
    assert!(std::net::TcpStream::connect(&address).is_ok());
    assert!(Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap().success());
    process.wait().unwrap();
    assert!(std::net::TcpStream::connect(&address).is_err(), "the sandbox still listens");
}

#[test]
fn a_missing_executable_is_one_sentence_and_a_cure() {
    let stderr = run(lpchat(&["sandbox"]).env("LPCHAT_SANDBOX", "/nonexistent/sandbox")).failure(3);
    assert!(stderr.starts_with("error: LPCHAT_SANDBOX names /nonexistent/sandbox, where there is no file.\nhint: "), "{stderr}");
    let stderr = run(lpchat(&["sandbox"]).env("LPCHAT_SANDBOX", "/\u{1b}[2J\nhint: none")).failure(3);
    assert!(stderr.starts_with("error: LPCHAT_SANDBOX names /\\u{1b}[2J\\nhint: none, where"), "{stderr}");
    let folder = copy_of_lpchat();
    let mut command = Command::new(folder.join("lpchat"));
    let stderr = run(command
        .args(["--with-sandbox", "domains"])
        .env_remove("LPCHAT_SANDBOX")
        .env("PATH", "/nonexistent")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped()))
    .failure(3);
    assert_eq!(
        stderr,
        "error: The executable `lpchat-sandbox` is neither beside `lpchat` nor on PATH.\n\
         hint: Build it with `cargo build -p lpchat-sandbox`, or name it in the variable LPCHAT_SANDBOX.\n"
    );
}

/// `lpchat` alone in a folder.
fn copy_of_lpchat() -> PathBuf {
    let folder = file("empty", "").parent().unwrap().to_path_buf();
    std::fs::hard_link(env!("CARGO_BIN_EXE_lpchat"), folder.join("lpchat")).unwrap();
    folder
}

/// A stand-in for the sandbox that leaves a trace of where it was found, and of its process.
fn wrapper(path: &Path, trace: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let script = format!("#!/bin/sh\necho $$ > {}\nexec {} \"$@\"\n", trace.display(), sandbox_executable());
    std::fs::write(path, script).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn it_is_found_by_variable_then_beside_then_on_the_path() {
    let folder = copy_of_lpchat();
    let (named, beside, on_path) = (folder.join("named"), folder.join("lpchat-sandbox"), folder.join("bin/lpchat-sandbox"));
    let trace = |name: &str| folder.join(format!("{name}.trace"));
    for (path, name) in [(&named, "named"), (&beside, "beside"), (&on_path, "path")] {
        wrapper(path, &trace(name));
    }
    let found = |variable: Option<&Path>| {
        ["named", "beside", "path"].iter().for_each(|name| drop(std::fs::remove_file(trace(name))));
        let mut command = Command::new(folder.join("lpchat"));
        command.args(["--with-sandbox", "domains"]).env("PATH", folder.join("bin")).env_remove("LPCHAT_SANDBOX");
        if let Some(variable) = variable {
            command.env("LPCHAT_SANDBOX", variable);
        }
        run(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped())).success();
        ["named", "beside", "path"].into_iter().filter(|name| trace(name).exists()).collect::<Vec<_>>()
    };
    assert_eq!(found(Some(&named)), ["named"]);
    assert_eq!(found(None), ["beside"]);
    std::fs::remove_file(&beside).unwrap();
    assert_eq!(found(None), ["path"]);
}

#[test]
fn a_private_sandbox_ends_with_the_command() {
    let path = file("wrapper", "");
    let trace = path.with_extension("trace");
    wrapper(&path, &trace);
    let gone = || {
        let pid = std::fs::read_to_string(&trace).unwrap();
        until("the private sandbox ends", || (!Path::new(&format!("/proc/{}", pid.trim())).exists()).then_some(()));
        std::fs::remove_file(&trace).unwrap();
    };
    let stdout = run(lpchat(&["--with-sandbox", "domains"]).env("LPCHAT_SANDBOX", &path)).success();
    assert!(stdout.contains("engHistDomain"), "{stdout}");
    gone();
    run(lpchat(&["--with-sandbox", "domains", "nope"]).env("LPCHAT_SANDBOX", &path)).failure(8);
    gone();
    let mut running = Running::start(lpchat(&["--with-sandbox", "chat"]).env("LPCHAT_SANDBOX", &path).stdin(Stdio::piped()));
    let stdin = running.stdin();
    until("the private sandbox is there", || std::fs::read_to_string(&trace).ok().filter(|pid| pid.ends_with('\n')));
    running.shows("· waiting for an agent");
    running.interrupt();
    let ran = running.wait();
    assert_eq!(ran.code, Some(130), "{ran:?}");
    assert_eq!(ran.stderr, "Ending the chat…\n", "and the chat was ended before the sandbox");
    gone();
    drop(stdin);
}

#[test]
fn a_newcomers_first_chat_gets_an_answer() {
    let ran = run_with_input(&mut lpchat(&["--with-sandbox", "chat", "--skill", "Sales", "--quiet-ms", "1000"]), "Hello\n");
    assert!(ran.stdout.contains(": You said: Hello"), "{ran:?}");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
}

#[test]
fn a_sandbox_that_does_not_come_up_is_said() {
    let path = file("false", "#!/bin/sh\necho no luck >&2\nexit 3\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let stderr = run(lpchat(&["--with-sandbox", "domains"]).env("LPCHAT_SANDBOX", &path)).failure(3);
    assert!(stderr.contains("no luck") && stderr.contains("ended before it was ready"), "{stderr}");
}
