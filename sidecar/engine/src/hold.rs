//! Where writes wait while a flip is under way: bounded in number, bytes and
//! time, so that a flip that hangs cannot take the sidecar with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::DataError;

/// Writes that wait at most. At the 200 µs that a write takes, ten thousand
/// are two seconds of one connection's work after the flip.
pub(crate) const HELD_MAX: u64 = 10_000;

/// Bytes of the writes that wait at most.
pub(crate) const HELD_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How long one write waits at most, whatever its deadline.
pub(crate) const HELD_TIME_MAX: Duration = Duration::from_secs(5);

/// The count of those who wait.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    writes: AtomicU64,
    bytes: AtomicU64,
}

/// One write's place in the queue; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    hold: &'a Hold,
    bytes: u64,
    since: Instant,
    /// When this write stops waiting.
    pub(crate) until: Instant,
}

impl Hold {
    /// Writes that wait now.
    pub(crate) fn held(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Takes a place for a write of so many bytes.
    ///
    /// # Errors
    /// [`DataError::QueueFull`] beyond a bound.
    pub(crate) fn enter(&self, bytes: u64, deadline: Instant) -> Result<Place<'_>, DataError> {
        let since = Instant::now();
        let until = deadline.min(since + HELD_TIME_MAX);
        let place = Place {
            hold: self,
            bytes,
            since,
            until,
        };
        let writes = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let held = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // From here on dropping `place` takes both back.
        if writes > HELD_MAX {
            return Err(DataError::QueueFull {
                side: None,
                limit: format!("{HELD_MAX} writes are held for the flip"),
            });
        }
        if held > HELD_BYTES_MAX {
            return Err(DataError::QueueFull {
                side: None,
                limit: format!("{HELD_BYTES_MAX} bytes are held for the flip"),
            });
        }
        Ok(place)
    }
}

impl Place<'_> {
    /// What the caller is told when the wait is over and the flip is not.
    pub(crate) fn too_long(&self) -> DataError {
        let waited = self.since.elapsed();
        DataError::FlipTooLong {
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.hold.writes.fetch_sub(1, Ordering::Relaxed);
        self.hold.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_bound_on_bytes_refuses_and_gives_back() {
        let hold = Hold::default();
        let deadline = Instant::now() + Duration::from_secs(1);
        let first = hold.enter(HELD_BYTES_MAX, deadline).unwrap();
        assert!(matches!(
            hold.enter(1, deadline),
            Err(DataError::QueueFull { .. })
        ));
        drop(first);
        hold.enter(1, deadline).unwrap();
    }

    #[tokio::test]
    async fn the_bound_on_writes_refuses_the_next_one() {
        let hold = Hold::default();
        let deadline = Instant::now() + Duration::from_secs(1);
        let places: Vec<_> = (0..HELD_MAX)
            .map(|_| hold.enter(1, deadline).unwrap())
            .collect();
        assert!(hold.enter(1, deadline).is_err());
        drop(places);
        assert!(hold.enter(1, deadline).is_ok());
    }
}
