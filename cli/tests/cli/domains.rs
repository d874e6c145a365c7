use serde_json::json;

use crate::support::{Sandbox, run};

#[test]
fn all_services_come_as_a_table() {
    let sandbox = Sandbox::start();
    let host = sandbox.member("domain_origin").replace("http://", "");
    let table = run(&mut sandbox.lpchat(&["domains"])).success();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("SERVICE                 HOST"), "{table}");
    let line = format!("engHistDomain           {host}");
    assert!(table.lines().any(|found| found == line), "{table}");
    assert!(lines.all(|line| line.find(&host) == Some("SERVICE                 ".len())), "aligned: {table}");
}

#[test]
fn one_service_comes_as_its_bare_host() {
    let sandbox = Sandbox::start();
    let host = sandbox.member("domain_origin").replace("http://", "");
    assert_eq!(run(&mut sandbox.lpchat(&["domains", "engHistDomain"])).success(), format!("{host}\n"));
}

#[test]
fn json_is_the_services_own() {
    let sandbox = Sandbox::start();
    let host = sandbox.member("domain_origin").replace("http://", "");
    let service = json!({ "account": "12345678", "baseURI": host, "service": "agentVep" });
    assert!(run(&mut sandbox.lpchat(&["domains", "--json"])).json_lines().contains(&service));
    assert_eq!(run(&mut sandbox.lpchat(&["domains", "agentVep", "--json"])).json_lines(), [service]);
}
