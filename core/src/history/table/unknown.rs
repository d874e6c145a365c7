//! The members of a record that this version has no column for.

use crate::history::{Campaign, Engagement, EngagementInfo, Surveys, Transcript, VisitorInfo};
use crate::wire::{Decode, Json, Reader};

/// A JSON object of the members that are known nowhere in the record, nested as they were; `None` where there are none.
pub(super) fn unknown_members(engagement: &Engagement) -> Option<String> {
    let mut members = members::<Engagement>(&engagement.raw);
    let nested = [
        ("info", members_of::<EngagementInfo>(Some(&engagement.info.raw))),
        ("transcript", members_of::<Transcript>(Some(&engagement.transcript.raw))),
        ("campaign", members_of::<Campaign>(engagement.campaign.as_ref().map(|campaign| &campaign.raw))),
        ("visitorInfo", members_of::<VisitorInfo>(engagement.visitor_info.as_ref().map(|visitor| &visitor.raw))),
        ("surveys", members_of::<Surveys>(Some(&engagement.surveys.raw))),
    ];
    members.extend(nested.into_iter().filter_map(|(name, nested)| Some((name.to_owned(), object(nested)?))));
    object(members)
}

/// A JSON object of the members that a type of this version does not know; `None` where there are none.
pub(super) fn unknown<T: Decode>(raw: &Json) -> Option<String> {
    object(members::<T>(raw))
}

/// The same, without members that are known elsewhere.
pub(super) fn unknown_beside<T: Decode>(raw: &Json, elsewhere: &[&str]) -> Option<String> {
    let mut members = members::<T>(raw);
    members.retain(|(name, _)| !elsewhere.contains(&name.as_str()));
    object(members)
}

fn members_of<T: Decode>(raw: Option<&Json>) -> Vec<(String, String)> {
    raw.map(members::<T>).unwrap_or_default()
}

fn members<T: Decode>(raw: &Json) -> Vec<(String, String)> {
    // To read the record once more takes as long as the first time.
    if raw.is_all_known() { Vec::new() } else { look_for_members::<T>(raw) }
}

fn look_for_members<T: Decode>(raw: &Json) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let read = Reader::of(raw.text()).object_members(|reader, name| {
        if T::MEMBERS.contains(&name) {
            return reader.skip();
        }
        found.push((name.to_owned(), Json::decode(reader)?.to_string()));
        Ok(())
    });
    // Where an empty string or null stood for the document there is nothing to find.
    if read.is_ok() { found } else { Vec::new() }
}

fn object(members: Vec<(String, String)>) -> Option<String> {
    let pair = |(name, value): &(String, String)| format!("{}:{value}", serde_json::Value::from(name.as_str()));
    (!members.is_empty()).then(|| format!("{{{}}}", members.iter().map(pair).collect::<Vec<_>>().join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SearchPage;
    use crate::wire::Buffer;

    #[track_caller]
    fn agree<T: Decode>(raw: &Json) -> bool {
        assert_eq!(raw.is_all_known(), look_for_members::<T>(raw).is_empty(), "{raw}");
        raw.is_all_known()
    }

    #[test]
    fn reading_notices_what_looking_finds() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/history");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let pages = files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("search-"));
        let texts = pages.map(|path| std::fs::read_to_string(path).unwrap());
        let pages = texts.filter_map(|text| Reader::read::<SearchPage>(&Buffer::new(text)).ok());
        let mut counts = [0; 2];
        for record in pages.flat_map(|page| page.records) {
            let mut count = |known: bool| counts[usize::from(known)] += 1;
            count(agree::<Engagement>(&record.raw));
            count(agree::<EngagementInfo>(&record.info.raw));
            record.campaign.iter().for_each(|campaign| count(agree::<Campaign>(&campaign.raw)));
            record.visitor_info.iter().for_each(|visitor| count(agree::<VisitorInfo>(&visitor.raw)));
        }
        assert!(counts[0] > 3 && counts[1] > 20, "{counts:?}");
    }
}
