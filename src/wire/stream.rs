//! The stream below HTTP: TCP, TLS over it, or a stream in memory.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use super::fault::WireFault;
use super::in_process::InProcess;
use super::limits::Limits;
use super::tls::{self, Encrypted, NoHandshake};
use super::trust::Trust;
use super::way::Way;

/// A connected stream.
#[derive(Debug)]
pub(super) enum Stream {
    /// In clear text.
    Plain(TcpStream),
    /// Encrypted; what passes here is clear text still.
    Tls(Box<Encrypted>),
    /// To a server within this program, in clear text.
    InProcess(DuplexStream),
}

impl Stream {
    /// Connects to an address, by the proxy that there may be, with the TLS that the way asks for.
    ///
    /// # Errors
    ///
    /// [`WireFault::Connect`] when that fails or takes too long, and when a TLS server does not agree
    /// on the way's protocol.
    pub(super) async fn dial(
        address: &str,
        way: Way,
        limits: &Limits,
        trust: &Trust,
    ) -> Result<Self, WireFault> {
        let fault = |why: String| WireFault::Connect {
            address: address.to_owned(),
            why,
        };
        let dialled = async {
            let addresses = trust.addresses(address).await;
            let addresses = addresses.map_err(|why| why.to_string())?;
            let connected = connect(&addresses, trust.from).await;
            let mut stream = connected.map_err(|error| match &trust.proxy {
                Some(proxy) => proxy.told(&error.to_string()),
                None => error.to_string(),
            })?;
            stream
                .set_nodelay(true)
                .map_err(|error| error.to_string())?;
            if let Some(proxy) = &trust.proxy {
                proxy.open(&mut stream, address).await?;
            }
            if way.is_secure() {
                match tls::shake_hands(stream, address, way, &trust.certificates).await {
                    Ok(stream) => Ok(Ok(Self::Tls(Box::new(stream)))),
                    Err(NoHandshake::Refused(alert)) => Ok(Err(WireFault::Refused { alert })),
                    Err(NoHandshake::Other(why)) => Err(why),
                }
            } else {
                Ok(Ok(Self::Plain(stream)))
            }
        };
        match timeout(limits.connect, dialled).await {
            Ok(dialled) => dialled.map_err(fault)?,
            Err(_) => Err(fault(late(limits))),
        }
    }

    /// Connects within this program where there is such a place, else to the address.
    ///
    /// # Errors
    ///
    /// As for [`Stream::dial`].
    pub(super) async fn connect(
        (address, in_process): (&str, Option<&InProcess>),
        way: Way,
        limits: &Limits,
        trust: &Trust,
    ) -> Result<Self, WireFault> {
        let Some(place) = in_process else {
            return Self::dial(address, way, limits, trust).await;
        };
        let why = match timeout(limits.connect, place.connect()).await {
            Ok(Ok(stream)) => return Ok(Self::InProcess(stream)),
            Ok(Err(error)) => error.to_string(),
            Err(_) => late(limits),
        };
        let address = address.to_owned();
        Err(WireFault::Connect { address, why })
    }

    /// Acknowledges what came, where the system lets that be asked for: a peer with a small second write
    /// holds it back until then (RFC 9293 §3.7.4), which is 40 ms and more where acknowledgements wait for
    /// company.
    pub(super) fn acknowledge(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            let stream = match self {
                Self::Plain(stream) => stream,
                Self::Tls(stream) => tls::below(stream),
                Self::InProcess(_) => return,
            };
            // Where it fails, the acknowledgement goes out later.
            let _ = stream.set_quickack(true);
        }
    }
}

/// Connects to the first of these addresses that takes one, from an address of this machine where one is given.
async fn connect(addresses: &[SocketAddr], from: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(from) = from else {
        return TcpStream::connect(addresses).await;
    };
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses
        .iter()
        .filter(|address| address.is_ipv4() == from.is_ipv4())
    {
        let socket = match from {
            IpAddr::V4(_) => TcpSocket::new_v4()?,
            IpAddr::V6(_) => TcpSocket::new_v6()?,
        };
        socket.bind(SocketAddr::new(from, 0))?;
        match socket.connect(*address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// What is said where nobody took a connection in time.
fn late(limits: &Limits) -> String {
    let waited = limits.connect.as_secs_f64();
    format!("no answer within {waited:.1} s")
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::InProcess(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::InProcess(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
            Self::InProcess(stream) => Pin::new(stream).poll_write_vectored(cx, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::InProcess(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
            Self::InProcess(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::InProcess(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
