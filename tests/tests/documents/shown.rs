//! What a page shows, compared with what was printed: the same, but for what is
//! another each time.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// A text with a name in place of whatever is another each time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown(Vec<String>);

/// What is another each time, and its name. The order matters: an instant has
/// digits that would pass for a duration.
static CHANGING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)?",
            "TIME",
        ),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
        // A table cuts what is too long for it.
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){2,3}-[0-9a-f]*…", "ID"),
        (r"\b[a-z]+-[0-9a-f]{12}\b", "INSTANCE"),
        (
            r#""(latency_ms|[a-z_]*_latency_ms|idle|in_use|waiting)":[\d.]+"#,
            r#""$1":N"#,
        ),
        (r"\b[0-9a-f]{16,64}\b", "FINGERPRINT"),
        (r"(127\.0\.0\.1|localhost|\[::1\]):\d+", "ADDRESS"),
        (r"\b\d+/s\b", "RATE"),
        (r"\b\d+ KiB\b", "SIZE"),
        (r"\b\d+ of \d+ connections", "N of N connections"),
        (r"\babout \d+ rows", "about N rows"),
        (r"\bPostgreSQL \d+(\.\d+)*", "PostgreSQL VERSION"),
        (r"\b\d+(\.\d+)? ?(us|ms|s|min|m|h)\b", "DURATION"),
    ]
    .map(|(pattern, name)| (Regex::new(pattern).unwrap(), name))
    .into()
});

impl Shown {
    /// Lines without the spaces that only set out columns, since what is
    /// another each time may be as long as it likes.
    pub(crate) fn of(text: &str) -> Self {
        let masked = CHANGING
            .iter()
            .fold(text.to_owned(), |text, (pattern, name)| {
                pattern.replace_all(&text, *name).into_owned()
            });
        let lines = masked.lines().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.join(" ")
        });
        let mut lines: Vec<String> = lines.collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        Self(lines)
    }
}

impl Shown {
    /// Whether this was printed: line by line, where `...` stands for any lines.
    pub(crate) fn is(&self, printed: &Self) -> bool {
        holds(&self.0, &printed.0)
    }
}

fn holds(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line == "..." => {
            (0..=printed.len()).any(|skipped| holds(rest, &printed[skipped..]))
        }
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| first == line && holds(rest, others)),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

#[test]
fn only_what_is_another_each_time_may_differ() {
    let shown =
        Shown::of("done, by cart-f852786f6149\n  open  +46 ms  new is 2\n...\n9 of 9 passed\n");
    let said = |open: &str, passed: &str| {
        Shown::of(&format!(
            "done, by cart-0123456789ab\n  open  +{open} ms  new is 2\na\nb\n{passed}\n"
        ))
    };
    assert!(shown.is(&said("7", "9 of 9 passed")));
    assert!(!shown.is(&said("7", "8 of 9 passed")));
    assert!(!shown.is(&Shown::of("")));
    let differs = [
        ("a b", "a  b", true),
        ("a", "a\nb", false),
        ("2026-11-24 20:25:18 x", "2027-01-02 03:04:05 x", true),
        (
            "{\"latency_ms\":0.4,\"max\":16}",
            "{\"latency_ms\":12,\"max\":28}",
            false,
        ),
        ("schema e2270e25be29f2b3", "schema 7b9f4b98fd7607ab", true),
        ("3 removed", "4 removed", false),
    ];
    for (shown, printed, same) in differs {
        assert_eq!(Shown::of(shown).is(&Shown::of(printed)), same, "{shown}");
    }
}
