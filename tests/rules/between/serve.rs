//! Taking connections, and requests from them.

use std::future::Future;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::liberal::request::Request;

/// A request with its content.
#[derive(Clone, Debug)]
pub struct Asked {
    pub head: Request,
    pub content: Vec<u8>,
}

/// Who answers requests.
pub trait Answers: Send + Sync + 'static {
    /// Whether somebody who waits for it is told to go on with the content.
    fn says_go_on(&self) -> bool {
        true
    }

    /// The bytes of the answer, and whether the connection ends with it.
    fn answer(&self, asked: &Asked) -> impl Future<Output = (Vec<u8>, bool)> + Send;
}

/// A server on a free port of loopback; it ends when this is dropped.
pub struct Serving {
    pub authority: String,
    task: JoinHandle<()>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn serve(answers: Arc<impl Answers>) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            while connections.try_join_next().is_some() {}
            connections.spawn(converse(stream, Arc::clone(&answers)));
        }
    });
    Serving { authority, task }
}

async fn converse(mut stream: TcpStream, answers: Arc<impl Answers>) {
    let _ = stream.set_nodelay(true);
    let mut read: Vec<u8> = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read_buf(&mut read).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        let head: Vec<u8> = read.drain(..end).collect();
        let head = Request::read(&head);
        let length = head.one("content-length").map_or("0", |length| length);
        let length: usize = length.parse().unwrap();
        if head.has("expect") && answers.says_go_on() {
            let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await;
        }
        while read.len() < length {
            match stream.read_buf(&mut read).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let content = read.drain(..length).collect();
        let asked = Asked { head, content };
        let (bytes, closes) = match asked.head.broken || asked.head.folded {
            true => (
                super::reply::Reply::of(400).bytes(super::reply::Carriage::default()),
                true,
            ),
            false => answers.answer(&asked).await,
        };
        if stream.write_all(&bytes).await.is_err() || closes {
            return;
        }
    }
}
