//! What is known about the lines that this side has written: which event each became, and which may still turn up.
//!
//! The service has no means to tell a repeated line from a second one, so a line whose sending failed ambiguously is looked
//! for among the events: own lines behind the cursor noted before it was sent, by text, each event for one line only.
//!
//! Source: `docs/protocol/retry-and-limits.md`, "Which visitor operations may be repeated blindly".

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wire::chat::{ChatEvent, ChatEventType, LineSource, TextType};

/// A line under way.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    /// The event as it is posted.
    pub(super) event: serde_json::Value,
    /// Its text, to compare by.
    pub(super) text: String,
    /// It became an event with this id or a later one, if any.
    pub(super) floor: i64,
    /// There is a line that may be this one or an earlier one: sending it again is no option.
    #[serde(default)]
    pub(super) in_doubt: bool,
}

impl Pending {
    /// What is remembered of it once its call has ended.
    fn sent(self) -> Sent {
        Sent { text: self.text, floor: self.floor }
    }
}

/// What the events say about a line under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It is this event.
    Found(i64),
    Absent,
    /// There is such a line, but it may be an earlier one whose outcome is unknown.
    Ambiguous,
}

/// All that this side has written, as far as it matters for what comes next.
#[derive(Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// The highest event that is known to be a line of ours.
    pub(super) last_own: Option<i64>,
    /// The line that is being sent.
    pub(super) pending: Option<Pending>,
    /// Events that turned out to be earlier lines while one is being sent: it cannot be one of them.
    #[serde(default)]
    taken: Vec<i64>,
    /// Events that the line under way may have become, seen before its answer came.
    #[serde(default)]
    seen: Vec<i64>,
    /// Lines that the service took without saying which event they became, and that were not seen yet.
    unplaced: Vec<Sent>,
    /// Lines of which nobody knows whether they arrived.
    unknown: Vec<Sent>,
}

/// A line that was sent before.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    text: String,
    /// It became an event with this id or a later one, if any: what stands before it, another process may have written.
    floor: i64,
}

// Texts of lines belong into no log.
impl fmt::Debug for Ledger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ledger").field("last_own", &self.last_own).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Where a line that is sent now can turn up at the earliest.
    pub(super) fn floor(&self, cursor: i64) -> i64 {
        cursor.max(self.last_own.map_or(0, |id| id + 1))
    }

    /// A line that is sent from now on.
    pub(super) fn begin(&mut self, pending: Pending) {
        self.taken.clear();
        self.seen.clear();
        self.pending = Some(pending);
    }

    /// The line under way has become this event, or one that was or will be seen.
    pub(super) fn arrived(&mut self, event: Option<i64>) {
        let Some(pending) = self.pending.take() else { return };
        match event.or_else(|| self.surely_seen(&pending)) {
            Some(id) => self.last_own = self.last_own.max(Some(id)),
            // What was seen is this line or an earlier one of unknown outcome: one of them is still to come.
            None if !self.seen.is_empty() => self.unknown.push(pending.sent()),
            None => self.unplaced.push(pending.sent()),
        }
    }

    /// The event that the line under way has become, if more were seen than earlier lines can account for.
    fn surely_seen(&self, pending: &Pending) -> Option<i64> {
        let doubtful = self.unknown.iter().filter(|sent| same(&sent.text, &pending.text)).count();
        self.seen.last().copied().filter(|_| self.seen.len() > doubtful)
    }

    /// The line under way was refused: it will not turn up. What was seen was an earlier one.
    pub(super) fn refused(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        for id in std::mem::take(&mut self.seen) {
            if take(&mut self.unknown, &pending.text, id) {
                self.last_own = self.last_own.max(Some(id));
            }
        }
    }

    /// Sending the line under way again is no option.
    pub(super) fn doubt(&mut self) {
        if let Some(pending) = &mut self.pending {
            pending.in_doubt = true;
        }
    }

    /// Nobody knows what became of the line under way; it may still turn up.
    pub(super) fn left_unknown(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        match self.surely_seen(&pending) {
            Some(id) => self.last_own = self.last_own.max(Some(id)),
            None => self.unknown.push(pending.sent()),
        }
    }

    /// Takes note of an event that has been read for the first time.
    pub(super) fn note(&mut self, event: &ChatEvent, own: &LineSource) {
        let Some((id, text)) = own_line(event, own) else { return };
        if self.last_own.is_some_and(|last| id <= last) {
            return;
        }
        let may_be = |pending: &Pending| id >= pending.floor && same(&pending.text, &text);
        let may_be_pending = self.pending.as_ref().is_some_and(may_be);
        if take(&mut self.unplaced, &text, id) || (!may_be_pending && take(&mut self.unknown, &text, id)) {
            self.last_own = Some(id);
            if self.pending.is_some() {
                self.taken.push(id);
            }
        } else if may_be_pending {
            self.seen.push(id);
        }
    }

    /// Looks for the line under way among `events`, which were read from its floor on.
    pub(super) fn find(&self, events: &[ChatEvent], own: &LineSource) -> Finding {
        let Some(pending) = &self.pending else { return Finding::Absent };
        let mut places: Vec<i64> = events
            .iter()
            .filter_map(|event| own_line(event, own))
            .filter(|(id, text)| *id >= pending.floor && !self.taken.contains(id) && same(text, &pending.text))
            .map(|(id, _)| id)
            .collect();
        places.sort_unstable();
        places.dedup();
        let count = |lines: &[Sent]| lines.iter().filter(|sent| same(&sent.text, &pending.text)).count();
        // Earlier lines of the same text come first.
        let (placed, doubtful) = (count(&self.unplaced), count(&self.unknown));
        match places.len() {
            found if found > placed + doubtful => Finding::Found(places[found - 1]),
            found if found > placed => Finding::Ambiguous,
            _ => Finding::Absent,
        }
    }
}

