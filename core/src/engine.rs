//! The owned runtime: one a process, made by the first call, made anew after a fork.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::bells::Callers;
use crate::error::{Code, LpchatError, Result};

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

/// No process has this number: a static chain starts with it, so that it needs no initialisation a fork could interrupt.
const NO_PROCESS: u32 = 0;

impl<T> PerProcess<T> {
    /// The start of a chain that lives in a static.
    pub(crate) const fn root() -> Self {
        Self { pid: NO_PROCESS, value: OnceLock::new(), child: OnceLock::new() }
    }

    pub(crate) fn new() -> Self {
        Self { pid: std::process::id(), ..Self::root() }
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

static ENGINE: PerProcess<Slot> = PerProcess::root();

/// Where the engine stands, and the lock that keeps two first calls from starting two.
#[derive(Debug, Default)]
struct Slot {
    starting: Mutex<()>,
    engine: OnceLock<Engine>,
}

/// How many threads decode large answers and resolve names at the same time. Callbacks have threads of their own.
const BLOCKING_THREADS: usize = 4;

/// The runtime of this process. It is never dropped: at exit its threads simply end with the process.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The process that it works in.
    pub(crate) pid: u32,
    runtime: Runtime,
    /// The one worker thread.
    worker: Arc<OnceLock<ThreadId>>,
    /// Those who await its calls.
    pub(crate) callers: Arc<Callers>,
}

impl Engine {
    /// The engine of this process, started now if this is the first call. Fails where the operating system gives no
    /// thread; the next call tries again.
    pub(crate) fn current() -> Result<&'static Self> {
        let slot = ENGINE.get_or_init(Slot::default);
        if let Some(engine) = slot.engine.get() {
            return Ok(engine);
        }
        let _starting = slot.starting.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.engine.get() {
            Some(engine) => Ok(engine),
            None => {
                let engine = Self::start()?;
                Ok(slot.engine.get_or_init(|| engine))
            }
        }
    }

    fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_keep_alive(Duration::from_secs(5))
            .thread_name("lpchat")
            .enable_all()
            .build()
            .map_err(|error| {
                LpchatError::new(Code::Internal)
                    .with_message("The operating system gives lpchat no thread or no descriptor to work with.")
                    .with_hint("Look at the limits on threads and open files.")
                    .with_cause(error)
            })?;
        let worker = Arc::new(OnceLock::new());
        let slot = Arc::clone(&worker);
        runtime.spawn(async move { slot.set(std::thread::current().id()) });
        let callers = Arc::<Callers>::default();
        let served = Arc::clone(&callers);
        runtime.spawn(async move { served.serve().await });
        Ok(Self { pid: std::process::id(), runtime, worker, callers })
    }

    /// Whether this thread is the worker, on which nothing may wait: the calls it would wait for run there.
    pub(crate) fn on_worker() -> bool {
        let engine = ENGINE.get().and_then(|slot| slot.engine.get());
        engine.and_then(|engine| engine.worker.get()) == Some(&std::thread::current().id())
    }

    /// Whether it was not inherited from another process.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.pid == std::process::id()
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.runtime.handle()
    }
}
