//! Waiting for something to become true, without guessing how long it takes.
//!
//! A test that sleeps is either slow or wrong. A test that waits for the event is as fast as the
//! event, and its bound is so generous that only a real failure meets it.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long [`eventually`] waits: far beyond what any loaded machine needs.
pub const BOUND: Duration = Duration::from_mins(1);

/// How often the condition is asked. Short enough not to be noticed, long enough to leave the
/// processors to what is waited for.
const TICK: Duration = Duration::from_millis(10);

/// What a condition answers: either the value that was waited for, or the state it is in instead.
pub trait Condition {
    /// What comes out once the condition holds.
    type Value;

    /// The value, or a description of the present state.
    fn settle(self) -> Result<Self::Value, String>;
}

impl Condition for bool {
    type Value = ();

    fn settle(self) -> Result<(), String> {
        if self { Ok(()) } else { Err("false".into()) }
    }
}

impl<T> Condition for Option<T> {
    type Value = T;

    fn settle(self) -> Result<T, String> {
        self.ok_or_else(|| "nothing yet".into())
    }
}

impl<T, E: Debug> Condition for Result<T, E> {
    type Value = T;

    fn settle(self) -> Result<T, String> {
        self.map_err(|state| format!("{state:?}"))
    }
}

/// The condition did not come true within its bound.
#[derive(Debug)]
pub struct Overdue {
    what: String,
    bound: Duration,
    last_state: String,
}

impl std::fmt::Display for Overdue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            what,
            bound,
            last_state,
        } = self;
        write!(f, "{what}: not within {bound:?}; last state: {last_state}")
    }
}

impl std::error::Error for Overdue {}

/// Asks `check` until it holds and returns its value.
///
/// `check` answers a `bool`, an `Option` or a `Result`; the error of the latter is the state that
/// is shown when it never holds.
///
/// # Panics
/// With the last state, when it does not hold within [`BOUND`].
pub async fn eventually<C, F>(what: &str, check: F) -> C::Value
where
    C: Condition,
    F: AsyncFnMut() -> C,
{
    match until(what, BOUND, check).await {
        Ok(value) => value,
        Err(overdue) => panic!("{overdue}"),
    }
}

/// Like [`eventually`], with a bound of its own and an error in place of the panic.
pub async fn until<C, F>(what: &str, bound: Duration, mut check: F) -> Result<C::Value, Overdue>
where
    C: Condition,
    F: AsyncFnMut() -> C,
{
    let deadline = Instant::now() + bound;
    loop {
        match check().await.settle() {
            Ok(value) => return Ok(value),
            Err(last_state) if Instant::now() >= deadline => {
                return Err(Overdue {
                    what: what.into(),
                    bound,
                    last_state,
                });
            }
            Err(_) => sleep(TICK).await,
        }
    }
}

/// Awaits a future that must end by itself.
///
/// # Panics
/// When it has not ended within [`BOUND`].
pub async fn ends<F: Future>(what: &str, future: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(BOUND, future).await else {
        panic!("{what}: has not ended within {BOUND:?}");
    };
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn returns_the_value_once_it_is_there() {
        let mut asked = 0;
        let value = eventually("three questions", async || {
            asked += 1;
            (asked == 3).then_some("done")
        })
        .await;
        assert_eq!((value, asked), ("done", 3));
    }

    #[tokio::test]
    async fn says_the_last_state_when_it_is_overdue() {
        let overdue = until("the impossible", Duration::ZERO, async || {
            Err::<(), _>("state 7")
        })
        .await
        .unwrap_err();
        let text = overdue.to_string();
        assert!(text.starts_with("the impossible: not within"), "{text}");
        assert!(text.ends_with("\"state 7\""), "{text}");
    }
}
