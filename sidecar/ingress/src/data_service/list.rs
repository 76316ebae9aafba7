//! List: rows in key order, in pages.

use dualwrite_engine::request::{ListReply, ListRequest};
use dualwrite_proto::{WireError, convert, v1};
use tokio::time::Instant;
use tonic::{Response, Status};

use super::read::consistency;
use crate::data_path::DataPath;

pub(super) async fn call<D: DataPath>(
    data: &D,
    message: v1::ListRequest,
    deadline: Instant,
) -> Result<Response<v1::ListResponse>, Status> {
    let request = request(message)?;
    let reply = data.list(request, deadline).await;
    let ListReply {
        rows,
        next_page_token,
        served_by,
    } = reply.map_err(|error| super::refused(&error))?;
    Ok(Response::new(v1::ListResponse {
        rows: rows.into_iter().map(convert::row).collect(),
        next_page_token,
        served_by: super::side(served_by),
    }))
}

fn request(message: v1::ListRequest) -> Result<ListRequest, WireError> {
    let v1::ListRequest {
        entity,
        filter,
        page_size,
        page_token,
        consistency: number,
    } = message;
    // A list is served by the primary whatever is asked for; a number that
    // means nothing is still an error, because the caller meant something.
    consistency(number)?;
    Ok(ListRequest {
        entity,
        filter: convert::fields(filter, "filter")?,
        page_size,
        page_token,
    })
}
