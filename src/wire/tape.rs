//! A stream that keeps what passes through it, because a parser's view of a message is not evidence.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What passed since it was last cleared.
#[derive(Debug, Default)]
pub(super) struct Tape {
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
    /// The most bytes that are kept of what is received.
    pub(super) bound: usize,
}

/// A tape shared by the stream that fills it and the exchange that reads it; both run in one task,
/// so nobody ever waits for the lock.
#[derive(Clone, Debug)]
pub(super) struct SharedTape(Arc<Mutex<Tape>>);

impl SharedTape {
    /// An empty tape.
    pub(super) fn new(bound: usize) -> Self {
        Self(Arc::new(Mutex::new(Tape {
            bound,
            ..Tape::default()
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

/// A TCP stream that fills a tape.
#[derive(Debug)]
pub(super) struct Recorder {
    stream: TcpStream,
    tape: SharedTape,
}

impl Recorder {
    /// Records `stream` on `tape`.
    pub(super) fn new(stream: TcpStream, tape: SharedTape) -> Self {
        Self { stream, tape }
    }

    fn note_write<'a>(
        &self,
        pieces: impl Iterator<Item = &'a [u8]>,
        result: &Poll<io::Result<usize>>,
    ) {
        match result {
            Poll::Ready(Ok(written)) => self.tape.lock().gave(pieces, *written),
            Poll::Ready(Err(_)) => self.tape.lock().ended = true,
            Poll::Pending => {}
        }
    }
}

impl AsyncRead for Recorder {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        match &result {
            Poll::Ready(Ok(())) => {
                let new = buffer.filled().get(before..).unwrap_or_default();
                let mut tape = self.tape.lock();
                tape.ended |= new.is_empty();
                tape.took(new);
            }
            Poll::Ready(Err(_)) => self.tape.lock().ended = true,
            Poll::Pending => {}
        }
        result
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note_write(std::iter::once(bytes), &result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.note_write(pieces.iter().map(|piece| &**piece), &result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
