//! Reads of many rows.

use std::collections::VecDeque;
use std::time::Duration;

use dualwrite_core::route::Consistency;
use dualwrite_core::side::Side;
use dualwrite_proto::convert;
use dualwrite_proto::v1;
use futures_util::{Stream, TryStreamExt as _, stream};

use crate::call::{Service, call};
use crate::client::DualwriteClient;
use crate::error::Error;
use crate::fields::Fields;
use crate::read::{consistency, served_by};
use crate::row::Row;

/// A read of many rows, in the order of their keys.
#[derive(Debug, Clone)]
#[must_use = "nothing is read until `page`, `rows` or `all`"]
pub struct List {
    client: DualwriteClient,
    entity: String,
    filter: Fields,
    page_size: u32,
    page_token: String,
    consistency: Consistency,
    timeout: Option<Duration>,
}

/// One page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// For the next page; `None` at the end.
    pub next_page_token: Option<String>,
    /// The side that answered.
    pub served_by: Side,
}

impl List {
    pub(crate) fn new(client: DualwriteClient, entity: String) -> Self {
        Self {
            client,
            entity,
            filter: Fields::new(),
            page_size: 0,
            page_token: String::new(),
            consistency: Consistency::default(),
            timeout: None,
        }
    }

    /// Only rows whose fields have these values. They should be indexed.
    pub fn filter(mut self, filter: impl Into<Fields>) -> Self {
        self.filter = filter.into();
        self
    }

    /// Rows in one page, 1 to 1000; 100 unless told.
    pub const fn page_size(mut self, rows: u32) -> Self {
        self.page_size = rows;
        self
    }

    /// Goes on after an earlier page.
    pub fn page_token(mut self, token: impl Into<String>) -> Self {
        self.page_token = token.into();
        self
    }

    /// How old the answer may be; session unless told.
    pub const fn consistency(mut self, consistency: Consistency) -> Self {
        self.consistency = consistency;
        self
    }

    /// How long each page takes at most, instead of the client's own.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// One page.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn page(&self) -> Result<Page, Error> {
        let message = |_| v1::ListRequest {
            entity: self.entity.clone(),
            filter: convert::fields_to_wire(self.filter.clone()),
            page_size: self.page_size,
            page_token: self.page_token.clone(),
            consistency: consistency(self.consistency).into(),
        };
        let timeout = self.timeout.unwrap_or_else(|| self.client.timeout());
        let send = |mut service: Service, request| async move { service.list(request).await };
        let (answer, _) = call(&self.client, timeout, message, send)
            .await
            .map_err(crate::call::Stopped::into_error)?;
        let token = answer.next_page_token;
        Ok(Page {
            served_by: served_by(answer.served_by)?,
            rows: answer
                .rows
                .into_iter()
                .map(Row::from_wire)
                .collect::<Result<_, _>>()?,
            next_page_token: (!token.is_empty()).then_some(token),
        })
    }

    /// All rows, page after page, each page read when it is needed. The stream
    /// ends with its first error.
    pub fn rows(self) -> impl Stream<Item = Result<Row, Error>> + Send {
        let start = (Some(self), VecDeque::new());
        stream::try_unfold(start, |(mut list, mut rows)| async move {
            while rows.is_empty() {
                let Some(this) = list.take() else {
                    return Ok(None);
                };
                let page = this.page().await?;
                rows = page.rows.into();
                list = page.next_page_token.map(|token| this.page_token(token));
            }
            Ok(rows.pop_front().map(|row| (row, (list, rows))))
        })
    }

    /// All rows at once, for few of them.
    ///
    /// # Errors
    /// [`Error`], the first.
    pub async fn all(self) -> Result<Vec<Row>, Error> {
        self.rows().try_collect().await
    }
}
