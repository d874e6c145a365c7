//! The folder that open chats are kept in, a file each, from which another process goes on with them.

use std::fs;
use std::path::{Path, PathBuf};

use lpchat::{AgentChat, AgentSession, Family, LpchatError, Text};

use crate::failure::Failure;

/// How the names of its files end.
const ENDING: &str = "chat.json";

/// Where open chats are kept, if anywhere.
#[derive(Debug, Default)]
pub struct Kept {
    folder: Option<PathBuf>,
}

impl Kept {
    /// Makes the folder where it is not there.
    pub fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = folder {
            // What a folder is called becomes part of what the core is told.
            folder.to_str().ok_or_else(|| Failure::Usage(format!("{folder:?} is no name in UTF-8.")))?;
            make(folder).map_err(|error| unusable(folder, &error))?;
        }
        Ok(Self { folder: folder.map(Path::to_owned) })
    }

    pub fn is_used(&self) -> bool {
        self.folder.is_some()
    }

    /// The chats that another process has left here, with the files they stand in.
    pub fn chats(&self, session: &AgentSession) -> Result<Vec<(AgentChat, PathBuf)>, Failure> {
        let Some(folder) = &self.folder else { return Ok(Vec::new()) };
        let mut chats = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unusable(folder, &error))? {
            let path = entry.map_err(|error| unusable(folder, &error))?.path();
            if path.to_string_lossy().ends_with(&format!(".{ENDING}")) {
                let document = fs::read_to_string(&path).map_err(|error| unusable(&path, &error))?;
                chats.push((session.resume(document.into())?, path));
            }
        }
        Ok(chats)
    }

    /// From now on the chat is kept here, so that no line is lost or sent twice should this process be killed.
    pub fn begin(&self, chat: &AgentChat) -> Result<(), LpchatError> {
        match self.file(&chat.id()).as_deref().and_then(Path::to_str) {
            Some(file) => chat.keep_in_file(file.into()),
            None => Ok(()),
        }
    }

    /// The chat is another's, or over: its file would be a credential that lies about.
    pub fn forget(&self, id: &Text) {
        if let Some(file) = self.file(id) {
            forget(&file);
        }
    }

    /// The file of a chat. It is called by the part of its id that logs show, too.
    fn file(&self, id: &Text) -> Option<PathBuf> {
        let shown = id.rsplit_once('K').map_or("", |(_, shown)| shown);
        let name: String = shown.chars().filter(char::is_ascii_alphanumeric).collect();
        self.folder.as_ref().map(|folder| folder.join(format!("{name}.{ENDING}")))
    }
}

/// Removes the file of a chat that nobody can go on with.
pub fn forget(file: &Path) {
    // It may have been moved away meanwhile.
    let _ = fs::remove_file(file);
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Own {
        family: Family::Configuration,
        message: format!("--keep cannot use {path:?}: {error}."),
        hint: "Name a folder of your own; it is made where it is not there.",
    }
}
