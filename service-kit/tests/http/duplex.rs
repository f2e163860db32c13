//! A client that sends and reads at the same time, and decides itself when it does which.

use std::collections::VecDeque;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::running::LIMIT;

pub(crate) struct Duplex {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    lines: VecDeque<String>,
}

/// What an answer goes on with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Line(String),
    /// As HTTP ends an answer.
    End,
    /// As a connection ends that is cut off.
    Cut,
}

impl Duplex {
    /// Sends the head of a request for the echo.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let (reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
        let head = "POST /toy/things:echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        writer.write_all(head.as_bytes()).await.unwrap();
        Self { reader: BufReader::new(reader), writer, lines: VecDeque::new() }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.writer.write_all(chunk.as_bytes()).await.unwrap();
    }

    /// Sends bytes as they are; false when nobody takes them any more.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> bool {
        self.writer.write_all(bytes).await.is_ok()
    }

    /// Everything was sent.
    pub(crate) async fn end(&mut self) {
        self.writer.write_all(b"0\r\n\r\n").await.unwrap();
    }

    /// Reads the head of the answer and gives its status.
    pub(crate) async fn status(&mut self) -> String {
        let status = self.head_line().await;
        while !self.head_line().await.is_empty() {}
        status.split(' ').nth(1).unwrap().to_owned()
    }

    /// The next line of the answer's content.
    pub(crate) async fn next(&mut self) -> Next {
        if let Some(line) = self.lines.pop_front() {
            return Next::Line(line);
        }
        let mut size = String::new();
        let read =
            tokio::time::timeout(LIMIT, self.reader.read_line(&mut size)).await.expect("the answer should go on");
        if !matches!(read, Ok(bytes) if bytes > 0) {
            return Next::Cut;
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).await.unwrap();
        if size == 0 {
            return Next::End;
        }
        let text = String::from_utf8(chunk).unwrap();
        self.lines.extend(text.lines().filter(|line| !line.is_empty()).map(str::to_owned));
        self.lines.pop_front().map(Next::Line).unwrap()
    }

    /// The next line, which must be the answer to a line: its number and text.
    pub(crate) async fn answer(&mut self) -> (u64, String) {
        let next = self.next().await;
        let Next::Line(line) = next else { panic!("{next:?} and no answer") };
        let line: Value = serde_json::from_str(&line).unwrap();
        let text = line["text"]["Ok"].as_str().or(line["text"]["Err"].as_str());
        (line["line"].as_u64().unwrap(), text.unwrap().to_owned())
    }

    async fn head_line(&mut self) -> String {
        let mut line = String::new();
        let reading = self.reader.read_line(&mut line);
        tokio::time::timeout(LIMIT, reading).await.expect("the head should come").unwrap();
        line.trim_end().to_owned()
    }

    /// Goes away while more of the answer has come and is not read, as a client does that is killed: the server learns
    /// by a reset that nobody is there.
    pub(crate) async fn vanish(mut self) {
        assert!(self.lines.is_empty() && self.reader.buffer().is_empty());
        self.reader.get_mut().peek(&mut [0]).await.unwrap();
        self.writer.forget();
    }

    /// The connection's end, after that of the answer.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        let reading = self.reader.read_to_end(&mut rest);
        // A reset is as good an end as any.
        tokio::time::timeout(LIMIT, reading).await.expect("the connection should be closed").ok();
    }
}
