//! The owned runtime: one a process, made by the first call, made anew after a fork.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// A value that every process makes for itself.
///
/// A forked child inherits memory but neither threads nor the right to use its parent's sockets, and a lock may have
/// been held by a thread that does not exist in it. So each process appends its own value to a chain and looks at
/// nothing that another process made. The inherited values are leaked on purpose: dropping them would join threads
/// that do not exist.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    pid: u32,
    value: OnceLock<T>,
    child: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new() -> Self {
        Self { pid: std::process::id(), value: OnceLock::new(), child: OnceLock::new() }
    }

    /// This process's value.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.own().value.get_or_init(make)
    }

    /// This process's value, if it has one.
    pub(crate) fn get(&self) -> Option<&T> {
        self.own().value.get()
    }

    fn own(&self) -> &Self {
        let pid = std::process::id();
        let mut link = self;
        while link.pid != pid {
            link = link.child.get_or_init(|| Box::new(Self::new()));
        }
        link
    }
}

static ENGINE: LazyLock<PerProcess<Engine>> = LazyLock::new(PerProcess::new);

/// How many threads decode large answers or run callbacks at the same time.
const BLOCKING_THREADS: usize = 4;

/// The runtime of this process. It is never dropped: at exit its threads simply end with the process.
#[derive(Debug)]
pub(crate) struct Engine {
    runtime: Runtime,
}

impl Engine {
    /// The engine of this process, started now if this is the first call.
    pub(crate) fn current() -> &'static Self {
        ENGINE.get_or_init(|| Self {
            runtime: Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(BLOCKING_THREADS)
                .thread_keep_alive(Duration::from_secs(5))
                .thread_name("lpchat")
                .enable_all()
                .build()
                .expect("the operating system gives a thread"),
        })
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }
}
