use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// Says so when it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn signals() -> (mpsc::Sender<()>, Signals) {
    let (sender, receiver) = mpsc::channel(2);
    (sender, Signals::from_channel(receiver))
}

#[tokio::test(start_paused = true)]
async fn a_signal_ends_in_good_order() {
    let life = Lifecycle::new();
    let soft = life.soft();
    life.spawn("drains", async move { soft.cancelled().await });
    let (signal, signals) = signals();
    signal.send(()).await.unwrap();
    assert!(matches!(life.run(signals, SECOND).await, Ending::Clean));
}

#[tokio::test(start_paused = true)]
async fn a_task_may_end_before_the_process() {
    let life = Lifecycle::new();
    let soft = life.soft();
    life.spawn("once", async {});
    life.spawn("asks to end", async move { soft.cancel() });
    let (_signal, signals) = signals();
    assert!(matches!(life.run(signals, SECOND).await, Ending::Clean));
}

#[tokio::test(start_paused = true)]
async fn a_failing_task_ends_the_others_and_the_process_with_a_failure() {
    let life = Lifecycle::new();
    let soft = life.soft();
    life.spawn("bystander", async move { soft.cancelled().await });
    life.spawn("relay", async { anyhow::bail!("the disk is full") });
    let (_signal, signals) = signals();
    let Ending::Crashed(crash) = life.run(signals, SECOND).await else {
        panic!("no crash")
    };
    assert_eq!(crash.task, "relay");
    assert_eq!(crash.cause.to_string(), "the disk is full");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_crash_with_its_message() {
    let life = Lifecycle::new();
    let number = 7;
    life.spawn("relay", async move { assert_eq!(number, 8, "odd") });
    let (_signal, signals) = signals();
    let Ending::Crashed(crash) = life.run(signals, SECOND).await else {
        panic!("no crash")
    };
    assert!(crash.cause.to_string().contains("odd"), "{}", crash.cause);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_in_the_grace_is_dropped() {
    let life = Lifecycle::new();
    let gone = Arc::new(AtomicBool::new(false));
    let held = Dropped(Arc::clone(&gone));
    life.spawn("stubborn", async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    life.soft().cancel();
    let (_signal, signals) = signals();
    assert!(matches!(life.run(signals, SECOND).await, Ending::Forced));
    assert!(gone.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_second_signal_does_not_wait_for_the_grace() {
    let life = Lifecycle::new();
    life.spawn("stubborn", std::future::pending::<()>());
    let (signal, signals) = signals();
    signal.send(()).await.unwrap();
    signal.send(()).await.unwrap();
    let began = tokio::time::Instant::now();
    assert!(matches!(
        life.run(signals, 3600 * SECOND).await,
        Ending::Forced
    ));
    // Virtual time: it would have gone on by the grace had that been waited for.
    assert_eq!(began.elapsed(), Duration::ZERO);
}
