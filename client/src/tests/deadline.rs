use std::time::Duration;

use dualwrite_proto::v1::ErrorReason;
use tokio::time::Instant;

use super::fake::{Fake, Turn, builder_of, client_of, refuse, refuse_until};
use crate::{DEFAULT_TIMEOUT, DualwriteClient, Error, fields};

/// What a `grpc-timeout` header says.
fn told(timeout: Option<&String>) -> Duration {
    let text = timeout.expect("a deadline travels with every request");
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().unwrap();
    match unit {
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        other => panic!("unit {other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_that_is_left_travels_with_each_attempt() {
    let later = Duration::from_secs(4);
    let fake = Fake::new([refuse_until(ErrorReason::FlipTooLong, later)]);
    client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 })
        .send()
        .await
        .unwrap();

    let asked = fake.asked();
    assert_eq!(told(asked[0].timeout.as_ref()), DEFAULT_TIMEOUT);
    let second = told(asked[1].timeout.as_ref());
    assert!(second + later <= DEFAULT_TIMEOUT, "{second:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sidecar_that_never_answers_leaves_the_write_in_doubt_at_the_deadline() {
    let fake = Fake::new([Turn::Hang]);
    let limit = Duration::from_secs(3);
    let start = Instant::now();
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 })
        .timeout(limit);
    let error = write.send().await.unwrap_err();

    assert!(matches!(error, Error::OutcomeUnknown { .. }), "{error:?}");
    assert!(error.is_retryable());
    assert!(start.elapsed() >= limit && start.elapsed() < limit + Duration::from_millis(100));
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn retries_end_before_the_deadline_with_what_was_told_last() {
    let fake = Fake::new((0..1000).map(|_| refuse(ErrorReason::PrimaryUnavailable)));
    let limit = Duration::from_secs(5);
    let start = Instant::now();
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 })
        .timeout(limit);
    let error = write.send().await.unwrap_err();

    assert!(matches!(error, Error::Primary(_)), "{error:?}");
    assert!(error.is_retryable());
    assert!(start.elapsed() <= limit);
    assert!(
        start.elapsed() + Duration::from_secs(1) >= limit,
        "{:?}",
        start.elapsed()
    );
    assert!(fake.asked().len() < 30, "{} attempts", fake.asked().len());
}

#[tokio::test(start_paused = true)]
async fn no_retry_is_made_that_could_not_end_in_time() {
    let fake = Fake::new([refuse_until(ErrorReason::QueueFull, Duration::from_mins(1))]);
    let start = Instant::now();
    let write = client_of(&[&fake])
        .write()
        .upsert("cart", fields! { id: 7 });
    let error = write.send().await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::QueueFull));
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "it does not wait in vain"
    );
}

#[tokio::test(start_paused = true)]
async fn with_a_limit_for_each_attempt_a_frozen_sidecar_is_passed_by() {
    let (frozen, there) = (Fake::new([Turn::Hang]), Fake::default());
    let builder = builder_of(&[&frozen, &there]).attempt_timeout(Duration::from_millis(500));
    let client = builder.connect().unwrap();
    let reply = client
        .write()
        .upsert("cart", fields! { id: 7 })
        .send()
        .await
        .unwrap();
    assert_eq!(reply.attempts, 2);
    assert_eq!(there.asked()[0].key, frozen.asked()[0].key);
}

#[tokio::test]
async fn a_socket_where_nobody_listens_is_no_unknown_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("unix://{}/none.sock", folder.path().display());
    let client = DualwriteClient::builder()
        .endpoint(endpoint)
        .timeout(Duration::from_millis(200))
        .connect()
        .unwrap();
    let write = client.write().upsert("cart", fields! { id: 7 });
    let error = write.send().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error:?}");
    assert!(error.is_retryable());
}
