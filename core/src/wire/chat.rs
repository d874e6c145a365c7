//! The chat documents that visitor and agent both read: chat, events, information.
//!
//! Sources: `docs/protocol/visitor-chat-api.md`, "Chat document", "Events" and "Info"; `docs/protocol/agent-chat-api.md`,
//! "Chat resource" and "Events".

use std::fmt;
use std::sync::Arc;

use lpchat_macros::model;

use super::{Buffer, Json, Reader, Text, Timestamp};
use crate::error::{LpchatError, Result};

/// State of a chat.
#[model]
pub enum ChatState {
    /// In the queue; no agent has accepted yet.
    #[wire("waiting")]
    Waiting,
    /// An agent has accepted.
    #[wire("chatting")]
    Chatting,
    /// Over; the documents stay readable for a while.
    #[wire("ended")]
    Ended,
}

/// Kind of a chat event.
#[model]
pub enum ChatEventType {
    /// The chat changed its state.
    #[wire("state")]
    State,
    /// A line of text.
    #[wire("line")]
    Line,
    /// Named in the documents, never described.
    #[wire("url")]
    Url,
    /// The chat moves to another account.
    #[wire("a2a-transfer")]
    AccountTransfer,
    /// An acknowledgement of a line.
    #[wire("line-status")]
    LineStatus,
    /// A collaboration channel opens.
    #[wire("collaboration")]
    Collaboration,
    /// Named once in the documents, never shown.
    #[wire("resource")]
    Resource,
    /// lpchat's own: the agent or the visitor began or stopped typing; `source` says who, `typing` what. It has no id.
    #[wire("typing")]
    Typing,
    /// lpchat's own: the service has failed to answer for a while; the stream goes on trying. It has no id.
    #[wire("degraded")]
    Degraded,
    /// lpchat's own: the service answers again. It has no id.
    #[wire("recovered")]
    Recovered,
}

/// Who wrote a line.
#[model]
pub enum LineSource {
    /// The service itself.
    #[wire("system")]
    System,
    /// The agent.
    #[wire("agent")]
    Agent,
    /// The visitor.
    #[wire("visitor")]
    Visitor,
}

/// How the text of a line is written.
#[model]
pub enum TextType {
    /// Plain text.
    #[wire("plain")]
    Plain,
    /// HTML; sanitise before rendering.
    #[wire("html")]
    Html,
    /// Structured content, in `json`.
    #[wire("rich-content")]
    RichContent,
    /// A link.
    #[wire("url")]
    Url,
}

/// Who may see a line.
#[model]
pub enum LineSubType {
    /// Everybody.
    #[wire("REGULAR")]
    Regular,
    /// Agents only.
    #[wire("ONLY_TO_REP")]
    OnlyToAgents,
}

/// Whether somebody is typing.
#[model]
pub enum TypingState {
    /// Typing.
    #[wire("typing")]
    Typing,
    /// Not typing.
    #[wire("not-typing")]
    NotTyping,
    /// The service cannot tell.
    #[wire("unknown")]
    Unknown,
}

impl TypingState {
    /// Checks that the state can be set. It is a level and no pulse: it stands until another one is set.
    pub(crate) fn settable(&self) -> Result<()> {
        match self {
            Self::Typing | Self::NotTyping => Ok(()),
            other => Err(LpchatError::argument("state", other.as_str(), "it is typing or not-typing")),
        }
    }
}

/// What a chat that is started on the other account must hand on, unchanged.
#[model]
pub struct AccountTransferParameters {
    /// The event, `a2a_event_id` of the request.
    #[wire("a2aEventId")]
    pub a2a_event_id: Option<Text>,
    /// The session here, `a2a_source_session_id` of the request.
    #[wire("a2aSourceSessionId")]
    pub a2a_source_session_id: Option<Text>,
    /// The account here, `a2a_source_site_id` of the request.
    #[wire("a2aSourceSiteId")]
    pub a2a_source_site_id: Option<Text>,
    /// The skill, `skill` of the request.
    pub skill: Option<Text>,
}

/// A link of a document. Follow it by its relation; of its address only path and query are used.
#[model]
pub struct Link {
    /// The address, without the parameters that every request needs.
    #[wire("href")]
    pub href: Text,
    /// The relation: `self`, `next`, `events`, …
    #[wire("rel")]
    pub relation: Option<Text>,
}

