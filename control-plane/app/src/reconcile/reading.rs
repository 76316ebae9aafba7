//! What the fences say, by the reports of all live sidecars together.

use dualwrite_core::authority::{Authority, Following, Outlook, Standing, observe};

use crate::fleet::Service;
use crate::model::{FenceReport, Millis};

/// What the fences say.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    /// Who is primary.
    pub(super) authority: Authority,
    /// The plan that wrote the primary's fence; empty after an installation.
    pub(super) plan_id: String,
    /// The other side's epoch and role, when it was reported.
    pub(super) other: Option<FenceReport>,
    /// The oldest report of a live sidecar that this is made of.
    pub(super) oldest: Millis,
}

impl Reading {
    /// Reads the furthest report of each side. A primary's fence is a fact
    /// whenever it was read, for epochs only grow; what the other side does
    /// may have been read earlier. `None` while nobody is primary, or nobody
    /// said who is.
    pub(super) fn of(service: &Service, steady: Millis) -> Option<Self> {
        let live = service.live(steady);
        let health = service.health(steady, 0);
        let (legacy, new) = (health.legacy_fence.as_ref(), health.new_fence.as_ref());
        let outlook = observe(&FenceReport::seen(legacy), &FenceReport::seen(new));
        let Outlook::Settled(authority) = outlook else {
            return None;
        };
        if authority.standing != Standing::Open {
            return None;
        }
        let (primary, other) = match authority.primary {
            dualwrite_core::side::Side::Legacy => (legacy, new),
            dualwrite_core::side::Side::New => (new, legacy),
        };
        let reported = live
            .iter()
            .filter(|one| one.legacy.is_some() || one.new.is_some());
        Some(Self {
            plan_id: primary
                .map(|fence| fence.plan_id.clone())
                .unwrap_or_default(),
            other: other.cloned(),
            oldest: reported.map(|one| one.fences_at).min()?,
            authority,
        })
    }

    /// Whether the other side is where the phase wants it.
    pub(super) fn at_rest(&self) -> bool {
        match self.authority.following {
            Following::Open | Following::Off => true,
            Following::Behind | Following::Unreachable => false,
        }
    }
}
