//! Read: one row by key.

use dualwrite_core::route::Consistency as Asked;
use dualwrite_engine::request::{Consistency, ReadReply, ReadRequest};
use dualwrite_proto::{WireError, convert, v1};
use tokio::time::Instant;
use tonic::{Response, Status};

use crate::data_path::DataPath;

pub(super) async fn call<D: DataPath>(
    data: &D,
    message: v1::ReadRequest,
    deadline: Instant,
) -> Result<Response<v1::ReadResponse>, Status> {
    let request = request(message)?;
    let reply = data.read(request, deadline).await;
    let ReadReply { row, served_by } = reply.map_err(|error| super::refused(&error))?;
    Ok(Response::new(v1::ReadResponse {
        row: row.map(convert::row),
        served_by: super::side(served_by),
    }))
}

fn request(message: v1::ReadRequest) -> Result<ReadRequest, WireError> {
    let v1::ReadRequest {
        entity,
        key,
        consistency,
    } = message;
    Ok(ReadRequest {
        entity,
        key: convert::fields(key, "key")?,
        consistency: self::consistency(consistency)?,
    })
}

pub(super) fn consistency(number: i32) -> Result<Consistency, WireError> {
    Ok(match convert::consistency(number, "consistency")? {
        Asked::Primary => Consistency::Primary,
        Asked::Session => Consistency::Session,
        Asked::Any => Consistency::Any,
    })
}
