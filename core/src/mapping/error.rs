//! Why a mapping is refused.

use std::fmt;

use crate::catalog::Action;
use crate::side::Side;
use crate::spec::TableName;
use crate::value::Kind;

/// One thing in the way of a mapping, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingError {
    /// The entity.
    pub entity: String,
    /// The side whose schema is meant; `None` where both are.
    pub side: Option<Side>,
    /// The table.
    pub table: Option<TableName>,
    /// The column, where one is meant.
    pub column: Option<String>,
    /// What is wrong, and what would be right.
    pub problem: MappingProblem,
}

/// What is wrong with a mapping; the text says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingProblem {
    /// Neither database could be looked at.
    #[error("neither database's schema is known: connect at least one")]
    NoSchema,
    /// The table does not exist.
    #[error("there is no such table; {hint}")]
    NoTable {
        /// The nearest name, or what there is.
        hint: String,
    },
    /// Two entities name one table.
    #[error("it is the table of {other} already: one entity a table")]
    SameTable {
        /// The entity that has it.
        other: String,
    },
    /// The column does not exist.
    #[error("there is no such column; {hint}")]
    NoColumn {
        /// The nearest name, or what there is.
        hint: String,
    },
    /// The database cannot tell rows apart by the key of the mapping.
    #[error(
        "the key ({}) is neither the primary key ({}) nor a unique set of NOT NULL columns",
        key.join(", "), if primary.is_empty() { "there is none".to_owned() } else { primary.join(", ") }
    )]
    KeyNotUnique {
        /// The key's columns on this side.
        key: Vec<String>,
        /// The primary key's columns.
        primary: Vec<String>,
    },
    /// A key column may be NULL.
    #[error("a key column must be NOT NULL")]
    KeyNullable,
    /// A key column is of a kind that cannot be in a key.
    #[error("{kind} cannot be part of a key")]
    KeyKind {
        /// Its kind.
        kind: Kind,
    },
    /// A key column's kinds differ on the two sides.
    #[error("a key column must be of the same kind on both sides, but it is {legacy} and {new}")]
    KeyKindsDiffer {
        /// On the legacy side.
        legacy: Kind,
        /// On the new side.
        new: Kind,
    },
    /// A key column takes different texts as equal.
    #[error(
        "its collation takes different keys as equal (ignores case or trailing spaces): \
         use a binary or case-sensitive collation"
    )]
    KeyCollation,
    /// A key column is computed by the database.
    #[error("a generated column cannot be part of the key")]
    KeyGenerated,
    /// The column's type cannot cross between databases.
    #[error("its type {native} cannot be carried: {why}")]
    NotCarried {
        /// Its type.
        native: String,
        /// Why.
        why: String,
    },
    /// The kinds of the two sides do not match.
    #[error("legacy is {legacy} and new is {new}: {remedy}")]
    KindsDiffer {
        /// On the legacy side.
        legacy: Kind,
        /// On the new side.
        new: Kind,
        /// Which conversion would do.
        remedy: String,
    },
    /// The named conversion does not join the kinds of the two sides.
    #[error(
        "{convert} makes {takes} into {gives}, but legacy is {legacy} and new is {new}: {remedy}"
    )]
    WrongConvert {
        /// The conversion.
        convert: &'static str,
        /// Its legacy kind.
        takes: Kind,
        /// Its new kind.
        gives: Kind,
        /// The kind on the legacy side.
        legacy: Kind,
        /// The kind on the new side.
        new: Kind,
        /// Which conversion would do.
        remedy: String,
    },
    /// The declared precision of the two sides differs, so that one side would
    /// round or cut what the other holds.
    #[error(
        "legacy is {legacy} and new is {new}: one would round what the other holds; declare them alike"
    )]
    PrecisionDiffers {
        /// The type on the legacy side.
        legacy: String,
        /// The type on the new side.
        new: String,
    },
    /// Written on one side only, since the database computes it on the other.
    #[error(
        "it is generated here and an ordinary column on the other side: leave it out of the mapping, or make both generated"
    )]
    GeneratedOnOneSide,
    /// A copy could not be inserted.
    #[error(
        "it is NOT NULL without a default and not mapped: map it, give it a default, or let it be NULL"
    )]
    UnmappedRequired,
    /// The database would change mapped rows without leaving markers.
    #[error(
        "foreign key {foreign_key} has {event} {}, which changes rows without markers: \
         use RESTRICT or NO ACTION",
        action.as_sql()
    )]
    CascadingKey {
        /// The foreign key.
        foreign_key: String,
        /// `ON DELETE` or `ON UPDATE`.
        event: &'static str,
        /// What it does.
        action: Action,
        /// The entity whose rows it changes.
        changed: String,
    },
    /// A trigger may change mapped rows without leaving markers.
    #[error(
        "{}{trigger} may change rows without markers: drop it, or disable it",
        if trigger.starts_with("rule ") { "" } else { "trigger " }
    )]
    ChangingTrigger {
        /// The trigger.
        trigger: String,
    },
    /// Foreign keys run in a circle.
    #[error("foreign keys run in a circle ({}): rows cannot be copied in any order; make one of them deferrable, or its column nullable", circle.join(" -> "))]
    Circle {
        /// The entities of the circle, the first one repeated at the end.
        circle: Vec<String>,
    },
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            entity,
            side,
            table,
            column,
            problem,
        } = self;
        write!(f, "{entity}")?;
        if let Some(side) = side {
            write!(f, ", {side} side")?;
        }
        match (table, column) {
            (Some(table), Some(column)) => write!(f, ", column {table}.{column}")?,
            (Some(table), None) => write!(f, ", table {table}")?,
            (None, Some(column)) => write!(f, ", column {column}")?,
            (None, None) => {}
        }
        write!(f, ": {problem}")
    }
}

impl std::error::Error for MappingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.problem)
    }
}
