//! Writes without an idempotency key, as a client in any language could send them: once, and
//! without anybody to ask afterwards.

use std::collections::BTreeMap;
use std::error::Error as _;

use anyhow::Result;
use dualwrite_proto::status;
use dualwrite_proto::v1::data_service_client::DataServiceClient;
use dualwrite_proto::v1::{self, ErrorReason, mutation, value};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

use super::send::Sent;
use super::{CALL, number};
use crate::history::{Key, Outcome, Seen, Step, Steps, Value};

/// Connections to every sidecar.
pub(super) struct Bare {
    sidecars: Vec<DataServiceClient<Channel>>,
}

impl Bare {
    pub(super) fn to(sidecars: &[String]) -> Result<Self> {
        let clients = sidecars.iter().map(|url| {
            let channel = Endpoint::from_shared(url.clone())?.connect_lazy();
            Ok(DataServiceClient::new(channel))
        });
        Ok(Self {
            sidecars: clients.collect::<Result<_>>()?,
        })
    }

    /// Writes once.
    pub(super) async fn write(&self, sidecar: usize, steps: &Steps) -> Sent {
        let mut client = self.sidecars[sidecar].clone();
        let mutations = steps.iter().map(|(key, step)| mutation(*key, step));
        let mut request = tonic::Request::new(v1::WriteRequest {
            mutations: mutations.collect(),
            ..v1::WriteRequest::default()
        });
        request.set_timeout(CALL);
        let outcome = match tokio::time::timeout(CALL, client.write(request)).await {
            Err(_) => Outcome::Unknown("no answer".into()),
            Ok(Ok(answer)) => acknowledged(&answer.into_inner()),
            Ok(Err(status)) => failed(&status),
        };
        Sent::Ended(1, outcome)
    }
}

fn acknowledged(answer: &v1::WriteResponse) -> Outcome {
    let seen = answer.results.iter().map(|result| Seen {
        matched: result.matched,
        row: result.row.as_ref().and_then(held),
    });
    Outcome::Acknowledged(seen.collect())
}

fn held(row: &v1::Row) -> Option<Value> {
    // Only accounts are written here, and their values are integers.
    if let value::Kind::Integer(number) = row.fields.get("value")?.kind.as_ref()? {
        return Some(Value::Number(*number));
    }
    None
}

fn failed(status: &Status) -> Outcome {
    match status::reason_of(status) {
        Some(ErrorReason::OutcomeUnknown) => Outcome::Unknown(status.message().to_owned()),
        Some(ErrorReason::RowExists) => Outcome::RowExists,
        Some(reason) => Outcome::Refused(format!("{reason:?}")),
        None if never_sent(status) => Outcome::Refused("never sent".into()),
        None => Outcome::Unknown(format!("{:?}", status.code())),
    }
}

fn never_sent(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn mutation(key: Key, step: &Step) -> v1::Mutation {
    let id = || ("id".to_owned(), wire(&Value::Number(number(key.id))));
    let held = |value: &Value| ("value".to_owned(), wire(value));
    let key_only = || BTreeMap::from([id()]);
    let kind = match step {
        Step::Insert(to) => Some(mutation::Kind::Insert(v1::Insert {
            values: [id(), held(to)].into(),
        })),
        Step::Put(to) => Some(mutation::Kind::Upsert(v1::Upsert {
            values: [id(), held(to)].into(),
        })),
        Step::Add(by) => Some(mutation::Kind::Update(v1::Update {
            key: key_only(),
            increment: [held(&Value::Number(*by))].into(),
            ..v1::Update::default()
        })),
        Step::Exchange(from, to) => Some(mutation::Kind::Update(v1::Update {
            key: key_only(),
            set: [held(to)].into(),
            only_if: [held(from)].into(),
            ..v1::Update::default()
        })),
        Step::Delete => Some(mutation::Kind::Delete(v1::Delete {
            key: key_only(),
            ..v1::Delete::default()
        })),
        Step::Read => None,
    };
    v1::Mutation {
        entity: key.entity.as_str().to_owned(),
        kind,
        must_match: false,
    }
}

fn wire(value: &Value) -> v1::Value {
    let kind = match value {
        Value::Number(number) => value::Kind::Integer(*number),
        Value::Text(text) => value::Kind::Text(text.clone()),
    };
    v1::Value { kind: Some(kind) }
}
