//! A proposed manifest.

use dualwrite_proto::v1;
use serde::Serialize;

/// A manifest, and what to know about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ProposalView {
    /// As YAML, with the remarks as comments.
    pub(crate) manifest: String,
    /// The entities that are offered, by name.
    pub(crate) entities: Vec<String>,
    pub(crate) remarks: Vec<RemarkView>,
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RemarkView {
    /// `check`, `decide` or `refused`.
    pub(crate) level: &'static str,
    /// The entity, or the table where there is none.
    pub(crate) subject: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) side: Option<&'static str>,
    pub(crate) detail: String,
    pub(crate) remedy: Option<String>,
}

impl From<v1::IntrospectResponse> for ProposalView {
    fn from(answer: v1::IntrospectResponse) -> Self {
        let v1::IntrospectResponse {
            manifest,
            remarks,
            entities,
        } = answer;
        Self {
            manifest,
            entities: entities.into_iter().map(|entity| entity.name).collect(),
            remarks: remarks.into_iter().map(RemarkView::from).collect(),
        }
    }
}

impl From<v1::Remark> for RemarkView {
    fn from(remark: v1::Remark) -> Self {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            level: match remark.level() {
                v1::remark::Level::Check => "check",
                // One of a level that a later version knows has to be read.
                v1::remark::Level::Decide | v1::remark::Level::Unspecified => "decide",
                v1::remark::Level::Refused => "refused",
            },
            side: match remark.side() {
                v1::Side::Unspecified => None,
                v1::Side::Legacy => Some("legacy"),
                v1::Side::New => Some("new"),
            },
            subject: given(remark.subject),
            column: given(remark.column),
            detail: remark.detail,
            remedy: given(remark.remedy),
        }
    }
}