/// One event of a chat. Members that do not belong to its type are absent.
#[model]
pub struct ChatEvent {
    /// Decimal, from 0, consecutive within the chat; empty for lpchat's own events.
    pub id: Text,
    /// What kind of event this is.
    #[wire("type")]
    pub r#type: ChatEventType,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// State events: the state entered.
    pub state: Option<ChatState>,
    /// Lines: the text. A line of digits may have lost leading zeros on its way through the service.
    pub text: Option<Text>,
    /// Lines: how the text is written.
    pub text_type: Option<TextType>,
    /// Lines: the author's display name, `info` for system lines. For display only; branch on `source`.
    pub by: Option<Text>,
    /// Lines: who wrote it.
    pub source: Option<LineSource>,
    /// System lines: which message it is; 0 is a pre-chat line coming back, which display layers hide.
    pub system_message_id: Option<i64>,
    /// Lines: who may see it.
    pub sub_type: Option<LineSubType>,
    /// Structured content of a `rich-content` line.
    pub json: Option<Json>,
    /// Line status events: the status, `ACCEPT`.
    pub line_status: Option<Text>,
    /// Line status events: the id of the line concerned.
    pub ref_sequence_id: Option<Text>,
    /// Account transfer events: the host of the other account.
    pub domain: Option<Text>,
    /// Account transfer events: the other account.
    pub remote_site_id: Option<Text>,
    /// Account transfer events: what to copy unchanged into the request of the chat to start there.
    #[wire(lenient)]
    pub chat_request_parameters: Option<Box<AccountTransferParameters>>,
    /// Account transfer events: relation `a2a-transfer`.
    #[wire(lenient)]
    pub link: Option<Box<Link>>,
    /// Metadata that came with the event.
    pub metadata: Option<Json>,
    /// Typing events: the state.
    #[wire(skip)]
    pub typing: Option<TypingState>,
    /// Streams of a resumed chat: the event was there when the chat was resumed, so that it may have been given before.
    #[wire(skip)]
    pub is_repeated: bool,
    /// Streams: the ids right before this one are missing, however often they were asked for. The service keeps lines
    /// from the visitor that only agents may see.
    #[wire(skip)]
    pub is_after_gap: bool,
}

impl ChatEvent {
    /// The id as a number, to order and compare by.
    pub fn number(&self) -> Option<i64> {
        self.id.parse().ok()
    }

    /// An event of lpchat's own.
    pub(crate) fn own(r#type: ChatEventType) -> Self {
        let document = json_of_own(r#type.as_str());
        let mut event: Self = Reader::read(&document).expect("an event with an id and a type");
        event.id = Text::default();
        event
    }
}

/// The source of an event that no answer holds.
fn json_of_own(r#type: &str) -> Arc<Buffer> {
    Buffer::new(format!(r#"{{"id":"","type":"{type}"}}"#))
}

/// Events of a chat, in order.
#[model]
pub struct ChatEvents {
    /// Relations `self` and `next`.
    #[wire("link")]
    pub links: Vec<Link>,
    /// The events; empty when nothing is new.
    #[wire("event")]
    pub events: Vec<ChatEvent>,
    /// Where to go on: hand it in as `from_id` of the next call.
    #[wire(skip)]
    pub next_id: i64,
}

impl ChatEvents {
    /// Works out `next_id`: from the service's own link, else from the highest id, else from where this read began.
    pub(crate) fn with_cursor(mut self, from: Option<i64>) -> Self {
        let linked = find(&self.links, "next").and_then(|link| cursor_of(&link.href));
        let highest = self.events.iter().filter_map(ChatEvent::number).max().map(|id| id + 1);
        self.next_id = linked.into_iter().chain(highest).max().or(from).unwrap_or(0);
        self
    }
}

/// The link of this relation.
pub(crate) fn find<'a>(links: &'a [Link], relation: &str) -> Option<&'a Link> {
    links.iter().find(|link| link.relation.as_ref().is_some_and(|name| *name == *relation))
}

fn cursor_of(href: &str) -> Option<i64> {
    let query = href.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix("from=")?.parse().ok())
}

