//! Where in a body a value stands. Paths live on the stack and become text only for a fault, so that reading a body
//! without faults allocates nothing for them.

/// The steps from the root of a body to a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write(text);
                text.push('/');
                text.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Self::Item(parent, index) => {
                parent.write(text);
                text.push('/');
                text.push_str(&index.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_json_pointer() {
        let list = Path::Member(&Path::Root, "a/b~c");
        let item = Path::Item(&list, 3);
        assert_eq!(Path::Root.pointer(), "");
        assert_eq!(Path::Member(&item, "").pointer(), "/a~1b~0c/3/");
    }
}
