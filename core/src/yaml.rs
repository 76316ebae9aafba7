//! YAML files of ours, read so that every error says where it is.
//!
//! `yaml/parse.rs` makes a tree with positions out of the text, within bounds;
//! `yaml/reader.rs` has the tools to read it field by field and gathers all
//! that is wrong. The [`manifest`](crate::manifest) is read with them, and so
//! are files of plain settings (`flat`).

pub(crate) mod parse;
pub(crate) mod reader;
pub(crate) mod tree;

mod error;
mod flat;

pub use error::{YamlError, YamlErrors};
pub use flat::{FlatEntry, flat};
