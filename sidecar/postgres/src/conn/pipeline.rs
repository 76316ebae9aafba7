//! Sending several statements without waiting for each reply.

use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::{TryStreamExt as _, poll};
use std::task::Poll;
use tokio_postgres::{Client, Error, Row};

use super::Ready;

/// One thing to send.
#[derive(Debug)]
pub(crate) enum Call<'a> {
    /// Statements without parameters and rows, such as `BEGIN; SET …`.
    Plain(&'a str),
    /// A prepared statement.
    Ready(&'a Ready<'a>),
}

/// A reply: the rows, or what went wrong.
pub(crate) type Reply = Result<Vec<Row>, Error>;

/// Statements that are ready, between two plain ones; an empty one is left out.
pub(crate) fn between<'a>(
    before: &'a str,
    ready: &'a [Ready<'a>],
    after: &'a str,
) -> Vec<Call<'a>> {
    let plain = |text: &'a str| (!text.is_empty()).then_some(Call::Plain(text));
    plain(before)
        .into_iter()
        .chain(ready.iter().map(Call::Ready))
        .chain(plain(after))
        .collect()
}

/// Sends all calls in order, at once, and answers their replies in order.
///
/// Inside a transaction, after an error every later reply is an error too. So
/// nothing may be sent behind a statement whose *rows* decide about it.
pub(crate) async fn pipeline<'a>(client: &'a Client, calls: Vec<Call<'a>>) -> Vec<Reply> {
    let mut waiting: Vec<Waiting<'a>> = Vec::with_capacity(calls.len());
    for call in calls {
        // The driver sends on the first poll: statements are prepared already.
        let mut reply = send(client, call);
        waiting.push(match poll!(&mut reply) {
            Poll::Ready(reply) => Waiting::Done(reply),
            Poll::Pending => Waiting::Open(reply),
        });
    }
    let mut replies = Vec::with_capacity(waiting.len());
    for reply in waiting {
        replies.push(match reply {
            Waiting::Done(reply) => reply,
            Waiting::Open(reply) => reply.await,
        });
    }
    replies
}

/// Sends one call.
pub(crate) async fn one<'a>(client: &'a Client, call: Call<'a>) -> Reply {
    send(client, call).await
}

enum Waiting<'a> {
    Done(Reply),
    Open(BoxFuture<'a, Reply>),
}

fn send<'a>(client: &'a Client, call: Call<'a>) -> BoxFuture<'a, Reply> {
    match call {
        Call::Plain(text) => async move {
            client.batch_execute(text).await?;
            Ok(Vec::new())
        }
        .boxed(),
        Call::Ready(ready) => async move {
            let rows = client
                .query_raw(&ready.statement, ready.sql.params.iter())
                .await?;
            rows.try_collect().await
        }
        .boxed(),
    }
}
