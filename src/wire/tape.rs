//! A stream that keeps what passes through it, because a parser's view of a message is not evidence.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::{MOST_INTERIM, evidence};
use super::stream::Stream;

/// A stream, and what passed through it since it was last cleared.
#[derive(Debug)]
pub(super) struct Tape {
    stream: Stream,
    /// Bytes received, up to `bound`.
    pub(super) received: Vec<u8>,
    /// Bytes sent, while `keep_sent` is true.
    pub(super) sent: Vec<u8>,
    /// Whether bytes sent are kept.
    pub(super) keep_sent: bool,
    /// Whether any byte was sent.
    pub(super) wrote: bool,
    /// Whether more was received than is kept.
    pub(super) cut: bool,
    /// Whether the peer closed its side, or reading or writing failed.
    pub(super) ended: bool,
    /// What goes over the wire in place of whatever is written, once.
    instead: Instead,
    /// The most bytes that are kept of what is received.
    pub(super) bound: usize,
    /// Whether what came is to be acknowledged at once, before more is read.
    pub(super) hurries: bool,
    /// What was read beforehand, for the next reader.
    handed: Option<Handed>,
    /// Who waits for more to come, in another task than the one that reads.
    waits: Option<Waker>,
}

/// What was read beforehand and is kept for the next reader.
#[derive(Debug)]
struct Handed {
    /// How much of what was received it has read.
    read: usize,
    /// What ended the reading, if anything did.
    error: Option<io::Error>,
    /// Whether it has to write first: what was read is the answer to that.
    waits: bool,
}

/// Bytes in place of those that are written.
#[derive(Debug, Default)]
enum Instead {
    /// None: what is written goes over the wire.
    #[default]
    Nothing,
    /// These, of which so many are sent.
    Sending(Arc<[u8]>, usize),
    /// They are sent, and what is written until the next exchange is dropped.
    Sent,
}

/// A tape shared by the stream that fills it and the exchange that reads it; both run in one task,
/// so nobody ever waits for the lock.
#[derive(Clone, Debug)]
pub(super) struct SharedTape(Arc<Mutex<Tape>>);

impl SharedTape {
    /// A stream, of what comes through which so many bytes are kept.
    pub(super) fn new(stream: Stream, bound: usize) -> Self {
        Self(Arc::new(Mutex::new(Tape {
            stream,
            received: Vec::new(),
            sent: Vec::new(),
            keep_sent: false,
            wrote: false,
            cut: false,
            ended: false,
            instead: Instead::Nothing,
            bound,
            hurries: false,
            handed: None,
            waits: None,
        })))
    }

    /// The tape itself. A panic elsewhere leaves bytes that are still true, so poison is no matter.
    pub(super) fn lock(&self) -> MutexGuard<'_, Tape> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tape {
    /// Forgets everything and keeps its memory.
    pub(super) fn clear(&mut self, keep_sent: bool) {
        self.received.clear();
        self.sent.clear();
        self.keep_sent = keep_sent;
        self.wrote = false;
        self.cut = false;
        self.ended = false;
        self.hurries = false;
        self.instead = Instead::Nothing;
        self.handed = None;
    }

    /// Sends these bytes in place of the request that is written next; so many of them are sent already.
    pub(super) fn send_instead(&mut self, bytes: Arc<[u8]>, sent: usize) {
        self.instead = Instead::Sending(bytes, sent);
    }

    /// What was received so far, as a fault keeps it.
    pub(super) fn evidence(&self) -> Vec<u8> {
        evidence(&self.received)
    }

    /// Whether more interim responses came than are read (RFC 9110 §15.2).
    pub(super) fn is_flooded(&self) -> bool {
        // The shortest of them has 15 bytes.
        if self.received.len() < MOST_INTERIM * 15 {
            return false;
        }
        let mut lines = self.received.split(|byte| *byte == b'\n');
        let interim = |line: &&[u8]| line.starts_with(b"HTTP/1.1 1");
        lines.by_ref().filter(interim).nth(MOST_INTERIM).is_some()
    }

    /// How many lines the longest head received has, without its first; as far as it was kept. Interim responses
    /// have heads of their own.
    pub(super) fn lines(&self) -> usize {
        let (mut longest, mut lines) = (0_usize, 0_usize);
        for line in self.received.split(|byte| *byte == b'\n') {
            lines = match line.trim_ascii().is_empty() {
                true => 0,
                false => lines + 1,
            };
            longest = longest.max(lines);
        }
        longest.saturating_sub(1)
    }

    /// Has whoever polls woken when more comes, or an end.
    #[cfg(feature = "http2")]
    pub(super) fn wake_for_more(&mut self, cx: &Context<'_>) {
        self.waits = Some(cx.waker().clone());
    }

    fn took(&mut self, bytes: &[u8]) {
        let room = self.bound.saturating_sub(self.received.len());
        self.cut |= bytes.len() > room;
        let kept = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.received.extend_from_slice(kept);
    }

    fn gave<'a>(&mut self, pieces: impl Iterator<Item = &'a [u8]>, written: usize) {
        self.wrote |= written > 0;
        if !self.keep_sent {
            return;
        }
        let mut left = written;
        for piece in pieces {
            let part = piece.get(..left.min(piece.len())).unwrap_or_default();
            self.sent.extend_from_slice(part);
            left -= part.len();
        }
    }
}

