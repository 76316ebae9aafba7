//! A YAML document as a tree that knows where each part of it stands.

/// A place in the text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// One value, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Tree,
}

#[derive(Debug, Clone)]
pub(crate) enum Tree {
    /// Text; `null` is a plain one that stands for no value at all.
    Scalar {
        text: String,
        null: bool,
    },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One `name: value`.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    /// What is wrong with this node's type, in words.
    pub(crate) const fn what(&self) -> &'static str {
        match &self.value {
            Tree::Scalar { null: true, .. } => "nothing",
            Tree::Scalar { null: false, .. } => "a plain value",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }

    /// The place of what a path leads to, or of the nearest part of it that is
    /// there. Paths are as in `spec.entities[1].columns[0].convert`.
    pub(crate) fn locate(&self, path: &str) -> Place {
        let mut node = self;
        for segment in path.split(['.', '[']) {
            let next = match (&node.value, segment.strip_suffix(']')) {
                (Tree::List(items), Some(index)) => {
                    index.parse().ok().and_then(|index: usize| items.get(index))
                }
                (Tree::Map(entries), None) => entries
                    .iter()
                    .find(|entry| entry.name == segment)
                    .map(|entry| &entry.node),
                (Tree::Scalar { .. } | Tree::List(_) | Tree::Map(_), _) => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.place
    }
}
