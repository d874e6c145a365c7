//! The accept loop: one task per connection, faults around each call, the journal beside it.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::body::{Pace, TrackedBody};
use super::faults::Hit;
use super::journal::Guard;
use super::mutate;
use super::reply::Reply;
use super::request::Request;
use crate::routes::{self, Found};
use crate::{Sandbox, admin, times};

/// Larger request bodies get 413.
const LARGEST_BODY: usize = 8 << 20;

/// Tells the connection to end without an answer.
#[derive(Debug)]
struct BreakOff;

impl fmt::Display for BreakOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("broken off by a fault plan")
    }
}

impl std::error::Error for BreakOff {}

/// A client's socket that can end with a reset instead of an orderly close.
#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // A close with pending linger of zero sends RST. Nothing is left to do when it fails.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Serves until the runtime ends.
pub async fn serve(listener: TcpListener, sandbox: Arc<Sandbox>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&sandbox)));
            }
            // Out of descriptors, or the client was gone already: try again a little later.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn connection(stream: TcpStream, sandbox: Arc<Sandbox>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { stream, reset: Arc::clone(&reset) };
    let service = service_fn(move |incoming| answer(incoming, Arc::clone(&sandbox), Arc::clone(&reset)));
    // An error here is a client that left or a fault plan's doing; the journal has it.
    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(socket), service).await;
}

async fn answer(
    incoming: hyper::Request<Incoming>,
    sandbox: Arc<Sandbox>,
    reset: Arc<AtomicBool>,
) -> Result<Response<TrackedBody>, BreakOff> {
    let (head, body) = incoming.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body,
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(response(&sandbox, Reply::empty(413), Pace::Whole, None));
        }
        Err(_) => return Err(BreakOff),
    };
    let request =
        Request::new(head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default(), head.headers, body.to_bytes());
    let found = routes::find(&request);
    if matches!(found, Found::Admin) {
        let reply = admin::handle(&sandbox, &request).await;
        return Ok(response(&sandbox, reply, Pace::Whole, None));
    }
    let guard = sandbox.journal.begin(found.name(), &request, sandbox.clock.now());
    let hit = sandbox.faults().take(found.name(), &request);
    let Some(hit) = hit else {
        let reply = routes::call(&sandbox, found, request).await;
        return Ok(response(&sandbox, reply, Pace::Whole, Some(guard)));
    };
    guard.fault(hit.id);
    faulty(&sandbox, found, request, hit, guard, &reset).await
}

/// Answers a request that a fault plan fits.
async fn faulty(
    sandbox: &Arc<Sandbox>,
    found: Found,
    mut request: Request,
    hit: Hit,
    mut guard: Guard,
    reset: &AtomicBool,
) -> Result<Response<TrackedBody>, BreakOff> {
    let action = &hit.action;
    let delay = Duration::from_millis(action.delay_ms);
    if !hit.after {
        tokio::time::sleep(delay).await;
    }
    if action.from_start {
        request.query.retain(|(name, _)| name != "from");
    }
    let own = if let Some(ms) = action.late_ms {
        let sandbox = Arc::clone(sandbox);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            routes::call(&sandbox, found, request).await
        });
        None
    } else if hit.after || action.keeps_answer() {
        Some(routes::call(sandbox, found, request).await)
    } else {
        None
    };
    if hit.after {
        tokio::time::sleep(delay).await;
    }
    reset.store(action.reset, Ordering::Relaxed);
    if action.is_silent() {
        if action.hang {
            let never: Infallible = pending().await;
            match never {}
        }
        guard.finish();
        return Err(BreakOff);
    }
    let reply = match (mutate::replacement(action), own) {
        (Some(replacement), _) => replacement,
        (None, own) => mutate::changed(own.unwrap_or_else(|| Reply::empty(200)), action),
    };
    let pace = match (action.truncate, action.slow_body_ms_per_byte) {
        (Some(at), _) => Pace::Cut { at, hang: action.hang },
        (None, Some(ms)) => Pace::MillisecondsPerByte(ms),
        (None, None) => Pace::Whole,
    };
    Ok(response(sandbox, reply, pace, Some(guard)))
}

fn response(sandbox: &Sandbox, reply: Reply, pace: Pace, mut guard: Option<Guard>) -> Response<TrackedBody> {
    if let Some(guard) = &mut guard {
        guard.answered(reply.status);
    }
    let mut response = Response::new(TrackedBody::new(Bytes::from(reply.body), pace, guard));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let date = ("date".to_owned(), times::http_date(sandbox.clock.now()));
    let own = reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value));
    for (name, value) in std::iter::once(date).chain(own) {
        insert(&name, &value, |name, value| {
            headers.append(name, value);
        });
    }
    for (name, value) in reply.extra_headers {
        insert(&name, &value, |name, value| {
            headers.insert(name, value);
        });
    }
    response
}

/// Header texts that HTTP cannot carry are left out: they come from fault plans.
fn insert(name: &str, value: &str, put: impl FnOnce(HeaderName, HeaderValue)) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        put(name, value);
    }
}
