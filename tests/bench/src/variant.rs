//! What is compared.

use dualwrite_core::flags::Mode;
use serde::{Serialize, Serializer};

/// One way to write a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// The upsert, sent to one database by sqlx: what everything is compared with.
    Straight,
    /// The same by the driver that dualwrite uses: tells the protocol from the driver.
    StraightLean,
    /// Upsert here, then there, by sqlx: what a service does without dualwrite.
    Naive,
    /// dualwrite's engine inside this process: what the protocol costs.
    Engine { mode: Mode, receipts: bool },
    /// The sidecar as a process, called through the Rust SDK: what an application pays.
    Sidecar,
}

impl Variant {
    /// In the order in which they are shown.
    pub(crate) const ALL: [Self; 8] = [
        Self::Straight,
        Self::StraightLean,
        Self::Naive,
        Self::engine(Mode::Async),
        Self::Engine {
            mode: Mode::Async,
            receipts: true,
        },
        Self::Sidecar,
        Self::engine(Mode::Sync),
        Self::engine(Mode::Strict),
    ];

    /// The engine without receipts.
    pub(crate) const fn engine(mode: Mode) -> Self {
        Self::Engine {
            mode,
            receipts: false,
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Straight => "one database, sqlx",
            Self::StraightLean => "one database, tokio-postgres",
            Self::Naive => "naive dual write, sqlx",
            Self::Engine {
                mode: Mode::Async,
                receipts: false,
            } => "dualwrite async",
            Self::Engine {
                mode: Mode::Async,
                receipts: true,
            } => "dualwrite async, idempotency key",
            Self::Engine {
                mode: Mode::Sync, ..
            } => "dualwrite sync",
            Self::Engine {
                mode: Mode::Strict, ..
            } => "dualwrite strict",
            Self::Sidecar => "dualwrite async, sidecar and SDK",
        }
    }

    /// Whether the others are compared with it.
    pub(crate) const fn is_base(self) -> bool {
        matches!(self, Self::Straight | Self::Naive)
    }

    /// Whether a write is meant to be in both databases when it is answered.
    pub(crate) const fn answers_everywhere(self) -> bool {
        matches!(
            self,
            Self::Engine {
                mode: Mode::Sync | Mode::Strict,
                ..
            }
        )
    }

    /// Whether it writes through dualwrite, to the tables that dualwrite follows.
    pub(crate) const fn is_ours(self) -> bool {
        match self {
            Self::Straight | Self::StraightLean | Self::Naive => false,
            Self::Engine { .. } | Self::Sidecar => true,
        }
    }
}

impl Serialize for Variant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}
