//! Looking at all tables of both databases, to propose a mapping. It needs no
//! fence and no settings.

use std::time::Duration;

use dualwrite_core::catalog::{Form, Relation};
use dualwrite_core::propose::{Proposal, Survey, SurveyedSides, propose};
use dualwrite_core::side::Side;
use dualwrite_core::spec::TableName;
use tokio::time::timeout;

use crate::shared::Shared;
use crate::store::StoreError;

/// How long one database may take to tell of all its tables.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tables of one side that are looked at: every pair of tables is compared, so
/// the work grows with the square.
const MAX_TABLES: usize = 2_000;

/// Why nothing can be proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntrospectError {
    /// A side has no URL.
    #[error("the {side} database has no URL here: give this sidecar both")]
    NoUrl {
        /// Which.
        side: Side,
    },
    /// A database did not answer, or refused.
    #[error("the {side} database cannot be looked at: {error}")]
    Store {
        /// Which.
        side: Side,
        /// What it said.
        error: StoreError,
    },
    /// There is too much to look at.
    #[error("the {side} database has {found} tables, and at most {limit} are looked at; {remedy}")]
    TooMany {
        /// Which.
        side: Side,
        /// How many tables there are.
        found: usize,
        /// How many there may be.
        limit: usize,
        /// What to do about it.
        remedy: &'static str,
    },
}

/// Proposes a manifest of this name. With `tables`, only these of legacy are
/// looked at.
pub(crate) async fn introspect(
    shared: &Shared,
    name: &str,
    tables: &[String],
) -> Result<Proposal, IntrospectError> {
    let (legacy, new) = tokio::try_join!(
        survey(shared, Side::Legacy, tables),
        survey(shared, Side::New, &[])
    )?;
    Ok(propose(name, &SurveyedSides { legacy, new }, tables))
}

async fn survey(shared: &Shared, side: Side, asked: &[String]) -> Result<Survey, IntrospectError> {
    if shared.store(side).is_err() {
        return Err(IntrospectError::NoUrl { side });
    }
    match timeout(PATIENCE, look(shared, side, asked)).await {
        Ok(found) => found,
        Err(_) => Err(IntrospectError::Store {
            side,
            error: StoreError::Unavailable("it did not tell of its tables in time".to_owned()),
        }),
    }
}

async fn look(shared: &Shared, side: Side, asked: &[String]) -> Result<Survey, IntrospectError> {
    let failed = |error| IntrospectError::Store { side, error };
    let store = shared.store(side).map_err(failed)?;
    let relations = store.relations().await.map_err(failed)?;
    let (tables, others): (Vec<Relation>, Vec<Relation>) = relations
        .into_iter()
        .partition(|relation| relation.form == Form::Table);
    let names: Vec<TableName> = tables
        .into_iter()
        .map(|relation| relation.name)
        .filter(|name| is_asked(name, asked))
        .collect();
    if names.len() > MAX_TABLES {
        return Err(IntrospectError::TooMany {
            side,
            found: names.len(),
            limit: MAX_TABLES,
            remedy: match side {
                Side::Legacy => "name those of the service with `--table`",
                Side::New => "see that its URL is that of the service's own database",
            },
        });
    }
    Ok(Survey {
        catalog: store.describe(&names).await.map_err(failed)?,
        others,
        // SQLite and memory keep any length in any column.
        bounded: matches!(store.engine(), "postgresql" | "mysql"),
    })
}

fn is_asked(name: &TableName, asked: &[String]) -> bool {
    asked.is_empty()
        || asked
            .iter()
            .any(|asked| *asked == name.name || *asked == name.to_string())
}
