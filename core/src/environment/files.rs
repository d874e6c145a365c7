//! Files, and how one is written so that it is there whole or not at all.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// An open file.
pub trait OpenFile: Read + Write + Seek + Send {
    /// Returns when what was written is safely on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl OpenFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// A lock, held until it is dropped.
pub trait Held: Send + Sync {}

impl Held for File {}

/// Files and folders. What is not said otherwise goes to the operating system; only `read` has to be said.
pub trait Files: Send + Sync {
    /// The whole text of a file.
    fn read(&self, path: &Path) -> io::Result<String>;

    /// A new file for reading and writing that only its owner can open; an error where it is there already.
    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Box::new(options.open(path)?))
    }

    /// A file for reading.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(File::open(path)?))
    }

    /// The names in a folder, in no order.
    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Makes a folder, and those above it; nothing where it is there already.
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    /// Gives a file another name; what had that name is gone.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    /// Makes the names in a folder durable, where folders can be opened.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
    }

    /// Takes the lock of a file, which is made where it is not there: `WouldBlock` while another process, or another part
    /// of this one, holds it. The operating system lets go of it when the process ends, however it does.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Held>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Makes `text` the whole of a file that only its owner can read: all of it or nothing, whatever happens meanwhile.
    /// A temporary file beside it takes its place when it is safely on the disk.
    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        let temporary = temporary_of(path)?;
        // Left behind by a process of this number that was killed: nobody else writes it.
        if let Err(error) = self.remove(&temporary)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let written = self
            .create(&temporary)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync()))
            .and_then(|()| self.rename(&temporary, path));
        if written.is_err() {
            // The error is what counts; the file may not even be there.
            let _ = self.remove(&temporary);
            return written;
        }
        self.sync_folder(folder_of(path))
    }
}

/// The file that is written before it takes the place of `path`.
fn temporary_of(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.tmp", std::process::id()));
    Ok(path.with_file_name(temporary))
}

/// The folder that holds `path`.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) struct SystemFiles;

impl Files for SystemFiles {
    fn read(&self, path: &Path) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}
