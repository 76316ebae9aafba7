//! A request as a whole: what tells it from another one, and what it weighs.

use dualwrite_core::fingerprint::Fingerprint;
use dualwrite_core::value::Value;

use crate::request::{Fields, RequestChange, WriteRequest};

/// What tells this request from another one under the same idempotency key.
pub(crate) fn fingerprint(request: &WriteRequest) -> i64 {
    let mut print = Fingerprint::default();
    for mutation in &request.mutations {
        print.part(mutation.entity.as_bytes());
        print.part(&[u8::from(mutation.must_match)]);
        match &mutation.change {
            RequestChange::Insert { values } => add(&mut print, "insert", &[values]),
            RequestChange::Upsert { values } => add(&mut print, "upsert", &[values]),
            RequestChange::Update {
                key,
                set,
                increment,
                only_if,
                at_least,
            } => {
                add(&mut print, "update", &[key, set, increment, only_if]);
                add_bounds(&mut print, at_least);
            }
            RequestChange::Delete {
                key,
                only_if,
                at_least,
            } => {
                add(&mut print, "delete", &[key, only_if]);
                add_bounds(&mut print, at_least);
            }
        }
    }
    print.finish()
}

fn add(print: &mut Fingerprint, verb: &str, groups: &[&Fields]) {
    print.part(verb.as_bytes());
    for group in groups {
        // Maps on the wire have no order, so the hash must not have one.
        let mut sorted: Vec<&(String, Value)> = group.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        print.part(&sorted.len().to_be_bytes());
        for (name, value) in sorted {
            print.part(name.as_bytes());
            print.part(value.kind_word().as_bytes());
            print.part(value.to_text().unwrap_or_default().as_bytes());
        }
    }
}

/// Bounds count only where there are any: a request without them keeps the
/// hash that its receipt has from before bounds were known.
fn add_bounds(print: &mut Fingerprint, at_least: &Fields) {
    if !at_least.is_empty() {
        add(print, "at_least", &[at_least]);
    }
}

/// About how much memory a request holds while it waits.
pub(crate) fn weight(request: &WriteRequest) -> u64 {
    let fields = |group: &Fields| -> usize {
        group
            .iter()
            .map(|(name, value)| name.len() + 48 + value_weight(value))
            .sum()
    };
    let bytes: usize = request
        .mutations
        .iter()
        .map(|mutation| match &mutation.change {
            RequestChange::Insert { values } | RequestChange::Upsert { values } => fields(values),
            RequestChange::Update {
                key,
                set,
                increment,
                only_if,
                at_least,
            } => fields(key) + fields(set) + fields(increment) + fields(only_if) + fields(at_least),
            RequestChange::Delete {
                key,
                only_if,
                at_least,
            } => fields(key) + fields(only_if) + fields(at_least),
        })
        .sum();
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn value_weight(value: &Value) -> usize {
    match value {
        Value::Text(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::UInt(_)
        | Value::Decimal(_)
        | Value::Float(_)
        | Value::Uuid(_)
        | Value::Timestamp(_)
        | Value::DateTime(_)
        | Value::Date(_)
        | Value::Time(_) => 16,
    }
}
