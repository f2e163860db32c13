//! The request's bytes as lines. It takes from the client only when it is asked for a line, which is what holds back a
//! client that sends faster than its lines are worked on.

use std::fmt;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use futures_util::StreamExt;

use super::lines::{Line, Lines};

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    Line(Line),
    /// The client has sent everything.
    End,
    /// The connection broke, or its framing is wrong. A line that had begun is not looked at: nobody knows what it was
    /// to be.
    BrokenOff,
}

pub(super) struct Input {
    payload: Payload,
    lines: Lines,
    received: bool,
}

impl Input {
    pub(super) fn new(payload: Payload, line_bytes: usize) -> Self {
        Self { payload, lines: Lines::new(line_bytes), received: false }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        loop {
            if let Some(line) = self.lines.next_line() {
                return Poll::Ready(Next::Line(line));
            }
            match ready!(self.payload.poll_next_unpin(cx)) {
                Some(Ok(bytes)) => {
                    self.received = true;
                    self.lines.feed(bytes);
                }
                Some(Err(_)) => return Poll::Ready(Next::BrokenOff),
                None => return Poll::Ready(self.lines.last_line().map_or(Next::End, Next::Line)),
            }
        }
    }

    /// Whether bytes came since this was asked last, be they a line or not.
    pub(super) fn has_received(&mut self) -> bool {
        std::mem::take(&mut self.received)
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("lines", &self.lines).finish_non_exhaustive()
    }
}
