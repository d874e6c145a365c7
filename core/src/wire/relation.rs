//! Links by their relation, wherever in a document they stand.
//!
//! Source: `docs/protocol/visitor-chat-api.md`, "Hypermedia" and "Entry point — `GET B`".

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use super::Text;
use crate::error::{Code, LpchatError, Result};

/// The address of the link with this relation, the one nearest to the top where a document has several.
pub(crate) fn linked(document: &Value, relation: &Text) -> Result<String> {
    if relation.is_empty() {
        return Err(LpchatError::argument("relation", "", "a link is named by its relation, such as `visit-session`"));
    }
    let mut offered = BTreeSet::new();
    let mut level = VecDeque::from([document]);
    while let Some(value) = level.pop_front() {
        let Value::Object(members) = value else {
            level.extend(value.as_array().into_iter().flatten());
            continue;
        };
        let links = members.get("link").map(|links| links.as_array().map_or(std::slice::from_ref(links), Vec::as_slice));
        for link in links.into_iter().flatten() {
            let attribute = |name: &str| link.get(format!("@{name}")).or_else(|| link.get(name))?.as_str();
            let (Some(name), Some(href)) = (attribute("rel"), attribute("href")) else { continue };
            if name == relation.as_str() {
                return Ok(href.to_owned());
            }
            offered.insert(name);
        }
        level.extend(members.iter().filter(|(name, _)| *name != "link").map(|(_, member)| member));
    }
    let offered: Vec<&str> = offered.into_iter().collect();
    Err(LpchatError::new(Code::NotFound)
        .with_message(format!("The document offers no link `{relation}`; it offers: {}.", offered.join(", ")))
        .with_hint("Which links there are depends on the state and on the privileges of key or agent."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_link_nearest_to_the_top_is_found_in_either_dialect() {
        let link = |prefix: &str, rel: &str, href: &str| json!({ format!("{prefix}rel"): rel, format!("{prefix}href"): href });
        let document = json!({ "chat": {
            "events": { "link": link("@", "next", "deep"), "event": [{ "link": link("@", "a2a-transfer", "event") }] },
            "link": [link("", "self", "own"), link("", "next", "top")],
        }});
        let href = |relation: &str| linked(&document, &relation.into());
        assert_eq!((href("next").unwrap(), href("a2a-transfer").unwrap()), ("top".into(), "event".into()));
        let refused = href("visit-session").unwrap_err();
        assert_eq!(refused.code(), Code::NotFound);
        assert!(refused.details().message.contains("a2a-transfer, next, self"), "{refused}");
    }
}
