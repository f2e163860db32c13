//! The `type` of the items of a list, of which each may be there once.

use service_kit::http::body::{Node, Read};

/// The words for the types, and those met so far.
#[derive(Debug)]
pub struct Distinct<T: 'static> {
    words: &'static [(&'static str, T)],
    met: Vec<T>,
}

impl<T: Copy + PartialEq> Distinct<T> {
    /// Nothing met so far.
    pub fn new(words: &'static [(&'static str, T)]) -> Self {
        Self { words, met: Vec::new() }
    }

    /// Reads the type of the next item.
    ///
    /// # Errors
    /// Reported when it is none of the words, or an item before has it.
    pub fn read(&mut self, node: Node<'_>) -> Read<T> {
        let kind = node.one_of(self.words)?;
        if self.met.contains(&kind) {
            return Err(node.refuse("must differ from the types before it: there may be one of each"));
        }
        self.met.push(kind);
        Ok(kind)
    }
}
