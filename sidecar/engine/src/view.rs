//! What the engine knows at one moment: one immutable value, loaded once a
//! request.

use std::sync::Arc;

use dualwrite_core::authority::{Authority, Outlook, Standing};
use dualwrite_core::fence::Seen;
use dualwrite_core::flags::Flags;
use dualwrite_core::mapping::Mapping;
use dualwrite_core::route::{Route, WriteRoute};
use dualwrite_core::side::Side;

use tokio::time::Instant;

use crate::engine::RECEIPT_LIFETIME;
use crate::error::DataError;

/// Both fences as last read, and what follows from them.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Legacy's fence.
    pub(crate) legacy: Seen,
    /// New's fence.
    pub(crate) new: Seen,
    /// What they mean together.
    pub(crate) outlook: Outlook,
    /// The authority, with the mapping that its settings name; kept from the
    /// last time it was known, because a write under a stale one is refused by
    /// the database anyway.
    pub(crate) active: Option<Arc<Active>>,
    /// Why there is no mapping for the authority, if so.
    pub(crate) mapping_problem: Option<String>,
}

/// An authority that can be acted on.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one period"
)]
pub(crate) struct Active {
    /// Who is primary, at which epoch.
    pub(crate) authority: Authority,
    /// The mapping of that epoch, checked against both schemas.
    pub(crate) mapping: Arc<Mapping>,
    /// Whether the mapping was checked against both databases, not only one.
    pub(crate) complete: bool,
    /// Whether writes of this epoch leave markers.
    pub(crate) marking: bool,
    /// Since when this process has seen this side as the primary.
    pub(crate) primary_since: Instant,
    /// Whether the side that is not primary held receipts when it was asked.
    pub(crate) other_has_receipts: bool,
    /// Whether the migration has ended: writes and reads go to the new database
    /// with nothing of ours around them.
    pub(crate) plain: bool,
}

/// Settings that change without an epoch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The revision they come from; 0 for the defaults.
    pub(crate) revision: u64,
    /// The flags.
    pub(crate) flags: Flags,
    /// A hint: a transition is under way.
    pub(crate) plan_running: bool,
}

/// Whether a foreground write may start.
#[derive(Debug)]
pub(crate) enum Admission {
    /// Now, under this authority.
    Now(Arc<Active>),
    /// Not yet: a flip is under way.
    Held,
    /// Not at all, as things stand.
    Refused(DataError),
}

impl View {
    /// The view of somebody who has not looked yet.
    pub(crate) fn blank() -> Self {
        Self {
            legacy: Seen::Unreachable,
            new: Seen::Unreachable,
            outlook: Outlook::Unknown {
                why: "the fences have not been read yet".into(),
            },
            active: None,
            mapping_problem: None,
        }
    }

    /// Whether a foreground write may start.
    pub(crate) fn admission(&self, service: &str) -> Admission {
        if self.primary_lost_its_fence() {
            return Admission::Refused(DataError::NotInstalled {
                service: service.to_owned(),
            });
        }
        match (&self.outlook, &self.active) {
            (Outlook::NotInstalled, _) => Admission::Refused(DataError::NotInstalled {
                service: service.to_owned(),
            }),
            (Outlook::Handed { .. }, Some(_)) => Admission::Held,
            (Outlook::Settled(authority), _) if authority.standing == Standing::Frozen => {
                Admission::Held
            }
            (Outlook::Settled(_) | Outlook::Unknown { .. }, Some(active)) => {
                Admission::Now(Arc::clone(active))
            }
            (Outlook::Handed { .. } | Outlook::Settled(_) | Outlook::Unknown { .. }, None) => {
                Admission::Refused(self.why_not())
            }
        }
    }

    /// Whether the database that was primary answered that it has no fence any
    /// more: somebody took it away, and nothing can be written under it.
    pub(crate) fn primary_lost_its_fence(&self) -> bool {
        self.active.as_ref().is_some_and(|active| {
            !active.plain && *self.seen(active.authority.primary) == Seen::Missing
        })
    }

    /// Why there is nothing to act on.
    pub(crate) fn why_not(&self) -> DataError {
        if let Some(why) = &self.mapping_problem {
            return DataError::MappingRefused {
                side: None,
                why: why.clone(),
            };
        }
        let why = match &self.outlook {
            Outlook::Unknown { why } => why.clone(),
            Outlook::Handed { from, .. } => format!("{from} handed over and nobody took over yet"),
            Outlook::Settled(_) => "the mapping is being checked".to_owned(),
            Outlook::NotInstalled => "the databases have no fence".to_owned(),
        };
        DataError::NotReady { why }
    }

    /// The fence of one side as last read.
    pub(crate) const fn seen(&self, side: Side) -> &Seen {
        match side {
            Side::Legacy => &self.legacy,
            Side::New => &self.new,
        }
    }
}

impl Active {
    /// Whether the receipt of an earlier attempt may stand on the side that is
    /// not primary. Receipts there only grow older, and go after their lifetime.
    pub(crate) fn must_look_elsewhere(&self) -> bool {
        self.other_has_receipts && self.primary_since.elapsed() < RECEIPT_LIFETIME
    }

    /// Where a write goes under these flags.
    pub(crate) fn write_route(&self, flags: &Flags) -> WriteRoute {
        Route::write(self.authority.phase, flags)
    }
}
