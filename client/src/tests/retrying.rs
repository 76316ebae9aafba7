use std::time::Duration;

use dualwrite_proto::status::Refusal;
use dualwrite_proto::v1::{ErrorKind, ErrorReason};
use tokio::time::Instant;
use tonic::Status;

use super::fake::{Fake, Turn, client_of, refuse, refuse_until};
use crate::{Error, Outcome, fields};

fn keys_and_attempts(fake: &Fake) -> Vec<(String, u32)> {
    fake.asked()
        .into_iter()
        .map(|asked| (asked.key, asked.attempt))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_retry_keeps_the_key_and_counts_its_attempts() {
    let fake = Fake::new([
        refuse(ErrorReason::PrimaryUnavailable),
        refuse(ErrorReason::OutcomeUnknown),
        Turn::Commit,
    ]);
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 });
    let reply = write.send().await.unwrap();

    assert_eq!(
        (reply.attempts, reply.legacy, reply.new),
        (3, Outcome::Committed, Outcome::Pending)
    );
    let key = reply.idempotency_key;
    assert_eq!(
        keys_and_attempts(&fake),
        [(key.clone(), 1), (key.clone(), 2), (key.clone(), 3)]
    );
    assert_eq!(uuid::Uuid::parse_str(&key).unwrap().get_version_num(), 7);
}

#[tokio::test(start_paused = true)]
async fn each_write_has_its_own_key_unless_given() {
    let fake = Fake::default();
    let client = client_of(&[&fake]);
    for _ in 0..2 {
        client
            .write()
            .upsert("cart", fields! { id: 7 })
            .send()
            .await
            .unwrap();
    }
    let given = client
        .write()
        .upsert("cart", fields! { id: 7 })
        .idempotency_key("mine")
        .attempt(2);
    given.send().await.unwrap();

    let asked = keys_and_attempts(&fake);
    assert_ne!(asked[0].0, asked[1].0);
    assert_eq!(asked[2], ("mine".to_owned(), 2));
}

#[tokio::test(start_paused = true)]
async fn what_no_repetition_changes_is_asked_once_and_has_its_kind() {
    type IsKind = fn(&Error) -> bool;
    let table: [(ErrorKind, IsKind); 4] = [
        (ErrorKind::Primary, |error| {
            matches!(error, Error::Primary(_))
        }),
        (ErrorKind::Secondary, |error| {
            matches!(error, Error::Secondary(_))
        }),
        (ErrorKind::Validation, |error| {
            matches!(error, Error::Validation(_))
        }),
        (ErrorKind::Configuration, |error| {
            matches!(error, Error::Configuration(_))
        }),
    ];
    for (kind, is_kind) in table {
        let refusal = Refusal::new(ErrorReason::ConditionNotMet, "no row").kind(kind);
        let fake = Fake::new([Turn::Refuse(refusal)]);
        let write = client_of(&[&fake])
            .write()
            .delete("cart", fields! { id: 7 });
        let error = write.send().await.unwrap_err();

        assert!(is_kind(&error), "{kind:?} became {error:?}");
        assert_eq!(error.reason(), Some(ErrorReason::ConditionNotMet));
        assert!(!error.is_retryable());
        assert_eq!(fake.asked().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_goes_to_the_next_endpoint_and_later_calls_stay_there() {
    let away = Fake::new([refuse(ErrorReason::ShuttingDown)]);
    let there = Fake::default();
    let client = client_of(&[&away, &there]);
    for _ in 0..2 {
        client
            .write()
            .upsert("cart", fields! { id: 7 })
            .send()
            .await
            .unwrap();
    }

    let (first, second) = (keys_and_attempts(&away), keys_and_attempts(&there));
    assert_eq!(first.len(), 1);
    assert_eq!(
        second[0],
        (first[0].0.clone(), 2),
        "the same write, through the other sidecar"
    );
    assert_eq!(
        second[1].1, 1,
        "the next write starts where somebody answered"
    );
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_waited_for_as_long_as_it_says() {
    let later = Duration::from_secs(3);
    let fake = Fake::new([refuse_until(ErrorReason::QueueFull, later)]);
    let start = Instant::now();
    client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 })
        .send()
        .await
        .unwrap();
    assert!(start.elapsed() >= later);
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_final_refusal_settles_the_doubt_of_an_earlier_attempt() {
    let fake = Fake::new([
        refuse(ErrorReason::OutcomeUnknown),
        refuse(ErrorReason::RequestAborted),
    ]);
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 });
    let error = write.send().await.unwrap_err();
    assert!(matches!(error, Error::Primary(_)), "{error:?}");
    assert_eq!(error.reason(), Some(ErrorReason::RequestAborted));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_of_a_sidecar_leaves_a_write_in_doubt_and_a_read_not() {
    let fake = Fake::new([
        Turn::Fail(Status::internal("proxy")),
        Turn::Fail(Status::internal("proxy")),
        Turn::Fail(Status::unimplemented("no such service")),
    ]);
    let client = client_of(&[&fake]);
    let write = client
        .write()
        .upsert("cart", fields! { id: 7 })
        .idempotency_key("mine");
    let Error::OutcomeUnknown {
        idempotency_key,
        failure,
    } = write.send().await.unwrap_err()
    else {
        panic!("the write is in doubt");
    };
    assert_eq!((idempotency_key.as_str(), failure.reason), ("mine", None));

    let read = client
        .read("cart", fields! { id: 7 })
        .send()
        .await
        .unwrap_err();
    assert!(matches!(read, Error::Transport(_)), "{read:?}");
    let refused = client
        .write()
        .upsert("cart", fields! { id: 7 })
        .send()
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Transport(_)), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_builder_call_that_makes_no_sense_is_told_and_nothing_is_sent() {
    let fake = Fake::default();
    let client = client_of(&[&fake]);
    let misused = [
        client.write().only_if(fields! { id: 7 }),
        client
            .write()
            .upsert("cart", fields! { id: 7 })
            .only_if(fields! { id: 7 }),
        client
            .write()
            .delete("cart", fields! { id: 7 })
            .adding(fields! { n: 1 }),
        client
            .write()
            .insert("cart", fields! { id: 7 })
            .at_least(fields! { n: 1 }),
        client.write().must_match(),
    ];
    for write in misused {
        let error = write.send().await.unwrap_err();
        assert!(matches!(error, Error::Validation(_)), "{error:?}");
        assert!(error.to_string().contains("follows"), "{error}");
    }
    assert_eq!(fake.asked(), []);
}

#[tokio::test(start_paused = true)]
async fn a_write_can_be_sent_from_another_task() {
    let fake = Fake::default();
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 });
    tokio::spawn(write.send()).await.unwrap().unwrap();
}
