//! Bytes as they come, cut into lines. Pure.
//!
//! A line ends with LF or CRLF, the last one also with the end of the stream. A line of nothing but white space is
//! skipped, and counted: numbers are those that an editor shows. A byte order mark before the first line is skipped.
//!
//! Must not: hold more than one line's limit, or a slice of a larger buffer that would live as long as the line.

use std::fmt;

use actix_web::web::{Buf, Bytes};

/// What may stand around a line's content: a byte order mark, a CR.
const AROUND: usize = BYTE_ORDER_MARK.len() + 1;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One line of a stream. `Debug` shows its size and never its content, which may be a card number (G8).
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Which, from 1.
    pub number: u64,
    /// Its bytes, without white space around them.
    pub content: Result<Vec<u8>, TooLong>,
}

/// The line has more bytes than this; they were skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have at most {0} bytes")]
pub struct TooLong(pub usize);

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("number", &self.number)
            .field("size", &self.content.as_ref().map(Vec::len))
            .finish()
    }
}

/// The lines of a stream, while it comes.
pub(super) struct Lines {
    limit: usize,
    /// The lines that have ended.
    number: u64,
    /// What came and is not cut yet.
    rest: Bytes,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    /// The line that has begun is too long, and what comes of it is dropped.
    skipping: bool,
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("number", &self.number).field("begun", &self.begun.len()).finish_non_exhaustive()
    }
}

impl Lines {
    /// Lines of at most so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, number: 0, rest: Bytes::new(), begun: Vec::new(), skipping: false }
    }

    /// Takes the next bytes, once [`next_line`](Self::next_line) has none any more.
    pub(super) fn feed(&mut self, bytes: Bytes) {
        let rest = std::mem::replace(&mut self.rest, bytes);
        self.keep(&rest);
    }

    /// The next line that is complete.
    pub(super) fn next_line(&mut self) -> Option<Line> {
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let piece = self.rest.split_to(end);
            self.rest.advance(1);
            if let Some(line) = self.complete(&piece) {
                return Some(line);
            }
        }
        let rest = std::mem::take(&mut self.rest);
        self.keep(&rest);
        None
    }

    /// The line that the end of the stream has ended, after the last [`next_line`](Self::next_line).
    pub(super) fn last_line(&mut self) -> Option<Line> {
        let begun = self.skipping || !self.begun.is_empty();
        if begun { self.complete(&[]) } else { None }
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.begun.len() + piece.len() > self.limit + AROUND {
            self.skipping = true;
            self.begun = Vec::new();
        }
        if !self.skipping {
            self.begun.extend_from_slice(piece);
        }
    }

    /// Ends the line that has begun with its last bytes; `None` when it is blank.
    fn complete(&mut self, piece: &[u8]) -> Option<Line> {
        self.keep(piece);
        self.number += 1;
        let number = self.number;
        let begun = std::mem::take(&mut self.begun);
        let whole = without_marks(&begun, number);
        if std::mem::take(&mut self.skipping) || whole.len() > self.limit {
            return Some(Line { number, content: Err(TooLong(self.limit)) });
        }
        let content = whole.trim_ascii();
        (!content.is_empty()).then(|| Line { number, content: Ok(content.to_vec()) })
    }
}

fn without_marks(line: &[u8], number: u64) -> &[u8] {
    let line = if number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 8;

    /// The lines of a text that comes in pieces of this size, as `number:content`.
    fn cut(text: &[u8], size: usize) -> Vec<String> {
        let mut lines = Lines::new(LIMIT);
        let mut told = Vec::new();
        for piece in text.chunks(size) {
            lines.feed(Bytes::copy_from_slice(piece));
            told.extend(std::iter::from_fn(|| {
                assert!(lines.begun.capacity() <= 4 * (LIMIT + AROUND), "more is kept than a line");
                lines.next_line()
            }));
        }
        told.extend(lines.last_line());
        let text = |line: Line| match line.content {
            Ok(content) => format!("{}:{}", line.number, String::from_utf8_lossy(&content)),
            Err(TooLong(limit)) => format!("{}>{limit}", line.number),
        };
        told.into_iter().map(text).collect()
    }

    #[test]
    fn content_is_not_shown_by_debug() {
        let line = Line { number: 1, content: Ok(b"4111111111111111".to_vec()) };
        assert_eq!(format!("{line:?}"), "Line { number: 1, size: Ok(16) }");
        let mut lines = Lines::new(LIMIT);
        lines.feed(Bytes::from_static(b"4111"));
        assert_eq!((lines.next_line(), &*format!("{lines:?}")), (None, "Lines { number: 0, begun: 4, .. }"));
    }

    #[test]
    fn lines_end_with_lf_or_crlf_or_the_stream() {
        assert_eq!(cut(b"a\nb\r\nc", 100), ["1:a", "2:b", "3:c"]);
        assert_eq!(cut(b"a\n", 100), ["1:a"]);
        assert_eq!(cut(b"a\rb\n", 100), ["1:a\rb"], "a CR alone ends nothing");
        assert!(cut(b"", 100).is_empty());
    }

    #[test]
    fn blank_lines_are_skipped_and_counted() {
        assert_eq!(cut(b"\n \t\r\na\n\n\r\n b \n", 100), ["3:a", "6:b"]);
        assert!(cut(b"\n\n  ", 100).is_empty());
    }

    #[test]
    fn a_byte_order_mark_is_skipped_before_the_first_line_only() {
        assert_eq!(cut(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", 100), ["1:a", "2:\u{feff}b"]);
        assert_eq!(cut(b"\xef\xbb\xbf12345678\r\n", 100), ["1:12345678"], "it does not count");
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_up_to_its_end_and_the_next_one_is_read() {
        assert_eq!(cut(b"12345678\n123456789\nc\n", 100), ["1:12345678", "2>8", "3:c"]);
        assert_eq!(cut(&[b"x".repeat(10_000), b"\nb".to_vec()].concat(), 7), ["1>8", "2:b"]);
        assert_eq!(cut(&b"x".repeat(1000), 7), ["1>8"], "also when it is the last");
        assert_eq!(cut(&[b" ".repeat(1000), b"\n".to_vec()].concat(), 7), ["1>8"], "nobody looks at what it was");
    }

    proptest! {
        #[test]
        fn however_the_bytes_come_the_lines_are_the_same(text in "[ab \r\n\u{feff}]{0,60}", size in 1usize..20) {
            prop_assert_eq!(cut(text.as_bytes(), size), cut(text.as_bytes(), 1000));
        }
    }
}
