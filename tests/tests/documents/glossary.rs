//! The glossary explains the words that everything else uses.

use std::collections::BTreeSet;

use crate::document::read;

/// Words that the glossary explains.
const WORDS: [&str; 40] = [
    "migration",
    "side",
    "primary",
    "secondary",
    "phase",
    "flags",
    "entity",
    "field",
    "mapping",
    "conversion",
    "key",
    "revision",
    "epoch",
    "snapshot",
    "fence",
    "gate",
    "marker",
    "outbox",
    "token",
    "relay",
    "pull",
    "bucket",
    "receipt",
    "plan",
    "flip",
    "verdict",
    "guard",
    "job",
    "shard",
    "quarantine",
    "session",
    "legacy",
    "new",
    "legacy_only",
    "dual_write",
    "new_primary",
    "new_only",
    "frozen",
    "handed",
    "off",
];

#[test]
fn the_glossary_explains_every_word() {
    let text = read("GLOSSARY.md");
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let explained: BTreeSet<String> = rows
        .flat_map(|row| {
            let bold = row.split("**").skip(1).step_by(2);
            let code = row.split('`').skip(1).step_by(2);
            bold.chain(code).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let missing: Vec<&str> = WORDS
        .into_iter()
        .filter(|word| !explained.contains(*word))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
