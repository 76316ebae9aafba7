//! Histories made by hand, good and bad, and good ones that are made bad by chance.

mod bad;
mod good;
mod mutated;

use crate::history::{End, Entity, Event, Intent, Key, Outcome, Seen, Side, Step, Value};

/// An account.
fn account(id: u64) -> Key {
    Key {
        entity: Entity::Account,
        id,
    }
}

fn counter(id: u64) -> Key {
    Key {
        entity: Entity::Counter,
        id,
    }
}

fn journal(id: u64) -> Key {
    Key {
        entity: Entity::Journal,
        id,
    }
}

fn number(number: i64) -> Value {
    Value::Number(number)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// It changed or found the row, which is this afterwards.
fn saw(row: impl Into<Option<Value>>) -> Outcome {
    Outcome::Acknowledged(vec![Seen {
        matched: true,
        row: row.into(),
    }])
}

/// It found nothing to change.
fn missed() -> Outcome {
    Outcome::Acknowledged(vec![Seen {
        matched: false,
        row: None,
    }])
}

fn unknown() -> Outcome {
    Outcome::Unknown("the connection was lost".into())
}

/// A history under construction: operations one after the other, or at the same time.
#[derive(Debug, Default, Clone)]
struct Made {
    events: Vec<Event>,
    at: u64,
    operations: u64,
}

impl Made {
    /// An operation is sent; its number.
    fn send(&mut self, key: Key, step: Step) -> u64 {
        self.send_all(vec![(key, step)])
    }

    fn send_all(&mut self, steps: Vec<(Key, Step)>) -> u64 {
        let (operation, at) = (self.operations, self.at);
        self.operations += 1;
        self.at += 1;
        self.events.push(Event::Intent(Intent {
            operation,
            at,
            ms: at,
            writer: 0,
            sidecar: 0,
            request: None,
            steps,
        }));
        operation
    }

    /// It is answered.
    fn answer(&mut self, operation: u64, outcome: Outcome) {
        let at = self.at;
        self.at += 1;
        self.events.push(Event::End(End {
            operation,
            at,
            ms: at,
            tries: 1,
            outcome,
        }));
    }

    /// Both at once.
    fn done(&mut self, key: Key, step: Step, outcome: Outcome) -> &mut Self {
        let operation = self.send(key, step);
        self.answer(operation, outcome);
        self
    }

    /// What SQL finds on one side.
    fn row(&mut self, side: Side, key: Key, value: Value) -> &mut Self {
        self.events.push(Event::Row { side, key, value });
        self
    }

    /// What SQL finds on both sides; nothing more.
    fn ends_with(&mut self, rows: &[(Key, Value)]) -> Vec<Event> {
        for side in Side::BOTH {
            for (key, value) in rows {
                self.row(side, *key, value.clone());
            }
        }
        self.events.push(Event::Complete);
        self.events.clone()
    }
}
