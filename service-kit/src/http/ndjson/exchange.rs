//! The answer to a stream of lines, made while they come.
//!
//! It lives in the connection, which asks it for the next piece of the answer whenever the client has taken enough of
//! those before. Only then does it take in lines: a client that does not read is not read from either, and waits.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use tokio::task::JoinError;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span};

use super::input::{Input, Next};
use super::places::Place;
use super::stall::Stall;
use super::work::{End, GivenUp, LineAnswer, LineWork};

/// Counts the lines, by stream and outcome.
pub(in super::super) const LINES: &str = "http_server_stream_lines_total";

/// Lines that are worked on, or whose answers wait for their turn: two full bulk writes of the write path.
const WINDOW: usize = 1000;

/// Their bytes. Work on a line takes a few times its size.
const WINDOW_BYTES: usize = 2 * 1024 * 1024;

/// Answers are sent in pieces of about this size, or what there is.
const PIECE: usize = 16 * 1024;

/// The body of the response.
pub(super) struct Exchange<W: LineWork> {
    work: W,
    input: Input,
    reading: Reading,
    in_flight: FuturesOrdered<Running<W::Answer>>,
    in_flight_bytes: usize,
    out: Vec<u8>,
    handed_out: bool,
    stall: Stall,
    draining: Pin<Box<WaitForCancellationFutureOwned>>,
    end: Option<End>,
    span: Span,
    _place: Place,
}

/// Whether lines are still taken in, and how the stream ends when those in flight are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Open,
    Over(End),
}

impl<W: LineWork> Exchange<W> {
    pub(super) fn new(work: W, input: Input, stall: Stall, draining: CancellationToken, place: Place) -> Self {
        Self {
            work,
            input,
            reading: Reading::Open,
            in_flight: FuturesOrdered::new(),
            in_flight_bytes: 0,
            out: Vec::new(),
            handed_out: false,
            stall,
            draining: Box::pin(draining.cancelled_owned()),
            end: None,
            span: Span::current(),
            _place: place,
        }
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if std::mem::take(&mut self.handed_out) {
            self.stall.moved();
        }
        while self.end.is_none() {
            // What was begun has to be asked once, or it would never wake this up: taking lines comes first.
            let moved = self.take_lines(cx) | self.collect_answers(cx);
            if !self.out.is_empty() {
                return self.hand_out();
            }
            match self.reading {
                Reading::Over(end) if self.in_flight.is_empty() && self.end.is_none() => return self.finish(end),
                Reading::Over(_) | Reading::Open => {}
            }
            if !moved {
                break;
            }
        }
        if self.input.has_received() {
            self.stall.moved();
        }
        if self.end.is_none() {
            std::task::ready!(self.stall.poll(cx));
            self.end = Some(End::Stalled);
        }
        Poll::Ready(None)
    }

    /// Takes in lines while there is room; whether there were any, or their end.
    fn take_lines(&mut self, cx: &mut Context<'_>) -> bool {
        if self.reading == Reading::Open && self.draining.poll_unpin(cx).is_ready() {
            self.reading = Reading::Over(End::Draining);
        }
        let mut moved = false;
        while self.reading == Reading::Open && self.has_room() {
            let Poll::Ready(next) = self.input.poll_next(cx) else { break };
            moved = true;
            match next {
                Next::Line(line) => {
                    let size = line.content.as_ref().map_or(0, Vec::len);
                    let work = self.work.begin(line).instrument(self.span.clone());
                    self.in_flight_bytes += size;
                    self.in_flight.push_back(Running { size, task: AbortOnDropHandle::new(tokio::spawn(work)) });
                }
                Next::End => self.reading = Reading::Over(End::Complete),
                Next::BrokenOff => self.reading = Reading::Over(End::BrokenOff),
            }
        }
        moved
    }

    fn has_room(&self) -> bool {
        self.in_flight.len() < WINDOW && self.in_flight_bytes < WINDOW_BYTES
    }

    /// Writes down the answers that are ready, in the order of their lines; whether there were any.
    fn collect_answers(&mut self, cx: &mut Context<'_>) -> bool {
        let mut moved = false;
        while self.out.len() < PIECE {
            let Poll::Ready(Some((size, done))) = self.in_flight.poll_next_unpin(cx) else { break };
            moved = true;
            self.in_flight_bytes -= size;
            match done {
                Ok(Ok(answer)) => {
                    metrics::counter!(LINES, "stream" => W::NAME, "outcome" => answer.outcome()).increment(1);
                    self.work.note(&answer);
                    self.write(&answer);
                }
                Ok(Err(GivenUp)) => {
                    let draining = self.reading == Reading::Over(End::Draining);
                    self.end = Some(if draining { End::Draining } else { End::GivenUp });
                }
                Err(lost) => {
                    tracing::error!(parent: &self.span, stream = W::NAME, %lost, "the work on a line met a defect");
                    self.end = Some(End::GivenUp);
                }
            }
            if self.end.is_some() {
                break;
            }
        }
        moved
    }

    fn finish(&mut self, end: End) -> Poll<Option<Bytes>> {
        self.end = Some(end);
        if end != End::Complete {
            return Poll::Ready(None);
        }
        let summary = self.work.summary();
        self.write(&summary);
        self.hand_out()
    }

    fn write(&mut self, line: &impl Serialize) {
        match serde_json::to_writer(&mut self.out, line) {
            Ok(()) => self.out.push(b'\n'),
            Err(error) => {
                tracing::error!(parent: &self.span, stream = W::NAME, %error, "an answer could not be written");
                self.end = Some(End::GivenUp);
            }
        }
    }

    fn hand_out(&mut self) -> Poll<Option<Bytes>> {
        self.handed_out = true;
        Poll::Ready(Some(std::mem::take(&mut self.out).into()))
    }
}

impl<W: LineWork> MessageBody for Exchange<W> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    /// What is left of the request is kept until this is dropped, and not dropped with the last piece: from a client
    /// that may still be sending, the connection then closes in order instead of reading on for ever.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.get_mut().poll_piece(cx).map(|piece| piece.map(Ok))
    }
}

/// The answer has ended long after the log line of its request.
impl<W: LineWork> Drop for Exchange<W> {
    fn drop(&mut self) {
        let end = self.end.unwrap_or(End::Gone);
        let summary = serde_json::to_string(&self.work.summary()).unwrap_or_default();
        self.span.in_scope(|| tracing::info!(stream = W::NAME, %end, summary, "stream ended"));
    }
}

/// The work on one line, given up when this is dropped.
struct Running<A> {
    size: usize,
    task: AbortOnDropHandle<Result<A, GivenUp>>,
}

impl<A> Future for Running<A> {
    type Output = (usize, Result<Result<A, GivenUp>, JoinError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let size = self.size;
        self.task.poll_unpin(cx).map(|done| (size, done))
    }
}
