//! The file that a chat is kept in, from which another process goes on.

use std::path::Path;

use lpchat::{Client, Family, LpchatError, VisitorChat};

use crate::failure::Failure;

/// Where the chat is kept, if anywhere.
#[derive(Debug, Default)]
pub struct Kept {
    file: Option<String>,
}

impl Kept {
    /// From now on the chat is kept in this file, so that no line is lost or sent twice should this process be killed.
    pub fn begin(&mut self, chat: &VisitorChat, file: &Path) -> Result<(), Failure> {
        self.write(chat, file.to_str().ok_or_else(|| Failure::Usage(format!("{file:?} is no name in UTF-8.")))?)
    }

    fn write(&mut self, chat: &VisitorChat, file: &str) -> Result<(), Failure> {
        chat.keep_in_file(file.into())?;
        self.file = Some(file.to_owned());
        Ok(())
    }

    /// Writes the chat as it is now, to the file named before where this one has no name.
    pub fn save(&mut self, chat: &VisitorChat, file: Option<String>) -> Result<(), Failure> {
        let Some(file) = file.or_else(|| self.file.clone()) else {
            return Err(Failure::Usage("/save takes the name of the file to write.".to_owned()));
        };
        self.write(chat, &file)
    }

    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// The chat is over: nobody can go on with it, and the file would be a credential that lies about.
    pub fn remove(&self) {
        if let Some(file) = &self.file {
            // It may have been moved away meanwhile.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// The chat that this file holds.
pub fn resume(client: &Client, file: &Path) -> Result<VisitorChat, Failure> {
    let document = std::fs::read_to_string(file).map_err(|error| Failure::Own {
        family: Family::Configuration,
        message: format!("--resume names the file {file:?}, which cannot be read: {error}."),
        hint: "`/save FILE` in a chat writes one, and --keep FILE does from the start.",
    })?;
    let chat: Result<VisitorChat, LpchatError> = client.visitor().resume(document.into());
    Ok(chat?)
}
