//! The table `cobrowse`.

use super::derived::count;
use super::table;
use super::unknown::unknown;
use crate::history::{CoBrowseEndReason, CoBrowseSession, Engagement};

pub(super) struct Row<'e> {
    pub(super) engagement: &'e Engagement,
    ordinal: usize,
    session: &'e CoBrowseSession,
}

fn rows(engagement: &Engagement) -> impl Iterator<Item = Row<'_>> {
    let sessions = engagement.co_browse_sessions.iter().enumerate();
    sessions.map(move |(ordinal, session)| Row { engagement, ordinal, session })
}

table! {
    "cobrowse", "One row for each co-browse session.", rows;
    "session_ordinal" Integer "" "Place of the session in the record, from 0." => |row| count(row.ordinal).into(),
    "session_id" Text "" "Id of the session." => |row| row.session.session_id.as_ref().into(),
    "start_time" Time "" "The start of the session." => |row| row.session.start_time.into(),
    "end_time" Time "" "The end of the session." => |row| row.session.end_time.into(),
    "interactive_time" Time "" "When it became interactive; null where it never did." => |row| row.session.interactive_time.into(),
    "duration_seconds" Number "s" "Duration as sent, which may contradict the times." => |row| row.session.duration_milliseconds.map(|millis| millis as f64 / 1000.0).into(),
    "is_interactive" Boolean "" "Whether the agent could act on the page." => |row| row.session.is_interactive.into(),
    "end_reason" Text "" "Who or what ended it." => |row| row.session.end_reason.as_ref().map(CoBrowseEndReason::as_str).into(),
    "raw" Json "" "Members of the session that no column knows." => |row| unknown::<CoBrowseSession>(&row.session.raw).into(),
}
