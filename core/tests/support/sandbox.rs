//! The sandbox as a process, and its admin interface.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

pub struct Sandbox {
    child: Child,
    /// The line by which clients know it.
    pub line: String,
    host: String,
}

impl Sandbox {
    pub fn start(arguments: &[&str]) -> Self {
        let program = std::env::var("LPCHAT_SANDBOX")
            .expect("this test talks to a sandbox: set LPCHAT_SANDBOX to its executable (cargo build -p lpchat-sandbox)");
        let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let config: Value = serde_json::from_str(&line).unwrap();
        let host = config["admin_origin"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Self { child, line, host }
    }

    /// One call of the admin interface.
    pub fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let (body, host) = (body.to_string(), &self.host);
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n");
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        reader.read_line(&mut status).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        assert!(status.starts_with("HTTP/1.1 200"), "{status}{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
