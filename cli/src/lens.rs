//! The configuration seen through a lens that hides some of its options, to try each credential alone.
//!
//! The core finds credentials by itself, in variables and in the profile file, and does not say which it found. So the
//! lens stands between the core and the two: it notes the options that pass and drops those that are hidden.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lpchat::environment::{Environment, Files, Variables};

const VARIABLE_PREFIX: &str = "LPCHAT_";
const PROFILE_FILE: &str = "lpchat/config.toml";

pub struct Lens {
    inner: Environment,
    profile: Option<String>,
    hidden: BTreeSet<String>,
    seen: Mutex<BTreeSet<String>>,
}

impl Lens {
    /// `profile` is the profile that was asked for explicitly.
    pub fn new(profile: Option<String>, hidden: BTreeSet<String>) -> Arc<Self> {
        Arc::new(Self { inner: Environment::default(), profile, hidden, seen: Mutex::default() })
    }

    /// The system's environment through this lens.
    pub fn environment(self: &Arc<Self>) -> Environment {
        let (files, variables): (Arc<dyn Files>, Arc<dyn Variables>) = (Arc::clone(self) as _, Arc::clone(self) as _);
        Environment { files, variables, ..self.inner.clone() }
    }

    /// Names of the options that passed.
    pub fn seen(&self) -> BTreeSet<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The profile file without the hidden options; text that is no TOML is left for the core to complain about.
    fn without_hidden(&self, text: String) -> String {
        let Ok(mut document) = text.parse::<toml::Table>() else { return text };
        let chosen = self.profile.clone().or_else(|| self.inner.variables.get("LPCHAT_PROFILE"));
        let profiles = document.get_mut("profiles").and_then(toml::Value::as_table_mut);
        let profile = profiles.and_then(|profiles| profiles.get_mut(chosen.as_deref().unwrap_or("default")));
        let Some(profile) = profile.and_then(toml::Value::as_table_mut) else { return text };
        profile.retain(|name, _| !self.hidden.contains(name));
        self.lock().extend(profile.keys().cloned());
        document.to_string()
    }
}

impl Files for Lens {
    fn read(&self, path: &Path) -> io::Result<String> {
        let text = self.inner.files.read(path)?;
        Ok(if path.ends_with(PROFILE_FILE) { self.without_hidden(text) } else { text })
    }
}

impl Variables for Lens {
    fn get(&self, name: &str) -> Option<String> {
        let option = name.strip_prefix(VARIABLE_PREFIX).unwrap_or_default().to_ascii_lowercase();
        let value = if self.hidden.contains(&option) { None } else { self.inner.variables.get(name) };
        if value.is_some() {
            self.lock().insert(option);
        }
        value
    }
}
