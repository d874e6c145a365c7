//! The folder of an export: who may write it, what in it is ours, and in which order it changes.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::manifest::{MANIFEST, Manifest, unusable};
use super::part::Finished;
use super::together::for_each;
use crate::environment::{Files, Held, OpenFile, folder_of};
use crate::error::{Code, LpchatError, Result};

/// The file whose lock keeps a second writer away.
const LOCK: &str = ".lpchat-export.lock";
/// What the last run reported.
const REPORT: &str = "report.json";
/// Ends the names of files that are not whole yet.
const UNFINISHED: &str = ".tmp";

/// The folder of an export, locked for as long as this lives.
pub(super) struct Folder {
    files: Arc<dyn Files>,
    path: PathBuf,
    lock: Option<Box<dyn Held>>,
    /// The folder and those above it, as far as they were not there before.
    made: Vec<PathBuf>,
}

impl Folder {
    /// Opens the folder for writing, with what it holds: nothing where it is new. Fails where it is in use, or is no
    /// folder of an export.
    pub(super) fn open(files: &Arc<dyn Files>, path: &Path) -> Result<(Self, Option<Manifest>)> {
        let mut folder = Self { files: Arc::clone(files), path: path.to_owned(), lock: None, made: missing(&**files, path) };
        files.create_folder(path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                LpchatError::argument("directory", path, "it is a file, or lies in one: name a folder")
            }
            _ => file_error("The folder cannot be made", path, &error),
        })?;
        folder.refuse_foreign()?;
        folder.take_lock()?;
        let manifest = folder.manifest()?;
        Ok((folder, manifest))
    }

    /// Opens the folder for reading. It is locked where that is possible: not on media that cannot be written.
    pub(super) fn open_to_read(files: &Arc<dyn Files>, path: &Path) -> Result<(Self, Manifest)> {
        let mut folder = Self { files: Arc::clone(files), path: path.to_owned(), lock: None, made: Vec::new() };
        let Some(manifest) = folder.manifest()? else {
            return Err(unusable(path, &format!("it holds no export: there is no {MANIFEST} in it")));
        };
        match folder.take_lock() {
            Err(error) if error.code() == Code::ExportInUse => return Err(error),
            _ => {}
        }
        Ok((folder, manifest))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn take_lock(&mut self) -> Result<()> {
        let path = self.path.join(LOCK);
        let lock = self.files.lock(&path).map_err(|error| match error.kind() {
            ErrorKind::WouldBlock => LpchatError::new(Code::ExportInUse)
                .with_message(format!("`directory` is {:?}: another export is writing it.", self.path)),
            _ => file_error("The file cannot be locked", &path, &error),
        })?;
        self.lock = Some(lock);
        Ok(())
    }

    fn manifest(&self) -> Result<Option<Manifest>> {
        let path = self.path.join(MANIFEST);
        match self.files.read(&path) {
            Ok(text) => Manifest::from_text(&text, &self.path).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("The file cannot be read", &path, &error)),
        }
    }

    /// An export begins in an empty folder: what others have in one is none of ours.
    fn refuse_foreign(&self) -> Result<()> {
        self.manifest()?;
        let names = self.names("")?;
        let foreign = names.iter().find(|name| *name != LOCK && !is_unfinished_manifest(name));
        if let Some(name) = foreign.filter(|_| !names.iter().any(|name| name == MANIFEST)) {
            let rule = format!("it holds {name:?} and no export: name a new or an empty folder");
            return Err(unusable(&self.path, &rule));
        }
        Ok(())
    }

    /// The names within a folder of ours; none where it is not there.
    fn names(&self, within: &str) -> Result<Vec<String>> {
        let path = self.path.join(within);
        match self.files.names(&path) {
            Ok(names) => Ok(names.iter().map(|name| name.to_string_lossy().into_owned()).collect()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(file_error("The folder cannot be read", &path, &error)),
        }
    }

    /// Removes what a run that was ended in the middle has left: unfinished files, and parts that no manifest came to name.
    /// Files that are not ours stay.
    pub(super) fn clean_up(&self, manifest: &Manifest, tables: &[&str], extensions: &[&str]) -> Result<()> {
        for name in self.names("")?.iter().filter(|name| is_unfinished_manifest(name) || *name == SPOOL) {
            self.remove(name)?;
        }
        let listed = manifest.files();
        for table in tables {
            for name in self.names(table)?.iter().filter(|name| is_part(name, extensions)) {
                let file = format!("{table}/{name}");
                if !listed.contains(file.as_str()) {
                    self.remove(&file)?;
                }
            }
        }
        Ok(())
    }

    /// Removes files in the making, of one day or of all, where that is possible; the next run would.
    pub(super) fn discard_unfinished(&self, day: Option<&str>, tables: &[&str], extensions: &[&str]) {
        for table in tables {
            let names = self.names(table).unwrap_or_default();
            let is_ours = |name: &str| name.ends_with(UNFINISHED) && is_part(name, extensions);
            let is_of_day = |name: &str| day.is_none_or(|day| name.starts_with(&format!(".{day}.")));
            let unfinished = names.iter().filter(|name| is_ours(name) && is_of_day(name));
            unfinished.for_each(|name| self.discard(&self.path.join(table).join(name)));
        }
    }

    /// Begins a file of a table that is not whole yet.
    pub(super) fn begin(&self, table: &str, name: &str) -> Result<(PathBuf, Box<dyn OpenFile>)> {
        let folder = self.path.join(table);
        self.files.create_folder(&folder).map_err(|error| file_error("The folder cannot be made", &folder, &error))?;
        let path = folder.join(format!(".{name}{UNFINISHED}"));
        let file = self.files.create(&path).map_err(|error| file_error("The file cannot be made", &path, &error))?;
        Ok((path, file))
    }

    /// The file in which records wait for their turn. It need not survive anything.
    pub(super) fn spool(&self) -> Result<(PathBuf, Box<dyn OpenFile>)> {
        let path = self.path.join(SPOOL);
        let file = self.files.create(&path).map_err(|error| file_error("The file cannot be made", &path, &error))?;
        Ok((path, file))
    }

    /// Makes the manifest, and with it everything it names, what the folder holds: first the new files are made durable, then
    /// they get their names, and when these are durable, too, the manifest takes its place.
    pub(super) fn commit(&self, files: Vec<Finished>, manifest: &Manifest) -> Result<()> {
        let mut changed: BTreeSet<PathBuf> = files.iter().map(|file| self.path.join(&file.entry.table)).collect();
        if !files.is_empty() {
            // Folders of tables may be new themselves.
            changed.insert(self.path.clone());
        }
        for_each(files, |mut file| {
            file.sync()?;
            let path = self.path.join(&file.entry.file);
            self.files.rename(&file.unfinished, &path).map_err(|error| file_error("The file cannot be renamed to", &path, &error))
        })?;
        for_each(changed.into_iter().collect(), |folder| {
            self.files.sync_folder(&folder).map_err(|error| file_error("The folder cannot be written", &folder, &error))
        })?;
        self.replace(MANIFEST, &manifest.to_text())
    }

    /// Makes the names of folders durable that have just been made, and the folder's own: whoever made it may not have.
    pub(super) fn sync_own_name(&self) -> Result<()> {
        let folders: BTreeSet<&Path> = self.made.iter().chain([&self.path]).map(|folder| folder_of(folder)).collect();
        for_each(folders.into_iter().collect(), |folder| {
            self.files.sync_folder(folder).map_err(|error| file_error("The folder cannot be written", folder, &error))
        })
    }

    pub(super) fn write_report(&self, json: &str) -> Result<()> {
        self.replace(REPORT, &format!("{json}\n"))
    }

    fn replace(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        self.files.replace(&path, text).map_err(|error| file_error("The file cannot be written", &path, &error))
    }

    pub(super) fn remove(&self, file: &str) -> Result<()> {
        let path = self.path.join(file);
        match self.files.remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error("The file cannot be removed", &path, &error)),
            _ => Ok(()),
        }
    }

    /// Removes an unfinished file where that is possible; the next run would.
    pub(super) fn discard(&self, unfinished: &Path) {
        let _ = self.files.remove(unfinished);
    }

    pub(super) fn read(&self, file: &str) -> io::Result<Box<dyn OpenFile>> {
        self.files.open(&self.path.join(file))
    }
}

