//! One operation through the client, and what came of it.

use dualwrite_client::{
    Consistency, DualwriteClient, Error, ErrorReason, Fields, Row, Settled, Write, WriteReply,
    fields,
};

use super::number;
use crate::history::{Entity, Key, Outcome, Seen, Step, Steps, Value};

/// How often a doubtful write is sent again or asked about before it is put off.
const ROUNDS: usize = 4;

/// How often it is asked about at the end.
const LAST_ROUNDS: usize = 20;

/// What came of an operation.
pub(super) enum Sent {
    /// It ended, after so many tries.
    Ended(u32, Outcome),
    /// It is to be asked about later.
    InDoubt(Doubt),
}

/// A write whose outcome is not known yet.
pub(super) struct Doubt {
    pub(super) request: String,
    pub(super) tries: u32,
    pub(super) why: String,
}

/// Reads one row from the primary.
pub(super) async fn read(client: &DualwriteClient, steps: &Steps) -> Sent {
    let Some((key, _)) = steps.first() else {
        return Sent::Ended(0, Outcome::Refused("nothing to read".into()));
    };
    let read = client
        .read(key.entity.as_str(), key_fields(*key))
        .consistency(Consistency::Primary);
    let outcome = match read.send().await {
        Ok(reply) => {
            let row = reply.row.as_ref().and_then(|row| value(key.entity, row));
            Outcome::Acknowledged(vec![Seen {
                matched: row.is_some(),
                row,
            }])
        }
        Err(error) => Outcome::Refused(name(&error)),
    };
    Sent::Ended(1, outcome)
}

/// Writes; a doubtful write is sent again with its key through another sidecar, or asked about:
/// `turn` decides which.
pub(super) async fn write(
    clients: &[DualwriteClient],
    sidecar: usize,
    steps: &Steps,
    request: String,
    turn: u8,
) -> Sent {
    let mut tries = 0;
    let mut why = String::new();
    for round in 0..ROUNDS {
        let client = &clients[(sidecar + round) % clients.len()];
        let asks = (turn >> round).is_multiple_of(4);
        if round > 0 && asks {
            match client.outcome(&request).await {
                Ok(settled) => return Sent::Ended(tries, settled_as(settled)),
                Err(_) => continue,
            }
        }
        let write = built(client.write(), steps).idempotency_key(request.clone());
        match write.attempt(tries + 1).send().await {
            Ok(reply) => {
                tries += reply.attempts;
                return Sent::Ended(tries, acknowledged(steps, &reply));
            }
            Err(Error::OutcomeUnknown { failure, .. }) => {
                tries += 1;
                why = failure.to_string();
            }
            Err(error) => return Sent::Ended(tries + 1, refused(&error)),
        }
    }
    Sent::InDoubt(Doubt {
        request,
        tries,
        why,
    })
}

/// Asks until somebody knows.
pub(super) async fn settle(clients: &[DualwriteClient], doubt: Doubt) -> (u32, Outcome) {
    for round in 0..LAST_ROUNDS {
        if let Ok(settled) = clients[round % clients.len()].outcome(&doubt.request).await {
            return (doubt.tries, settled_as(settled));
        }
    }
    (doubt.tries, Outcome::Unknown(doubt.why))
}

fn settled_as(settled: Settled) -> Outcome {
    match settled {
        Settled::Committed => Outcome::Committed,
        Settled::Aborted => Outcome::Refused("Settled".into()),
    }
}

fn built(write: Write, steps: &Steps) -> Write {
    // What belongs together happens together, or not at all.
    let together = steps.len() > 1;
    steps.iter().fold(write, |write, (key, step)| {
        let entity = key.entity.as_str();
        let write = match step {
            Step::Insert(to) => return write.insert(entity, row_fields(*key, to)),
            Step::Put(to) => return write.upsert(entity, row_fields(*key, to)),
            Step::Add(by) => write.increment(entity, key_fields(*key), fields! { value: *by }),
            Step::Exchange(from, to) => write
                .update(entity, key_fields(*key), value_fields(to))
                .only_if(value_fields(from)),
            Step::Delete => write.delete(entity, key_fields(*key)),
            Step::Read => return write,
        };
        if together { write.must_match() } else { write }
    })
}

fn key_fields(key: Key) -> Fields {
    fields! { id: number(key.id) }
}

fn value_fields(value: &Value) -> Fields {
    match value {
        Value::Number(number) => fields! { value: *number },
        Value::Text(text) => fields! { value: text.clone() },
    }
}

fn row_fields(key: Key, value: &Value) -> Fields {
    key_fields(key)
        .into_iter()
        .chain(value_fields(value))
        .collect()
}

fn acknowledged(steps: &Steps, reply: &WriteReply) -> Outcome {
    let seen = steps
        .iter()
        .zip(&reply.results)
        .map(|((key, _), result)| Seen {
            matched: result.matched,
            row: result.row.as_ref().and_then(|row| value(key.entity, row)),
        });
    Outcome::Acknowledged(seen.collect())
}

fn value(entity: Entity, row: &Row) -> Option<Value> {
    match entity {
        Entity::Account | Entity::Counter => row.get("value").ok().map(Value::Number),
        Entity::Journal | Entity::Seat => row.get("value").ok().map(Value::Text),
    }
}

fn refused(error: &Error) -> Outcome {
    if error.reason() == Some(ErrorReason::RowExists) {
        return Outcome::RowExists;
    }
    Outcome::Refused(name(error))
}

/// A short name of an error, for counting.
fn name(error: &Error) -> String {
    match error.reason() {
        Some(reason) => format!("{reason:?}"),
        None => format!("{:?}", error.failure().code),
    }
}
