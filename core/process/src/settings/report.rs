//! What `config check` prints: every setting, its value and where it came from.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::read::Value;
use super::{Origin, Settings};

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// For people.
    Table,
    /// For machines.
    Json,
}

/// Every setting with its value and origin, and all that is wrong.
#[derive(Debug)]
pub struct Report<'a>(pub &'a Settings);

/// The heading of the table.
const HEADING: [&str; 3] = ["SETTING", "VALUE", "FROM"];

impl Report<'_> {
    /// Whether a program could start with these settings.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.0.problems.is_empty()
    }

    /// The text to print.
    #[must_use]
    pub fn render(&self, format: ReportFormat) -> String {
        match format {
            ReportFormat::Table => self.table(),
            ReportFormat::Json => format!("{:#}\n", self.json()),
        }
    }

    fn table(&self) -> String {
        let values = self.0.values.iter();
        let rows: Vec<[String; 3]> = std::iter::once(HEADING.map(str::to_owned))
            .chain(values.map(row))
            .collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        let (first, second) = (width(0), width(1));
        let mut text = String::new();
        for [name, value, from] in &rows {
            // Writing into a String cannot fail.
            let _written = writeln!(text, "{name:first$}  {value:second$}  {from}");
        }
        text.push('\n');
        for warning in &self.0.warnings {
            let _written = writeln!(text, "warning: {warning}");
        }
        for problem in &self.0.problems {
            let _written = writeln!(text, "error: {problem}");
        }
        let found = match self.0.problems.len() {
            0 => "the settings are valid".to_owned(),
            1 => "1 error".to_owned(),
            count => format!("{count} errors"),
        };
        let _written = writeln!(text, "{}: {found}", self.0.program.name);
        text
    }

    fn json(&self) -> Json {
        let settings: Vec<Json> = self.0.values.iter().map(entry).collect();
        let problems = self.0.problems.iter().map(|problem| {
            json!({
                "origin": problem.origin.as_ref().map(ToString::to_string),
                "message": problem.message,
            })
        });
        json!({
            "program": self.0.program.name,
            "valid": self.is_valid(),
            "settings": settings,
            "errors": problems.collect::<Vec<_>>(),
            "warnings": self.0.warnings,
        })
    }
}

fn row(value: &Value) -> [String; 3] {
    let shown = value.shown().unwrap_or_else(|| "-".to_owned());
    let from = match &value.by_file {
        Some(path) => format!("{} ({path})", value.origin),
        None => value.origin.to_string(),
    };
    [value.setting.flag.to_owned(), shown, from]
}

fn entry(value: &Value) -> Json {
    let setting = value.setting;
    let key = (!setting.key.is_empty()).then_some(setting.key);
    let place = match &value.origin {
        Origin::Default => None,
        origin @ (Origin::File { .. } | Origin::Environment(_) | Origin::Flag(_)) => {
            Some(origin.to_string())
        }
    };
    json!({
        "name": setting.flag,
        "flag": format!("--{}", setting.flag),
        "variable": setting.variable,
        "key": key,
        "secret": setting.is_secret(),
        "default": setting.default,
        "help": setting.help,
        "value": value.shown(),
        "layer": value.origin.layer(),
        "origin": place,
        "file": value.by_file,
    })
}
