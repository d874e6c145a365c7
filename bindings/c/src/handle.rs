//! Handles of what lives: clients, chats, sessions, searches, calls.
//!
//! C holds the number of a slot and the generation of what is in it, dressed as a pointer that nobody dereferences. A
//! handle that was freed, that belongs to another kind of object, or that is no handle at all, is recognised.

use std::any::Any;
use std::ffi::c_char;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use lpchat::{Result, Text};

use crate::boundary::{LPCHAT_OK, null, refused, value};
use crate::record::Scalar;
use crate::text::{ABSENT, CText};

/// An opaque type of C whose values are handles.
pub trait Handle {
    /// What is behind it.
    type Object: Send + Sync + 'static;
    /// Its name in C.
    const NAME: &'static str;
}

struct Held {
    object: Arc<dyn Any + Send + Sync>,
    kind: &'static str,
    /// Texts that were lent to C; they live as long as the handle.
    lent: Vec<Text>,
}

#[derive(Default)]
struct Slot {
    generation: usize,
    held: Option<Held>,
}

/// All handles of the process.
#[derive(Default)]
pub struct Slots {
    slots: Vec<Slot>,
    free: Vec<usize>,
}

static SLOTS: RwLock<Slots> = RwLock::new(Slots { slots: Vec::new(), free: Vec::new() });

/// The lower half of a handle is the slot number and a one, which no pointer to memory of ours ends in; the upper half is
/// the generation.
const HALF: u32 = usize::BITS / 2;
const LAST_GENERATION: usize = (1 << HALF) - 1;

fn dress(index: usize, generation: usize) -> usize {
    (generation << HALF) | (index << 1) | 1
}

fn undress(handle: usize) -> Option<(usize, usize)> {
    (handle & 1 == 1).then_some(((handle & ((1 << HALF) - 1)) >> 1, handle >> HALF))
}

pub(crate) fn lock() -> RwLockWriteGuard<'static, Slots> {
    SLOTS.write().unwrap_or_else(PoisonError::into_inner)
}

/// Hands an object over to C.
pub fn hand_out<H: Handle>(object: impl Into<Arc<H::Object>>) -> *mut H {
    #[cfg(unix)]
    crate::fork::prepare_for_forks();
    let held = Held { object: object.into(), kind: H::NAME, lent: Vec::new() };
    let mut table = lock();
    let index = table.free.pop().unwrap_or_else(|| {
        table.slots.push(Slot { generation: 1, held: None });
        table.slots.len() - 1
    });
    let slot = &mut table.slots[index];
    slot.held = Some(held);
    std::ptr::without_provenance_mut(dress(index, slot.generation))
}

impl Slots {
    fn find(&self, handle: usize) -> Option<(usize, &Held)> {
        let (index, generation) = undress(handle)?;
        let slot = self.slots.get(index).filter(|slot| slot.generation == generation)?;
        Some((index, slot.held.as_ref()?))
    }

    fn check<H: Handle>(&self, parameter: &str, handle: *const H) -> Result<(usize, &Held)> {
        if handle.is_null() {
            return Err(null(parameter));
        }
        match self.find(handle.addr()) {
            Some((index, held)) if held.kind == H::NAME => Ok((index, held)),
            Some((_, held)) => Err(refused(parameter, format_args!("is a {}, not a {}", held.kind, H::NAME))),
            None if undress(handle.addr()).is_some() => Err(refused(parameter, format_args!("is a {} that was freed", H::NAME))),
            None => Err(refused(parameter, format_args!("is no handle of a {}", H::NAME))),
        }
    }
}

/// The object behind a handle.
pub fn get<H: Handle>(parameter: &str, handle: *const H) -> Result<Arc<H::Object>> {
    let table = SLOTS.read().unwrap_or_else(PoisonError::into_inner);
    let (_, held) = table.check(parameter, handle)?;
    Arc::clone(&held.object).downcast().map_err(|_| refused(parameter, "is a handle of another library"))
}

/// Frees a handle; NULL is allowed. What is behind it lives on while calls use it.
pub fn free<H: Handle>(parameter: &str, handle: *mut H) -> i32 {
    if handle.is_null() {
        return LPCHAT_OK;
    }
    let mut table = lock();
    let index = match table.check(parameter, handle.cast_const()) {
        Ok((index, _)) => index,
        Err(error) => return error.details().code,
    };
    let slot = &mut table.slots[index];
    let held = slot.held.take();
    slot.generation += 1;
    // A slot whose generations are used up is never used again.
    if slot.generation < LAST_GENERATION {
        table.free.push(index);
    }
    drop(table);
    drop(held);
    LPCHAT_OK
}

/// Lends a text of the object to C: it stays where it is until the handle is freed. NULL for an absent text.
pub fn text<H: Handle, T: Into<Option<Text>>>(handle: *const H, read: impl FnOnce(&H::Object) -> T) -> (*const c_char, usize) {
    value(ABSENT, || match get("handle", handle).ok().and_then(|object| read(&object).into()) {
        Some(text) => lend(handle, text),
        None => ABSENT,
    })
}

/// Reads a number, a time, a truth value or an enumeration's value of the object.
#[allow(dead_code, reason = "no property is a number yet; the generator knows what to do with one")]
pub fn scalar<H: Handle, T: Scalar>(handle: *const H, read: impl FnOnce(&H::Object) -> T) -> T::C {
    value(T::ABSENT, || get("handle", handle).map_or(T::ABSENT, |object| read(&object).c()))
}

fn lend<H: Handle>(handle: *const H, text: Text) -> (*const c_char, usize) {
    let mut table = lock();
    let Ok((index, _)) = table.check("handle", handle) else { return ABSENT };
    let Some(held) = &mut table.slots[index].held else { return ABSENT };
    let at = held.lent.iter().position(|known| *known == text).unwrap_or_else(|| {
        held.lent.push(text);
        held.lent.len() - 1
    });
    held.lent[at].c()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Number;
    impl Handle for Number {
        type Object = i32;
        const NAME: &'static str = "number";
    }
    struct Word;
    impl Handle for Word {
        type Object = String;
        const NAME: &'static str = "word";
    }

    fn said<T>(outcome: Result<T>) -> String {
        outcome.err().map(|error| error.details().message.clone()).unwrap_or_default()
    }

    #[test]
    fn freed_foreign_and_false_handles_are_recognised() {
        let one = hand_out::<Number>(1);
        assert_eq!(*get("n", one.cast_const()).unwrap(), 1);
        assert_eq!(said(get("n", one.cast_const().cast::<Word>())), "`n` is a number, not a word");
        assert_eq!(free("n", one), 0);
        assert_eq!(said(get("n", one.cast_const())), "`n` is a number that was freed");
        assert_eq!(free("n", one), 304);
        let two = hand_out::<Number>(2);
        assert_ne!(one, two, "a slot that is used again has another handle");
        assert_eq!(said(get("n", (&raw const two).cast::<Number>())), "`n` is no handle of a number");
        assert_eq!(said(get("n", std::ptr::null::<Number>())), "`n` is NULL");
        assert_eq!(free("n", two), 0);
    }
}