/// What a reader met that reads beforehand.
pub(super) enum ReadAhead {
    /// These bytes, which are received.
    Bytes,
    /// The end, or an error, which is kept for the next reader.
    End(Option<io::Error>),
}

impl Tape {
    /// Reads what there is, before whoever else reads; `room` is where it is read to.
    pub(super) fn poll_read_before(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [u8],
    ) -> Poll<ReadAhead> {
        let mut buffer = ReadBuf::new(room);
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer));
        self.ended |= result.is_err() || buffer.filled().is_empty();
        Poll::Ready(match result {
            Ok(()) if buffer.filled().is_empty() => ReadAhead::End(None),
            Ok(()) => {
                self.took(buffer.filled());
                ReadAhead::Bytes
            }
            Err(error) => ReadAhead::End(Some(error)),
        })
    }

    /// Writes a request, of which `written` bytes are written already, and says when it is sent; what fails is left to
    /// whoever writes next.
    pub(super) fn poll_write_before(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
        written: &mut usize,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
            let some = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if some == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.gave(std::iter::once(rest), some);
            *written += some;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Leaves what was received to the next reader. Where a request was sent, whoever writes first is to believe that
    /// it has sent it, and reads behind that.
    pub(super) fn hand_over(&mut self, met: ReadAhead, sent: bool) {
        if sent {
            self.instead = Instead::Sent;
        }
        self.handed = Some(Handed {
            read: 0,
            error: match met {
                ReadAhead::Bytes | ReadAhead::End(None) => None,
                ReadAhead::End(error) => error,
            },
            waits: sent,
        });
    }

    /// What is left of what was handed over; nothing where the stream is to be read.
    fn read_handed(&mut self, buffer: &mut ReadBuf<'_>) -> Option<Poll<io::Result<()>>> {
        let handed = self.handed.as_mut()?;
        if handed.waits {
            // Whoever writes is woken for it.
            return Some(Poll::Pending);
        }
        let rest = self.received.get(handed.read..).unwrap_or_default();
        if rest.is_empty() {
            let handed = self.handed.take();
            let error = handed.and_then(|handed| handed.error);
            return error.map(|error| Poll::Ready(Err(error)));
        }
        let some = rest.get(..buffer.remaining()).unwrap_or(rest);
        buffer.put_slice(some);
        handed.read += some.len();
        Some(Poll::Ready(Ok(())))
    }

    /// Takes note that somebody writes who had to before it reads.
    fn writes(&mut self, cx: &Context<'_>) {
        if let Some(handed) = self.handed.as_mut().filter(|handed| handed.waits) {
            handed.waits = false;
            cx.waker().wake_by_ref();
        }
    }
}

/// A stream that fills a tape.
#[derive(Debug)]
pub(super) struct Recorder(SharedTape);

impl Recorder {
    /// The stream of a tape.
    pub(super) fn new(tape: SharedTape) -> Self {
        Self(tape)
    }
}

/// Sends what goes in place of what is written; ready when all of it is sent.
fn send_all(cx: &mut Context<'_>, tape: &mut Tape) -> Poll<io::Result<()>> {
    while let Instead::Sending(bytes, sent) = &tape.instead {
        let (bytes, sent) = (Arc::clone(bytes), *sent);
        let rest = bytes.get(sent..).unwrap_or_default();
        if rest.is_empty() {
            tape.instead = Instead::Sent;
            break;
        }
        let written = ready!(Pin::new(&mut tape.stream).poll_write(cx, rest))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        tape.gave(std::iter::once(rest), written);
        tape.instead = Instead::Sending(bytes, sent + written);
    }
    Poll::Ready(Ok(()))
}

impl AsyncRead for Recorder {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut tape = self.0.lock();
        let tape = &mut *tape;
        if let Some(handed) = tape.read_handed(buffer) {
            return handed;
        }
        if std::mem::take(&mut tape.hurries) {
            tape.stream.acknowledge();
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut tape.stream).poll_read(cx, buffer);
        match &result {
            Poll::Ready(Ok(())) => {
                let new = buffer.filled().get(before..).unwrap_or_default();
                tape.ended |= new.is_empty();
                tape.took(new);
            }
            Poll::Ready(Err(_)) => tape.ended = true,
            Poll::Pending => {}
        }
        if result.is_ready()
            && let Some(waiting) = tape.waits.take()
        {
            waiting.wake();
        }
        result
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut tape = self.0.lock();
        let tape = &mut *tape;
        tape.writes(cx);
        let result = if matches!(tape.instead, Instead::Nothing) {
            let result = Pin::new(&mut tape.stream).poll_write_vectored(cx, pieces);
            if let Poll::Ready(Ok(written)) = &result {
                tape.gave(pieces.iter().map(|piece| &**piece), *written);
            }
            result
        } else {
            let offered = pieces.iter().map(|piece| piece.len()).sum();
            send_all(cx, tape).map_ok(|()| offered)
        };
        tape.ended |= matches!(result, Poll::Ready(Err(_)));
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.0.lock().stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.lock().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0.lock().stream).poll_shutdown(cx)
    }
}
