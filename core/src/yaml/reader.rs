//! Reading a tree field by field, gathering everything that is wrong.

use super::tree::{Entry, Node, Place, Tree};
use super::{YamlError, YamlErrors};
use crate::suggest;

/// Gathers errors, all in one file.
pub(crate) struct Errors {
    file: String,
    found: Vec<YamlError>,
}

impl Errors {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            found: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        place: Place,
        path: &str,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.found.push(YamlError {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
            path: path.to_owned(),
            message: message.into(),
            expected: expected.into(),
        });
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All errors, in the order of the file.
    pub(crate) fn finish(mut self) -> YamlErrors {
        self.found.sort_by_key(|error| (error.line, error.column));
        YamlErrors { errors: self.found }
    }
}

/// The entries of one map, with the path that leads to it.
pub(crate) struct Fields<'a> {
    pub(crate) path: String,
    place: Place,
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// The entries of a map all of whose names are known. An empty value is an
    /// empty map. `None`, with an error, where the node is no map.
    pub(crate) fn read(
        node: &'a Node,
        path: &str,
        known: &[&str],
        errors: &mut Errors,
    ) -> Option<Self> {
        let entries = match &node.value {
            Tree::Map(entries) => entries.as_slice(),
            Tree::Scalar { null: true, .. } => &[],
            Tree::Scalar { .. } | Tree::List(_) => {
                let expected = format!("a map with {}", known.join(", "));
                errors.push(
                    node.place,
                    path,
                    format!("this is {}", node.what()),
                    expected,
                );
                return None;
            }
        };
        let fields = Self {
            path: path.to_owned(),
            place: node.place,
            entries,
        };
        for entry in entries
            .iter()
            .filter(|entry| !known.contains(&entry.name.as_str()))
        {
            let message = format!("`{}` is no field here", entry.name);
            let expected = suggest::nearest(&entry.name, known.iter().copied()).map_or_else(
                || known.join(", "),
                |near| format!("`{near}`? (all: {})", known.join(", ")),
            );
            errors.push(entry.place, &fields.path_of(&entry.name), message, expected);
        }
        Some(fields)
    }

    pub(crate) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.entries
            .iter()
            .map(|entry| (entry.name.as_str(), &entry.node))
    }

    /// A field that may be absent; `null` is the same as absent.
    pub(crate) fn optional(&self, name: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.name == name)?;
        let null = matches!(entry.node.value, Tree::Scalar { null: true, .. });
        (!null).then_some(&entry.node)
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &str, what: &str, errors: &mut Errors) -> Option<&'a Node> {
        let node = self.optional(name);
        if node.is_none() {
            let entry = self.entries.iter().find(|entry| entry.name == name);
            let place = entry.map_or(self.place, |entry| entry.place);
            let message = format!("`{name}` is missing");
            errors.push(place, &self.path_of(name), message, what);
        }
        node
    }

    /// A text that must be there.
    pub(crate) fn text(&self, name: &str, what: &str, errors: &mut Errors) -> Option<&'a str> {
        let node = self.required(name, what, errors)?;
        text(node, &self.path_of(name), what, errors)
    }

    /// A truth value; `default` where it is absent.
    pub(crate) fn truth(&self, name: &str, default: bool, errors: &mut Errors) -> bool {
        let Some(node) = self.optional(name) else {
            return default;
        };
        let path = self.path_of(name);
        match text(node, &path, "true or false", errors) {
            Some("true") => true,
            Some("false") => false,
            Some(other) => {
                errors.push(
                    node.place,
                    &path,
                    format!("`{other}` is no truth value"),
                    "true or false",
                );
                default
            }
            None => default,
        }
    }
}

/// The text of a plain value.
pub(crate) fn text<'a>(
    node: &'a Node,
    path: &str,
    what: &str,
    errors: &mut Errors,
) -> Option<&'a str> {
    match &node.value {
        Tree::Scalar { text, null: false } => Some(text),
        Tree::Scalar { .. } | Tree::List(_) | Tree::Map(_) => {
            errors.push(node.place, path, format!("this is {}", node.what()), what);
            None
        }
    }
}

/// The items of a list.
pub(crate) fn list<'a>(
    node: &'a Node,
    path: &str,
    what: &str,
    errors: &mut Errors,
) -> Option<&'a [Node]> {
    match &node.value {
        Tree::List(items) => Some(items),
        Tree::Scalar { .. } | Tree::Map(_) => {
            errors.push(node.place, path, format!("this is {}", node.what()), what);
            None
        }
    }
}
