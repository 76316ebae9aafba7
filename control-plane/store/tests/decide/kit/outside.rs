//! A clock that the test moves, and identifiers that can be read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dualwrite_control_app::model::Millis;
use dualwrite_control_app::ports::{Clock, Ids};

#[derive(Debug)]
pub(crate) struct HandClock(AtomicU64);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Default for HandClock {
    fn default() -> Self {
        Self(AtomicU64::new(1_000_000))
    }
}

impl Clock for HandClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }

    fn steady(&self) -> Millis {
        self.now()
    }
}

/// Numbers that go on over all control planes of one test process.
#[derive(Debug, Default)]
pub(crate) struct SerialIds;

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Ids for SerialIds {
    fn next(&self) -> String {
        format!("id{:05}", NEXT.fetch_add(1, Ordering::SeqCst))
    }
}
