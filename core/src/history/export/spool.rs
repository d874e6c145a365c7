//! Records of a day that wait until all that belong before them are there.
//!
//! The service gives records in the order of their start, but not those of the same instant, and what is read again comes
//! late. So that the same records give the same files, they are put in order here: in memory while they are few, on the disk
//! else.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::folder::{Folder, file_error};
use super::part::write_error;
use crate::environment::OpenFile;
use crate::error::Result;
use crate::history::{Engagement, RecordFailure};
use crate::wire::{Json, Reader, Text, Timestamp};

/// So many bytes of records are held in memory, counted as JSON text; as objects they take about twice as much.
const HELD_BYTES: usize = 8 << 20;

/// A record, as far as it can be read.
#[derive(Debug, Clone)]
pub(super) enum Record {
    Readable(Box<Engagement>),
    Unreadable(Json),
}

impl Record {
    pub(super) fn json(&self) -> &str {
        match self {
            Self::Readable(engagement) => engagement.raw.as_str(),
            Self::Unreadable(json) => json.as_str(),
        }
    }

    fn read(json: String) -> Self {
        let text = Text::from(json);
        match Reader::of(&text).recover() {
            Ok(Ok(engagement)) => Self::Readable(Box::new(engagement)),
            _ => Self::Unreadable(Json::from(text)),
        }
    }
}

/// When a record that cannot be read as a whole starts, where that can be told.
pub(super) fn start_of(failure: &RecordFailure) -> Option<Timestamp> {
    let record = failure.raw.to_value().ok()?;
    let info = &record["info"];
    let millis = info["startTimeL"].as_i64().or_else(|| info["startTimeL"].as_str()?.parse().ok());
    millis.map(Timestamp::from_millis).or_else(|| Timestamp::from_wire(info["startTime"].as_str()?))
}

/// Where a record belongs: by start, then by its key; by its text where it has none. Without a start it comes last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    start: i64,
    engagement_id: Box<str>,
    set: Option<i64>,
    sequence: Option<i64>,
    text: Option<Box<str>>,
}

impl Position {
    fn of_record(record: &Engagement) -> Self {
        let text = record.engagement_id.is_empty().then(|| record.raw.as_str().into());
        Self {
            start: record.start_time.map_or(i64::MAX, Timestamp::as_millis),
            engagement_id: record.engagement_id.as_str().into(),
            set: record.info.engagement_set,
            sequence: record.info.engagement_sequence,
            text,
        }
    }

    fn of_failure(failure: &RecordFailure) -> Self {
        Self {
            start: start_of(failure).map_or(i64::MAX, Timestamp::as_millis),
            engagement_id: "".into(),
            set: None,
            sequence: None,
            text: Some(failure.raw.as_str().into()),
        }
    }
}

enum Place {
    Held(Record),
    Stored { offset: u64, bytes: usize },
}

/// The records that wait.
#[derive(Default)]
pub(super) struct Spool {
    waiting: Vec<(Position, Place)>,
    held_bytes: usize,
    file: Option<SpoolFile>,
}

struct SpoolFile {
    path: PathBuf,
    file: Box<dyn OpenFile>,
    end: u64,
}

impl Spool {
    pub(super) fn add(&mut self, folder: &Folder, record: Engagement) -> Result<()> {
        self.put(folder, Position::of_record(&record), Record::Readable(Box::new(record)))
    }

    pub(super) fn add_unreadable(&mut self, folder: &Folder, failure: RecordFailure) -> Result<()> {
        self.put(folder, Position::of_failure(&failure), Record::Unreadable(failure.raw))
    }

    fn put(&mut self, folder: &Folder, position: Position, record: Record) -> Result<()> {
        self.held_bytes += record.json().len();
        self.waiting.push((position, Place::Held(record)));
        if self.held_bytes > HELD_BYTES { self.store(folder) } else { Ok(()) }
    }

    /// Puts what is held on the disk.
    fn store(&mut self, folder: &Folder) -> Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let (path, file) = folder.spool()?;
                self.file.insert(SpoolFile { path, file, end: 0 })
            }
        };
        file.store(&mut self.waiting).map_err(|error| write_error(&file.path, &error))?;
        self.held_bytes = 0;
        Ok(())
    }

    /// Hands out, in order, what starts before this instant: nothing that belongs before it comes any more. Everything,
    /// where there is no such instant.
    pub(super) fn drain(&mut self, before: Option<Timestamp>, mut each: impl FnMut(&Record) -> Result<()>) -> Result<()> {
        self.waiting.sort_unstable_by(|(first, _), (second, _)| first.cmp(second));
        let before = before.map_or(self.waiting.len(), |before| {
            self.waiting.partition_point(|(position, _)| position.start < before.as_millis())
        });
        for (_, place) in self.waiting.drain(..before) {
            let record = match (place, &mut self.file) {
                (Place::Held(record), _) => {
                    self.held_bytes -= record.json().len();
                    record
                }
                (Place::Stored { offset, bytes }, Some(file)) => {
                    let json = file.load(offset, bytes);
                    Record::read(json.map_err(|error| file_error("The file cannot be read", &file.path, &error))?)
                }
                (Place::Stored { .. }, None) => unreachable!("what is stored has a file"),
            };
            each(&record)?;
        }
        Ok(())
    }

    /// Removes the file, if there is one.
    pub(super) fn end(self, folder: &Folder) {
        if let Some(SpoolFile { path, file, .. }) = self.file {
            drop(file);
            folder.discard(&path);
        }
    }
}

impl SpoolFile {
    fn store(&mut self, waiting: &mut [(Position, Place)]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut writer = BufWriter::new(&mut self.file);
        for (_, place) in waiting {
            let Place::Held(record) = place else { continue };
            let json = record.json().as_bytes();
            writer.write_all(json)?;
            let bytes = json.len();
            *place = Place::Stored { offset: self.end, bytes };
            self.end += bytes as u64;
        }
        writer.flush()
    }

    fn load(&mut self, offset: u64, bytes: usize) -> io::Result<String> {
        self.file.seek(SeekFrom::Start(offset))?;
        let mut json = vec![0; bytes];
        self.file.read_exact(&mut json)?;
        String::from_utf8(json).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}