/// Takes a line out that may have become the event `id` with this text.
fn take(lines: &mut Vec<Sent>, text: &str, id: i64) -> bool {
    match lines.iter().position(|sent| id >= sent.floor && same(&sent.text, text)) {
        Some(at) => {
            lines.remove(at);
            true
        }
        None => false,
    }
}

fn own_line(event: &ChatEvent, own: &LineSource) -> Option<(i64, String)> {
    if event.r#type != ChatEventType::Line || event.source.as_ref() != Some(own) {
        return None;
    }
    let text = event.text.as_deref().unwrap_or("");
    Some((event.number()?, normalised(text, event.text_type == Some(TextType::Html))))
}

/// A text as lines are compared: the service may have escaped it, or changed its blanks.
pub(super) fn normalised(text: &str, html: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, length) = if rest.starts_with('&') { entity(rest) } else { tag(rest, html) };
        plain.push_str(read);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    let mut words = plain.split_whitespace();
    let mut text = String::with_capacity(plain.len());
    text.push_str(words.next().unwrap_or_default());
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
    text
}

/// A tag counts for nothing in HTML, and for itself elsewhere.
fn tag(text: &str, html: bool) -> (&'static str, usize) {
    match text.find('>') {
        Some(end) if html => (" ", end + 1),
        _ => ("<", 1),
    }
}

fn entity(text: &str) -> (&'static str, usize) {
    const ENTITIES: [(&str, &str); 9] = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
    ];
    let known = ENTITIES.iter().find(|(name, _)| text.starts_with(name));
    known.map_or(("&", 1), |(name, character)| (character, name.len()))
}

