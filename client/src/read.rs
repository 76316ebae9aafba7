//! Reads of one row.

use std::time::Duration;

use dualwrite_core::route::Consistency;
use dualwrite_core::side::Side;
use dualwrite_proto::convert;
use dualwrite_proto::v1::{self, ErrorReason};

use crate::call::{Service, call};
use crate::client::DualwriteClient;
use crate::error::Error;
use crate::fields::Fields;
use crate::row::Row;

/// A read of one row by its key.
#[derive(Debug, Clone)]
#[must_use = "nothing is read until `send`"]
pub struct Read {
    client: DualwriteClient,
    entity: String,
    key: Fields,
    consistency: Consistency,
    timeout: Option<Duration>,
}

/// The row, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadReply {
    /// The row; `None` when there is none.
    pub row: Option<Row>,
    /// The side that answered.
    pub served_by: Side,
}

impl Read {
    pub(crate) fn new(client: DualwriteClient, entity: String, key: Fields) -> Self {
        let consistency = Consistency::default();
        Self {
            client,
            entity,
            key,
            consistency,
            timeout: None,
        }
    }

    /// How old the answer may be; session unless told.
    pub const fn consistency(mut self, consistency: Consistency) -> Self {
        self.consistency = consistency;
        self
    }

    /// How long it takes at most, retries included, instead of the client's own.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`Error`]; a row that is not there is none.
    pub async fn send(self) -> Result<ReadReply, Error> {
        let message = |_| v1::ReadRequest {
            entity: self.entity.clone(),
            key: convert::fields_to_wire(self.key.clone()),
            consistency: consistency(self.consistency).into(),
        };
        let timeout = self.timeout.unwrap_or_else(|| self.client.timeout());
        let send = |mut service: Service, request| async move { service.read(request).await };
        match call(&self.client, timeout, message, send).await {
            Ok((answer, _)) => Ok(ReadReply {
                served_by: served_by(answer.served_by)?,
                row: answer.row.map(Row::from_wire).transpose()?,
            }),
            Err(stopped) => Err(stopped.into_error()),
        }
    }
}

pub(crate) const fn consistency(consistency: Consistency) -> v1::Consistency {
    match consistency {
        Consistency::Primary => v1::Consistency::Primary,
        Consistency::Session => v1::Consistency::Session,
        Consistency::Any => v1::Consistency::Any,
    }
}

pub(crate) fn served_by(side: i32) -> Result<Side, Error> {
    convert::side(side, "served_by").map_err(|error| {
        let message = format!("the sidecar's answer is malformed: {error}");
        Error::local(ErrorReason::WrongType, "served_by", message)
    })
}
