//! A transaction that is written and not committed.

use async_trait::async_trait;
use dualwrite_engine::store::{
    CommitError, Image, Mutation, OpenWrite, ReceiptDraft, StoreError, WriteTx,
};

use super::{single, statements};
use crate::conn::{Conn, Reply, abandon, between, commit, pipeline, refuse, refused_by};
use crate::errors;
use crate::fences::cell;
use crate::sql::Sql;
use crate::store::PostgresStore;
use crate::text::{self, Cell};

/// READ COMMITTED whatever the database's default is: each statement behind a
/// lock must see what was committed before it.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

/// An open transaction, its fence held and its mutations done.
#[derive(Debug)]
pub(crate) struct OpenTx {
    conn: Conn,
    images: Vec<Image>,
    /// The receipt that is still to be stored.
    receipt: Option<Sql>,
}

/// What the mutations returned: nothing where none matched.
pub(super) type Results = Vec<Option<Vec<Cell>>>;

impl OpenTx {
    /// Sends everything up to the last mutation.
    pub(super) async fn begin(store: &PostgresStore, tx: &WriteTx) -> Result<Self, StoreError> {
        let receipt = tx.receipt.as_ref().map(|draft| (&*tx.service, draft));
        if let [mutation] = tx.mutations.as_slice() {
            let statement = single::statement(tx, mutation)?;
            return Self::send_single(store, &statement, mutation).await;
        }
        let head = statements::head(&tx.service, tx.epoch, tx.token, &statements::marked(tx))?;
        Self::send(store, head, &tx.mutations, receipt).await
    }

    /// One statement does it all, but for the commit.
    async fn send_single(
        store: &PostgresStore,
        statement: &Sql,
        mutation: &Mutation,
    ) -> Result<Self, StoreError> {
        let conn = store.pools.main().await?;
        let replies = send(&conn, std::slice::from_ref(statement)).await;
        let rows = match replies.and_then(refused_by) {
            Ok(rows) => rows,
            Err(error) => return Err(refuse(conn, &error).await),
        };
        let judged = rows
            .last()
            .map_or(Ok((false, None)), |rows| single::answer(rows));
        let image = judged.and_then(|(held, cells)| {
            if held {
                text::image(&mutation.table, cells)
            } else {
                Err(StoreError::Stale)
            }
        });
        match image {
            Ok(image) => Ok(Self {
                conn,
                images: vec![image],
                receipt: None,
            }),
            Err(error) => {
                abandon(conn).await;
                Err(error)
            }
        }
    }

    /// Fence and markers, then the mutations, each by itself.
    pub(super) async fn send(
        store: &PostgresStore,
        head: Vec<Sql>,
        mutations: &[Mutation],
        receipt: Option<(&str, &ReceiptDraft)>,
    ) -> Result<Self, StoreError> {
        let behind = head.len();
        let mut list = head;
        for mutation in mutations {
            list.push(statements::mutation(mutation)?);
        }
        let conn = store.pools.main().await?;
        let replies = match send(&conn, &list).await {
            Ok(replies) => replies,
            Err(error) => return Err(refuse(conn, &error).await),
        };
        if !held(&replies)? {
            abandon(conn).await;
            return Err(StoreError::Stale);
        }
        let rows = match refused_by(replies) {
            Ok(rows) => rows,
            Err(error) => return Err(refuse(conn, &error).await),
        };
        // The first reply is that of BEGIN.
        match judge(mutations, rows.into_iter().skip(1 + behind)) {
            Ok((results, images)) => {
                let receipt = receipt.map(|(service, draft)| {
                    statements::receipt(service, draft, text::outcome(&results))
                });
                Ok(Self {
                    conn,
                    images,
                    receipt,
                })
            }
            Err(error) => {
                abandon(conn).await;
                Err(error)
            }
        }
    }

    /// Stores the receipt, so that nothing but the commit is left.
    pub(super) async fn leave_receipt(mut self) -> Result<Self, StoreError> {
        if let Some(receipt) = self.receipt.take() {
            let stored = match self.conn.ready(&receipt).await {
                Ok(ready) => self.conn.run(&ready).await,
                Err(error) => Err(error),
            };
            if let Err(error) = stored {
                return Err(refuse(self.conn, &error).await);
            }
        }
        Ok(self)
    }

    /// Stores the receipt and commits, in one round trip: where the receipt is
    /// refused, the commit rolls back.
    pub(super) async fn finish(mut self) -> Result<Vec<Image>, CommitError> {
        let Some(receipt) = self.receipt.take() else {
            return commit(self.conn).await.map(|()| self.images);
        };
        let ready = match self.conn.ready(&receipt).await {
            Ok(ready) => ready,
            Err(error) => return Err(CommitError::Refused(refuse(self.conn, &error).await)),
        };
        let ready = [ready];
        let replies = pipeline(self.conn.client(), between("", &ready, "COMMIT")).await;
        match refused_by(replies) {
            Ok(_) => {
                self.conn.release();
                Ok(self.images)
            }
            Err(error) => {
                if errors::goes_on(&error) {
                    self.conn.release();
                }
                Err(errors::commit(&error))
            }
        }
    }
}

#[async_trait]
impl OpenWrite for OpenTx {
    fn images(&self) -> &[Image] {
        &self.images
    }

    async fn commit(self: Box<Self>) -> Result<(), CommitError> {
        commit(self.conn).await
    }

    async fn rollback(self: Box<Self>) {
        abandon(self.conn).await;
    }
}

/// Opens a transaction and sends these statements, all at once.
pub(super) async fn send(conn: &Conn, list: &[Sql]) -> Result<Vec<Reply>, tokio_postgres::Error> {
    let ready = conn.all_ready(list).await?;
    Ok(pipeline(conn.client(), between(BEGIN, &ready, "")).await)
}

/// Whether the fence was held. A mutation behind a fence that was not held may
/// have met anything: its error says nothing then.
fn held(replies: &[Reply]) -> Result<bool, StoreError> {
    match replies.get(1) {
        Some(Ok(rows)) => match rows.first() {
            Some(row) => Ok(cell::<i64>(row, 0)? > 0),
            None => Ok(false),
        },
        // Told by its error, or by that of BEGIN.
        Some(Err(_)) | None => Ok(true),
    }
}

pub(super) fn judge(
    mutations: &[Mutation],
    replies: impl Iterator<Item = Vec<tokio_postgres::Row>>,
) -> Result<(Results, Vec<Image>), StoreError> {
    let mut results = Vec::with_capacity(mutations.len());
    let mut images = Vec::with_capacity(mutations.len());
    for (index, (mutation, rows)) in mutations.iter().zip(replies).enumerate() {
        let cells: Option<Vec<Cell>> = rows.first().map(|row| cell(row, 0)).transpose()?;
        let image = text::image(&mutation.table, cells.clone())?;
        if mutation.must_match && !image.matched {
            return Err(StoreError::NotMatched { index });
        }
        results.push(cells);
        images.push(image);
    }
    Ok((results, images))
}
