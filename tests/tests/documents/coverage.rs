//! `docs/seed-coverage.md`: every link leads somewhere, every test that is
//! named is there, and no row is open that need not be.

use crate::document::{read, root};

/// What may be built later; a row that waits for anything else is open.
const LATER: [&str; 4] = ["bulk validation", "console", "high availability", "Python"];

/// The parts of the pattern's description.
const PARTS: [&str; 13] = [
    "What it is for",
    "Core components",
    "Services",
    "Variables",
    "Phases",
    "Samples",
    "Endpoints",
    "Scripts and reports",
    "Errors",
    "Performance and monitoring",
    "Migration phases",
    "Troubleshooting and security",
    "Requirements and next steps",
];

/// One row: what the pattern has, what is here, the code, what shows it.
#[derive(Debug)]
struct Row {
    cells: [String; 4],
}

/// A link: its text and where it leads.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    text: String,
    target: String,
}

fn rows(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|line| line.starts_with("| "));
    let rows = lines.filter(|line| !line.starts_with("| the pattern"));
    let row = |line: &str| {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        let cells: Vec<String> = inner
            .split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect();
        let cells = cells.try_into();
        Row {
            cells: cells.unwrap_or_else(|cells| panic!("{cells:?} are not four cells")),
        }
    };
    rows.map(row).collect()
}

fn links(cell: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = cell;
    while let Some((_, after)) = rest.split_once('[') {
        let Some((text, after)) = after.split_once("](") else {
            break;
        };
        let Some((target, after)) = after.split_once(')') else {
            break;
        };
        links.push(Link {
            text: text.to_owned(),
            target: target.to_owned(),
        });
        rest = after;
    }
    links
}

/// The file or folder that a link of a document in `docs` leads to.
fn place(link: &Link) -> std::path::PathBuf {
    let target = link.target.split('#').next().unwrap_or_default();
    root().join("docs").join(target)
}

#[test]
fn every_link_leads_somewhere() {
    let text = read("docs/seed-coverage.md");
    let links = links(&text);
    assert!(links.len() > 100, "{} links", links.len());
    for link in links {
        assert!(place(&link).exists(), "{link:?}");
    }
}

#[test]
fn every_row_is_shown_by_a_test_or_names_what_it_waits_for() {
    for row in rows(&read("docs/seed-coverage.md")) {
        let [pattern, here, code, shown] = &row.cells;
        assert!(!pattern.is_empty(), "{row:?}");
        if let Some(later) = shown.strip_prefix("later: ") {
            assert!(LATER.contains(&later), "{row:?} waits for {later}");
            continue;
        }
        assert!(!here.is_empty(), "{row:?}");
        assert!(!links(code).is_empty(), "no code: {row:?}");
        let tests = links(shown);
        assert!(!tests.is_empty(), "no test: {row:?}");
        for test in tests {
            let file = std::fs::read_to_string(place(&test)).unwrap();
            let name = format!("fn {}(", test.text);
            assert!(file.contains(&name), "{test:?} is not there");
        }
    }
}

#[test]
fn every_part_of_the_description_has_its_rows() {
    let text = read("docs/seed-coverage.md");
    let parts: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    assert_eq!(parts, PARTS);
    for part in text.split("\n## ").skip(1) {
        assert!(!rows(part).is_empty(), "{part}");
    }
}

#[test]
fn rows_and_links_are_read_as_they_are_meant() {
    let text = "| the pattern | here | code | shown by |\n|---|---|---|---|\n| a | b | [c](../d) | later: console |\n";
    let rows = rows(text);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].cells[3], "later: console");
    let expected = Link {
        text: "c".to_owned(),
        target: "../d".to_owned(),
    };
    assert_eq!(links(&rows[0].cells[2]), [expected]);
}
