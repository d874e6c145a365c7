//! Answer bodies that can be cut, drawn out, and that know whether the client took them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use super::journal::Guard;

/// How much of a body is sent, and how fast.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    Whole,
    /// The full length is announced, this many bytes are sent, then the connection breaks or hangs.
    Cut {
        at: usize,
        hang: bool,
    },
    MillisecondsPerByte(u64),
}

/// Long enough for the bytes before a cut to leave the machine.
const BEFORE_CUT: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub struct TrackedBody {
    data: Bytes,
    sent: usize,
    pace: Pace,
    pause: Option<Pin<Box<Sleep>>>,
    guard: Option<Guard>,
}

impl TrackedBody {
    /// Calls of the admin interface have no guard: the journal is about the service.
    pub fn new(data: Bytes, pace: Pace, guard: Option<Guard>) -> Self {
        let mut body = Self { data, sent: 0, pace, pause: None, guard };
        if body.data.is_empty() {
            body.finish();
        }
        body
    }

    fn finish(&mut self) {
        if let Some(guard) = &mut self.guard {
            guard.finish();
        }
    }

    fn send(&mut self, bytes: usize) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let end = (self.sent + bytes).min(self.data.len());
        let chunk = self.data.slice(self.sent..end);
        self.sent = end;
        if end == self.data.len() {
            self.finish();
        }
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    /// Waits once; ready when the time has passed.
    fn wait(&mut self, context: &mut Context<'_>, time: Duration) -> Poll<()> {
        let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        let ready = pause.as_mut().poll(context);
        if ready.is_ready() {
            self.pause = None;
        }
        ready
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.sent == self.data.len() {
            return Poll::Ready(None);
        }
        match self.pace {
            Pace::Whole => {
                let all = self.data.len();
                self.send(all)
            }
            Pace::Cut { at, .. } if self.sent < at => {
                let rest = at - self.sent;
                self.send(rest)
            }
            // Nothing wakes this task again but the client's departure.
            Pace::Cut { hang: true, .. } => Poll::Pending,
            Pace::Cut { .. } => self.wait(context, BEFORE_CUT).map(|()| {
                self.finish();
                Some(Err(io::Error::other("cut by a fault plan")))
            }),
            Pace::MillisecondsPerByte(ms) => match self.wait(context, Duration::from_millis(ms)) {
                Poll::Ready(()) => self.send(1),
                Poll::Pending => Poll::Pending,
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.sent == self.data.len()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.data.len() - self.sent) as u64)
    }
}
