//! The limits of structured content, as the vendor's validator for the web channel has them.
//!
//! Source: `docs/protocol/agent-chat-api.md`, "Structured content".

use std::ops::RangeInclusive;

use serde_json::Value;

use super::{ContentAction, ContentActionType, ContentClick, ContentElement, ContentElementType, ContentSize};
use crate::error::{LpchatError, Result};
use crate::wire::{Text, json_argument};

/// Deeper trees are mistakes, such as an element inside itself.
const DEEPEST: usize = 32;

/// Checks a tree of elements. `name` is where it stands in the request.
pub fn check(name: &str, element: &ContentElement) -> Result<()> {
    at_depth(name, element, 1)
}

fn at_depth(name: &str, element: &ContentElement, depth: usize) -> Result<()> {
    if depth > DEEPEST {
        return Err(LpchatError::argument(name, depth, &format!("elements lie at most {DEEPEST} deep")));
    }
    common(name, element)?;
    own(name, element)?;
    for (index, inner) in element.elements.iter().enumerate() {
        at_depth(&format!("{name}.elements[{index}]"), inner, depth + 1)?;
    }
    Ok(())
}

/// What every element may have.
fn common(name: &str, element: &ContentElement) -> Result<()> {
    length(name, "tooltip", element.tooltip.as_ref(), 256)?;
    length(name, "alternative_text", element.alternative_text.as_ref(), 2000)?;
    length(name, "tag", element.tag.as_ref(), 64)?;
    if let Some(ContentSize::Other { text }) = element.style.as_ref().and_then(|style| style.size.as_ref()) {
        return Err(LpchatError::argument(&format!("{name}.style.size"), text.as_str(), "it is small, medium or large"));
    }
    element.click.as_ref().map_or(Ok(()), |click| clicked(&format!("{name}.click"), click))
}

/// What the element's type asks for.
fn own(name: &str, element: &ContentElement) -> Result<()> {
    let of_type = element.r#type.as_str();
    let count = |range| counted(name, "elements", element.elements.len(), range, of_type);
    match &element.r#type {
        ContentElementType::Vertical | ContentElementType::Horizontal => count(1..=256),
        ContentElementType::SectionList | ContentElementType::ButtonList => count(1..=256),
        ContentElementType::Carousel => {
            count(2..=10)?;
            match element.padding.filter(|padding| !(0..=10).contains(padding)) {
                Some(padding) => Err(LpchatError::argument(&format!("{name}.padding"), padding, "it lies between 0 and 10")),
                None => Ok(()),
            }
        }
        ContentElementType::List => list(name, element),
        ContentElementType::Text => text(name, "text", element.text.as_ref(), 5000, of_type),
        ContentElementType::Image => {
            length(name, "caption", element.caption.as_ref(), 128)?;
            text(name, "url", element.url.as_ref(), 2048, of_type)
        }
        ContentElementType::Button => text(name, "title", element.title.as_ref(), 128, of_type),
        ContentElementType::LinkPreview => text(name, "url", element.url.as_ref(), 2048, of_type),
        ContentElementType::Map => place(name, element.longitude, element.latitude),
        ContentElementType::Template => {
            text(name, "title", element.title.as_ref(), 128, of_type)?;
            counted(name, "replies", element.replies.len(), 1..=32, of_type)?;
            element.replies.iter().try_for_each(|reply| length(name, "replies", Some(reply), 128))
        }
        ContentElementType::Other { text } => Err(LpchatError::argument(
            &format!("{name}.type"),
            text.as_str(),
            "no such type is documented; hand the tree in as `json` to send it all the same",
        )),
    }
}

