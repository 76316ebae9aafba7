//! `POST /dual-write/validate-sync/{entity}/{key}`, and `/{key}` for the root
//! entity: the exact check of one key. No value is answered.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use dualwrite_core::value::Value as Cell;
use dualwrite_engine::request::{Fields, KeyCheck, KeyVerdict};
use dualwrite_proto::v1::ErrorReason;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::error::HttpError;
use super::{AdminPath, Http};

/// How long a check may take: a few reads and one lock.
const BOUND: Duration = Duration::from_secs(10);

pub(super) async fn root<A: AdminPath>(
    State(http): State<Http<A>>,
    Path(key): Path<String>,
) -> Result<Json<Value>, HttpError> {
    check(&http, None, &key).await
}

pub(super) async fn of_entity<A: AdminPath>(
    State(http): State<Http<A>>,
    Path((entity, key)): Path<(String, String)>,
) -> Result<Json<Value>, HttpError> {
    check(&http, Some(&entity), &key).await
}

async fn check<A: AdminPath>(
    http: &Http<A>,
    entity: Option<&str>,
    key: &str,
) -> Result<Json<Value>, HttpError> {
    let deadline = Instant::now() + BOUND;
    let (entity, names) = http.admin.key_fields(entity, deadline).await?;
    let key = fields(&entity, names, key)?;
    let checked = http.admin.check_key(&entity, key, deadline).await?;
    Ok(Json(body(&checked)))
}

/// The parts of a key in its order, separated by commas; a comma or a
/// backslash inside a part has a backslash before it.
fn fields(entity: &str, names: Vec<String>, text: &str) -> Result<Fields, HttpError> {
    // A key of one part is the whole text, commas and all.
    let parts = if names.len() == 1 {
        vec![text.to_owned()]
    } else {
        split(text)
    };
    if parts.len() != names.len() {
        return Err(HttpError::invalid(
            ErrorReason::MissingKey,
            format!(
                "the key of {entity} is ({}), {} parts separated by commas; given were {}",
                names.join(", "),
                names.len(),
                parts.len()
            ),
        ));
    }
    let values = parts.into_iter().map(Cell::Text);
    Ok(names.into_iter().zip(values).collect())
}

fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let literal = match letter {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(part) = parts.last_mut() {
            part.push(literal);
        }
    }
    parts
}

fn body(check: &KeyCheck) -> Value {
    let columns: Vec<&str> = match &check.verdict {
        KeyVerdict::Different { fields } => fields.iter().map(|name| &**name).collect(),
        KeyVerdict::Equal
        | KeyVerdict::Pending
        | KeyVerdict::MissingOnSecondary
        | KeyVerdict::ExtraOnSecondary
        | KeyVerdict::AbsentOnBoth
        | KeyVerdict::NoSecondary => Vec::new(),
    };
    let in_sync = match &check.verdict {
        KeyVerdict::Equal | KeyVerdict::AbsentOnBoth => Some(true),
        KeyVerdict::Pending
        | KeyVerdict::MissingOnSecondary
        | KeyVerdict::ExtraOnSecondary
        | KeyVerdict::Different { .. } => Some(false),
        // There is nothing to be in step with.
        KeyVerdict::NoSecondary => None,
    };
    json!({
        "entity": &*check.entity,
        "in_sync": in_sync,
        "verdict": check.verdict.as_str(),
        "columns": columns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_several_parts_is_split_at_commas() {
        assert_eq!(split("7,a"), ["7", "a"]);
        assert_eq!(split("7,a\\,b,c\\\\"), ["7", "a,b", "c\\"]);
        assert_eq!(split(","), ["", ""]);
    }
}
