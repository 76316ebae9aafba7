//! Files of plain settings: one map of names and plain values.

use super::YamlErrors;
use super::parse;
use super::reader::{Errors, Fields, text};
use super::tree::Place;

/// One `name: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlatEntry {
    /// The name, which is a known one.
    pub name: String,
    /// The value, as it stands there.
    pub text: String,
    /// The line of the value, counted from 1.
    pub line: usize,
    /// The column of the value, counted from 1.
    pub column: usize,
}

/// Reads a map of plain values whose names are all known. A name without a
/// value is as good as absent, and so is everything in an empty file. `file`
/// is only named in errors.
///
/// # Errors
/// [`YamlErrors`]: all that is wrong, in the order of the file.
pub fn flat(file: &str, content: &str, known: &[&str]) -> Result<Vec<FlatEntry>, YamlErrors> {
    let mut errors = Errors::new(file);
    let root = match parse::parse(content) {
        Ok(Some(root)) => root,
        Ok(None) => return Ok(Vec::new()),
        Err(error) => {
            errors.push(error.place, "", error.message, error.expected);
            return Err(errors.finish());
        }
    };
    let mut entries = Vec::new();
    if let Some(fields) = Fields::read(&root, "", known, &mut errors) {
        for name in known {
            let Some(node) = fields.optional(name) else {
                continue;
            };
            let Some(value) = text(node, name, "a plain value", &mut errors) else {
                continue;
            };
            let Place { line, column } = node.place;
            entries.push(FlatEntry {
                name: (*name).to_owned(),
                text: value.to_owned(),
                line,
                column,
            });
        }
    }
    if errors.is_empty() {
        Ok(entries)
    } else {
        Err(errors.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["listen", "controlPlane", "stateDir"];

    fn wrong(content: &str) -> String {
        flat("sidecar.yaml", content, &KNOWN)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn values_come_with_their_places() {
        let entries = flat("f", "# ours\nlisten: 127.0.0.1:1\nstateDir:\n", &KNOWN).unwrap();
        let listen = FlatEntry {
            name: "listen".to_owned(),
            text: "127.0.0.1:1".to_owned(),
            line: 2,
            column: 9,
        };
        assert_eq!(entries, [listen]);
        assert_eq!(flat("f", "", &KNOWN).unwrap(), []);
        assert_eq!(flat("f", "# nothing yet\n", &KNOWN).unwrap(), []);
    }

    #[test]
    fn an_unknown_name_is_told_with_its_place_the_nearest_and_all() {
        assert_eq!(
            wrong("listen: a\ncontrol_plane: b\n"),
            "sidecar.yaml:2:1: control_plane: `control_plane` is no field here; expected \
             `controlPlane`? (all: listen, controlPlane, stateDir)"
        );
        assert!(wrong("colour: red\n").ends_with("expected listen, controlPlane, stateDir"));
    }

    #[test]
    fn what_is_no_plain_value_is_refused_where_it_stands() {
        assert!(wrong("listen: [a]\n").contains("sidecar.yaml:1:9: listen: this is a list"));
        assert!(wrong("- a\n").contains("this is a list; expected a map"));
        assert!(wrong("listen: a\nlisten: b\n").contains("2:1: `listen` is given twice"));
    }
}
