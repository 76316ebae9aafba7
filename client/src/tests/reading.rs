use dualwrite_proto::v1::{self, ErrorReason};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::fake::{Fake, Turn, client_of, refuse};
use crate::{Consistency, Settled, Side, fields};

#[tokio::test(start_paused = true)]
async fn a_read_is_retried_and_says_who_answered() {
    let fake = Fake::new([refuse(ErrorReason::NoSnapshot)]);
    let read = client_of(&[&fake]).read("cart", fields! { id: 7 });
    let reply = read.consistency(Consistency::Primary).send().await.unwrap();
    assert_eq!(reply.served_by, Side::New);
    assert_eq!(reply.row.unwrap().get::<i64>("id").unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_list_reads_page_after_page() {
    let fake = Fake::default();
    let list = client_of(&[&fake])
        .list("cart")
        .filter(fields! { owner: "ann" })
        .page_size(2);
    let rows = list.all().await.unwrap();
    let ids: Vec<i64> = rows.iter().map(|row| row.get("id").unwrap()).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4]);

    let lists = fake.lists();
    assert_eq!(lists.len(), 3);
    assert_eq!(lists[1].page_token, "2");
    assert!(
        lists
            .iter()
            .all(|list| list.page_size == 2 && list.filter.contains_key("owner"))
    );
    assert_eq!(lists[0].consistency(), v1::Consistency::Session);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_read_only_when_it_is_needed() {
    let fake = Fake::default();
    let rows = client_of(&[&fake]).list("cart").rows();
    let first: Vec<_> = rows.take(2).try_collect().await.unwrap();
    assert_eq!((first.len(), fake.lists().len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_list_ends_with_its_first_error() {
    let fake = Fake::new([Turn::Commit, refuse(ErrorReason::PageTokenExpired)]);
    let rows = client_of(&[&fake]).list("cart").rows();
    let answers: Vec<_> = rows.collect().await;
    assert_eq!(answers.len(), 3);
    let error = answers[2].as_ref().unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::PageTokenExpired));
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_a_write_can_be_asked_for() {
    let fake = Fake::default();
    let client = client_of(&[&fake]);
    assert_eq!(
        client.outcome("committed").await.unwrap(),
        Settled::Committed
    );
    assert_eq!(client.outcome("aborted").await.unwrap(), Settled::Aborted);
    assert!(client.outcome("of a later version").await.is_err());
}
