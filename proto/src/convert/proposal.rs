//! Proposals.

use dualwrite_core::propose::{Level, Proposal, Remark};

use crate::v1;

impl From<Level> for v1::remark::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Check => Self::Check,
            Level::Decide => Self::Decide,
            Level::Refused => Self::Refused,
        }
    }
}

impl From<&Remark> for v1::Remark {
    fn from(remark: &Remark) -> Self {
        let side = remark.side.map_or(v1::Side::Unspecified, v1::Side::from);
        Self {
            level: v1::remark::Level::from(remark.level).into(),
            subject: remark.subject.clone(),
            column: remark.column.clone(),
            detail: remark.detail.clone(),
            remedy: remark.remedy.clone(),
            side: side.into(),
        }
    }
}

impl From<&Proposal> for v1::IntrospectResponse {
    fn from(proposal: &Proposal) -> Self {
        Self {
            manifest: proposal.to_yaml(),
            remarks: proposal
                .remarks()
                .into_iter()
                .map(v1::Remark::from)
                .collect(),
            entities: proposal.offered().iter().map(v1::Entity::from).collect(),
        }
    }
}
