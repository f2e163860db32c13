//! What a business folder says about its lines.

use std::fmt;
use std::future::Future;

use serde::Serialize;

use super::lines::Line;

/// The work on the lines of one request.
pub trait LineWork: Unpin + 'static {
    /// Names the stream in figures and in the log.
    const NAME: &'static str;

    /// The answer to a line.
    type Answer: LineAnswer;

    /// The last line of a stream that is complete.
    type Summary: Serialize;

    /// Begins with a line. Several are worked on at once, in no order: the answers are put into that of the lines. What
    /// is returned runs on the thread of the connection and ends with it, wherever it is then.
    fn begin(&mut self, line: Line) -> impl Future<Output = Result<Self::Answer, GivenUp>> + Send + 'static;

    /// Counts an answer that goes out, for the summary.
    fn note(&mut self, answer: &Self::Answer);

    /// What all the answers come to.
    fn summary(&self) -> Self::Summary;
}

/// The answer to one line.
pub trait LineAnswer: Serialize + Send + 'static {
    /// What became of the line, in one of a few words: a label of figures.
    fn outcome(&self) -> &'static str;
}

/// The line got no answer, for want of something that the client has no part in. The stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the summary.
    Complete,
    /// The client's lines broke off.
    BrokenOff,
    /// Nothing moved for too long.
    Stalled,
    /// A line got no answer.
    GivenUp,
    /// The service drains.
    Draining,
    /// The client went away, or was cut off because it took nothing.
    Gone,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "complete",
            Self::BrokenOff => "cut off: what was sent broke off",
            Self::Stalled => "cut off: nothing moved for too long",
            Self::GivenUp => "cut off: a line could not be worked on",
            Self::Draining => "cut off: the service stops",
            Self::Gone => "cut off: the client is gone, or took nothing for too long",
        })
    }
}
