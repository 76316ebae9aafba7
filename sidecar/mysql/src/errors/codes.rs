//! The server's numbers of errors, by what they mean here.

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The transaction met another one and is to be repeated.
    Conflict,
    /// A lock was waited for too long.
    Busy,
    Duplicate,
    ForeignKey,
    NotNull,
    Check,
    /// A trigger raised it by itself.
    Raised,
    Value,
    Schema,
    Denied,
    ReadOnly,
    /// The statement was ended from outside.
    Away,
    Other,
}

pub(super) const NO_SUCH_TABLE: u16 = 1146;
pub(super) const UNKNOWN_COLUMN: u16 = 1054;

/// What a number means. Those that only one of MariaDB and MySQL has are not
/// used for anything else by the other.
pub(super) const fn meaning(number: u16) -> Meaning {
    match number {
        // A deadlock; a row changed since a snapshot (MariaDB); a table or a
        // prepared statement changed under a transaction.
        1213 | 1020 | 1412 | 1615 | 3572 => Meaning::Conflict,
        1205 => Meaning::Busy,
        1022 | 1062 | 1169 | 1586 => Meaning::Duplicate,
        1216 | 1217 | 1451 | 1452 | 1761 | 1762 => Meaning::ForeignKey,
        1048 | 1364 => Meaning::NotNull,
        3819 | 4025 => Meaning::Check,
        1644 => Meaning::Raised,
        // Out of range, truncated, wrong form, wrong characters, too long, not
        // JSON, longer than a packet, a division by zero.
        1118 | 1153 | 1264 | 1265 | 1292 | 1366 | 1367 | 1406 | 1411 | 1441 | 1690 | 3140
        | 4038 | 1365 => Meaning::Value,
        NO_SUCH_TABLE | UNKNOWN_COLUMN | 1049 | 1051 | 1064 | 1091 | 1103 | 1109 | 1136 | 1305
        | 1906 | 3105 | 1347 | 1356 | 1267 | 1270 => Meaning::Schema,
        1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 | 1410 => Meaning::Denied,
        1290 | 1792 | 1836 | 3100 => Meaning::ReadOnly,
        // Interrupted, killed, over its time; the server stops; no room for
        // connections, statements, rows.
        1040 | 1053 | 1077 | 1152 | 1158 | 1159 | 1160 | 1161 | 1184 | 1203 | 1226 | 1317
        | 1461 | 1927 | 1969 | 3024 | 1021 | 1114 | 4031 => Meaning::Away,
        _ => Meaning::Other,
    }
}
