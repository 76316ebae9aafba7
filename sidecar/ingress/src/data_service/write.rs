//! Write: ordered mutations in one transaction on each side.

use dualwrite_engine::request::{
    MutationResult, Outcome, RequestChange, RequestMutation, Wait, WriteReply, WriteRequest,
};
use dualwrite_proto::v1::mutation::Kind;
use dualwrite_proto::{WireError, convert, v1};
use tokio::time::Instant;
use tonic::{Response, Status};

use crate::data_path::DataPath;
use crate::refusal::{IDEMPOTENCY_KEY, refusal};

pub(super) async fn call<D: DataPath>(
    data: &D,
    message: v1::WriteRequest,
    deadline: Instant,
) -> Result<Response<v1::WriteResponse>, Status> {
    let request = request(message)?;
    let key = request.idempotency_key.clone();
    match data.write(request, deadline).await {
        Ok(reply) => Ok(Response::new(response(reply))),
        Err(error) => {
            let refusal = refusal(&error);
            Err(match key {
                Some(key) => refusal.with(IDEMPOTENCY_KEY, key),
                None => refusal,
            }
            .into_status())
        }
    }
}

fn request(message: v1::WriteRequest) -> Result<WriteRequest, WireError> {
    let v1::WriteRequest {
        mutations,
        idempotency_key,
        attempt,
        wait,
    } = message;
    let mutations = mutations
        .into_iter()
        .enumerate()
        .map(|(index, mutation)| self::mutation(mutation, &format!("mutations[{index}]")))
        .collect::<Result<_, _>>()?;
    Ok(WriteRequest {
        mutations,
        idempotency_key: (!idempotency_key.is_empty()).then_some(idempotency_key),
        attempt,
        wait: self::wait(wait)?,
    })
}

fn wait(number: i32) -> Result<Wait, WireError> {
    match v1::Wait::try_from(number) {
        Ok(v1::Wait::Unspecified) => Ok(Wait::Committed),
        Ok(v1::Wait::Applied) => Ok(Wait::Applied),
        Err(_) => Err(WireError::at(
            "wait",
            format!("no wait has number {number}; expected WAIT_UNSPECIFIED or WAIT_APPLIED"),
        )),
    }
}

fn mutation(message: v1::Mutation, path: &str) -> Result<RequestMutation, WireError> {
    let v1::Mutation {
        entity,
        kind,
        must_match,
    } = message;
    let kind = kind.ok_or_else(|| {
        WireError::at(
            path,
            "says nothing to do; set one of insert, upsert, update, delete",
        )
    })?;
    Ok(RequestMutation {
        entity,
        change: change(kind, path)?,
        must_match,
    })
}

fn change(kind: Kind, path: &str) -> Result<RequestChange, WireError> {
    let fields = |values, part: &str| convert::fields(values, &format!("{path}.{part}"));
    Ok(match kind {
        Kind::Insert(v1::Insert { values }) => RequestChange::Insert {
            values: fields(values, "insert.values")?,
        },
        Kind::Upsert(v1::Upsert { values }) => RequestChange::Upsert {
            values: fields(values, "upsert.values")?,
        },
        Kind::Update(v1::Update {
            key,
            set,
            increment,
            only_if,
            at_least,
        }) => RequestChange::Update {
            key: fields(key, "update.key")?,
            set: fields(set, "update.set")?,
            increment: fields(increment, "update.increment")?,
            only_if: fields(only_if, "update.only_if")?,
            at_least: fields(at_least, "update.at_least")?,
        },
        Kind::Delete(v1::Delete {
            key,
            only_if,
            at_least,
        }) => RequestChange::Delete {
            key: fields(key, "delete.key")?,
            only_if: fields(only_if, "delete.only_if")?,
            at_least: fields(at_least, "delete.at_least")?,
        },
    })
}

fn response(reply: WriteReply) -> v1::WriteResponse {
    let WriteReply {
        results,
        legacy,
        new,
        replayed,
    } = reply;
    v1::WriteResponse {
        results: results.into_iter().map(result).collect(),
        legacy: outcome(legacy).into(),
        new: outcome(new).into(),
        replayed,
    }
}

fn result(result: MutationResult) -> v1::MutationResult {
    v1::MutationResult {
        matched: result.matched,
        row: result.row.map(convert::row),
    }
}

const fn outcome(outcome: Outcome) -> v1::Outcome {
    match outcome {
        Outcome::Committed => v1::Outcome::Committed,
        Outcome::Pending => v1::Outcome::Pending,
        Outcome::Skipped => v1::Outcome::Skipped,
    }
}
