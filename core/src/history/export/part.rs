//! One file in the making.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::digest::Digester;
use super::folder::{Folder, file_error, part_name};
use super::manifest::PartEntry;
use crate::environment::OpenFile;
use crate::error::{LpchatError, Result};

/// A file that is written from its beginning to its end. What is written goes into its digest.
pub(super) struct PartFile {
    file: Box<dyn OpenFile>,
    path: PathBuf,
    digester: Digester,
    bytes: i64,
}

/// A file that is whole, but not yet safely on the disk, and without its name.
pub(super) struct Finished {
    file: Box<dyn OpenFile>,
    pub(super) unfinished: PathBuf,
    pub(super) entry: PartEntry,
}

impl PartFile {
    pub(super) fn begin(folder: &Folder, table: &str, day: &str, extension: &str) -> Result<Self> {
        let (path, file) = folder.begin(table, &format!("{day}.{extension}"))?;
        Ok(Self { file, path, digester: Digester::default(), bytes: 0 })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn finish(self, table: &str, day: &str, extension: &str, rows: i64) -> Finished {
        let sha256 = self.digester.finish();
        let file = format!("{table}/{}", part_name(day, &sha256, extension));
        let entry = PartEntry { table: table.to_owned(), file, rows, bytes: self.bytes, sha256 };
        Finished { file: self.file, unfinished: self.path, entry }
    }
}

impl Finished {
    /// Returns when the file is safely on the disk.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.file.sync().map_err(|error| write_error(&self.unfinished, &error))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digester.take(&bytes[..written]);
        self.bytes += i64::try_from(written).unwrap_or(i64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The error of a file that is being written.
pub(super) fn write_error(path: &Path, error: &io::Error) -> LpchatError {
    file_error("The file cannot be written", path, error)
}