fn list(name: &str, element: &ContentElement) -> Result<()> {
    let types: Vec<&ContentElementType> = element.elements.iter().map(|inner| &inner.r#type).collect();
    let right = [&ContentElementType::Text, &ContentElementType::SectionList, &ContentElementType::ButtonList];
    if types == right {
        return Ok(());
    }
    let found: Vec<&str> = types.iter().map(|ty| ty.as_str()).collect();
    Err(LpchatError::argument(&format!("{name}.elements"), found, "a list holds exactly a text, a sectionList and a buttonList"))
}

fn clicked(name: &str, click: &ContentClick) -> Result<()> {
    counted(name, "actions", click.actions.len(), 0..=4, "click")?;
    if let Some(metadata) = &click.metadata {
        let typed = |item: &Value| item.get("type").is_some_and(Value::is_string);
        let member = format!("{name}.metadata");
        if !json_argument(&member, metadata)?.as_array().is_some_and(|items| items.iter().all(typed)) {
            return Err(LpchatError::argument(
                &member,
                "another kind of JSON",
                "it is a JSON array of objects with a `type` each",
            ));
        }
    }
    for (index, act) in click.actions.iter().enumerate() {
        action(&format!("{name}.actions[{index}]"), act)?;
    }
    Ok(())
}

fn action(name: &str, action: &ContentAction) -> Result<()> {
    let of_type = action.r#type.as_str();
    match &action.r#type {
        ContentActionType::PublishText => text(name, "text", action.text.as_ref(), 256, of_type),
        ContentActionType::Navigate => place(name, action.longitude, action.latitude),
        ContentActionType::Link => {
            text(name, "uri", action.uri.as_ref(), 1024, of_type)?;
            let platforms = [("android", &action.android), ("ios", &action.ios), ("web", &action.web)];
            for (platform, link) in platforms {
                let uri = link.as_ref().map(|link| &link.uri);
                length(&format!("{name}.{platform}"), "uri", uri, 1024)?;
            }
            Ok(())
        }
        ContentActionType::Custom => Ok(()),
        ContentActionType::Other { text } => Err(LpchatError::argument(
            &format!("{name}.type"),
            text.as_str(),
            "it is publishText, navigate, link or custom; hand the tree in as `json` to send another all the same",
        )),
    }
}

/// A text that must be there.
fn text(name: &str, member: &str, given: Option<&Text>, most: usize, of_type: &str) -> Result<()> {
    if given.is_none_or(|given| given.is_empty()) {
        let rule = format!("{of_type} needs it");
        return Err(LpchatError::argument(&format!("{name}.{member}"), given.map(|given| given.as_str()), &rule));
    }
    length(name, member, given, most)
}

fn length(name: &str, member: &str, given: Option<&Text>, most: usize) -> Result<()> {
    match given.map(|given| given.chars().count()).filter(|count| *count > most) {
        Some(count) => Err(LpchatError::argument(
            &format!("{name}.{member}"),
            format_args!("{count} characters long"),
            &format!("it holds at most {most} characters"),
        )),
        None => Ok(()),
    }
}

fn counted(name: &str, member: &str, count: usize, range: RangeInclusive<usize>, of_type: &str) -> Result<()> {
    if range.contains(&count) {
        return Ok(());
    }
    let rule = format!("{of_type} takes {} to {} of them", range.start(), range.end());
    Err(LpchatError::argument(&format!("{name}.{member}"), format_args!("a list of {count}"), &rule))
}

