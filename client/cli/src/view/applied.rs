//! What became of a manifest.

use dualwrite_proto::v1;
use serde::Serialize;

use super::migration::MigrationView;
use crate::failure::Failure;
use crate::remote::given;

/// What became of a manifest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct AppliedView {
    pub(crate) dry_run: bool,
    pub(crate) created: bool,
    pub(crate) changed: bool,
    pub(crate) migration: MigrationView,
}

impl AppliedView {
    pub(crate) fn new(dry_run: bool, answer: v1::ApplyMigrationResponse) -> Result<Self, Failure> {
        Ok(Self {
            dry_run,
            created: answer.created,
            changed: answer.changed,
            migration: MigrationView::from(given(answer.migration)?),
        })
    }
}
