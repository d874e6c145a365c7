//! The manifest: what an export consists of. Only what stands in it exists.
//!
//! It says nothing about when or how often something was read, so that the same data gives the same manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::day::{Day, Span, united};
use super::digest::digest_of;
use super::format::ExportFormat;
use crate::error::{Code, LpchatError, Result};
use crate::history::report::WindowReport;
use crate::wire::Timestamp;

pub(super) const MANIFEST: &str = "manifest.json";
const KIND: &str = "lpchat-export";
/// Raised when an older lpchat would misread the manifest.
const VERSION: u32 = 1;
/// The words of the manifest about placeholders.
const KEPT: &str = "kept";
const LEFT_OUT: &str = "left out";
/// Stands before the digest of everything above it.
const DIGEST_LINE: &str = ",\n\"sha256\":";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    kind: String,
    version: u32,
    pub(super) account_id: String,
    format: String,
    /// What stands in tables for what the service writes for "none".
    placeholders: String,
    /// The filters, as the service was asked.
    pub(super) filters: Value,
    /// What was taken out of the records.
    redaction: String,
    pub(super) days: BTreeMap<Day, DayEntry>,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DayEntry {
    pub(super) records: i64,
    pub(super) windows: Vec<WindowEntry>,
    pub(super) parts: Vec<PartEntry>,
}

/// One window that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WindowEntry {
    #[serde(with = "instant")]
    pub(super) start: Timestamp,
    #[serde(with = "instant")]
    pub(super) end: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) skill_id: Option<String>,
    /// How many records the service counted, both ends included.
    pub(super) count: Option<i64>,
    pub(super) records: i64,
    /// Whether it lay so far back when it was read that nothing is added any more.
    pub(super) settled: bool,
    /// Why records are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) problem: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartEntry {
    pub(super) table: String,
    /// Its path within the folder.
    pub(super) file: String,
    pub(super) rows: i64,
    pub(super) bytes: i64,
    pub(super) sha256: String,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
    version: Option<u32>,
}

mod instant {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::wire::Timestamp;

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl WindowEntry {
    pub(super) fn new(window: &WindowReport, settled: bool) -> Self {
        Self {
            start: window.start,
            end: window.end,
            skill_id: window.skill_id.as_deref().map(str::to_owned),
            count: window.count,
            records: window.records,
            settled,
            problem: window.problem.as_deref().map(str::to_owned),
        }
    }

    /// The gap it is, where records are missing.
    pub(super) fn gap(&self) -> Option<WindowReport> {
        self.problem.as_ref().map(|problem| WindowReport {
            start: self.start,
            end: self.end,
            skill_id: self.skill_id.as_deref().map(Into::into),
            count: self.count,
            records: self.records,
            pages: 0,
            rereads: 0,
            problem: Some(problem.as_str().into()),
        })
    }
}

impl DayEntry {
    /// What of the day was read.
    pub(super) fn spans(&self) -> Vec<Span> {
        united(self.windows.iter().map(|window| window.start..window.end).collect())
    }

    pub(super) fn is_complete(&self) -> bool {
        self.windows.iter().all(|window| window.problem.is_none())
    }

    /// Whether reading the day again would give the same.
    pub(super) fn is_final(&self) -> bool {
        self.is_complete() && self.windows.iter().all(|window| window.settled)
    }
}

impl Manifest {
    pub(super) fn new(
        account_id: &str,
        format: &ExportFormat,
        keep_placeholders: bool,
        filters: Value,
        redaction: String,
    ) -> Self {
        Self {
            kind: KIND.to_owned(),
            version: VERSION,
            account_id: account_id.to_owned(),
            format: format.as_str().to_owned(),
            placeholders: if keep_placeholders || *format != ExportFormat::Parquet { KEPT } else { LEFT_OUT }.to_owned(),
            filters,
            redaction,
            days: BTreeMap::new(),
        }
    }

    pub(super) fn format(&self) -> ExportFormat {
        self.format.as_str().into()
    }

    pub(super) fn keep_placeholders(&self) -> bool {
        self.placeholders == KEPT
    }

    pub(super) fn records(&self) -> i64 {
        self.days.values().map(|day| day.records).sum()
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &PartEntry> {
        self.days.values().flat_map(|day| &day.parts)
    }

    pub(super) fn files(&self) -> BTreeSet<&str> {
        self.parts().map(|part| part.file.as_str()).collect()
    }

    pub(super) fn gaps(&self) -> Vec<WindowReport> {
        self.days.values().flat_map(|day| day.windows.iter().filter_map(WindowEntry::gap)).collect()
    }

    /// Fails where this is another export than the one that is to be gone on with.
    pub(super) fn refuse_other(&self, wanted: &Self, folder: &Path) -> Result<()> {
        let differences = [
            ("of the account", &self.account_id, &wanted.account_id),
            ("in the format", &self.format, &wanted.format),
            ("with the placeholders", &self.placeholders, &wanted.placeholders),
            ("with the filters", &self.filters.to_string(), &wanted.filters.to_string()),
            ("with the redaction", &self.redaction, &wanted.redaction),
        ];
        match differences.into_iter().find(|(_, found, wanted)| found != wanted) {
            Some((what, found, wanted)) => Err(unusable(
                folder,
                &format!("it holds an export {what} {found}, and this one is {what} {wanted}: name a folder for each"),
            )),
            None => Ok(()),
        }
    }

    /// The text of the file: a line for each day.
    pub(super) fn to_text(&self) -> String {
        let mut text = format!(
            "{{\n\"kind\":{},\n\"version\":{},\n\"account_id\":{},\n\"format\":{},\n\"placeholders\":{},\n\"filters\":{},\n\"redaction\":{},\n\"days\":{{",
            json(&self.kind),
            self.version,
            json(&self.account_id),
            json(&self.format),
            json(&self.placeholders),
            self.filters,
            json(&self.redaction)
        );
        for (index, (day, entry)) in self.days.iter().enumerate() {
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            text.push_str(&format!("{}:{}", json(day), json(entry)));
        }
        text.push_str("\n}");
        let digest = digest_of(text.as_bytes());
        // The text may be of megabytes: no copy of it.
        text.push_str(&format!("{DIGEST_LINE}\"{digest}\"\n}}\n"));
        text
    }

    pub(super) fn from_text(text: &str, folder: &Path) -> Result<Self> {
        let damaged = || unusable(folder, &format!("its {MANIFEST} is damaged: restore it, or export into another folder"));
        let head: Head = serde_json::from_str(text).map_err(|_| damaged())?;
        if head.kind.as_deref() != Some(KIND) {
            return Err(unusable(folder, &format!("its {MANIFEST} is not of an export of lpchat: name another folder")));
        }
        if let Some(version) = head.version.filter(|version| *version > VERSION) {
            let rule = format!("its {MANIFEST} has version {version}, and this lpchat knows up to {VERSION}: use a newer one");
            return Err(unusable(folder, &rule));
        }
        let (above, digest) = text.rsplit_once(DIGEST_LINE).ok_or_else(damaged)?;
        if digest.trim_end_matches("\n}\n").trim_matches('"') != digest_of(above.as_bytes()) {
            return Err(damaged());
        }
        serde_json::from_str(&format!("{above}}}")).map_err(|_| damaged())
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a tree of texts and numbers")
}

/// The error of a folder whose export cannot be gone on with.
pub(super) fn unusable(folder: &Path, rule: &str) -> LpchatError {
    LpchatError::new(Code::UnusableExport).with_message(format!("`directory` is {folder:?}: {rule}.")).with_hint("")
}
