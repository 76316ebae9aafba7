//! YAML text into a tree, within bounds.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::tree::{Entry, Node, Place, Tree};

/// Bytes that a file may have: some ten thousand columns.
const MAX_BYTES: usize = 1024 * 1024;

/// Nodes that a file may have once its aliases are written out.
const MAX_NODES: usize = 200_000;

/// Why a text is no tree, and where.
pub(crate) struct TreeError {
    pub(crate) place: Place,
    pub(crate) message: String,
    pub(crate) expected: &'static str,
}

/// The one document of a text; `None` where there is nothing in it.
pub(crate) fn parse(text: &str) -> Result<Option<Node>, TreeError> {
    if text.len() > MAX_BYTES {
        return Err(refuse(
            Place::START,
            "the file is too long",
            "at most 1 MiB",
        ));
    }
    let mut builder = Builder::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| TreeError {
            place: place(error.marker().line(), error.marker().col()),
            message: format!("this is no YAML: {}", error.info()),
            expected: "YAML",
        })?;
        builder.event(event, span)?;
    }
    Ok(builder.root)
}

/// A collection that is being read.
struct Open {
    anchor: usize,
    node: Node,
    /// The name whose value comes next, in a map.
    name: Option<(String, Place)>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), TreeError> {
        let place = place(span.start.line(), span.start.col());
        if let Event::Scalar(text, style, anchor, _) = event {
            let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
            self.add(
                Node {
                    place,
                    value: Tree::Scalar {
                        text: text.into_owned(),
                        null,
                    },
                },
                anchor,
            )
        } else if let Event::SequenceStart(_, anchor, _) = event {
            self.open(place, Tree::List(Vec::new()), anchor);
            Ok(())
        } else if let Event::MappingStart(_, anchor, _) = event {
            self.open(place, Tree::Map(Vec::new()), anchor);
            Ok(())
        } else if matches!(event, Event::SequenceEnd | Event::MappingEnd) {
            match self.open.pop() {
                Some(Open { anchor, node, .. }) => self.add(node, anchor),
                None => Ok(()),
            }
        } else if let Event::Alias(anchor) = event {
            let target = self.anchors.get(&anchor).cloned();
            let node = target.ok_or_else(|| {
                refuse(
                    place,
                    "this alias refers to itself",
                    "an anchor that is complete before it",
                )
            })?;
            self.nodes += size(&node);
            self.add(Node { place, ..node }, 0)
        } else if matches!(event, Event::DocumentStart(..)) && self.root.is_some() {
            Err(refuse(
                place,
                "a second document begins here",
                "one document a file",
            ))
        } else {
            Ok(())
        }
    }

    fn open(&mut self, place: Place, value: Tree, anchor: usize) {
        self.open.push(Open {
            anchor,
            node: Node { place, value },
            name: None,
        });
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), TreeError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(refuse(
                node.place,
                "the file has too many values",
                "at most 200000",
            ));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut parent.node.value {
            Tree::List(items) => items.push(node),
            Tree::Map(entries) => match parent.name.take() {
                Some((name, place)) => entries.push(Entry { name, place, node }),
                None => parent.name = Some(name_of(node, entries)?),
            },
            Tree::Scalar { .. } => {}
        }
        Ok(())
    }
}

/// The name of an entry, if it is one that is not there yet.
fn name_of(node: Node, entries: &[Entry]) -> Result<(String, Place), TreeError> {
    let Tree::Scalar { text, .. } = node.value else {
        return Err(refuse(
            node.place,
            "a name must be plain text",
            "`name: value`",
        ));
    };
    if entries.iter().any(|entry| entry.name == text) {
        let message = format!("`{text}` is given twice");
        return Err(TreeError {
            place: node.place,
            message,
            expected: "each name once",
        });
    }
    Ok((text, node.place))
}

fn size(node: &Node) -> usize {
    match &node.value {
        Tree::Scalar { .. } => 1,
        Tree::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Tree::Map(entries) => 1 + entries.iter().map(|entry| size(&entry.node)).sum::<usize>(),
    }
}

const fn place(line: usize, column_from_zero: usize) -> Place {
    Place {
        line,
        column: column_from_zero + 1,
    }
}

fn refuse(place: Place, message: &str, expected: &'static str) -> TreeError {
    TreeError {
        place,
        message: message.to_owned(),
        expected,
    }
}
