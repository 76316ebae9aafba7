//! Who was asked to split a job, and how often that failed.

use std::collections::HashMap;
use std::time::Duration;

use crate::model::{Job, Millis};

/// A sidecar that has not split a job in so long is not waited for any more.
/// It reads the bounds of each table's key, which is an index scan at most.
pub(super) const PLANNING: Duration = Duration::from_mins(1);

/// What is remembered of jobs between two looks.
#[derive(Debug, Default)]
pub(crate) struct JobDesk {
    /// By job: the session that was asked, and when (steady time).
    pub(super) asked: HashMap<String, (String, Millis)>,
    /// By job: how often splitting it failed.
    pub(super) failures: HashMap<String, u32>,
}

impl JobDesk {
    pub(super) fn keep(&mut self, open: &[Job]) {
        let there = |id: &String| open.iter().any(|job| job.id == *id);
        self.asked.retain(|id, _| there(id));
        self.failures.retain(|id, _| there(id));
    }
}
