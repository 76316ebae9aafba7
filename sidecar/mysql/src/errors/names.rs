//! Names out of the server's messages, and nothing else out of them.

/// What stands in the last quotes: `Duplicate entry 'x' for key 'PRIMARY'`.
/// What is quoted before may be a value, with quotes of its own.
pub(super) fn quoted_last(message: &str) -> String {
    let end = message.trim_end_matches('\'');
    let name = end.rsplit_once('\'').map_or("", |(_, name)| name);
    name.to_owned()
}

/// What stands in the first quotes: `Column 'name' cannot be null`.
pub(super) fn quoted_first(message: &str) -> String {
    let mut parts = message.split('\'');
    parts.nth(1).unwrap_or_default().to_owned()
}

/// ``… a foreign key constraint fails (`db`.`t`, CONSTRAINT `c` FOREIGN KEY …``
pub(super) fn constraint(message: &str) -> String {
    let behind = message.split_once("CONSTRAINT `");
    let name = behind.and_then(|(_, rest)| rest.split_once('`'));
    name.map_or("a foreign key", |(name, _)| name).to_owned()
}

/// ``CONSTRAINT `c` failed for `db`.`t` `` (MariaDB), `Check constraint 'c' is
/// violated.` (MySQL).
pub(super) fn check(message: &str) -> String {
    let quotes: &[char] = &['`', '\''];
    let mut parts = message.split(quotes);
    parts.nth(1).unwrap_or("a check").to_owned()
}

/// A value that does not fit, by its column: the messages end in `for column
/// 'c' at row 1`, or ``for column `db`.`t`.`c` at row 1``.
pub(super) fn value(table: &str, number: u16, message: &str) -> String {
    let what = match number {
        1264 | 1690 => "a number out of range",
        1292 | 1411 | 1441 => "a date or time that the server does not hold",
        1366 => "characters that the column's character set does not have",
        1406 => "more than the column has room for",
        1153 => "more than max_allowed_packet has room for",
        3140 | 4038 => "text that is no JSON",
        _ => "a value that does not fit",
    };
    match column(message) {
        Some(column) => format!("{table}.{column}: {what} ({number})"),
        None => format!("{table}: {what} ({number})"),
    }
}

fn column(message: &str) -> Option<&str> {
    let (_, behind) = message.rsplit_once("for column ")?;
    let (name, _) = behind.rsplit_once(" at row")?;
    let quotes: &[char] = &['`', '\''];
    name.trim_matches(quotes).rsplit(quotes).next()
}

/// What is missing in the schema. These messages name tables and columns.
pub(super) fn schema(table: &str, number: u16, message: &str) -> String {
    match number {
        super::codes::NO_SUCH_TABLE | super::codes::UNKNOWN_COLUMN | 1906 | 3105 => {
            message.to_owned()
        }
        1049 => "the database is not there".to_owned(),
        1267 | 1270 => format!("{table}: texts of two collations are compared ({number})"),
        _ => format!("{table}: error {number}"),
    }
}

/// Which privilege is missing. The message of a refused statement names command,
/// user and table; that of a refused connection tells only the user.
pub(super) fn denied(number: u16, message: &str) -> String {
    match number {
        1142 | 1143 | 1227 | 1370 => message.to_owned(),
        1044 => "the user may not use the database (1044)".to_owned(),
        _ => format!("the server does not let this user in ({number})"),
    }
}
