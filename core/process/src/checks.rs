//! What readiness is made of, check by check: the answer to `/readyz?verbose`,
//! in the form in which Kubernetes' own programs give it.

use std::fmt::Write as _;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, which does not change.
    pub name: &'static str,
    /// Why it is not well, if it is not.
    pub failed: Option<String>,
}

impl Check {
    /// A check, with why it failed.
    #[must_use]
    pub const fn new(name: &'static str, failed: Option<String>) -> Self {
        Self { name, failed }
    }
}

/// Whether every check passed.
#[must_use]
pub fn passed(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.failed.is_none())
}

/// Whether the query of a probe asks for every check.
#[must_use]
pub fn wanted(query: Option<&str>) -> bool {
    let mut parts = query.unwrap_or_default().split('&');
    parts.any(|part| part == "verbose" || part.starts_with("verbose="))
}

/// A line for each check, and one for all of them: that of the probe `name`.
#[must_use]
pub fn lines(name: &str, checks: &[Check]) -> String {
    let mut text = String::new();
    for Check { name, failed } in checks {
        // Writing to a string has no way to fail.
        let _ = match failed {
            None => writeln!(text, "[+]{name} ok"),
            // One line a check, whatever a server says.
            Some(why) => writeln!(text, "[-]{name} failed: {}", why.replace('\n', " ")),
        };
    }
    let word = if passed(checks) { "passed" } else { "failed" };
    let _ = writeln!(text, "{name} check {word}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_check_has_a_line_and_the_last_line_is_of_all() {
        let well = Check::new("store", None);
        assert_eq!(
            lines("readyz", std::slice::from_ref(&well)),
            "[+]store ok\nreadyz check passed\n"
        );
        let bad = Check::new("fences", Some("no\nfence".to_owned()));
        assert_eq!(
            lines("readyz", &[well, bad]),
            "[+]store ok\n[-]fences failed: no fence\nreadyz check failed\n"
        );
    }

    #[test]
    fn every_check_is_told_where_the_query_asks_for_it() {
        for (query, told) in [
            (None, false),
            (Some("verbose"), true),
            (Some("a=b&verbose"), true),
            (Some("verbose=1"), true),
            (Some("verbosely"), false),
        ] {
            assert_eq!(wanted(query), told, "{query:?}");
        }
    }
}
