//! The README's table of operations.

use heck::{ToLowerCamelCase as _, ToSnakeCase as _};

use crate::interface::{Interface, Object};
use crate::output::Output;

/// The table, to stand between the README's markers `<!-- operations -->` and `<!-- /operations -->`.
pub fn render(interface: &Interface) -> Vec<Output> {
    let mut table = String::from(
        "| operation | repeated | Rust, C++ | Python (blocking and `Async…`) | Node | C | Kotlin, Swift, Ruby |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for object in ordered(interface) {
        for method in object.operations() {
            let (name, camel) = (&method.name, method.name.to_lower_camel_case());
            let receiver = receiver(interface, &object.name);
            let c = format!("lpchat_{}_{name}", object.name.to_snake_case());
            let doc = first_sentence(&method.docs);
            let retry = method.retry.map_or("", lpchat::RetryClass::name);
            let plain = receiver.replace("()", "");
            table.push_str(&format!("| {doc} | {retry} | `{receiver}.{name}` | `{plain}.{name}` | `{plain}.{camel}` | `{c}` | `{receiver}.{camel}` |\n"));
        }
    }
    vec![Output::section("README.md", "operations", table)]
}

/// The client and its faces first, then what they hand out.
fn ordered(interface: &Interface) -> Vec<&Object> {
    const FIRST: [&str; 4] = ["Client", "Visitor", "Agent", "History"];
    let rank = |object: &&Object| FIRST.iter().position(|name| *name == object.name).unwrap_or(FIRST.len());
    let mut objects: Vec<&Object> = interface.objects.iter().collect();
    objects.sort_by_key(|object| (rank(object), object.name.clone()));
    objects
}

/// How an object is written: faces hang on the client.
fn receiver(interface: &Interface, object: &str) -> String {
    let client = interface.object("Client");
    let is_face = client.methods.iter().any(|method| method.is_property() && method.name == object.to_snake_case());
    if is_face { format!("client.{}()", object.to_snake_case()) } else { object.to_lower_camel_case() }
}

fn first_sentence(docs: &str) -> String {
    let text = docs.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    text.split_once(". ").map_or(text.clone(), |(first, _)| first.to_owned()).trim_end_matches('.').replace('|', "\\|")
}
