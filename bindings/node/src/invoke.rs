//! One invocation: its arguments on the way in, its call on the way out.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use lpchat::call::{Job, Undelivered, panicked};
use lpchat::{Call, CallOptions, Canceller, Result};
use serde_json::{Map, Value};

use crate::input::{FromJson, FromMembers, invalid, read_members};
use crate::outcome::Payload;

/// Runs code of the core or of this crate. A panic becomes the internal error.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// The arguments of one invocation: required ones by position, optional ones by name among the call's options.
#[derive(Debug)]
pub struct Invocation {
    positional: Vec<Value>,
    options: Map<String, Value>,
    /// The names of the options that the method itself has.
    own: Vec<&'static str>,
}

impl Invocation {
    /// Reads the texts that the TypeScript layer writes: the positional arguments as a JSON array, or the only one, a text,
    /// as it is; nothing where there are none.
    pub fn new(positional: Option<String>, is_sole_text: bool, options: Option<&str>) -> Result<Self> {
        let garbled = |error: serde_json::Error| invalid(format!("The arguments are not JSON (column {}).", error.column()));
        let positional = match positional {
            None => Vec::new(),
            Some(text) if is_sole_text => vec![Value::String(text)],
            Some(json) => serde_json::from_str(&json).map_err(garbled)?,
        };
        let options = options.map_or(Ok(Value::Null), serde_json::from_str).map_err(garbled)?;
        let options = match options {
            Value::Null => Map::new(),
            Value::Object(options) => options,
            _ => return Err(invalid("The last parameter must be an object of options such as `{ signal, timeout }`.")),
        };
        Ok(Self { positional, options, own: Vec::new() })
    }

    /// The argument at this position.
    pub fn positional<T: FromJson>(&mut self, index: usize, name: &str) -> Result<T> {
        T::read(self.positional.get_mut(index).map(Value::take), name)
    }

    /// The argument at this position, an object whose members are named without it.
    pub fn record<T: FromMembers>(&mut self, index: usize, name: &str) -> Result<T> {
        match self.positional.get_mut(index).map(Value::take) {
            None | Some(Value::Null) => T::absent(name),
            Some(value) => read_members(value, name, ""),
        }
    }

    /// An optional argument.
    pub fn option<T: FromJson>(&mut self, name: &'static str) -> Result<T> {
        self.own.push(name);
        T::read(self.options.remove(name), name)
    }

    /// What is left of the options: those that every call takes.
    pub fn options(self) -> Result<Option<CallOptions>> {
        if self.options.is_empty() {
            return Ok(None);
        }
        if let Some(unknown) = self.options.keys().find(|name| !CallOptions::MEMBERS.contains(&name.as_str())) {
            let known: Vec<&str> = self.own.iter().chain(CallOptions::MEMBERS).chain(&["signal"]).copied().collect();
            return Err(invalid(format!("`{unknown}` is no option of this call, which has: {}.", known.join(", "))));
        }
        read_members(Value::Object(self.options), "options", "").map(Some)
    }
}

/// Makes of an outcome what can be handed to JavaScript, on a thread kept for callbacks. Beside it comes what to call where
/// it reaches nobody any more.
pub type Conversion = Box<dyn FnOnce() -> (Result<Payload>, Option<Undelivered>) + Send>;

/// Notes an outcome that has come, on the engine's own thread; what it gives is run on a thread kept for callbacks.
pub type Note = Box<dyn FnOnce(Conversion) -> Option<Job> + Send>;

/// A call that was begun.
pub enum Begun {
    /// It has ended already.
    Ended(Result<Payload>),
    /// Its outcome will be noted.
    Running(Canceller),
}

/// A call whose result can be handed to JavaScript.
pub struct Started(Box<dyn FnOnce(Note) -> Begun>);

impl fmt::Debug for Started {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Started(…)")
    }
}

impl Started {
    /// Takes a call, and how its value is handed over.
    pub fn new<T: Clone + Send + 'static>(call: Call<T>, deliver: fn(T) -> Payload) -> Self {
        Self::with(call, move |value| Ok(deliver(value)))
    }

    /// The same, of what can fail.
    pub fn with<T: Clone + Send + 'static>(call: Call<T>, deliver: impl FnOnce(T) -> Result<Payload> + Send + 'static) -> Self {
        Self(Box::new(move |note| {
            // What is there already needs no way through a thread of ours.
            if let Some(outcome) = call.wait_for(Duration::ZERO) {
                return Begun::Ended(guarded(|| outcome.and_then(deliver)));
            }
            Begun::Running(call.on_arrival(move |outcome, undelivered| {
                note(Box::new(move || (guarded(|| outcome.and_then(deliver)), undelivered)))
            }))
        }))
    }

    /// Says what to do with the outcome, unless it is there already.
    pub fn begin(self, note: Note) -> Begun {
        (self.0)(note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_the_internal_error() {
        let error = guarded(|| -> Result<()> { panic!("a mistake") }).unwrap_err();
        assert_eq!(error.code(), lpchat::Code::Internal);
        assert!(error.to_string().contains("a mistake"), "{error}");
    }

    #[test]
    fn an_unknown_option_is_named_beside_the_known_ones() {
        let mut invocation = Invocation::new(None, false, Some(r#"{"drian": 5, "timeout": 100}"#)).unwrap();
        assert_eq!(invocation.option::<Option<i64>>("drain").unwrap(), None);
        let error = invocation.options().unwrap_err().to_string();
        assert!(error.starts_with("`drian` is no option of this call, which has: drain, timeout"), "{error}");
    }

    #[test]
    fn options_are_absent_when_nothing_is_given() {
        assert_eq!(Invocation::new(None, false, None).unwrap().options().unwrap(), None);
        let options =
            Invocation::new(None, false, Some(r#"{"timeout": 1500.5, "retries": 0}"#)).unwrap().options().unwrap().unwrap();
        assert_eq!((options.timeout.unwrap().as_micros(), options.retries), (1_500_500, Some(0)));
    }
}
