//! A disk in memory that can crash at any operation, and forgets then what was not synchronised.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use lpchat::environment::{Files, Held, OpenFile};

/// What survives a crash.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Survives {
    /// Everything that was done: the process was killed.
    Everything,
    /// What was synchronised: the power failed.
    Synchronised,
}

#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Folders and files by name; folders have no number.
    names: BTreeMap<PathBuf, Option<usize>>,
    durable_names: BTreeMap<PathBuf, Option<usize>>,
    contents: Vec<Content>,
    locks: BTreeSet<PathBuf>,
    operations: usize,
    /// The operation at which everything stops.
    crash_at: Option<usize>,
    /// What all operations that change something fail with.
    refusal: Option<io::ErrorKind>,
    /// Raised by every crash: what was open before is not any more.
    boots: usize,
}

#[derive(Debug, Default, Clone)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
}

impl State {
    /// Counts an operation; false for the one that is cut by the crash, an error for those behind it.
    fn operation(&mut self) -> io::Result<bool> {
        self.operations += 1;
        match self.crash_at {
            Some(at) if self.operations > at => Err(io::Error::other("the disk is gone")),
            Some(at) => Ok(self.operations < at),
            None => Ok(true),
        }
    }

    /// Counts an operation that changes something.
    fn change(&mut self) -> io::Result<()> {
        if let Some(refusal) = self.refusal {
            return Err(refusal.into());
        }
        if self.operation()? { Ok(()) } else { Err(io::Error::other("the disk is gone")) }
    }

    fn number(&self, path: &Path) -> io::Result<usize> {
        match self.names.get(path) {
            Some(Some(number)) => Ok(*number),
            Some(None) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Disk {
    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub fn operations(&self) -> usize {
        self.lock_state().operations
    }

    /// From now on the disk stops at this operation, counted from its beginning.
    pub fn crash_at(&self, operation: usize) {
        self.lock_state().crash_at = Some(operation);
    }

    /// From now on nothing can be changed.
    pub fn refuse(&self, refusal: Option<io::ErrorKind>) {
        self.lock_state().refusal = refusal;
    }

    /// The machine starts again.
    pub fn restart(&self, survives: Survives) {
        let state = &mut *self.lock_state();
        (state.crash_at, state.boots) = (None, state.boots + 1);
        state.locks.clear();
        if survives == Survives::Synchronised {
            state.names = state.durable_names.clone();
            // A file is reached by way of its folder.
            let names = state.names.clone();
            state.names.retain(|path, _| {
                path.ancestors()
                    .skip(1)
                    .all(|above| above.as_os_str().is_empty() || above == Path::new("/") || names.contains_key(above))
            });
            state.contents.iter_mut().for_each(|content| content.now.clone_from(&content.durable));
        }
        state.durable_names = state.names.clone();
        state.contents.iter_mut().for_each(|content| content.durable.clone_from(&content.now));
    }

    /// Every file and its bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.lock_state();
        let files = state.names.iter().filter_map(|(path, number)| Some((path, number.as_ref()?)));
        files.map(|(path, number)| (path.display().to_string(), state.contents[*number].now.clone())).collect()
    }

    /// Puts a file there.
    pub fn put(&self, path: &str, bytes: &[u8]) {
        self.create_folder(Path::new(path).parent().unwrap()).unwrap();
        let mut state = self.lock_state();
        let number = state.contents.len();
        state.contents.push(Content { now: bytes.to_vec(), durable: bytes.to_vec() });
        state.names.insert(path.into(), Some(number));
    }
}

struct DiskFile {
    disk: Disk,
    number: usize,
    position: usize,
    boot: usize,
}

impl DiskFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.lock_state();
        if state.boots == self.boot { Ok(state) } else { Err(io::Error::other("opened before the crash")) }
    }
}

impl Read for DiskFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state()?;
        state.operation()?;
        let mut rest = &state.contents[self.number].now[self.position..];
        let length = rest.read(buffer)?;
        drop(state);
        self.position += length;
        Ok(length)
    }
}

impl Write for DiskFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.state()?;
        if let Some(refusal) = state.refusal {
            return Err(refusal.into());
        }
        // The operation at which the disk stops is done by half.
        let whole = state.operation()?;
        let length = if whole { bytes.len() } else { bytes.len() / 2 };
        let content = &mut state.contents[self.number].now;
        content.truncate(self.position);
        content.extend_from_slice(&bytes[..length]);
        drop(state);
        self.position += length;
        if whole { Ok(length) } else { Err(io::Error::other("the disk is gone")) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for DiskFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.state()?.contents[self.number].now.len();
        self.position = match to {
            SeekFrom::Start(offset) => offset as usize,
            SeekFrom::End(offset) => (length as i64 + offset) as usize,
            SeekFrom::Current(offset) => (self.position as i64 + offset) as usize,
        };
        Ok(self.position as u64)
    }
}

impl OpenFile for DiskFile {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.state()?;
        state.change()?;
        let content = &mut state.contents[self.number];
        content.durable.clone_from(&content.now);
        Ok(())
    }
}

struct DiskLock(Disk, PathBuf, usize);

impl Held for DiskLock {}

impl Drop for DiskLock {
    fn drop(&mut self) {
        let mut state = self.0.lock_state();
        if state.boots == self.2 {
            state.locks.remove(&self.1);
        }
    }
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<String> {
        let mut state = self.lock_state();
        state.operation()?;
        let number = state.number(path)?;
        Ok(String::from_utf8(state.contents[number].now.clone()).unwrap())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut state = self.lock_state();
        state.change()?;
        assert!(state.names.contains_key(path.parent().unwrap()), "no folder for {path:?}");
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (number, boot) = (state.contents.len(), state.boots);
        state.contents.push(Content::default());
        state.names.insert(path.to_owned(), Some(number));
        Ok(Box::new(DiskFile { disk: self.clone(), number, position: 0, boot }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut state = self.lock_state();
        state.operation()?;
        let (number, boot) = (state.number(path)?, state.boots);
        Ok(Box::new(DiskFile { disk: self.clone(), number, position: 0, boot }))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut state = self.lock_state();
        state.operation()?;
        if !state.names.contains_key(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let within = state.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(within.map(|path| path.file_name().unwrap().to_owned()).collect())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock_state();
        match state.names.get(path) {
            Some(None) => return state.operation().map(drop),
            Some(Some(_)) => return Err(io::ErrorKind::AlreadyExists.into()),
            None => state.change()?,
        }
        for folder in path.ancestors().filter(|folder| !folder.as_os_str().is_empty() && *folder != Path::new("/")) {
            state.names.entry(folder.to_owned()).or_insert(None);
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock_state();
        state.change()?;
        let number = state.number(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), Some(number));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock_state();
        state.number(path)?;
        state.change()?;
        state.names.remove(path);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock_state();
        state.change()?;
        let within = |name: &Path| name.parent() == Some(path);
        let now: Vec<_> =
            state.names.iter().filter(|(name, _)| within(name)).map(|(name, number)| (name.clone(), *number)).collect();
        state.durable_names.retain(|name, _| !within(name));
        state.durable_names.extend(now);
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Box<dyn Held>> {
        let mut state = self.lock_state();
        if !state.names.contains_key(path) {
            state.change()?;
            let number = state.contents.len();
            state.contents.push(Content::default());
            state.names.insert(path.to_owned(), Some(number));
        }
        if !state.locks.insert(path.to_owned()) {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let boot = state.boots;
        Ok(Box::new(DiskLock(self.clone(), path.to_owned(), boot)))
    }
}