const SPOOL: &str = ".spool.tmp";

/// The folder and those above it that are not there.
fn missing(files: &dyn Files, path: &Path) -> Vec<PathBuf> {
    let is_missing = |folder: &Path| files.names(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let above = path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && is_missing(folder));
    above.map(Path::to_owned).collect()
}

fn is_unfinished_manifest(name: &str) -> bool {
    [MANIFEST, REPORT].iter().any(|own| name.starts_with(&format!(".{own}."))) && name.ends_with(UNFINISHED)
}

/// The name of a part: its day, the beginning of its digest, what it is.
pub(super) fn part_name(day: &str, digest: &str, extension: &str) -> String {
    format!("{day}-{}.{extension}", &digest[..DIGITS])
}

/// So many digits of the digest tell apart what a day has been.
const DIGITS: usize = 12;

/// Whether a name is one that parts, or parts in the making, have.
fn is_part(name: &str, extensions: &[&str]) -> bool {
    let unfinished = name.strip_prefix('.').and_then(|name| name.strip_suffix(UNFINISHED));
    let Some((stem, extension)) = unfinished.unwrap_or(name).rsplit_once('.') else { return false };
    let fits = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, kind)| match kind {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                other => byte == other,
            })
    };
    let pattern = if unfinished.is_some() { "0000-00-00" } else { "0000-00-00-xxxxxxxxxxxx" };
    extensions.contains(&extension) && fits(stem, pattern)
}

/// The error of a file, with what to do about it.
pub(super) fn file_error(what: &str, path: &Path, error: &io::Error) -> LpchatError {
    let cure = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "The disk is full: free some space",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "The folder cannot be written by this user: change its permissions, or name another folder"
        }
        _ => "Mend what is wrong with the file or its disk",
    };
    LpchatError::new(Code::FileFailed)
        .with_message(format!("{what}: {path:?}: {error}."))
        .with_cause(error)
        .with_hint(format!("{cure}, then run the export again: it goes on from what is safely there."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_are_known_and_others_are_not() {
        let name = part_name("2026-03-01", "0123456789abcdef", "parquet");
        assert_eq!(name, "2026-03-01-0123456789ab.parquet");
        let ours = [name.as_str(), ".2026-03-01.parquet.tmp"];
        assert!(ours.iter().all(|name| is_part(name, &["parquet"])));
        let foreign =
            ["2026-03-01.parquet", ".2026-03-01-0123456789ab.parquet.tmp", "notes.parquet", "2026-03-01-0123456789ab.csv"];
        assert!(!foreign.iter().any(|name| is_part(name, &["parquet"])), "{foreign:?}");
    }
}
