//! The README lists what there is.

mod common;

use common::Sandbox;

#[test]
fn every_route_and_switch_is_in_the_readme_with_its_default() {
    let readme = include_str!("../README.md");
    let sandbox = Sandbox::start(&["--engagements", "10"]);
    for route in sandbox.get("/admin/routes").json().as_array().unwrap() {
        let name = route["name"].as_str().unwrap();
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
    let switches = sandbox.get("/admin/switches").json();
    for (name, switch) in switches.as_object().unwrap() {
        let text = |member: &str| switch[member].as_str().unwrap().to_owned();
        let default = if text("default").is_empty() { "(none)".to_owned() } else { text("default") };
        let row = format!("| `{name}` | `{default}` | {} | {} |", text("values"), text("about"));
        assert!(readme.contains(&row), "{row}");
    }
    let listed = readme.lines().filter(|line| line.starts_with("| `") && line.matches('|').count() == 5).count();
    assert_eq!(listed, switches.as_object().unwrap().len(), "rows of switches that are gone");
}
