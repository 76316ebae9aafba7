//! Requests, and what is read out of answers.

use std::sync::Arc;

use dualwrite_core::key::Key;
use dualwrite_core::value::{Decimal, Value};
use dualwrite_engine::error::DataError;
use dualwrite_engine::request::{
    Fields, RequestChange, RequestMutation, RowImage, Wait, WriteReply, WriteRequest,
};

use crate::shop::{CART, ITEM, Name};

/// The fields of a cart, in the order in which rows are compared.
const CART_FIELDS: [&str; 4] = ["id", "state", "total", "visits"];

/// The fields of an item, likewise.
const ITEM_FIELDS: [&str; 3] = ["cart_id", "product", "quantity"];

pub(super) fn fields(pairs: &[(&str, Value)]) -> Fields {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn money(cents: u64) -> Value {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    Decimal::parse(&text).map_or(Value::Null, Value::Decimal)
}

pub(super) fn request(mutations: Vec<RequestMutation>, key: Option<String>) -> WriteRequest {
    WriteRequest {
        mutations,
        idempotency_key: key,
        attempt: 1,
        wait: Wait::Committed,
    }
}

fn mutation(entity: &str, change: RequestChange) -> RequestMutation {
    RequestMutation {
        entity: entity.to_owned(),
        change,
        must_match: false,
    }
}

fn cart(id: i64, mark: &str) -> Fields {
    let cents = u64::try_from(mark.len()).unwrap_or_default() * 101;
    fields(&[
        ("id", Value::Int(id)),
        ("state", text(mark)),
        ("total", money(cents)),
        ("visits", Value::Int(0)),
    ])
}

pub(super) fn insert(id: i64, mark: &str) -> RequestMutation {
    let values = cart(id, mark);
    mutation(CART, RequestChange::Insert { values })
}

pub(super) fn upsert(id: i64, mark: &str) -> RequestMutation {
    let values = cart(id, mark);
    mutation(CART, RequestChange::Upsert { values })
}

/// Counts a visit, and leaves its mark; only where the state is this, if any.
pub(super) fn visit(id: i64, mark: &str, only_if: Option<&str>) -> RequestMutation {
    let only_if = only_if.map_or_else(Vec::new, |state| fields(&[("state", text(state))]));
    let change = RequestChange::Update {
        key: fields(&[("id", Value::Int(id))]),
        set: fields(&[("state", text(mark))]),
        increment: fields(&[("visits", Value::Int(1))]),
        only_if,
        at_least: Vec::new(),
    };
    mutation(CART, change)
}

pub(super) fn delete(id: i64) -> RequestMutation {
    let change = RequestChange::Delete {
        key: fields(&[("id", Value::Int(id))]),
        only_if: Vec::new(),
        at_least: Vec::new(),
    };
    mutation(CART, change)
}

pub(super) fn item(id: i64, quantity: u64) -> RequestMutation {
    let quantity = i64::try_from(quantity).unwrap_or_default();
    let values = fields(&[
        ("cart_id", Value::Int(id)),
        ("product", text("apple")),
        ("quantity", Value::Int(quantity)),
    ]);
    mutation(ITEM, RequestChange::Upsert { values })
}

pub(super) fn no_item(id: i64) -> RequestMutation {
    let change = RequestChange::Delete {
        key: fields(&[("cart_id", Value::Int(id)), ("product", text("apple"))]),
        only_if: Vec::new(),
        at_least: Vec::new(),
    };
    mutation(ITEM, change)
}

/// A cart's name.
pub(super) fn cart_name(id: i64) -> Option<Name> {
    let key = Key::new(vec![Value::Int(id)]).ok()?;
    let entity = Arc::from(CART);
    Some(Name { entity, key })
}

/// A row that was shown, in the order in which rows are compared.
pub(super) fn ordered(entity: &str, image: &RowImage) -> Vec<Value> {
    let names: &[&str] = if entity == CART {
        &CART_FIELDS
    } else {
        &ITEM_FIELDS
    };
    let value = |name: &&str| {
        let mut found = image.iter().filter(|(field, _)| **field == **name);
        found.next().map_or(Value::Null, |(_, value)| value.clone())
    };
    names.iter().map(value).collect()
}

/// The rows that an answer shows.
pub(super) fn shown(request: &WriteRequest, reply: &WriteReply) -> Vec<(Name, Option<Vec<Value>>)> {
    // Of several mutations of a row only the last image is the row afterwards.
    if request.mutations.len() != 1 {
        return Vec::new();
    }
    let pairs = request.mutations.iter().zip(&reply.results);
    let rows = pairs.filter_map(|(mutation, result)| {
        let image = result.row.as_ref()?;
        let row = ordered(&mutation.entity, image);
        let Some(Value::Int(id)) = row.first() else {
            return None;
        };
        let name = cart_name(*id).filter(|_| mutation.entity == CART)?;
        Some((name, Some(row)))
    });
    rows.collect()
}

/// Whether an error says that nothing happened, and nothing will.
pub(super) const fn is_definite(error: &DataError) -> bool {
    match error {
        DataError::OutcomeUnknown { .. }
        | DataError::OutcomeLost { .. }
        | DataError::ShuttingDown
        | DataError::Internal { .. } => false,
        DataError::Invalid(_)
        | DataError::RowExists { .. }
        | DataError::ConditionNotMet { .. }
        | DataError::PrimaryConstraint { .. }
        | DataError::SecondaryConstraint { .. }
        | DataError::RequestAborted
        | DataError::NotReady { .. }
        | DataError::NotInstalled { .. }
        | DataError::MappingRefused { .. }
        | DataError::PrimaryUnavailable { .. }
        | DataError::SecondaryUnavailable { .. }
        | DataError::PrimaryTimeout { .. }
        | DataError::SecondaryTimeout { .. }
        | DataError::QueueFull { .. }
        | DataError::FlipTooLong { .. }
        | DataError::Deadline
        | DataError::PageTokenExpired
        | DataError::Denied { .. } => true,
    }
}