/// Whether the service may give the text back as a number: what comes back is then no proof of absence.
pub(super) fn is_numeric(text: &str) -> bool {
    let shaped = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    shaped && text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

fn same(one: &str, two: &str) -> bool {
    if one == two {
        return true;
    }
    if !is_numeric(one) || !is_numeric(two) {
        return false;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(one) && digits(two) {
        return one.trim_start_matches('0') == two.trim_start_matches('0');
    }
    one.parse::<f64>().ok() == two.parse::<f64>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Buffer, Reader};

    fn lines(texts: &[(i64, &str)]) -> Vec<ChatEvent> {
        let line = |(id, text): &(i64, &str)| {
            let json = serde_json::json!({ "id": id, "type": "line", "source": "visitor", "text": text });
            Reader::read(&Buffer::new(json.to_string())).unwrap()
        };
        texts.iter().map(line).collect()
    }

    fn sending(ledger: &mut Ledger, text: &str, floor: i64) {
        ledger.begin(Pending { event: serde_json::Value::Null, text: normalised(text, false), floor, in_doubt: false });
    }

    #[test]
    fn texts_are_compared_as_people_read_them() {
        let equal = [
            ("a &amp; b", "a & b"),
            (" two\n blanks ", "two blanks"),
            ("&lt;b&gt;", "<b>"),
            ("it&#39;s", "it's"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("a\u{a0}b", "a b"),
            ("a &b", "a &b"),
        ];
        for (one, two) in equal {
            assert!(same(&normalised(one, false), &normalised(two, false)), "{one:?} {two:?}");
        }
        for (one, two) in [("a", "b"), ("12345678901234567890", "12345678901234567891"), ("", "0"), ("<b>x", "x"), ("nan", "NAN")]
        {
            assert!(!same(&normalised(one, false), &normalised(two, false)), "{one:?} {two:?}");
        }
        assert_eq!(normalised("<div dir=\"ltr\">one <b>two</b></div>", true), "one two");
    }

    #[test]
    fn a_line_is_found_behind_its_floor_only() {
        let mut ledger = Ledger::default();
        sending(&mut ledger, "hi", 5);
        assert_eq!(ledger.find(&lines(&[(3, "hi"), (6, "ho")]), &LineSource::Visitor), Finding::Absent);
        assert_eq!(ledger.find(&lines(&[(3, "hi"), (6, "hi")]), &LineSource::Visitor), Finding::Found(6));
        assert_eq!(ledger.find(&lines(&[(6, "hi")]), &LineSource::Agent), Finding::Absent);
    }

    #[test]
    fn each_event_is_one_line() {
        let mut ledger = Ledger::default();
        // Taken without a word about its event.
        sending(&mut ledger, "hi", 2);
        ledger.arrived(None);
        sending(&mut ledger, "hi", 2);
        assert_eq!(ledger.find(&lines(&[(2, "hi")]), &LineSource::Visitor), Finding::Absent, "that is the first one");
        assert_eq!(ledger.find(&lines(&[(2, "hi"), (3, "hi")]), &LineSource::Visitor), Finding::Found(3));
        // Seen by the stream meanwhile: it is placed.
        ledger.note(&lines(&[(2, "hi")])[0], &LineSource::Visitor);
        assert_eq!((ledger.last_own, ledger.unplaced.len()), (Some(2), 0));
        ledger.left_unknown();
        sending(&mut ledger, "hi", 3);
        assert_eq!(ledger.find(&lines(&[(3, "hi")]), &LineSource::Visitor), Finding::Ambiguous, "or the one that was unknown");
        assert_eq!(ledger.find(&lines(&[(3, "hi"), (4, "hi")]), &LineSource::Visitor), Finding::Found(4));
    }

    #[test]
    fn an_event_that_comes_before_the_answer_is_counted_once() {
        let mut ledger = Ledger::default();
        sending(&mut ledger, "hi", 2);
        ledger.note(&lines(&[(2, "hi")])[0], &LineSource::Visitor);
        ledger.arrived(None);
        assert_eq!((ledger.last_own, ledger.unplaced.len()), (Some(2), 0));
        // Broken off, although it had arrived.
        sending(&mut ledger, "hi", 3);
        ledger.note(&lines(&[(3, "hi")])[0], &LineSource::Visitor);
        ledger.left_unknown();
        assert_eq!((ledger.last_own, ledger.unknown.len()), (Some(3), 0));
        // One of two, and nobody can tell which.
        sending(&mut ledger, "hi", 4);
        ledger.left_unknown();
        sending(&mut ledger, "hi", 4);
        ledger.note(&lines(&[(4, "hi")])[0], &LineSource::Visitor);
        ledger.arrived(None);
        sending(&mut ledger, "hi", 5);
        assert_eq!(ledger.find(&lines(&[(5, "hi")]), &LineSource::Visitor), Finding::Ambiguous);
    }

    /// A chat that is taken over holds lines that its earlier agent wrote, and shows them only while new ones are sent.
    #[test]
    fn what_was_written_before_a_line_is_not_that_line() {
        let (mut seen_under_way, mut seen_later) = (Ledger::default(), Ledger::default());
        sending(&mut seen_under_way, "hi", 5);
        seen_under_way.note(&lines(&[(3, "hi")])[0], &LineSource::Visitor);
        seen_under_way.arrived(None);
        sending(&mut seen_later, "hi", 5);
        seen_later.arrived(None);
        seen_later.note(&lines(&[(3, "hi")])[0], &LineSource::Visitor);
        for mut ledger in [seen_under_way, seen_later] {
            assert_eq!((ledger.last_own, ledger.unplaced.len()), (None, 1));
            sending(&mut ledger, "hi", 5);
            assert_eq!(ledger.find(&lines(&[(5, "hi")]), &LineSource::Visitor), Finding::Absent, "that is the first one");
            ledger.left_unknown();
            ledger.note(&lines(&[(4, "hi")])[0], &LineSource::Visitor);
            assert_eq!(ledger.unknown.len(), 1, "nor is it one of unknown outcome");
        }
    }

    #[test]
    fn an_unknown_line_that_turns_up_is_known() {
        let mut ledger = Ledger::default();
        sending(&mut ledger, "hi", 2);
        ledger.left_unknown();
        ledger.note(&lines(&[(4, "hi")])[0], &LineSource::Visitor);
        assert_eq!((ledger.last_own, ledger.unknown.len(), ledger.floor(0)), (Some(4), 0, 5));
    }
}
