//! Structured content: a tree of elements in a line.
//!
//! Source: `docs/protocol/agent-chat-api.md`, "Structured content".

mod check;

use lpchat_macros::model;

use crate::wire::{Json, Text};

pub(super) use check::check;

/// Kind of an element.
#[model]
pub enum ContentElementType {
    /// Elements one below the other.
    #[wire("vertical")]
    Vertical,
    /// Elements side by side.
    #[wire("horizontal")]
    Horizontal,
    /// Cards to page through.
    #[wire("carousel")]
    Carousel,
    /// A text, a list of sections and a list of buttons.
    #[wire("list")]
    List,
    /// The sections of a list.
    #[wire("sectionList")]
    SectionList,
    /// The buttons of a list.
    #[wire("buttonList")]
    ButtonList,
    /// Text.
    #[wire("text")]
    Text,
    /// A picture.
    #[wire("image")]
    Image,
    /// A button.
    #[wire("button")]
    Button,
    /// A place on a map.
    #[wire("map")]
    Map,
    /// What lies behind an address.
    #[wire("linkPreview")]
    LinkPreview,
    /// A template with replies to choose from.
    #[wire("template")]
    Template,
}

/// Size of a text.
#[model]
pub enum ContentSize {
    /// Small.
    #[wire("small")]
    Small,
    /// Medium.
    #[wire("medium")]
    Medium,
    /// Large.
    #[wire("large")]
    Large,
}

/// How an element looks.
#[model(request)]
pub struct ContentStyle {
    /// Bold.
    pub bold: Option<bool>,
    /// Italic.
    pub italic: Option<bool>,
    /// Colour of the text, such as `#1a2b3c`.
    pub color: Option<Text>,
    /// Colour behind it.
    #[wire("background-color")]
    pub background_color: Option<Text>,
    /// Colour of the border.
    #[wire("border-color")]
    pub border_color: Option<Text>,
    /// Radius of the border's corners.
    #[wire("border-radius")]
    pub border_radius: Option<i64>,
    /// Size.
    pub size: Option<ContentSize>,
}

/// Kind of an action.
#[model]
pub enum ContentActionType {
    /// The visitor says a text.
    #[wire("publishText")]
    PublishText,
    /// A place is shown.
    #[wire("navigate")]
    Navigate,
    /// An address is opened.
    #[wire("link")]
    Link,
    /// Something of the account's own.
    #[wire("custom")]
    Custom,
}

/// An address for one platform.
#[model(request)]
pub struct ContentLink {
    /// The address, at most 1024 characters.
    pub uri: Text,
    /// Where it opens, such as `blank`.
    pub target: Option<Text>,
}

/// What happens on a click.
#[model(request)]
pub struct ContentAction {
    /// Kind of the action.
    #[wire("type")]
    pub r#type: ContentActionType,
    /// Publish text: what the visitor says, at most 256 characters.
    pub text: Option<Text>,
    /// Navigate: longitude of the place.
    #[wire("lo")]
    pub longitude: Option<f64>,
    /// Navigate: latitude of the place.
    #[wire("la")]
    pub latitude: Option<f64>,
    /// Link: the address, at most 1024 characters.
    pub uri: Option<Text>,
    /// Link: where it opens, such as `blank`.
    pub target: Option<Text>,
    /// Link: the address on Android.
    pub android: Option<ContentLink>,
    /// Link: the address on iOS.
    pub ios: Option<ContentLink>,
    /// Link: the address on the web.
    pub web: Option<ContentLink>,
}

/// What a click on an element does.
#[model(request)]
pub struct ContentClick {
    /// What happens, at most 4 actions.
    pub actions: Vec<ContentAction>,
    /// Metadata, a JSON array of objects with a `type` each.
    pub metadata: Option<Json>,
}

/// One element of structured content. Which members belong to it is a matter of its type.
#[model(request)]
pub struct ContentElement {
    /// Kind of the element.
    #[wire("type")]
    pub r#type: ContentElementType,
    /// Vertical, horizontal: the elements inside, at most 256. Carousel: 2 to 10 cards. List: a text, a list of sections
    /// and a list of buttons. List of sections, list of buttons: what they list.
    pub elements: Vec<ContentElement>,
    /// Text: the text, at most 5000 characters.
    pub text: Option<Text>,
    /// Button: its label, at most 128 characters. Image, link preview: the title. Template: the question.
    pub title: Option<Text>,
    /// Image, link preview: the address, at most 2048 characters.
    pub url: Option<Text>,
    /// Image: the caption, at most 128 characters.
    pub caption: Option<Text>,
    /// Map: longitude.
    #[wire("lo")]
    pub longitude: Option<f64>,
    /// Map: latitude.
    #[wire("la")]
    pub latitude: Option<f64>,
    /// Carousel: space between the cards, 0 to 10.
    pub padding: Option<i64>,
    /// Template: which one, `quickReply`.
    pub template: Option<Text>,
    /// Template: the replies to choose from, 1 to 32 of at most 128 characters.
    #[wire("resp")]
    pub replies: Vec<Text>,
    /// What is shown while the pointer rests on it, at most 256 characters.
    pub tooltip: Option<Text>,
    /// What is read instead of it, at most 2000 characters.
    #[wire("alt")]
    pub alternative_text: Option<Text>,
    /// Whether it is written from right to left.
    #[wire("rtl")]
    pub right_to_left: Option<bool>,
    /// A mark of the account's own, at most 64 characters.
    pub tag: Option<Text>,
    /// How it looks.
    pub style: Option<ContentStyle>,
    /// What a click on it does.
    pub click: Option<ContentClick>,
}
