//! The exact check of one key.

use dualwrite_proto::v1;
use dualwrite_proto::v1::key_check::Verdict;
use serde::Serialize;

use super::words::UNKNOWN;
use crate::exit::Exit;

/// The exact check of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KeyCheckView {
    pub(crate) migration: String,
    pub(crate) entity: String,
    pub(crate) verdict: &'static str,
    pub(crate) columns: Vec<String>,
}

impl KeyCheckView {
    pub(crate) fn new(migration: &str, check: v1::KeyCheck) -> Self {
        Self {
            migration: migration.to_owned(),
            verdict: word(check.verdict()),
            entity: check.entity,
            columns: check.columns,
        }
    }
}

/// How a command ends that found this. A key that is still being copied is no
/// difference: its marker stands.
pub(crate) const fn exit_of(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Equal | Verdict::Pending | Verdict::AbsentOnBoth => Exit::Done,
        Verdict::MissingOnSecondary | Verdict::ExtraOnSecondary | Verdict::Different => {
            Exit::Different
        }
        Verdict::NoSecondary | Verdict::Unspecified => Exit::Failed,
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equal => "equal",
        Verdict::Pending => "pending",
        Verdict::MissingOnSecondary => "missing_on_secondary",
        Verdict::ExtraOnSecondary => "extra_on_secondary",
        Verdict::Different => "different",
        Verdict::AbsentOnBoth => "absent_on_both",
        Verdict::NoSecondary => "no_secondary",
        Verdict::Unspecified => UNKNOWN,
    }
}
