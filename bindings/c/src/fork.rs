//! The locks of this library across a fork.
//!
//! A child of `fork` has one thread: a lock that another thread of the parent held at that moment would stay locked for
//! ever. So the thread that forks takes all of them first, and both processes let go afterwards. The core needs no such
//! care: each process makes its own engine.

use std::cell::RefCell;
use std::sync::{MutexGuard, Once, RwLockWriteGuard};

use crate::call::Registered;
use crate::handle::Slots;
use crate::log::Receiver;

/// All locks, in the order in which they are taken.
struct Held {
    _delivering: Option<MutexGuard<'static, ()>>,
    _receiver: MutexGuard<'static, Option<Receiver>>,
    _registered: MutexGuard<'static, Vec<Registered>>,
    _slots: RwLockWriteGuard<'static, Slots>,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

extern "C" fn before() {
    let _gone = HELD.try_with(|held| {
        *held.borrow_mut() = Some(Held {
            _delivering: crate::log::lock_delivery(),
            _receiver: crate::log::lock_receiver(),
            _registered: crate::call::lock(),
            _slots: crate::handle::lock(),
        });
    });
}

extern "C" fn after() {
    let _gone = HELD.try_with(|held| held.borrow_mut().take());
}

/// Called before anything is locked for the first time.
pub fn prepare_for_forks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the three functions live as long as the library, which is never unloaded, and do not unwind: taking and
        // releasing these locks does not panic.
        unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
    });
}
