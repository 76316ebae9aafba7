//! The proposal as YAML: the manifest, with remarks as comments and with what
//! is left out as lines that can be let in again.

use std::fmt::Write as _;

use super::{Level, Line, Proposal, Proposed, Remark};
use crate::manifest::{API_VERSION, KIND, column_line, entity_head};

/// Letters of a line of comment, as far as words can be broken.
const WIDTH: usize = 100;

pub(super) fn render(proposal: &Proposal) -> String {
    let mut out = Out::default();
    out.summary(proposal);
    for line in [
        format!("apiVersion: {API_VERSION}"),
        format!("kind: {KIND}"),
        "metadata:".to_owned(),
        format!("  name: {}", proposal.service),
        "spec:".to_owned(),
        "  phase: legacy_only".to_owned(),
    ] {
        out.line(0, &line);
    }
    out.remarks(1, &proposal.head);
    let none = !proposal.entities.iter().any(|proposed| proposed.offered);
    out.line(1, if none { "entities: []" } else { "entities:" });
    for proposed in &proposal.entities {
        out.entity(proposed);
    }
    out.remarks(0, &proposal.tail);
    out.text
}

#[derive(Default)]
struct Out {
    text: String,
    /// Whether what is written now is left out.
    aside: bool,
}

impl Out {
    fn summary(&mut self, proposal: &Proposal) {
        let remarks = proposal.remarks();
        let of = |level: Level| {
            remarks
                .iter()
                .filter(|remark| remark.level == level)
                .count()
        };
        self.comment(
            0,
            &format!(
                "Proposed by `dualwrite introspect`: {} of {} entities offered; {} to check, {} to decide, {} refused.",
                proposal.offered().len(),
                proposal.entities.len(),
                of(Level::Check),
                of(Level::Decide),
                of(Level::Refused)
            ),
        );
        self.comment(
            0,
            "CHECK: matched for a reason that is worth checking. DECIDE: left open, somebody has to decide. REFUSED: cannot be mapped like this. docs/introspect.md explains each.",
        );
    }

    fn entity(&mut self, proposed: &Proposed) {
        self.remarks(2, &proposed.remarks);
        self.aside = !proposed.offered;
        for line in entity_head(&proposed.entity) {
            self.line(2, &line);
        }
        for line in &proposed.lines {
            self.column(line);
        }
        self.aside = false;
    }

    fn column(&mut self, line: &Line) {
        self.remarks(4, &line.remarks);
        for column in &line.columns {
            let text = format!("- {}", column_line(column));
            if line.certain {
                self.line(4, &text);
            } else {
                self.line(4, &format!("# {text}"));
            }
        }
    }

    fn remarks(&mut self, depth: usize, remarks: &[Remark]) {
        for remark in remarks {
            self.remark(depth, remark);
        }
    }

    fn remark(&mut self, depth: usize, remark: &Remark) {
        let about = match (remark.column.as_str(), remark.subject.as_str()) {
            ("", "") => String::new(),
            // Under its entity, the entity's name says nothing new.
            ("", _) if depth > 0 => String::new(),
            ("", subject) => format!(" {subject}"),
            (column, _) => format!(" {column}"),
        };
        let remedy = if remark.remedy.is_empty() {
            String::new()
        } else {
            format!("; {}", remark.remedy)
        };
        self.comment(
            depth,
            &format!(
                "{}{about}: {}{remedy}.",
                remark.level,
                remark.detail.trim_end_matches('.')
            ),
        );
    }

    /// A comment, broken at spaces, its further lines set in.
    fn comment(&mut self, depth: usize, text: &str) {
        let mut line = String::from("#");
        for word in plain(text).split(' ') {
            if line.len() + word.len() + 2 * depth > WIDTH && line.len() > 3 {
                self.line(depth, &line);
                line = String::from("#  ");
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(depth, &line);
    }

    fn line(&mut self, depth: usize, text: &str) {
        // Entities that are left out keep their shape behind the sign.
        let (before, after) = if self.aside {
            (2, depth.saturating_sub(2))
        } else {
            (depth, 0)
        };
        let sign = if self.aside { "# " } else { "" };
        // Writing into a String cannot fail.
        let _written = writeln!(
            self.text,
            "{:before$}{sign}{:after$}{text}",
            "",
            "",
            before = 2 * before,
            after = 2 * after
        );
    }
}

/// Names come from databases, and could hold what ends a comment.
fn plain(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if breaks(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}