fn place(name: &str, longitude: Option<f64>, latitude: Option<f64>) -> Result<()> {
    let given = [("longitude", longitude, 180.0), ("latitude", latitude, 90.0)];
    for (member, value, most) in given {
        if !value.is_some_and(|value: f64| value.abs() <= most) {
            return Err(LpchatError::argument(
                &format!("{name}.{member}"),
                value,
                &format!("a place has one between -{most} and {most}"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(ty: &str) -> ContentElement {
        ContentElement { r#type: ty.into(), ..ContentElement::default() }
    }

    fn long(characters: usize) -> Option<Text> {
        Some("é".repeat(characters).into())
    }

    fn button(title: Option<Text>) -> ContentElement {
        ContentElement { title, ..element("button") }
    }

    fn holding(ty: &str, elements: Vec<ContentElement>) -> ContentElement {
        ContentElement { elements, ..element(ty) }
    }

    fn refused(element: &ContentElement, part: &str) {
        let error = check("content", element).expect_err(part);
        assert!(error.details().message.contains(part), "{error}");
    }

    #[test]
    fn every_limit_holds_at_its_edge() {
        let words = |text| ContentElement { text, ..element("text") };
        let cards = |count| holding("carousel", vec![button(long(1)); count]);
        let template = |replies| ContentElement { title: long(1), replies, ..element("template") };
        let fits = [
            words(long(5000)),
            button(long(128)),
            ContentElement { url: long(2048), caption: long(128), ..element("image") },
            holding("vertical", vec![button(long(1)); 256]),
            cards(2),
            cards(10),
            holding(
                "list",
                vec![words(long(1)), holding("sectionList", vec![words(long(1))]), holding("buttonList", vec![button(long(1))])],
            ),
            ContentElement { longitude: Some(-180.0), latitude: Some(90.0), ..element("map") },
            template(vec!["é".repeat(128).into(); 32]),
            ContentElement { tooltip: long(256), alternative_text: long(2000), tag: long(64), ..words(long(1)) },
        ];
        for element in &fits {
            check("content", element).unwrap();
        }
        refused(&words(long(5001)), "`content.text` is 5001 characters long");
        refused(&button(long(129)), "`content.title`");
        refused(&button(None), "`content.title` is None: button needs it");
        refused(&ContentElement { url: long(2049), ..element("linkPreview") }, "`content.url`");
        refused(&holding("horizontal", vec![]), "`content.elements` is a list of 0");
        refused(&holding("vertical", vec![button(long(1)); 257]), "1 to 256");
        refused(&cards(1), "2 to 10");
        refused(&ContentElement { padding: Some(11), ..cards(2) }, "`content.padding` is 11");
        refused(&holding("list", vec![words(long(1))]), "exactly a text");
        refused(&ContentElement { longitude: Some(1.0), latitude: Some(91.0), ..element("map") }, "`content.latitude`");
        refused(&template(vec![]), "`content.replies` is a list of 0");
        refused(&template(vec!["é".repeat(129).into()]), "`content.replies`");
        refused(&element("hologram"), "`content.type` is \"hologram\"");
        refused(&holding("vertical", vec![button(long(1)), button(long(129))]), "`content.elements[1].title`");
        refused(&ContentElement { tooltip: long(257), ..words(long(1)) }, "`content.tooltip`");
    }

    #[test]
    fn actions_have_limits_too() {
        let clicking = |actions, metadata: Option<&str>| ContentElement {
            click: Some(ContentClick { actions, metadata: metadata.map(|text| text.to_owned().into()) }),
            ..button(long(1))
        };
        let says = |text| ContentAction { r#type: ContentActionType::PublishText, text, ..ContentAction::default() };
        let opens = |uri| ContentAction { r#type: ContentActionType::Link, uri, ..ContentAction::default() };
        check("content", &clicking(vec![says(long(256)), opens(long(1024))], Some(r#"[{"type":"ExternalId","id":"1"}]"#)))
            .unwrap();
        refused(&clicking(vec![says(long(1)); 5], None), "0 to 4");
        refused(&clicking(vec![says(long(257))], None), "`content.click.actions[0].text`");
        refused(&clicking(vec![opens(None)], None), "`content.click.actions[0].uri`");
        refused(&clicking(vec![ContentAction::default()], None), "`content.click.actions[0].type` is \"\"");
        refused(&clicking(vec![], Some("{}")), "`content.click.metadata`");
        refused(&clicking(vec![], Some("[1")), "`content.click.metadata`");
    }

    #[test]
    fn a_tree_has_an_end() {
        let mut tree = button(long(1));
        for _ in 0..DEEPEST {
            tree = holding("vertical", vec![tree]);
        }
        refused(&tree, "at most 32 deep");
    }
}
