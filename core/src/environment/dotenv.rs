//! `.env` files: `NAME=value` lines, as shells and the usual libraries read
//! them. Nothing is expanded.

/// One `NAME=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DotenvEntry {
    /// The name.
    pub name: String,
    /// The value, without its quotes.
    pub value: String,
    /// The line that it begins in, counted from 1.
    pub line: usize,
    /// Whether other variables stand in the value, as `$NAME` or `${NAME}`,
    /// that a shell would put in; they are left as they are.
    pub refers: bool,
}

/// A line that cannot be read. Never holds the line, for it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct DotenvError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: &'static str,
}

/// The entries of a file in its order; a name may stand there twice, and the
/// last one counts.
///
/// # Errors
/// [`DotenvError`]: the first line that cannot be read.
pub fn parse(text: &str) -> Result<Vec<DotenvEntry>, DotenvError> {
    let mut entries = Vec::new();
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut line = 1;
    while !rest.is_empty() {
        let end = rest.find('\n').unwrap_or(rest.len());
        let whole = rest[..end].trim();
        if whole.is_empty() || whole.starts_with('#') {
            rest = rest.get(end + 1..).unwrap_or_default();
            line += 1;
            continue;
        }
        let (name, after) = name(rest, line)?;
        let (value, refers, left) = value(after, line)?;
        let read = &rest[..rest.len() - left.len()];
        entries.push(DotenvEntry {
            name: name.to_owned(),
            value,
            line,
            refers,
        });
        line += read.matches('\n').count();
        rest = left;
    }
    Ok(entries)
}

/// The name before `=`, and what follows it.
fn name(text: &str, line: usize) -> Result<(&str, &str), DotenvError> {
    let wrong = DotenvError {
        line,
        message: "expected NAME=value, a comment that begins with #, or nothing",
    };
    let end = text.find('\n').unwrap_or(text.len());
    let equals = text[..end].find('=').ok_or_else(|| wrong.clone())?;
    let name = text[..equals].trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let sound = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if sound {
        Ok((name, &text[equals + 1..]))
    } else {
        Err(wrong)
    }
}

/// The value, whether it refers to other variables, and what follows its line.
fn value(text: &str, line: usize) -> Result<(String, bool, &str), DotenvError> {
    let text = text.trim_start_matches([' ', '\t']);
    if let Some(quote @ ('\'' | '"')) = text.chars().next() {
        return quoted(&text[1..], quote, line);
    }
    let end = text.find('\n').unwrap_or(text.len());
    let plain = &text[..end];
    // A `#` begins a comment after a space alone: URLs hold it too.
    let comment = plain.find(" #").or_else(|| plain.find("\t#"));
    let value = plain[..comment.unwrap_or(plain.len())].trim();
    let value = if value.starts_with('#') { "" } else { value };
    let left = text.get(end + 1..).unwrap_or_default();
    Ok((value.to_owned(), refers(value), left))
}

/// The rest of a quoted value, which may go over several lines.
fn quoted(text: &str, quote: char, line: usize) -> Result<(String, bool, &str), DotenvError> {
    let mut value = String::new();
    let mut refers_to = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            let after = &text[at + 1..];
            let end = after.find('\n').unwrap_or(after.len());
            let trailing = after[..end].trim();
            if !(trailing.is_empty() || trailing.starts_with('#')) {
                let message = "something follows the closing quote; expected a comment or nothing";
                return Err(DotenvError { line, message });
            }
            let left = after.get(end + 1..).unwrap_or_default();
            return Ok((value.replace("\r\n", "\n"), refers_to, left));
        }
        let next = letters.peek().map(|(_, next)| *next);
        match (quote, letter, next) {
            ('"', '\\', Some(next)) => {
                letters.next();
                value.push_str(&unescaped(next));
            }
            ('"', '$', Some(next)) if begins_name(next) => {
                refers_to = true;
                value.push(letter);
            }
            (_, letter, _) => value.push(letter),
        }
    }
    let message = "the quote is not closed";
    Err(DotenvError { line, message })
}

fn unescaped(letter: char) -> String {
    match letter {
        'n' => "\n".to_owned(),
        'r' => "\r".to_owned(),
        't' => "\t".to_owned(),
        '"' | '\\' | '$' | '\'' | '`' => letter.to_string(),
        other => format!("\\{other}"),
    }
}

fn refers(value: &str) -> bool {
    let mut after = value.split('$').skip(1);
    after.any(|after| after.starts_with(begins_name))
}

fn begins_name(letter: char) -> bool {
    letter == '{' || letter == '(' || letter == '_' || letter.is_ascii_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let entries = parse(text).unwrap().into_iter();
        entries.map(|entry| (entry.name, entry.value)).collect()
    }

    #[test]
    fn every_form_of_a_line_is_read() {
        let table = [
            ("A=1", "1"),
            ("export A=1", "1"),
            ("  A = 1  \r\n", "1"),
            ("A=1 # one", "1"),
            ("A=a#b", "a#b"),
            ("A= # nothing", ""),
            ("A=", ""),
            ("A='a # \"b\" $C'", "a # \"b\" $C"),
            ("A=\"a\\n\\\"b\\\" \\d\" # c", "a\n\"b\" \\d"),
            ("A='one\r\ntwo'", "one\ntwo"),
            ("\u{feff}A=1", "1"),
        ];
        for (text, value) in table {
            let expected = [("A".to_owned(), value.to_owned())];
            assert_eq!(pairs(text), expected, "{text:?}");
        }
        assert_eq!(pairs("# only\n\n   \r\n"), []);
    }

    #[test]
    fn entries_know_their_lines_and_whether_they_refer_to_others() {
        let entries = parse("A='x\ny'\n\nB=${A}/x\nC=\"$A\"\nD='$A'\nE=5$\n").unwrap();
        let lines: Vec<(usize, bool)> = entries
            .iter()
            .map(|entry| (entry.line, entry.refers))
            .collect();
        let expected = [(1, false), (4, true), (5, true), (6, false), (7, false)];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_by_number_and_never_shown() {
        let table = [
            ("A=1\nsecret", 2, "NAME=value"),
            ("1A=secret", 1, "NAME=value"),
            ("A B=secret", 1, "NAME=value"),
            ("A=\"secret", 1, "not closed"),
            ("\nA='secret' b", 2, "closing quote"),
        ];
        for (text, line, what) in table {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text:?}");
            let error = error.to_string();
            assert!(error.contains(what) && !error.contains("secret"), "{error}");
        }
    }
}
