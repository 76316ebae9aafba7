//! The fence in a statement: its lock, and its row.

use dualwrite_core::side::Role;
use dualwrite_engine::store::StoreError;

use super::Sql;
use super::ident::gate;
use crate::param::Param;

/// How many columns [`fence_columns`] makes.
pub(crate) const FENCE_COLUMNS: usize = 6;

/// An epoch as a parameter.
pub(crate) fn epoch_param(epoch: u64) -> Result<Param, StoreError> {
    i64::try_from(epoch)
        .map(Param::Long)
        .map_err(|_| StoreError::Other(format!("epoch {epoch} is beyond what a database holds")))
}

/// The head of a fenced statement: `WITH f AS (…), g AS (…)`.
///
/// `f` has one row when the fence says this role at this epoch. `g` inserts no
/// row into the gate, for its lock: taken before the statement's snapshot and
/// held until the commit, so that the fence that was read stays.
///
/// Answers the placeholders of service and epoch.
pub(crate) fn held_as(
    sql: &mut Sql,
    service: &str,
    epoch: u64,
    role: Role,
) -> Result<(String, String), StoreError> {
    let service_param = sql.bind(Param::text(service));
    let epoch = sql.bind(epoch_param(epoch)?);
    let gate = gate(service)?;
    sql.push(&format!(
        "WITH f AS (SELECT 1 FROM dualwrite.fence AS x \
         WHERE x.service = {service_param} AND x.epoch = {epoch} AND x.role = '{role}'), \
         g AS (INSERT INTO {gate} SELECT FROM f WHERE false)"
    ));
    Ok((service_param, epoch))
}

/// The fence row's columns, from `dualwrite.fence AS f`: epoch, role, phase,
/// plan, the row's version, and its settings. These are long and rarely change:
/// they are left out when the row is of the version that is known already, or
/// where `needless` holds.
pub(crate) fn fence_columns(sql: &mut Sql, known_version: &str, needless: &str) -> String {
    let known = sql.bind(Param::text(known_version));
    let version = "f.xmin::text || f.ctid::text";
    format!(
        "f.epoch, f.role, f.phase, f.plan_id, {version}, \
         CASE WHEN {version} = {known} OR {needless} THEN NULL ELSE f.settings END"
    )
}