/// Information about a chat. Every member may be absent; which ones are depends on the state and on who asks.
#[model]
pub struct ChatInformation {
    /// Relations `self`, `visitor-name`, `visitor-typing`, `agent-typing`.
    #[wire("link")]
    pub links: Vec<Link>,
    /// State of the chat.
    pub state: Option<ChatState>,
    /// The chat's id.
    pub chat_session_key: Option<Text>,
    /// Name of the skill.
    pub skill_name: Option<Text>,
    /// Id of the skill.
    pub skill_id: Option<Text>,
    /// The agent's nickname; absent while waiting.
    pub agent_name: Option<Text>,
    /// The agent's id; absent while waiting.
    pub agent_id: Option<Text>,
    /// When the chat was requested. In engagement history the same name means the moment the agent connects.
    pub start_time: Option<Timestamp>,
    /// Duration; the service does not say in which unit, and sends 0 in every sample.
    pub duration: Option<i64>,
    /// When a request last touched the chat.
    pub last_update: Option<Timestamp>,
    /// Seconds after `last_update` at which the chat is given up.
    #[wire("chatTimeout")]
    pub chat_timeout_seconds: Option<i64>,
    /// The visitor's id, for a later chat of the same visitor.
    pub visitor_id: Option<Text>,
    /// Whether the agent is typing.
    pub agent_typing: Option<TypingState>,
    /// Whether the visitor is typing.
    pub visitor_typing: Option<TypingState>,
    /// The visitor's name.
    pub visitor_name: Option<Text>,
    /// The session's id across APIs; account id and this number, joined, are the engagement id in history.
    pub rt_session_id: Option<Text>,
    /// Monitoring id of the visitor, the `LETagVisitorId` of start chat.
    pub shark_visitor_id: Option<Text>,
    /// Monitoring id of the visit, the `LETagSessionId` of start chat.
    pub shark_session_id: Option<Text>,
    /// Monitoring id of the context, the `LETagContextId` of start chat.
    pub shark_context_id: Option<Text>,
    /// Id of the engagement in the campaign (not the engagement id of history).
    pub engagement_id: Option<Text>,
    /// Id of the campaign.
    pub campaign_id: Option<Text>,
    /// Language of system messages, such as `en-US`.
    pub language: Option<Text>,
    /// The authenticated participant; authenticated chats only.
    pub participant_id: Option<Text>,
}

/// A chat in one document: links, events and information.
#[model]
pub struct ChatResources {
    /// Relations of the chat.
    #[wire("link")]
    pub links: Vec<Link>,
    /// Events from the cursor asked for.
    pub events: ChatEvents,
    /// Information about the chat.
    #[wire("info")]
    pub information: ChatInformation,
}

/// A chat's id as it may be shown: whoever holds a whole one can read and write the visitor's chat.
///
/// Source of its form: `docs/protocol/visitor-chat-api.md`, "Start chat — `POST B/chat/request`".
pub(crate) struct ShownId<'a>(pub(crate) &'a Text);

impl fmt::Debug for ShownId<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.rsplit_once('K') {
            Some((_, end)) => write!(formatter, "…K{end}"),
            None => formatter.write_str("…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(json: &str) -> ChatEvents {
        Reader::read::<ChatEvents>(&Buffer::new(json.to_owned())).unwrap()
    }

    #[test]
    fn a_lone_event_is_a_list_and_the_cursor_follows_the_link() {
        let read =
            events(r#"{"link":[{"@href":"https://h/x?from=3","@rel":"next"}],"event":{"@id":2,"@type":"line","text":42}}"#);
        assert_eq!(read.events.len(), 1);
        assert_eq!((read.events[0].id.as_str(), read.events[0].text.as_deref()), ("2", Some("42")));
        assert_eq!(read.with_cursor(None).next_id, 3);
    }

    #[test]
    fn without_a_link_the_cursor_follows_the_highest_id() {
        assert_eq!(events(r#"{"event":[{"id":4,"type":"x"},{"id":7,"type":"y"}]}"#).with_cursor(None).next_id, 8);
        assert_eq!(events("{}").with_cursor(Some(5)).next_id, 5);
    }
}
