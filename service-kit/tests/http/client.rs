//! What a client needs to ask for, and to look at in, an answer.

use std::io;
use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::running::LIMIT;

/// A request, with `name: value` lines and a body.
pub(crate) fn request(method: &str, url: String, headers: &[(&str, &str)], body: Option<&str>) -> RequestBuilder {
    let client = reqwest::Client::builder().no_proxy().timeout(LIMIT).build().unwrap();
    let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => request.body(body.to_owned()),
        None => request,
    }
}

pub(crate) async fn send(method: &str, url: String, headers: &[(&str, &str)], body: Option<&str>) -> Response {
    request(method, url, headers, body).send().await.unwrap()
}

pub(crate) async fn get(url: String) -> Response {
    send("GET", url, &[], None).await
}

/// The header's text; empty when there is none.
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The problem document that an answer must be.
pub(crate) async fn problem(response: Response) -> Value {
    let status = response.status();
    assert_eq!(header(&response, "content-type"), "application/problem+json", "{status}");
    let id = header(&response, "x-request-id").to_owned();
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["status"], status.as_u16());
    assert_eq!(document["requestId"], id);
    for member in ["type", "title", "detail", "instance"] {
        assert!(document[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {document}");
    }
    document
}

/// The status and the slug of a refusal.
pub(crate) async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let document = problem(response).await;
    (status, document["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned())
}

/// Sends bytes as they are and reads until the server closes.
pub(crate) async fn raw(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    rest_of(stream).await
}

pub(crate) async fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A reset after the answer is as good an end as any.
    let reading = stream.read_to_end(&mut answer);
    tokio::time::timeout(LIMIT, reading).await.expect("the server should close the connection").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A connection that is kept: one request after the other, each sent when the one before was answered.
pub(crate) struct Kept(BufReader<TcpStream>);

impl Kept {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Asks for a path and reads the whole answer; returns whether it is the last on this connection.
    pub(crate) async fn get(&mut self, path: &str) -> io::Result<bool> {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).await?;
        let (mut length, mut is_last) = (0, false);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("connection", "close")) => is_last = true,
                Some(_) => {}
                None if line == "\r\n" => break,
                None => assert!(line.starts_with("HTTP/1.1 200"), "{line}"),
            }
        }
        self.0.read_exact(&mut vec![0; length]).await?;
        Ok(is_last)
    }

    /// Whether the server closes without another word.
    pub(crate) async fn is_closed(&mut self) -> bool {
        tokio::time::timeout(LIMIT, self.0.read_u8()).await.is_ok_and(|read| read.is_err())
    }
}
